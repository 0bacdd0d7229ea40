// How does an execution stand in the journal? In decimals, as everything there.
import type { Ms } from '../lib/brand.ts';
import { lotFromDecimal, priceText, sizeText, tickFromDecimal, type Instrument } from '../market/instrument.ts';
import { moneyFromDecimal, moneyText } from '../market/money.ts';
import type { JsonObject } from '../order/journal.ts';
import type { Fill, FillKind } from '../order/words.ts';

export function fillBody(fill: Fill, instrument: Instrument): JsonObject {
  const { symbol, execId, orderId, linkId, kind, createType, side, feeRate, isMaker, timeMs, seq } = fill;
  return {
    symbol,
    execId,
    orderId,
    linkId,
    kind,
    createType,
    side,
    feeRate,
    isMaker,
    timeMs,
    seq,
    price: priceText(fill.tick, instrument),
    size: sizeText(fill.lots, instrument),
    closedSize: sizeText(fill.closedLots, instrument),
    fee: moneyText(fill.fee),
  };
}

/** Undefined where the grid has changed so that it no longer lies on it. */
export function fillFromBody(body: JsonObject, instrument: Instrument): Fill | undefined {
  const { price, size, closedSize, fee, ...rest } = body as unknown as {
    [key in 'price' | 'size' | 'closedSize' | 'fee']: string;
  } & Omit<Fill, 'tick' | 'lots' | 'closedLots' | 'fee'> & { kind: FillKind; timeMs: Ms };
  const tick = tickFromDecimal(price, instrument);
  const lots = lotFromDecimal(size, instrument);
  const closedLots = lotFromDecimal(closedSize, instrument);
  const paid = moneyFromDecimal(fee);
  if (tick === undefined || lots === undefined || closedLots === undefined || paid === undefined) return undefined;
  return { ...rest, tick, lots, closedLots, fee: paid };
}
