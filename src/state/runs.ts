// Which run of this state directory is this, and how did the ones before it end? A run that nobody saw end has crashed.
import { randomBytes } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ms } from '../lib/brand.ts';
import { isDiskFull } from '../lib/disk-full.ts';
import { messageOf } from '../lib/error-message.ts';
import { EPOCH_MAX } from '../order/link-id.ts';
import { absentAs } from './disk.ts';
import { writeDurably } from './durable-file.ts';
import type { Log } from '../lib/log.ts';
import { diskError } from './state-error.ts';

const KEPT_MAX = 50;
/** Numbers count the seconds from here on: also a directory that was restored, or not written, makes no number again. */
const SINCE = Date.UTC(2026, 0, 1);

interface PastRun {
  readonly epoch: number;
  readonly pid: number;
  readonly startedAt: number;
  readonly end?: { readonly at: number; readonly reason: string };
  /** When the next start found that nobody had written its end. */
  readonly foundDeadAt?: number;
  /** An operator said `resume` since: the crash no longer counts. */
  readonly isForgiven?: boolean;
}

interface Book {
  readonly instance: string;
  readonly epoch: number;
  readonly runs: readonly PastRun[];
}

export interface Run {
  /** Of the state directory; part of every order's link id. */
  readonly instance: string;
  /** Grows from run to run: ids made in this one were made in none before, also where the journal was lost or is an old one. */
  readonly epoch: number;
  /** Wall times at which abnormal exits were found, those that an operator has forgiven left out. */
  readonly crashes: readonly Ms[];
  /** False: the disk was full, and the next start would not know of this run (R08). */
  readonly isWritten: boolean;
  /** Once more, of a run that is not written. Never throws: what else the disk may say is said again the next time. */
  write(): Promise<void>;
  /** The crashes so far have been seen by an operator. */
  forgive(): Promise<void>;
  /** The last thing that a run does when it ends as it should. On a full disk it will have crashed. */
  end(reason: string, wall: Ms): Promise<void>;
}

/** A link id has room for eight letters: two directories share a name once in four billion. */
const newInstance = (): string => randomBytes(4).toString('hex');

function parsed(text: string): Book | undefined {
  try {
    const book = JSON.parse(text) as Partial<Book>;
    const isWhole = /^[a-z0-9]{4,8}$/.test(String(book.instance)) && Number.isSafeInteger(book.epoch);
    return isWhole && Array.isArray(book.runs) ? (book as Book) : undefined;
  } catch {
    return undefined; // it is replaced whole, so the disk has damaged it
  }
}

async function read(path: string, wall: Ms, log: Log): Promise<Book> {
  const text = await absentAs(undefined, readFile(path, 'utf8'));
  if (text === undefined) return { instance: newInstance(), epoch: 0, runs: [] };
  const book = parsed(text);
  if (book !== undefined) return book;
  const copy = `${path}.damaged-${wall}`;
  await rename(path, copy);
  log.error({ copy }, 'runs.damaged');
  return { instance: newInstance(), epoch: 0, runs: [] };
}

/**
 * To be called with the lock held, once, before anything is done that could crash. A full disk keeps nobody from starting:
 * positions may be open (P1, D06).
 */
export async function beginRun(stateDir: string, wall: Ms, log: Log): Promise<Run> {
  const path = join(stateDir, 'runs.json');
  const found = await read(path, wall, log).catch((error: unknown) => {
    throw diskError(`cannot read ${path}`, error);
  });
  const runs = found.runs.map((run) =>
    run.end === undefined && run.foundDeadAt === undefined ? { ...run, foundDeadAt: wall } : run,
  );
  const second = Math.floor((wall - SINCE) / 1_000);
  // A calendar that is generations ahead would leave no numbers for the orders of later runs.
  const epoch = Math.max(found.epoch + 1, second < EPOCH_MAX / 2 ? second : 0);
  const own: PastRun = { epoch, pid: process.pid, startedAt: wall };
  let book: Book = { ...found, epoch, runs: [...runs, own].slice(-KEPT_MAX) };
  let isWritten = true;
  let writing = Promise.resolve();
  /** What the disk has no room for is kept, and goes with the next. */
  const attempt = async (next: Book): Promise<void> => {
    try {
      await writeDurably(path, `${JSON.stringify(next)}\n`);
      isWritten = true;
    } catch (error) {
      if (!isDiskFull(error)) throw diskError(`cannot write ${path}`, error);
      if (isWritten) log.error({ file: path, reason: messageOf(error) }, 'runs.unwritten');
      isWritten = false;
    }
    book = next;
  };
  /** One after another: they share the draft. */
  const change = (by: (book: Book) => Book): Promise<void> => {
    const done = writing.then(() => attempt(by(book)));
    writing = done.catch(() => undefined);
    return done;
  };
  await change((same) => same);
  return {
    instance: book.instance,
    epoch,
    crashes: book.runs.flatMap((run) =>
      run.foundDeadAt === undefined || run.isForgiven === true ? [] : [run.foundDeadAt as Ms],
    ),
    get isWritten() {
      return isWritten;
    },
    write: () => change((same) => same).catch(() => undefined),
    forgive: () =>
      change((same) => ({
        ...same,
        runs: same.runs.map((run) => (run.foundDeadAt === undefined ? run : { ...run, isForgiven: true })),
      })),
    end: (reason, at) =>
      change((same) => ({
        ...same,
        runs: same.runs.map((run) => (run.epoch === epoch ? { ...run, end: { at, reason } } : run)),
      })),
  };
}
