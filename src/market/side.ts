// Which way is better? The sign of a side is written here and nowhere else.
import type { Tick } from './units.ts';

export type Side = 0 | 1;
export const BID: Side = 0;
export const ASK: Side = 1;
export const SIDES = [BID, ASK] as const;
export const SIDE_NAMES = ['bid', 'ask'] as const;

/** +1 where a higher price is nearer the touch (bid), −1 where a lower one is (ask). */
export const TOWARD_TOUCH = [1, -1] as const;

export function opposite(side: Side): Side {
  return (1 - side) as Side;
}

/** Is price `a` nearer the touch of `side` than price `b`? */
export function isBetter(side: Side, a: Tick, b: Tick): boolean {
  return (a - b) * TOWARD_TOUCH[side] > 0;
}
