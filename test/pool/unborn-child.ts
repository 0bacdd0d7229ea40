// A process whose analyzer threads cannot begin, for as long as it may open no more files; what it tells is JSON.
import { closeSync, openSync, writeSync } from 'node:fs';
import { createBooks } from '../../src/book/layout.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Slot } from '../../src/market/units.ts';
import { PoolAnalysis } from '../../src/pool/pool.ts';
import { createLives } from '../../src/scan/layout.ts';
import { createTape } from '../../src/tape/layout.ts';

const LOOK_MS = 50 as Ms;

const held: number[] = [];
const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1) };
try {
  for (;;) held.push(openSync('/dev/null', 'r'));
} catch {
  // There is no other way to know how many there are.
}
const notices: string[] = [];
const pool = new PoolAnalysis(
  memory,
  { workers: 1, spin: false, clock: systemClock },
  () => undefined,
  ({ event }) => notices.push(event),
);
pool.scan(0 as Slot);
pool.flush();
// Who ends a run waits for what is under scan, and for nobody who never comes.
void pool.settled().then(() => {
  const { isDown } = pool.stats();
  const before = notices.length;
  for (const file of held) closeSync(file);
  const looking = systemClock.every(LOOK_MS, () => {
    const { scans, isDown: isStillDown } = pool.stats();
    if (scans === 0) return;
    looking.cancel();
    writeSync(1, JSON.stringify({ before, isDown, scans, isStillDown, events: [...new Set(notices)] }));
    void pool.close();
  });
});
