// How do rows reach their tables? A batch is one transaction: all of it is there, or none.
import type pg from 'pg';
import type { Ms } from '../../lib/brand.ts';
import { messageOf } from '../../lib/error-message.ts';
import { isRowFault } from '../error.ts';
import { KEEP_DAYS, makePartitions } from './retention.ts';
import type { Row, Table } from '../rows/rows.ts';
import { TABLES } from '../rows/rows.ts';
import { isMissingPartition } from '../session.ts';
import { inTurns, insertOf } from '../rows/tables.ts';

/** With the rows their hour is counted up: whoever sums it meanwhile learns that it has more. */
const MARK_HOURS = `
  INSERT INTO rollup_pending (hour) SELECT DISTINCT hour_of(time) FROM unnest($1::timestamptz[]) AS of (time) ORDER BY 1
  ON CONFLICT (hour) DO UPDATE SET told = rollup_pending.told + 1`;

/** Who is not in the newest ranking is not watched and has no place. All rows of one ranking are of one moment. */
const LEAVE_RANKING = `
  UPDATE market_stats SET is_active = false, rank = NULL
  WHERE updated_at < (SELECT max(updated_at) FROM market_stats) AND (is_active OR rank IS NOT NULL)`;

export interface Rejected {
  readonly row: Row;
  readonly reason: string;
}

const HOUR_MS = 3_600_000;

function isParted(table: Table): table is keyof typeof KEEP_DAYS {
  return table in KEEP_DAYS;
}

/** One time of each hour of which sums are kept. */
function hoursOf(rows: readonly Row[]): string[] {
  const hours = new Set<number>();
  for (const row of rows) {
    if (row.table === 'densities' || row.table === 'signals') hours.add(Math.floor(row.time / HOUR_MS));
  }
  return [...hours].map((hour) => new Date(hour * HOUR_MS).toISOString());
}

async function insertAll(client: pg.ClientBase, rows: readonly Row[]): Promise<void> {
  await client.query('BEGIN');
  try {
    for (const table of TABLES) {
      const own = rows.filter((row) => row.table === table);
      if (own.length === 0) continue;
      for (const turn of inTurns(table, own)) await client.query(insertOf(table, turn));
    }
    if (rows.some(({ table }) => table === 'market_stats')) await client.query(LEAVE_RANKING);
    const hours = hoursOf(rows);
    if (hours.length > 0) await client.query(MARK_HOURS, [hours]);
    await client.query('COMMIT');
  } catch (error) {
    // On a broken connection the roll-back fails too; the server has done it then.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Rows of other days than the coming ones: from a spool that waited, or from a replay. */
async function makeRoom(client: pg.ClientBase, rows: readonly Row[]): Promise<void> {
  const seen = new Set<string>();
  for (const row of rows) {
    if (!isParted(row.table) || !('time' in row)) continue;
    const day = `${row.table} ${new Date(row.time).toISOString().slice(0, 10)}`;
    if (seen.has(day)) continue;
    seen.add(day);
    await makePartitions(client, row.table, row.time as Ms, row.time as Ms);
  }
}

async function insertMakingRoom(client: pg.ClientBase, rows: readonly Row[]): Promise<void> {
  try {
    await insertAll(client, rows);
  } catch (error) {
    if (!isMissingPartition(error)) throw error;
    await makeRoom(client, rows);
    await insertAll(client, rows);
  }
}

/** A newer version may have left them in the spool before somebody went back to this one. */
function isKnown({ table }: Row): boolean {
  return TABLES.includes(table);
}

/**
 * Writes every row that the database can take, once each however often it is sent, and answers those that it never
 * will. Throws when the server is at fault: then the whole batch is to be sent again.
 */
export async function writeRows(client: pg.ClientBase, rows: readonly Row[]): Promise<readonly Rejected[]> {
  const strange = rows.filter((row) => !isKnown(row));
  const reason = 'this version knows no such table';
  return [...strange.map((row) => ({ row, reason })), ...(await writeKnown(client, rows.filter(isKnown)))];
}

async function writeKnown(client: pg.ClientBase, rows: readonly Row[]): Promise<readonly Rejected[]> {
  try {
    await insertMakingRoom(client, rows);
    return [];
  } catch (error) {
    if (!isRowFault(error)) throw error;
    if (rows.length === 1) {
      // Whoever blames a row has to be sure of the server: a connection that broke fails in many ways.
      await client.query('SELECT');
      return rows.map((row) => ({ row, reason: messageOf(error) }));
    }
  }
  const half = rows.length >> 1;
  return [...(await writeKnown(client, rows.slice(0, half))), ...(await writeKnown(client, rows.slice(half)))];
}
