// Where does the tape of one instrument lie in shared memory? This file alone knows the offsets.
//
// Per slot, Float64 but for the minutes:
//   facts    what tickers and klines say of the symbol, and the extrema of its closed minutes
//   buckets  BUCKETS × (bucket number, buy notional, sell notional, trades): rings of 100 ms over 60 s
//   minutes  MINUTES_MAX × (minute number, highest tick, lowest tick), Int32: of all tapes they are what fills
//   trades   the last TRADES trades × (time, tick, lot, kind)
// One writer (main). A reader may see a bucket half written: sums over seconds bear it, and nothing else is read from there.

export const BUCKET_MS = 100;
export const BUCKETS = 600;
export const BUCKET_STRIDE = 4;
export const MINUTE_MS = 60_000;
/** Bars kept: enough for 24 hours. */
export const MINUTES_MAX = 1_440;
export const MINUTE_STRIDE = 3;
export const TRADES = 256;
export const TRADE_STRIDE = 4;

// facts
export const FACT_CHANGE = 0; // 24 h change in percent; NaN until known
export const FACT_LAST = 1; // last price, USDT
export const FACT_MARK = 2; // mark price, USDT
export const FACT_TURNOVER = 3; // 24 h turnover, USDT
export const FACT_HIGH = 4; // highest traded tick of the closed minutes, 0 until known
export const FACT_LOW = 5; // lowest, 0 until known
export const FACT_MINUTE = 6; // number of the running minute
export const FACT_TRADES = 7; // trades ever
export const FACT_MARK_AT = 8; // monotonic: when a mark price was last heard, 0 until then
export const FACT_LOOKBACK = 9; // closed minutes that the extrema look back over, 0 for all that are kept
export const FACT_TICKER_AT = 10; // monotonic: when a ticker was last heard; what it did not carry is what it was
export const FACTS = 11;

export const BUCKETS_AT = FACTS;
export const MINUTES_AT = BUCKETS_AT + BUCKETS * BUCKET_STRIDE;
export const TRADES_AT = MINUTES_AT + (MINUTES_MAX * MINUTE_STRIDE) / 2;
export const SLOT_NUMBERS = TRADES_AT + TRADES * TRADE_STRIDE;

export interface TapeMemory {
  readonly buffer: SharedArrayBuffer;
  readonly numbers: Float64Array;
  /** The same memory, for the minutes. */
  readonly words: Int32Array;
}

export function mapTape(buffer: SharedArrayBuffer): TapeMemory {
  return { buffer, numbers: new Float64Array(buffer), words: new Int32Array(buffer) };
}

export function createTape(slots: number): TapeMemory {
  return mapTape(new SharedArrayBuffer(slots * SLOT_NUMBERS * 8));
}

/** Where in `words` the bar of a minute lies, its slot's numbers beginning at `on`. */
export function barAt(on: number, minute: number): number {
  return 2 * (on + MINUTES_AT) + (((minute % MINUTES_MAX) + MINUTES_MAX) % MINUTES_MAX) * MINUTE_STRIDE;
}
