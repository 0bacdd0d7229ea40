// Do the books of undisturbed runs close to the last unit of fee? node test/safety/free-runs-run.ts --seeds 1-5 --duration 5m
import { readFlags } from '../flags.ts';
import { runFreely } from './free-run.ts';

const { values, refuse } = readFlags('node test/safety/free-runs-run.ts', {
  seeds: { type: 'string', default: '1-5', says: 'one, or the first and the last' },
  duration: { type: 'string', default: '5m', says: 'of each run' },
  set: { type: 'string', multiple: true, says: 'section.key=value of the configuration; may be repeated' },
});
const [from = NaN, to = from] = /^\d+(-\d+)?$/.test(values.seeds) ? values.seeds.split('-').map(Number) : [];
if (!(from <= to)) refuse(`--seeds must be like 3 or 1-5, and is ${values.seeds}`);
if (!/^\d+(\.\d+)?(s|m|h)?$/.test(values.duration))
  refuse(`--duration must be like 30s, 5m or 1h, and is ${values.duration}`);
const say = (text: string): void => void process.stdout.write(`${text}\n`);
say('seed  trades  open  executions  fees by engine  fees by ledger   net by engine   net by ledger  difference');
let failed = 0;
for (let seed = from; seed <= to; seed++) {
  const { trades, open, executions, fees, net, faults, code, stderr } = await runFreely(
    seed,
    values.duration,
    values.set,
  );
  const isWhole = faults.length === 0 && code === 0;
  if (!isWhole) failed++;
  const amounts = [fees.engine, fees.ledger, net.engine, net.ledger].map((amount) => amount.toFixed(8).padStart(14));
  const counts = [`${seed}`.padStart(4), `${trades}`.padStart(7), `${open}`.padStart(5), `${executions}`.padStart(11)];
  say([...counts, ...amounts, isWhole ? '0' : `${faults.length} FAULTS, exit ${code}`].join(' '));
  for (const fault of faults) say(`      ${fault}`);
  if (code !== 0) say(stderr);
}
process.exitCode = failed === 0 ? 0 : 1;
