// Is the database there? Connects, brings the schema up, keeps partitions and coin parameters fresh, comes back.
import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import { backoffMs } from '../lib/backoff.ts';
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Rng } from '../lib/rng.ts';
import type { CoinParameters } from './coin-parameters.ts';
import { readCoinParameters } from './coin-parameters.ts';
import { StoreError, messageOf } from './error.ts';
import type { Log } from './log.ts';
import { migrate } from './migrate.ts';
import { keepUp } from './retention.ts';
import { connectClient, destroyClient } from './session.ts';

const UPKEEP_MS = 3_600_000 as Ms;
const PARAMETERS_MS = 30_000 as Ms;
const SCHEMA_MS_MAX = 60_000;

export interface DatabaseEvents {
  connected(is: boolean): void;
  coinParameters(parameters: ReadonlyMap<string, CoinParameters>): void;
}

export class Database {
  readonly #connection: pg.ClientConfig;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #log: Log;
  readonly #events: DatabaseEvents;
  #client: pg.Client | undefined;
  #failures = 0;
  #retry: Timer | undefined;
  #timers: Timer[] = [];
  #closed = false;
  /** One piece of work at a time: the transactions of two would mix on the one client. */
  #turn: Promise<unknown> = Promise.resolve();
  #parameters: ReadonlyMap<string, CoinParameters> = new Map();

  constructor(connection: pg.ClientConfig, clock: Clock, rng: Rng, log: Log, events: DatabaseEvents) {
    this.#connection = connection;
    this.#clock = clock;
    this.#rng = rng;
    this.#log = log;
    this.#events = events;
  }

  get connected(): boolean {
    return this.#client !== undefined;
  }

  /** Resolves after the first attempt and goes on trying for ever; answers what only a person can mend. */
  async open(): Promise<StoreError | undefined> {
    this.#timers = [
      this.#clock.every(UPKEEP_MS, () => void this.use((client) => this.#keepUp(client))),
      this.#clock.every(PARAMETERS_MS, () => void this.use((client) => this.#readParameters(client))),
    ];
    return this.#connect();
  }

  /** Undefined: it is not there, or went away meanwhile. Faults of rows are the caller's to handle. */
  async use<T>(work: (client: pg.Client) => Promise<T>): Promise<T | undefined> {
    const turn = this.#turn.then(async () => {
      const client = this.#client;
      if (client === undefined) return undefined;
      try {
        return await work(client);
      } catch (error) {
        this.#lose(client, error);
        return undefined;
      }
    });
    this.#turn = turn;
    return turn;
  }

  async #connect(): Promise<StoreError | undefined> {
    try {
      await this.#prepareSchema();
      const client = await connectClient(this.#connection, (error) => this.#lose(client, error));
      if (this.#closed) {
        destroyClient(client);
        return undefined;
      }
      await this.#readParameters(client);
      this.#client = client;
      this.#log.info({ failures: this.#failures }, 'database.connected');
      this.#failures = 0;
      this.#events.connected(true);
      return undefined;
    } catch (error) {
      this.#tryAgain(error);
      return error instanceof StoreError && !error.retry ? error : undefined;
    }
  }

  /** On a client of its own: a migration may take longer than any other statement is allowed to. */
  async #prepareSchema(): Promise<void> {
    const client = await connectClient(this.#connection, () => undefined, SCHEMA_MS_MAX);
    try {
      const applied = await migrate(client, 'up');
      if (applied.length > 0) this.#log.info({ applied }, 'database.migrated');
      await this.#keepUp(client);
    } finally {
      destroyClient(client);
    }
  }

  async #keepUp(client: pg.ClientBase): Promise<void> {
    const upkeep = await keepUp(client, this.#clock.wall());
    if (upkeep.made + upkeep.dropped > 0) this.#log.info(upkeep, 'database.partitions');
  }

  async #readParameters(client: pg.ClientBase): Promise<void> {
    const parameters = await readCoinParameters(client);
    if (isDeepStrictEqual(parameters, this.#parameters)) return;
    this.#parameters = parameters;
    this.#events.coinParameters(parameters);
  }

  #lose(client: pg.Client | undefined, error: unknown): void {
    if (client === undefined || client !== this.#client) return;
    this.#client = undefined;
    destroyClient(client);
    this.#events.connected(false);
    this.#tryAgain(error);
  }

  #tryAgain(error: unknown): void {
    if (this.#closed) return;
    this.#failures++;
    const delay = backoffMs(this.#failures, this.#rng, 500, 10_000);
    const fields = { reason: messageOf(error), failures: this.#failures, delay };
    // An outage is said once, and then from time to time.
    const isNews = this.#failures === 1 || this.#failures % 10 === 0;
    const isRefused = error instanceof StoreError && !error.retry;
    this.#log[isNews ? 'warn' : 'debug'](fields, isRefused ? 'database.refused' : 'database.unreachable');
    this.#retry = this.#clock.after(delay, () => void this.#connect());
  }

  /** Cuts off whatever is under way: the work then fails and its rows go to the spool. */
  abandon(): void {
    this.#closed = true;
    this.#retry?.cancel();
    for (const timer of this.#timers) timer.cancel();
    const client = this.#client;
    if (client === undefined) return;
    this.#client = undefined;
    destroyClient(client);
    this.#events.connected(false);
  }

  async close(): Promise<void> {
    await this.#turn;
    const client = this.#client;
    this.#client = undefined;
    this.abandon();
    await client?.end();
  }
}
