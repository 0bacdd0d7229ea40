// How does an execution stand in the journal? In decimals, as everything there.
import { lotFromDecimal, priceText, sizeText, tickFromDecimal, type Instrument } from '../market/instrument.ts';
import { moneyFromDecimal, moneyText } from '../market/money.ts';
import type { JsonObject } from '../order/journal.ts';
import type { Fill } from '../order/words.ts';

/** An execution in decimals, as the journal and the database keep it. */
export interface FillTexts extends Omit<Fill, 'tick' | 'lots' | 'closedLots' | 'fee'> {
  readonly price: string;
  readonly size: string;
  readonly closedSize: string;
  readonly fee: string;
}

export function fillTexts({ tick, lots, closedLots, fee, ...rest }: Fill, instrument: Instrument): FillTexts {
  return {
    ...rest,
    price: priceText(tick, instrument),
    size: sizeText(lots, instrument),
    closedSize: sizeText(closedLots, instrument),
    fee: moneyText(fee),
  };
}

export function fillBody(fill: Fill, instrument: Instrument): JsonObject {
  return { ...fillTexts(fill, instrument) };
}

/** Undefined where the grid has changed so that it no longer lies on it. */
export function fillFromBody(body: JsonObject, instrument: Instrument): Fill | undefined {
  const { price, size, closedSize, fee, ...rest } = body as unknown as FillTexts;
  const tick = tickFromDecimal(price, instrument);
  const lots = lotFromDecimal(size, instrument);
  const closedLots = lotFromDecimal(closedSize, instrument);
  const paid = moneyFromDecimal(fee);
  if (tick === undefined || lots === undefined || closedLots === undefined || paid === undefined) return undefined;
  return { ...rest, tick, lots, closedLots, fee: paid };
}
