// How does the whole engine bear a load? `npm run load -- --symbols 600 --depth 200 --rate 20000 --seconds 60 --profile`
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { machine } from '../measure/processes.ts';
import { keepResult, sourceState } from '../report/results.ts';
import { flamePage } from './flame.ts';
import { readProfiles } from './profile.ts';
import { runRamp } from './ramp.ts';
import { runLoad, type LoadTerms } from './run.ts';
import { readTerms, whole } from './terms.ts';
import { describeLoad, describeProfiles } from './text.ts';
import { isWhole } from './worth.ts';

const USAGE_ERROR = 64;
const USAGE = `npm run load -- [flags]
  --symbols N      books, 1 to 1000 (600)
  --depth N        levels a side: 50, 200 or 1000 (200)
  --rate N         book frames a second over all symbols (20000)
  --seconds N      how long (60)
  --mode MODE      none, wake, inline, pool or auto (pool); none keeps the books and scans nothing, wake wakes a thread that
                   scans nothing
  --workers N      scanning threads (a core less than there are, one at least)
  --seed N         of the books and the times (7)
  --profile [DIR]  profiles of every thread, a heap profile, and flame.html (bench/results/profile)
  --ramp           the rate goes up from --rate, ten seconds each at most, until something breaks
  --json           one JSON object on standard output
  --keep           the same into bench/results, for \`npm run bench -- compare\`
  --reference      the same, in place of the result that is part of the repository
`;

interface Asked {
  readonly terms: LoadTerms;
  readonly profileDir: string | undefined;
  readonly ramp: boolean;
  readonly json: boolean;
  readonly keep: boolean;
  readonly reference: boolean;
}

/** A word of what is wrong where the arguments are. */
function ask(args: readonly string[]): Asked | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        symbols: { type: 'string', default: '600' },
        depth: { type: 'string', default: '200' },
        rate: { type: 'string', default: '20000' },
        seconds: { type: 'string', default: '60' },
        mode: { type: 'string', default: 'pool' },
        workers: { type: 'string', default: String(Math.max(1, availableParallelism() - 1)) },
        seed: { type: 'string', default: '7' },
        profile: { type: 'boolean', default: false },
        ramp: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        reference: { type: 'boolean', default: false },
      },
    });
    const terms = { ...readTerms(values), seconds: whole('seconds', values.seconds, 1, 86_400) };
    const keep = values.keep || values.reference;
    if (values.ramp && (keep || values.profile)) return '--ramp goes without --profile, --keep and --reference';
    if (positionals.length > (values.profile ? 1 : 0)) return `what is ${positionals.at(-1)}?`;
    return {
      terms,
      profileDir: values.profile ? path.resolve(positionals[0] ?? 'bench/results/profile') : undefined,
      ramp: values.ramp,
      json: values.json,
      keep,
      reference: values.reference,
    };
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return error.message;
    throw error;
  }
}

const context = () => ({ bench: 'load', machine: machine(false), node: process.versions.node, source: sourceState() });
const tell = (text: string): void => void process.stdout.write(text);

async function load({ terms, profileDir, json, keep, reference }: Asked): Promise<number> {
  const folder =
    profileDir === undefined ? undefined : path.join(profileDir, new Date().toISOString().replaceAll(':', '-'));
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  const flags =
    folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--heap-prof', `--heap-prof-dir=${folder}`];
  const result = await runLoad(terms, flags);
  const whole = `${JSON.stringify({ ...context(), ...result })}\n`;
  if (json) tell(whole);
  else tell(describeLoad(result));
  if (keep) process.stderr.write(keepResult('load', whole, { isReference: reference, isWhole: isWhole(result) }));
  if (folder !== undefined) {
    const profiles = readProfiles(folder, result.loadedMicros);
    const title = `${terms.symbols} books of ${terms.depth} levels, ${terms.rate} frames/s, ${terms.mode}`;
    writeFileSync(path.join(folder, 'flame.html'), flamePage(title, profiles));
    const summary = `${describeProfiles(profiles)}\nprofiles, heap profile and flame.html are in ${folder}\n`;
    if (json) process.stderr.write(summary);
    else tell(`\n${summary}`);
  }
  return isWhole(result) ? 0 : 1;
}

async function ramp({ terms, json }: Asked): Promise<number> {
  const result = await runRamp(terms, (step) => {
    const { framesPerSecond, bookAgeMs, cpu, terms: at } = step;
    process.stderr.write(
      `${at.rate} frames/s: ${framesPerSecond} applied, age p99 ${bookAgeMs.p99.toFixed(1)} ms, ` +
        `main ${cpu.main.toFixed(2)}, workers ${cpu.workers.toFixed(2)}, sender ${cpu.sender.toFixed(2)} cores\n`,
    );
  });
  const { borne, broke } = result;
  if (json) tell(`${JSON.stringify({ ...context(), ...result })}\n`);
  else if (broke === undefined) tell(`nothing broke up to ${borne} frames/s\n`);
  else tell(`borne: ${borne} frames/s; at ${broke.rate} broke first: ${broke.what}\n`);
  return 0;
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    tell(USAGE);
    return 0;
  }
  const asked = ask(args);
  if (typeof asked === 'string') {
    process.stderr.write(`${asked}\n${USAGE}`);
    return USAGE_ERROR;
  }
  return asked.ramp ? ramp(asked) : load(asked);
}

process.exitCode = await main(process.argv.slice(2));
