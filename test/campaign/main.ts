// Does the engine hold, whatever goes wrong? Seeds over all cores, one table at the end, one command for each seed that fails.
//
// An event is one text handed over by either side (a frame, a message, a request, an answer), one timer of the engine, or one
// signal, command or fault of the campaign.
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { readFlags } from '../flags.ts';
import { AmbiguousTally } from './ambiguous-tally.ts';
import { runAmbiguous, type AmbiguousResult } from './ambiguous.ts';
import { ROW_IDS } from './rows.ts';
import { runSeed, type SeedResult } from './run-seed.ts';
import { Tally } from './tally.ts';

const AGAIN_EVERY = 100;
const OUTCOMES_A_SEED = 200;
const { values, refuse } = readFlags('npm run campaign --', {
  seed: { type: 'whole', says: 'the story of one seed, twice, and its judgement' },
  row: { type: 'string', says: 'with --seed: this kind of fault and no other' },
  seeds: { type: 'whole', least: 1, says: 'so many seeds over all cores' },
  events: {
    type: 'whole',
    least: 1,
    says: 'seeds until so many events have been; how many those are depends on --jobs',
  },
  from: { type: 'whole', default: 0, says: 'the first of them' },
  ambiguous: { type: 'whole', least: 1, says: 'so many orders of which nobody knows what became of them' },
  jobs: { type: 'whole', least: 1, says: 'processes (one a core)' },
  json: { type: 'boolean', default: false, says: 'one JSON object on standard output' },
  child: { type: 'boolean', default: false, says: 'one of those processes' },
});

if (values.row !== undefined && !ROW_IDS.includes(values.row))
  refuse(`--row ${values.row}: there are ${ROW_IDS.join(', ')}`);

/** Whether a second run of the same seed went the same way; undefined where there was none. */
interface Told {
  readonly result: SeedResult;
  readonly isSame: boolean | undefined;
}

async function told(seed: number): Promise<Told> {
  const result = await runSeed(seed);
  const isAgain = seed % AGAIN_EVERY === 0;
  return { result, isSame: isAgain ? (await runSeed(seed)).hash === result.hash : undefined };
}

function serve(): void {
  process.on('message', ({ seed, outcomes }: Task) => {
    void (outcomes === undefined ? told(seed) : runAmbiguous(seed, outcomes)).then((one) => process.send?.(one));
  });
  process.on('disconnect', () => process.exit());
  // Ctrl-C reaches every process; when it is over is for the first of them to say.
  process.on('SIGINT', () => undefined);
}

interface Task {
  readonly seed: number;
  /** Instead of a story with faults: so many ambiguous outcomes. */
  readonly outcomes?: number;
}

/** Ctrl-C: what is under way is brought to its end, and judged. */
let isOver = false;

/** Tasks go to one process a core; `next` tells whether there is another one. */
async function share<Answer>(next: () => Task | undefined, take: (answer: Answer) => void): Promise<void> {
  const jobs = values.jobs ?? availableParallelism();
  process.once('SIGINT', () => (isOver = true));
  await Promise.all(
    Array.from({ length: jobs }, () => {
      const child = fork(fileURLToPath(import.meta.url), ['--child']);
      return new Promise<void>((resolve, reject) => {
        let seed = -1;
        const died = (code: number | null): void =>
          reject(new Error(`a worker of the campaign has ended with ${code} at seed ${seed}`));
        const ask = (): void => {
          const task = isOver ? undefined : next();
          if (task !== undefined) {
            ({ seed } = task);
            return void child.send(task);
          }
          child.off('exit', died);
          child.disconnect();
          resolve();
        };
        child.on('exit', died);
        child.on('message', (answer: Answer) => {
          take(answer);
          ask();
        });
        ask();
      });
    }),
  );
}

const { from } = values;

async function lead(): Promise<void> {
  const tally = new Tally(process.stdout.isTTY === true);
  const { seeds = Infinity, events = Infinity } = values;
  if (seeds === Infinity && events === Infinity) refuse('say --seed, --seeds, --events or --ambiguous');
  let seed = from;
  await share<Told>(
    () => (seed >= from + seeds || tally.events >= events ? undefined : { seed: seed++ }),
    ({ result, isSame }) => tally.add(result, isSame),
  );
  console.log(values.json ? JSON.stringify(tally.summary()) : tally.table());
  if (!tally.isGreen) process.exitCode = 1;
}

async function ambiguous(wanted: number): Promise<void> {
  const tally = new AmbiguousTally(process.stdout.isTTY === true);
  let [seed, ordered] = [from, 0];
  const task = (): Task | undefined => {
    const outcomes = Math.min(OUTCOMES_A_SEED, wanted - ordered);
    ordered += outcomes;
    return outcomes <= 0 ? undefined : { seed: seed++, outcomes };
  };
  await share<AmbiguousResult>(task, (result) => tally.add(result));
  console.log(values.json ? JSON.stringify(tally.summary()) : tally.table());
  if (!tally.isGreen) process.exitCode = 1;
}

if (values.child) serve();
else if (values.seed !== undefined) {
  const tally = new Tally(false);
  const { seed } = values;
  // A row of one's own choice, and no other.
  const chosen = values.row === undefined ? {} : { row: values.row, isAlone: true };
  const [result, again] = [await runSeed(seed, { ...chosen, isTold: true }), await runSeed(seed, chosen)];
  tally.add(result, result.hash === again.hash);
  console.log(values.json ? JSON.stringify(result) : tally.story(result));
  if (result.violations.length > 0 || result.hash !== again.hash) process.exitCode = 1;
} else if (values.ambiguous !== undefined) await ambiguous(values.ambiguous);
else await lead();
