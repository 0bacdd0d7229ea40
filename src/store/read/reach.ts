// How does a command reach the database? Through the configured server, the daemon's own, or one started for the time of it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { StoreError } from '../error.ts';
import { connectionOf, readDiscovery } from '../server/discovery.ts';
import { startEmbedded } from '../server/launcher.ts';
import type { EmbeddedOptions } from '../server/launcher.ts';
import type { Log } from '../../lib/log.ts';
import { withClient } from '../session.ts';

export interface Reached {
  readonly connection: pg.ClientConfig;
  /** Stops the server if it was started for this command. */
  readonly close: () => Promise<void>;
}

async function running(stateDir: string): Promise<pg.ClientConfig | undefined> {
  const discovery = await readDiscovery(stateDir);
  if (discovery === undefined) return undefined;
  const connection = connectionOf(discovery);
  const answers = await withClient(connection, (client) => client.query('SELECT 1')).then(
    () => true,
    () => false, // left by a daemon that was killed
  );
  return answers ? connection : undefined;
}

/** Closes it, whatever comes of the work. */
export async function whileReached<T>(
  { connection, close }: Reached,
  work: (connection: pg.ClientConfig) => Promise<T>,
): Promise<T> {
  try {
    return await work(connection);
  } finally {
    await close();
  }
}

export interface ReachOptions extends EmbeddedOptions {
  /** The server of the configuration; without one the embedded server of the state directory. */
  readonly external?: pg.ClientConfig;
  /** Refuse, rather than make an embedded database where there is none. */
  readonly existing?: boolean;
}

export async function reachDatabase(options: ReachOptions, log: Log): Promise<Reached> {
  const { external, stateDir, existing = false } = options;
  if (external !== undefined) {
    await withClient(external, (client) => client.query('SELECT 1'));
    return { connection: external, close: async () => undefined };
  }
  const there = await running(stateDir);
  if (there !== undefined) return { connection: there, close: async () => undefined };
  if (existing && !existsSync(join(stateDir, 'postgres'))) {
    throw new StoreError(
      'absent',
      `nothing is stored in ${stateDir} yet: run the engine first (npm start), or name its --state-dir`,
      false,
    );
  }
  try {
    const server = await startEmbedded(options, log);
    return { connection: server.connection, close: () => server.stop() };
  } catch (error) {
    // A daemon that was just starting has the directory now, and with it a server for us.
    const started = error instanceof StoreError && error.code === 'in-use' ? await running(stateDir) : undefined;
    if (started === undefined) throw error;
    return { connection: started, close: async () => undefined };
  }
}
