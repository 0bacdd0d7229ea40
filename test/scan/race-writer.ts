// thread: main's part of the race. Hands frames to its books as fast as it can, with breaths in which a reader may catch up.
import { workerData } from 'node:worker_threads';
import { createOwnCore, CONNECTION, RECEIVED, resettle } from '../../bench/ours/core.ts';
import { syntheticFrames } from '../../bench/frames/synthetic.ts';
import { mapBooks } from '../../src/book/layout.ts';
import { createRng } from '../../src/lib/rng.ts';
import { mapTape } from '../../src/tape/layout.ts';

export const RACE_SLOTS = 8;
export const raceFrames = (seed: number) => syntheticFrames(50, RACE_SLOTS, 4_000, seed);

export interface RaceData {
  readonly books: SharedArrayBuffer;
  /** Without it everything goes through TypeScript. */
  readonly kernel: WebAssembly.Memory | undefined;
  readonly tape: SharedArrayBuffer;
  /** [0] books ready, [1] stop */
  readonly signals: SharedArrayBuffer;
  readonly seed: number;
}

if (workerData !== null) {
  const { books, kernel, tape, signals, seed } = workerData as RaceData;
  const words = new Int32Array(signals);
  const rng = createRng(seed);
  const frames = raceFrames(seed);
  const memory = { ...mapBooks(books, RACE_SLOTS), ...(kernel === undefined ? {} : { kernel }) };
  const core = createOwnCore(frames, memory, mapTape(tape));
  const isOver = (): boolean => Atomics.load(words, 1) !== 0;
  const messages = [...frames.snapshots, ...frames.deltas];
  Atomics.store(words, 0, 1);
  Atomics.notify(words, 0);
  // The same stream from its beginning is another tenant's.
  for (; !isOver(); resettle(core, frames))
    for (let i = 0; i < messages.length && !isOver(); i++) {
      core.ingest.frame(messages[i] as Buffer, CONNECTION, RECEIVED);
      // Busy waiting: a timer would be a hundred times longer than a scan.
      if (rng.below(4) === 0) for (let turn = rng.below(4_000); turn > 0; turn--) Atomics.load(words, 0);
    }
}
