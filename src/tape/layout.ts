// Where does the tape of one instrument lie in shared memory? This file alone knows the offsets.
//
// Float64 but for the minutes. Of all slots together, for of what follows most is never written to, and takes no memory:
//   facts    what tickers and klines say of the symbol, and the extrema of its closed minutes
// Per slot:
//   buckets  BUCKETS × (bucket number, buy notional, sell notional, trades): rings of 100 ms over 60 s
//   minutes  bars of (minute number, highest tick, lowest tick), Int32: a ring of as many as are looked back over, and the running one
//   trades   the last TRADES trades × (time, tick, lot, kind)
// One writer (main). A reader may see a bucket half written: sums over seconds bear it, and nothing else is read from there.

import { remainder } from '../lib/remainder.ts';

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
export const FACT_LOOKBACK = 9; // closed minutes that the extrema look back over, 0 for as many as can be
export const FACT_TICKER_AT = 10; // monotonic: when a ticker was last heard; what it did not carry is what it was
/** Whole cache lines. */
export const FACTS = 16;

export const BUCKETS_AT = 0;
export const MINUTES_AT = BUCKETS_AT + BUCKETS * BUCKET_STRIDE;
export const TRADES_AT = MINUTES_AT + (MINUTES_MAX * MINUTE_STRIDE) / 2;
export const SLOT_NUMBERS = TRADES_AT + TRADES * TRADE_STRIDE;

export interface TapeMemory {
  readonly buffer: SharedArrayBuffer;
  readonly facts: Float64Array;
  readonly numbers: Float64Array;
  /** The memory of `numbers`, for the minutes. */
  readonly words: Int32Array;
}

const SLOT_BYTES = (FACTS + SLOT_NUMBERS) * 8;

export function mapTape(buffer: SharedArrayBuffer): TapeMemory {
  const slots = buffer.byteLength / SLOT_BYTES;
  const behind = slots * FACTS * 8;
  return {
    buffer,
    facts: new Float64Array(buffer, 0, slots * FACTS),
    numbers: new Float64Array(buffer, behind),
    words: new Int32Array(buffer, behind),
  };
}

export function createTape(slots: number): TapeMemory {
  return mapTape(new SharedArrayBuffer(slots * SLOT_BYTES));
}

export function readFact({ facts }: TapeMemory, slot: number, fact: number): number {
  return facts[slot * FACTS + fact] as number;
}

/** Where in `numbers` one of the last TRADES trades lies, counted from the first ever. */
export function tradeAt(slot: number, ordinal: number): number {
  return slot * SLOT_NUMBERS + TRADES_AT + (ordinal % TRADES) * TRADE_STRIDE;
}

/** Minutes of which the bars are kept, the running one among them. */
export function barsKept(tape: TapeMemory, slot: number): number {
  const lookback = readFact(tape, slot, FACT_LOOKBACK);
  return lookback === 0 ? MINUTES_MAX : lookback + 1;
}

/** Where in `words` the bar of a minute lies. */
export function barAt(tape: TapeMemory, slot: number, minute: number): number {
  const place = remainder(minute, barsKept(tape, slot));
  return 2 * (slot * SLOT_NUMBERS + MINUTES_AT) + place * MINUTE_STRIDE;
}
