// Do the migrations run up, down and up again, on every PostgreSQL that is here, and are they what they were?
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createRng } from '../../src/lib/rng.ts';
import { createContext } from '../../src/cli/context.ts';
import { addParamsCommand } from '../../src/cli/params.ts';
import { migrateText, runMigrate } from '../../src/cli/migrate.ts';
import { STORE_DEFAULTS } from '../../src/store/settings.ts';
import { Database } from '../../src/store/write/database.ts';
import { migrate, MIGRATION_MS_MAX, migrationStatus } from '../../src/store/write/migrate.ts';
import { keepUp, makePartitions } from '../../src/store/write/retention.ts';
import { causeOf } from '../../src/store/cause.ts';
import { TABLES } from '../../src/store/rows/rows.ts';
import { connectClient, destroyClient, withClient } from '../../src/store/session.ts';
import { writeRows } from '../../src/store/write/writer.ts';
import {
  NOON,
  density,
  event,
  execution,
  marketStat,
  memoryLog,
  session,
  signal,
  snapshot,
  trade,
} from './fixtures.ts';
import { SERVERS, startServer, type Server } from './servers.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));
const DAY_MS = 86_400_000;
const day = (days: number): Ms => (NOON + days * DAY_MS) as Ms;

test('a migration that has been released is never changed: a change is a new file', async () => {
  const hashes: Record<string, string> = {};
  for (const file of (await readdir(MIGRATIONS)).toSorted()) {
    hashes[file] = createHash('sha256')
      .update(await readFile(join(MIGRATIONS, file)))
      .digest('hex');
  }
  const released = JSON.parse(await readFile(new URL('./migration-hashes.json', import.meta.url), 'utf8')) as unknown;
  expect(hashes).toEqual(released);
});

const ROLLED = ['density_hours', 'rollup_pending', 'signal_hours'];

describe.each(SERVERS)('on $name', (which) => {
  let server: Server;

  beforeAll(async () => {
    server = await startServer(which);
    return server.remove;
  });

  async function tables(): Promise<string[]> {
    return withClient(server.connection, async (client) => {
      const { rows } = await client.query<{ name: string }>(
        `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
         AND NOT relispartition ORDER BY 1`,
      );
      return rows.map((row) => row.name);
    });
  }

  const ALL = [
    '0001_store',
    '0002_trades',
    '0003_history',
    '0004_marks',
    '0005_words',
    '0006_whose',
    '0007_arrival',
    '0008_unsummed',
    '0009_sizes',
  ];

  test('up, up again, down, up: the same tables, and down leaves nothing', async () => {
    const all = [...TABLES, ...ROLLED, 'coin_parameters', 'migrations'].toSorted();
    expect((await runMigrate(server.connection, 'status')).migrations[0]).toMatchObject({ appliedAt: undefined });
    expect((await runMigrate(server.connection, 'up')).ran).toEqual(ALL);
    expect(await tables()).toEqual(all);
    expect(await runMigrate(server.connection, 'up')).toMatchObject({ ran: [] });
    await withClient(server.connection, (client) => keepUp(client, NOON));
    for (const one of ALL.toReversed()) expect((await runMigrate(server.connection, 'down')).ran).toEqual([one]);
    expect(await tables()).toEqual(['migrations']);
    const report = await runMigrate(server.connection, 'up');
    expect(await tables()).toEqual(all);
    const [first = '', ...states] = migrateText(report).trimEnd().split('\n');
    expect(first).toBe(`applied: ${ALL.join(', ')}`);
    expect(states.map((line) => /^ {2}(\w+) +applied 20.*Z$/.exec(line)?.[1])).toEqual(ALL);
  });

  test('two engines that start at once migrate once', async () => {
    await runMigrate(server.connection, 'down');
    const ran = await Promise.all([1, 2].map(() => withClient(server.connection, (client) => migrate(client, 'up'))));
    expect(ran.map((names) => names.length).toSorted((a, b) => a - b)).toEqual([0, 1]);
  });

  test('the statement of a migrate that is killed ends with it', async () => {
    const killed = await connectClient(server.connection, () => undefined, MIGRATION_MS_MAX);
    await migrate(killed, 'up');
    killed.query('SELECT pg_sleep(60)').catch(() => undefined);
    await withClient(server.connection, async (client) => {
      const atWork = async () =>
        (await client.query(`SELECT FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'`)).rowCount;
      await expect.poll(atWork).toBe(1);
      destroyClient(killed);
      await expect.poll(atWork, { timeout: 10_000 }).toBe(0);
    });
  });

  test('a database of a newer program is refused by name, not half used', async () => {
    await withClient(server.connection, async (client) => {
      await client.query(`INSERT INTO migrations (name, run_on) VALUES ('0000_future', now())`);
      await expect(migrate(client, 'up')).rejects.toThrow(/made by a newer version of this program \(0000_future\)/);
      expect(await migrationStatus(client)).toContainEqual(
        expect.objectContaining({ name: '0000_future', known: false }),
      );
      await client.query(`DELETE FROM migrations WHERE name = '0000_future'`);
    });
  });

  test('an account that may not make tables is told what to grant it, one that may not read ours what to make it', async () => {
    await withClient(server.connection, async (client) => {
      await migrate(client, 'up');
      await client.query('CREATE ROLE guest LOGIN; CREATE SCHEMA bare; GRANT USAGE ON SCHEMA bare TO guest');
    });
    const guest = { ...server.connection, user: 'guest' };
    await expect(runMigrate({ ...guest, options: '-c search_path=bare' }, 'up')).rejects.toMatchObject({
      code: 'rights',
      exitCode: 78,
      message: 'this account may not make tables: GRANT USAGE, CREATE ON SCHEMA bare TO guest',
    });
    await expect(runMigrate(guest, 'status')).rejects.toMatchObject({
      code: 'rights',
      message: expect.stringMatching(/^permission denied for table migrations: make the account the owner/) as string,
    });
  });

  test('a standby without our tables is known for one, and may take them later', async () => {
    const standby = { ...server.connection, options: '-c default_transaction_read_only=on -c search_path=pg_temp' };
    const refusal: unknown = await runMigrate(standby, 'up').catch((error: unknown) => error);
    expect([causeOf(refusal), refusal]).toMatchObject(['read-only', { exitCode: 69 }]);
  });

  test('in a schema of their own our tables are known again, and one put before them hides them from nobody', async () => {
    await withClient(server.connection, (client) => client.query('CREATE SCHEMA own; CREATE SCHEMA before'));
    const own = { ...server.connection, options: '-c search_path=own' };
    expect((await runMigrate(own, 'up')).ran).toEqual(ALL);
    expect((await runMigrate(own, 'up')).ran).toEqual([]);
    expect((await runMigrate(own, 'down')).ran).toEqual(ALL.slice(-1));
    const both = { ...server.connection, options: '-c search_path=before,own' };
    expect((await runMigrate(both, 'up')).ran).toEqual(ALL.slice(-1));
  });

  test('a list of migrations that an earlier version left in public is told how to come to its tables, and no row is lost by it', async () => {
    const database = `CREATE DATABASE left_${server.connection.database ?? ''}`;
    await withClient(server.connection, (client) => client.query(database));
    const left = { ...server.connection, database: database.slice('CREATE DATABASE '.length) };
    const own = { ...left, options: '-c search_path=own' };
    await withClient(left, (client) => client.query('CREATE SCHEMA own'));
    await runMigrate(own, 'up');
    await withClient(own, (client) => writeRows(client, [event(0)]));
    await withClient(own, (client) => client.query('ALTER TABLE migrations SET SCHEMA public'));
    const move = 'ALTER TABLE public.migrations SET SCHEMA own';
    const refusal: unknown = await runMigrate(own, 'up').catch((error: unknown) => error);
    expect([causeOf(refusal), refusal]).toMatchObject([
      'misplaced',
      { exitCode: 78, message: expect.stringMatching(new RegExp(`are ours, but .*: ${move}$`)) as string },
    ]);
    // Theirs in `public` is another engine's: its list is not to be moved.
    await withClient(left, (client) => client.query('CREATE TABLE trades (); CREATE TABLE sessions ()'));
    await expect(runMigrate(own, 'up')).rejects.toMatchObject({ code: 'foreign' });
    await withClient(left, (client) => client.query('DROP TABLE trades; DROP TABLE sessions'));
    await withClient(own, (client) => client.query(move));
    expect((await runMigrate(own, 'up')).ran).toEqual([]);
    expect((await runMigrate(own, 'down')).ran).toEqual(ALL.slice(-1));
    expect((await runMigrate(own, 'up')).ran).toEqual(ALL.slice(-1));
    const counted = await withClient(own, (client) => client.query('SELECT count(*)::int AS rows FROM system_events'));
    expect(counted.rows).toEqual([{ rows: 1 }]);
  });

  test('an engine whose account may not make our tables does not say that it makes them', async () => {
    await withClient(server.connection, (client) => client.query('CREATE ROLE reader LOGIN; CREATE SCHEMA closed'));
    const connection = { ...server.connection, user: 'reader', options: '-c search_path=closed' };
    const events = { connected: () => undefined, coinParameters: () => undefined };
    const { log, lines } = memoryLog();
    const database = new Database(connection, STORE_DEFAULTS, systemClock, createRng(1), log, events);
    expect(await database.open()).toMatchObject({ code: 'rights' });
    await database.close();
    expect(lines.map(({ event }) => event)).toEqual(['database.refused']);
  });

  test('a migration of a large table has an hour for a statement, whether an engine or a command makes it, params set among them', async () => {
    await withClient(server.connection, (client) =>
      client.query(`
        CREATE SCHEMA engines; CREATE SCHEMA commands; CREATE SCHEMA params; CREATE TABLE allowed (schema text, ms text);
        CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS
          $$ BEGIN INSERT INTO public.allowed VALUES (current_schema(), current_setting('statement_timeout')); END $$;
        CREATE EVENT TRIGGER noted ON ddl_command_start EXECUTE FUNCTION note()`),
    );
    const within = (schema: string) => ({ ...server.connection, options: `-c search_path=${schema}` });
    await runMigrate(within('commands'), 'up');
    const silent = { write: () => true };
    const context = createContext({ env: {}, cwd: process.cwd(), stdout: silent, stderr: silent });
    const program = new Command('plotnost').exitOverride();
    addParamsCommand(program, context, async () => ({ connection: within('params'), close: async () => undefined }));
    await program.parseAsync(['params', 'set', 'DOGEUSDT', 'enabled', 'false'], { from: 'user' });
    const events = { connected: () => undefined, coinParameters: () => undefined };
    const { log, lines } = memoryLog();
    const database = new Database(within('engines'), STORE_DEFAULTS, systemClock, createRng(1), log, events);
    await database.open();
    await database.close();
    const { rows } = await withClient(server.connection, async (client) => {
      await client.query('DROP EVENT TRIGGER noted');
      return client.query('SELECT DISTINCT schema, ms FROM allowed ORDER BY schema');
    });
    expect(lines[0], 'told before').toMatchObject({ event: 'database.migrating', fields: { missing: ALL } });
    expect(rows).toEqual(['commands', 'engines', 'params'].map((schema) => ({ schema, ms: '1h' })));
  });

  test('every kind of row is taken, and taken again without doubling', async () => {
    await withClient(server.connection, async (client) => {
      const rows = [session(), density(), signal(), event(0), snapshot(), marketStat(), trade(), execution()];
      expect(await writeRows(client, rows)).toEqual([]);
      expect(await writeRows(client, rows)).toEqual([]);
      for (const table of TABLES) {
        expect((await client.query(`SELECT count(*)::int AS rows FROM ${table}`)).rows).toEqual([{ rows: 1 }]);
      }
    });
  });

  test('partitions are made ahead, and retention drops whole days past 30 and 60, with their rows', async () => {
    await withClient(server.connection, async (client) => {
      await keepUp(client, NOON);
      expect(await keepUp(client, NOON)).toEqual({ made: 0, dropped: 0 });
      expect(await makePartitions(client, 'signals', day(0), day(3)), 'three days are there').toBe(0);
      expect(await makePartitions(client, 'densities', day(-70), day(-1))).toBe(70);
      expect(await makePartitions(client, 'orderbook_snapshots', day(-40), day(-1))).toBe(40);
      for (const age of [61, 60, 31, 30, 1]) {
        await writeRows(client, [
          density({ time: day(-age), lifeId: `age-${age}` }),
          snapshot({ time: day(-age), symbol: `AGE${age}USDT` }),
        ]);
      }
      const { dropped } = await keepUp(client, NOON);
      // Older than 60 days: 61 to 70 and, made by its own row, none; the row of 61 days goes with its day.
      expect(dropped).toBe(10 + 10 + 2);
      const { rows: kept } = await client.query<{ life: string }>(
        `SELECT life_id AS life FROM densities WHERE life_id LIKE 'age-%' ORDER BY time`,
      );
      expect(kept.map((row) => row.life)).toEqual(['age-60', 'age-31', 'age-30', 'age-1']);
      const { rows: books } = await client.query<{ symbol: string }>(
        `SELECT symbol FROM orderbook_snapshots WHERE symbol LIKE 'AGE%' ORDER BY time`,
      );
      expect(books.map((row) => row.symbol)).toEqual(['AGE30USDT', 'AGE1USDT']);
      // A month on nothing of this is left but what lies ahead of then.
      await keepUp(client, day(100));
      expect((await client.query('SELECT count(*)::int AS rows FROM densities')).rows).toEqual([{ rows: 0 }]);
    });
  });

  test('days are cut at midnight UTC whatever zone the server keeps', async () => {
    await withClient(server.connection, async (client) => {
      await client.query(`SET TimeZone = 'Asia/Tokyo'`);
      await keepUp(client, day(200));
      const { rows } = await client.query<{ name: string; bound: string }>(
        `SELECT relname AS name, pg_get_expr(relpartbound, oid) AS bound FROM pg_class
         WHERE relispartition AND relkind = 'r' AND relname = 'signals_20270613'`,
      );
      expect(rows[0]?.bound).toContain(`'2027-06-13 09:00:00+09'`);
      expect((await keepUp(client, day(262))).dropped).toBeGreaterThan(0);
    });
  });
});
