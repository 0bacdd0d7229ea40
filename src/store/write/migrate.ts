// Does the database have our tables? Plain SQL files, applied in order, each in a transaction, under a lock.
import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import type pg from 'pg';
import { messageOf } from '../../lib/error-message.ts';
import { remedyOf } from '../cause.ts';
import { StoreError } from '../error.ts';
import { TABLES } from '../rows/rows.ts';

export type Direction = 'up' | 'down';

export interface MigrationStatus {
  readonly name: string;
  /** ISO time; undefined: still to come. */
  readonly appliedAt: string | undefined;
  /** False: the database is newer than this program. */
  readonly known: boolean;
}

/** A large table is checked row by row, or gets an index: what is cut off begins anew with the next try. */
export const MIGRATION_MS_MAX = 3_600_000;
const LOOK_MS = 1_000;
const FOLDER = fileURLToPath(new URL('../../../migrations', import.meta.url));
const TABLE = 'migrations';
const OURS = [...TABLES, 'coin_parameters', 'rollup_pending', 'density_hours', 'signal_hours'];

/** SQL_ASCII takes and gives back every text as it is. */
const ENCODINGS: readonly unknown[] = ['UTF8', 'SQL_ASCII'];

/** Undefined where every name of a coin can be written. */
export async function narrowEncoding(client: pg.ClientBase): Promise<string | undefined> {
  const { rows } = await client.query<{ encoding: string }>(`SELECT current_setting('server_encoding') AS encoding`);
  const encoding = rows[0]?.encoding;
  return ENCODINGS.includes(encoding) ? undefined : encoding;
}

/** What would let this account make tables; undefined where it may. */
export async function missingGrant(client: pg.ClientBase): Promise<string | undefined> {
  const { rows } = await client.query<{ missing: string }>(
    `SELECT format('GRANT USAGE, CREATE ON SCHEMA %I TO %I', coalesce(current_schema(), 'public'), current_user) AS missing
      WHERE has_schema_privilege(current_schema(), 'CREATE') IS NOT TRUE`,
  );
  return rows[0]?.missing;
}

/** A client that is killed leaves no statement at work behind it: its server looks whether it is there, if the system can tell (Windows cannot). */
async function endWithUs(client: pg.ClientBase): Promise<void> {
  await client.query(`SET client_connection_check_interval TO '${LOOK_MS}ms'`).catch(() => undefined);
}

/** A standby, or a server that is told to be one; it may pass. */
async function isReadOnly(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ state: string }>(`SELECT current_setting('transaction_read_only') AS state`);
  return rows[0]?.state === 'on';
}

/** Where our list of them is or will be, beside the tables. The runner's own answer is `public`, where this account may not look. */
async function schemaOf(client: pg.ClientBase): Promise<string | null> {
  const { rows } = await client.query<{ schema: string | null }>(
    `SELECT coalesce((SELECT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE c.oid = to_regclass($1)),
       current_schema()) AS schema`,
    [TABLE],
  );
  return rows[0]?.schema ?? null;
}

/**
 * Applies what is missing (or takes back the last `count`); answers the names in the order in which they ran. A client whose
 * statements may take less than `MIGRATION_MS_MAX` may be too slow for it. `onBegin`: something is missing, and nothing known
 * is in its way.
 */
export async function migrate(
  client: pg.ClientBase,
  direction: Direction,
  count?: number,
  onBegin?: (missing: readonly string[]) => void,
): Promise<readonly string[]> {
  const narrow = direction === 'up' ? await narrowEncoding(client) : undefined;
  if (narrow !== undefined) {
    throw new StoreError(
      'encoding',
      `the database keeps its texts in ${narrow}, in which the names of some coins cannot be written: make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0, and name that one`,
      false,
    );
  }
  const status = await migrationStatus(client);
  const newer = status.filter((one) => !one.known).map((one) => one.name);
  if (newer.length > 0) {
    throw new StoreError(
      'schema',
      `the database was made by a newer version of this program (${newer.join(', ')}): use that one, or take its steps back with it (migrate down)`,
      false,
    );
  }
  // The runner keeps the server's code for either to itself.
  const missing = status.flatMap((one) => (one.appliedAt === undefined ? one.name : []));
  if (direction === 'up' && missing.length > 0) {
    if (await isReadOnly(client)) throw new StoreError('read-only', remedyOf('read-only'), true);
    const grant = await missingGrant(client);
    if (grant !== undefined) throw new StoreError('rights', `this account may not make tables: ${grant}`, false);
    onBegin?.(missing);
  }
  const schema = await schemaOf(client);
  await endWithUs(client);
  try {
    const ran = await runner({
      dbClient: client,
      dir: FOLDER,
      direction,
      migrationsTable: TABLE,
      ...(schema === null ? {} : { migrationsSchema: schema }),
      advisoryLockMode: 'wait',
      log: () => undefined, // what ran is the answer, and what failed is thrown
      ...(count === undefined ? {} : { count }),
    });
    return ran.map((migration) => migration.name);
  } catch (error) {
    const [reason] = messageOf(error).split('\n', 1); // the runner puts its stack behind it
    throw new StoreError('schema', `migration ${direction} failed: ${reason}`, true, error);
  }
}

async function known(): Promise<readonly string[]> {
  const files = await readdir(FOLDER);
  return files
    .filter((file) => file.endsWith('.sql'))
    .map((file) => basename(file, '.sql'))
    .toSorted();
}

/**
 * What puts our list beside the tables, which `table` is one of: until it had its place there it was made in `public`, where an
 * account with a schema of its own does not look. Undefined where there is none of ours, or where its tables are there too.
 */
async function leftInPublic(
  client: pg.ClientBase,
  table: string,
  files: readonly string[],
): Promise<string | undefined> {
  const { rows } = await client.query<{ move: string }>(
    `SELECT format('ALTER TABLE public.%I SET SCHEMA %s', list.relname, ours.relnamespace::regnamespace) AS move
       FROM pg_class ours, pg_class list
      WHERE ours.oid = to_regclass($1) AND list.relname = $2 AND list.relnamespace = to_regnamespace('public')
        AND NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = list.relnamespace AND relname = ours.relname)
        AND has_schema_privilege(list.relnamespace, 'USAGE') AND has_table_privilege(list.oid, 'SELECT')
        AND (SELECT count(*) = 2 FROM pg_attribute WHERE attrelid = list.oid AND attname IN ('name', 'run_on'))`,
    [table, TABLE],
  );
  const [found] = rows;
  if (found === undefined) return undefined;
  const { rows: ran } = await client.query<{ name: string }>(`SELECT name FROM public.${TABLE}`);
  return ran.some(({ name }) => files.includes(name)) ? found.move : undefined;
}

async function applied(client: pg.ClientBase, files: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows: found } = await client.query<{ name: string }>(
    'SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NOT NULL',
    [[TABLE, ...OURS]],
  );
  const [first, second] = found.map(({ name }) => name);
  if (first === undefined) return new Map();
  if (first !== TABLE) {
    const move = await leftInPublic(client, first, files);
    if (move === undefined) return refuseForeign(first);
    const message = `the tables in this database are ours, but the list of their migrations is not beside them: ${move}`;
    throw new StoreError('misplaced', message, false);
  }
  const { rows: columns } = await client.query(
    `SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname IN ('name', 'run_on')`,
    [TABLE],
  );
  if (columns.length < 2) return refuseForeign(TABLE);
  // The runner's column has no zone and holds the session's local time.
  const { rows } = await client.query<{ name: string; at: Date }>(
    `SELECT name, run_on AT TIME ZONE current_setting('TimeZone') AS at FROM ${TABLE} ORDER BY id`,
  );
  if (rows.length === 0 && second !== undefined) return refuseForeign(second);
  return new Map(rows.map((row) => [row.name, row.at.toISOString()]));
}

function refuseForeign(table: string): never {
  throw new StoreError(
    'foreign',
    `the table ${table} in this database is another program's: ${remedyOf('foreign')}`,
    false,
  );
}

/** @throws {StoreError} where another program's tables would be in the way of ours, or our list of migrations is not beside them */
export async function migrationStatus(client: pg.ClientBase): Promise<readonly MigrationStatus[]> {
  const files = await known();
  const done = await applied(client, files);
  const newer = [...done.keys()].filter((name) => !files.includes(name));
  if (newer.length > 0 && newer.length === done.size) return refuseForeign(TABLE);
  return [
    ...files.map((name) => ({ name, appliedAt: done.get(name), known: true })),
    ...newer.map((name) => ({ name, appliedAt: done.get(name), known: false })),
  ];
}
