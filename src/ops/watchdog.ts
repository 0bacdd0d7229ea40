// Is the main thread alive? It sends heartbeats; an independent thread watches them, and ends the process without them (L08).
import { Worker } from 'node:worker_threads';
import { backoffMs } from '../lib/backoff.ts';
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Rng } from '../lib/rng.ts';
import { BEAT_PERIOD, beat, createHeartbeat } from './heartbeat.ts';
import type { Heartbeat } from './heartbeat.ts';

export interface WatchdogOptions {
  /** Takes the report: why, and the stack of the main thread as far as it could be had. */
  readonly reportFile: string;
  /** Without a beat for this long the process ends. */
  readonly silenceMsMax?: Ms;
  /** For the stack and the report together, from the moment that main is given up. */
  readonly lastMs?: Ms;
}

/** What the watching thread gets when it is started. */
export interface WatchOrders {
  readonly heartbeat: Heartbeat;
  readonly reportFile: string;
  readonly silenceMsMax: Ms;
  readonly lastMs: Ms;
}

export interface Watchdog {
  /** Before a clean end: nobody is watched any more. */
  close(): Promise<void>;
}

interface Log {
  error(fields: object, event: string): void;
}

const SILENCE_MS_MAX = 5_000 as Ms;
const LAST_MS = 1_000 as Ms;
const PROGRAM = new URL('../../workers/watchdog.ts', import.meta.url);

class ThreadWatchdog implements Watchdog {
  readonly #orders: WatchOrders;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #log: Log;
  readonly #beating: Timer;
  #worker: Worker | undefined;
  #losses = 0;
  #isClosed = false;

  constructor(options: WatchdogOptions, clock: Clock, rng: Rng, log: Log) {
    const { reportFile, silenceMsMax = SILENCE_MS_MAX, lastMs = LAST_MS } = options;
    this.#orders = { heartbeat: createHeartbeat(), reportFile, silenceMsMax, lastMs };
    this.#clock = clock;
    this.#rng = rng;
    this.#log = log;
    this.#beating = clock.every(BEAT_PERIOD, () => beat(this.#orders.heartbeat));
    this.#start();
  }

  #start(): void {
    const worker = new Worker(PROGRAM, { workerData: this.#orders, name: 'watchdog' });
    worker.unref();
    worker.on('error', (error) => this.#lose(worker, error.message));
    worker.on('exit', (code) => this.#lose(worker, `exit code ${code}`));
    this.#worker = worker;
  }

  #lose(worker: Worker, reason: string): void {
    if (worker !== this.#worker || this.#isClosed) return;
    this.#worker = undefined;
    this.#losses++;
    this.#log.error({ reason, losses: this.#losses }, 'watchdog.lost');
    this.#clock.after(backoffMs(this.#losses, this.#rng), () => {
      if (!this.#isClosed) this.#start();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#beating.cancel();
    await this.#worker?.terminate();
  }
}

export function startWatchdog(options: WatchdogOptions, clock: Clock, rng: Rng, log: Log): Watchdog {
  return new ThreadWatchdog(options, clock, rng, log);
}
