// What does the engine keep on disk besides its rows? Lock, list of runs, journal and kill latch, opened in this order.
import { join } from 'node:path';
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import {
  checkLine,
  decodeRecord,
  encodeRecord,
  replay,
  stateHash,
  type JournalRecord,
  type JournalState,
} from '../order/journal.ts';
import { openJournal, type JournalStatus } from './journal-file.ts';
import { openKillLatch, type KillLatch } from './kill-latch.ts';
import { lockState } from './lock.ts';
import type { Log } from '../lib/log.ts';
import { beginRun, type Run } from './runs.ts';
import { StateError } from './state-error.ts';

export interface StateListener {
  /** All records up to this seq are on disk. */
  synced(upTo: number): void;
  journal(status: JournalStatus): void;
  /** The disk has room again, and the next start will know of this run. */
  runWritten(): void;
  /** Somebody else has made the file KILL; undefined: the disk does not say any more; false: it says again that it is not there. */
  killed(killed: boolean | undefined): void;
  /** Somebody else has taken the lock. */
  lockLost(): void;
}

export interface EngineState {
  readonly run: Run;
  /** What the journal says, replayed. */
  readonly recovered: JournalState;
  /** Records that were on disk are lost: what `recovered` says may be too old, or too little. */
  readonly isDamaged: boolean;
  readonly latch: KillLatch;
  append(record: JournalRecord, sync: boolean): void;
  journalStatus(): JournalStatus;
  /** From now on; what has happened before is in the statuses. */
  listen(listener: StateListener): void;
  readonly isLockLost: boolean;
  /** An operator has seen what failed. */
  forgive(): Promise<void>;
  /** On the calling thread, at the end of a process that has failed. */
  flushNow(): void;
  /** `reason` undefined: it does not end as it should, and the next start shall know. */
  close(reason: string | undefined): Promise<void>;
}

const RETRY = 5_000 as Ms;

/**
 * `account`: whose journal it is, a folder of its own under the directory: what is meant on paper or on a simulator must
 * never be taken for, or write over, what was meant with money. Throws a `StateError` where another engine runs here, or
 * where a newer program has written the journal.
 */
export async function openState(stateDir: string, account: string, clock: Clock, log: Log): Promise<EngineState> {
  let listener: StateListener | undefined;
  let isLockLost = false;
  const lock = await lockState(stateDir, clock, () => {
    isLockLost = true;
    log.error({}, 'lock.lost');
    listener?.lockLost();
  });
  let retry: Timer | undefined;
  /** The newest first: where the next cannot be opened, no timer of these keeps a process that has said so. */
  const opened: (() => Promise<void> | void)[] = [() => retry?.cancel(), () => lock.release()];
  try {
    const run = await beginRun(stateDir, clock.wall(), log);
    opened.unshift(() => run.end('refused', clock.wall())); // told and clean: it counts as no crash
    const rewrite = async (): Promise<void> => {
      await run.write();
      if (!run.isWritten) return;
      retry?.cancel();
      listener?.runWritten();
    };
    if (!run.isWritten) retry = clock.every(RETRY, () => void rewrite());
    const isCheckpoint = (line: string): boolean => recordOf(line)?.kind === 'CHECKPOINT';
    const { journal, found } = await openJournal(
      { stateDir: join(stateDir, account), clock, check: checkLine, isCheckpoint },
      { onSynced: (upTo) => listener?.synced(upTo), onStatus: (status) => listener?.journal(status), log },
    );
    opened.unshift(() => journal.close());
    const latch = await openKillLatch(stateDir, { clock, log, onSeen: (killed) => listener?.killed(killed) });
    opened.unshift(() => latch.close());
    const records = found.lines.flatMap((line) => readable(line, log));
    const isLost = found.faults.some(({ kind }) => kind === 'corrupt' || kind === 'unreadable');
    const missing = missingIn(records);
    if (missing > 0 && !isLost) log.error({ records: missing, kind: 'missing' }, 'journal.corrupt');
    const recovered = replay(records);
    log.info({ records: records.length, seq: recovered.seq, hash: stateHash(recovered) }, 'journal.replayed');
    return {
      run,
      recovered,
      isDamaged: isLost || missing > 0 || records.length < found.lines.length,
      latch,
      append: (record, sync) =>
        journal.append({
          seq: record.seq,
          text: encodeRecord(record),
          sync,
          isCheckpoint: record.kind === 'CHECKPOINT',
        }),
      journalStatus: () => journal.status(),
      listen(one) {
        listener = one;
      },
      get isLockLost() {
        return isLockLost;
      },
      async forgive() {
        journal.forgive();
        await run.forgive();
      },
      flushNow: () => void journal.flushNow(),
      async close(reason) {
        listener = undefined;
        retry?.cancel();
        latch.close();
        try {
          await journal.close();
          if (reason !== undefined) await run.end(reason, clock.wall());
        } finally {
          await lock.release(); // whatever the disk says: a process that lingers would keep the next start out
        }
      },
    };
  } catch (error) {
    for (const close of opened) {
      try {
        await close();
      } catch {
        // What cannot be closed either hides neither the first error nor what is to be closed yet.
      }
    }
    throw error;
  }
}

/** A file that was not copied, or removed, leaves no trace but this: records are numbered without a gap. */
function missingIn(records: readonly JournalRecord[]): number {
  let missing = 0;
  let last = records[0]?.kind === 'CHECKPOINT' ? records[0].seq : 0;
  for (const { seq } of records) {
    missing += Math.max(0, seq - last - 1);
    last = Math.max(last, seq);
  }
  return missing;
}

function recordOf(line: string): JournalRecord | undefined {
  const decoded = decodeRecord(line);
  return decoded.ok ? decoded.record : undefined;
}

/** A line that was torn or turned was told when the file was read; one that is whole and no record is told here. */
function readable(line: string, log: Log): readonly JournalRecord[] {
  const decoded = decodeRecord(line);
  if (decoded.ok) return [decoded.record];
  if (decoded.reason === 'newer-version') {
    throw new StateError(
      'journal-newer',
      'the journal was written by a newer version: start that one, or give this one its own --state-dir',
    );
  }
  log.error({ bytes: line.length }, 'journal.no_record');
  return [];
}
