// Is the kill switch set? A file `KILL` in the state directory sets it, whoever made it, until an operator's `resume` (Y04).
import { watch, type FSWatcher } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { messageOf } from '../lib/error-message.ts';
import { absentAs } from './disk.ts';
import { syncDirectory, writeDurably } from './durable-file.ts';
import type { Log } from '../lib/log.ts';
import { diskError } from './state-error.ts';

export interface KillLatch {
  /** Undefined inside: the disk does not say whether the file is there. */
  readonly standing: { readonly killed: boolean | undefined; readonly reason: string };
  /** Latched at once; the file follows as soon as the disk takes it. */
  kill(reason: string): void;
  /** By an operator's `resume` only. Throws a `StateError`, and stays latched, where the file cannot be removed. */
  clear(): Promise<void>;
  /** Resolves when it has been tried to the end, as often as that was begun. */
  readonly cleared: Promise<void>;
  /** Stops watching the file; a later kill is still latched. */
  close(): void;
}

export interface KillPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** While we ran somebody else has made the file (true), or the disk began not to say (undefined), or says again that there is none. */
  readonly onSeen: (killed: boolean | undefined) => void;
}

/** Notices come at once where the file system gives any; the look is for those that give none. */
const LOOK = 250 as Ms;
const BY_HAND = 'the file KILL';
const REASON_MAX = 200;

class FileLatch implements KillLatch {
  readonly #dir: string;
  readonly #path: string;
  readonly #ports: KillPorts;
  /** A new object for each kill: one that comes while another is cleared is not lost. */
  #kill: { reason: string } | undefined;
  #isUnsure = false;
  #isClearing = false;
  #cleared: Promise<void> = Promise.resolve();
  #writing: Promise<void> | undefined;
  #looking: Promise<void> | undefined;
  #isSeenTooEarly = false;
  #isClosed = false;
  readonly #watcher: FSWatcher | undefined;
  readonly #timer: Timer;

  constructor(stateDir: string, ports: KillPorts) {
    this.#dir = stateDir;
    this.#path = join(stateDir, 'KILL');
    this.#ports = ports;
    this.#watcher = this.#watch();
    this.#timer = ports.clock.every(LOOK, () => void this.look());
  }

  get standing(): { readonly killed: boolean | undefined; readonly reason: string } {
    if (this.#kill !== undefined) return { killed: true, reason: this.#kill.reason };
    return { killed: this.#isUnsure ? undefined : false, reason: '' };
  }

  #watch(): FSWatcher | undefined {
    try {
      const watcher = watch(this.#dir, { persistent: false }, (_kind, name) => {
        if (name === null || name === 'KILL') void this.look();
      });
      watcher.on('error', (error) => this.#complain('kill.unwatched', error));
      return watcher;
    } catch (error) {
      this.#complain('kill.unwatched', error);
      return undefined;
    }
  }

  look(): Promise<void> {
    this.#isSeenTooEarly = this.#looking !== undefined;
    this.#looking ??= this.#see().finally(() => {
      this.#looking = undefined;
      if (this.#isSeenTooEarly) void this.look();
    });
    return this.#looking;
  }

  async #see(): Promise<void> {
    if (this.#isClearing || this.#writing !== undefined || this.#isClosed) return;
    try {
      const found = await absentAs(undefined, stat(this.#path));
      if (this.#isClearing || this.#isClosed) return; // what was seen may be over
      const wasUnsure = this.#isUnsure;
      this.#isUnsure = false;
      if (found === undefined) {
        if (wasUnsure && this.#kill === undefined) this.#ports.onSeen(false);
        return await this.#keep();
      }
      if (this.#kill !== undefined) return;
      const kill = { reason: BY_HAND };
      this.#kill = kill;
      this.#ports.onSeen(true);
      const reason = (await readFile(this.#path, 'utf8')).trim().slice(0, REASON_MAX);
      if (reason !== '') kill.reason = reason;
    } catch (error) {
      if (this.#isUnsure) return;
      this.#isUnsure = true;
      this.#complain('kill.unsure', error);
      if (this.#kill === undefined) this.#ports.onSeen(undefined);
    }
  }

  kill(reason: string): void {
    if (this.#kill !== undefined && !this.#isClearing) return;
    this.#kill = { reason };
    if (!this.#isClearing) void this.#keep();
  }

  /** Writes the file of a set latch again where somebody has removed it. */
  #keep(): Promise<void> {
    if (this.#kill === undefined) return Promise.resolve();
    this.#writing ??= this.#write(this.#kill.reason).finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #write(reason: string): Promise<void> {
    try {
      await writeDurably(this.#path, `${reason}\n`);
    } catch (error) {
      this.#complain('kill.latch_failed', error);
    }
  }

  get cleared(): Promise<void> {
    return this.#cleared;
  }

  clear(): Promise<void> {
    const clearing = this.#clear();
    this.#cleared = clearing.catch(() => undefined);
    return clearing;
  }

  async #clear(): Promise<void> {
    const before = this.#kill;
    this.#isClearing = true;
    try {
      await this.#looking;
      await this.#writing;
      await rm(this.#path, { force: true });
      await syncDirectory(this.#dir);
      this.#isUnsure = false;
    } catch (error) {
      throw diskError(`cannot remove ${this.#path}`, error);
    } finally {
      this.#isClearing = false;
    }
    if (this.#kill === before) this.#kill = undefined;
    else await this.#keep(); // killed again meanwhile
  }

  close(): void {
    this.#isClosed = true;
    this.#timer.cancel();
    this.#watcher?.close();
  }

  #complain(event: string, error: unknown): void {
    this.#ports.log.warn({ file: this.#path, reason: messageOf(error) }, event);
  }
}

/** Knows when it returns whether the latch was left set by an earlier run; that is not told to `onSeen`. */
export async function openKillLatch(stateDir: string, ports: KillPorts): Promise<KillLatch> {
  let isOpen = false;
  const latch = new FileLatch(stateDir, { ...ports, onSeen: (killed) => isOpen && ports.onSeen(killed) });
  await latch.look();
  isOpen = true;
  return latch;
}
