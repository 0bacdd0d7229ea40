// Do the accounts add up over as many seeds as asked? `node test/simulator/stage/invariants-run.ts --seeds 1000 [--first 1]`.
import { fileURLToPath } from 'node:url';
import { readFlags } from '../../flags.ts';
import { runInvariants } from '../venue/invariants.ts';
import { runCampaign } from './campaign.ts';

const VENUE_ACTS = 60;
const CAMPAIGN_ACTS = 30;

export interface SeedsResult {
  readonly fills: number;
  readonly broken: readonly string[];
}

export function runSeeds(first: number, count: number, say: (line: string) => void): SeedsResult {
  const broken: string[] = [];
  let fills = 0;
  for (let seed = first; seed < first + count; seed++) {
    const venue = runInvariants(seed, VENUE_ACTS);
    const campaign = runCampaign(seed, CAMPAIGN_ACTS);
    fills += venue.fills + campaign.fills;
    const wrong = [...venue.broken, ...campaign.broken].map((what) => `seed ${seed}: ${what}`);
    for (const line of wrong) say(line);
    broken.push(...wrong);
    if ((seed - first + 1) % 50 === 0) say(`${seed - first + 1} seeds, ${fills} fills, ${broken.length} broken`);
  }
  return { fills, broken };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = readFlags('node test/simulator/stage/invariants-run.ts', {
    seeds: { type: 'whole', least: 1, default: 1_000, says: 'so many' },
    first: { type: 'whole', default: 1, says: 'the first of them' },
  });
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const { fills, broken } = runSeeds(values.first, values.seeds, say);
  say(`${values.seeds} seeds from ${values.first}: ${fills} fills, ${broken.length} invariants broken`);
  process.exitCode = broken.length === 0 ? 0 : 1;
}
