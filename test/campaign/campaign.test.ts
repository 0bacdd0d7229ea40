// Does the engine hold, whatever goes wrong? Two seeds for every row of the failure catalogue, judged by the exchange's own books.
import { expect, test } from 'vitest';
import { runAmbiguous } from './ambiguous.ts';
import { ROW_IDS } from './rows.ts';
import { runSeed } from './run-seed.ts';
import { Tally } from './tally.ts';

const SEEDS = 2 * ROW_IDS.length;

test('two seeds a row: every row of the catalogue happens, and no invariant breaks', async () => {
  const tally = new Tally(false);
  for (let seed = 0; seed < SEEDS; seed++) tally.add(await runSeed(seed), undefined);
  expect(tally.failures()).toEqual([]);
  expect(tally.untriggered).toEqual([]);
});

test('the same seed tells the same story to the last byte, another one does not', async () => {
  const hashes = [await runSeed(71), await runSeed(71), await runSeed(72)].map(({ hash }) => hash);
  expect(hashes[1]).toBe(hashes[0]);
  expect(hashes[2]).not.toBe(hashes[0]);
});

test('no entry is doubled whose outcome nobody told, though the exchange has taken most of them', async () => {
  const { outcomes, accepted, duplicates, violations } = await runAmbiguous(7, 200);
  expect(violations).toEqual([]);
  expect(duplicates).toBe(0);
  expect(outcomes).toBeGreaterThanOrEqual(200);
  expect(accepted).toBeGreaterThanOrEqual(0.3 * outcomes);
});
