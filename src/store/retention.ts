// How long do rows stay, and is there a place for tomorrow's? Asked at start and every hour.
import type pg from 'pg';
import type { Ms } from '../lib/brand.ts';
import type { Table } from './rows.ts';

const DAY_MS = 86_400_000;
const DAYS_AHEAD = 3;

/** The tables cut into days, and how many of them are kept. The same figures stand in the first migration. */
export const KEEP_DAYS = { orderbook_snapshots: 30, densities: 60, signals: 60 } as const satisfies Partial<
  Record<Table, number>
>;

export interface Upkeep {
  readonly made: number;
  readonly dropped: number;
}

const iso = (ms: number): string => new Date(ms).toISOString();

async function count(client: pg.ClientBase, call: string, values: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ n: number }>(`SELECT ${call} AS n`, [...values]);
  return rows[0]?.n ?? 0;
}

export async function makePartitions(client: pg.ClientBase, table: Table, from: Ms, until: Ms): Promise<number> {
  return count(client, 'ensure_partitions($1, $2, $3)', [table, iso(from), iso(until)]);
}

export async function keepUp(client: pg.ClientBase, now: Ms): Promise<Upkeep> {
  let made = 0;
  let dropped = 0;
  for (const [table, days] of Object.entries(KEEP_DAYS) as [Table, number][]) {
    made += await makePartitions(client, table, now, (now + DAYS_AHEAD * DAY_MS) as Ms);
    dropped += await count(client, 'drop_partitions($1, $2)', [table, iso(now - days * DAY_MS)]);
  }
  return { made, dropped };
}
