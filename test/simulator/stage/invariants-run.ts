// Do the accounts add up over as many seeds as asked? `node test/simulator/stage/invariants-run.ts --seeds 1000 [--first 1]`.
import { readFlags } from '../../flags.ts';
import { runInvariants } from '../venue/invariants.ts';
import { runCampaign } from './campaign.ts';

const VENUE_ACTS = 60;
const CAMPAIGN_ACTS = 30;

const { values } = readFlags('node test/simulator/stage/invariants-run.ts', {
  seeds: { type: 'whole', least: 1, default: 1_000, says: 'so many' },
  first: { type: 'whole', default: 1, says: 'the first of them' },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
let [fills, broken] = [0, 0];
for (let i = 1; i <= values.seeds; i++) {
  const seed = values.first + i - 1;
  for (const run of [runInvariants(seed, VENUE_ACTS), runCampaign(seed, CAMPAIGN_ACTS)]) {
    fills += run.fills;
    broken += run.broken.length;
    for (const what of run.broken) say(`seed ${seed}: ${what}`);
  }
  if (i % 50 === 0) say(`${i} seeds, ${fills} fills, ${broken} broken`);
}
say(`${values.seeds} seeds from ${values.first}: ${fills} fills, ${broken} invariants broken`);
process.exitCode = broken === 0 ? 0 : 1;
