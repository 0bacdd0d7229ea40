// What is remembered of one density's life? The nouns of strategy 3, as plain objects.
import type { Side } from '../../src/market/side.ts';
import type { PlainLevel } from './density.ts';

export type PlainState = 'forming' | 'confirmed' | 'eroding' | 'gone';
export type PlainLabel = 'eaten' | 'pulled' | 'moved' | 'absorbed' | 'out_of_view' | 'unknown' | 'held';

export interface PlainTrade {
  /** Exchange time of the fill. */
  readonly T: number;
  readonly taker: 'buy' | 'sell';
  readonly tick: number;
  readonly lot: number;
  readonly rpi: boolean;
  readonly block: boolean;
}

export interface PlainChange {
  readonly side: Side;
  readonly tick: number;
  readonly oldLot: number;
  readonly newLot: number;
}

/** One book message: its changes, its close, and the whole book after it, levels from the touch outward. */
export interface PlainMessage {
  readonly changes: readonly PlainChange[];
  readonly u: number;
  readonly cts: number;
  /** 0 where the side is empty. */
  readonly bestBid: number;
  readonly bestAsk: number;
  /** Bids, then asks. */
  readonly sides: readonly [readonly PlainLevel[], readonly PlainLevel[]];
}

export interface PlainLife {
  readonly id: number;
  readonly side: Side;
  lowTick: number;
  highTick: number;
  /** Price of the last detection. */
  tick: number;
  /** Older than `bornMs` where a moved density keeps its age. */
  readonly firstSeenMs: number;
  readonly bornMs: number;
  /** Nothing up to this time is counted: its birth, or the snapshot after a lost book. */
  followedFromMs: number;
  state: PlainState;
  confirmedMs: number | undefined;
  endedMs: number | undefined;
  label: PlainLabel | undefined;
  crossed: boolean;
  /** Lots by tick as last seen; a price outside the visible window keeps its last size. */
  lots: Map<number, number>;
  readonly initial: number;
  current: number;
  /** Largest notional at this extent. */
  peak: number;
  eaten: number;
  pulled: number;
  refilled: number;
  /** Matched trades, whatever they were booked as. */
  traded: number;
  rpi: number;
  /** Signed change across a lost book. */
  unknown: number;
  /** `notional`, at this extent, holds from `fromMs` until the next entry; begun afresh when it is confirmed again. */
  history: { fromMs: number; notional: number }[];
  extentChanges: number;
  goneSinceMs: number | undefined;
  /** Notional after the last message that left it over the floor. */
  beforeGone: number;
  outSinceMs: number | undefined;
  fallMs: number;
  fallNotional: number;
  /** Tenths of erosion already told, and when. */
  toldTenths: number;
  toldMs: number;
}

export type PlainEvent =
  | {
      readonly kind: 'born';
      readonly id: number;
      readonly side: Side;
      readonly lowTick: number;
      readonly highTick: number;
      readonly firstSeenMs: number;
      readonly notional: number;
    }
  | { readonly kind: 'state'; readonly id: number; readonly state: PlainState }
  | { readonly kind: 'erosion'; readonly id: number; readonly tenths: number }
  | { readonly kind: 'label'; readonly id: number; readonly label: PlainLabel };

export function sumNotional(lots: ReadonlyMap<number, number>): number {
  return [...lots].reduce((sum, [tick, lot]) => sum + tick * lot, 0);
}

export function inRange(life: PlainLife, tick: number): boolean {
  return life.lowTick <= tick && tick <= life.highTick;
}

export function isUnderFloor(life: PlainLife): boolean {
  return life.current * 10 < life.peak;
}

/** The largest notional that it had at any moment after `fromMs`. */
export function largestHeld(history: PlainLife['history'], fromMs: number): number {
  const held = history.filter((_, i) => (history[i + 1]?.fromMs ?? Infinity) > fromMs);
  return Math.max(...held.map((entry) => entry.notional));
}

export function isOlder(a: PlainLife, b: PlainLife): boolean {
  return a.firstSeenMs < b.firstSeenMs || (a.firstSeenMs === b.firstSeenMs && a.id < b.id);
}

/** A taker's sell eats bids, a taker's buy eats asks. */
export function eatenSide(trade: PlainTrade): Side {
  return trade.taker === 'sell' ? 0 : 1;
}
