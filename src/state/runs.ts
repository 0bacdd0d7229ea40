// Which run of this state directory is this, and how did the ones before it end? A run that nobody saw end has crashed.
import { randomBytes } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ms } from '../lib/brand.ts';
import { absentAs } from './disk.ts';
import { writeDurably } from './durable-file.ts';
import type { StateLog } from './log.ts';
import { diskError } from './state-error.ts';

const KEPT_MAX = 50;

interface PastRun {
  readonly epoch: number;
  readonly pid: number;
  readonly startedAt: number;
  readonly end?: { readonly at: number; readonly reason: string };
  /** When the next start found that nobody had written its end. */
  readonly foundDeadAt?: number;
  /** An operator has seen the crash: it no longer counts. */
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
  /** Counts the runs: ids made in this one were made in none before, also where the journal was lost. */
  readonly epoch: number;
  /** Wall times at which abnormal exits were found, those that an operator has forgiven left out. */
  readonly crashes: readonly Ms[];
  /** The crashes so far have been seen by an operator. */
  forgive(): Promise<void>;
  /** The last thing that a run does when it ends as it should. */
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

async function read(path: string, wall: Ms, log: StateLog): Promise<Book> {
  const text = await absentAs(undefined, readFile(path, 'utf8'));
  if (text === undefined) return { instance: newInstance(), epoch: 0, runs: [] };
  const book = parsed(text);
  if (book !== undefined) return book;
  const copy = `${path}.damaged-${wall}`;
  await rename(path, copy);
  log.error({ copy }, 'runs.damaged');
  return { instance: newInstance(), epoch: 0, runs: [] };
}

/** To be called with the lock held, once, before anything is done that could crash. */
export async function beginRun(stateDir: string, wall: Ms, log: StateLog): Promise<Run> {
  const path = join(stateDir, 'runs.json');
  try {
    const found = await read(path, wall, log);
    const runs = found.runs.map((run) =>
      run.end === undefined && run.foundDeadAt === undefined ? { ...run, foundDeadAt: wall } : run,
    );
    const own: PastRun = { epoch: found.epoch + 1, pid: process.pid, startedAt: wall };
    let book: Book = { ...found, epoch: own.epoch, runs: [...runs, own].slice(-KEPT_MAX) };
    const write = async (next: Book): Promise<void> => {
      await writeDurably(path, `${JSON.stringify(next)}\n`);
      book = next;
    };
    await write(book);
    return {
      instance: book.instance,
      epoch: book.epoch,
      crashes: book.runs.flatMap((run) =>
        run.foundDeadAt === undefined || run.isForgiven === true ? [] : [run.foundDeadAt as Ms],
      ),
      forgive: () =>
        write({
          ...book,
          runs: book.runs.map((run) => (run.foundDeadAt === undefined ? run : { ...run, isForgiven: true })),
        }),
      end: (reason, at) =>
        write({
          ...book,
          runs: book.runs.map((run) => (run.epoch === own.epoch ? { ...run, end: { at, reason } } : run)),
        }),
    };
  } catch (error) {
    throw diskError(`cannot write ${path}`, error);
  }
}
