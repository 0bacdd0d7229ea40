// Where do the ledger and the log of planted walls go? JSON lines in a file, written every second and whole at the end.
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { SimulatorError } from './simulator-error.ts';

const FLUSH_MS = 1_000 as Ms;

export class LineFile {
  readonly #file: number;
  readonly #timer: Timer;
  #lines: string[] = [];

  constructor(flag: string, path: string, clock: Clock) {
    try {
      this.#file = openSync(path, 'w');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new SimulatorError(
        'file',
        `${flag} ${path}: cannot be written (${code}): name a file in a folder that is there`,
      );
    }
    this.#timer = clock.every(FLUSH_MS, () => this.#flush());
  }

  write(line: object): void {
    this.#lines.push(JSON.stringify(line));
  }

  close(): void {
    this.#timer.cancel();
    this.#flush();
    closeSync(this.#file);
  }

  // Written synchronously: a few kilobytes a second, and nothing is lost when the process ends right after.
  #flush(): void {
    if (this.#lines.length === 0) return;
    writeSync(this.#file, `${this.#lines.join('\n')}\n`);
    this.#lines = [];
  }
}
