// How does one public connection stay alive, and when is it dead?
import { backoffMs } from '../../lib/backoff.ts';
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Rng } from '../../lib/rng.ts';
import type { Budget } from '../budget.ts';
import { startDeadline } from '../deadline.ts';
import type { Dial, Link } from './dial.ts';
import type { Report } from './ports.ts';

export type SocketState = 'waiting' | 'connecting' | 'open' | 'stopped';

export interface SocketOptions {
  readonly name: string;
  readonly url: string;
  readonly dial: Dial;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Shared by every socket to the same host. */
  readonly budget: Budget;
  /** A number that no connection of this process had before (B10). */
  readonly nextConnection: () => number;
  readonly reconnectMsInitial: Ms;
  readonly reconnectMsMax: Ms;
  readonly report: Report;
}

export interface SocketEvents {
  opened(connection: number): void;
  frame(bytes: Uint8Array, connection: number, received: Ms): void;
  closed(connection: number, reason: string): void;
}

/** The dial's own limit is for silence: an answer that trickles in would leave its books without a market for ever. */
const OPEN_MS_MAX = 10_000 as Ms;
const CHECK_MS = 1_000 as Ms;
const PING_MS = 20_000;
/** A connection that was silent this long is pinged before it is judged: a quiet market is not a dead connection. */
const ASK_AFTER_MS = 5_000;
const SILENT_MS_MAX = 10_000;
const HEALTHY_MS = 60_000;
const BUFFERED_BYTES_MAX = 1024 * 1024;
/** Long enough for the loop to read what waits in the sockets, however many timers are due. */
const VERDICT_MS = 100 as Ms;

/** One connection at a time to one URL, dialled again for ever until stopped. */
export class PublicSocket {
  readonly #options: SocketOptions;
  readonly #events: SocketEvents;
  #link: Link | undefined;
  #state: SocketState = 'waiting';
  #connection = 0;
  #failures = 0;
  #frames = 0;
  #reconnects = 0;
  #received = 0;
  #healthySince: number | undefined;
  #pinged = 0;
  #pings = 0;
  #checked = 0;
  #opening: Timer | undefined;
  #checks: Timer | undefined;
  #verdict: Timer | undefined;
  #redial: Timer | undefined;

  constructor(options: SocketOptions, events: SocketEvents) {
    this.#options = options;
    this.#events = events;
  }

  get state(): SocketState {
    return this.#state;
  }
  get connection(): number {
    return this.#connection;
  }
  get frames(): number {
    return this.#frames;
  }
  get reconnects(): number {
    return this.#reconnects;
  }
  /** Monotonic time of the last message of any kind. */
  get received(): Ms {
    return this.#received as Ms;
  }

  start(): void {
    this.#dialWhenAllowed();
  }

  stop(): void {
    this.#state = 'stopped';
    this.#redial?.cancel();
    this.#leave('stopped');
  }

  /** Closes this connection and reconnects with backoff. */
  reconnect(reason: string): void {
    if (this.#state !== 'open' && this.#state !== 'connecting') return;
    this.#leave(reason);
    this.#failed(reason);
  }

  /** False where the connection is not open. */
  send(text: string): boolean {
    if (this.#state !== 'open' || this.#link === undefined) return false;
    this.#link.send(text);
    if (this.#link.buffered() <= BUFFERED_BYTES_MAX) return true;
    this.reconnect('peer reads nothing');
    return false;
  }

  #dialWhenAllowed(): void {
    const { clock, budget, report, name } = this.#options;
    const now = clock.monotonic();
    const at = budget.freeAt(now);
    if (at > now) {
      report('ws.budget_exhausted', 'error', undefined, { socket: name, waitMs: Math.ceil(at - now) });
      this.#redial = clock.after((at - now) as Ms, () => this.#dialWhenAllowed());
      return;
    }
    budget.reserve(now);
    this.#dial();
  }

  #dial(): void {
    const { dial, url, clock, nextConnection } = this.#options;
    const connection = nextConnection();
    this.#connection = connection;
    this.#state = 'connecting';
    this.#opening = startDeadline(clock, OPEN_MS_MAX, () => this.reconnect('not open within 10 s'));
    this.#link = dial(url, {
      open: () => {
        if (connection === this.#connection && this.#state === 'connecting') this.#opened(connection);
      },
      message: (bytes) => {
        // What a terminated socket still had in its buffers belongs to no book any more.
        if (connection !== this.#connection || this.#state !== 'open') return;
        const received = this.#options.clock.monotonic();
        this.#received = received;
        this.#frames++;
        this.#events.frame(bytes, connection, received);
      },
      closed: (reason) => {
        if (connection !== this.#connection || this.#link === undefined) return;
        this.#leave(reason);
        this.#failed(reason);
      },
    });
  }

  #opened(connection: number): void {
    const { clock, report, name } = this.#options;
    const now = clock.monotonic();
    this.#opening?.cancel();
    this.#state = 'open';
    this.#received = now;
    this.#pinged = now;
    this.#checked = now;
    this.#healthySince = undefined;
    this.#checks = clock.every(CHECK_MS, () => this.#check());
    report('ws.open', 'info', undefined, { socket: name, connection });
    this.#events.opened(connection);
  }

  /** Called by the owner for a frame that carried market data: only data makes a connection healthy (W05). */
  proveHealthy(): void {
    this.#healthySince ??= this.#options.clock.monotonic();
  }

  #check(): void {
    const now = this.#options.clock.monotonic();
    // While our own loop stalled nothing was read: that time is not the peer's silence (W02).
    const stalled = now - this.#checked - CHECK_MS;
    if (stalled > CHECK_MS) this.#received = Math.min(now, this.#received + stalled);
    this.#checked = now;
    const silent = now - this.#received;
    if (now - this.#pinged >= PING_MS || (silent >= ASK_AFTER_MS && this.#pinged < this.#received + ASK_AFTER_MS)) {
      this.#pinged = now;
      if (!this.send(`{"req_id":"p${++this.#pings}","op":"ping"}`)) return;
    }
    if (silent < SILENT_MS_MAX || this.#verdict !== undefined) return;
    // Timers run before the sockets of the same turn are read; a later turn knows what was waiting there.
    this.#verdict = this.#options.clock.after(VERDICT_MS, () => {
      this.#verdict = undefined;
      const later = this.#options.clock.monotonic();
      if (later - now <= CHECK_MS && later - this.#received >= SILENT_MS_MAX) this.reconnect('silent');
    });
  }

  #leave(reason: string): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#link = undefined;
    this.#opening?.cancel();
    this.#checks?.cancel();
    this.#verdict?.cancel();
    this.#verdict = undefined;
    link.terminate();
    this.#events.closed(this.#connection, reason);
  }

  #failed(reason: string): void {
    const { clock, rng, reconnectMsInitial, reconnectMsMax, report, name } = this.#options;
    if (this.#state === 'stopped') return;
    this.#state = 'waiting';
    this.#reconnects++;
    if (this.#healthySince !== undefined && this.#received - this.#healthySince >= HEALTHY_MS) this.#failures = 0;
    this.#healthySince = undefined;
    const waitMs = backoffMs(++this.#failures, rng, reconnectMsInitial, reconnectMsMax);
    report('ws.closed', 'warning', undefined, {
      socket: name,
      connection: this.#connection,
      reason,
      failures: this.#failures,
      waitMs,
    });
    this.#redial = clock.after(waitMs, () => this.#dialWhenAllowed());
  }
}
