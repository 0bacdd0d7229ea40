// How does an execution stand in the journal? In decimals, as everything there.
import { nearestTick, priceText, sizeText, tickFromDecimal, type Instrument } from '../../market/instrument.ts';
import { moneyFromDecimal, moneyText } from '../../market/money.ts';
import { sizeDecimal, sizesFromDecimals } from '../../market/size.ts';
import type { JsonObject } from '../../order/journal.ts';
import type { Fill } from '../../order/words.ts';

/** An execution in decimals, as the journal and the database keep it. */
export interface FillTexts extends Omit<
  Fill,
  'tick' | 'offGrid' | 'lots' | 'closedLots' | 'exact' | 'fee' | 'isFeeElsewhere'
> {
  readonly price: string;
  readonly size: string;
  readonly closedSize: string;
  readonly fee: string;
}

export function fillTexts(fill: Fill, instrument: Instrument): FillTexts {
  const { tick, offGrid, lots, closedLots, exact, fee, isFeeElsewhere: _, ...rest } = fill;
  return {
    ...rest,
    price: offGrid === undefined ? priceText(tick, instrument) : moneyText(offGrid),
    size: exact === undefined ? sizeText(lots, instrument) : sizeDecimal(exact.size),
    closedSize: exact === undefined ? sizeText(closedLots, instrument) : sizeDecimal(exact.closed),
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
  const sizes = sizesFromDecimals(size, closedSize, instrument);
  const paid = moneyFromDecimal(fee);
  if (tick === undefined || sizes === undefined || paid === undefined) return undefined;
  return { ...rest, tick, offGrid, ...sizes, fee: paid };
}
