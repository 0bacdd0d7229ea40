// Is the database there? Connects, brings the schema up, keeps partitions, sums and coin parameters fresh, comes back.
import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import { backoffMs } from '../../lib/backoff.ts';
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { messageOf } from '../../lib/error-message.ts';
import type { Rng } from '../../lib/rng.ts';
import type { CoinParameters } from '../read/coin-parameters.ts';
import { readCoinParameters } from '../read/coin-parameters.ts';
import { causeOf, remedyOf, saysLittle } from '../cause.ts';
import { isBug, StoreError } from '../error.ts';
import type { Log } from '../../lib/log.ts';
import { migrate, MIGRATION_MS_MAX, migrationStatus } from './migrate.ts';
import { keepUp, rollUp } from './retention.ts';
import { connectClient, destroyClient, shareTables } from '../session.ts';
import type { Row } from '../rows/rows.ts';
import type { StoreSettings } from '../settings.ts';

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
  readonly #settings: StoreSettings;
  #client: pg.Client | undefined;
  /** Since the database last did a piece of work. */
  #failures = 0;
  #isProved = false;
  /** Why the connection went, where that says little: what fails next may say more. */
  #untold: object | undefined;
  /** Clients of long work, and the one that is being made ready. */
  readonly #apart = new Set<pg.Client>();
  /** Exchange time of the newest row written that bears one; 0 before the first. */
  #newest = 0 as Ms;
  #retry: Timer | undefined;
  #timers: Timer[] = [];
  #closed = false;
  /** One piece of work at a time: the transactions of two would mix on the one client. */
  #turn: Promise<unknown> = Promise.resolve();
  /** As last told; before that nobody knows what a thread before us has told. */
  #parameters: ReadonlyMap<string, CoinParameters> | undefined;

  constructor(
    connection: pg.ClientConfig,
    settings: StoreSettings,
    clock: Clock,
    rng: Rng,
    log: Log,
    events: DatabaseEvents,
  ) {
    this.#connection = connection;
    this.#settings = settings;
    this.#clock = clock;
    this.#rng = rng;
    this.#log = log;
    this.#events = events;
  }

  get connected(): boolean {
    return this.#client !== undefined;
  }

  /** Resolves after the first attempt, with a fault that only a person can repair, if any; goes on trying for ever. */
  async open(): Promise<StoreError | undefined> {
    this.#timers = [
      this.#clock.every(UPKEEP_MS, () => void this.#maintain()),
      this.#clock.every(PARAMETERS_MS, () => void this.use((client) => this.#readParameters(client))),
    ];
    return this.#connect();
  }

  /** Undefined: it is not there, or went away meanwhile. Faults of rows are the caller's to handle; a bug is thrown on. */
  async use<T>(work: (client: pg.Client) => Promise<T>): Promise<T | undefined> {
    const turn = this.#turn.then(async () => {
      const client = this.#client;
      if (client === undefined) return undefined;
      try {
        const answer = await work(client);
        this.#prove();
        return answer;
      } catch (error) {
        if (isBug(error)) throw error;
        this.#lose(client, error);
        return undefined;
      }
    });
    this.#turn = turn;
    return turn;
  }

  /** What the market tells is how we know of what time the days and hours are that are over. */
  wrote(rows: readonly Row[]): void {
    const isFirst = this.#newest === 0;
    for (const row of rows) {
      const isOfMarket = row.table === 'signals' || row.table === 'orderbook_snapshots';
      if (isOfMarket && row.time > this.#newest) this.#newest = row.time;
    }
    if (isFirst && this.#newest > 0) void this.#maintain();
  }

  async #connect(): Promise<StoreError | undefined> {
    let client: pg.Client | undefined;
    try {
      const lost = (error: Error): void => this.#lose(client, error);
      client = await connectClient(this.#connection, lost, this.#settings.statementMsMax);
      if (this.#closed) {
        destroyClient(client);
        return undefined;
      }
      this.#apart.add(client);
      await shareTables(client);
      await this.#prepareSchema(client);
      client.on('notification', () => void this.use((listening) => this.#readParameters(listening)));
      await client.query('LISTEN coin_parameters');
      await this.#readParameters(client);
      this.#apart.delete(client);
      this.#client = client;
      this.#isProved = false;
      if (this.#failures === 0) this.#prove();
      this.#events.connected(true);
      return undefined;
    } catch (error) {
      if (client !== undefined) {
        this.#apart.delete(client);
        destroyClient(client);
      }
      if (isBug(error)) throw error;
      this.#tryAgain(error);
      return error instanceof StoreError && !error.retry ? error : undefined;
    }
  }

  /** A server that lets us in and then fails at every row is not back: the outage ends with the first work that is done. */
  #prove(): void {
    if (this.#isProved) return;
    this.#isProved = true;
    if (this.#untold !== undefined) this.#log.warn(this.#untold, 'database.unreachable');
    this.#untold = undefined;
    this.#log.info({ failures: this.#failures }, 'database.connected');
    this.#failures = 0;
    void this.#rollUp();
  }

  /** On a client of its own: what is long by nature may take longer than a statement of the write path. */
  async #alone<T>(work: (client: pg.Client) => Promise<T>, statementMsMax = SCHEMA_MS_MAX): Promise<T> {
    const client = await connectClient(this.#connection, () => undefined, statementMsMax);
    this.#apart.add(client);
    try {
      return await work(client);
    } finally {
      this.#apart.delete(client);
      destroyClient(client);
    }
  }

  async #prepareSchema(client: pg.Client): Promise<void> {
    const isBehind = (await migrationStatus(client)).some(({ appliedAt }) => appliedAt === undefined);
    // Of a large database it may be the last word for a while.
    const begin = (missing: readonly string[]): void => this.#log.info({ missing }, 'database.migrating');
    const work = async (apart: pg.Client): Promise<void> => {
      const applied = await migrate(apart, 'up', undefined, begin);
      if (applied.length > 0) this.#log.info({ applied }, 'database.migrated');
      await this.#keepUp(apart);
    };
    await this.#alone(work, isBehind ? MIGRATION_MS_MAX : SCHEMA_MS_MAX);
  }

  /** Partitions of the coming days are there already when this fails; it is tried again an hour later, or on connecting. */
  async #maintain(): Promise<void> {
    if (this.#client === undefined) return;
    // Before days are dropped: of an hour that nobody has summed up nothing would be left.
    await this.#rollUp();
    try {
      await this.#alone((client) => this.#keepUp(client));
    } catch (error) {
      this.#tellAside(error, 'database.upkeep-failed');
    }
  }

  async #rollUp(): Promise<void> {
    if (this.#newest === 0) return;
    // By a calendar that is years ahead no hour would have its rows any more.
    const now = Math.min(this.#clock.wall(), this.#newest) as Ms;
    try {
      const hours = await this.#alone((client) => rollUp(client, now, this.#settings.keepDays));
      if (hours > 0) this.#log.info({ hours }, 'database.rolled-up');
    } catch (error) {
      // The marks stand: readers sum these hours themselves until another round does it.
      this.#tellAside(error, 'database.rollup-failed');
    }
  }

  /** A loss of the server is reported by the client that writes. */
  #tellAside(error: unknown, event: string): void {
    if (isBug(error)) throw error;
    const cause = causeOf(error);
    const level = this.#closed || saysLittle(cause) ? 'debug' : 'warn';
    this.#log[level]({ cause, reason: messageOf(error) }, event);
  }

  async #keepUp(client: pg.ClientBase): Promise<void> {
    const upkeep = await keepUp(client, this.#clock.wall(), this.#settings.keepDays, this.#newest);
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
    this.#tryAgain(error, true);
  }

  #tryAgain(error: unknown, isLoss = false): void {
    if (this.#closed) return;
    this.#failures++;
    const delay = backoffMs(this.#failures, this.#rng, 500, 10_000);
    const cause = causeOf(error);
    const fields = { cause, reason: messageOf(error), remedy: remedyOf(cause), failures: this.#failures, delay };
    // An outage is said once, and then from time to time.
    const isNews = this.#failures === 1 || this.#failures % 10 === 0 || this.#untold !== undefined;
    this.#untold = isLoss && this.#failures === 1 && saysLittle(cause) ? fields : undefined;
    const isRefused = error instanceof StoreError && !error.retry;
    const level = isNews && this.#untold === undefined ? 'warn' : 'debug';
    this.#log[level](fields, isRefused ? 'database.refused' : 'database.unreachable');
    this.#retry = this.#clock.after(delay, () => void this.#connect());
  }

  /** Cuts off whatever is under way: the work then fails and its rows go to the spool. */
  abandon(): void {
    this.#closed = true;
    this.#retry?.cancel();
    for (const timer of this.#timers) timer.cancel();
    for (const apart of this.#apart) destroyClient(apart);
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
