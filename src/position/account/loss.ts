// Is the connection lost? (failure-modes 8: the 30 s, what clears them, and what our own standing still does to them)
import type { Ms } from '../../lib/brand.ts';

/** A longer pause is silence: a quiet book repeats itself after 3 s, the private stream is pinged, the account is read. */
export const BOOK_PAUSE_MS = 3_500;
export const PRIVATE_PAUSE_MS = 25_000;
export const REST_PAUSE_MS = 15_000;
/** Only so much continuous data ends a silence: blips do not (P20). */
const CLEAR_MS = 2_000;
/** After a pause of our own, the time to drain the sockets before anything is judged (P19). */
export const DRAIN_MS = 100;
export const STALL_MS_MIN = 250;
/** Whatever we were busy with, this is too long. */
const SILENCE_MS_CAP = 45_000;

/** One source: a symbol's book, the private stream, REST. */
export interface Silence {
  readonly pauseMs: number;
  /** Of the last valid word before the silence; of the latest while there is none. */
  readonly lastAt: Ms;
  /** Of the first word of the present unbroken run, and of its latest. */
  readonly runFrom: Ms;
  readonly runTo: Ms;
  /** Time within the silence in which we stood still ourselves. */
  readonly excusedMs: number;
}

export function silenceFrom(now: Ms, pauseMs: number): Silence {
  return { pauseMs, lastAt: now, runFrom: now, runTo: now, excusedMs: 0 };
}

/** A valid word came in at `at`. */
export function heard(silence: Silence, at: Ms): Silence {
  if (at <= silence.runTo) return silence;
  const runFrom = at - silence.runTo > silence.pauseMs + silence.excusedMs ? at : silence.runFrom;
  const isWhole = runFrom === silence.runFrom && silence.lastAt >= silence.runFrom;
  const isCleared = isWhole || at - runFrom >= CLEAR_MS;
  return {
    ...silence,
    lastAt: isCleared ? at : silence.lastAt,
    runFrom,
    runTo: at,
    excusedMs: isCleared ? 0 : silence.excusedMs,
  };
}

/** Our own loop stood still. */
export function stalled(silence: Silence, lastedMs: number): Silence {
  return lastedMs < STALL_MS_MIN ? silence : { ...silence, excusedMs: silence.excusedMs + lastedMs };
}

/** How long it has been silent, as far as that is the exchange's doing. */
export function silentMs(silence: Silence, now: Ms): number {
  const whole = now - silence.lastAt;
  return whole >= SILENCE_MS_CAP ? whole : whole - silence.excusedMs;
}

/** From when on a deadline may be judged again. */
export function judgedFrom(stallEndedAt: Ms, lastedMs: number): Ms {
  return (lastedMs < STALL_MS_MIN ? stallEndedAt : stallEndedAt + DRAIN_MS) as Ms;
}

export interface LossFacts {
  readonly now: Ms;
  readonly judgedFrom: Ms;
  readonly timeoutMs: number;
  readonly privateStream: Silence;
  readonly rest: Silence;
  /** Of the symbols with a position of ours. */
  readonly books: readonly { readonly symbol: string; readonly silence: Silence }[];
  /** Another book has spoken lately: the public connection as such is well. */
  readonly isPublicAlive: boolean;
}

export type Loss =
  | { readonly kind: 'none' }
  /** One dead topic on a healthy connection. */
  | { readonly kind: 'symbols'; readonly symbols: readonly string[] }
  | { readonly kind: 'all'; readonly what: 'public' | 'account' };

/** Asked only while there are positions: without any nothing is lost. */
export function lossOf(facts: LossFacts): Loss {
  const { now, timeoutMs, books } = facts;
  if (books.length === 0 || now < facts.judgedFrom) return { kind: 'none' };
  const isSilent = (silence: Silence): boolean => silentMs(silence, now) >= timeoutMs;
  if (isSilent(facts.privateStream) && isSilent(facts.rest)) return { kind: 'all', what: 'account' };
  const symbols = books.filter(({ silence }) => isSilent(silence)).map(({ symbol }) => symbol);
  if (symbols.length === 0) return { kind: 'none' };
  return facts.isPublicAlive ? { kind: 'symbols', symbols } : { kind: 'all', what: 'public' };
}
