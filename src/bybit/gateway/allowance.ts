// May one more request be sent in this second? Per endpoint, as the exchange counts; entries leave room for closes (O16).
import type { Ms } from '../../lib/brand.ts';

export type Errand = 'entry' | 'reduce' | 'read';

/** A second of the exchange's, with what the way there may shorten it by. */
const WINDOW_MS = 1_050;
/** Of the orders of one second, entries take at most this part. */
const ENTRY_PART = 0.5;

const LIMITS: Readonly<Record<string, number>> = {
  '/v5/order/create': 10,
  '/v5/order/cancel': 10,
  '/v5/position/trading-stop': 10,
  '/v5/position/set-leverage': 10,
  '/v5/account/fee-rate': 5,
  '/v5/account/query-dcp-info': 5,
  '/v5/user/query-api': 5,
};
/** Half of what the exchange allows reads: a second of ours may arrive as less than one of its own. */
const LIMIT = 25;

/** For how long a limit from an answer holds: where it is too low for entries, no later answer would say that it was raised. */
const TOLD_MS = 60_000;

const limitOf = (endpoint: string): number => LIMITS[endpoint] ?? LIMIT;

interface Lane {
  limit: number;
  /** By then it is ours again. */
  limitUntil: number;
  /** When the requests of the last second left, oldest first, and which of them were entries. */
  taken: { readonly at: number; readonly isEntry: boolean }[];
  blockedUntil: number;
}

export class Allowance {
  readonly #lanes = new Map<string, Lane>();

  /** False where the exchange would refuse it now. */
  take(endpoint: string, errand: Errand, now: Ms): boolean {
    if (this.left(endpoint, errand, now) < 1) return false;
    this.#lane(endpoint, now).taken.push({ at: now, isEntry: errand === 'entry' });
    return true;
  }

  left(endpoint: string, errand: Errand, now: Ms): number {
    const lane = this.#lane(endpoint, now);
    if (now < lane.blockedUntil) return 0;
    lane.taken = lane.taken.filter(({ at }) => now - at < WINDOW_MS);
    const all = lane.limit - lane.taken.length;
    if (errand !== 'entry') return Math.max(0, all);
    const entries = Math.floor(lane.limit * ENTRY_PART) - lane.taken.filter(({ isEntry }) => isEntry).length;
    return Math.max(0, Math.min(all, entries));
  }

  /** When the next one fits. */
  freeAt(endpoint: string, errand: Errand, now: Ms): Ms {
    if (this.left(endpoint, errand, now) > 0) return now;
    const lane = this.#lane(endpoint, now);
    return Math.max(lane.blockedUntil, (lane.taken[0]?.at ?? now) + WINDOW_MS) as Ms;
  }

  /** What an answer's headers say: somebody else may draw on the same limit. */
  told(endpoint: string, limit: number, left: number, now: Ms): void {
    const lane = this.#lane(endpoint, now);
    if (limit > 0) {
      lane.limit = Math.min(limitOf(endpoint), limit);
      lane.limitUntil = now + TOLD_MS;
    }
    const unseen = lane.limit - left - lane.taken.filter(({ at }) => now - at < WINDOW_MS).length;
    for (let i = 0; i < unseen; i++) lane.taken.push({ at: now, isEntry: false });
  }

  /** `waitMs`: until its window is over, where the exchange says so. Windows are of a second: what is longer is a clock that has jumped. */
  refused(endpoint: string, waitMs: number, now: Ms): void {
    const lane = this.#lane(endpoint, now);
    lane.blockedUntil = now + (waitMs > 0 ? Math.min(waitMs, WINDOW_MS) : WINDOW_MS);
  }

  #lane(endpoint: string, now: Ms): Lane {
    let lane = this.#lanes.get(endpoint);
    if (lane === undefined) {
      lane = { limit: limitOf(endpoint), limitUntil: Infinity, taken: [], blockedUntil: -Infinity };
      this.#lanes.set(endpoint, lane);
    }
    if (now >= lane.limitUntil) lane.limit = limitOf(endpoint);
    return lane;
  }
}
