// Does the daemon live, see and store on a machine with nothing else, and does it leave nothing behind?
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, writeSync } from 'node:fs';
import {
  type FileHandle,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  statfs,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { askEngine } from '../../../src/ops/control-client.ts';
import type { StatusView } from '../../../src/ops/control-view.ts';
import { lockState } from '../../../src/state/lock.ts';
import { bindToUs } from '../../lifeline.ts';
import { MAIN, NODE, ROOT } from '../../program.ts';

interface Status {
  readonly waitsFor: string | null;
  readonly books: { readonly live: number };
  readonly densities: number;
  readonly rows: number;
  readonly analysis: { readonly mode: string };
}

interface Refusal {
  readonly error: string;
  readonly exitCode: number;
}

interface Daemon {
  readonly child: ChildProcess;
  readonly statuses: Status[];
  /** What a program reads of a run that ended before its first status. */
  readonly refusals: readonly Refusal[];
  /** Resolves with the first status that satisfies the condition. */
  until(holds: (status: Status) => boolean): Promise<Status>;
  readonly ended: Promise<number | null>;
  readonly stderr: () => string;
}

let stateDir: string;
const started: ChildProcess[] = [];

beforeEach(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'plotnost-run-'));
});

afterEach(async () => {
  // What a failed test left running; the keepers and the exchanges of the killed end by themselves.
  for (const child of started.splice(0))
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await rm(stateDir, { recursive: true, force: true });
});

function start(
  command: string,
  args: readonly string[],
  flags: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
  cwd = ROOT,
): Daemon {
  const env: NodeJS.ProcessEnv = { ...process.env, ...more };
  delete env['npm_lifecycle_event'];
  // Detached: a session of its own, in which whatever it left behind is found.
  const child = spawn(command, [...args, '--json', '--state-dir', stateDir, '--set', 'dashboard.port=0', ...flags], {
    cwd,
    detached: true,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  bindToUs(child);
  started.push(child);
  const statuses: Status[] = [];
  const refusals: Refusal[] = [];
  const waiting = new Set<() => void>();
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{')) return; // npm says what it runs
    const told = JSON.parse(line) as Status | Refusal;
    if ('error' in told) return void refusals.push(told);
    statuses.push(told);
    for (const look of waiting) look();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return {
    child,
    statuses,
    refusals,
    ended,
    stderr: () => stderr,
    until: (holds) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = statuses.find(holds);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        void ended.then((code) => reject(new Error(`ended with ${code} before: ${stderr}`)));
      }),
  };
}

/** For who looks at no database: making one takes seconds. */
const UNSTORED = ['--set', 'database.mode=off'];

const sees = ({ books, densities, rows }: Status): boolean => books.live >= 40 && densities > 0 && rows > 0;

/** Processes of the session, and anything that names its state directory: keeper, server, simulator. */
function leftBehind(session: number): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,sid=,args='], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => {
    const [, sid, command] = line.trim().split(/\s+/);
    // What has no command line any more, only its name in brackets, has ended.
    return (Number(sid) === session || line.includes(stateDir)) && command?.startsWith('[') === false;
  });
}

async function isMakingDatabase(): Promise<boolean> {
  return (await readdir(stateDir)).some((name) => name.startsWith('postgres.new-'));
}

/** As soon as there are so many. */
async function childrenOf(parent: number, count: number): Promise<number[]> {
  const children = (): number[] =>
    spawnSync('ps', ['-o', 'pid=', '--ppid', `${parent}`], { encoding: 'utf8' })
      .stdout.split('\n')
      .filter((line) => line.trim() !== '')
      .map(Number);
  await expect.poll(() => children().length).toBeGreaterThanOrEqual(count);
  return children();
}

/** What a busy machine may make it say: the market’s word was old, the time uncertain, the disk or a thread slow. */
const OF_A_BUSY_MACHINE = /^(block\.added (mark\.stale|clock|journal)|analysis\.takeover AbortError: .*)$/;

/** What was logged at warn or above, and is not in the list. */
async function warned(): Promise<string[]> {
  const log = await readFile(path.join(stateDir, 'logs', 'plotnost.log'), 'utf8');
  const lines = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: string; event: string; reason?: string; error?: string });
  return lines
    .filter(({ level }) => level === 'warn' || level === 'error' || level === 'fatal')
    .map(({ event, reason, error = '' }) => `${event} ${reason ?? error}`)
    .filter((text) => !OF_A_BUSY_MACHINE.test(text));
}

test.each([
  ['Ctrl-C on the terminal', 'auto', (pid: number): boolean => process.kill(-pid, 'SIGINT')],
  ['SIGTERM to the group', 'inline', (pid: number): boolean => process.kill(-pid, 'SIGTERM')],
  ['SIGTERM to npm', 'pool', (pid: number): boolean => process.kill(pid, 'SIGTERM')],
] as const)(
  '%s ends a daemon that watches forty books, analysis.mode %s, with exit 0 and nothing left',
  async (_what, mode, end) => {
    const daemon = start('npm', ['start', '--'], ['--set', `analysis.mode=${mode}`]);
    const { pid } = daemon.child;
    if (pid === undefined) throw new Error('npm could not be started');
    await daemon.until(sees);
    end(pid);
    expect(await daemon.ended, daemon.stderr()).toBe(0);
    const last = daemon.statuses.at(-1) as Status;
    expect(sees(last)).toBe(true);
    // Its connections are closed by then, and nothing was missing.
    expect(last.waitsFor).toBeNull();
    // By itself it goes where the load of this machine sends it.
    expect(mode === 'auto' ? ['inline', 'pool'] : [mode]).toContain(last.analysis.mode);
    expect(await warned()).toEqual([]);
    expect(daemon.stderr()).toBe('');
    expect(leftBehind(pid)).toEqual([]);
  },
);

interface Called {
  readonly event: string;
  readonly level: string;
}

/** Whoever is to be called, and what he was told so far. */
async function openHook(): Promise<{
  readonly flags: readonly string[];
  readonly called: readonly Called[];
  close(): void;
}> {
  const called: Called[] = [];
  const hook = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      called.push(JSON.parse(body) as Called);
      response.end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  const { port } = hook.address() as AddressInfo;
  const flags = ['--set', `alerts.webhook_url=http://127.0.0.1:${port}`];
  return { flags, called, close: () => void hook.close() };
}

/** Of the main thread of a run alone, nearly all of its heap for ever. */
const LEAK = `
import { getHeapStatistics } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
const { heap_size_limit: limit } = getHeapStatistics();
globalThis.leak = [];
while (isMainThread && getHeapStatistics().used_heap_size < 0.82 * limit)
  globalThis.leak.push(new Array(10_000).fill(0.5));
`;

test('a daemon whose memory is used up calls for help and ends in good order, so that it is started anew, and the next takes it for no crash (L02)', async () => {
  const hook = await openHook();
  const leak = path.join(stateDir, 'leak.mjs');
  await writeFile(leak, LEAK);
  const daemon = start(NODE, [
    '--max-semi-space-size=4',
    '--max-old-space-size=500',
    '--import',
    leak,
    MAIN,
    'run',
    '--mode',
    'paper',
    ...hook.flags,
    ...UNSTORED,
  ]);
  expect(await daemon.ended, daemon.stderr()).toBe(75);
  expect(hook.called).toContainEqual(expect.objectContaining({ event: 'memory.full', level: 'critical' }));
  hook.close();
  expect(daemon.stderr()).toMatch(/^memory is used up: .*\n$/);
  expect(await warned()).toContainEqual(expect.stringMatching(/^memory\.full/));
  expect(leftBehind(daemon.child.pid as number)).toEqual([]);
  const next = start(NODE, [MAIN, 'run', '--duration', '2s', ...UNSTORED]);
  expect(await next.ended, next.stderr()).toBe(0);
  expect(await warned()).not.toContainEqual(expect.stringMatching(/abnormal/));
});

/** While the file is there the main thread has opened all that it may. */
const hogWhile = (file: string): string => `
import { closeSync, existsSync, openSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
const held = [];
const take = () => {
  try {
    for (;;) held.push(openSync('/dev/null'));
  } catch {}
};
const look = () => (existsSync(${JSON.stringify(file)}) ? take() : held.splice(0).forEach((one) => closeSync(one)));
if (isMainThread) setInterval(look, 20).unref();
`;

test('a daemon that may open no more files goes on with what it has, and its database, which died meanwhile, comes back with the first file (L05)', async () => {
  const [hog, sign] = [path.join(stateDir, 'hog.mjs'), path.join(stateDir, 'hog')];
  await writeFile(hog, hogWhile(sign));
  const limited = ['-c', 'ulimit -n 300; exec "$@"', 'bash', NODE, '--import', hog, MAIN, 'run'];
  const daemon = start('bash', limited);
  await daemon.until(sees);
  const log = () => readFile(path.join(stateDir, 'logs', 'plotnost.log'), 'utf8');
  const isStarted = async () => (await log()).match(/"database\.started"/g)?.length;
  expect(await isStarted()).toBe(1);
  await writeFile(sign, '');
  const server = Number((await readFile(path.join(stateDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
  process.kill(server, 'SIGQUIT');
  await expect.poll(log).toMatch(/EMFILE.*"database\.restart-failed"/);
  const before = daemon.statuses.length;
  await daemon.until(() => daemon.statuses.length > before + 2);
  await rm(sign);
  await expect.poll(isStarted).toBe(2);
  daemon.child.kill('SIGTERM');
  expect([await daemon.ended, daemon.stderr()]).toEqual([0, '']);
});

test('a daemon killed outright leaves neither server nor exchange behind; the next one starts, and suffers no other beside it', async () => {
  const first = start(NODE, [MAIN, 'run']);
  await first.until(sees);
  const pid = first.child.pid as number;
  process.kill(pid, 'SIGKILL');
  await first.ended;
  await expect.poll(() => leftBehind(pid)).toEqual([]);
  const second = start(NODE, [MAIN, 'run']);
  await second.until(sees);
  const third = start(NODE, [MAIN, 'run']);
  expect(await third.ended).not.toBe(0);
  expect(third.stderr()).toContain(stateDir);
  expect(third.stderr().trim().split('\n')).toHaveLength(1);
  second.child.kill('SIGTERM');
  expect(await second.ended, second.stderr()).toBe(0);
});

test.each([
  [['--set', 'strategy.cluster_max_levels=99'], 64, 'cluster_max_levels'],
  [['--duration', 'soon'], 64, 'duration'],
  [['--environment', 'mars'], 64, 'environment'],
  [['--environment', 'mainnet'], 78, '--live'],
  [['--environment', 'mainnet', '--live'], 78, 'BYBIT_API_KEY'],
  [['--environment', 'mainnet', '--score'], 64, '--score'],
  [['--duration', '600h'], 64, '500h'],
  [['--ledger', '/nowhere/ledger.jsonl'], 64, '--ledger'],
  [['--set', 'exchange.endpoints.rest=http://127.0.0.1:1'], 64, 'exchange.endpoints.public'],
  [['--set', 'exchange.endpoints.trade=ws://127.0.0.1:1'], 64, 'exchange.endpoints.rest'],
] as const)('%s is refused with exit %i and a word about it', async (flags, code, word) => {
  const daemon = start(NODE, [MAIN, 'run'], flags);
  expect(await daemon.ended).toBe(code);
  expect(daemon.stderr()).toContain(word);
  expect(daemon.statuses).toEqual([]);
  expect(daemon.refusals).toEqual([{ error: expect.stringContaining(word) as string, exitCode: code }]);
});

test('Ctrl-C while the first start makes its database ends it in order: a database is made whole or not at all', async () => {
  const daemon = start(NODE, [MAIN, 'run']);
  await expect.poll(isMakingDatabase).toBe(true);
  process.kill(-(daemon.child.pid as number), 'SIGINT');
  expect([await daemon.ended, daemon.stderr()]).toEqual([0, '']);
});

test('Ctrl-C that catches the database and the exchange before they have groups of their own ends the start in order', async () => {
  const daemon = start(NODE, [MAIN, 'run']);
  await expect.poll(isMakingDatabase).toBe(true);
  const caught = await childrenOf(daemon.child.pid as number, 2);
  process.kill(-(daemon.child.pid as number), 'SIGINT');
  spawnSync('kill', ['-INT', ...caught.map(String)]); // one that has just ended meanwhile matters to nobody
  expect([await daemon.ended, daemon.stderr()]).toEqual([0, '']);
  expect(leftBehind(daemon.child.pid as number)).toEqual([]);
  expect(await warned()).toEqual([]);
});

test('a run whose reader has stopped reading goes on, and ends in order without him', async () => {
  const pipe = path.join(stateDir, 'unread');
  spawnSync('mkfifo', [pipe]);
  const filling = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  const isFull = (): boolean => {
    try {
      return writeSync(filling, Buffer.alloc(4_096)) === 0;
    } catch {
      return true;
    }
  };
  while (!isFull());
  const unread = openSync(pipe, 'w');
  const args = [
    'run',
    '--mode',
    'off',
    '--json',
    '--state-dir',
    stateDir,
    '--set',
    'dashboard.enabled=false',
    ...UNSTORED,
  ];
  const child = spawn(NODE, [MAIN, ...args], { cwd: ROOT, detached: true, stdio: ['ignore', unread, unread] });
  bindToUs(child);
  started.push(child);
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  const lives = async (): Promise<boolean> => {
    const { exitCode, signalCode } = child;
    if (exitCode !== null || signalCode !== null) throw new Error(`it ended with ${exitCode ?? signalCode}`);
    const asked = await askEngine(stateDir, { ask: 'status' }, systemClock).catch(() => undefined);
    return (asked as StatusView | undefined)?.market?.live === 40;
  };
  await expect.poll(lives).toBe(true);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  closeSync(filling);
  closeSync(unread);
  expect(await warned()).toEqual([]);
});

test('what a failing disk keeps from being put away keeps no run from ending, and the log says what it was', async () => {
  const daemon = start(NODE, [MAIN, 'run']);
  await daemon.until((status) => status.books.live > 0);
  await rm(path.join(stateDir, 'postgres.lock.1'));
  for (const name of ['postgres.lock.1', 'runs.json.draft']) await mkdir(path.join(stateDir, name));
  daemon.child.kill('SIGTERM');
  expect(await daemon.ended).toBe(0);
  const lines = (await readFile(path.join(stateDir, 'logs', 'plotnost.log'), 'utf8')).trim().split('\n');
  const events = lines.map((line) => JSON.parse(line) as { event: string; reason?: string });
  expect(events.map(({ event }) => event)).toContain('run.ended');
  const unclosed = events.filter(({ event }) => event === 'run.unclosed').map(({ reason }) => reason);
  expect(unclosed).toEqual([expect.stringContaining('postgres.lock'), expect.stringContaining('runs.json')]);
});

test('an engine that only watches lives through a scenario as well, and is told what it did not trade', async () => {
  const file = path.join(stateDir, 'quiet.yaml');
  await writeFile(file, 'name: Quiet\nsymbols: 1\nlasts: 1s\ntrades: [{ symbol: BTCUSDT, reason: timeout }]\n');
  const daemon = start(NODE, [MAIN, 'run'], ['--mode', 'off', '--scenario', file, ...UNSTORED]);
  expect(await daemon.ended).toBe(1);
  expect(daemon.stderr()).toContain('traded nothing where BTCUSDT (timeout) was expected');
});

test('a scenario that has not begun keeps nobody who asks the run to end', async () => {
  await writeFile(path.join(stateDir, 'KILL'), 'for a test\n');
  const daemon = start(NODE, [MAIN, 'run'], ['--scenario', 'examples/scenarios/exits/timeout.yaml', ...UNSTORED]);
  await daemon.until(() => true);
  daemon.child.kill('SIGTERM');
  expect([await daemon.ended, daemon.stderr()]).toEqual([0, '']);
});

test('the first signal to a run whose time is over already lets it end in order', async () => {
  const daemon = start(NODE, [MAIN, 'run'], ['--duration', '0.01s']);
  await expect.poll(() => existsSync(path.join(stateDir, 'postgres.json'))).toBe(true);
  daemon.child.kill('SIGTERM');
  expect([await daemon.ended, daemon.stderr()]).toEqual([0, '']);
  expect(leftBehind(daemon.child.pid as number)).toEqual([]);
});

test('what a run is told while it is still being read is heard: the kill switch is latched, the configuration read again', async () => {
  const fifo = path.join(stateDir, '.env');
  spawnSync('mkfifo', [fifo]);
  const daemon = start(NODE, [MAIN, 'run'], ['--mode', 'off', ...UNSTORED], {}, stateDir);
  // Refused until it is being read, and then it is read until it is closed.
  const opening = () => open(fifo, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined);
  let end: FileHandle | undefined;
  await expect.poll(async () => (end = await opening())).toBeDefined();
  daemon.child.kill('SIGUSR2');
  daemon.child.kill('SIGHUP');
  await rm(fifo); // the exchange has the same folder, and nothing to wait for in it
  await end?.close();
  await daemon.until(() => true);
  daemon.child.kill('SIGTERM');
  expect([await daemon.ended, daemon.stderr()]).toEqual([0, '']);
  expect(await readFile(path.join(stateDir, 'KILL'), 'utf8')).toBe('signal SIGUSR2\n');
  expect(await readFile(path.join(stateDir, 'logs', 'plotnost.log'), 'utf8')).toContain('config.reloaded');
});

test.each([
  [{ BYBITTRACE: '1' }, [], 'BYBITTRACE'],
  [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, [], 'NODE_TLS_REJECT_UNAUTHORIZED'],
  [
    { BYBIT_API_KEY: 'key', BYBIT_API_SECRET: 'secret' },
    ['rest=http://127.0.0.1:1', 'public=ws://127.0.0.1:1'],
    'exchange.endpoints.private',
  ],
] as const)('with %o and %o it is refused with 78, and ends', async (more, addresses, word) => {
  const flags = addresses.flatMap((one) => ['--set', `exchange.endpoints.${one}`]);
  const daemon = start(NODE, [MAIN, 'run'], flags, more);
  expect(await daemon.ended).toBe(78);
  expect(daemon.stderr()).toContain(word);
  expect(daemon.stderr().trim().split('\n')).toHaveLength(1);
});

test('S11: a file of secrets that other accounts can read is named in the log at the start, with its remedy', async () => {
  const cwd = path.join(stateDir, 'here');
  await mkdir(cwd);
  const secrets = path.join(cwd, '.env');
  await writeFile(secrets, 'BYBIT_API_KEY=x\n', { mode: 0o644 });
  const flags = ['--config', path.join(ROOT, 'config.yaml'), '--mode', 'off', ...UNSTORED];
  const daemon = start(NODE, [MAIN, 'run'], [...flags, '--duration', '0.01s'], {}, cwd);
  expect([await daemon.ended, daemon.stderr()]).toEqual([0, '']);
  expect(await warned()).toContain(`environment.unsafe ${secrets} can be read by other accounts`);
});

test('a position smaller than any contract allows is refused at the start, with the size that would do', async () => {
  const hook = await openHook();
  const daemon = start(NODE, [MAIN, 'run'], ['--set', 'trading.position_size_usd=0.1', ...hook.flags, ...UNSTORED]);
  expect(await daemon.ended).toBe(78);
  expect(daemon.stderr()).toMatch(
    /^trading\.position_size_usd: no watched symbol can be traded with 0\.1 USDT: give at least \d+\.?\d* for the cheapest/,
  );
  // Whoever was not there when it started reads it in the log, and is called: no service manager starts it again.
  expect(await warned()).toContain(`run.refused ${daemon.stderr().trim()}`);
  expect(hook.called).toContainEqual(expect.objectContaining({ event: 'run.refused', level: 'error' }));
  hook.close();
});

test('an exchange that cannot be reached keeps nobody: asked to end, and to read its file anew before that, it ends in order', async () => {
  const nowhere = ['exchange.endpoints.rest=http://127.0.0.1:1', 'exchange.endpoints.public=ws://127.0.0.1:1'];
  const flags = [
    '--environment',
    'mainnet',
    '--mode',
    'paper',
    ...nowhere.flatMap((one) => ['--set', one]),
    ...UNSTORED,
  ];
  const daemon = start(NODE, [MAIN, 'run'], flags);
  await expect
    .poll(() => readFile(path.join(stateDir, 'logs', 'plotnost.log'), 'utf8').catch(() => ''))
    .toContain('run.started');
  daemon.child.kill('SIGHUP');
  await daemon.until(() => true);
  daemon.child.kill('SIGTERM');
  expect(await daemon.ended, daemon.stderr()).toBe(0);
  const runs = JSON.parse(await readFile(path.join(stateDir, 'runs.json'), 'utf8')) as object;
  expect(JSON.stringify(runs)).toContain('SIGTERM');
  expect(await readFile(path.join(stateDir, 'logs', 'plotnost.log'), 'utf8')).toContain('config.reloaded');
});

test('a log that cannot be written is bad configuration, named with its place', async () => {
  const file = path.join(stateDir, 'plotnost.log');
  await mkdir(file);
  const daemon = start(NODE, [MAIN, 'run'], ['--set', `logging.file=${file}`]);
  expect(await daemon.ended).toBe(78);
  expect(daemon.stderr()).toBe(
    `logging.file: ${file} cannot be written (EISDIR): name another, or repair its folder\n`,
  );
});

test('a run whose score is refused says all the same what it has seen and stored, and then why there is no score', async () => {
  const daemon = start(NODE, [MAIN, 'run', '--score'], UNSTORED);
  await daemon.until(({ books }) => books.live > 0);
  const [truth = ''] = (await readdir(stateDir)).filter((name) => name.startsWith('truth-'));
  const file = path.join(stateDir, truth);
  await expect.poll(async () => (await stat(file)).size).toBeGreaterThan(0);
  await truncate(file);
  daemon.child.kill('SIGTERM');
  expect(await daemon.ended).toBe(65);
  expect(daemon.statuses.at(-1)).toHaveProperty('warnings');
  expect(await warned()).toEqual([`run.refused ${daemon.stderr().trim()}`]);
});

test('a run that commands could not reach is refused, and the next start takes it for no crash', async () => {
  const place = path.join(stateDir, 'control.sock');
  await mkdir(place);
  const daemon = start(NODE, [MAIN, 'run'], UNSTORED);
  expect(await daemon.ended).toBe(78);
  expect(await warned()).toEqual([`run.refused ${daemon.stderr().trim()}`]);
  const { runs } = JSON.parse(await readFile(path.join(stateDir, 'runs.json'), 'utf8')) as { runs: object[] };
  expect(runs).toEqual([expect.objectContaining({ end: expect.objectContaining({ reason: 'refused' }) as object })]);
});

test('a second engine on one directory writes into the log of the first that it was refused, and no alarm', async () => {
  const lock = await lockState(stateDir, systemClock, () => undefined);
  const daemon = start(NODE, [MAIN, 'run'], UNSTORED);
  expect(await daemon.ended).toBe(75);
  expect(await warned()).toEqual([`run.refused ${daemon.stderr().trim()}`]);
  await lock.release();
});

test('a signal becomes an order with a stop, a clean end leaves nothing unprotected, and the log tells it in JSON', async () => {
  const daemon = start(NODE, [MAIN, 'run'], ['--seed', '2', ...UNSTORED]);
  await daemon.until((status) => (status as unknown as { readonly entries: number }).entries > 0);
  daemon.child.kill('SIGTERM');
  expect(await daemon.ended, daemon.stderr()).toBe(0);
  const lines = (await readFile(path.join(stateDir, 'logs', 'plotnost.log'), 'utf8')).trim().split('\n');
  const events = lines.map((line) => JSON.parse(line) as { event: string; level: string; [field: string]: unknown });
  const count = (name: string): number => events.filter(({ event }) => event === name).length;
  expect(count('entry.sent')).toBeGreaterThan(0);
  expect(count('position.protected')).toBe(count('position.opened'));
  expect(events.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  // One name leads from the signal over the order to the position.
  const idOf = (name: string, key: string): unknown[] =>
    events.filter(({ event }) => event === name).map(({ [key]: id }) => id);
  expect(idOf('signal.judged', 'signalId')).toEqual(expect.arrayContaining(idOf('entry.sent', 'signalId')));
  expect(idOf('entry.sent', 'signalId')).toEqual(expect.arrayContaining(idOf('position.opened', 'signalId')));
  expect(idOf('entry.sent', 'linkId')).toEqual(expect.arrayContaining(idOf('position.opened', 'id')));
  expect(events[0]?.event).toBe('run.started');
  expect(events.map(({ event }) => event)).toContain('run.ended');
});

test('a run that trades nothing stores by its own section of the configuration, calls somebody for an error, and is not ready while it ends', async () => {
  const floorMb = 1_048_576;
  const { bavail, bsize } = await statfs(stateDir);
  const hook = await openHook();
  const settings = ['trading.mode=off', `database.min_free_disk_mb=${floorMb}`].flatMap((one) => ['--set', one]);
  const daemon = start(NODE, [MAIN, 'run'], [...settings, ...hook.flags]);
  await daemon.until(({ books, rows }) => books.live >= 40 && rows > 0);
  const isCalled = () => hook.called.some(({ event, level }) => event === 'disk.low' && level === 'error');
  await expect.poll(isCalled).toBe(bavail * bsize < floorMb * 2 ** 20);
  const readLog = () => readFile(path.join(stateDir, 'logs', 'plotnost.log'), 'utf8');
  await expect.poll(readLog).toContain('dashboard.listening');
  const [, page] = /"url":"(\S+?)"/.exec(await readLog()) ?? [];
  const keeper = Number.parseInt(leftBehind(daemon.child.pid as number).find((line) => /keeper\.ts/.test(line)) ?? '');
  process.kill(keeper, 'SIGSTOP'); // its database keeps the end waiting until somebody has looked
  daemon.child.kill('SIGTERM');
  const isReady = async () => (await fetch(`${page}readyz`)).text();
  try {
    await expect.poll(isReady).toContain('the engine is shutting down');
  } finally {
    process.kill(keeper, 'SIGCONT');
  }
  expect(await daemon.ended, daemon.stderr()).toBe(0);
  hook.close();
});

test('SIGHUP takes over what may change, says what needs a restart, and refuses a file with a mistake', async () => {
  const file = path.join(stateDir, 'my.yaml');
  await writeFile(file, 'strategy:\n  density_threshold_abs: 50000\n');
  const daemon = start(NODE, [MAIN, 'run'], ['--config', file, '--set', 'logging.file=null', ...UNSTORED]);
  await daemon.until(({ books }) => books.live > 0);
  const events = (name: string): Record<string, unknown>[] =>
    daemon
      .stderr()
      .split('\n')
      .filter((line) => line.includes(`"${name}"`))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  await writeFile(file, 'strategy:\n  density_threshold_abs: 1000000000\nanalysis:\n  mode: inline\n');
  daemon.child.kill('SIGHUP');
  await expect
    .poll(() => events('config.reloaded'))
    .toMatchObject([{ taken: ['strategy.density_threshold_abs'], later: ['analysis.mode'] }]);
  await writeFile(file, 'strategy:\n  density_threshold_abs: none\n');
  daemon.child.kill('SIGHUP');
  await expect.poll(() => events('config.refused')).toHaveLength(1);
  // What waits for the next start waits still, and what that start would refuse is told now.
  await writeFile(file, 'trading:\n  position_size_usd: 0.1\nanalysis:\n  mode: inline\n');
  daemon.child.kill('SIGHUP');
  await expect
    .poll(() => events('config.reloaded')[1])
    .toMatchObject({ taken: expect.arrayContaining(['trading.position_size_usd']), later: ['analysis.mode'] });
  await expect
    .poll(() => events('config.doubtful').filter(({ level }) => level === 'error'))
    .toMatchObject([{ reason: expect.stringContaining('no watched symbol can be traded with 0.1 USDT') }]);
  daemon.child.kill('SIGTERM');
  expect(await daemon.ended).toBe(0);
});

test('a configuration whose disk hangs when it is read again holds nobody up, and is taken over once it is there', async () => {
  const file = path.join(stateDir, 'my.yaml');
  await writeFile(file, 'strategy:\n  density_threshold_abs: 50000\n');
  const daemon = start(NODE, [MAIN, 'run'], ['--config', file, ...UNSTORED]);
  const log = () => readFile(path.join(stateDir, 'logs', 'plotnost.log'), 'utf8');
  await daemon.until(({ books }) => books.live > 0);
  await rm(file);
  spawnSync('mkfifo', [file]);
  daemon.child.kill('SIGHUP');
  // Refused until it is being read, and then it is read until it is closed.
  let end: FileHandle | undefined;
  await expect
    .poll(async () => (end = await open(file, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined)))
    .toBeDefined();
  const before = daemon.statuses.length;
  await daemon.until(() => daemon.statuses.length > before + 2);
  daemon.child.kill('SIGHUP');
  await expect.poll(log).toContain('config.unread');
  await rm(file);
  await writeFile(file, 'strategy:\n  density_threshold_abs: 70000\n');
  await end?.writeFile('strategy:\n  density_threshold_abs: 60000\n');
  await end?.close();
  await expect.poll(async () => (await log()).match(/config\.reloaded/g)?.length).toBe(2);
  daemon.child.kill('SIGTERM');
  expect([await daemon.ended, daemon.stderr()]).toEqual([0, '']);
});

test('an exchange that dies ends its engine, which says so', async () => {
  const daemon = start('npm', ['start', '--'], ['--duration', '10m']);
  await daemon.until(sees);
  const found = (...words: string[]): number => Number(spawnSync('pgrep', words, { encoding: 'utf8' }).stdout);
  const own = found('-g', `${daemon.child.pid}`, '-f', 'start.js run');
  const simulator = found('-P', `${own}`, '-f', 'main.ts simulator');
  // To 0 a signal is one to ourselves.
  expect(simulator).toBeGreaterThan(0);
  process.kill(simulator, 'SIGKILL');
  expect(await daemon.ended).toBe(69);
  expect(daemon.stderr()).toContain('exchange died');
  expect(leftBehind(daemon.child.pid as number)).toEqual([]);
});
