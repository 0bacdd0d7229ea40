// Does the engine hold, whatever goes wrong? Seeds over all cores, one table at the end, one command for each seed that fails.
//
// An event is one text handed over by either side (a frame, a message, a request, an answer), one timer of the engine, or one
// signal, command or fault of the campaign.
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runSeed, type SeedResult } from './run-seed.ts';
import { Tally } from './tally.ts';

const AGAIN_EVERY = 100;
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    row: { type: 'string' },
    seeds: { type: 'string' },
    events: { type: 'string' },
    from: { type: 'string', default: '0' },
    jobs: { type: 'string' },
    json: { type: 'boolean', default: false },
    child: { type: 'boolean', default: false },
  },
});

/** Whether a second run of the same seed went the same way; undefined where there was none. */
export interface Told {
  readonly result: SeedResult;
  readonly isSame: boolean | undefined;
}

async function told(seed: number): Promise<Told> {
  const result = await runSeed(seed);
  const isAgain = seed % AGAIN_EVERY === 0;
  return { result, isSame: isAgain ? (await runSeed(seed)).hash === result.hash : undefined };
}

function serve(): void {
  process.on('message', (seed: number) => void told(seed).then((one) => process.send?.(one)));
  process.on('disconnect', () => process.exit());
}

async function lead(): Promise<void> {
  const tally = new Tally(process.stdout.isTTY === true);
  const from = Number(values.from);
  const seeds = values.seeds === undefined ? Infinity : Number(values.seeds);
  const events = values.events === undefined ? Infinity : Number(values.events);
  const jobs = Number(values.jobs ?? availableParallelism());
  const isAll = (seed: number): boolean => seed >= from + seeds || tally.events >= events;
  if (seeds === Infinity && events === Infinity) throw new Error('say --seed K, --seeds N or --events N');
  let next = from;
  await Promise.all(
    Array.from({ length: jobs }, () => {
      const child = fork(fileURLToPath(import.meta.url), ['--child']);
      return new Promise<void>((resolve, reject) => {
        let current = next;
        const ask = (): void => {
          if (!isAll(next)) {
            current = next++;
            return void child.send(current);
          }
          child.off('exit', died);
          child.disconnect();
          resolve();
        };
        const died = (code: number | null): void =>
          reject(
            new Error(
              `a worker of the campaign has ended with ${code} at seed ${current}: npm run campaign -- --seed ${current}`,
            ),
          );
        child.on('exit', died);
        child.on('message', (one: Told) => {
          tally.add(one.result, one.isSame);
          ask();
        });
        ask();
      });
    }),
  );
  console.log(values.json ? JSON.stringify(tally.summary()) : tally.table());
  if (!tally.isGreen) process.exitCode = 1;
}

if (values.child) serve();
else if (values.seed !== undefined) {
  const tally = new Tally(false);
  const seed = Number(values.seed);
  // A row of one's own choice, and no other.
  const chosen = values.row === undefined ? {} : { row: values.row, isAlone: true };
  const [result, again] = [await runSeed(seed, { ...chosen, isTold: true }), await runSeed(seed, chosen)];
  tally.add(result, result.hash === again.hash);
  console.log(values.json ? JSON.stringify(result) : tally.story(result));
  if (result.violations.length > 0 || result.hash !== again.hash) process.exitCode = 1;
} else await lead();
