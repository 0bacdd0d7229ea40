// How do we talk to the server? One client that never waits for ever and whose loss ends nothing but itself.
import pg from 'pg';
import { messageOf } from '../lib/error-message.ts';
import { causeOf, remedyOf } from './cause.ts';
import { StoreError } from './error.ts';
import { STORE_DEFAULTS } from './settings.ts';

/**
 * What an account or a database may have set otherwise, and our statements rely on: else day and month would change places, no old
 * partition would be found, and what is missing would be the text NULL.
 */
const DIALECT = 'SET datestyle TO ISO; SET standard_conforming_strings TO on; SET array_nulls TO on';

const ANSWER_MS_MAX = 5_000;
/** A link that is silent this long is asked whether it still stands. */
const KEEP_ALIVE_MS = 10_000;

/** Any number that nobody else has: migrations have one of their own. */
const TABLES_LOCK = 4_826_117;

/**
 * A connected client with limits on every wait. `onLost` is called once when the server goes away; the statement
 * limit may be lifted for work that is long by nature.
 */
export async function connectClient(
  connection: pg.ClientConfig,
  onLost: (error: Error) => void,
  statementMsMax = STORE_DEFAULTS.statementMsMax,
): Promise<pg.Client> {
  const client = new pg.Client({
    ...connection,
    application_name: 'plotnost',
    connectionTimeoutMillis: ANSWER_MS_MAX,
    query_timeout: statementMsMax + 1_000, // the server has given up by then, and said so
    statement_timeout: statementMsMax,
    lock_timeout: Math.min(statementMsMax, ANSWER_MS_MAX),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  });
  let live = false; // until it is connected its failure is told by `connect`
  const lose = (error: Error): void => {
    if (!live) return;
    live = false;
    onLost(error);
  };
  client.on('error', lose);
  try {
    await client.connect();
    await client.query(DIALECT);
    live = true;
  } catch (error) {
    destroyClient(client);
    throw new StoreError('unreachable', `cannot reach PostgreSQL: ${messageOf(error)}`, true, error);
  }
  return client;
}

/** For as long as the client lives the tables stay: said by an engine before it looks at them. */
export async function shareTables(client: pg.Client): Promise<void> {
  await client.query('SELECT pg_advisory_lock_shared($1)', [TABLES_LOCK]);
}

/** For as long as the client lives nobody else relies on the tables; else who does: an engine, or another that has claimed them. */
export async function claimTables(client: pg.Client): Promise<'ours' | 'shared' | 'claimed'> {
  const gets = async (lock: string): Promise<boolean> => {
    const { rows } = await client.query<{ got: boolean }>(`SELECT ${lock}($1) AS got`, [TABLES_LOCK]);
    return rows[0]?.got === true;
  };
  if (await gets('pg_try_advisory_lock')) return 'ours';
  return (await gets('pg_try_advisory_lock_shared')) ? 'shared' : 'claimed';
}

/** After a timeout the answer may still come, to the wrong question: such a client is never used again. */
export function destroyClient(client: pg.Client): void {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } };
  connection.stream.destroy();
}

/**
 * For a command: connects, works, and closes, whatever happens.
 *
 * @throws {StoreError} where it is the server, or the account, that does not let it work, with what can be done about it
 */
export async function withClient<T>(
  connection: pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>,
  statementMsMax = 60_000,
): Promise<T> {
  const client = await connectClient(connection, () => undefined, statementMsMax);
  try {
    return await work(client);
  } catch (error) {
    const cause = causeOf(error);
    if (error instanceof StoreError || cause === 'other') throw error;
    const message = `${messageOf(error)}: ${remedyOf(cause)}`;
    if (cause === 'rights') throw new StoreError('rights', message, false, error);
    throw new StoreError('unreachable', message, true, error);
  } finally {
    await client.end();
  }
}

/** The table, or a partition of it, that a row needs is missing. Told by the place in the server: its words may be of any language. */
export function isMissingPartition(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.routine === 'ExecFindPartition';
}
