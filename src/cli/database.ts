// Which database does the configuration name, and how does a command reach it?
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { messageOf } from '../lib/error-message.ts';
import type { Config } from '../config/schema.ts';
import { causeOf, remedyOf } from '../store/cause.ts';
import { StoreError } from '../store/error.ts';
import type { Log } from '../lib/log.ts';
import { reachDatabase, type Reached } from '../store/read/reach.ts';
import { CliError, EXIT, type CliContext } from './context.ts';

/** The server of the `database` section; undefined unless its mode is `external`. Secrets come from the environment. */
export function externalConnection(
  { mode, host, port, name, userEnv, passwordEnv, ssl }: Config['database'],
  env: Readonly<Record<string, string | undefined>>,
): pg.ClientConfig | undefined {
  if (mode !== 'external') return undefined;
  return {
    host,
    port,
    database: name,
    user: env[userEnv],
    password: env[passwordEnv],
    ssl: ssl === 'off' ? false : { rejectUnauthorized: ssl === 'verify' },
  };
}

/** What to check where the configured server refuses the connection. */
export function externalRemedy(
  error: unknown,
  { host, port, name, userEnv, passwordEnv, ssl }: Config['database'],
): string {
  const cause = causeOf(error);
  if (cause !== 'unreachable' && cause !== 'login' && cause !== 'other') return remedyOf(cause);
  return `is a PostgreSQL at ${host}:${port} with a database ${name}, for the account in ${userEnv} and ${passwordEnv}, that takes database.ssl: ${ssl}?`;
}

/** Must there be a database already, or is one created? */
export type Need = 'existing' | 'any';

/** What a short command has to say of the server is in the error that ends it. */
export const SILENT: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** For a command that reads or writes rows: the configured server, the running daemon's, or one started for the command. */
export async function reachConfigured(context: CliContext, need: Need): Promise<Reached> {
  const { config, stateDir } = context.loadConfig();
  if (config.database.mode === 'off') {
    throw new CliError('database.mode: off stores nothing: set it to embedded or external', EXIT.config);
  }
  const external = externalConnection(config.database, context.env);
  if (external === undefined) return reachEmbedded(stateDir, need);
  return reachDatabase({ stateDir, external }, SILENT).catch((error: unknown) => {
    throw new CliError(`${messageOf(error)}: ${externalRemedy(error, config.database)}`, EXIT.unavailable);
  });
}

/** What cannot be looked into is not empty; and who has the database is not to be stopped for a question. */
async function reachEmbedded(stateDir: string, need: Need): Promise<Reached> {
  await stat(path.join(stateDir, 'postgres')).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    const remedy = 'ask as the account that its engine runs under, or name another with --state-dir';
    throw new CliError(`the state directory ${stateDir} cannot be looked into (${code}): ${remedy}`, EXIT.config);
  });
  return reachDatabase({ stateDir, existing: need === 'existing' }, SILENT).catch((error: unknown) => {
    if (!(error instanceof StoreError && error.code === 'in-use')) throw error;
    const who = 'an engine or another command that starts, ends or has lost it just now';
    throw new CliError(`the database in ${stateDir} is held by ${who}: try again in a moment`, EXIT.later);
  });
}
