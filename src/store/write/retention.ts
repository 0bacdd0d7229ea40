// How long do rows stay, is there a place for tomorrow's, and are the hours that are over summed up? Asked at start and
// every hour.
import type pg from 'pg';
import type { Ms } from '../../lib/brand.ts';
import type { Table } from '../rows/rows.ts';

const DAY_MS = 86_400_000;
const DAYS_AHEAD = 3;

/** The tables cut into days, and how many of them are kept. */
export const KEEP_DAYS = { orderbook_snapshots: 30, densities: 60, signals: 60 } as const satisfies Partial<
  Record<Table, number>
>;
export type PartedTable = keyof typeof KEEP_DAYS;
export type KeepDays = Readonly<Record<PartedTable, number>>;

export interface Upkeep {
  readonly made: number;
  readonly dropped: number;
}

const iso = (ms: number): string => new Date(ms).toISOString();

async function answer<T>(client: pg.ClientBase, call: string, values: readonly string[]): Promise<T | undefined> {
  const { rows } = await client.query<{ answer: T }>(`SELECT ${call} AS answer`, [...values]);
  return rows[0]?.answer;
}

export async function makePartitions(client: pg.ClientBase, table: Table, from: Ms, until: Ms): Promise<number> {
  return (await answer<number>(client, 'ensure_partitions($1, $2, $3)', [table, iso(from), iso(until)])) ?? 0;
}

/** `newest`: what the market has told last, from which days count back; 0: nothing yet, and nothing is dropped. */
export async function keepUp(
  client: pg.ClientBase,
  now: Ms,
  keep: KeepDays = KEEP_DAYS,
  newest: Ms = now,
): Promise<Upkeep> {
  let made = 0;
  let dropped = 0;
  for (const [table, days] of Object.entries(keep) as [PartedTable, number][]) {
    made += await makePartitions(client, table, now, (now + DAYS_AHEAD * DAY_MS) as Ms);
    await answer(client, 'keep_rows($1, $2::interval)', [table, `${days} days`]);
    // Our calendar alone, which may be years ahead, must not make all there is old.
    const before = iso(Math.min(now, newest) - days * DAY_MS);
    dropped += (await answer<number>(client, 'drop_partitions($1, $2)', [table, before])) ?? 0;
  }
  return { made, dropped };
}

/** Sums up the hours that are over, each in a statement of its own; answers how many. */
export async function rollUp(client: pg.ClientBase, now: Ms, keep: KeepDays = KEEP_DAYS): Promise<number> {
  const keptFrom = iso(now - Math.min(keep.densities, keep.signals) * DAY_MS);
  let hours = 0;
  for (let after: Date | null | undefined = new Date(0); ; hours++) {
    after = await answer<Date | null>(client, 'roll_up_hour($1, $2, $3)', [after.toISOString(), keptFrom, iso(now)]);
    if (!(after instanceof Date)) return hours;
  }
}
