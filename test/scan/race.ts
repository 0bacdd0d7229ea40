// Does a thread ever keep another book than main has, though main writes all the time? `node test/scan/race.ts --scans 1000000 [--plain]`
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { createOwnCore } from '../../bench/ours/core.ts';
import { createOwnLives } from '../../bench/ours/scan.ts';
import { CHANGE_ORIGIN, CHANGE_TAIL, createBooks, SLOT_WORDS } from '../../src/book/layout.ts';
import { copyBook, VIEW_LEVELS_MAX, VIEW_MESSAGE, type Book } from '../../src/book/read.ts';
import { createRing, peek, release } from '../../src/lib/ring.ts';
import type { Slot } from '../../src/market/units.ts';
import { EVENT_STRIDE } from '../../src/scan/event.ts';
import { ScanKernel, type Side } from '../../src/scan/kernel/kernel.ts';
import { RESTARTS, SLOT_WORDS as LIFE_WORDS } from '../../src/scan/layout.ts';
import { createWorkspace } from '../../src/scan/workspace.ts';
import { scanInstrument } from '../../src/signal/scan-instrument.ts';
import { createTape } from '../../src/tape/layout.ts';
import { RACE_SLOTS, raceFrames, type RaceData } from './race-writer.ts';

export interface Race {
  scans: number;
  /** Ring entries that were followed. */
  followed: number;
  /** Times that a scan found the ring begun anew since the one before. */
  begunAnew: number;
  /** Times that entries were lost, because nobody had looked for too long. */
  restarts: number;
  /** Scans after which main had not written on, so that both books could be compared. */
  compared: number;
  different: number;
}

function isSame(own: Book<Side>, whole: Book<Side>): boolean {
  return own.sides.every((side, which) => {
    const other = whole.sides[which as 0 | 1];
    const count = side.end - side.from;
    if (count !== other.end - other.from) return false;
    for (let i = 0; i < count; i++)
      if (
        side.ticks[side.from + i] !== other.ticks[other.from + i] ||
        side.units[side.from + i] !== other.units[other.from + i]
      )
        return false;
    return true;
  });
}

/** Scans all books in turn beside a thread that writes them. A change that does not fit its level throws in the scan itself. */
async function race(scans: number, seed: number, isPlain: boolean): Promise<Race> {
  const books = createBooks(RACE_SLOTS);
  const tape = createTape(RACE_SLOTS);
  const { instruments } = createOwnCore(raceFrames(seed), createBooks(RACE_SLOTS), createTape(RACE_SLOTS));
  const lives = createOwnLives(instruments);
  const events = createRing(4_096, EVENT_STRIDE);
  const work = createWorkspace({ books, tape, lives }, events, () => undefined);
  const whole = new ScanKernel().createBook(VIEW_LEVELS_MAX);
  const signals = new Int32Array(new SharedArrayBuffer(8));
  const kernel = isPlain ? undefined : books.kernel;
  const workerData: RaceData = { books: books.buffer, kernel, tape: tape.buffer, signals: signals.buffer, seed };
  const worker = new Worker(new URL('race-writer.ts', import.meta.url), { workerData });
  const ended = new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
  await Promise.race([Atomics.waitAsync(signals, 0, 0).value, ended]);
  const found: Race = { scans: 0, followed: 0, begunAnew: 0, restarts: 0, compared: 0, different: 0 };
  const origins = new Int32Array(RACE_SLOTS);
  for (let turn = 0; found.scans < scans; turn++) {
    const slot = (turn % RACE_SLOTS) as Slot;
    const at = slot * SLOT_WORDS;
    const tail = books.words[at + CHANGE_TAIL] as number;
    if (!scanInstrument(work, slot)) continue;
    while (peek(events) >= 0) release(events);
    found.scans++;
    found.followed += ((books.words[at + CHANGE_TAIL] as number) - tail) | 0;
    const origin = Atomics.load(books.words, at + CHANGE_ORIGIN);
    if (origin !== origins[slot]) found.begunAnew++;
    origins[slot] = origin;
    if (!copyBook(books, slot, whole) || whole.tenancy !== work.view.tenancy) continue;
    if (whole.stamps[VIEW_MESSAGE] !== work.view.stamps[VIEW_MESSAGE]) continue;
    found.compared++;
    if (!isSame(work.view, whole)) found.different++;
  }
  Atomics.store(signals, 1, 1);
  await ended;
  for (let slot = 0; slot < RACE_SLOTS; slot++) found.restarts += lives.words[slot * LIFE_WORDS + RESTARTS] as number;
  return found;
}

const { values } = parseArgs({
  options: {
    scans: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '7' },
    plain: { type: 'boolean', default: false },
  },
});
process.stdout.write(`${JSON.stringify(await race(Number(values.scans), Number(values.seed), values.plain))}\n`);
