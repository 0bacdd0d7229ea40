// Is a signal still good at the moment main reads it, and which of several goes first? (strategy 9)
import { LIVE } from '../book/trust.ts';
import type { BookView } from '../book/read.ts';
import type { Ms } from '../lib/brand.ts';
import type { AnalysisEvent } from '../scan/event.ts';

export interface OfferRules {
  readonly maxSignalAgeMs: number;
  readonly breakoutMaxChasePercent: number;
}

/** Why a signal is not offered: a word for counters and storage. */
export type Refusal = 'other-epoch' | 'not-live' | 'stale' | 'weakened' | 'refilled' | 'out-of-reach';

/** A bounce needs this part of the density that the scan saw. */
export const RESTS_PERCENT = 70;
/** A density below this part of its peak is gone. */
const FLOOR_PERCENT = 10;
export const CHASE_TICKS_MIN = 2;
/** Percentages count to the millionth part of one percent: in whole numbers, for no division may lose a reach that is met exactly. */
const PERCENT_PARTS = 1_000_000;

/** Judges a signal on the book as it is now; `now` is monotonic, as the receive time of frames is. */
export function refusalOf(signal: AnalysisEvent, book: BookView, now: Ms, rules: OfferRules): Refusal | undefined {
  if (signal.epoch !== book.epoch || signal.tenancy !== book.tenancy) return 'other-epoch';
  const [bids, asks] = book.ticks;
  if (book.trust !== LIVE || book.counts[0] === 0 || book.counts[1] === 0) return 'not-live';
  if (now - signal.receivedMs > rules.maxSignalAgeMs) return 'stale';
  const rests = notionalWithin(book, signal.side, signal.low, signal.high);
  if (signal.signal === 'bounce') return rests * 100 < signal.current * RESTS_PERCENT ? 'weakened' : undefined;
  if (rests * 100 >= signal.peak * FLOOR_PERCENT) return 'refilled';
  const middle = (bids[0] as number) + (asks[0] as number);
  const far = signal.side === 0 ? signal.low : signal.high;
  const beyond = ((middle - 2 * far) * (signal.side === 1 ? 1 : -1)) / 2;
  return isWithinChase(beyond, rules.breakoutMaxChasePercent, far) ? undefined : 'out-of-reach';
}

/** Hot. Is the mid, so many ticks beyond the far price, no farther than so many percent of that? */
export function isWithinChase(beyond: number, percent: number, far: number): boolean {
  const parts = Math.round(percent * PERCENT_PARTS) * far;
  return beyond > 0 && (beyond <= CHASE_TICKS_MIN || beyond * 100 * PERCENT_PARTS <= parts);
}

/** Higher priority first, then the density that stands out more, then by name. */
export function inOrder<T extends { readonly event: AnalysisEvent; readonly symbol: string }>(signals: T[]): T[] {
  return signals.sort(
    (a, b) =>
      b.event.priority - a.event.priority ||
      b.event.relative - a.event.relative ||
      (a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : 0),
  );
}

function notionalWithin(book: BookView, side: 0 | 1, low: number, high: number): number {
  const ticks = book.ticks[side];
  let sum = 0;
  for (let i = 0; i < (book.counts[side] as number); i++) {
    const tick = ticks[i] as number;
    if (tick >= low && tick <= high) sum += tick * (book.lots[side][i] as number);
  }
  return sum;
}
