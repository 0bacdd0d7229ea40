// By which calendar does a stored day become old, and what is no loss of the server?
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { createRng } from '../../../src/lib/rng.ts';
import { withClient } from '../../../src/store/session.ts';
import { STORE_DEFAULTS } from '../../../src/store/settings.ts';
import { Database, type DatabaseEvents } from '../../../src/store/write/database.ts';
import { writeRows } from '../../../src/store/write/writer.ts';
import { NOON, density, memoryLog, signal, snapshot } from '../fixtures.ts';
import { startServer, type Server } from '../servers.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
  return server.remove;
});

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const YEARS_MS = 3_650 * DAY_MS;

test('a calendar that is years ahead drops no day, nor leaves out its sums; what the market has told later makes a day old', async () => {
  let wall = NOON + YEARS_MS;
  let hourly = (): void => undefined;
  const clock = {
    ...systemClock,
    wall: () => wall as Ms,
    every(period: Ms, run: () => void) {
      if (period === HOUR_MS) hourly = run;
      return { cancel: () => undefined };
    },
  };
  const { log, said } = memoryLog();
  const counted = (from: string): Promise<number> =>
    withClient(server.connection, async (client) => {
      const { rows } = await client.query<{ rows: number }>(`SELECT count(*)::float8 AS rows FROM ${from}`);
      return rows[0]?.rows ?? 0;
    });
  const stored = (): Promise<number> => counted('densities');
  const summed = (): Promise<number> => counted('densities_hourly');
  const anHourLater = async (): Promise<void> => {
    const isDone = said('database.partitions');
    hourly();
    await isDone;
  };
  const events = { connected: () => undefined, coinParameters: () => undefined };
  const open = async (): Promise<Database> => {
    const database = new Database(server.connection, STORE_DEFAULTS, clock, createRng(1), log, events);
    expect(await database.open()).toBeUndefined();
    return database;
  };
  await (await open()).close();
  await withClient(server.connection, (client) => writeRows(client, [density({ time: NOON })]));
  expect(await stored()).toBe(1);
  expect(await summed()).toBe(1);
  const database = await open();
  await database.use((client) => client.query('SELECT 1'));
  await pause(500);
  expect([await stored(), await summed()]).toEqual([1, 1]);
  const isSummed = said('database.rolled-up');
  database.wrote([density({ time: wall as Ms }), signal({ time: (NOON + DAY_MS) as Ms })]);
  await isSummed;
  expect([await stored(), await summed(), await counted('rollup_pending')]).toEqual([1, 1, 0]);
  wall += 10 * DAY_MS;
  await anHourLater();
  expect([await stored(), await summed()]).toEqual([1, 1]);
  wall = NOON + 70 * DAY_MS;
  database.wrote([snapshot({ time: wall as Ms })]);
  await anHourLater();
  expect([await stored(), await summed()]).toEqual([0, 1]);
  await database.close();
});

test('an hour that nobody has summed up is summed before its day is dropped, however long the engine was away', async () => {
  const wall = NOON + 200 * DAY_MS;
  const counted = (from: string): Promise<number> =>
    withClient(server.connection, async (client) => {
      const { rows } = await client.query<{ rows: number }>(`SELECT count(*)::float8 AS rows FROM ${from}`);
      return rows[0]?.rows ?? 0;
    });
  const hour = (NOON + 100 * DAY_MS) as Ms;
  const old = [density({ time: hour, lifeId: 'last of its run' }), signal({ time: hour, signalId: 'last of its run' })];
  await withClient(server.connection, (client) => writeRows(client, old));
  const hourly = `densities_hourly WHERE hour = '${new Date(hour).toISOString()}'`;
  expect([await counted('densities'), await counted(hourly)]).toEqual([1, 1]);
  const { log, said } = memoryLog();
  const events = { connected: () => undefined, coinParameters: () => undefined };
  const clock = { ...systemClock, wall: () => wall as Ms };
  const database = new Database(server.connection, STORE_DEFAULTS, clock, createRng(1), log, events);
  expect(await database.open()).toBeUndefined();
  const areDropped = said('database.partitions');
  database.wrote([snapshot({ time: wall as Ms })]);
  await areDropped;
  expect([await counted('densities'), await counted('signals')]).toEqual([0, 0]);
  expect([await counted(hourly), await counted(hourly.replace('densities', 'signals'))]).toEqual([1, 1]);
  await database.close();
});

test('a bug in what is done with the database is no lost connection: it is thrown, and nothing is tried again', async () => {
  const { log, lines } = memoryLog();
  const bug = (): never => (undefined as unknown as () => never)();
  const events = { connected: () => undefined, coinParameters: () => undefined };
  const open = (of: DatabaseEvents): Database =>
    new Database(server.connection, STORE_DEFAULTS, systemClock, createRng(1), log, of);
  const early = open({ ...events, connected: (is) => (is ? bug() : undefined) });
  await expect(early.open()).rejects.toThrow(TypeError);
  early.abandon();
  const database = open(events);
  expect(await database.open()).toBeUndefined();
  await expect(database.use(async () => bug())).rejects.toThrow(TypeError);
  database.abandon();
  expect(lines.filter(({ event }) => event === 'database.unreachable')).toEqual([]);
});

test('what coins have of their own is told by every thread anew, be it nothing: the one that died before may have told otherwise', async () => {
  let coins: ReadonlyMap<string, unknown> = new Map();
  const events: DatabaseEvents = { connected: () => undefined, coinParameters: (read) => void (coins = read) };
  const look = async (): Promise<number> => {
    const database = new Database(
      server.connection,
      STORE_DEFAULTS,
      systemClock,
      createRng(1),
      memoryLog().log,
      events,
    );
    await database.open();
    await database.close();
    return coins.size;
  };
  const sql = (text: string): Promise<unknown> => withClient(server.connection, (client) => client.query(text));
  expect(await look()).toBe(0);
  await sql(`INSERT INTO coin_parameters (symbol, enabled) VALUES ('LTCUSDT', false)`);
  expect(await look()).toBe(1);
  await sql('DELETE FROM coin_parameters');
  expect(await look()).toBe(0);
});
