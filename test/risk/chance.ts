// How are values drawn that lie at a boundary more often than chance would have it?
import type { Rng } from '../../src/lib/rng.ts';

export const between = (rng: Rng, low: number, high: number): number => low + rng.below(high - low + 1);
export const pick = <T>(rng: Rng, values: readonly T[]): T => values[rng.below(values.length)] as T;
/** The boundary itself, a step on either side, or somewhere around. */
export const near = (rng: Rng, boundary: number, step = 1, spread = 100): number =>
  boundary + step * pick(rng, [-1, 0, 1, between(rng, -spread, spread)]);
export const flag = (rng: Rng): boolean | undefined => pick(rng, [true, false, undefined]);
export const hundredth = (rng: Rng, low: number, high: number): number => between(rng, low, high) / 100;
