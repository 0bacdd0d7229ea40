// How do we talk to the server? One client that never waits for ever and whose loss ends nothing but itself.
import pg from 'pg';
import { StoreError, messageOf, sqlState } from './error.ts';
import { STORE_DEFAULTS } from './settings.ts';

const ANSWER_MS_MAX = 5_000;
/** A link that is silent this long is asked whether it still stands. */
const KEEP_ALIVE_MS = 10_000;

/** How the client that an engine keeps is told from those that come and go. */
export const ENGINE_NAME = 'plotnost engine';

/**
 * A connected client with limits on every wait. `onLost` is called once when the server goes away; the statement
 * limit may be lifted for work that is long by nature.
 */
export async function connectClient(
  connection: pg.ClientConfig,
  onLost: (error: Error) => void,
  statementMsMax = STORE_DEFAULTS.statementMsMax,
  name = 'plotnost',
): Promise<pg.Client> {
  const client = new pg.Client({
    ...connection,
    application_name: name,
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
  client.on('end', () => lose(new Error('the server closed the connection')));
  try {
    await client.connect();
    live = true;
  } catch (error) {
    destroyClient(client);
    throw new StoreError('unreachable', `cannot reach PostgreSQL: ${messageOf(error)}`, true, error);
  }
  return client;
}

/** After a timeout the answer may still come, to the wrong question: such a client is never used again. */
export function destroyClient(client: pg.Client): void {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } };
  connection.stream.destroy();
}

/** For a command: connects, works, and closes, whatever happens. */
export async function withClient<T>(connection: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connectClient(connection, () => undefined, 60_000);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The table, or a partition of it, that a row needs is missing. */
export function isMissingPartition(error: unknown): boolean {
  return sqlState(error) === '23514' && messageOf(error).startsWith('no partition of relation');
}
