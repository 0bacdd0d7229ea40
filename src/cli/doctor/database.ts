// Is the database there, is it one that we know, and has it our tables?
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { messageOf } from '../../lib/error-message.ts';
import type { Config } from '../../config/schema.ts';
import { remedyOf as causeRemedy } from '../../store/cause.ts';
import { StoreError } from '../../store/error.ts';
import { migrationStatus, missingGrant, narrowEncoding } from '../../store/write/migrate.ts';
import { reachDatabase, type Reached } from '../../store/read/reach.ts';
import { withClient } from '../../store/session.ts';
import { externalConnection, externalRemedy, SILENT } from '../database.ts';
import { type Check, fail, ok, skipped, warn } from './check.ts';
import { HIDDEN, isHidden } from './machine.ts';
import { unhurried } from './unhurried.ts';

const MAJOR_MIN = 15;
const MAJOR_MAX = 18;

export async function databaseChecks(
  database: Config['database'],
  stateDir: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Check[]> {
  if (database.mode === 'off') return [skipped('database', 'database.mode: off: nothing is stored')];
  const external = externalConnection(database, env);
  if (external === undefined && (await isHidden(stateDir))) return [skipped('database', HIDDEN)];
  const isNew = external === undefined && !existsSync(path.join(stateDir, 'postgres'));
  return unhurried(async () => {
    // An embedded server that has never run shows in a place of its own whether it can: nothing is left behind.
    const trial = isNew ? await mkdtemp(path.join(tmpdir(), 'plotnost-doctor-')) : undefined;
    let reached: Reached | undefined;
    try {
      const server = external === undefined ? {} : { external };
      reached = await reachDatabase({ stateDir: trial ?? stateDir, ...server }, SILENT);
      return await withClient(reached.connection, (client) => looked(client, isNew));
    } catch (error) {
      if (error instanceof StoreError && ['foreign', 'misplaced', 'rights'].includes(error.code)) {
        const [text, remedy = ''] = error.message.split(': ', 2);
        return [fail('tables', text as string, remedy)];
      }
      return [fail('database', messageOf(error), remedyOf(error, database))];
    } finally {
      await reached?.close();
      if (trial !== undefined) await rm(trial, { recursive: true, force: true });
    }
  });
}

function remedyOf(error: unknown, database: Config['database']): string {
  if (database.mode === 'external') return externalRemedy(error, database);
  const isTaken = error instanceof StoreError && error.code === 'in-use';
  return isTaken ? 'wait until that process has started or ended' : 'see postgres.log in the state directory';
}

async function looked(client: pg.Client, isNew: boolean): Promise<Check[]> {
  const { rows } = await client.query<Facts>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::integer / 10000 AS major,
       current_setting('transaction_read_only')::boolean AS "isReadOnly",
       EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = to_regclass('densities')) AS "isPartitioned",
       (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS timescale,
       current_setting('timescaledb.license', true) AS licence`,
  );
  const facts = rows[0] as Facts;
  const encoding = await narrowEncoding(client);
  if (encoding !== undefined)
    return [
      fail(
        'database',
        `it keeps its texts in ${encoding}, in which the names of some coins cannot be written`,
        `make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0, and name that one`,
      ),
    ];
  return [serverCheck(facts, isNew), await schemaCheck(client, isNew), timescaleCheck(facts)];
}

interface Facts {
  readonly version: string;
  readonly major: number;
  readonly isReadOnly: boolean;
  /** Our tables are there, and native partitions. */
  readonly isPartitioned: boolean;
  readonly timescale: string | null;
  readonly licence: string | null;
}

function serverCheck({ version, major, isReadOnly }: Facts, isNew: boolean): Check {
  const text = `PostgreSQL ${version}`;
  if (major < MAJOR_MIN) return fail('database', `${text} is too old`, `take ${MAJOR_MIN} to ${MAJOR_MAX}`);
  if (major > MAJOR_MAX) return warn('database', `${text} is newer than what is tested`, `best take ${MAJOR_MAX}`);
  if (isReadOnly) return fail('database', `${text} takes no rows now`, causeRemedy('read-only'));
  return ok('database', isNew ? `${text} starts on this machine; nothing is stored yet` : `${text} answers`);
}

async function schemaCheck(client: pg.Client, isNew: boolean): Promise<Check> {
  const status = await migrationStatus(client);
  const newer = status.filter(({ known }) => !known).map(({ name }) => name);
  const missing = status.filter(({ appliedAt, known }) => known && appliedAt === undefined);
  if (newer.length > 0)
    return fail('tables', `made by a newer version of this program (${newer.join(', ')})`, 'use that one');
  if (missing.length === 0) return ok('tables', `all ${status.length} steps are applied`);
  const grant = await missingGrant(client);
  if (grant !== undefined)
    return fail('tables', `${missing.length} steps are to come, and this account may not make tables`, grant);
  return ok('tables', isNew ? 'made at the first start' : `${missing.length} steps are applied at the next start`);
}

function timescaleCheck({ isPartitioned, timescale, licence }: Facts): Check {
  if (timescale === null) return ok('timescaledb', 'not there: native partitions are used, with the same results');
  const late = isPartitioned ? '; it came after our tables, which stay native partitions, with the same results' : '';
  return ok('timescaledb', `${timescale}, licence ${licence ?? 'unknown'}${late}`);
}
