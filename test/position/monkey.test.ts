// Is every position protected, counted and brought home, whatever goes wrong in whatever order?
import { expect, test } from 'vitest';
import { monkey } from './monkey.ts';

const SEEDS = 60;
const STEPS = 150;

test('I-05 … I-12: in bad weeks no order leaves twice or unwritten, no position is forgotten, and all ends as the truth has it', () => {
  const seen: Record<string, number> = {};
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { counts, entries, trades } = monkey(seed, STEPS);
    for (const [name, count] of Object.entries({ ...counts, entries, trades })) seen[name] = (seen[name] ?? 0) + count;
  }
  // What never happened was never shown.
  for (const name of ['answer-lost', 'late', 'stop-stripped', 'human-trade', 'liquidation', 'restart', 'command-kill'])
    expect(seen[name], name).toBeGreaterThan(0);
  expect(seen['entries']).toBeGreaterThan(100);
});

test('the same seed is the same week', () => {
  expect(monkey(7, STEPS)).toEqual(monkey(7, STEPS));
});
