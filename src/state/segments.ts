// Which file takes the next line of the journal? One segment at a time; a failed one is given up, and the room for the next
// is kept in advance, so that a full volume stops nothing that is under way (D06, D07).
import { join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/error-message.ts';
import type { Disk, DiskFile } from './disk.ts';
import { absentAs } from './disk.ts';
import { segmentName, segmentsOf } from './journal-read.ts';
import type { Log } from '../lib/log.ts';

const KEEP_MS = 30 * 86_400_000;
const SPARE = 'spare';

export interface SegmentsOptions {
  readonly dir: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Log;
  readonly segmentBytes: number;
  /** Numbers of the segments of earlier runs: of the one from which the next boot has to read, and of the newest. */
  readonly first: number;
  readonly last: number;
}

export class Segments {
  readonly #options: SegmentsOptions;
  /** The next boot reads from here on. */
  #first: number;
  #number: number;
  #file: DiskFile | undefined;
  /** End of what is synced in the file. */
  #position = 0;
  #isSpareReady = false;
  #sparing: Promise<void> | undefined;
  #providing: Promise<void> = Promise.resolve();

  constructor(options: SegmentsOptions) {
    this.#options = options;
    this.#first = options.first;
    this.#number = options.last;
  }

  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  get isEmpty(): boolean {
    return this.#position === 0;
  }

  hasRoom(bytes: number): boolean {
    return this.#position + bytes <= this.#options.segmentBytes;
  }

  /** Throws what the disk says; then the file has to be buried. With a checkpoint nothing before it is needed. */
  async append(bytes: Uint8Array, isCheckpoint: boolean): Promise<void> {
    await (this.#file as DiskFile).write(bytes, this.#position);
    if (isCheckpoint) this.#first = this.#number;
    this.#position += bytes.length;
  }

  /** What an append under way writes in another thread are the same bytes at the same place. */
  appendNow(bytes: Uint8Array): boolean {
    if (this.#file === undefined) return false;
    try {
      this.#file.writeNow(bytes, this.#position);
      return true;
    } catch (error) {
      this.#complain('journal.flush-failed', error);
      return false;
    }
  }

  /** False: the volume refuses, and it may be tried again. */
  async openNext(): Promise<boolean> {
    const { dir, disk } = this.#options;
    const path = join(dir, segmentName(this.#number + 1));
    try {
      if (this.#isSpareReady) await this.#takeSpare(path);
      this.#file = await disk.open(path);
    } catch (error) {
      this.#complain('journal.open-failed', error);
      return false;
    }
    this.#number++;
    this.#position = 0;
    return true;
  }

  /** One that somebody has removed is no trouble: the segment is made anew then. */
  async #takeSpare(path: string): Promise<void> {
    const { dir, disk } = this.#options;
    try {
      await absentAs(undefined, disk.rename(join(dir, SPARE), path));
    } finally {
      // Not before: who looks for the next reserve meanwhile would find this one.
      this.#isSpareReady = false;
    }
  }

  /** A full segment gives back the room that it did not need. All in it is synced: trouble here loses nothing. */
  async seal(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    try {
      try {
        await file?.truncate(this.#position);
      } finally {
        await file?.close();
      }
    } catch (error) {
      this.#complain('journal.seal-failed', error);
    }
  }

  /**
   * After a failed write or sync the kernel may have dropped what it held: the file is never written again. One in which
   * nothing was ever synced is removed, which also gives a full volume its room back.
   */
  async bury(error: unknown): Promise<void> {
    const { dir, disk, log } = this.#options;
    const path = join(dir, segmentName(this.#number));
    log.error({ file: path, reason: messageOf(error) }, 'journal.file_dead');
    const file = this.#file;
    this.#file = undefined;
    try {
      await file?.close();
      if (this.isEmpty) await disk.remove(path);
      else await disk.rename(path, join(dir, segmentName(this.#number, true)));
    } catch (reason) {
      this.#complain('journal.bury-failed', reason);
    }
  }

  /** The next segment at its full size. */
  keepReserve(): Promise<void> {
    if (this.#isSpareReady) return Promise.resolve();
    this.#sparing ??= this.#makeSpare().finally(() => {
      this.#sparing = undefined;
    });
    return this.#sparing;
  }

  async #makeSpare(): Promise<void> {
    const { dir, disk, segmentBytes } = this.#options;
    const path = join(dir, SPARE);
    try {
      const found = await disk.facts(path);
      if (found?.bytes !== segmentBytes) {
        const draft = `${path}.draft`;
        await disk.remove(draft);
        // What is left is for the records: a draft that does not fit would take it from them.
        if ((await disk.freeBytes(dir)) < 2 * segmentBytes) throw new Error('too little is free for it');
        const file = await disk.open(draft);
        try {
          await file.write(new Uint8Array(segmentBytes), 0);
        } finally {
          await file.close();
        }
        await disk.rename(draft, path);
      }
      this.#isSpareReady = true;
    } catch (error) {
      this.#complain('journal.no-reserve', error);
    }
  }

  /** The reserve, and an end to what is old: in the background, after a segment was begun or a checkpoint was synced. */
  provide(): void {
    this.#providing = this.#providing.then(() => this.keepReserve()).then(() => this.#tidy());
  }

  /** What no boot needs any more goes after 30 days. */
  async #tidy(): Promise<void> {
    const { dir, disk, clock } = this.#options;
    try {
      const names = await disk.list(dir);
      const torn = names.filter((name) => /\.torn-\d+$/.test(name));
      const old = segmentsOf(names).filter(({ number }) => number < this.#first);
      for (const file of [...torn, ...old.map((segment) => segment.file)]) {
        const facts = await disk.facts(join(dir, file));
        if (facts !== undefined && clock.wall() - facts.changedMs > KEEP_MS) await disk.remove(join(dir, file));
      }
    } catch (error) {
      this.#complain('journal.tidy-failed', error);
    }
  }

  async close(): Promise<void> {
    await this.#providing;
    await this.#sparing;
    await this.seal();
  }

  #complain(event: string, error: unknown): void {
    this.#options.log.warn({ dir: this.#options.dir, reason: messageOf(error) }, event);
  }
}
