// What do the rows of public REST answers say?
import { TICK_MAX } from '../../book/grid.ts';
import { NAME_BYTES_MAX } from '../../book/kernel-places.ts';
import type { Ms } from '../../lib/brand.ts';
import { createInstrument, lotFromDecimal, nearestTick, tickFromDecimal } from '../../market/instrument.ts';
import type { Instrument } from '../../market/instrument.ts';
import { isPriced, moneyFromDecimal } from '../../market/money.ts';
import { ASK, BID, isBetter, type Side } from '../../market/side.ts';
import type { Tick, Usdt } from '../../market/units.ts';
import type { DayChange, ListedInstrument, OrderTerms } from '../../universe/listing.ts';
import { countOf, type Fields, fieldsOf, listOf, textOf } from '../fields.ts';
import type { BookSide } from '../frames/ingest-port.ts';

export interface Kline {
  readonly start: Ms;
  readonly high: Tick;
  readonly low: Tick;
}

export interface RestBook {
  /** Indexed by side. */
  readonly sides: readonly [BookSide, BookSide];
  /** Comparable with the streams; the update id is that of the 1000-level stream and is not kept. */
  readonly seq: number;
}

/** For thresholds and people only: ratios and turnovers. */
function signedNumber(value: unknown): number | undefined {
  const found = textOf(value);
  return /^-?\d+(\.\d+)?$/.test(found) ? Number(found) : undefined;
}

/** Of contracts that do not trade the exchange speaks only to who asks for them by their status; undefined asks for those that do. */
export const STATUSES = [undefined, 'PreLaunch', 'Delivering', 'Closed'] as const;

/** Undefined for one that nothing can be known of: without a grid, or with a name that finds no room in shared memory. */
export function listedFrom(row: unknown): ListedInstrument | undefined {
  const fields = fieldsOf(row);
  const instrument = createInstrument(
    textOf(fields.symbol),
    textOf(fieldsOf(fields.priceFilter).tickSize),
    textOf(fieldsOf(fields.lotSizeFilter).qtyStep),
    countOf(fields.priceScale),
  );
  if (instrument === undefined || instrument.symbol === '') return undefined;
  if (Buffer.byteLength(instrument.symbol) > NAME_BYTES_MAX) return undefined;
  return {
    instrument,
    contractType: textOf(fields.contractType),
    status: textOf(fields.status),
    quoteCoin: textOf(fields.quoteCoin),
    settleCoin: textOf(fields.settleCoin),
    symbolType: textOf(fields.symbolType),
    isPreListing: fields.isPreListing === true,
    launchTime: (countOf(fields.launchTime) ?? 0) as Ms,
    deliveryTime: (countOf(fields.deliveryTime) ?? 0) as Ms,
    terms: termsFrom(fields, instrument),
  };
}

function termsFrom(fields: Fields, instrument: Instrument): OrderTerms | undefined {
  const lots = fieldsOf(fields.lotSizeFilter);
  const lotsMin = lotFromDecimal(textOf(lots.minOrderQty), instrument);
  const lotsMaxLimit = lotFromDecimal(textOf(lots.maxOrderQty), instrument);
  const lotsMaxMarket = lotFromDecimal(textOf(lots.maxMktOrderQty), instrument);
  const notionalMin = moneyFromDecimal(textOf(lots.minNotionalValue));
  const leverage = signedNumber(fieldsOf(fields.leverageFilter).maxLeverage);
  const bandRatio = signedNumber(fieldsOf(fields.riskParameters).priceLimitRatioX);
  const fundingMinutes = countOf(fields.fundingInterval);
  if (lotsMin === undefined || lotsMaxLimit === undefined || lotsMaxMarket === undefined) return undefined;
  if (notionalMin === undefined || leverage === undefined || bandRatio === undefined) return undefined;
  if (fundingMinutes === undefined || !isPriced(instrument)) return undefined;
  const leverageMax = Math.round(leverage * 100);
  const fundingIntervalMs = (fundingMinutes * 60_000) as Ms;
  return { lotsMin, lotsMaxLimit, lotsMaxMarket, notionalMin, leverageMax, bandRatio, fundingIntervalMs };
}

export function dayFrom(row: unknown): DayChange | undefined {
  const fields = fieldsOf(row);
  const symbol = textOf(fields.symbol);
  const change = signedNumber(fields.price24hPcnt);
  const turnover = signedNumber(fields.turnover24h);
  if (symbol === '' || change === undefined || turnover === undefined) return undefined;
  return {
    symbol,
    change,
    turnover: turnover as Usdt,
    turnoverText: textOf(fields.turnover24h),
    lastPriceText: signedNumber(fields.lastPrice) === undefined ? '' : textOf(fields.lastPrice),
    nextFundingMs: countOf(fields.nextFundingTime) as Ms | undefined,
    fundingRateText: textOf(fields.fundingRate),
  };
}

export function klineFrom(row: unknown, instrument: Instrument): Kline | undefined {
  const [time, , top, bottom] = listOf(row);
  const start = countOf(time);
  // Prices of before a coarser tick lie between two ticks of today: the nearest one is near enough for an extremum.
  const high = nearestTick(textOf(top), instrument);
  const low = nearestTick(textOf(bottom), instrument);
  return start === undefined || high === undefined || low === undefined ? undefined : { start: start as Ms, high, low };
}

/** Undefined where the levels do not go from the touch outward. */
function sideFrom(rows: readonly unknown[], side: Side, instrument: Instrument): BookSide | 'off-grid' | undefined {
  const ticks = new Int32Array(rows.length);
  const lots = new Float64Array(rows.length);
  for (const [i, row] of rows.entries()) {
    const [price, size] = listOf(row);
    const tick = tickFromDecimal(textOf(price), instrument);
    const lot = lotFromDecimal(textOf(size), instrument);
    if (tick === undefined || tick > TICK_MAX || lot === undefined) return 'off-grid';
    if (i > 0 && !isBetter(side, ticks[i - 1] as Tick, tick)) return undefined;
    ticks[i] = tick;
    lots[i] = lot;
  }
  return { ticks, lots };
}

/** `'off-grid'` where a price or size does not fit the instrument we know; undefined where it is no book. */
export function bookFrom(result: unknown, instrument: Instrument): RestBook | 'off-grid' | undefined {
  const fields = fieldsOf(result);
  const seq = countOf(fields.seq);
  if (seq === undefined || !Array.isArray(fields.b) || !Array.isArray(fields.a)) return undefined;
  const bids = sideFrom(fields.b, BID, instrument);
  const asks = sideFrom(fields.a, ASK, instrument);
  if (bids === undefined || asks === undefined) return undefined;
  if (bids === 'off-grid' || asks === 'off-grid') return 'off-grid';
  return { sides: [bids, asks], seq };
}
