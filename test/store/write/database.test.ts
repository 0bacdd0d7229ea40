// By which calendar does a stored day become old?
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { createRng } from '../../../src/lib/rng.ts';
import { withClient } from '../../../src/store/session.ts';
import { STORE_DEFAULTS } from '../../../src/store/settings.ts';
import { Database } from '../../../src/store/write/database.ts';
import { writeRows } from '../../../src/store/write/writer.ts';
import { NOON, density, memoryLog, signal, snapshot } from '../fixtures.ts';
import { SERVERS, startServer, type TestServer } from '../servers.ts';

let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  server = await startServer(SERVERS[0] as TestServer);
});
afterAll(() => server.remove());

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const YEARS_MS = 3_650 * DAY_MS;

test('a calendar that is years ahead drops no day; what the market has told later makes a day old', async () => {
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
  const stored = (): Promise<number> =>
    withClient(server.connection, async (client) => {
      const { rows } = await client.query<{ rows: number }>('SELECT count(*)::float8 AS rows FROM densities');
      return rows[0]?.rows ?? 0;
    });
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
  const database = await open();
  expect(await stored()).toBe(1);
  database.wrote([density({ time: wall as Ms }), signal({ time: (NOON + DAY_MS) as Ms })]);
  wall += 10 * DAY_MS;
  await anHourLater();
  expect(await stored()).toBe(1);
  wall = NOON + 70 * DAY_MS;
  database.wrote([snapshot({ time: wall as Ms })]);
  await anHourLater();
  expect(await stored()).toBe(0);
  await database.close();
});
