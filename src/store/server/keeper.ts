// Who stops the database when the daemon is killed? This small process: it starts the server, and when the pipe
// from the daemon ends, for whatever reason, it stops the server and goes, within 2 s.
// Run as `node keeper.ts SPEC`, detached, its standard input held open by the daemon. First line out: the server's pid.
import { spawn, type ChildProcess } from 'node:child_process';
import { fchownSync, openSync, rmSync } from 'node:fs';
import { copyFile, readFile, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export interface KeeperSpec {
  readonly command: string;
  readonly args: readonly string[];
  /** Open for the server as descriptor 3. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly account?: { readonly uid: number; readonly gid: number };
  readonly logFile: string;
  /** Removed once the server has been stopped on request; kept when it died by itself, to be started again. */
  readonly remove: readonly string[];
}

const LOG_BYTES_MAX = 4 << 20;
const LOOK_MS = 1_000;
const FAST_MS = 1_500;
const KILL_MS = 1_850;

/** The server holds its log open for as long as it runs: what it has said is copied away, and the file emptied under it. */
async function keepShort(logFile: string): Promise<void> {
  try {
    const { size } = await stat(logFile);
    if (size <= LOG_BYTES_MAX) return;
    const before = `${logFile}.1`;
    // A disk that is full has room again without either.
    await copyFile(logFile, before).catch(() => rm(before, { force: true }));
    await truncate(logFile);
  } catch {
    // Nobody can be told here; the next look may find it better.
  }
}

/** As the server itself notes it. */
async function isEnding(directory: string): Promise<boolean> {
  const noted = await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => '');
  return noted.includes('\nstopping');
}

async function look({ directory, logFile }: KeeperSpec, server: ChildProcess): Promise<never> {
  for (;;) {
    await wait(LOOK_MS);
    // A SIGTERM of somebody else: it lets nobody in any more, and would wait for the daemon's connection, which does not end.
    if (await isEnding(directory)) server.kill('SIGINT');
    await keepShort(logFile);
  }
}

function keep(spec: KeeperSpec): void {
  const output = openSync(spec.logFile, 'a', 0o600);
  if (spec.account !== undefined) fchownSync(output, spec.account.uid, spec.account.gid);
  const server = spawn(spec.command, spec.args, {
    cwd: '/',
    env: spec.env,
    ...spec.account,
    stdio: ['ignore', output, output, openSync(spec.directory, 'r')],
  });
  void look(spec, server);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    server.kill('SIGINT');
    setTimeout(() => server.kill('SIGQUIT'), FAST_MS);
    setTimeout(() => server.kill('SIGKILL'), KILL_MS);
  };
  server.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  server.on('exit', (code) => {
    if (stopping) for (const path of spec.remove) rmSync(path, { recursive: true, force: true });
    process.exit(stopping ? 0 : (code ?? 1));
  });
  process.stdin.on('close', stop).on('error', stop).resume();
  process.stdout.on('error', stop);
  process
    .on('SIGTERM', stop)
    .on('SIGINT', stop)
    .on('SIGHUP', () => undefined);
  process.stdout.write(`${server.pid ?? 0}\n`);
}

const [, , spec] = process.argv;
if (spec === undefined) throw new Error('the keeper is started by the launcher, with a specification');
keep(JSON.parse(spec) as KeeperSpec);
