// Do the accounts add up, seed after seed? `node test/simulator/stage/invariants-run.ts --seeds 1000` asks a thousand of them.
import { expect, test } from 'vitest';
import { runSeeds } from './invariants-run.ts';

test('twenty seeds: cash is conserved, fills are positions, stops are as the ledger says, no book is crossed', () => {
  const { broken, fills } = runSeeds(1, 20, () => {});
  expect(broken).toEqual([]);
  expect(fills).toBeGreaterThan(1_000);
});
