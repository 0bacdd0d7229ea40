// Which database does the configuration name?
import type pg from 'pg';
import type { Config } from '../config/schema.ts';

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
