// A process whose analyzer threads take more memory than they may as soon as nothing is to be done; what it tells is JSON.
// Loaded with `--import`, so that its threads load it too.
import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { createBooks } from '../../src/book/layout.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { PoolAnalysis } from '../../src/pool/pool.ts';
import { createLives } from '../../src/scan/layout.ts';
import { createTape } from '../../src/tape/layout.ts';

const BYTES = 600 * 2 ** 20;
const NUMBERS = 1 << 17;
const NUMBER_BYTES = 8;

if (isMainThread) {
  const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1) };
  const pool = new PoolAnalysis(
    memory,
    { workers: 1, spin: false, clock: systemClock },
    () => undefined,
    ({ event, details }) => {
      writeSync(1, JSON.stringify({ event, ...details }));
      void pool.stop().then(() => process.exit());
    },
  );
} else {
  Atomics.wait = () => {
    const held: number[][] = [];
    while (held.length * NUMBERS * NUMBER_BYTES < BYTES) held.push(Array<number>(NUMBERS).fill(0.5));
    return 'timed-out';
  };
}
