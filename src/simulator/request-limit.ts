// When does the exchange shut out an address? After 600 requests within five seconds, or 500 new sockets within five minutes.
import type { Ms } from '../lib/brand.ts';
import type { Clock } from '../lib/clock.ts';
import { jsonAnswer } from './http.ts';

export interface Allowance {
  readonly most: number;
  readonly windowMs: number;
  /** How long nobody is admitted who had too many. */
  readonly shutOutMs: number;
}

export const REQUESTS: Allowance = { most: 600, windowMs: 5_000, shutOutMs: 600_000 };
export const SOCKETS: Allowance = { most: 500, windowMs: 300_000, shutOutMs: 0 };

/** What an address gets that has asked too often. */
export const SHUT_OUT = jsonAnswer({ retCode: 403, retMsg: 'access too frequent' }, 403);

export class RequestLimit {
  readonly #clock: Clock;
  readonly #allowance: Allowance;
  readonly #times: Ms[] = [];
  #shutUntil = 0;

  constructor(clock: Clock, allowance: Allowance) {
    this.#clock = clock;
    this.#allowance = allowance;
  }

  admit(): boolean {
    const { most, windowMs, shutOutMs } = this.#allowance;
    const now = this.#clock.monotonic();
    if (now < this.#shutUntil) return false;
    this.#times.push(now);
    if (this.#times.length > most) {
      const oldest = this.#times.shift() as Ms;
      if (now - oldest < windowMs) {
        this.#shutUntil = now + shutOutMs;
        return false;
      }
    }
    return true;
  }
}
