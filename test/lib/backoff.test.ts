// Are reconnects spread out, bounded, and never at once?
import { expect, test } from 'vitest';
import { backoffMs } from '../../src/lib/backoff.ts';
import { createRng } from '../../src/lib/rng.ts';

test.each([
  [1, 1_000],
  [2, 2_000],
  [3, 4_000],
  [4, 8_000],
  [5, 16_000],
  [6, 30_000],
  [7, 30_000],
  [10_000, 30_000],
])('after %i failures the wait is anywhere up to %i ms', (failures, ceiling) => {
  const rng = createRng(failures);
  const waits = Array.from({ length: 2_000 }, () => backoffMs(failures, rng));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...waits)).toBeLessThanOrEqual(ceiling);
  expect(Math.max(...waits)).toBeGreaterThan(ceiling * 0.9);
  expect(Math.min(...waits)).toBeLessThan(ceiling * 0.1);
  expect(waits.every(Number.isInteger)).toBe(true);
});

test('other bounds may be given', () => {
  const waits = Array.from({ length: 500 }, () => backoffMs(9, createRng(1), 10, 25));
  expect(Math.max(...waits)).toBeLessThanOrEqual(25);
});
