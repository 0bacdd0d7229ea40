// Does anything ever break? Twenty seeds of random trading; a thousand of them run apart.
import { expect, test } from 'vitest';
import { runInvariants } from './invariants.ts';

test.each(Array.from({ length: 20 }, (_, i) => i + 1))(
  'seed %i: cash is conserved, fills are positions, no book is crossed, and every stop is the one that its order says',
  (seed) => {
    const { broken, fills } = runInvariants(seed, 250);
    expect(broken).toEqual([]);
    expect(fills).toBeGreaterThan(100);
  },
);

test('the same seed trades the same way twice', () => {
  expect(runInvariants(7, 120)).toEqual(runInvariants(7, 120));
});
