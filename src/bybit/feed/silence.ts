// Is a silent symbol quiet, or is its stream dead, or one of its topics? (B07, B08)
import type { Ms } from '../../lib/brand.ts';

/** When each stream of one symbol last brought something; monotonic times, 0 for never. */
export interface Activity {
  readonly now: Ms;
  /** Since when its connection has been listening. */
  readonly listeningSince: Ms;
  /** Any topic of the symbol. */
  readonly frameAt: Ms;
  readonly bookAt: Ms;
  readonly touchAt: Ms;
  readonly tradeAt: Ms;
  /** When a ticker first showed a last price that no received trade explains. */
  readonly unheardAt: Ms;
  /** `orderbook.1` frames since the book's last. */
  readonly touchesSinceBook: number;
}

/**
 * `probe`: subscribe `orderbook.1`, whose repeats prove that a quiet coin is alive. `stale`: nothing at all came; the book is
 * old. `book-silent`: the symbol is alive, its book topic is not. `trades-silent`: its trades do not come, so that what they eat
 * looks pulled. `cut`: nothing helped, the connection itself is suspect.
 */
export type Silence = 'none' | 'probe' | 'stale' | 'book-silent' | 'trades-silent' | 'cut';

const PROBE_MS = 3_000;
export const STALE_MS = 6_000;
const CUT_MS = 16_000;
/** The exchange repeats `orderbook.1` after 3 s without a change. */
const REPEAT_MS = 3_000;
const REPEAT_LATE_MS = 1_500;
/** The longest time between a trade and its ticker; in 22 recorded moves the ticker never came after the trade. */
export const TICKER_LATE_MS = 3_000;
/** One for the subscription, one for a repeat that was due, one for doubt. */
const TOUCHES_SPARE = 3;

export function judgeSilence(activity: Activity): Silence {
  const { now, listeningSince, bookAt, touchAt, tradeAt } = activity;
  const since = (at: number): number => now - Math.max(at, listeningSince);
  const frameAge = since(activity.frameAt);
  const bookAge = since(bookAt);
  if (frameAge >= CUT_MS) return 'cut';
  if (frameAge >= STALE_MS) return 'stale';
  if (activity.unheardAt > 0 && now - activity.unheardAt >= TICKER_LATE_MS) return 'trades-silent';
  if (bookAge < PROBE_MS) return 'none';
  if (bookAge < STALE_MS) return 'probe';
  // A trade changes the book: one that has not changed since the trade is missing updates.
  if (tradeAt > bookAt && now - tradeAt >= PROBE_MS) return 'book-silent';
  // More than repeats: the touch moves, and the touch is part of the book.
  if (activity.touchesSinceBook > TOUCHES_SPARE + bookAge / REPEAT_MS) return 'book-silent';
  return since(touchAt) >= REPEAT_MS + REPEAT_LATE_MS ? 'book-silent' : 'probe';
}

/** A ticker holds mark price, touch and daily figures, one of which changes within a second or two. */
const TICKER_SILENT_MS = 30_000;

/**
 * Every trade changes the daily figures of the ticker: where no ticker follows a trade, the ticker is dead. Where the trades have
 * died too, the book alone shows that the symbol is alive.
 */
export function isTickerDead({ now, listeningSince, bookAt }: Activity, tickerAt: number, untoldAt: number): boolean {
  if (untoldAt > 0 && now - untoldAt >= STALE_MS) return true;
  return bookAt > tickerAt && now - Math.max(tickerAt, listeningSince) >= TICKER_SILENT_MS;
}
