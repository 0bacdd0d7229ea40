// Where do rows wait while the database is away? In files of the state directory, in order, each batch on the disk
// before it counts. A line is one batch: `crc32 rows json`. Written by one thread; a torn last line is cut off.
import { closeSync, fdatasyncSync, fsyncSync, mkdirSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import { rmSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { messageOf } from '../../lib/error-message.ts';
import { StoreError } from '../error.ts';
import type { Row } from '../rows/rows.ts';
import { SHED_NEVER, shedRank, type ShedRank } from '../rows/rows.ts';
import { STORE_DEFAULTS } from '../settings.ts';

/** How far each rank may fill it, so that none takes the room of what goes after it. */
const SHARES: Readonly<Record<ShedRank, number>> = { 0: 1 / 4, 1: 1 / 4, 2: 1 / 2, 3: 3 / 4, 4: 1 };
const RANKS: readonly ShedRank[] = [0, 1, 2, 3, 4];
const SEGMENT_BYTES_MAX = 16 << 20;
const READ_BYTES = 1 << 16;
const NEWLINE = 0x0a;

function frame(rows: readonly Row[]): Buffer {
  const body = `${rows.length} ${JSON.stringify(rows)}`;
  return Buffer.from(`${crc32(body).toString(16).padStart(8, '0')} ${body}\n`);
}

/** Undefined for a line that is not what was written. */
function unframe(line: Buffer): Row[] | undefined {
  const body = line.subarray(9);
  if (line[8] !== 0x20 || crc32(body).toString(16).padStart(8, '0') !== line.toString('latin1', 0, 8)) return undefined;
  const text = body.toString('utf8');
  return JSON.parse(text.slice(text.indexOf(' ') + 1)) as Row[];
}

interface Segment {
  readonly number: number;
  bytes: number;
  /** That wait in it. */
  rows: number;
}

/** Not of this file: it is read once this process, or this machine, may open more of them. */
const OF_ALL_FILES: readonly unknown[] = ['EMFILE', 'ENFILE'];

export class Spool {
  /** Lines that were no longer what had been written, and bytes of a torn end. */
  damagedLines = 0;
  tornBytes = 0;
  /** What the disk said where a file that was read to its end could not be removed; tried again with the next one. */
  unremoved: string | undefined;
  /** What the disk said of each file that it does not give: it stays where it is, and the next start tries it again. */
  readonly unreadable: string[] = [];
  readonly #dir: string;
  readonly #bytesMax: number;
  readonly #segmentBytesMax: number;
  #segments: Segment[] = [];
  /** Read to the end, and still there. */
  #spent: Segment[] = [];
  /** Of the last file that is there, be it readable or not. */
  #numberMax = 0;
  /** Open for appending: the last segment. */
  #file: number | undefined;
  /** Where the next batch begins in the first segment. */
  #at = 0;
  #next: { readonly rows: Row[]; readonly bytes: number } | undefined;

  constructor(dir: string, bytesMax = STORE_DEFAULTS.spoolBytesMax, segmentBytesMax = SEGMENT_BYTES_MAX) {
    this.#dir = dir;
    this.#bytesMax = bytesMax;
    this.#segmentBytesMax = segmentBytesMax;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const numbers = readdirSync(dir)
      .filter((name) => /^\d{8}\.rows$/.test(name))
      .map((name) => Number.parseInt(name, 10))
      .toSorted((a, b) => a - b);
    this.#numberMax = numbers.at(-1) ?? 0;
    for (const number of numbers) {
      try {
        this.#recover(number);
      } catch (error) {
        this.#tellUnreadable(error);
      }
    }
  }

  /** Rows that wait. */
  get rows(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.rows, 0);
  }

  get bytes(): number {
    return [...this.#spent, ...this.#segments].reduce((sum, segment) => sum + segment.bytes, 0) - this.#at;
  }

  #path(number: number): string {
    return join(this.#dir, `${String(number).padStart(8, '0')}.rows`);
  }

  #recover(number: number): void {
    const content = readFileSync(this.#path(number));
    const end = content.lastIndexOf(NEWLINE) + 1;
    let waiting = 0;
    if (end < content.length) {
      this.tornBytes += content.length - end;
      this.#cut(number, end);
    }
    for (let from = 0; from < end;) {
      const to = content.indexOf(NEWLINE, from);
      const rows = unframe(content.subarray(from, to));
      if (rows === undefined) this.damagedLines++;
      else waiting += rows.length;
      from = to + 1;
    }
    this.#segments.push({ number, bytes: end, rows: waiting });
  }

  /** What lies behind is not read; left where it is, it is found and told again by the next start. */
  #cut(number: number, end: number): void {
    try {
      truncateSync(this.#path(number), end);
    } catch (error) {
      this.unremoved = messageOf(error);
    }
  }

  /** Answers the rows for which there is no room; on a disk that runs low, all but those that never go. Throws as `append`. */
  keep(rows: readonly Row[], isDiskLow = false): readonly Row[] {
    const { bytes } = this;
    const rankMin = isDiskLow ? SHED_NEVER : RANKS.find((rank) => bytes < this.#bytesMax * SHARES[rank]);
    for (const least of new Set([rankMin ?? SHED_NEVER, SHED_NEVER])) {
      const kept = rows.filter((row) => shedRank(row) >= least);
      if (this.append(kept)) return rows.filter((row) => shedRank(row) < least);
    }
    return rows;
  }

  /** False: the spool is full. Throws when the disk refuses; then nothing of the batch was kept. */
  append(rows: readonly Row[]): boolean {
    if (rows.length === 0) return true;
    const line = frame(rows);
    if (this.bytes + line.length > this.#bytesMax) return false;
    const segment = this.#segmentForAppend();
    const file = this.#file as number;
    try {
      for (let written = 0; written < line.length;) written += writeSync(file, line, written);
      fdatasyncSync(file);
    } catch (error) {
      this.#abandon(segment);
      throw new StoreError('spool', `cannot write ${this.#path(segment.number)}: ${messageOf(error)}`, true, error);
    }
    segment.bytes += line.length;
    segment.rows += rows.length;
    return true;
  }

  /**
   * After a failed write or sync nothing is sure about this file: a new one is begun. What lies behind its good part
   * is not read; the next start cuts it off or, should it be whole, sends it again, which doubles nothing. One without a
   * good part goes: a full disk refuses batch after batch.
   */
  #abandon(segment: Segment): void {
    this.close();
    if (segment.bytes > 0) return;
    this.#segments.pop();
    this.#remove(segment);
  }

  /** Where it is left behind the next start finds it and sends what is in it again, which doubles nothing. */
  #remove(segment: Segment): void {
    this.unremoved = undefined;
    this.#spent = [...this.#spent, segment].filter(({ number }) => {
      try {
        rmSync(this.#path(number), { force: true });
        return false;
      } catch (error) {
        this.unremoved = messageOf(error);
        return true;
      }
    });
  }

  #segmentForAppend(): Segment {
    const last = this.#segments.at(-1);
    if (last !== undefined && this.#file !== undefined && last.bytes < this.#segmentBytesMax) return last;
    this.close();
    const segment = { number: this.#numberMax + 1, bytes: 0, rows: 0 };
    try {
      this.#file = openSync(this.#path(segment.number), 'a', 0o600);
      const directory = openSync(this.#dir, 'r');
      try {
        fsyncSync(directory); // the name has to last too
      } finally {
        closeSync(directory);
      }
    } catch (error) {
      this.close();
      throw new StoreError('spool', `cannot make ${this.#path(segment.number)}: ${messageOf(error)}`, true, error);
    }
    this.#numberMax = segment.number;
    this.#segments.push(segment);
    return segment;
  }

  /**
   * The oldest batch, or several up to `rowsMax` rows, until `shift`; a file that the disk does not give is passed over.
   *
   * @throws {Error} of the system, where no more files may be opened
   */
  peek(rowsMax = 1): readonly Row[] | undefined {
    while (this.#next === undefined) {
      const first = this.#segments[0];
      if (first === undefined) return undefined;
      if (this.#at >= first.bytes) {
        this.#leaveFirst();
        this.#remove(first);
        continue;
      }
      try {
        this.#next = this.#gather(first, rowsMax);
      } catch (error) {
        this.#tellUnreadable(error);
        this.#leaveFirst();
      }
    }
    return this.#next.rows;
  }

  #tellUnreadable(error: unknown): void {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined || OF_ALL_FILES.includes(code)) throw error;
    this.unreadable.push(messageOf(error));
  }

  /** What came in small batches returns in large ones: or the spool would fill faster than it empties. */
  #gather(segment: Segment, rowsMax: number): { rows: Row[]; bytes: number } | undefined {
    const rows: Row[] = [];
    let bytes = 0;
    while (this.#at + bytes < segment.bytes) {
      const line = this.#readLine(segment, this.#at + bytes);
      const found = unframe(line.subarray(0, -1)) ?? [];
      if (rows.length > 0 && rows.length + found.length > rowsMax) break;
      rows.push(...found);
      bytes += line.length;
    }
    if (rows.length > 0) return { rows, bytes };
    this.#at += bytes; // nothing but damaged lines
    return undefined;
  }

  /** What `peek` showed is in the database. */
  shift(): void {
    const first = this.#segments[0];
    if (this.#next === undefined || first === undefined) return;
    this.#at += this.#next.bytes;
    first.rows -= this.#next.rows.length;
    this.#next = undefined;
  }

  #readLine(segment: Segment, at: number): Buffer {
    const file = openSync(this.#path(segment.number), 'r');
    try {
      for (let size = READ_BYTES; ; size *= 2) {
        const chunk = Buffer.allocUnsafe(Math.min(size, segment.bytes - at));
        const read = readSync(file, chunk, 0, chunk.length, at);
        const end = chunk.subarray(0, read).indexOf(NEWLINE);
        if (end >= 0) return chunk.subarray(0, end + 1);
        if (at + size >= segment.bytes) return chunk;
      }
    } finally {
      closeSync(file);
    }
  }

  #leaveFirst(): void {
    if (this.#segments.length === 1) this.close();
    this.#segments.shift();
    this.#at = 0;
  }

  close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) closeSync(file);
  }
}
