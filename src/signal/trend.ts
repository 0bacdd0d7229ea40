// hot: once per scan; allocates nothing.
// Which way does the market lean? (strategy 5)
import {
  DAILY_CHANGE,
  HEADER_AT,
  L_DETECTED,
  L_HIGH,
  L_LACKING,
  L_LOW,
  L_OUT_AT,
  L_SIDE,
  L_STATE,
  L_TYPICAL,
  GONE,
  LIFE_COUNT,
  lifeAt,
  PARAMS_AT,
  PRESSURE,
  PRESSURE_TIME,
  SLOT_NUMBERS,
  SLOT_WORDS,
} from '../scan/layout.ts';
import { P_CHANGE_PERCENT, P_IMBALANCE, P_PRESSURE_MS, P_PRESSURE_PERCENT } from '../scan/params.ts';
import type { Side } from '../scan/kernel/kernel.ts';
import type { Workspace } from '../scan/workspace.ts';

/** direction × 4 × strength: ±4 both agree, ±2 one is flat, ±0 flat (strength 0.25, which 0 cannot carry and nobody needs). */
export const TREND_STRONG = 4;
export const TREND_WEAK = 2;

/** What a direction of the trend weighs in a signal's priority. */
export function trendStrength(trend: number): number {
  return trend === 0 ? 0.25 : Math.abs(trend) / 4;
}

/** The combined trend now: its sign is the direction. Moves the smoothed pressure on to now. */
export function readTrend(work: Workspace, slot: number, middle: number): number {
  const { numbers } = work.lives;
  const params = slot * SLOT_NUMBERS + PARAMS_AT;
  const change = numbers[slot * SLOT_NUMBERS + HEADER_AT + DAILY_CHANGE] as number;
  const least = numbers[params + P_CHANGE_PERCENT] as number;
  const daily = change >= least ? 1 : change <= -least ? -1 : 0; // NaN, not yet known, is flat
  const book = pressureDirection(work, slot, middle);
  if (daily === book) return daily * TREND_STRONG;
  if (daily === 0) return book * TREND_WEAK;
  return book === 0 ? daily * TREND_WEAK : 0;
}

function pressureDirection(work: Workspace, slot: number, middle: number): number {
  const { numbers } = work.lives;
  const now = work.time[0] as number;
  const params = slot * SLOT_NUMBERS + PARAMS_AT;
  const header = slot * SLOT_NUMBERS + HEADER_AT;
  weigh(work, slot, middle);
  const bids = weights[0] as number;
  const asks = weights[1] as number;
  if (bids + asks <= 0) return 0;
  const raw = (bids - asks) / (bids + asks);
  // The snapshot of a resync may be older than what was told before it. What never was is so old that nothing of it is left.
  const age = Math.max(0, now - (numbers[header + PRESSURE_TIME] as number));
  const keep = 2 ** (-age / (numbers[params + P_PRESSURE_MS] as number));
  const smoothed = raw + ((numbers[header + PRESSURE] as number) - raw) * keep;
  numbers[header + PRESSURE] = smoothed;
  numbers[header + PRESSURE_TIME] = now;
  const least = numbers[params + P_IMBALANCE] as number;
  return smoothed >= least ? 1 : smoothed <= -least ? -1 : 0;
}

/** By side: what `weigh` found, the place behind the last level that counts, and the price of that level. */
const weights = new Float64Array(2);
const ends = new Int32Array(2);
const lasts = new Int32Array(2);
/** The price of the last level where none counts: no density reaches only so far. */
const NOWHERE = new Int32Array([0x7fffffff, 0]);

/**
 * Notional of each side within the pressure range of the mid, levels of tracked densities counting as typical ones. What was
 * found in this scan has its places and its sum already, what cannot be seen has no level, and what has not changed is not asked anew.
 */
function weigh(work: Workspace, slot: number, middle: number): void {
  const { numbers, words } = work.lives;
  const { call, found } = work.kernel;
  const percent = numbers[slot * SLOT_NUMBERS + PARAMS_AT + P_PRESSURE_PERCENT] as number;
  for (let side = 0; side < 2; side++) {
    const levels = work.view.sides[side] as Side;
    const end = call.endWithin(levels.at, middle, percent);
    ends[side] = end;
    lasts[side] = end > levels.from ? levels.tickAt(end - 1) : (NOWHERE[side] as number);
    weights[side] = call.notionalBefore(levels.at, end);
  }
  const living = words[slot * SLOT_WORDS + LIFE_COUNT] as number;
  for (let place = 0; place < living; place++) {
    const life = lifeAt(work.lives, slot, place);
    if (numbers[life + L_OUT_AT] !== 0 || numbers[life + L_STATE] === GONE) continue;
    const side = numbers[life + L_SIDE] as 0 | 1;
    const { first, last, sum } = found[side];
    const i = (numbers[life + L_DETECTED] as number) - 1;
    let more = 0;
    if (i >= 0 && (last[i] as number) < (ends[side] as number)) {
      const levels = (last[i] as number) - (first[i] as number) + 1;
      more = levels * (numbers[life + L_TYPICAL] as number) - (sum[i] as number);
    } else more = lacking(work, life, side);
    weights[side] = (weights[side] as number) + more;
  }
}

/** What the levels of a life that count lack of as many typical ones. Where all of them count it stays what it is until one changes. */
function lacking(work: Workspace, life: number, side: 0 | 1): number {
  const { numbers } = work.lives;
  const low = numbers[life + L_LOW] as number;
  const high = numbers[life + L_HIGH] as number;
  const all = side === 0 ? low >= (lasts[0] as number) : high <= (lasts[1] as number);
  const known = numbers[life + L_LACKING] as number;
  if (all && known !== Infinity) return known;
  const near = side === 0 ? high : low;
  const behind = side === 0 ? low - 1 : high + 1;
  const typical = numbers[life + L_TYPICAL] as number;
  const lacks = work.kernel.call.lacking(work.view.sides[side].at, near, behind, ends[side] as number, typical);
  if (all) numbers[life + L_LACKING] = lacks;
  return lacks;
}
