// Is the required stop in place, and what is to be done if it is not? (P01, P02, P08, P23)
import type { Ms } from '../../lib/brand.ts';
import { EARNS, type PositionSide } from '../../market/side.ts';
import type { StopPrice } from '../../market/stop-price.ts';
import type { Tick } from '../../market/units.ts';

export const PROTECT_SOFT_MS = 1_000;
/** The position report comes within milliseconds of the fill; after this it is requested. */
const READ_AFTER_MS = 250;
export const STOP_TRIES_MAX = 3;

export type Standing = 'right' | 'tighter' | 'missing' | 'looser' | 'other-trigger';

/** `tighter`: nearer to the market than ours, moved by somebody: it is kept. */
export function standingOf(seen: StopPrice | undefined, wanted: StopPrice, side: PositionSide): Standing {
  if (seen === undefined) return 'missing';
  if (seen.by !== wanted.by) return 'other-trigger';
  if (seen.tick === wanted.tick) return 'right';
  return isTighter(seen.tick, wanted.tick, side) ? 'tighter' : 'looser';
}

export function isTighter(a: Tick, b: Tick, side: PositionSide): boolean {
  return (a - b) * EARNS[side] > 0;
}

/** Has the price that triggers it reached the stop already? */
export function isBreached(stop: Tick, price: Tick | undefined, side: PositionSide): boolean {
  return price !== undefined && (price - stop) * EARNS[side] <= 0;
}

export interface NakedFacts {
  readonly now: Ms;
  /** Since the first evidence that something stands there without its stop, or unread. */
  readonly since: Ms;
  /** No report of the position that contains its fills has come yet. */
  readonly isUnread: boolean;
  readonly isBreached: boolean;
  readonly tries: number;
  readonly isSetting: boolean;
  readonly isReading: boolean;
  readonly graceMs: number;
}

export type NakedAction = 'wait' | 'read' | 'set' | 'close';

export function nakedAction(facts: NakedFacts): NakedAction {
  const elapsed = facts.now - facts.since;
  if (elapsed >= facts.graceMs || facts.isBreached) return 'close';
  if (facts.isUnread && elapsed < PROTECT_SOFT_MS) {
    return elapsed >= READ_AFTER_MS && !facts.isReading ? 'read' : 'wait';
  }
  // What the last try has brought is read before there is another.
  if (facts.isSetting || (facts.tries > 0 && facts.isReading)) return 'wait';
  if (facts.tries < STOP_TRIES_MAX) return 'set';
  return 'read';
}
