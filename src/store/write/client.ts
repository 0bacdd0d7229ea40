// How are rows stored? The engine hands them over and never waits; the storage thread does the rest.
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type pg from 'pg';
import { backoffMs } from '../../lib/backoff.ts';
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { systemClock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/error-message.ts';
import { createRng } from '../../lib/rng.ts';
import type { CoinParameters } from '../read/coin-parameters.ts';
import { Counters } from './counters.ts';
import { isBug, StoreError } from '../error.ts';
import type { Log } from '../../lib/log.ts';
import { OPEN_MS_MAX, type FromThread, type ThreadOptions, type ToThread } from './protocol.ts';
import { RowQueue } from './queue.ts';
import type { Row, Table } from '../rows/rows.ts';
import { TABLES } from '../rows/rows.ts';
import { STORE_DEFAULTS, type StoreSettings } from '../settings.ts';
import { Spool } from './spool.ts';

export interface StoreOptions {
  readonly connection: pg.ClientConfig;
  /** The spool is `<stateDir>/spool`. */
  readonly stateDir: string;
  /** Of the `database` section (`storeSettings`); what is left out has its default. */
  readonly settings?: Partial<StoreSettings>;
  /** A database that refuses our rows is told by `refusal`, and is spooled for like one that is away. */
  readonly mayRefuse?: boolean;
}

export interface StoreStats {
  /** Rows in memory. */
  readonly queued: number;
  /** Rows on disk that the database does not have yet. */
  readonly spooled: number;
  readonly written: Record<Table, number>;
  /** Shed, or refused by the database (those are in `<stateDir>/spool/rejected.jsonl`). */
  readonly dropped: Record<Table, number>;
  /** As it was last; after `close` as it was then. */
  readonly connected: boolean;
}

export interface Store {
  /** Why the database, as a person has set it up, takes no rows of ours. */
  readonly refusal?: StoreError | undefined;
  /** Returns at once; trouble with the database is no trouble of the caller. */
  write(rows: readonly Row[]): void;
  stats(): StoreStats;
  /** Overrides per symbol, as last read; empty until the database has answered. */
  coinParameters(): ReadonlyMap<string, CoinParameters>;
  /** Writes what is left; what the deadline cuts off is spooled and written at the next start. */
  close(deadlineMs?: number): Promise<StoreStats>;
}

const BATCH_ROWS_MAX = 500;
const LINGER_MS = 50 as Ms;
const CLOSE_MS_MAX = 5_000;
const END_MS_MAX = 3_000 as Ms;
/** A thread that has lived so long does not die of what its predecessor did. */
const PROVED_MS = 60_000;
const PROGRAM = new URL('../../../workers/store.ts', import.meta.url);

class StoreClient implements Store {
  refusal?: StoreError | undefined;
  readonly #options: StoreOptions;
  readonly #clock: Clock;
  /** Spreads the retries of several engines. */
  readonly #rng = createRng(process.pid);
  readonly #log: Log;
  readonly #queue = new RowQueue();
  readonly #counters = new Counters();
  readonly #spoolDir: string;
  readonly #settings: StoreSettings;
  #worker: Worker | undefined;
  #inFlight = false;
  #linger: Timer | undefined;
  #restart: Timer | undefined;
  #losses = 0;
  #startedAt = 0;
  #parameters: ReadonlyMap<string, CoinParameters> = new Map();
  #closing = false;
  #hurried = false;
  #endSent = false;
  readonly #ended = Promise.withResolvers<void>();
  readonly #opened = Promise.withResolvers<StoreError | undefined>();

  constructor(options: StoreOptions, clock: Clock, log: Log) {
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
    this.#settings = { ...STORE_DEFAULTS, ...options.settings };
    this.#spoolDir = join(options.stateDir, 'spool');
    this.#startThread();
  }

  /** Until the database has let us in, or refused; one that is merely away is not waited for. */
  async opened(): Promise<void> {
    const limit = this.#clock.after(OPEN_MS_MAX, () => this.#opened.resolve(undefined));
    this.refusal = await this.#opened.promise;
    limit.cancel();
  }

  #startThread(): void {
    const workerData: ThreadOptions = {
      connection: this.#options.connection,
      spoolDir: this.#spoolDir,
      settings: this.#settings,
      seed: this.#rng.below(2 ** 31),
      counters: this.#counters.memory,
    };
    this.#startedAt = this.#clock.monotonic();
    const worker = new Worker(PROGRAM, { workerData, name: 'store' });
    this.#worker = worker;
    worker.on('message', (message: FromThread) => this.#receive(message));
    worker.on('error', (error) => this.#lose(worker, isBug(error) ? String(error.stack) : messageOf(error)));
    worker.on('exit', (code) => this.#lose(worker, `exit code ${code}`));
  }

  /** Its batch is still in the queue and is sent to the next thread: the keys see to it that nothing doubles. */
  #lose(worker: Worker, reason: string): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    this.#counters.connected = false;
    this.#inFlight = false;
    if (this.#closing) return this.#ended.resolve();
    this.#losses++;
    const delay = backoffMs(this.#losses, this.#rng);
    this.#log.error({ reason, losses: this.#losses, delay }, 'store.thread-lost');
    this.#restart = this.#clock.after(delay, () => {
      this.#startThread();
      this.#pump();
    });
  }

  #receive(message: FromThread): void {
    switch (message.kind) {
      case 'opened': {
        const { refusal } = message;
        return this.#opened.resolve(refusal && new StoreError(refusal.code, refusal.message, false));
      }
      case 'settled':
        this.#queue.settle();
        this.#inFlight = false;
        if (this.#clock.monotonic() - this.#startedAt >= PROVED_MS) this.#losses = 0;
        return this.#pump();
      case 'coin-parameters':
        this.#parameters = message.parameters;
        return;
      case 'log':
        return this.#log[message.level](message.fields, message.event);
      case 'ended':
        return this.#ended.resolve();
    }
  }

  #post(message: ToThread): void {
    this.#worker?.postMessage(message);
  }

  #pump(): void {
    this.#linger?.cancel();
    this.#linger = undefined;
    if (this.#worker === undefined || this.#inFlight) return;
    const rows = this.#queue.take(BATCH_ROWS_MAX);
    if (rows.length > 0) {
      this.#inFlight = true;
      return this.#post({ kind: 'batch', rows });
    }
    if (!this.#closing || this.#endSent) return;
    this.#endSent = true;
    this.#post({ kind: 'end' });
  }

  write(rows: readonly Row[]): void {
    for (const row of rows) this.#queue.push(row);
    if (this.#queue.size >= BATCH_ROWS_MAX) return this.#pump();
    // Rows come in ones and twos; a moment later they go as one transaction.
    this.#linger ??= this.#clock.after(LINGER_MS, () => {
      this.#linger = undefined;
      this.#pump();
    });
  }

  stats(): StoreStats {
    const dropped = this.#counters.dropped();
    for (const table of TABLES) dropped[table] += this.#queue.dropped[table];
    return {
      queued: this.#queue.size,
      spooled: this.#counters.spooled,
      written: this.#counters.written(),
      dropped,
      connected: this.#counters.connected,
    };
  }

  coinParameters(): ReadonlyMap<string, CoinParameters> {
    return this.#parameters;
  }

  async close(deadlineMs = CLOSE_MS_MAX): Promise<StoreStats> {
    if (!this.#closing) {
      this.#closing = true;
      this.#restart?.cancel();
      const deadline = this.#clock.after(deadlineMs as Ms, () => this.#hurry());
      if (this.#worker === undefined) this.#ended.resolve();
      this.#pump();
      await this.#ended.promise;
      deadline.cancel();
      await this.#dismiss();
    }
    return this.stats();
  }

  #hurry(): void {
    if (this.#hurried) return;
    this.#hurried = true;
    this.#post({ kind: 'hurry' });
    const limit = this.#clock.after(END_MS_MAX, () => this.#ended.resolve());
    void this.#ended.promise.then(() => limit.cancel());
  }

  /** A thread that hangs is ended; what it never took is spooled here, now that nobody else writes there. */
  async #dismiss(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
    if (this.#queue.size === 0) return;
    try {
      const spool = new Spool(this.#spoolDir, this.#settings.spoolBytesMax);
      this.#empty((rows) => spool.keep(rows));
      this.#counters.spooled = spool.rows;
      spool.close();
    } catch (error) {
      this.#log.error({ rows: this.#queue.size, reason: messageOf(error) }, 'spool.failed');
      this.#empty((rows) => rows);
    }
  }

  /** `keep` answers the rows that it does not take. */
  #empty(keep: (rows: readonly Row[]) => readonly Row[]): void {
    for (let rows = this.#queue.take(BATCH_ROWS_MAX); rows.length > 0; rows = this.#queue.take(BATCH_ROWS_MAX)) {
      for (const row of keep(rows)) this.#counters.addDropped(row.table);
      this.#queue.settle();
    }
  }
}

/**
 * With the database down rows are spooled until it is there. Refused with a `StoreError`, but where it `mayRefuse`, only when it is
 * there and will never take our rows: one of a newer version, or without the rights.
 */
export async function openStore(options: StoreOptions, log: Log, clock: Clock = systemClock): Promise<Store> {
  const store = new StoreClient(options, clock, log);
  await store.opened();
  if (store.refusal === undefined || options.mayRefuse === true) return store;
  await store.close();
  throw store.refusal;
}
