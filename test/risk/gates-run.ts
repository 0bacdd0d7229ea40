// Do the gates agree with the table on many random situations? node test/risk/gates-run.ts --situations 1000000 [--seed 1]
import { createView } from '../../src/book/read.ts';
import { createRng } from '../../src/lib/rng.ts';
import { GATE_NAMES } from '../../src/risk/gate-name.ts';
import { readFlags } from '../flags.ts';
import { compare } from './gates-against-oracle.ts';
import { randomSpoils, situationOf } from './situations.ts';

const say = (line: string): unknown => process.stdout.write(`${line}\n`);
const { values } = readFlags('node test/risk/gates-run.ts', {
  situations: { type: 'whole', least: 1, default: 1_000_000, says: 'so many' },
  seed: { type: 'whole', default: 1, says: 'of the situations' },
});
const { situations } = values;
const rng = createRng(values.seed);
const view = createView();
const hits = Array.from({ length: GATE_NAMES.length + 1 }, () => 0);
let disagreements = 0;
for (let i = 0; i < situations; i++) {
  const seed = rng.below(2 ** 31);
  const spoils = randomSpoils(rng);
  const { gate, agree, text } = compare(situationOf(seed, spoils, view));
  hits[gate] = (hits[gate] as number) + 1;
  if (agree) continue;
  disagreements++;
  if (disagreements <= 20) say(`seed ${seed} [${spoils.join(', ')}] ${text}`);
}
GATE_NAMES.forEach((name, index) => say(`${name.padEnd(30)} ${hits[index + 1]}`));
say(`${'approved'.padEnd(30)} ${hits[0]}`);
const missed = hits.filter((count) => count === 0).length;
say(`${situations} situations, ${disagreements} disagreements, ${missed} gates never hit`);
if (disagreements > 0 || missed > 0) process.exitCode = 1;
