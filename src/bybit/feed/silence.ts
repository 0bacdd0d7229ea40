// Is a silent symbol quiet, or is its stream dead, or one of its topics? (B07, B08)
import type { Ms } from '../../lib/brand.ts';

/** What one look at one symbol sees; monotonic times, 0 for never. */
export interface Hearing {
  readonly now: Ms;
  /** Since when its connection has been listening. */
  readonly listeningSince: Ms;
  /** Any topic of the symbol. */
  readonly frameAt: Ms;
  readonly bookAt: Ms;
  readonly touchAt: Ms;
  readonly tradeAt: Ms;
  /** When a ticker first told a price that no trade heard explains. */
  readonly unheardAt: Ms;
  /** `orderbook.1` frames since the book's last. */
  readonly touchesSinceBook: number;
}

/**
 * `probe`: ask `orderbook.1`, whose repeats prove that a quiet coin lives. `stale`: nothing at all came; the book is
 * old. `deaf`: the symbol lives, its book topic does not. `unheard`: its trades do not come, and what they eat looks
 * pulled. `cut`: nothing helped, the connection itself is suspect.
 */
export type Silence = 'none' | 'probe' | 'stale' | 'deaf' | 'unheard' | 'cut';

const PROBE_MS = 3_000;
export const STALE_MS = 6_000;
const CUT_MS = 16_000;
/** The exchange repeats `orderbook.1` after 3 s without a change. */
const REPEAT_MS = 3_000;
const REPEAT_LATE_MS = 1_500;
/** A trade and the ticker that tells of it lie no further apart; of 22 recorded moves none came later than its trade. */
export const TICKER_LATE_MS = 3_000;
/** One for the subscription, one for a repeat that was due, one for doubt. */
const TOUCHES_SPARE = 3;

export function judgeSilence(hearing: Hearing): Silence {
  const { now, listeningSince, bookAt, touchAt, tradeAt } = hearing;
  const since = (at: number): number => now - Math.max(at, listeningSince);
  const frameAge = since(hearing.frameAt);
  const bookAge = since(bookAt);
  if (frameAge >= CUT_MS) return 'cut';
  if (frameAge >= STALE_MS) return 'stale';
  if (hearing.unheardAt > 0 && now - hearing.unheardAt >= TICKER_LATE_MS) return 'unheard';
  if (bookAge < PROBE_MS) return 'none';
  if (bookAge < STALE_MS) return 'probe';
  // A trade eats a level or leaves its mark beside it: a book that did not move since then has not been told.
  if (tradeAt > bookAt && now - tradeAt >= PROBE_MS) return 'deaf';
  // More than repeats: the touch moves, and the touch is part of the book.
  if (hearing.touchesSinceBook > TOUCHES_SPARE + bookAge / REPEAT_MS) return 'deaf';
  return since(touchAt) >= REPEAT_MS + REPEAT_LATE_MS ? 'deaf' : 'probe';
}

/** A ticker tells marks, touches and the day, one of which changes within a second or two. */
const TICKER_SILENT_MS = 30_000;

/**
 * A trade is part of the day that a ticker tells: where none follows it, it is the ticker that is dead. Where trades have died
 * with it, the book alone shows that the symbol lives.
 */
export function isTickerDead({ now, listeningSince, bookAt }: Hearing, tickerAt: number, untoldAt: number): boolean {
  if (untoldAt > 0 && now - untoldAt >= STALE_MS) return true;
  return bookAt > tickerAt && now - Math.max(tickerAt, listeningSince) >= TICKER_SILENT_MS;
}
