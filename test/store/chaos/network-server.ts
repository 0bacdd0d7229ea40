// A PostgreSQL as somebody else would run it for us: on TCP, with a password, its disk small where that can be had.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { SERVER_ENV, findBinaries, serverAccount } from '../../../src/store/server/binaries.ts';
import { SUPERUSER, ensureDataDirectory } from '../../../src/store/server/data-directory.ts';
import { mount, unmount } from '../../mount.ts';
import type { TestServer } from '../servers.ts';

export const ENGINE = 'engine';
export const PASSWORD = 'right';
/** Slots for others than the superuser. */
const CONNECTIONS_MAX = 12;
const SMALL_DISK_BYTES = 512 << 20;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

export interface NetworkServer {
  readonly port: number;
  readonly connection: pg.ClientConfig;
  /** Where the tables lie, if that is a small disk of its own. */
  readonly smallDisk: string | undefined;
  start(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** As the superuser, past everything that ails the engine. */
  sql<T extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<T[]>;
  /** Ends the connections of the engine, as an administrator may. */
  disconnect(): Promise<void>;
  remove(): Promise<void>;
}

export async function startNetworkServer({ binaries: folder }: TestServer): Promise<NetworkServer> {
  const dir = await mkdtemp(join(tmpdir(), 'plotnost-chaos-'));
  await chmod(dir, 0o755);
  const account = await serverAccount(dir);
  const binaries = await findBinaries({ stateDir: dir, account, ...(folder === undefined ? {} : { folder }) });
  const dataDir = join(dir, 'data');
  const socketDir = join(dir, 'socket');
  const diskDir = join(dir, 'disk');
  for (const path of [socketDir, diskDir]) await mkdir(path, { mode: 0o755 });
  const isMounted = mount(diskDir, `size=${SMALL_DISK_BYTES}`);
  if (account !== undefined) for (const path of [socketDir, diskDir]) await chown(path, account.uid, account.gid);
  await ensureDataDirectory(dataDir, binaries, account);
  await writeFile(join(dataDir, 'pg_hba.conf'), 'local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n');
  const port = await freePort();
  let server: ChildProcess | undefined;

  const admin: pg.ClientConfig = { host: socketDir, port, user: SUPERUSER, database: 'postgres' };
  const withAdmin = async <T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ ...admin, database });
    client.on('error', () => undefined); // told by the query that waits
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };

  const isUp = async (): Promise<boolean> =>
    withAdmin('postgres', (client) => client.query('SELECT 1')).then(
      () => true,
      () => false,
    );

  async function start(): Promise<void> {
    if (server !== undefined && server.exitCode === null && server.signalCode === null) return;
    const settings = [
      'listen_addresses=127.0.0.1',
      `port=${port}`,
      `unix_socket_directories=${socketDir}`,
      'shared_buffers=32MB',
      `max_connections=${CONNECTIONS_MAX}`,
      'password_encryption=scram-sha-256',
      // No power fails here, and a disk that is slow for a while would be told of instead of what is wrong.
      'fsync=off',
      'log_min_messages=fatal',
    ];
    const child = spawn(binaries.postgres, ['-D', dataDir, ...settings.flatMap((one) => ['-c', one])], {
      cwd: '/',
      env: SERVER_ENV,
      ...account,
      stdio: 'ignore',
    });
    server = child;
    while (!(await isUp())) {
      // A killed predecessor may hold its memory for a moment.
      if (child.exitCode !== null) return start();
      await new Promise((next) => setTimeout(next, 20));
    }
  }

  async function end(signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
    const child = server;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  await start();
  process.once('exit', () => server?.kill('SIGKILL'));
  await withAdmin('postgres', async (client) => {
    await client.query(`CREATE ROLE ${ENGINE} LOGIN PASSWORD '${PASSWORD}'`);
    await client.query(`CREATE ROLE guest LOGIN PASSWORD 'guest'`);
    await client.query(`CREATE TABLESPACE disk LOCATION '${diskDir}'`);
    await client.query(`CREATE DATABASE plotnost OWNER ${ENGINE} TABLESPACE disk`);
  });

  return {
    port,
    connection: { host: '127.0.0.1', port, user: ENGINE, password: PASSWORD, database: 'plotnost', ssl: false },
    smallDisk: isMounted ? diskDir : undefined,
    start,
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
    sql: (text, values = []) => withAdmin('plotnost', async (client) => (await client.query(text, [...values])).rows),
    async disconnect() {
      await withAdmin('postgres', (client) =>
        client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${ENGINE}'`),
      );
    },
    async remove() {
      await end('SIGINT');
      if (isMounted) unmount(diskDir);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
