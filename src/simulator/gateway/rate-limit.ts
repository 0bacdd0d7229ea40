// How many requests may an account still make of an endpoint this second? A rolling second per uid and bucket.

const WINDOW_MS = 1_000;

export interface Quota {
  readonly admitted: boolean;
  readonly limit: number;
  readonly left: number;
  /** When the next request fits, where none does; now, where one does. */
  readonly resetMs: number;
}

export class RateLimit {
  /** Times of the requests of the last second, oldest first. */
  readonly #times = new Map<string, number[]>();

  /** Takes `count` at once or none: a batch counts each of its orders. */
  take(uid: number, bucket: string, limit: number, nowMs: number, count = 1): Quota {
    const name = `${uid} ${bucket}`;
    // What lies ahead was counted before the exchange's clock was set back.
    const times = (this.#times.get(name) ?? []).filter((at) => at <= nowMs && nowMs - at < WINDOW_MS);
    this.#times.set(name, times);
    if (times.length + count > limit) {
      // As many must grow old as there are too many; a batch that never fits waits for all of them.
      const first = times[Math.min(times.length, times.length + count - limit) - 1] ?? nowMs;
      return { admitted: false, limit, left: Math.max(0, limit - times.length), resetMs: first + WINDOW_MS };
    }
    for (let i = 0; i < count; i++) times.push(nowMs);
    return { admitted: true, limit, left: limit - times.length, resetMs: nowMs };
  }
}

export function quotaHeaders({ limit, left, resetMs }: Quota): Record<string, string> {
  return {
    'X-Bapi-Limit': String(limit),
    'X-Bapi-Limit-Status': String(left),
    'X-Bapi-Limit-Reset-Timestamp': String(resetMs),
  };
}
