// Which PostgreSQL servers are there to test on? The embedded one always; Debian's 15 and any newer one where installed.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { runMigrate } from '../../src/cli/migrate.ts';
import { startEmbedded, type Embedded } from '../../src/store/server/launcher.ts';
import { connectClient } from '../../src/store/session.ts';
import { memoryLog, tempDir } from './fixtures.ts';

export interface TestServer {
  readonly name: string;
  /** Undefined: those that npm brought. */
  readonly binaries: string | undefined;
}

const DEBIAN = '/usr/lib/postgresql';

function ofSystem(): TestServer[] {
  const majors = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted() : [];
  return majors
    .map((major) => join(DEBIAN, major))
    .filter((folder) => existsSync(join(folder, 'bin', 'postgres')))
    .map((binaries) => {
      const version = execFileSync(join(binaries, 'bin', 'postgres'), ['--version'], { encoding: 'utf8' });
      return { name: `PostgreSQL ${/\d+\.\d+/.exec(version)?.[0] ?? '?'} of the system`, binaries };
    });
}

const EMBEDDED: TestServer = { name: 'the embedded PostgreSQL 18', binaries: undefined };
export const SERVERS: readonly TestServer[] = [EMBEDDED, ...ofSystem()];

export interface Server extends Embedded {
  readonly stateDir: string;
  /** What a `beforeAll` gives back to be called behind the tests. */
  readonly remove: () => Promise<void>;
}

/** One without a network, on a directory of its own; with an empty database. */
export async function startServer({ binaries }: TestServer = EMBEDDED): Promise<Server> {
  const dir = await tempDir();
  const server = await startEmbedded(
    { stateDir: dir.path, ...(binaries === undefined ? {} : { binaries }) },
    memoryLog().log,
  );
  return {
    stateDir: dir.path,
    connection: server.connection,
    get pid() {
      return server.pid;
    },
    stop: () => server.stop(),
    async remove() {
      await server.stop();
      await dir.remove();
    },
  };
}

/** With our tables, and a client that knows them. */
export async function startTables(which?: TestServer): Promise<{
  readonly server: Server;
  readonly client: pg.Client;
  readonly remove: () => Promise<void>;
}> {
  const server = await startServer(which);
  await runMigrate(server.connection, 'up');
  const client = await connectClient(server.connection, () => undefined);
  return {
    server,
    client,
    async remove() {
      await client.end();
      await server.remove();
    },
  };
}
