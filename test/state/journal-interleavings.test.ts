// In whatever order a slow disk answers, and whatever falls between two answers: is no line lost, and no trouble made up?
import { expect, onTestFinished, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { createRng } from '../../src/lib/rng.ts';
import { readJournal } from '../../src/state/journal-read.ts';
import { createVirtualClock, settle } from '../bybit/virtual-clock.ts';
import { JournalRoom, type Opened, seqOf, tests } from './journal-room.ts';
import { SlowDisk } from './slow-disk.ts';

const SEED = 2_520_000;
const LIVES = 15;
const TURNS = 200;
const TURNS_MAX = 5_000;

/** Lines that were reported as synced, and that a boot would not find if the power went now. */
async function missingOn(disk: SlowDisk, synced: number): Promise<readonly number[]> {
  const { lines } = await readJournal('', tests, 0 as Ms, disk.asLeft());
  const found = new Set(lines.map(seqOf));
  const [first = ''] = lines;
  const from = tests.isCheckpoint(first) ? seqOf(first) : 1;
  return Array.from({ length: Math.max(0, synced + 1 - from) }, (_, i) => from + i).filter((seq) => !found.has(seq));
}

/** Lines, looks, retries and an operator's word come between any two steps of the disk; at last it is well, and the journal ends. */
async function lived(seed: number, failing: number): Promise<object> {
  const rng = createRng(seed);
  const clock = createVirtualClock();
  const disk = new SlowDisk(rng, failing);
  const room = new JournalRoom();
  onTestFinished(() => room.remove());
  const missing: number[] = [];
  let opened: Opened | undefined;
  let seq = 0;
  void room.open({ disk, clock, segmentBytes: 128 }).then((one) => (opened = one));
  while (!disk.isBusy) await settle(); // its folder is made on the machine's disk, which takes what time it likes
  for (let turn = 0; turn < TURNS; turn++) {
    const chance = rng.next();
    if (chance < 0.6) disk.go();
    else if (chance < 0.7) await clock.advance(rng.below(1_000));
    else if (chance < 0.98)
      opened?.put(++seq, { sync: rng.below(2) === 0, words: rng.below(20) === 0 ? 'checkpoint' : 'meant' });
    else opened?.journal.forgive();
    await settle();
    if (turn % 8 === 0) missing.push(...(await missingOn(disk, opened?.synced() ?? 0)));
  }
  disk.failing = 0;
  const until = async (isSo: () => boolean): Promise<void> => {
    for (let turn = 0; turn < TURNS_MAX && !isSo(); turn++) {
      if (disk.isBusy) disk.go();
      else await clock.advance(1_000);
      await settle();
    }
  };
  await until(() => opened?.synced() === seq && !disk.isBusy);
  opened?.journal.forgive();
  const reason = opened?.journal.status().reason;
  let isClosed = false;
  void opened?.journal.close().then(() => (isClosed = true));
  await until(() => isClosed);
  missing.push(...(await missingOn(disk, seq)));
  return { seed, missing, reason, isClosed, timers: clock.waiting(), held: disk.held, events: opened?.events };
}

const SOUND = { missing: [], reason: 'ok', isClosed: true, timers: 0, held: 0 };

test(`on a slow disk that is well nothing is complained of, nothing is lost, and nothing is left open at the end (${LIVES} lives)`, async () => {
  for (let seed = SEED; seed < SEED + LIVES; seed++)
    expect(await lived(seed, 0)).toEqual({ seed, ...SOUND, events: [] });
});

test(`on a slow disk that fails now and then nothing that was reported as synced is lost, all else comes when it is well, and nothing is left open either (${LIVES} lives)`, async () => {
  for (let seed = SEED; seed < SEED + LIVES; seed++) expect(await lived(seed, 0.05)).toMatchObject({ seed, ...SOUND });
});
