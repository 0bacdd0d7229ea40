// A journal in a directory of its own, with lines that carry their checksum, and a disk that fails when it is told to.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { systemClock } from '../../src/lib/clock.ts';
import type { Disk, DiskFile } from '../../src/state/disk.ts';
import { systemDisk } from '../../src/state/disk.ts';
import type { Journal, JournalOptions, JournalStatus } from '../../src/state/journal-file.ts';
import { openJournal } from '../../src/state/journal-file.ts';
import type { JournalFound } from '../../src/state/journal-read.ts';

const sum = (text: string): string => crc32(text).toString(16).padStart(8, '0');

export function lineOf(seq: number, words = 'meant to buy'): string {
  const text = `${seq} ${words}`;
  return `${sum(text)} ${text}`;
}

export const tests = {
  check: (line: string): boolean => line.slice(0, 8) === sum(line.slice(9)),
  isCheckpoint: (line: string): boolean => line.endsWith('checkpoint'),
};

export const seqOf = (line: string): number => Number(line.slice(9).split(' ')[0]);

export type Deed = 'open' | 'write' | 'datasync' | 'rename' | 'truncate';

/** `fails(deed)` says whether it fails just now; a `gate` holds back every sync until it is opened. */
export function faultyDisk(fails: (deed: Deed) => boolean, gate?: () => Promise<void>): Disk {
  const refuse = (deed: Deed): void => {
    if (fails(deed)) throw Object.assign(new Error(`ENOSPC: no space left on device, ${deed}`), { code: 'ENOSPC' });
  };
  const file = (real: DiskFile): DiskFile => ({
    ...real,
    write: async (bytes, position) => {
      if (fails('write')) {
        await real.write(bytes.subarray(0, bytes.length >> 1), position); // as much as fitted
        refuse('write');
      }
      await gate?.();
      await real.write(bytes, position);
      refuse('datasync');
    },
    writeNow: (bytes, position) => {
      refuse('write');
      real.writeNow(bytes, position);
    },
    truncate: async (length) => {
      refuse('truncate');
      await real.truncate(length);
    },
  });
  return {
    ...systemDisk,
    open: async (place) => {
      refuse('open');
      return file(await systemDisk.open(place));
    },
    rename: async (from, to) => {
      refuse('rename');
      await systemDisk.rename(from, to);
    },
  };
}

export interface Opened {
  readonly journal: Journal;
  readonly found: JournalFound;
  readonly statuses: readonly JournalStatus[];
  readonly events: readonly string[];
  readonly synced: () => number;
  /** Resolves once all up to `seq` is on the disk. */
  readonly until: (seq: number) => Promise<void>;
  readonly put: (seq: number, over?: { sync?: boolean; words?: string }) => void;
  /** Resolves once the journal says so. */
  readonly said: (reason: JournalStatus['reason']) => Promise<void>;
}

export class JournalRoom {
  readonly dir = mkdtempSync(path.join(os.tmpdir(), 'plotnost-journal-'));

  async open(over: Partial<JournalOptions> = {}): Promise<Opened> {
    const statuses: JournalStatus[] = [];
    const events: string[] = [];
    let upTo = 0;
    let waits: { readonly holds: () => boolean; readonly done: () => void }[] = [];
    const look = (): void => {
      const over = waits.filter(({ holds }) => holds());
      waits = waits.filter((wait) => !over.includes(wait));
      for (const { done } of over) done();
    };
    const wait = (holds: () => boolean): Promise<void> =>
      new Promise((done) => {
        waits.push({ holds, done });
        look();
      });
    const say = (_fields: object, event: string): void => void events.push(event);
    const options = { stateDir: this.dir, clock: systemClock, segmentBytes: 4_096, ...tests, ...over };
    const { journal, found } = await openJournal(options, {
      onSynced: (seq) => {
        upTo = seq;
        look();
      },
      onStatus: (status) => {
        statuses.push(status);
        look();
      },
      log: { debug: say, info: say, warn: say, error: say },
    });
    return {
      journal,
      found,
      statuses,
      events,
      synced: () => upTo,
      until: (seq) => wait(() => upTo >= seq),
      put: (seq, { sync = true, words } = {}) => {
        const text = lineOf(seq, words);
        journal.append({ seq, text, sync, isCheckpoint: tests.isCheckpoint(text) });
      },
      said: (reason) => wait(() => statuses.at(-1)?.reason === reason),
    };
  }

  get files(): readonly string[] {
    return readdirSync(path.join(this.dir, 'journal')).toSorted();
  }

  read(name: string): Buffer {
    return readFileSync(path.join(this.dir, 'journal', name));
  }

  write(name: string, bytes: Uint8Array | string): void {
    writeFileSync(path.join(this.dir, 'journal', name), bytes);
  }

  drop(name: string): void {
    rmSync(path.join(this.dir, 'journal', name));
  }

  /** Resolves once the reserve for the next segment is there. */
  async settled(): Promise<void> {
    while (!this.files.includes('spare')) await new Promise((next) => setTimeout(next, 2));
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
