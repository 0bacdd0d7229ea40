// Where is the real daemon tried? A state directory, an exchange that outlives it, and whatever is started is ended.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '../../src/lib/clock.ts';
import { askEngine } from '../../src/ops/control-client.ts';
import { ControlError } from '../../src/ops/control-error.ts';
import type { Ask } from '../../src/ops/control-words.ts';
import { tempDir } from '../store/fixtures.ts';
import { startDaemon, type Daemon, type DaemonOptions } from './daemon.ts';
import { openVenue, type Venue } from './venue.ts';

const SYMBOLS = 30;

export interface LogLine {
  readonly event: string;
  readonly level: string;
  readonly [field: string]: unknown;
}

export class CrashRoom {
  readonly stateDir: string;
  readonly venue: Venue;
  readonly #remove: () => Promise<void>;
  readonly #daemons: Daemon[] = [];

  private constructor(stateDir: string, venue: Venue, remove: () => Promise<void>) {
    this.stateDir = stateDir;
    this.venue = venue;
    this.#remove = remove;
  }

  static async open(seed: number): Promise<CrashRoom> {
    const dir = await tempDir();
    return new CrashRoom(dir.path, await openVenue(seed, SYMBOLS), () => dir.remove());
  }

  start(settings: readonly string[], options: Partial<DaemonOptions> = {}): Daemon {
    const { stateDir, venue } = this;
    const env = { BYBIT_API_KEY: venue.key, BYBIT_API_SECRET: venue.secret };
    const daemon = startDaemon({ stateDir, env, settings: [...venue.settings, ...settings], ...options });
    this.#daemons.push(daemon);
    return daemon;
  }

  /** Undefined: nobody answers. */
  async ask(question: Ask, stateDir = this.stateDir): Promise<unknown> {
    try {
      return await askEngine(stateDir, question, systemClock);
    } catch (error) {
      if (error instanceof ControlError) return undefined;
      throw error;
    }
  }

  async mode(): Promise<string | undefined> {
    const status = (await this.ask({ ask: 'status' })) as { readonly desk: { readonly mode: string } } | undefined;
    return status?.desk.mode;
  }

  /** Resolves once it holds; the test's own time limit is the only other way out, and the daemon's end. */
  async until(daemon: Daemon, holds: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await holds())) {
      const end = daemon.end();
      if (end !== undefined) throw new Error(`the daemon ended with ${end.code ?? end.signal}: ${daemon.stderr()}`);
      await new Promise((next) => setTimeout(next, 100));
    }
  }

  /** Once the exchange has seen so many more executions of ours. */
  async untilTraded(daemon: Daemon, more: number): Promise<void> {
    await this.venue.catchUp();
    const { executions } = this.venue.truth;
    const enough = executions.length + more;
    await this.until(daemon, async () => {
      await this.venue.catchUp();
      return executions.length >= enough;
    });
  }

  async log(file = path.join(this.stateDir, 'logs', 'plotnost.log')): Promise<readonly LogLine[]> {
    const text = await readFile(file, 'utf8');
    return linesOf(this.#daemons.some((daemon) => daemon.end() === undefined) ? endedOf(text) : text);
  }

  async close(): Promise<void> {
    for (const daemon of this.#daemons) if (daemon.end() === undefined) daemon.send('SIGKILL');
    await Promise.all(this.#daemons.map((daemon) => daemon.ended));
    await this.venue.close();
    await Promise.all(this.#daemons.map((daemon) => daemon.leftAfter(5_000)));
    await this.#remove();
  }
}

/** Of what a daemon that lives has said: its last line it may just be writing, or taking back for want of room. */
export const endedOf = (text: string): string => text.slice(0, text.lastIndexOf('\n') + 1);

/** Every line must be whole. */
export function linesOf(text: string): readonly LogLine[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine);
}
