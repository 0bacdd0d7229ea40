// How does a log file stay small? Past its size it becomes `.1`, the older ones move up, the oldest goes.
// Writes are synchronous: a killed process loses nothing that it logged (a worker transport loses its last lines).
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

export interface RotatingFileOptions {
  readonly file: string;
  readonly bytesMax: number;
  /** How many old files are kept beside the current one. */
  readonly backups: number;
  /** Told once for each run of failures: a full disk must not stop the engine, nor pass unseen. */
  readonly onTrouble: (reason: string) => void;
}

export class RotatingFile {
  readonly #options: RotatingFileOptions;
  #handle: number;
  #bytes: number;
  #ailing = false;

  /** Throws where the file cannot be opened: at start that is bad configuration. */
  constructor(options: RotatingFileOptions) {
    this.#options = options;
    mkdirSync(path.dirname(options.file), { recursive: true });
    this.#handle = openSync(options.file, 'a', 0o600);
    this.#bytes = fstatSync(this.#handle).size;
  }

  /** False where the line could not be written whole. */
  write(line: string): boolean {
    const bytes = Buffer.from(line);
    try {
      if (this.#bytes > 0 && this.#bytes + bytes.length > this.#options.bytesMax) this.#rotate();
      for (let at = 0; at < bytes.length;) {
        const written = writeSync(this.#handle, bytes, at);
        this.#bytes += written;
        at += written;
      }
      this.#ailing = false;
      return true;
    } catch (error) {
      if (!this.#ailing) this.#options.onTrouble((error as Error).message);
      this.#ailing = true;
      return false;
    }
  }

  close(): void {
    closeSync(this.#handle);
  }

  #rotate(): void {
    const { file, backups } = this.#options;
    const old = (n: number): string => `${file}.${n}`;
    if (backups === 0) rmSync(file, { force: true });
    for (let n = backups; n >= 1; n--) {
      try {
        renameSync(n === 1 ? file : old(n - 1), old(n));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    const next = openSync(file, 'a', 0o600);
    closeSync(this.#handle);
    this.#handle = next;
    this.#bytes = fstatSync(next).size;
  }
}
