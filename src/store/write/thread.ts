// What becomes of a batch? The database takes it, or the spool does until the database is back. Runs in the storage thread.
import { appendFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import type { Ms } from '../../lib/brand.ts';
import { pause, type Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/error-message.ts';
import { createRng } from '../../lib/rng.ts';
import { Counters } from './counters.ts';
import { Database } from './database.ts';
import { DiskRoom, freeBytes } from './disk-room.ts';
import type { Log, LogLevel } from '../../lib/log.ts';
import { OPEN_MS_MAX, type FromThread, type ThreadOptions, type ToThread } from './protocol.ts';
import type { Row } from '../rows/rows.ts';
import { SHED_NEVER, shedRank } from '../rows/rows.ts';
import type { StoreSettings } from '../settings.ts';
import { Spool } from './spool.ts';
import type { Rejected } from './writer.ts';
import { writeRows } from './writer.ts';

/** Of one transaction on the way back. */
const DRAIN_ROWS_MAX = 500;
const DISK_RETRY_MS = 1_000 as Ms;
/** As much again stands in the file before it. */
const REJECTED_BYTES_MAX = 16 << 20;

class StorageThread {
  readonly #port: MessagePort;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #counters: Counters;
  readonly #spool: Spool;
  readonly #database: Database;
  readonly #rejectedFile: string;
  readonly #settings: StoreSettings;
  readonly #disk: DiskRoom;
  /** The server's rows lie on our disk too. */
  readonly #isServerHere: boolean;
  readonly #opened: Promise<void>;
  /** Whether the database is there, or is not waited for any more. */
  #isDecided = false;
  #draining: Promise<void> | undefined;
  #hurried = false;
  #isDiskLow = false;
  #isSpoolFull = false;
  #isDiskRefusing = false;
  #isStuck = false;
  #unreadableTold = 0;
  readonly #hurry = Promise.withResolvers<void>();

  constructor(port: MessagePort, options: ThreadOptions, clock: Clock) {
    this.#port = port;
    this.#clock = clock;
    this.#settings = options.settings;
    this.#counters = new Counters(options.counters);
    this.#disk = new DiskRoom(options.settings.freeBytesMin, () => freeBytes(options.spoolDir));
    this.#isServerHere = options.connection.host?.startsWith('/') ?? false;
    const say = (level: LogLevel) => (fields: object, event: string) =>
      this.#send({ kind: 'log', level, fields, event });
    this.#log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
    this.#rejectedFile = join(options.spoolDir, 'rejected.jsonl');
    this.#spool = this.#openSpool(options);
    this.#database = new Database(options.connection, options.settings, clock, createRng(options.seed), this.#log, {
      connected: (is) => {
        this.#counters.connected = is;
        if (is) this.#drain();
      },
      coinParameters: (parameters) => this.#send({ kind: 'coin-parameters', parameters }),
    });
    this.#opened = this.#database.open().then((refusal) => {
      const told = refusal === undefined ? {} : { refusal: { code: refusal.code, message: refusal.message } };
      this.#isDecided = true;
      this.#send({ kind: 'opened', ...told });
    });
    port.on('message', (message: ToThread) => void this.#receive(message));
  }

  #send(message: FromThread): void {
    this.#port.postMessage(message);
  }

  #openSpool(options: ThreadOptions): Spool {
    const spool = new Spool(options.spoolDir, options.settings.spoolBytesMax);
    this.#counters.spooled = spool.rows;
    const { rows, damagedLines, tornBytes } = spool;
    if (rows > 0) this.#log.info({ rows }, 'spool.found');
    if (damagedLines + tornBytes > 0) this.#log.warn({ damagedLines, tornBytes }, 'spool.damaged');
    this.#tellUnreadable(spool);
    return spool;
  }

  async #receive(message: ToThread): Promise<void> {
    switch (message.kind) {
      case 'batch':
        await this.#keep(this.#withRoom(message.rows));
        return this.#send({ kind: 'settled' });
      case 'hurry':
        this.#hurried = true;
        this.#hurry.resolve();
        return this.#database.abandon();
      case 'end':
        return this.#end();
    }
  }

  /** The rows for which the disk has room; with a server elsewhere only the spool needs any. */
  #withRoom(rows: readonly Row[]): readonly Row[] {
    const { isLow, isNews, free } = this.#disk.look();
    if (isNews) {
      const floor = this.#settings.freeBytesMin;
      if (isLow) this.#log.error({ free, floor }, 'disk.low');
      else this.#log.info({ free, floor }, 'disk.enough');
    }
    this.#isDiskLow = isLow;
    if (!isLow || !this.#isServerHere) return rows;
    this.#drop(rows.filter((row) => shedRank(row) < SHED_NEVER));
    return rows.filter((row) => shedRank(row) === SHED_NEVER);
  }

  /** Returns when every row is in the database or on the disk, or is counted as dropped. */
  async #keep(rows: readonly Row[]): Promise<void> {
    // Before the first attempt has ended nobody knows whether the database is there.
    if (!this.#isDecided) await Promise.race([this.#opened, this.#hurry.promise, pause(this.#clock, OPEN_MS_MAX)]);
    this.#isDecided = true;
    for (;;) {
      if (this.#spool.rows === 0 && (await this.#write(rows))) return;
      // Later rows stand behind those that wait.
      if (this.#trySpool(rows)) return this.#drain();
      await Promise.race([pause(this.#clock, DISK_RETRY_MS), this.#hurry.promise]);
      if (this.#hurried) return this.#drop(rows);
    }
  }

  async #write(rows: readonly Row[]): Promise<boolean> {
    const rejected = await this.#database.use((client) => writeRows(client, rows));
    if (rejected === undefined) return false;
    const bad = new Set(rejected.map((refusal) => refusal.row));
    const written = rows.filter((row) => !bad.has(row));
    for (const { table } of written) this.#counters.addWritten(table);
    this.#database.wrote(written);
    for (const one of rejected) this.#setAside(one);
    return true;
  }

  #setAside({ row, reason }: Rejected): void {
    this.#counters.addDropped(row.table);
    const told = { table: row.table, reason, file: this.#rejectedFile };
    try {
      const { size } = statSync(this.#rejectedFile, { throwIfNoEntry: false }) ?? { size: 0 };
      if (size > REJECTED_BYTES_MAX) renameSync(this.#rejectedFile, `${this.#rejectedFile}.1`);
      appendFileSync(this.#rejectedFile, `${JSON.stringify({ reason, row })}\n`, { mode: 0o600 });
      this.#log.error(told, 'store.row-rejected');
    } catch (error) {
      this.#log.error({ ...told, fault: messageOf(error), row }, 'store.row-rejected'); // the log is its last place
    }
  }

  /** False: the disk refused, and the rows are still in memory. */
  #trySpool(rows: readonly Row[]): boolean {
    try {
      const refused = this.#spool.keep(rows, this.#isDiskLow);
      // Said once: what is refused meanwhile is counted.
      const isFull = refused.length > 0 && !this.#isDiskLow;
      if (isFull && !this.#isSpoolFull) this.#log.error({ bytes: this.#spool.bytes }, 'spool.full');
      this.#isSpoolFull = isFull;
      this.#isDiskRefusing = false;
      this.#drop(refused);
    } catch (error) {
      if (!this.#isDiskRefusing) this.#log.error({ rows: rows.length, reason: messageOf(error) }, 'spool.failed');
      this.#isDiskRefusing = true;
      return false;
    }
    this.#counters.spooled = this.#spool.rows;
    return true;
  }

  #drop(rows: readonly Row[]): void {
    for (const row of rows) this.#counters.addDropped(row.table);
  }

  #drain(): void {
    this.#draining ??= this.#drainAll().finally(() => {
      this.#draining = undefined;
    });
  }

  async #drainAll(): Promise<void> {
    let drained = 0;
    for (;;) {
      const from = this.#clock.monotonic();
      const rows = this.#spool.peek(DRAIN_ROWS_MAX);
      this.#tellUnremoved();
      this.#tellUnreadable(this.#spool);
      this.#counters.spooled = this.#spool.rows;
      if (rows === undefined || !this.#database.connected || !(await this.#write(rows))) break;
      this.#spool.shift();
      this.#counters.spooled = this.#spool.rows;
      drained += rows.length;
      const due = from + (rows.length * 1_000) / this.#settings.flushRowsPerSecond;
      await pause(this.#clock, Math.max(1, Math.ceil(due - this.#clock.monotonic())) as Ms);
    }
    if (drained > 0) this.#log.info({ rows: drained, left: this.#spool.rows }, 'spool.drained');
  }

  /** Said once: the rows are read and written all the same. */
  #tellUnremoved(): void {
    const { unremoved } = this.#spool;
    const remedy = 'let this account write and remove files there';
    if (unremoved !== undefined && !this.#isStuck) this.#log.error({ reason: unremoved, remedy }, 'spool.unremoved');
    this.#isStuck = unremoved !== undefined;
  }

  /** Each once: what comes is written all the same. */
  #tellUnreadable({ unreadable }: Spool): void {
    const remedy = 'its rows are not in the database: let this account read it, or mend its disk, and start again';
    for (const reason of unreadable.slice(this.#unreadableTold))
      this.#log.error({ reason, remedy }, 'spool.unreadable');
    this.#unreadableTold = unreadable.length;
  }

  async #end(): Promise<void> {
    await Promise.race([this.#opened, this.#hurry.promise]);
    while (this.#draining !== undefined && !this.#hurried) await Promise.race([this.#draining, this.#hurry.promise]);
    if (!this.#hurried) await this.#database.close();
    this.#spool.close();
    this.#send({ kind: 'ended' });
    this.#port.close();
  }
}

/** Lives as long as its port. */
export function runStorageThread(port: MessagePort, options: ThreadOptions, clock: Clock): void {
  new StorageThread(port, options, clock);
}
