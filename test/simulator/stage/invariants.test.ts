// Does the ledger add up, seed after seed? `node test/simulator/stage/invariants-run.ts --seeds 1000` asks a thousand of them.
import { expect, test } from 'vitest';
import { runCampaign } from './campaign.ts';

test('twenty seeds: whatever goes wrong, cash, fills, positions and stops are as the ledger says', () => {
  const runs = Array.from({ length: 20 }, (_, i) => runCampaign(i + 1, 30));
  expect(runs.filter(({ broken }) => broken.length > 0)).toEqual([]);
  expect(runs.reduce((sum, { fills }) => sum + fills, 0)).toBeGreaterThan(500);
});
