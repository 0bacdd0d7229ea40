// Does the engine live, and is it fit to trade? If not, why: words that never change, and a detail for people.
import type { Trust } from '../page/protocol-market.ts';
import type { Digest } from '../port.ts';

export interface Condition {
  readonly isReady: boolean;
  readonly reasons: readonly Reason[];
}

export const READY_REASONS = [
  'starting',
  'ending',
  'main_silent',
  'no_sockets',
  'no_books',
  'books_not_live',
  'database',
  'private_stream',
  'clock',
  'mode',
] as const;

export interface Reason {
  readonly name: (typeof READY_REASONS)[number];
  readonly detail: string;
}

/** Main tells something at least once a second; a silence this long is no pause. */
const MAIN_SILENT_MS = 5_000;
/** After this long the process should be restarted; its own watchdog is faster. */
const MAIN_LOST_MS = 30_000;
const LIVE_PART_MIN = 0.5;
const CLOCK_OFFSET_MS_MAX = 500;
const FIT = new Set(['ACTIVE', 'REDUCE_ONLY']);

export function isAlive(silentMs: number): boolean {
  return silentMs < MAIN_LOST_MS;
}

/** `silentMs`: time since main last reported. */
export function conditionOf(
  digest: Omit<Digest, 'symbols'> | undefined,
  silentMs: number,
  books: Readonly<Record<Trust, number>>,
): Condition {
  const reasons: Reason[] = [];
  const say = (name: Reason['name'], detail: string): unknown => reasons.push({ name, detail });
  if (digest === undefined) say('starting', 'the engine has not reported yet');
  else {
    const { desk, feed, store } = digest;
    const watched = Object.values(books).reduce((a, b) => a + b, 0);
    if (digest.isEnding) say('ending', 'the engine is shutting down');
    if (silentMs >= MAIN_SILENT_MS)
      say('main_silent', `the main thread has been silent for ${Math.round(silentMs)} ms`);
    if (!feed.sockets.some(({ state }) => state === 'open')) say('no_sockets', 'no market data connection is open');
    if (watched === 0) say('no_books', 'no symbol is watched');
    else if (books.live < watched * LIVE_PART_MIN) say('books_not_live', `${books.live} of ${watched} books are live`);
    if (store !== undefined && !store.connected) say('database', `not connected; ${store.spooled} rows are spooled`);
    if (Math.abs(feed.clockOffsetMs) > CLOCK_OFFSET_MS_MAX) {
      say('clock', `${Math.round(feed.clockOffsetMs)} ms off the exchange's`);
    }
    if (desk !== undefined) {
      if (desk.links['private'] === false) say('private_stream', 'the stream of our own orders and positions is down');
      if (!FIT.has(desk.mode)) say('mode', desk.latch === undefined ? desk.mode : `${desk.mode}: ${desk.latch}`);
    }
  }
  return { isReady: reasons.length === 0, reasons };
}
