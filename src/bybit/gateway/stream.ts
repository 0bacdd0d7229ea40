// How does one logged-in stream stay up? One wire at a time, dialled again by backoff and budget until stopped.
import { backoffMs } from '../../lib/backoff.ts';
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Rng } from '../../lib/rng.ts';
import type { Budget } from '../budget.ts';
import type { Log } from '../../lib/log.ts';
import { Heartbeat } from './heartbeat.ts';
import type { StreamEnd, StreamName, StreamWire, Wires } from './wires.ts';

export interface StreamOptions {
  readonly name: StreamName;
  readonly wires: Wires;
  readonly clock: Clock;
  readonly rng: Rng;
  /** New connections in five minutes, over all sockets to the exchange (W04). */
  readonly connects: Budget;
  /** A login was refused: it may be for the time that it said. */
  readonly clockWrong: () => void;
  readonly log: Log;
}

export interface StreamListener {
  up(): void;
  /** Also for each dial that failed. */
  down(reason: string): void;
  text(text: string): void;
}

/** Dial, handshake, login and subscription together. */
const READY_MS = 10_000 as Ms;
const HEALTHY_MS = 60_000;
/** Three tries in ten minutes: a refused login is refused again (W06), but for one whose time is put right meanwhile (O17). */
const REFUSED_SOON_MS = 5_000 as Ms;
const REFUSED_MS = 300_000 as Ms;

export class Stream {
  readonly #options: StreamOptions;
  readonly #listener: StreamListener;
  #wire: StreamWire | undefined;
  #heartbeat: Heartbeat | undefined;
  #timer: Timer | undefined;
  #readySince: number | undefined;
  #failures = 0;
  #refusals = 0;
  #dials = 0;

  constructor(options: StreamOptions, listener: StreamListener) {
    this.#options = options;
    this.#listener = listener;
  }

  get isUp(): boolean {
    return this.#readySince !== undefined;
  }

  start(): void {
    this.#dialWhenAllowed();
  }

  stop(): void {
    this.#leave();
  }

  /** Ends this connection and dials anew by the rules of backoff. */
  restart(reason: string): void {
    if (this.#wire !== undefined) this.#ended({ reason, isRefused: false });
  }

  /** False where it has not left: the stream is of no use then, and whoever tried restarts it. */
  send(text: string): boolean {
    return this.isUp && this.#wire?.send(text) === true;
  }

  #dialWhenAllowed(): void {
    const { clock, connects, log, name } = this.#options;
    const now = clock.monotonic();
    const at = connects.freeAt(now);
    if (at > now) {
      log.error({ stream: name, waitMs: Math.ceil(at - now) }, 'ws.budget_exhausted');
      this.#timer = clock.after((at - now) as Ms, () => this.#dialWhenAllowed());
      return;
    }
    connects.reserve(now);
    this.#dial();
  }

  #dial(): void {
    const { wires, name, clock } = this.#options;
    const dial = ++this.#dials;
    // What an abandoned wire still has to say concerns nobody.
    const current = (act: () => void): void => {
      if (dial === this.#dials && this.#wire !== undefined) act();
    };
    this.#timer = clock.after(READY_MS, () => this.restart('no login within 10 s'));
    this.#wire = wires.open(name, {
      ready: () => current(() => this.#ready()),
      text: (text) =>
        current(() => {
          this.#heartbeat?.heard();
          this.#listener.text(text);
        }),
      closed: (end) => current(() => this.#ended(end)),
    });
  }

  #ready(): void {
    const { clock, log, name } = this.#options;
    this.#timer?.cancel();
    this.#readySince = clock.monotonic();
    this.#heartbeat = new Heartbeat(
      clock,
      () => {
        if (!this.send('{"op":"ping"}')) this.restart('peer reads nothing');
      },
      () => this.restart('silent'),
    );
    this.#refusals = 0;
    log.info({ stream: name }, 'ws.open');
    this.#listener.up();
  }

  #ended({ reason, isRefused }: StreamEnd): void {
    const { clock, log, name } = this.#options;
    const since = this.#readySince;
    this.#leave();
    if (since !== undefined && clock.monotonic() - since >= HEALTHY_MS) this.#failures = 0;
    const waitMs = isRefused ? this.#refused() : backoffMs(++this.#failures, this.#options.rng);
    if (isRefused) log.error({ stream: name, reason, waitMs }, 'gateway.login_refused');
    else log.warn({ stream: name, reason, failures: this.#failures, waitMs }, 'ws.closed');
    this.#timer = clock.after(waitMs, () => this.#dialWhenAllowed());
    this.#listener.down(reason);
  }

  /** How long to wait then. */
  #refused(): Ms {
    if (this.#refusals === 0) this.#options.clockWrong();
    return this.#refusals++ === 0 ? REFUSED_SOON_MS : REFUSED_MS;
  }

  #leave(): void {
    const wire = this.#wire;
    this.#wire = undefined;
    this.#readySince = undefined;
    this.#timer?.cancel();
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    wire?.end();
  }
}
