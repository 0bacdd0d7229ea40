// Is an intention on disk before it is carried out? Lines are appended to segments and synced off the main thread (P4).
//
// A line that must be synced starts a write at once, others wait up to 50 ms for company; one write, which is over
// when it lasts, takes all that waits. Lines stay in memory until then: when a file fails, all of them go into the next one.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../lib/assert.ts';
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { messageOf } from '../lib/error-message.ts';
import type { Disk } from './disk.ts';
import { systemDisk } from './disk.ts';
import type { JournalFound, LineTests } from './journal-read.ts';
import { readJournal } from './journal-read.ts';
import type { Log } from '../lib/log.ts';
import { Segments } from './segments.ts';
import { diskError } from './state-error.ts';

export interface JournalLine {
  readonly seq: number;
  /** Without a line end. */
  readonly text: string;
  /** Somebody waits until it is on disk. */
  readonly sync: boolean;
  /** A checkpoint: it replaces everything before it, and begins a segment. */
  readonly isCheckpoint: boolean;
}

export interface JournalStatus {
  /** False: nothing that needs a synced line may be done. */
  readonly writable: boolean;
  /** `file-dead`: until an operator forgives it. `overflow`: lines were let go; until a checkpoint after them is synced. */
  readonly reason: 'ok' | 'file-dead' | 'volume-lost' | 'slow' | 'overflow';
  /** Of the volume, as last seen; undefined: it does not answer. */
  readonly freeBytes: number | undefined;
  /** Lines that are not synced yet. */
  readonly waiting: number;
}

export interface Journal {
  append(line: JournalLine): void;
  status(): JournalStatus;
  /** An operator accepts that a file failed; everything it had not synced is in the next one. */
  forgive(): void;
  /** On the calling thread, at the end of a process that has failed. False: not all of it is on the disk. */
  flushNow(): boolean;
  /** Writes what is left. */
  close(): Promise<void>;
}

export interface JournalEvents {
  /** All lines up to this seq are on the disk. */
  readonly onSynced: (upTo: number) => void;
  /** Whether it can be written, or how much is free, has changed. */
  readonly onStatus: (status: JournalStatus) => void;
  readonly log: Log;
}

export interface JournalOptions extends LineTests {
  /** The journal is `<stateDir>/journal`. */
  readonly stateDir: string;
  readonly clock: Clock;
  readonly disk?: Disk;
  readonly segmentBytes?: number;
}

const LINGER = 50 as Ms;
const SLOW_MS = 2_000;
const RETRY = 1_000 as Ms;
const LOOK = 1_000 as Ms;
const FREE_EVERY = 5;
const SEGMENT_BYTES = 4 << 20;
/** A volume that has less keeps it for what is under way. */
const RESERVE_BYTES_MIN = 64 << 20;
const WAITING_MAX = 100_000;
/** What was found so has cost no record that anybody needs: nobody has to look at it. */
const HARMLESS = {
  'torn-tail': 'journal.torn_tail',
  uncut: 'journal.uncut',
  outdated: 'journal.outdated',
} as const;

class JournalFile implements Journal {
  readonly #dir: string;
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #events: JournalEvents;
  readonly #segments: Segments;
  /** Not synced, in order. */
  #lines: JournalLine[] = [];
  #oldestAt: Ms | undefined;
  #isRunning = false;
  #run: Promise<void> = Promise.resolve();
  #wake: Timer | undefined;
  #isDead = false;
  /** There is no file to go on in; between two segments there is. */
  #isLost = false;
  #hasGap = false;
  /** Seq of the newest checkpoint, while nothing was let go of after it: once it is synced there is no gap. */
  #healing: number | undefined;
  #freeBytes: number | undefined;
  #told: JournalStatus | undefined;
  #looks = 0;
  #isLooking = false;
  #isClosed = false;
  readonly #watch: Timer;

  constructor(options: JournalOptions, dir: string, { first, last }: JournalFound, events: JournalEvents) {
    const { clock, disk = systemDisk, segmentBytes = SEGMENT_BYTES } = options;
    this.#dir = dir;
    this.#disk = disk;
    this.#clock = clock;
    this.#events = events;
    this.#segments = new Segments({ dir, disk, clock, log: events.log, segmentBytes, first, last });
    this.#watch = clock.every(LOOK, () => void this.#look());
  }

  async begin(): Promise<void> {
    await this.#segments.keepReserve();
    if (!(await this.#segments.openNext())) this.#retry();
    await this.#look();
    this.#segments.provide();
  }

  append(line: JournalLine): void {
    assert(!this.#isClosed, 'a journal that is closed takes no line');
    assert(!line.text.includes('\n'), 'a line of the journal has no line end');
    if (this.#lines.length >= WAITING_MAX && !line.isCheckpoint) return this.#letGo();
    if (line.isCheckpoint) this.#healing = line.seq;
    this.#oldestAt ??= this.#clock.monotonic();
    this.#lines.push(line);
    if (line.sync) return this.#start();
    this.#wake ??= this.#clock.after(LINGER, () => this.#start());
  }

  #letGo(): void {
    this.#healing = undefined;
    if (this.#hasGap) return;
    this.#hasGap = true;
    this.#events.log.error({ waiting: this.#lines.length }, 'journal.overflow');
    this.#tell();
  }

  status(): JournalStatus {
    const reason = this.#reason();
    return { writable: reason === 'ok', reason, freeBytes: this.#freeBytes, waiting: this.#lines.length };
  }

  #reason(): JournalStatus['reason'] {
    if (this.#hasGap) return 'overflow';
    if (this.#isDead) return this.#isLost ? 'volume-lost' : 'file-dead';
    const isSlow = this.#oldestAt !== undefined && this.#clock.monotonic() - this.#oldestAt > SLOW_MS;
    return isSlow ? 'slow' : 'ok';
  }

  forgive(): void {
    if (!this.#isLost) this.#isDead = false;
    this.#tell();
  }

  #tell(): void {
    const status = this.status();
    if (this.#told?.reason === status.reason && this.#told.freeBytes === status.freeBytes) return;
    this.#told = status;
    this.#events.onStatus(status);
  }

  #start(): void {
    this.#wake?.cancel();
    this.#wake = undefined;
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#run = this.#write();
  }

  /** Ends, and is seen to have ended, in the same moment in which it finds nothing left. */
  async #write(): Promise<void> {
    for (let failures = 0; ;) {
      if (!this.#segments.isOpen && !(await this.#segments.openNext())) break;
      this.#isLost = false;
      if (this.#lines.length === 0) {
        this.#isRunning = false;
        return this.#tell();
      }
      const batch = this.#batch();
      const bytes = bytesOf(batch);
      const isCheckpoint = batch[0]?.isCheckpoint === true;
      if (!this.#segments.isEmpty && (isCheckpoint || !this.#segments.hasRoom(bytes.length))) {
        await this.#segments.seal();
        if (await this.#segments.openNext()) this.#segments.provide();
        continue;
      }
      try {
        await this.#segments.append(bytes, isCheckpoint);
      } catch (error) {
        this.#isDead = true;
        this.#isLost = true;
        await this.#segments.bury(error);
        this.#tell();
        // The first time the reserve is there to go on with; a volume that refuses that too is given time.
        if (++failures > 1) break;
        continue;
      }
      failures = 0;
      if (isCheckpoint) this.#segments.provide();
      this.#settle(batch.length);
    }
    this.#isRunning = false;
    this.#retry();
  }

  /** All that waits, up to a checkpoint that has to begin a segment of its own. */
  #batch(): readonly JournalLine[] {
    const next = this.#lines.findIndex((line, i) => i > 0 && line.isCheckpoint);
    return this.#lines.slice(0, next < 0 ? this.#lines.length : next);
  }

  #settle(count: number): void {
    const { seq } = this.#lines[count - 1] as JournalLine;
    this.#lines = this.#lines.slice(count);
    this.#oldestAt = this.#lines.length > 0 ? this.#clock.monotonic() : undefined;
    if (this.#healing !== undefined && seq >= this.#healing) this.#hasGap = false;
    // What was let go of since the last checkpoint needs another one: it is asked for again now that there is room.
    else if (this.#hasGap && this.#healing === undefined) this.#told = undefined;
    this.#tell();
    this.#events.onSynced(seq);
  }

  #retry(): void {
    this.#isDead = true;
    this.#isLost = true;
    this.#tell();
    this.#wake?.cancel();
    if (!this.#isClosed) this.#wake = this.#clock.after(RETRY, () => this.#start());
  }

  /** Once a second; a look that hangs is not joined by a second one. */
  async #look(): Promise<void> {
    this.#tell();
    if (this.#isLooking || this.#looks++ % FREE_EVERY !== 0) return;
    this.#isLooking = true;
    try {
      this.#freeBytes = await this.#disk.freeBytes(this.#dir);
      if (this.#freeBytes > RESERVE_BYTES_MIN && !this.#isClosed) void this.#segments.keepReserve();
    } catch (error) {
      this.#freeBytes = undefined;
      this.#events.log.warn({ dir: this.#dir, reason: messageOf(error) }, 'journal.no-answer');
    }
    this.#isLooking = false;
    this.#tell();
  }

  flushNow(): boolean {
    return this.#lines.length === 0 || this.#segments.appendNow(bytesOf(this.#lines));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watch.cancel();
    this.#start();
    await this.#run;
    this.#wake?.cancel();
    await this.#segments.close();
  }
}

function bytesOf(lines: readonly JournalLine[]): Uint8Array {
  return Buffer.from(lines.map((line) => `${line.text}\n`).join(''));
}

/**
 * Reads what earlier runs wrote and begins a new segment. Throws only where the directory cannot be made at all: a
 * journal that cannot be written stops entries, never closes.
 */
export async function openJournal(
  options: JournalOptions,
  events: JournalEvents,
): Promise<{ readonly journal: Journal; readonly found: JournalFound }> {
  const dir = join(options.stateDir, 'journal');
  await mkdir(dir, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw diskError(`cannot make ${dir}`, error);
  });
  const found = await readJournal(dir, options, options.clock.wall(), options.disk ?? systemDisk);
  for (const { kind, ...fields } of found.faults) {
    if (kind === 'corrupt' || kind === 'unreadable') events.log.error({ ...fields, kind }, 'journal.corrupt');
    else events.log.warn(fields, HARMLESS[kind]);
  }
  const journal = new JournalFile(options, dir, found, events);
  await journal.begin();
  return { journal, found };
}
