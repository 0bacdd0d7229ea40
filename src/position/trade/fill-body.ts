// How does an execution stand in the journal? In decimals, as everything there.
import {
  nearestLot,
  nearestTick,
  priceText,
  sizeText,
  tickFromDecimal,
  type Instrument,
} from '../../market/instrument.ts';
import { moneyFromDecimal, moneyText } from '../../market/money.ts';
import type { JsonObject } from '../../order/journal.ts';
import type { Fill } from '../../order/words.ts';

/** An execution in decimals, as the journal and the database keep it. */
export interface FillTexts extends Omit<Fill, 'tick' | 'offGrid' | 'lots' | 'closedLots' | 'fee'> {
  readonly price: string;
  readonly size: string;
  readonly closedSize: string;
  readonly fee: string;
}

export function fillTexts({ tick, offGrid, lots, closedLots, fee, ...rest }: Fill, instrument: Instrument): FillTexts {
  return {
    ...rest,
    price: offGrid === undefined ? priceText(tick, instrument) : moneyText(offGrid),
    size: sizeText(lots, instrument),
    closedSize: sizeText(closedLots, instrument),
    fee: moneyText(fee),
  };
}

export function fillBody(fill: Fill, instrument: Instrument): JsonObject {
  return { ...fillTexts(fill, instrument) };
}

/** Undefined where its numbers are none. */
export function fillFromBody(body: JsonObject, instrument: Instrument): Fill | undefined {
  const { price, size, closedSize, fee, ...rest } = body as unknown as FillTexts;
  const tick = nearestTick(price, instrument);
  const offGrid = tickFromDecimal(price, instrument) === undefined ? moneyFromDecimal(price) : undefined;
  const lots = nearestLot(size, instrument);
  const closedLots = nearestLot(closedSize, instrument);
  const paid = moneyFromDecimal(fee);
  if (tick === undefined || lots === undefined || closedLots === undefined || paid === undefined) return undefined;
  return { ...rest, tick, offGrid, lots, closedLots, fee: paid };
}
