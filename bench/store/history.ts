// What lies in the database after a month? As many rows a day as a run makes, made by the server itself from a seed.
import type pg from 'pg';
import type { Ms } from '../../src/lib/brand.ts';
import { priceText, sizeText } from '../../src/market/instrument.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import { packSide } from '../../src/store/rows/packed-book.ts';
import { KEEP_DAYS, keepUp, makePartitions, type PartedTable, rollUp } from '../../src/store/write/retention.ts';
import { roomOf } from './insert.ts';
import { BOOKS_A_DAY } from './books.ts';
import type { Book } from './rows.ts';

const DAY_MS = 86_400_000;

/**
 * Rows a day of forty symbols. Counted over 237 s of `run` on the simulated market at its own pace, a minute after the start:
 * 1,052 lives confirmed and 929 tellings of their erosion, 4,703 candidates and signals, each in eleven events for a trade.
 * Trades are as many as the engine allows itself a day (`max_orders_per_minute` in sixty full minutes), fewer than it had
 * then. Books are forty every `snapshot_interval`.
 */
export const A_DAY = {
  lives: 383_600,
  signals: 1_715_000,
  trades: 1_800,
  events: 20_000,
  books: BOOKS_A_DAY,
} as const;
/** Tellings of one life: at its confirmation, at its end, and for seven of eight once between them. */
export const TOLD_A_LIFE = 2.875;

/** Half past an hour: one is always under way. */
export const HISTORY_END = Date.UTC(2026, 10, 30, 12, 30) as Ms;
const PARTED = Object.keys(KEEP_DAYS) as PartedTable[];
export const HISTORY_TABLES = [...PARTED, 'trades', 'executions', 'system_events'] as const;

const LITTLE = 40;

const SAMPLES = `CREATE TABLE bench_samples (place integer PRIMARY KEY, symbol text, price numeric, bids bytea, asks bytea,
                                             price_step numeric, size_step numeric)`;

/** $1 begin of the day, \$2 lives. Every life is over within the day. */
const DENSITIES = `
  INSERT INTO densities (time, session_id, life_id, moment, ordinal, symbol, side, price, low_price, high_price, notional,
    volume, volume_percent, relative_strength, is_cluster, is_round, state, label, appeared_at, confirmed_at,
    disappeared_at, initial_notional, peak_notional, eaten, pulled, refilled, rpi_eaten, touches, crossed, criteria)
  SELECT CASE moment WHEN 'confirmed' THEN confirmed WHEN 'erosion' THEN confirmed + life / 2 ELSE confirmed + life END,
         'session-' || $1::date, symbol || '-' || place || '-' || i, moment, ordinal, symbol,
         CASE WHEN i % 2 = 0 THEN 'bid' ELSE 'ask' END, price, price, price, peak, round(peak / price, 1), share * 100,
         share * 300, i % 7 = 0, i % 11 = 0, CASE moment WHEN 'closed' THEN 'gone' ELSE 'confirmed' END,
         CASE moment WHEN 'closed' THEN (ARRAY['eaten', 'pulled', 'pulled', 'pulled', 'moved', 'absorbed', 'out_of_view'])
           [1 + i % 7] END,
         confirmed - interval '3 s', confirmed, CASE moment WHEN 'closed' THEN confirmed + life END,
         round(peak * 0.9, 7), peak, round(peak / 3, 7), round(peak / 2, 7), 0.0000000, 0.0000000, i % 3, i % 5 = 0,
         jsonb_build_array(
           jsonb_build_object('name', 'notional_usdt', 'value', peak, 'passed', true, 'threshold', 50000),
           jsonb_build_object('name', 'relative', 'value', share * 300, 'passed', true, 'threshold', 3),
           jsonb_build_object('name', 'share_percent', 'value', share * 100, 'passed', true, 'threshold', 5))
  FROM (SELECT i, random() AS share, round((50000 * exp(random() * 4))::numeric, 7) AS peak,
               $1::timestamptz + (i + random()) * interval '23 hours' / $2::int + interval '10 s' AS confirmed,
               interval '3 s' + random() * random() * interval '60 s' AS life
        FROM generate_series(0, $2::int - 1) AS i) AS lives
  JOIN bench_samples ON place = i % $3::int
  JOIN (VALUES ('confirmed', 0), ('erosion', 1), ('closed', 2)) AS told (moment, ordinal)
    ON moment <> 'erosion' OR i % 8 < 7`;

/** One in sixty is a signal; $4: lives of the day, of which they speak. */
const SIGNALS = `
  INSERT INTO signals (time, session_id, signal_id, outcome, reason, kind, direction, symbol, life_id, price, mid, priority,
    relative_strength, update_id, exchange_ms, received_ms, scanned_ms, criteria)
  SELECT time, 'session-' || $1::date, symbol || '-' || place || '-' || i, CASE WHEN i % 60 = 0 THEN 'signal' ELSE 'candidate' END,
         CASE WHEN i % 60 = 1 THEN 'G34 room' END, CASE WHEN i % 2 = 0 THEN 'bounce' ELSE 'breakout' END,
         CASE WHEN i % 4 < 2 THEN 'long' ELSE 'short' END, symbol,
         -- A life of the same symbol that stood about then.
         symbol || '-' || place || '-' || (i::bigint * $4 / $2 / $3 * $3 + place),
         price, price * 1.0005, 0.5, share * 300, 9000000 + i, extract(epoch FROM time) * 1000,
         extract(epoch FROM time) * 1000 + 9, extract(epoch FROM time) * 1000 + 10,
         jsonb_build_array(
           jsonb_build_object('name', 'touch_ticks', 'value', i % 90, 'passed', i % 90 < 40, 'threshold', 57.5),
           jsonb_build_object('name', 'stable_percent', 'value', share * 12, 'passed', share < 0.8, 'threshold', 10),
           jsonb_build_object('name', 'time_to_eat_ms', 'value', NULL, 'passed', true, 'threshold', 30000),
           jsonb_build_object('name', 'trend', 'value', 0.5, 'passed', i % 3 > 0, 'threshold', 0))
  FROM (SELECT i, random() AS share,
               $1::timestamptz + (i + random()) * interval '23 hours' / $2::int + interval '20 s' AS time
        FROM generate_series(0, $2::int - 1) AS i) AS looks
  JOIN bench_samples ON place = i % $3::int`;

/** Each upon a signal of the day, where those do not suffice upon a candidate; their ends are told by the trigger to the hourly sums. */
const TRADES = `
  INSERT INTO trades (account, trade_id, revision, session_id, symbol, side, signal_type, signal_id, entry_time, exit_time,
    entry_price, expected_price, exit_price, position_size, notional, leverage, stop_loss_price, exit_reason, gross_profit, fees, funding,
    profit_loss, profit_loss_percent, config_hash, parameters_snapshot, updated_at)
  SELECT 'simulator:own', 'd1-' || to_char($1::timestamptz, 'MMDD') || '-' || signal_id || '-E', 1, session_id, symbol, direction, kind, signal_id,
         time + interval '50 ms', time + interval '50 ms' + random() * interval '20 minutes', price, mid, price * 1.001,
         25 / price, 25, 10, price * 0.997, (ARRAY['stop_loss', 'timeout', 'take_profit_slowdown', 'density_erosion'])
           [1 + update_id % 4], round(random()::numeric - 0.5, 9), 0.0275, 0, round(random()::numeric - 0.5, 9),
         round(random()::numeric - 0.5, 9), 'e03f89d028765e8b', jsonb_build_object('maxHoldingMinutes', 30), time
  FROM (SELECT * FROM signals WHERE time >= $1 AND time < $1::timestamptz + interval '1 day'
        ORDER BY outcome DESC, signal_id LIMIT $2) AS taken`;

const EXECUTIONS = `
  INSERT INTO executions (account, exec_id, time, session_id, trade_id, symbol, order_id, link_id, kind, create_type, side,
    price, size, closed_size, value, fee, fee_rate, is_maker, sequence)
  SELECT account, gen_random_uuid(), CASE WHEN closes THEN exit_time ELSE entry_time END, session_id, trade_id, symbol,
         gen_random_uuid(), trade_id, 'trade', 'CreateByUser', CASE WHEN (side = 'long') = closes THEN 'sell' ELSE 'buy' END,
         entry_price, position_size, CASE WHEN closes THEN position_size ELSE 0 END, 25, 0.01375, 0.00055, false, 270297494609
  FROM trades, (VALUES (false), (true)) AS of (closes)
  WHERE entry_time >= $1 AND entry_time < $1::timestamptz + interval '1 day'`;

const EVENTS = `
  INSERT INTO system_events (time, session_id, ordinal, event_type, severity, symbol, details)
  SELECT $1::timestamptz + i * interval '1 day' / $2::int, 'session-' || $1::date, i, 'position.state', 'info', symbol,
         jsonb_build_object('state', 'protected', 'size', '200', 'stop', '0.08998')
  FROM generate_series(0, $2::int - 1) AS i JOIN bench_samples ON place = i % $3::int`;

const BOOKS = `
  INSERT INTO orderbook_snapshots (time, session_id, symbol, packed_bids, packed_asks, price_step, size_step,
    total_bid_volume, total_ask_volume, mid_price, update_id, sequence)
  SELECT $1::timestamptz + i * interval '1 day' / $2::int, 'session-' || $1::date, symbol, bids, asks, price_step, size_step,
         1029208.5, 880112.5, price, 9572605 + i, 7961638724 + i
  FROM generate_series(0, $2::int - 1) AS i JOIN bench_samples ON place = i % $3::int`;

const MARKS = `
  INSERT INTO rollup_pending (hour) SELECT generate_series(hour_of($1::timestamptz), hour_of($2::timestamptz), interval '1 hour')
  ON CONFLICT (hour) DO NOTHING`;

async function giveSamples(client: pg.Client, books: readonly Book[]): Promise<void> {
  await client.query(SAMPLES);
  for (const [place, { instrument, bids, asks }] of books.entries()) {
    const [tick] = bids[0] as (typeof bids)[number];
    await client.query('INSERT INTO bench_samples VALUES ($1, $2, $3, $4, $5, $6, $7)', [
      place,
      instrument.symbol,
      priceText(tick, instrument),
      packSide(bids),
      packSide(asks),
      priceText(1 as Tick, instrument),
      sizeText(1 as Lot, instrument),
    ]);
  }
}

export interface HistorySize {
  readonly days: number;
  readonly share: number;
  readonly lastDayShare: number;
  readonly seed: number;
}

/** Days of 24 hours up to the end; told how far it is. */
export async function makeHistory(
  client: pg.Client,
  books: readonly Book[],
  { days, share, lastDayShare, seed }: HistorySize,
  say: (line: string) => void,
): Promise<void> {
  await giveSamples(client, books);
  const begin = (HISTORY_END - days * DAY_MS) as Ms;
  for (const table of PARTED) await makePartitions(client, table, begin, (HISTORY_END + DAY_MS) as Ms);
  await client.query('SELECT setseed($1)', [seed / 1_000]);
  for (let day = 0; day < days; day++) {
    const from = new Date(begin + day * DAY_MS);
    const of = day === days - 1 ? lastDayShare : share;
    const part = (rows: number): number => Math.max(books.length, Math.round(rows * of));
    const lives = part(A_DAY.lives);
    await client.query(DENSITIES, [from, lives, books.length]);
    await client.query(SIGNALS, [from, part(A_DAY.signals), books.length, lives]);
    // Of what is little a day is a whole one long before.
    const little = (rows: number): number => Math.max(books.length, Math.round(rows * Math.min(1, of * LITTLE)));
    await client.query(TRADES, [from, little(A_DAY.trades)]);
    await client.query(EXECUTIONS, [from]);
    await client.query(EVENTS, [from, little(A_DAY.events), books.length]);
    await client.query(BOOKS, [from, little(A_DAY.books), books.length]);
    if (day % 10 === 9 || day === days - 1) say(`history: ${day + 1} of ${days} days`);
  }
  await client.query(MARKS, [new Date(begin), new Date(HISTORY_END)]);
  // As the server's own upkeep leaves it: it knows the partitions, and nothing of the tables that they make up.
  const { rows } = await client.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
  );
  for (const { name } of rows) await client.query(`VACUUM (ANALYZE) ${name}`);
}

/** What the hours cost that are over; one is still under way afterwards. */
export async function sumHours(client: pg.Client): Promise<{ readonly hours: number; readonly seconds: number }> {
  const started = performance.now();
  const hours = await rollUp(client, HISTORY_END);
  await client.query('VACUUM (ANALYZE) density_hours');
  await client.query('VACUUM (ANALYZE) signal_hours');
  return { hours, seconds: (performance.now() - started) / 1_000 };
}

export interface Kept extends Record<string, string | number> {
  readonly table: string;
  readonly before: number;
  readonly beyond: number;
  readonly after: number;
  readonly 'beyond after': number;
}

/** Our own job as it runs every hour, `daysLater` after the end: whole days beyond what is kept must be gone, and no row else. */
export async function retain(client: pg.Client, daysLater: number): Promise<Kept[]> {
  const now = (HISTORY_END + daysLater * DAY_MS) as Ms;
  const count = async (table: PartedTable): Promise<{ all: number; beyond: number; bytes: number }> => {
    const border = new Date(Math.floor((now - KEEP_DAYS[table] * DAY_MS) / DAY_MS) * DAY_MS);
    const { rows } = await client.query<{ all: number; beyond: number }>(
      `SELECT count(*)::int AS all, count(*) FILTER (WHERE time < $1)::int AS beyond FROM ${table}`,
      [border],
    );
    const { tableBytes, indexBytes } = await roomOf(client, table);
    return { ...(rows[0] as { all: number; beyond: number }), bytes: tableBytes + indexBytes };
  };
  const before = new Map<PartedTable, Awaited<ReturnType<typeof count>>>();
  for (const table of PARTED) before.set(table, await count(table));
  const started = performance.now();
  await keepUp(client, now);
  const ms = performance.now() - started;
  const found: Kept[] = [];
  for (const table of PARTED) {
    const was = before.get(table) as Awaited<ReturnType<typeof count>>;
    const is = await count(table);
    if (is.beyond > 0 || is.all !== was.all - was.beyond)
      throw new Error(`retention: ${table} had ${was.all} rows, ${was.beyond} beyond what is kept, and has ${is.all}`);
    found.push({
      table,
      'days later': daysLater,
      keeps: `${KEEP_DAYS[table]} days`,
      before: was.all,
      beyond: was.beyond,
      after: is.all,
      'beyond after': is.beyond,
      'MB freed': Math.round((was.bytes - is.bytes) / 1e6),
      'ms for all tables': Math.round(ms),
    });
  }
  return found;
}
