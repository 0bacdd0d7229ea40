// How fast is everything closed when the connection is lost? A table by what is lost: node test/safety/emergency-run.ts --seeds 5
import { readFlags } from '../flags.ts';
import { EMERGENCIES, faultsOf, liveEmergency } from './emergency.ts';

const { values, refuse } = readFlags('node test/safety/emergency-run.ts', {
  seeds: { type: 'whole', least: 1, default: 3, says: 'so many, from 1 on' },
  seed: { type: 'whole', says: 'this one alone' },
  only: { type: 'string', default: '', says: 'what is lost has this in its name' },
  told: { type: 'boolean', default: false, says: 'the story of each' },
});
const chosen = EMERGENCIES.filter(({ name }) => name.includes(values.only));
if (chosen.length === 0) refuse(`--only ${values.only}: there are ${EMERGENCIES.map(({ name }) => name).join('; ')}`);
const first = values.seed ?? 1;
const last = values.seed ?? values.seeds;
let failed = 0;
const say = (text: string): void => void process.stdout.write(`${text}\n`);
say(`${'what is lost'.padEnd(42)} positions  seed  trigger ms  flat ms  verified ms`);
for (const variant of chosen)
  for (let seed = first; seed <= last; seed++) {
    const lived = await liveEmergency(variant, seed);
    const faults = faultsOf(variant, lived);
    if (faults.length > 0) failed++;
    const { triggerMs, flatMs, verifiedMs, held } = lived;
    const figures = [
      `${held}`.padStart(9),
      `${seed}`.padStart(5),
      `${triggerMs.sinceFrame}`.padStart(11),
      `${flatMs}`.padStart(8),
      `${verifiedMs}`.padStart(12),
    ].join(' ');
    say(`${variant.name.padEnd(42)} ${figures}  ${faults.length === 0 ? 'ok' : faults.join('; ')}`);
    if (values.told || faults.length > 0) for (const line of lived.story.slice(-200)) if (values.told) say(line);
  }
process.exitCode = failed === 0 ? 0 : 1;
