// node test/position/monkey-run.ts --seeds 1000 [--from N] [--steps N]: so many bad weeks; the first that breaks is shown.
import { parseArgs } from 'node:util';
import { monkey } from './monkey.ts';

const say = (line: string): unknown => process.stdout.write(`${line}\n`);
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    steps: { type: 'string', default: '150' },
  },
});
const totals: Record<string, number> = {};
let failed = 0;
for (let seed = Number(values.from); seed < Number(values.from) + Number(values.seeds); seed++) {
  try {
    const { counts, entries, trades } = monkey(seed, Number(values.steps));
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
