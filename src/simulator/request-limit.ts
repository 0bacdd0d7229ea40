// When does the exchange shut out an address? After 600 requests within five seconds, for ten minutes.
import type { Ms } from '../lib/brand.ts';
import type { Clock } from '../lib/clock.ts';

const REQUESTS_MAX = 600;
const WINDOW_MS = 5_000;
const SHUT_OUT_MS = 600_000;

export class RequestLimit {
  readonly #clock: Clock;
  readonly #times: Ms[] = [];
  #shutUntil = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  admit(): boolean {
    const now = this.#clock.monotonic();
    if (now < this.#shutUntil) return false;
    this.#times.push(now);
    if (this.#times.length > REQUESTS_MAX) {
      const oldest = this.#times.shift() as Ms;
      if (now - oldest < WINDOW_MS) {
        this.#shutUntil = now + SHUT_OUT_MS;
        return false;
      }
    }
    return true;
  }
}
