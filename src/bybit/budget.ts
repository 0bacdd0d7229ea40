// May we do this once more without angering the exchange?
import type { Ms } from '../lib/brand.ts';

/**
 * At most `count` in any stretch of `period`. One budget is shared by all who draw on the same limit: 60 connects in
 * 5 minutes, 300 REST calls in 5 s, 5 resyncs a second.
 */
export class Budget {
  readonly #grants: Float64Array;
  readonly #period: number;
  #oldest = 0;

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
}
