// thread: the writer of the campaign. Changes small books as fast as it can until it is told to stop.
import { workerData } from 'node:worker_threads';
import type { Grid } from '../../src/book/grid.ts';
import { mapBooks } from '../../src/book/layout.ts';
import { createStaging } from '../../src/book/staging.ts';
import { BookWriter } from '../../src/book/write.ts';
import { createRng } from '../../src/lib/rng.ts';
import type { Side } from '../../src/market/side.ts';
import type { Slot } from '../../src/market/units.ts';
import { stage, type PlainLevel } from './staged-frame.ts';

export interface WriterData {
  readonly buffer: SharedArrayBuffer;
  readonly kernel: WebAssembly.Memory | undefined;
  readonly slots: number;
  /** [0] books ready, [1] stop */
  readonly signals: SharedArrayBuffer;
  readonly seed: number;
}

const GRID: Grid = { priceScale: 0, tickScaled: 1, lotScale: 0, lotScaled: 1 };
const DEPTH = 50;
const FRAMES = 512;

const { buffer, slots, signals: shared, seed } = workerData as WriterData;
const signals = new Int32Array(shared);
const writer = new BookWriter(mapBooks(buffer, slots));
const rng = createRng(seed);

// Levels of few ticks around one price, each size another sum: any mixture of two messages shows in the totals.
const level = (side: Side, away: number): PlainLevel => ({
  side,
  tick: side === 0 ? 1_000 - away : 1_001 + away,
  lot: rng.below(4) === 0 ? 0 : 1 + rng.below(1_000_000),
});
const frames = Array.from({ length: FRAMES }, () => {
  const staging = createStaging();
  const levels = Array.from({ length: 6 }, (_, i) => level((i & 1) as Side, rng.below(4)));
  stage(staging, GRID, { snapshot: false, u: 0, levels });
  return staging;
});

for (let slot = 0; slot < slots; slot++) writer.attach(slot as Slot, DEPTH);
Atomics.store(signals, 0, 1);
Atomics.notify(signals, 0);
for (let round = 0; Atomics.load(signals, 1) === 0; round++) {
  const staging = frames[round % FRAMES] as (typeof frames)[number];
  // Stamps that agree with each other only within one message.
  staging.stamps.fill(round + 1);
  writer.applyDelta((round % slots) as Slot, GRID, staging);
}
