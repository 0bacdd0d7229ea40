// Would the campaign notice? Bugs are planted, and each must be found, as what it is, within a few seeds of its row.
import { expect, test } from 'vitest';
import { MUTANTS } from './mutants.ts';
import { runSeed } from './run-seed.ts';

const SEEDS = 6;

test.each(MUTANTS)('$breaks is broken and found when $name', async (mutant) => {
  const found = new Set<string>();
  for (let seed = 1; seed <= SEEDS && !found.has(mutant.breaks); seed++) {
    const { violations } = await runSeed(seed, {
      mutation: mutant,
      row: mutant.row,
      isAlone: true,
      until: mutant.breaks,
    });
    for (const { invariant } of violations) found.add(invariant);
  }
  expect([...found]).toContain(mutant.breaks);
});
