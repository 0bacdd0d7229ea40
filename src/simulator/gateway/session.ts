// What do the sessions of private and trade sockets share? A wire, a host, a login, and how long they may be idle.
import type { Clock } from '../../lib/clock.ts';
import type { Rng } from '../../lib/rng.ts';
import type { ApiKey } from '../venue/model.ts';
import type { Params } from '../venue/venue.ts';
import { readObject } from './json.ts';
import type { RequestContext } from './signed-request.ts';

/** The other end of a connection, as texts. */
export interface Wire {
  send(text: string): void;
  /** The exchange hangs up. */
  close(): void;
}

export interface SessionHost extends RequestContext {
  readonly rng: Rng;
  readonly clock: Clock;
  /** The exchange's own time: that of the clock, where it is not skewed. */
  nowMs(): number;
  /** How many trade sessions of this account are logged in. */
  sessionsOf(uid: number): number;
  /** False where this account has used this request id before. */
  firstUse(uid: number, reqId: string): boolean;
}

const IDLE_MS = 600_000;
const IDLE_MS_MIN = 30_000;

/** How long a connection may be silent: `max_active_time` of its address, ten minutes without one. Times are monotonic. */
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

/** One connection that a key logs in on. */
export abstract class Session {
  readonly idle: Idle;
  protected readonly host: SessionHost;
  protected readonly wire: Wire;
  protected readonly id: string;
  /** Whom this connection is logged in as. */
  key: ApiKey | undefined;

  constructor(host: SessionHost, wire: Wire, idle: Idle, id: string) {
    this.host = host;
    this.wire = wire;
    this.idle = idle;
    this.id = id;
  }

  receive(text: string): void {
    this.idle.heard(this.host.clock.monotonic());
    this.take(readObject(text) ?? {});
  }

  /** A text that is no JSON object is an empty request. */
  protected abstract take(request: Params): void;
}
