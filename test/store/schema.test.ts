// Is every table explained, and do the branches for TimescaleDB say the right things to it?
import type pg from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { keepUp } from '../../src/store/write/retention.ts';
import { NOON } from './fixtures.ts';
import { SERVERS, startTables } from './servers.ts';

/** TimescaleDB cannot be installed from where we install: these stand where it would, and write down what they are asked. */
const STAND_IN = `
  CREATE TABLE asked (what text);
  CREATE FUNCTION add_retention_policy(relation regclass, drop_after interval) RETURNS integer LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO asked VALUES (format('add_retention_policy %s %s', relation, drop_after));
    INSERT INTO timescaledb_information.jobs VALUES ('policy_retention', relation::text,
      jsonb_build_object('drop_after', drop_after));
    RETURN 1;
  END $$;
  CREATE FUNCTION remove_retention_policy(relation regclass, if_exists boolean) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO asked VALUES (format('remove_retention_policy %s', relation));
    DELETE FROM timescaledb_information.jobs WHERE hypertable_name = relation::text;
  END $$;
  CREATE FUNCTION drop_chunks(relation regclass, older_than timestamptz) RETURNS SETOF text LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO asked VALUES (format('drop_chunks %s %s', relation, older_than AT TIME ZONE 'UTC'));
    RETURN NEXT 'a chunk';
  END $$;
  CREATE SCHEMA timescaledb_information;
  CREATE TABLE timescaledb_information.jobs (proc_name text, hypertable_name text, config jsonb);`;

/** As if our tables had been made where it was already there. */
const HYPERTABLES = `
  CREATE OR REPLACE FUNCTION has_timescale() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true';`;

describe.each(SERVERS)('on $name', (which) => {
  let client: pg.Client;

  beforeAll(async () => {
    const tables = await startTables(which);
    ({ client } = tables);
    return tables.remove;
  });
  beforeEach(() => client.query('BEGIN'));
  afterEach(() => client.query('ROLLBACK'));

  const asked = async (): Promise<string[]> =>
    (await client.query<{ what: string }>('SELECT what FROM asked ORDER BY what')).rows.map(({ what }) => what);

  test('every table, view and column says what it means', async () => {
    const { rows } = await client.query(
      `SELECT c.relname AS of, a.attname AS column_name
       FROM pg_class c LEFT JOIN pg_attribute a
         ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
         AND c.relname <> 'migrations'
         AND (obj_description(c.oid) IS NULL OR a.attnum IS NOT NULL AND col_description(c.oid, a.attnum) IS NULL)`,
    );
    expect(rows).toEqual([]);
  });

  test('every column of the original design is there, by its name or the one that its comment gives', async () => {
    const { rows } = await client.query<{ of: string }>(
      `SELECT table_name || '.' || column_name AS of FROM information_schema.columns WHERE table_schema = 'public'`,
    );
    const there = new Set(rows.map((row) => row.of));
    const original = {
      trades:
        'id symbol entry_time exit_time entry_price exit_price position_size leverage signal_type profit_loss ' +
        'profit_loss_percent stop_loss_price stop_loss_triggered exit_reason parameters_snapshot created_at updated_at',
      coin_parameters:
        'symbol density_threshold_abs density_threshold_relative density_threshold_percent breakout_eaten_percent ' +
        'bounce_density_stable_percent preferred_strategy enabled updated_at notes',
      orderbook_snapshots: 'time symbol bids asks total_bid_volume total_ask_volume mid_price',
      densities: 'time symbol price side volume volume_percent relative_strength is_cluster appeared_at disappeared_at',
      system_events: 'id time event_type severity symbol details message',
      market_stats: 'symbol volume_24h price_change_24h_percent current_price is_active rank updated_at',
    };
    const missing = Object.entries(original).flatMap(([table, columns]) =>
      columns.split(' ').filter((column) => !there.has(`${table}.${column}`)),
    );
    expect(missing).toEqual([]);
  });

  const keep = { orderbook_snapshots: 7, densities: 14, signals: 14 };

  test('under the Timescale licence the policies are set to what is configured, once, and nothing is dropped by us', async () => {
    await client.query(STAND_IN + HYPERTABLES);
    await client.query(`SET timescaledb.license = 'timescale'`);
    expect(await keepUp(client, NOON, keep)).toEqual({ made: 0, dropped: 0 });
    expect(await keepUp(client, NOON, keep)).toEqual({ made: 0, dropped: 0 });
    expect(await asked()).toEqual([
      'add_retention_policy densities 14 days',
      'add_retention_policy orderbook_snapshots 7 days',
      'add_retention_policy signals 14 days',
      'remove_retention_policy densities',
      'remove_retention_policy orderbook_snapshots',
      'remove_retention_policy signals',
    ]);
    await keepUp(client, NOON, { ...keep, signals: 15 });
    expect((await asked()).filter((what) => what.startsWith('add'))).toHaveLength(4);
  });

  test('under the Apache licence, whose server answers a policy with an error, chunks are dropped by our job', async () => {
    await client.query(STAND_IN + HYPERTABLES);
    await client.query(`SET timescaledb.license = 'apache'`);
    expect(await keepUp(client, NOON, keep)).toEqual({ made: 0, dropped: 3 });
    expect(await asked()).toEqual([
      'drop_chunks densities 2026-11-11 12:00:00',
      'drop_chunks orderbook_snapshots 2026-11-18 12:00:00',
      'drop_chunks signals 2026-11-11 12:00:00',
    ]);
  });

  test('where TimescaleDB is installed after our tables were made, days are made and dropped as before, and it is asked nothing', async () => {
    await client.query(STAND_IN);
    await client.query(`
      INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
      VALUES (4826117, 'timescaledb', 10, 'public'::regnamespace, false, '2.26.0')`);
    await client.query(`SET timescaledb.license = 'timescale'`);
    expect(await keepUp(client, NOON, keep)).toEqual({ made: 12, dropped: 0 });
    const later = (NOON + 30 * 86_400_000) as Ms;
    expect(await keepUp(client, later, keep)).toEqual({ made: 12, dropped: 12 });
    expect(await asked()).toEqual([]);
  });

  test('days are kept as configured where partitions are native', async () => {
    await keepUp(client, NOON, keep);
    const later = (NOON + 12 * 86_400_000) as Ms;
    expect((await keepUp(client, later, { ...keep, densities: 3 })).dropped).toBeGreaterThan(0);
    const { rows } = await client.query<{ first: string }>(
      `SELECT min(inhrelid::regclass::text) AS first FROM pg_inherits WHERE inhparent = 'densities'::regclass`,
    );
    expect(rows).toEqual([{ first: 'densities_20261207' }]);
  });
});
