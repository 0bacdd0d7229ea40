// What do the rows of public REST answers say? Unknown fields are ignored, missing ones never throw.
import { TICK_MAX } from '../book/grid.ts';
import { NAME_BYTES_MAX } from '../book/kernel-places.ts';
import type { Ms } from '../lib/brand.ts';
import { createInstrument, lotFromDecimal, nearestTick, tickFromDecimal } from '../market/instrument.ts';
import type { Instrument } from '../market/instrument.ts';
import { isPriced, moneyFromDecimal } from '../market/money.ts';
import { ASK, BID, isBetter, type Side } from '../market/side.ts';
import type { Tick, Usdt } from '../market/units.ts';
import type { DayChange, ListedInstrument, OrderTerms } from '../universe/listing.ts';
import type { BookSide } from './ingest-port.ts';

type Fields = Readonly<Record<string, unknown>>;

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

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';

/** Also for numbers that come as text; undefined where there is none. */
export function integer(value: unknown): number | undefined {
  const found = text(value);
  const number = /^\d+$/.test(found) ? Number(found) : undefined;
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}

/** For thresholds and people only: ratios and turnovers. */
function signedNumber(value: unknown): number | undefined {
  const found = text(value);
  return /^-?\d+(\.\d+)?$/.test(found) ? Number(found) : undefined;
}

/** Undefined for one that nothing can be known of: without a grid, or with a name that finds no room in shared memory. */
export function listedFrom(row: unknown): ListedInstrument | undefined {
  const fields = fieldsOf(row);
  const instrument = createInstrument(
    text(fields.symbol),
    text(fieldsOf(fields.priceFilter).tickSize),
    text(fieldsOf(fields.lotSizeFilter).qtyStep),
    integer(fields.priceScale),
  );
  if (instrument === undefined || instrument.symbol === '') return undefined;
  if (Buffer.byteLength(instrument.symbol) > NAME_BYTES_MAX) return undefined;
  return {
    instrument,
    contractType: text(fields.contractType),
    status: text(fields.status),
    quoteCoin: text(fields.quoteCoin),
    settleCoin: text(fields.settleCoin),
    symbolType: text(fields.symbolType),
    isPreListing: fields.isPreListing === true,
    launchTime: (integer(fields.launchTime) ?? 0) as Ms,
    deliveryTime: (integer(fields.deliveryTime) ?? 0) as Ms,
    terms: termsFrom(fields, instrument),
  };
}

function termsFrom(fields: Fields, instrument: Instrument): OrderTerms | undefined {
  const lots = fieldsOf(fields.lotSizeFilter);
  const lotsMin = lotFromDecimal(text(lots.minOrderQty), instrument);
  const lotsMaxLimit = lotFromDecimal(text(lots.maxOrderQty), instrument);
  const lotsMaxMarket = lotFromDecimal(text(lots.maxMktOrderQty), instrument);
  const notionalMin = moneyFromDecimal(text(lots.minNotionalValue));
  const leverage = signedNumber(fieldsOf(fields.leverageFilter).maxLeverage);
  const bandRatio = signedNumber(fieldsOf(fields.riskParameters).priceLimitRatioX);
  const fundingMinutes = integer(fields.fundingInterval);
  if (lotsMin === undefined || lotsMaxLimit === undefined || lotsMaxMarket === undefined) return undefined;
  if (notionalMin === undefined || leverage === undefined || bandRatio === undefined) return undefined;
  if (fundingMinutes === undefined || !isPriced(instrument)) return undefined;
  const leverageMax = Math.round(leverage * 100);
  const fundingIntervalMs = (fundingMinutes * 60_000) as Ms;
  return { lotsMin, lotsMaxLimit, lotsMaxMarket, notionalMin, leverageMax, bandRatio, fundingIntervalMs };
}

export function dayFrom(row: unknown): DayChange | undefined {
  const fields = fieldsOf(row);
  const symbol = text(fields.symbol);
  const change = signedNumber(fields.price24hPcnt);
  const turnover = signedNumber(fields.turnover24h);
  if (symbol === '' || change === undefined || turnover === undefined) return undefined;
  return {
    symbol,
    change,
    turnover: turnover as Usdt,
    turnoverText: text(fields.turnover24h),
    lastPriceText: text(fields.lastPrice),
    nextFundingMs: integer(fields.nextFundingTime) as Ms | undefined,
    fundingRateText: text(fields.fundingRate),
  };
}

export function klineFrom(row: unknown, instrument: Instrument): Kline | undefined {
  const [time, , top, bottom] = listOf(row);
  const start = integer(time);
  // Prices of before a coarser tick lie between two ticks of today: the nearest one is near enough for an extremum.
  const high = nearestTick(text(top), instrument);
  const low = nearestTick(text(bottom), instrument);
  return start === undefined || high === undefined || low === undefined ? undefined : { start: start as Ms, high, low };
}

/** Undefined where the levels do not go from the touch outward. */
function sideFrom(rows: readonly unknown[], side: Side, instrument: Instrument): BookSide | 'off-grid' | undefined {
  const ticks = new Int32Array(rows.length);
  const lots = new Float64Array(rows.length);
  for (const [i, row] of rows.entries()) {
    const [price, size] = listOf(row);
    const tick = tickFromDecimal(text(price), instrument);
    const lot = lotFromDecimal(text(size), instrument);
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
  const seq = integer(fields.seq);
  if (seq === undefined || !Array.isArray(fields.b) || !Array.isArray(fields.a)) return undefined;
  const bids = sideFrom(fields.b, BID, instrument);
  const asks = sideFrom(fields.a, ASK, instrument);
  if (bids === undefined || asks === undefined) return undefined;
  if (bids === 'off-grid' || asks === 'off-grid') return 'off-grid';
  return { sides: [bids, asks], seq };
}
