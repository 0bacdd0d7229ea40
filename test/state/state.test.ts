// What does the next start know of what was lost on the disk?
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { systemClock, type Timer } from '../../src/lib/clock.ts';
import { emptyJournal, encodeRecord, JOURNAL_VERSION, type JournalRecord } from '../../src/order/journal.ts';
import { openState, type EngineState } from '../../src/state/state.ts';
import { ownFolder } from '../own-folder.ts';
import { smallDisk } from './small-disk.ts';

const QUIET = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const MODE = { mode: 'REDUCE_ONLY', sticky: ['operator.paused'], latch: null, killed: false };

function recordOf(seq: number): JournalRecord {
  return { v: 1, seq, tWall: 1 as Ms, tMono: 1 as Ms, kind: 'MODE', body: MODE };
}

async function writtenState(): Promise<string> {
  const dir = ownFolder();
  const state = await openState(dir, 'account', systemClock, QUIET);
  for (const seq of [1, 2, 3]) state.append(recordOf(seq), false);
  await state.close('end');
  return dir;
}

async function openedAgain(dir: string): Promise<Pick<EngineState, 'isDamaged' | 'recovered'>> {
  const state = await openState(dir, 'account', systemClock, QUIET);
  await state.close('end');
  return state;
}

function change(dir: string, by: (text: string) => string): void {
  const journal = path.join(dir, 'account', 'journal');
  const name = readdirSync(journal).find((file) => /^\d{8}\.log$/.test(file)) as string;
  const file = path.join(journal, name);
  writeFileSync(file, by(readFileSync(file, 'latin1')), 'latin1');
}

test('a journal as it was written is whole', async () => {
  const { isDamaged, recovered } = await openedAgain(await writtenState());
  expect([isDamaged, recovered.seq]).toEqual([false, 3]);
});

test('one byte that is another in the middle is damage: a pause may have been there (R06)', async () => {
  const dir = await writtenState();
  change(dir, (text) => text.replace('operator.paused', 'operator.pausee'));
  expect((await openedAgain(dir)).isDamaged).toBe(true);
});

test('a line that is whole and says nothing that a record could say is damage too (R06)', async () => {
  const dir = await writtenState();
  const odd = { ...recordOf(4), v: 0 } as unknown as JournalRecord;
  change(dir, (text) => `${text.replaceAll('\0', '')}${encodeRecord(odd)}\n`);
  const { isDamaged, recovered } = await openedAgain(dir);
  expect([isDamaged, recovered.seq]).toEqual([true, 3]);
});

test.each([
  ['the first', 0, 3],
  ['one in the middle', 1, 1],
])('R06: of a journal that was copied without %s of its files a pause may be missing', async (_, which, missing) => {
  const dir = await writtenState();
  for (const seqs of [[4], [5, 6]]) {
    const state = await openState(dir, 'account', systemClock, QUIET);
    for (const seq of seqs) state.append(recordOf(seq), false);
    await state.close('end');
  }
  const journal = path.join(dir, 'account', 'journal');
  const files = readdirSync(journal).filter((file) => file.endsWith('.log'));
  rmSync(path.join(journal, files[which] as string));
  const told: object[] = [];
  const log = { ...QUIET, error: (fields: object, event: string) => void told.push({ ...fields, event }) };
  const state = await openState(dir, 'account', systemClock, log);
  await state.close('end');
  expect([state.isDamaged, state.recovered.seq, told]).toEqual([
    true,
    6,
    [{ records: missing, kind: 'missing', event: 'journal.corrupt' }],
  ]);
});

test('R08: a crash counts at each start until an operator has seen it', async () => {
  const dir = await writtenState();
  const crashes: number[] = [];
  for (const isSeen of [false, true, false]) {
    const state = await openState(dir, 'account', systemClock, QUIET);
    crashes.push(state.run.crashes.length);
    if (isSeen) await state.forgive();
    await state.close(crashes.length === 1 ? undefined : 'end');
  }
  expect(crashes).toEqual([0, 1, 0]);
});

test('damage from before a checkpoint has cost nothing: no operator has to look at it (R06)', async () => {
  const dir = await writtenState();
  const checkpoint: JournalRecord = { ...recordOf(4), kind: 'CHECKPOINT', body: { ...emptyJournal(), seq: 3 } };
  change(dir, (text) => {
    const damaged = text.replaceAll('\0', '').replace('operator.paused', 'operator.pausee');
    return `${damaged}${encodeRecord(checkpoint)}\n`;
  });
  const { isDamaged, recovered } = await openedAgain(dir);
  expect([isDamaged, recovered.seq]).toEqual([false, 4]);
});

test('a line that a crash has torn was never told to be there: no damage', async () => {
  const dir = await writtenState();
  change(dir, (text) => `${text.replaceAll('\0', '')}0a1b2c half a li`);
  const { isDamaged, recovered } = await openedAgain(dir);
  expect([isDamaged, recovered.seq]).toEqual([false, 3]);
});

test('P1, D06: with all of its disk taken it opens with what was written, and tells when the next start will know of it', async () => {
  const { dir, isSmall, fill, makeRoom } = smallDisk(16 << 20);
  const before = await openState(dir, 'account', systemClock, QUIET);
  before.append(recordOf(1), true);
  await before.close(undefined);
  fill();
  const hasty = { ...systemClock, every: (_ms: Ms, run: () => void) => systemClock.every(20 as Ms, run) };
  const state = await openState(dir, 'account', hasty, QUIET);
  expect([state.recovered.seq, state.isDamaged, state.run.isWritten]).toEqual([1, false, !isSmall]);
  const written = Promise.withResolvers<void>();
  const nothing = (): void => undefined;
  state.listen({ synced: nothing, journal: nothing, killed: nothing, lockLost: nothing, runWritten: written.resolve });
  makeRoom();
  if (isSmall) await written.promise;
  expect(state.run.isWritten).toBe(true);
  await state.close('end');
});

test('a run whose end the disk does not take lets the next one in, which finds that it crashed', async () => {
  const dir = await writtenState();
  const state = await openState(dir, 'account', systemClock, QUIET);
  const draft = path.join(dir, 'runs.json.draft');
  mkdirSync(draft);
  await expect(state.close('end')).rejects.toMatchObject({ code: 'disk' });
  rmSync(draft, { recursive: true });
  const next = await openState(dir, 'account', systemClock, QUIET);
  expect(next.run.crashes).toHaveLength(1);
  await next.close('end');
});

/** A start that a journal of a newer version refuses. `cancelled` is told which timer: of the lock, the journal, the latch. */
async function refusedStart(cancelled: (timer: number) => void) {
  const dir = await writtenState();
  const state = await openState(dir, 'account', systemClock, QUIET);
  state.append({ ...recordOf(4), v: JOURNAL_VERSION + 1 }, false);
  await state.close('end');
  const running = new Set<number>();
  let begun = 0;
  const every = (period: Ms, run: () => void): Timer => {
    const number = begun++;
    const timer = systemClock.every(period, run);
    running.add(number);
    const cancel = (): void => {
      timer.cancel();
      running.delete(number);
      cancelled(number);
    };
    return { cancel };
  };
  const opening = openState(dir, 'account', { ...systemClock, every }, QUIET);
  const refusal = await opening.catch((error: unknown) => error);
  return { refusal, running: running.size, locks: readdirSync(dir).filter((name) => name.startsWith('engine.lock')) };
}

const REFUSED = { refusal: { code: 'journal-newer', exitCode: 78 }, running: 0, locks: [] };

test('R13: a journal of a newer version refuses the start, and nothing that was opened for it keeps the process', async () => {
  expect(await refusedStart(() => undefined)).toMatchObject(REFUSED);
});

test('R08, R13: going back to a version that cannot read the journal is refused however often, and is no crash', async () => {
  const dir = await writtenState();
  const written = await openState(dir, 'account', systemClock, QUIET);
  written.append({ ...recordOf(4), v: JOURNAL_VERSION + 1 }, false);
  await written.close('end');
  for (let start = 0; start < 3; start++) {
    await expect(openState(dir, 'account', systemClock, QUIET)).rejects.toMatchObject({ code: 'journal-newer' });
  }
  const other = await openState(dir, 'other', systemClock, QUIET);
  await other.close('end');
  expect(other.run.crashes).toEqual([]);
});

test('of a refused start one thing that cannot be closed keeps neither the lock nor the reason back', async () => {
  const stubborn = (timer: number): void => {
    if (timer === 2) throw new Error('it cannot be closed');
  };
  expect(await refusedStart(stubborn)).toMatchObject(REFUSED);
});
