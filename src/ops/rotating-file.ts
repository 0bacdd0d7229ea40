// How does a log file stay small? Past its size it becomes `.1`, the older ones move up, the oldest goes.
import { closeSync, fstatSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../lib/folder.ts';

export interface LogPlace {
  readonly file: string;
  readonly bytesMax: number;
  /** How many old files are kept beside the current one. */
  readonly backups: number;
}

export interface RotatingFileOptions extends LogPlace {
  /** Lines that are not in the file already; 0 unless given. */
  readonly missing?: number;
  /** Told once for each run of failures: a full disk must not stop the engine, nor pass unseen. */
  readonly onTrouble: (reason: string) => void;
  /** It can be written again, after so many lines that are not in it. Told from within `write`, after its line. */
  readonly onRecovered?: (lines: number) => void;
}

export class RotatingFile {
  readonly #options: RotatingFileOptions;
  #handle: number;
  #bytes: number;
  /** Lines that are not in the file since it was last written. */
  #missing: number;
  /** A line of which only a part got in stands at the end, and could not be taken back. */
  #isTorn = false;

  /** Throws what the disk says where the file cannot be opened. */
  constructor(options: RotatingFileOptions) {
    this.#options = options;
    this.#missing = options.missing ?? 0;
    makeFolder(path.dirname(options.file));
    this.#handle = openSync(options.file, 'a', 0o600);
    this.#bytes = fstatSync(this.#handle).size;
  }

  /** False where the line could not be written whole: then nothing of it stands in the file. */
  write(line: string): boolean {
    const bytes = Buffer.from(line);
    try {
      if (this.#bytes > 0 && this.#bytes + bytes.length > this.#options.bytesMax) this.#rotate();
      this.#append(this.#isTorn ? Buffer.concat([Buffer.from('\n'), bytes]) : bytes);
      this.#isTorn = false;
    } catch (error) {
      if (this.#missing === 0) this.#options.onTrouble((error as Error).message);
      this.#missing++;
      return false;
    }
    const missed = this.#missing;
    this.#missing = 0;
    if (missed > 0) this.#options.onRecovered?.(missed);
    return true;
  }

  close(): void {
    closeSync(this.#handle);
  }

  /** A disk may take a part of a line before it is full. */
  #append(bytes: Buffer): void {
    const before = this.#bytes;
    try {
      for (let at = 0; at < bytes.length;) {
        const written = writeSync(this.#handle, bytes, at);
        this.#bytes += written;
        at += written;
      }
    } catch (error) {
      if (this.#bytes > before) this.#takeBack(before);
      throw error;
    }
  }

  #takeBack(length: number): void {
    try {
      ftruncateSync(this.#handle, length);
      this.#bytes = length;
    } catch {
      this.#isTorn = true;
    }
  }

  /** The next file is there before an old one is moved: a disk that has no room for it must not cost an old one each line. */
  #rotate(): void {
    const { file, backups } = this.#options;
    const old = (n: number): string => `${file}.${n}`;
    const draft = `${file}.next`;
    const next = openSync(draft, 'a', 0o600);
    try {
      for (let n = backups; n >= 1; n--) move(n === 1 ? file : old(n - 1), old(n));
      renameSync(draft, file);
    } catch (error) {
      closeSync(next);
      rmSync(draft, { force: true });
      throw error;
    }
    closeSync(this.#handle);
    this.#handle = next;
    this.#bytes = fstatSync(next).size;
    for (let n = backups + 1; isRemoved(old(n)); n++);
  }
}

/** Of those that a run left which kept more. One that cannot be removed costs its room, and no line. */
function isRemoved(file: string): boolean {
  try {
    rmSync(file);
    return true;
  } catch {
    return false;
  }
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
