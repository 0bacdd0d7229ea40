// May we do this once more within the exchange's rate limit?
import type { Ms } from '../lib/brand.ts';

/** The exchange's own release time for an address that asked too often. */
const SILENCE_MS = 600_000;

/**
 * At most `count` in any stretch of `period`. One budget is shared by all who draw on the same limit: 60 connects in
 * 5 minutes, 300 REST calls in 5 s, 5 resyncs a second.
 */
export class Budget {
  readonly #grants: Float64Array;
  readonly #period: number;
  #oldest = 0;
  #silentUntil = -Infinity;

  constructor(count: number, period: Ms) {
    this.#grants = new Float64Array(count).fill(-Infinity);
    this.#period = period;
  }

  /** When one more is allowed: now, or later. */
  freeAt(now: Ms): Ms {
    return Math.max(now, (this.#grants[this.#oldest] as number) + this.#period) as Ms;
  }

  /** Books the next free moment and returns it. */
  reserve(now: Ms): Ms {
    const at = this.freeAt(now);
    this.#grants[this.#oldest] = at;
    this.#oldest = (this.#oldest + 1) % this.#grants.length;
    return at;
  }

  /** The exchange has banned our address for a while: that holds for everybody who shares the budget. */
  silence(now: Ms): void {
    this.#silentUntil = now + SILENCE_MS;
  }

  /** How much longer no request may be sent; 0 where one may. */
  silentMs(now: Ms): number {
    return Math.max(0, this.#silentUntil - now);
  }
}
