// How does the embedded PostgreSQL run? As a child under a keeper, reached only through a socket in a private folder.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, lstat, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Ms } from '../../lib/brand.ts';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/error-message.ts';
import type { Account, Binaries } from './binaries.ts';
import { SERVER_ENV, findBinaries, serverAccount } from './binaries.ts';
import type { Claim } from './claim.ts';
import { claimDirectory } from './claim.ts';
import { SUPERUSER, dataArgument, ensureDataDirectory } from './data-directory.ts';
import type { Discovery } from './discovery.ts';
import { connectionOf, discoveryFile, removeDiscovery, writeDiscovery } from './discovery.ts';
import { StoreError, sqlState } from '../error.ts';
import type { KeeperSpec } from './keeper.ts';
import type { Log } from '../../lib/log.ts';
import { clearOrphan, postmasterPid, stopOrphan } from './orphan.ts';
import { makeFolder } from '../../lib/folder.ts';
import { passingRemedy } from '../../lib/passing-fault.ts';
import { servesData } from '../../lib/process-identity.ts';

export interface EmbeddedOptions {
  readonly stateDir: string;
  /** A PostgreSQL of the system instead of npm's: its `bin` folder or the one above. */
  readonly binaries?: string;
  /** A server that has data and does not start, say on a full disk, is tried again in the background (D01). */
  readonly mayBeLate?: boolean;
}

export interface Embedded {
  readonly connection: pg.ClientConfig;
  /** Of the server; another one after it was started again. */
  readonly pid: number;
  stop(): Promise<void>;
}

const PORT = 5432; // names the socket only: the server listens on no network
const SOCKET_PATH_MAX = 100;
const READY_MS_MAX = 60_000; // recovery after a crash may read a lot
const LOCKED_MS_MAX = 6_000;
/** A keeper has ended its server and gone within 2 s; one that hangs, as on a dead disk, is not waited for. */
const KEEPER_MS_MAX = 5_000 as Ms;
const SERVER_LOG_BYTES_MAX = 4 << 20;

function settings(major: number): readonly string[] {
  return [
    'listen_addresses=',
    `port=${PORT}`,
    'unix_socket_permissions=0700',
    'max_connections=30',
    'shared_buffers=64MB',
    'max_parallel_workers=0',
    'max_parallel_workers_per_gather=0',
    'jit=off',
    'wal_level=minimal',
    'max_wal_senders=0',
    'max_wal_size=256MB',
    'log_min_messages=warning',
    'log_timezone=UTC',
    'timezone=UTC',
    ...(major >= 18 ? ['io_method=sync'] : []),
  ].flatMap((setting) => ['-c', setting]);
}

/**
 * Where the folder of the server's socket is made. Preferably in the state directory, because a service may have a private /tmp
 * that the commands do not see; in the temp directory where the path would be too long for a socket, or where the server's own
 * account may not enter the state directory.
 */
export function socketPlace(stateDir: string, account: Account | undefined): string {
  const fits = (place: string): boolean => join(place, 'plotnost-XXXXXX', `.s.PGSQL.${PORT}`).length <= SOCKET_PATH_MAX;
  return (account === undefined ? [stateDir, tmpdir()] : [tmpdir()]).find(fits) ?? '/tmp';
}

/** A name that nobody can foresee. */
const nameSocketDir = (place: string): string =>
  join(place, `plotnost-${randomBytes(6).toString('base64url').slice(0, 6)}`);

async function turnLog(path: string): Promise<number> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= SERVER_LOG_BYTES_MAX) return size;
  await rename(path, `${path}.1`);
  return 0;
}

async function connectTo(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // its loss is seen by the query that waits
  await client.connect();
  return client;
}

/** False while it does not answer. Throws where it does, and makes no database. */
async function databaseReady(connection: pg.ClientConfig): Promise<boolean> {
  try {
    const client = await connectTo(connection);
    await client.end();
    return true;
  } catch (error) {
    if (sqlState(error) !== '3D000') return false;
  }
  const client = await connectTo({ ...connection, database: 'postgres' });
  try {
    await client.query(`CREATE DATABASE ${SUPERUSER}`);
  } finally {
    await client.end();
  }
  return true;
}

class EmbeddedServer implements Embedded {
  readonly connection: pg.ClientConfig;
  readonly #stateDir: string;
  readonly #dataDir: string;
  readonly #socketDir: string;
  readonly #place: Omit<Discovery, 'pid' | 'folder'>;
  readonly #binaries: Binaries;
  readonly #account: Account | undefined;
  readonly #claim: Claim;
  readonly #log: Log;
  readonly #clock: Clock;
  #keeper: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #pid = 0;
  /** Settles when the restart under way, if any, is over. */
  #revival: Promise<void> = Promise.resolve();
  readonly #stopping = new AbortController();

  constructor(
    stateDir: string,
    dataDir: string,
    socketDir: string,
    binaries: Binaries,
    account: Account | undefined,
    claim: Claim,
    log: Log,
    clock: Clock,
  ) {
    this.#stateDir = stateDir;
    this.#dataDir = dataDir;
    this.#socketDir = socketDir;
    this.#binaries = binaries;
    this.#account = account;
    this.#claim = claim;
    this.#log = log;
    this.#clock = clock;
    this.#place = { socketDir, port: PORT, user: SUPERUSER, database: SUPERUSER };
    this.connection = connectionOf(this.#place);
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  get pid(): number {
    return this.#pid;
  }

  /** Starts the server and waits until it answers; a server that just died may hold its lock for a moment. */
  async start(): Promise<void> {
    const from = performance.now();
    await this.#makeSocketDir();
    for (;;) {
      const fault = await this.#attempt();
      if (fault === undefined) break;
      const held = /lock file|shared memory block/.test(fault) && !this.#isStopping;
      if (!held || performance.now() - from > LOCKED_MS_MAX) {
        throw new StoreError('start-failed', `the embedded PostgreSQL did not start: ${fault}`, true);
      }
      await wait(100);
    }
    const keeper = this.#keeper as ChildProcess;
    try {
      await writeDiscovery(this.#stateDir, { ...this.#place, pid: this.#pid });
    } catch (error) {
      await this.#dismiss(); // one that has not started as a whole is not left to whoever tries again
      throw error;
    }
    keeper.unref();
    void this.#exited.then(() => {
      this.#revival = this.#revive(keeper);
    });
    const ms = Math.round(performance.now() - from);
    this.#log.info({ pid: this.#pid, major: this.#binaries.major, dataDir: this.#dataDir, ms }, 'database.started');
  }

  /**
   * That of a server which died by itself is there still; a keeper that was asked to end its server has removed it. Fails on a
   * full disk, and is then tried again with the next start: one that is ours still has yet to be given to the server's account.
   */
  async #makeSocketDir(): Promise<void> {
    const there = await lstat(this.#socketDir).catch(() => undefined);
    const ours = process.getuid?.();
    if (there !== undefined && there.uid === (this.#account?.uid ?? ours)) return;
    try {
      if (there === undefined || there.uid !== ours) await mkdir(this.#socketDir, { mode: 0o700 });
      if (this.#account !== undefined) await chown(this.#socketDir, this.#account.uid, this.#account.gid);
    } catch (error) {
      const reason = `no socket in ${dirname(this.#socketDir)}: ${messageOf(error)}`;
      throw new StoreError('start-failed', `the embedded PostgreSQL did not start: ${reason}`, true, error);
    }
  }

  async #attempt(): Promise<string | undefined> {
    const logFile = join(this.#stateDir, 'postgres.log');
    const logFrom = await turnLog(logFile);
    const keeper = this.#spawn(logFile);
    let exited = false;
    let failure: string | undefined;
    this.#keeper = keeper;
    this.#exited = new Promise((done) => {
      const leave = (): void => {
        exited = true;
        done();
      };
      keeper.once('exit', leave);
      // The keeper could not be started at all, as where this process may open no more files.
      keeper.once('error', (error) => {
        failure = messageOf(error);
        leave();
      });
    });
    const from = performance.now();
    let ready = false;
    while (!exited && !ready && failure === undefined && performance.now() - from < READY_MS_MAX) {
      ready = await databaseReady(this.connection).catch((error: unknown) => {
        failure = messageOf(error);
        return false;
      });
      if (!ready) await wait(20);
    }
    if (ready) {
      this.#pid = (await postmasterPid(this.#dataDir)) ?? this.#pid;
      return undefined;
    }
    const silence = exited
      ? 'it ended, and could leave no word of why: see whether its disk is full'
      : `no answer within ${READY_MS_MAX / 1_000} s`;
    await this.#dismiss();
    if (failure !== undefined) return failure;
    const said = await readFile(logFile).then(
      (whole) => whole.toString('utf8', logFrom),
      () => '',
    );
    return said.trim().split('\n').slice(-6).join(' | ') || silence;
  }

  #spawn(logFile: string): ChildProcess {
    const data = dataArgument(this.#dataDir, this.#account);
    const spec: KeeperSpec = {
      command: this.#binaries.postgres,
      args: ['-D', data, '-k', this.#socketDir, ...settings(this.#binaries.major)],
      directory: this.#dataDir,
      env: SERVER_ENV,
      ...(this.#account === undefined ? {} : { account: this.#account }),
      logFile,
      remove: [this.#socketDir, discoveryFile(this.#stateDir)],
    };
    const program = fileURLToPath(new URL('./keeper.ts', import.meta.url));
    // Detached: Ctrl-C reaches the foreground group, and the server has to outlive our last rows.
    const keeper = spawn(process.execPath, ['--no-warnings', program, JSON.stringify(spec)], {
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const { stdin, stdout } = keeper as ChildProcess;
    stdin?.on('error', () => undefined); // its end is told by `exit`
    if (stdout) {
      createInterface({ input: stdout }).once('line', (line) => {
        this.#pid = Number(line);
      });
    }
    // The pipe must not keep a finished daemon alive: its end is what stops the server.
    for (const stream of [stdin, stdout]) (stream as unknown as { unref?(): void } | undefined)?.unref?.();
    return keeper;
  }

  async #revive(keeper: ChildProcess): Promise<void> {
    if (this.#isStopping) return;
    this.#log.error({ pid: this.#pid, code: keeper.exitCode, signal: keeper.signalCode }, 'database.died');
    await this.#comeBack();
  }

  comeLater(error: unknown): void {
    this.#log.error({ reason: messageOf(error) }, 'database.late');
    this.#revival = this.#comeBack();
  }

  async #comeBack(): Promise<void> {
    for (let failures = 0; !this.#isStopping; failures++) {
      try {
        await wait(Math.min(10_000, 100 * 2 ** failures), undefined, { signal: this.#stopping.signal });
        const orphan = await postmasterPid(this.#dataDir);
        // Only the keeper was killed: the server it left behind would outlive us, and is replaced by one with a keeper.
        if (orphan !== undefined && (await servesData(orphan, this.#dataDir))) process.kill(orphan, 'SIGQUIT');
        await this.start();
        return;
      } catch (error) {
        if (!this.#isStopping) this.#log.error({ reason: messageOf(error), failures }, 'database.restart-failed');
      }
    }
  }

  /** Returns when the keeper has gone, its server before it, or when it has been killed because it hangs. */
  async #dismiss(): Promise<void> {
    const keeper = this.#keeper;
    keeper?.ref();
    keeper?.stdin?.destroy();
    const limit = Promise.withResolvers<void>();
    const timer = this.#clock.after(KEEPER_MS_MAX, () => {
      keeper?.kill('SIGKILL');
      limit.resolve();
    });
    await Promise.race([this.#exited, limit.promise]);
    timer.cancel();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#keeper?.ref();
    this.#keeper?.stdin?.destroy();
    await this.#revival;
    await this.#dismiss(); // of a server that came up again meanwhile
    await stopOrphan(this.#dataDir, 0, this.#log); // its keeper may have been killed, now or just before
    await rm(this.#socketDir, { recursive: true, force: true });
    await removeDiscovery(this.#stateDir);
    await this.#claim.release();
    this.#log.info({ pid: this.#pid }, 'database.stopped');
  }
}

async function ownStateDir(stateDir: string): Promise<Claim> {
  try {
    makeFolder(stateDir, 0o700);
    return await claimDirectory(stateDir);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError(
      'start-failed',
      `the state directory ${stateDir} cannot be used (${messageOf(error)}): make it writable for this account, or name another with --state-dir`,
      false,
      error,
    );
  }
}

/** What the disk says on the way is no bug of ours, and some of it passes. */
function ofDisk(error: unknown, dataDir: string): unknown {
  if (error instanceof StoreError || !(error instanceof Error && 'syscall' in error)) return error;
  const passing = passingRemedy(error);
  const remedy =
    passing ?? `make ${dataDir} writable for this account, or name another state directory with --state-dir`;
  const message = `the embedded PostgreSQL did not start: ${messageOf(error)}: ${remedy}`;
  return new StoreError('start-failed', message, passing !== undefined, error);
}

/** Refused with a clear `StoreError` when another process owns the directory or the server cannot run here. */
export async function startEmbedded(options: EmbeddedOptions, log: Log, clock = systemClock): Promise<Embedded> {
  if (process.platform === 'win32') {
    throw new StoreError(
      'no-binaries',
      'the embedded PostgreSQL needs Linux or macOS: name a server in the "database" section',
      false,
    );
  }
  const stateDir = resolve(options.stateDir);
  const dataDir = join(stateDir, 'postgres');
  const claim = await ownStateDir(stateDir);
  let socketDir: string | undefined;
  try {
    await clearOrphan(stateDir, dataDir, log);
    const account = await serverAccount(stateDir);
    const binaries = await findBinaries({
      stateDir,
      account,
      ...(options.binaries === undefined ? {} : { folder: options.binaries }),
    });
    const isOld = await ensureDataDirectory(dataDir, binaries, account);
    socketDir = nameSocketDir(socketPlace(stateDir, account));
    const server = new EmbeddedServer(stateDir, dataDir, socketDir, binaries, account, claim, log, clock);
    await server.start().catch((error: unknown) => {
      if (!isOld || options.mayBeLate !== true) throw error;
      server.comeLater(error);
    });
    return server;
  } catch (error) {
    if (socketDir !== undefined) await rm(socketDir, { recursive: true, force: true });
    await claim.release();
    throw ofDisk(error, dataDir);
  }
}
