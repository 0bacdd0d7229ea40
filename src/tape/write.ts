// hot: once per trade on main, the sole writer; allocates nothing but where another look back is set or a slot is emptied.
// What has traded?
import { TICK_MAX } from '../book/grid.ts';
import { remainder } from '../lib/remainder.ts';
import type { Slot } from '../market/units.ts';
import { oldestMinute, readBars } from './extrema.ts';
import {
  barAt,
  BUCKET_MS,
  BUCKET_STRIDE,
  BUCKETS,
  BUCKETS_AT,
  barsKept,
  FACT_CHANGE,
  FACT_HIGH,
  FACT_LOOKBACK,
  FACT_LOW,
  FACT_MINUTE,
  FACT_TRADES,
  FACTS,
  MINUTE_MS,
  MINUTE_STRIDE,
  MINUTES_AT,
  MINUTES_MAX,
  readFact,
  SLOT_NUMBERS,
  TRADE_STRIDE,
  TRADES,
  TRADES_AT,
  tradeAt,
  type TapeMemory,
} from './layout.ts';

/** Empties the tape of a slot for a new symbol. */
export function resetTape(tape: TapeMemory, slot: Slot): void {
  const on = slot * SLOT_NUMBERS;
  const { facts, numbers } = tape;
  const trades = readFact(tape, slot, FACT_TRADES);
  // Only what has been written is touched: a quiet symbol fills little of its tape, and even reading may take memory.
  if (trades > 0) {
    numbers.fill(0, on + BUCKETS_AT, on + MINUTES_AT);
    numbers.fill(0, on + TRADES_AT, on + TRADES_AT + Math.min(trades, TRADES) * TRADE_STRIDE);
  }
  takeBars(tape, slot);
  facts.fill(0, slot * FACTS, (slot + 1) * FACTS);
  setFact(tape, slot, FACT_CHANGE, NaN);
}

export function setFact(tape: TapeMemory, slot: number, fact: number, value: number): void {
  tape.facts[slot * FACTS + fact] = value;
}

/**
 * From now on the extrema of a slot look back over so many closed minutes, until it is emptied. Bars that are too old for that are
 * forgotten: who looks back farther later has to tell them again.
 */
export function setLookback(tape: TapeMemory, slot: Slot, minutes: number): void {
  const lookback = Math.min(minutes, MINUTES_MAX - 1);
  if (lookback === readFact(tape, slot, FACT_LOOKBACK)) return;
  const bars = takeBars(tape, slot);
  setFact(tape, slot, FACT_LOOKBACK, lookback);
  for (let bar = 0; bar < bars.length; bar += MINUTE_STRIDE)
    widenBar(tape, slot, bars[bar] as number, bars[bar + 1] as number, bars[bar + 2] as number);
  closeMinutes(tape, slot);
}

/** Takes the bars of a slot away. Where none was ever told none is touched: memory that nobody has written to is none. */
function takeBars(tape: TapeMemory, slot: number): Int32Array {
  if (readFact(tape, slot, FACT_MINUTE) === 0) return new Int32Array(0);
  const first = barAt(tape, slot, 0);
  const end = first + barsKept(tape, slot) * MINUTE_STRIDE;
  const bars = tape.words.slice(first, end);
  tape.words.fill(0, first, end);
  return bars;
}

/**
 * Adds one public trade, made at exchange time `times[i]` (as an argument of its own it would be garbage). `kind` is kept for
 * readers of the last trades.
 */
export function addTrade(
  tape: TapeMemory,
  slot: Slot,
  times: Float64Array,
  i: number,
  tick: number,
  lot: number,
  isBuy: boolean,
  kind: number,
): void {
  const numbers = tape.numbers;
  const on = slot * SLOT_NUMBERS;
  const time = times[i] as number;
  const bucketNumber = Math.floor(time / BUCKET_MS);
  const bucket = on + BUCKETS_AT + remainder(bucketNumber, BUCKETS) * BUCKET_STRIDE;
  if (bucketNumber > (numbers[bucket] as number)) {
    numbers[bucket + 1] = 0;
    numbers[bucket + 2] = 0;
    numbers[bucket + 3] = 0;
    numbers[bucket] = bucketNumber;
  }
  // A trade reported more than 60 s late finds its place taken by newer flow.
  if (numbers[bucket] === bucketNumber) {
    const flow = bucket + (isBuy ? 1 : 2);
    numbers[flow] = (numbers[flow] as number) + tick * lot;
    numbers[bucket + 3] = (numbers[bucket + 3] as number) + 1;
  }
  const ordinal = readFact(tape, slot, FACT_TRADES);
  const trade = tradeAt(slot, ordinal);
  numbers[trade] = time;
  numbers[trade + 1] = tick;
  numbers[trade + 2] = lot;
  numbers[trade + 3] = kind;
  setFact(tape, slot, FACT_TRADES, ordinal + 1);
  widenMinute(tape, slot, Math.floor(time / MINUTE_MS), tick, tick);
}

/** Widens the bar of one minute, and when a new minute begins reads the extrema of the closed ones anew. */
export function widenMinute(tape: TapeMemory, slot: Slot, minute: number, high: number, low: number): void {
  const running = readFact(tape, slot, FACT_MINUTE);
  if (widenBar(tape, slot, minute, high, low) && minute !== running) closeMinutes(tape, slot);
}

/** As one after the other, but the extrema are read once: over a day of candles main would stand still for a tenth of a second. */
export function widenMinutes(
  tape: TapeMemory,
  slot: Slot,
  bars: readonly { readonly minute: number; readonly high: number; readonly low: number }[],
): void {
  for (let i = 0; i < bars.length; i++) {
    const { minute, high, low } = bars[i] as (typeof bars)[number];
    // Of a time whose grid was another a price may lie beyond all that can trade on this one.
    widenBar(tape, slot, minute, Math.min(high, TICK_MAX), Math.min(low, TICK_MAX));
  }
  closeMinutes(tape, slot);
}

/** False where it is older than any that is looked back over: its place belongs to a newer minute. */
function widenBar(tape: TapeMemory, slot: number, minute: number, high: number, low: number): boolean {
  const { words } = tape;
  const bar = barAt(tape, slot, minute);
  if (words[bar] === minute) {
    if (high > (words[bar + 1] as number)) words[bar + 1] = high;
    if (low < (words[bar + 2] as number)) words[bar + 2] = low;
  } else {
    if (minute < (words[bar] as number)) return false;
    words[bar] = minute;
    words[bar + 1] = high;
    words[bar + 2] = low;
  }
  if (minute > readFact(tape, slot, FACT_MINUTE)) setFact(tape, slot, FACT_MINUTE, minute);
  return true;
}

// Once a minute, and for bars that come late or from klines.
function closeMinutes(tape: TapeMemory, slot: number): void {
  const running = readFact(tape, slot, FACT_MINUTE);
  if (running === 0) return;
  readBars(tape, slot, oldestMinute(tape, slot, running), running, tape.facts, slot * FACTS + FACT_HIGH);
}

if (FACT_LOW !== FACT_HIGH + 1) throw new Error('the extrema stand behind each other');
