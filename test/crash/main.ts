// node test/crash/main.ts --kills 200 [--seed N] [--point NAME] [--within-ms 10000] [--json]: the real daemon with its embedded
// PostgreSQL is killed with signal 9, again and again, on an exchange that lives on. Does it hurt anyone?
import { parseArgs } from 'node:util';
import { rm } from 'node:fs/promises';
import { createRng } from '../../src/lib/rng.ts';
import { startEmbedded } from '../../src/store/launcher.ts';
import { memoryLog, tempDir } from '../store/fixtures.ts';
import { Campaign, type Judgement, type Kill } from './campaign.ts';
import { POINTS, POINT_NAMES, type PointName } from './point.ts';
import { keptRows, rowFaults } from './rows.ts';
import { openVenue } from './venue.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    point: { type: 'string' },
    'within-ms': { type: 'string', default: '10000' },
    json: { type: 'boolean', default: false },
  },
});
const kills = Number(values.kills);
const seed = Number(values.seed);
const only = values.point?.split(',') as readonly PointName[] | undefined;
const unknown = only?.find((name) => !POINT_NAMES.includes(name));
if (unknown !== undefined) throw new Error(`--point ${unknown}: there are ${POINT_NAMES.join(', ')}`);

const SYMBOLS = 30;
/** Asked of a machine that has nothing else to do; `--within-ms` is what is a fault on this one. */
const WELL_MS = 10_000;
/** A life that does not count is lived again; a market in which nothing ever is open would never end. */
const LIVES_MAX = 3 * kills + 10;
const say = (text: string): unknown => (values.json ? undefined : process.stdout.write(`${text}\n`));

const dir = await tempDir();
const rng = createRng(seed);
const done: Kill[] = [];
const judged: Judgement[] = [];
const faults: string[] = [];
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

const venue = await openVenue(seed, SYMBOLS);
const campaign = new Campaign({
  stateDir: dir.path,
  venue,
  rng: rng.fork('campaign'),
  withinMs: Number(values['within-ms']),
  choose,
  onKill(kill) {
    done.push(kill);
    const { point, open, entries, meanwhile, left, counts } = kill;
    const then = meanwhile === '' ? '' : `, meanwhile ${meanwhile}`;
    say(
      `${counted()}/${kills} ${point}: ${open} open, ${entries} entries in flight${then}${counts ? '' : ' (does not count)'}`,
    );
    if (left.length > 0) faults.push(`left after ${point}: ${left.join('; ')}`);
    for (const fault of left) say(`  LEFT ${fault}`);
  },
  onJudged: (judgement) => judged.push(judgement),
  onFault(fault) {
    faults.push(fault);
    say(`  FAULT ${fault}`);
  },
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    campaign.abandon();
    process.exit(1);
  });
}

try {
  while (counted() < kills && done.length < LIVES_MAX) await campaign.kill();
  await campaign.finish();
  const server = await startEmbedded({ stateDir: dir.path }, memoryLog().log);
  const rows = await rowFaults(server, venue.truth.executions);
  faults.push(...rows.faults);
  const { acknowledged, missing } = await keptRows(
    server,
    done.map((kill) => kill.acknowledged),
  );
  if (missing > 0) faults.push(`${missing} rows that were acknowledged are not there`);
  await server.stop();
  const wells = judged.map(({ wellMs }) => wellMs).toSorted((a, b) => a - b);
  const result = {
    seed,
    lives: done.length + 1,
    kills: counted(),
    points: Object.fromEntries(POINT_NAMES.map((name) => [name, counted(name)])),
    meanwhile: done.filter(({ meanwhile }) => meanwhile !== '').length,
    starts: judged.length,
    nakedAtStart: judged.reduce((sum, { naked }) => sum + naked, 0),
    wellMs: { p50: wells[Math.floor(wells.length / 2)], p90: wells[Math.floor(wells.length * 0.9)], max: wells.at(-1) },
    wellLate: wells.filter((ms) => ms > WELL_MS).length,
    trades: rows.trades,
    executions: rows.executions,
    rowsAcknowledged: acknowledged,
    rowsMissing: missing,
    processesLeft: done.reduce((sum, { left }) => sum + left.length, 0),
    faults,
  };
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    say(JSON.stringify(result, undefined, 2));
    say(`${faults.length === 0 ? '✓' : '✗'} ${result.kills} kills that count, ${faults.length} faults`);
  }
  process.exitCode = faults.length === 0 && counted() >= kills ? 0 : 1;
} finally {
  await venue.close();
  if (process.env['PLOTNOST_KEEP'] === undefined) await rm(dir.path, { recursive: true, force: true });
  else say(dir.path);
}
