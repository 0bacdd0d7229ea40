// When is an order that nobody answered for proven not to exist? (failure-modes 5)
//
// "Not found" proves nothing while the order may still be on its way: it can be accepted up to its receive window after it
// was sent. After that fence three complete negative look-ups, at least 3 s apart, and a position of the size of before.
import type { Ms } from '../lib/brand.ts';

export interface Doubt {
  /** Server time from which on an absence says something. */
  readonly fenceMs: Ms;
  /** The position's signed size when the order was made. */
  readonly baselineLots: number;
  readonly negatives: number;
  /** Monotonic: of the last negative that counted. */
  readonly negativeAt: Ms;
}

export const FENCE_SLACK_MS = 3_000;
/** By then every view of the exchange shows what it has accepted, and its history still holds what has ended. */
const ACCEPTED_FENCE_MS = 600_000;
export const NEGATIVES_NEEDED = 3;
export const NEGATIVES_APART_MS = 3_000;
/** An order proven absent is watched this long, and its symbol stays blocked for a minute. */
export const ZOMBIE_WATCH_MS = 86_400_000;
export const ABSENT_BLOCK_MS = 60_000;

export function doubt(sentServerMs: Ms, recvWindowMs: Ms, baselineLots: number): Doubt {
  const fenceMs = (sentServerMs + recvWindowMs + FENCE_SLACK_MS) as Ms;
  return { fenceMs, baselineLots, negatives: 0, negativeAt: 0 as Ms };
}

/** It was there: that it is nowhere to be seen says something only when no view can lag any more, after a restart too (R14). */
export function fenceOfAccepted(serverMs: number): Ms {
  return (serverMs + ACCEPTED_FENCE_MS) as Ms;
}

export function accepted(doubt: Doubt, serverMs: Ms): Doubt {
  return { ...doubt, fenceMs: fenceOfAccepted(serverMs), negatives: 0 };
}

export type Evidence =
  /** All pages of orders, history and executions by its link id were answered and hold nothing. */
  | { readonly kind: 'nothing-found'; readonly askedServerMs: Ms; readonly positionLots: number | undefined }
  | { readonly kind: 'found' }
  /** Half a reading is none. */
  | { readonly kind: 'failed' };

/** `askedServerMs` is when the look-up left us: what it says is not newer. */
export function weigh(
  doubt: Doubt,
  evidence: Evidence,
  now: Ms,
): { readonly doubt: Doubt; readonly isAbsent: boolean } {
  if (evidence.kind === 'found') return { doubt: { ...doubt, negatives: 0 }, isAbsent: false };
  if (evidence.kind === 'failed' || evidence.askedServerMs < doubt.fenceMs) return { doubt, isAbsent: false };
  // A size that has changed is positive evidence of something: begin again.
  if (evidence.positionLots !== doubt.baselineLots) return { doubt: { ...doubt, negatives: 0 }, isAbsent: false };
  if (doubt.negatives > 0 && now - doubt.negativeAt < NEGATIVES_APART_MS) return { doubt, isAbsent: false };
  const negatives = doubt.negatives + 1;
  return { doubt: { ...doubt, negatives, negativeAt: now }, isAbsent: negatives >= NEGATIVES_NEEDED };
}
