// Where do the ledger and the log of planted walls go? JSON lines in a file, written every second and whole at the end. A disk
// that refuses them costs this file alone: the market goes on.
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { messageOf } from '../lib/error-message.ts';
import { passingRemedy } from '../lib/passing-fault.ts';
import { SimulatorError } from './simulator-error.ts';
import type { SimulatorLog } from './simulator-log.ts';

const FLUSH_MS = 1_000 as Ms;

export class LineFile {
  readonly #flag: string;
  readonly #path: string;
  readonly #log: SimulatorLog;
  readonly #file: number;
  readonly #timer: Timer;
  #lines: string[] = [];
  #isRefused = false;

  /** @throws {SimulatorError} where the file cannot be made */
  constructor(flag: string, path: string, clock: Clock, log: SimulatorLog) {
    this.#flag = flag;
    this.#path = path;
    this.#log = log;
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
    if (!this.#isRefused) this.#lines.push(JSON.stringify(line));
  }

  close(): void {
    this.#timer.cancel();
    this.#flush();
    closeSync(this.#file);
  }

  // Written synchronously: a few kilobytes a second, and nothing is lost when the process ends right after.
  #flush(): void {
    if (this.#lines.length === 0) return;
    const bytes = Buffer.from(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
    try {
      for (let written = 0; written < bytes.length;) written += writeSync(this.#file, bytes, written);
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** What follows a hole is of no use, and no line of it is kept. */
  #refuse(error: unknown): void {
    this.#isRefused = true;
    this.#timer.cancel();
    const remedy = passingRemedy(error) ?? 'name a file that can be written';
    const told = { file: `${this.#flag} ${this.#path}`, reason: messageOf(error), remedy };
    this.#log.warn(told, 'simulator.file_not_whole');
  }
}
