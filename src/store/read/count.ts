// How many rows of one session does the database really have?
import type pg from 'pg';
import { TABLES } from '../rows/rows.ts';
import { withClient } from '../session.ts';

/** Read back by SQL; `market_stats` belongs to no session: what was set since this one began is its own. */
export async function countRows(connection: pg.ClientConfig, sessionId: string): Promise<number> {
  return withClient(connection, async (client) => {
    const counts = TABLES.filter((table) => table !== 'market_stats').map(
      (table) => `(SELECT count(*) FROM ${table} WHERE session_id = $1)`,
    );
    const since = '(SELECT started_at FROM sessions WHERE session_id = $1)';
    const stats = `(SELECT count(*) FROM market_stats WHERE updated_at >= ${since})`;
    const sql = `SELECT (${[...counts, stats].join(' + ')})::float8 AS rows`;
    const { rows } = await client.query<{ rows: number }>(sql, [sessionId]);
    return rows[0]?.rows ?? 0;
  });
}
