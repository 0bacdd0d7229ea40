// The real daemon with its embedded PostgreSQL is killed with signal 9, again and again, on an exchange that lives on. Does it
// hurt anyone? `npm run crash -- --kills 200 --engines 2`
import { rm } from 'node:fs/promises';
import { createRng } from '../../src/lib/rng.ts';
import { startEmbedded } from '../../src/store/server/launcher.ts';
import { readFlags } from '../flags.ts';
import { memoryLog, tempDir } from '../store/fixtures.ts';
import { Campaign, type Judgement, type Kill } from './campaign.ts';
import { POINTS, POINT_NAMES, type PointName } from './point.ts';
import { keptRows, rowFaults } from './rows.ts';
import { openVenue } from './venue.ts';

const { values, refuse } = readFlags('npm run crash --', {
  kills: { type: 'whole', least: 1, default: 200, says: 'kills that count' },
  engines: { type: 'whole', least: 1, default: 1, says: 'side by side, each on an exchange of its own' },
  seed: { type: 'whole', default: 1, says: 'of the exchanges and the kills' },
  point: { type: 'string', says: `only there, by comma: ${POINT_NAMES.join(', ')}` },
  'within-ms': { type: 'whole', least: 1, default: 10_000, says: 'a start that is not well by then is a fault' },
  json: { type: 'boolean', default: false, says: 'one JSON object on standard output' },
});
const { kills, engines, seed, 'within-ms': withinMs } = values;
const only = values.point?.split(',') as readonly PointName[] | undefined;
const unknown = only?.find((name) => !POINT_NAMES.includes(name));
if (unknown !== undefined) refuse(`--point ${unknown}: there are ${POINT_NAMES.join(', ')}`);

const SYMBOLS = 30;
/** Asked of a machine that has nothing else to do; `--within-ms` is what is a fault on this one. */
const WELL_MS = 10_000;
/** A life that does not count is lived again; a market in which nothing ever is open would never end. */
const LIVES_MAX = 3 * kills + 10;
const say = (text: string): unknown => (values.json ? undefined : process.stdout.write(`${text}\n`));

const rng = createRng(seed);
const done: Kill[] = [];
const judged: Judgement[] = [];
const faults: string[] = [];
const sums = { trades: 0, executions: 0, rowsAcknowledged: 0, rowsMissing: 0 };
const running = new Set<Campaign>();
const counted = (point?: PointName): number =>
  done.filter((kill) => kill.counts && (point === undefined || kill.point === point)).length;

/** The rarest so far: each is reached in turn. Nothing is decided where nothing trades yet. */
function choose(isBusy: boolean): PointName {
  const names = (only ?? POINT_NAMES).filter((name) => isBusy || POINTS[name].isEarly !== true);
  if (names.length === 0) return 'random';
  const rare = Math.min(...names.map(counted));
  const rarest = names.filter((name) => counted(name) === rare);
  return rarest[rng.below(rarest.length)] as PointName;
}

function noteFault(fault: string): void {
  faults.push(fault);
  say(`  FAULT ${fault}`);
}

function noteKill(kill: Kill): void {
  done.push(kill);
  const { point, open, entries, meanwhile, left, counts } = kill;
  const then = meanwhile === '' ? '' : `, meanwhile ${meanwhile}`;
  const word = counts ? '' : ' (does not count)';
  say(`${counted()}/${kills} ${point}: ${open} open, ${entries} entries in flight${then}${word}`);
  for (const one of left) noteFault(`left after ${point}: ${one}`);
}

/** A state directory and an exchange, and one life in them after the other. */
async function live(engine: number): Promise<void> {
  const dir = await tempDir();
  const venue = await openVenue(seed + engine, SYMBOLS);
  const lives: Kill[] = [];
  const campaign = new Campaign({
    stateDir: dir.path,
    venue,
    rng: rng.fork(`engine ${engine}`),
    withinMs,
    choose,
    onKill(kill) {
      lives.push(kill);
      noteKill(kill);
    },
    onJudged: (judgement) => judged.push(judgement),
    onFault: noteFault,
  });
  running.add(campaign);
  try {
    while (counted() < kills && done.length < LIVES_MAX) await campaign.kill();
    const last = await campaign.finish();
    const server = await startEmbedded({ stateDir: dir.path }, memoryLog().log);
    const rows = await rowFaults(server, venue.truth.executions);
    const kept = await keptRows(server, [...lives.map(({ acknowledged }) => acknowledged), last]);
    await server.stop();
    for (const fault of rows.faults) noteFault(fault);
    if (kept.missing > 0) noteFault(`${kept.missing} rows that were acknowledged are not there`);
    sums.trades += rows.trades;
    sums.executions += rows.executions;
    sums.rowsAcknowledged += kept.acknowledged;
    sums.rowsMissing += kept.missing;
  } finally {
    running.delete(campaign);
    await venue.close();
    if (faults.length === 0) await rm(dir.path, { recursive: true, force: true });
    else say(`kept: ${dir.path}`);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    for (const campaign of running) campaign.abandon();
    process.exit(1);
  });
}

await Promise.all(Array.from({ length: engines }, (_, engine) => live(engine)));
const wells = judged.map(({ wellMs }) => wellMs).toSorted((a, b) => a - b);
const result = {
  seed,
  kills: counted(),
  points: Object.fromEntries(POINT_NAMES.map((name) => [name, counted(name)])),
  lives: done.length + engines,
  startsJudged: judged.length,
  /** From the start of the process until every position has its stop and is known. */
  wellMs: { p50: wells[Math.floor(wells.length / 2)], p90: wells[Math.floor(wells.length * 0.9)], max: wells.at(-1) },
  wellLate: wells.filter((ms) => ms > WELL_MS).length,
  /** Stops that were taken, positions closed and prices moved while nobody looked. */
  meanwhile: done.filter(({ meanwhile }) => meanwhile !== '').length,
  rebuildsCompared: judged.filter(({ isRebuilt }) => isRebuilt).length,
  nakedAtStart: judged.reduce((sum, { naked }) => sum + naked, 0),
  ...sums,
  processesLeft: done.reduce((sum, { left }) => sum + left.length, 0),
  faults,
};
if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
else {
  say(JSON.stringify(result, undefined, 2));
  say(`${faults.length === 0 ? '✓' : '✗'} ${result.kills} kills that count, ${faults.length} faults`);
}
process.exitCode = faults.length === 0 && counted() >= kills ? 0 : 1;
