// node test/store/embedded-kills-run.ts [--kills 50] [--seed 1] [--gone-ms 2000]: the daemon is killed with signal 9 again and again, at
// any moment of its work. Is everything there that the database had acknowledged, and is no process left after 2 s?
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createRng } from '../../src/lib/rng.ts';
import { countRows } from '../../src/store/read/count.ts';
import { startEmbedded } from '../../src/store/server/launcher.ts';
import { withClient } from '../../src/store/session.ts';
import { readFlags } from '../flags.ts';
import { MAIN } from '../program.ts';
import { memoryLog, tempDir } from './fixtures.ts';

const { values } = readFlags('node test/store/embedded-kills-run.ts', {
  kills: { type: 'whole', least: 1, default: 50, says: 'so many' },
  seed: { type: 'whole', default: 1, says: 'of their moments' },
  'gone-ms': { type: 'whole', default: 2_000, says: 'a process that is there after them is left' },
});
const { kills, 'gone-ms': goneMsMax } = values;
const rng = createRng(values.seed);
const WORK_MS_MAX = 2_000;
const SETTINGS = [
  'trading.mode=off',
  'safety.crash_loop_exits=100000',
  'simulator.symbols=12',
  'strategy.density_threshold_abs=3000',
  'strategy.density_threshold_relative=1.5',
  'strategy.density_threshold_percent=0.5',
  'strategy.density_min_lifetime_ms=200',
  'websocket.snapshot_interval=10',
].flatMap((setting) => ['--set', setting]);

const say = (line: string): unknown => process.stdout.write(`${line}\n`);
const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** It and all below it. */
function familyOf(pid: number): number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const parents = rows.map((row) => row.trim().split(/\s+/).map(Number) as [number, number]);
  const family = [pid];
  for (const one of family) family.push(...parents.filter(([, parent]) => parent === one).map(([child]) => child));
  return family;
}

/** Undefined: it is gone, or nothing but its entry is left for whoever has to fetch it. */
function commandOf(pid: number): string | undefined {
  try {
    const state = /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
    return state === 'Z' ? undefined : readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return undefined;
  }
}

/** Runs the daemon until it has written, and some more; kills it. Answers what was acknowledged, and who outlived it. */
async function killOne(stateDir: string): Promise<{ acknowledged: number; left: string[] }> {
  const args = [MAIN, 'run', '--json', '--state-dir', stateDir, '--environment', 'simulator', ...SETTINGS];
  const child = spawn(process.execPath, ['--no-warnings', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let acknowledged = 0;
  let killAt = Infinity;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const { rows } = JSON.parse(line) as { rows: number };
    acknowledged = rows;
    if (rows > 30) killAt = Math.min(killAt, performance.now() + rng.below(WORK_MS_MAX));
  });
  while (performance.now() < killAt) {
    if (child.exitCode !== null) throw new Error(`the daemon ended by itself with ${child.exitCode}`);
    await wait(5);
  }
  const family = familyOf(child.pid as number).map((pid) => [pid, commandOf(pid)] as const);
  child.kill('SIGKILL');
  const killed = performance.now();
  const isThere = ([pid, command]: readonly [number, string | undefined]): boolean =>
    command !== undefined && commandOf(pid) === command;
  while (family.some(isThere) && performance.now() - killed < goneMsMax) await wait(20);
  lines.close();
  const left = family.filter(isThere);
  return { acknowledged, left: left.map(([pid, command]) => `${pid} ${command?.replaceAll('\0', ' ').slice(0, 120)}`) };
}

const dir = await tempDir();
const runs: { acknowledged: number; left: string[] }[] = [];
try {
  for (let i = 0; i < kills; i++) {
    const run = await killOne(dir.path);
    runs.push(run);
    say(
      `kill ${i + 1}: ${run.acknowledged} rows acknowledged${run.left.length > 0 ? `, LEFT: ${run.left.join('; ')}` : ', nobody left'}`,
    );
  }
  const server = await startEmbedded({ stateDir: dir.path }, memoryLog().log);
  const sessions = await withClient(server.connection, async (client) => {
    const { rows } = await client.query<{ id: string }>('SELECT session_id AS id FROM sessions ORDER BY started_at');
    return rows.map(({ id }) => id);
  });
  let missing = 0;
  for (const [i, session] of sessions.entries()) {
    const found = await countRows(server.connection, session);
    const lost = Math.max(0, (runs[i]?.acknowledged ?? 0) - found);
    if (lost > 0) say(`LOST of run ${i + 1}: ${lost} of ${runs[i]?.acknowledged} rows`);
    missing += lost;
  }
  await server.stop();
  const total = runs.reduce((sum, run) => sum + run.acknowledged, 0);
  const left = runs.reduce((sum, run) => sum + run.left.length, 0);
  const isGood = missing === 0 && left === 0 && sessions.length === kills;
  say(
    `${isGood ? '✓' : '✗'} ${kills} kills, ${sessions.length} sessions, ${total} rows acknowledged, ${missing} lost, ${left} processes left`,
  );
  process.exitCode = isGood ? 0 : 1;
} finally {
  await dir.remove();
}
