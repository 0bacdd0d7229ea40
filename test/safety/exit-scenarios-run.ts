// Does every way out end as named? All scenarios one after another, or some: node test/safety/exit-scenarios-run.ts [NAME…]
import { readFlags } from '../flags.ts';
import { EXIT_SCENARIOS, liveThrough } from './exit-scenarios.ts';

const { positionals: named, refuse } = readFlags('node test/safety/exit-scenarios-run.ts', {}, '[NAME…]');
const unknown = named.find((name) => !EXIT_SCENARIOS.some((file) => file.includes(name)));
if (unknown !== undefined) refuse(`${unknown} is in none of ${EXIT_SCENARIOS.join(', ')}`);
const chosen = EXIT_SCENARIOS.filter((file) => named.length === 0 || named.some((name) => file.includes(name)));
let failed = 0;
for (const file of chosen) {
  const { code, last, stderr } = await liveThrough(file);
  if (code !== 0) failed++;
  const trades = (last?.scenario.trades ?? []).map(
    ({ strategy, side, reason, net }) => `${strategy} ${side}: ${reason} ${net ?? ''}`,
  );
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${file.padEnd(36)} ${trades.join(', ')}\n`);
  if (code !== 0) process.stdout.write(`${stderr}\n${JSON.stringify(last?.refused)}\n`);
}
process.stdout.write(`${chosen.length - failed} of ${chosen.length} ended as named\n`);
process.exitCode = failed === 0 ? 0 : 1;
