// What do the sessions of private and trade sockets share? A wire, a host, and the time without a word after which they end.
import type { Clock } from '../../lib/clock.ts';
import type { Rng } from '../../lib/rng.ts';
import type { ApiKey } from '../venue/words.ts';
import type { Office } from './errand.ts';

/** The other end of a connection, as texts. */
export interface Wire {
  send(text: string): void;
  /** The exchange hangs up. */
  close(): void;
}

export interface SessionHost extends Office {
  readonly rng: Rng;
  readonly clock: Clock;
  /** The exchange's own time: that of the clock, where it is not skewed. */
  nowMs(): number;
  /** How many trade sessions of this account are logged in. */
  sessionsOf(uid: number): number;
  /** False where this account has used this request id before. */
  firstUse(uid: number, reqId: string): boolean;
}

export interface Session {
  receive(text: string): void;
  /** Whom this connection is logged in as. */
  readonly key: ApiKey | undefined;
  readonly idle: Idle;
}

const IDLE_MS = 600_000;
const IDLE_MS_MIN = 30_000;

/** How long a connection may be silent: `max_active_time` of its address, ten minutes without one. */
export class Idle {
  readonly #most: number;
  #sinceMs: number;

  constructor(text: string | undefined, nowMs: number) {
    const match = /^(\d{1,3})([sm])$/.exec(text ?? '');
    const ms = match === null ? IDLE_MS : Number(match[1]) * (match[2] === 'm' ? 60_000 : 1_000);
    this.#most = Math.min(IDLE_MS, Math.max(IDLE_MS_MIN, ms));
    this.#sinceMs = nowMs;
  }

  heard(nowMs: number): void {
    this.#sinceMs = nowMs;
  }

  over(nowMs: number): boolean {
    return nowMs - this.#sinceMs >= this.#most;
  }
}
