// Which way is better? The sign of a side is written here and nowhere else.

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
export function isBetter<T extends number>(side: Side, a: T, b: T): boolean {
  return (a - b) * TOWARD_TOUCH[side] > 0;
}

/** What an order does. */
export type OrderSide = 'buy' | 'sell';
/** What a position is. */
export type PositionSide = 'long' | 'short';

/** +1 where a rising price earns, −1 where a falling one does. */
export const EARNS = { long: 1, short: -1 } as const;
/** The order that opens it; the other one closes it. */
export const OPENS = { long: 'buy', short: 'sell' } as const;
export const CLOSES = { long: 'sell', short: 'buy' } as const;
/** The side of the book that an order takes from. */
export const TAKES = { buy: ASK, sell: BID } as const;
