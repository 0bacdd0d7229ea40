// How far is a level, or a run of levels, over the thresholds of a density? The plain arithmetic, on what a subscriber sees.
import type { Window } from './exchange-book.ts';

export interface Thresholds {
  /** USDT. */
  readonly abs: number;
  readonly relative: number;
  readonly percent: number;
  readonly bandPercent: number;
  readonly minLifetimeMs: number;
}

export const DEFAULT_THRESHOLDS: Thresholds = {
  abs: 50_000,
  relative: 3,
  percent: 5,
  bandPercent: 1,
  minLifetimeMs: 3_000,
};

const NEIGHBOURS = 5;

/** What one side shows at one moment, in units of tick × lot. */
export interface SideView {
  readonly window: Window;
  /** Levels within the share band of the mid. */
  readonly inBand: number;
  /** Their sum. */
  readonly total: number;
  /** USDT in one tick × one lot. */
  readonly unit: number;
}

export function viewSide(window: Window, mid: number, unit: number, bandPercent: number): SideView {
  const band = (mid * bandPercent) / 100;
  let inBand = 0;
  let total = 0;
  while (inBand < window.count) {
    const tick = window.ticks[inBand] as number;
    if (Math.abs(tick - mid) > band) break;
    total += tick * (window.lots[inBand] as number);
    inBand++;
  }
  return { window, inBand, total, unit };
}

function valueAt(window: Window, index: number): number {
  return (window.ticks[index] as number) * (window.lots[index] as number);
}

const around = new Float64Array(2 * NEIGHBOURS);

/** The median of up to five levels on each side of `from..to`; undefined with fewer than two. */
export function typicalAround(window: Window, from: number, to: number): number | undefined {
  let count = 0;
  const first = Math.max(0, from - NEIGHBOURS);
  const last = Math.min(window.count - 1, to + NEIGHBOURS);
  for (let i = first; i <= last; i++) {
    if (i === from) i = to + 1;
    if (i > last) break;
    // Sorted as it comes in: ten values, looked at for every message.
    const value = valueAt(window, i);
    let place = count++;
    while (place > 0 && (around[place - 1] as number) > value) {
      around[place] = around[place - 1] as number;
      place--;
    }
    around[place] = value;
  }
  if (count < 2) return undefined;
  const half = count >> 1;
  return count % 2 === 1 ? around[half] : ((around[half - 1] as number) + (around[half] as number)) / 2;
}

/** The least of value ÷ threshold over the absolute and the share criterion; 0 outside the band. */
export function sizeRatio(view: SideView, sum: number, to: number, thresholds: Thresholds): number {
  if (to >= view.inBand) return 0;
  return Math.min((sum * view.unit) / thresholds.abs, sum / ((view.total * thresholds.percent) / 100));
}

/** The least of value ÷ threshold over the three criteria; 0 outside the band or without neighbours. */
export function ratioOf(view: SideView, from: number, to: number, thresholds: Thresholds): number {
  let sum = 0;
  for (let i = from; i <= to; i++) sum += valueAt(view.window, i);
  const bySize = sizeRatio(view, sum, to, thresholds);
  const typical = typicalAround(view.window, from, to);
  if (bySize === 0 || typical === undefined) return 0;
  const mean = sum / (to - from + 1);
  return Math.min(bySize, typical === 0 ? Infinity : mean / (typical * thresholds.relative));
}

/** The index of `tick` in a window, or −1. */
export function indexOf(window: Window, tick: number): number {
  const { ticks, count } = window;
  const rising = count > 1 && (ticks[1] as number) > (ticks[0] as number) ? 1 : -1;
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const distance = ((ticks[middle] as number) - tick) * rising;
    if (distance === 0) return middle;
    if (distance < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
