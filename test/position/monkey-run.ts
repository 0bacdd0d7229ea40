// node test/position/monkey-run.ts --seeds 1000 [--from N] [--steps N]: so many bad weeks; the first that breaks is shown.
import { readFlags } from '../flags.ts';
import { monkey } from './monkey.ts';

const say = (line: string): unknown => process.stdout.write(`${line}\n`);
const { values } = readFlags('node test/position/monkey-run.ts', {
  seeds: { type: 'whole', least: 1, default: 200, says: 'so many' },
  from: { type: 'whole', default: 1, says: 'the first of them' },
  steps: { type: 'whole', least: 1, default: 150, says: 'of each' },
});
const totals: Record<string, number> = {};
let failed = 0;
for (let seed = values.from; seed < values.from + values.seeds; seed++) {
  try {
    const { counts, entries, trades } = monkey(seed, values.steps);
    for (const [name, count] of Object.entries({ ...counts, entries, trades }))
      totals[name] = (totals[name] ?? 0) + count;
  } catch (error) {
    failed++;
    say(error instanceof Error ? error.message : String(error));
    if (failed >= 3) break;
  }
}
say(JSON.stringify(Object.fromEntries(Object.entries(totals).toSorted(([a], [b]) => a.localeCompare(b)))));
process.exitCode = failed === 0 ? 0 : 1;
