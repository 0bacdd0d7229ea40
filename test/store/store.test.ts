// Do rows reach the database once each, whatever happens to it meanwhile?
import fs from 'node:fs';
import { once } from 'node:events';
import { mkdir, readFile, rmdir, stat, truncate, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { MessageChannel, type Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import pg from 'pg';
import type { Ms } from '../../src/lib/brand.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { createRng } from '../../src/lib/rng.ts';
import { STORE_DEFAULTS } from '../../src/store/settings.ts';
import { openStore, type Store } from '../../src/store/write/client.ts';
import { Counters } from '../../src/store/write/counters.ts';
import { Database } from '../../src/store/write/database.ts';
import { migrate } from '../../src/store/write/migrate.ts';
import type { FromThread } from '../../src/store/write/protocol.ts';
import { runStorageThread } from '../../src/store/write/thread.ts';
import { writeRows } from '../../src/store/write/writer.ts';
import type { Embedded } from '../../src/store/server/launcher.ts';
import { startEmbedded } from '../../src/store/server/launcher.ts';
import { countRows } from '../../src/store/read/count.ts';
import { withClient } from '../../src/store/session.ts';
import type { MarketStatRow, Row } from '../../src/store/rows/rows.ts';
import { Spool } from '../../src/store/write/spool.ts';
import { createVirtualClock } from '../bybit/virtual-clock.ts';
import {
  NOON,
  density,
  event,
  marketStat,
  memoryLog,
  patientClock,
  session,
  signal,
  snapshot,
  tempDir,
  until,
} from './fixtures.ts';

let dir: Awaited<ReturnType<typeof tempDir>>;
let server: Embedded;

beforeAll(async () => {
  dir = await tempDir();
  server = await startEmbedded({ stateDir: dir.path }, memoryLog().log);
  await withClient(server.connection, (client) => migrate(client, 'up'));
});

afterAll(async () => {
  await server.stop();
  await dir.remove();
});

async function sql<T extends object>(text: string): Promise<T[]> {
  return withClient(server.connection, async (client) => (await client.query<T>(text)).rows);
}

async function ordinalsOf(sessionId: string): Promise<number[]> {
  const rows = await sql<{ ordinal: string }>(
    `SELECT ordinal FROM system_events WHERE session_id = '${sessionId}' ORDER BY id`,
  );
  return rows.map((row) => Number(row.ordinal));
}

/** The newest ranking counts, whoever wrote it. */
const forgetRanking = (): Promise<unknown> => sql('DELETE FROM market_stats');

/** What waited on its disk, and what it was given, is in the database. */
const settled = (store: Store): Promise<void> =>
  until(() => {
    const { connected, spooled, queued } = store.stats();
    return connected && spooled === 0 && queued === 0;
  });

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

test('what the engine saw is read back exactly, and a batch sent again doubles nothing', async () => {
  await forgetRanking();
  const stateDir = join(dir.path, 'exact');
  const rows = [session(), density(), signal(), event(0), snapshot(), marketStat()];
  const tiny = density({
    lifeId: 'PEPE',
    symbol: '1000PEPEUSDT',
    price: '0.0000000123456789',
    volume: '98765432109876543210.5',
  });
  const store = await openStore({ connection: server.connection, stateDir }, memoryLog().log, patientClock);
  store.write([...rows, tiny]);
  store.write([...rows, tiny]);
  const stats = await store.close();
  expect(stats).toMatchObject({ queued: 0, spooled: 0, dropped: { densities: 0, market_stats: 0 } });
  expect(stats.written).toMatchObject({
    sessions: 2,
    densities: 4,
    signals: 2,
    system_events: 2,
    orderbook_snapshots: 2,
  });

  const densities = await sql(`SELECT * FROM densities WHERE session_id = 's1' ORDER BY life_id`);
  expect(densities).toHaveLength(2);
  expect(densities[0]).toMatchObject({
    time: new Date(NOON + 4_000),
    life_id: 'DOGEUSDT-1',
    price: '0.10212',
    notional: '104550.25',
    volume: '1023798',
    is_cluster: true,
    label: null,
    criteria: density().criteria,
  });
  expect(densities[1]).toMatchObject({ price: '0.0000000123456789', volume: '98765432109876543210.5' });
  expect(await sql(`SELECT * FROM signals WHERE session_id = 's1'`)).toMatchObject([
    { update_id: '18521288', exchange_ms: String(NOON + 8_998) },
  ]);
  expect(await sql(`SELECT * FROM orderbooks WHERE session_id = 's1'`)).toMatchObject([
    {
      bids: [
        ['0.10212', '1023798'],
        ['0.10211', '5410'],
      ],
      asks: [['0.10213', '8801']],
      sequence: '7961638724',
    },
  ]);
  expect(await sql('SELECT * FROM market_stats')).toMatchObject([
    { volume_24h: '1250000000.5', is_active: true, rank: 3 },
  ]);
  expect(await ordinalsOf('s1')).toEqual([0]);
  // Session, two densities, signal, event, book, and the one market statistic set since the session began.
  expect(await countRows(server.connection, 's1')).toBe(7);
  expect(await countRows(server.connection, 'of nobody')).toBe(0);
});

test('the rows of a session are counted however many they have become', async () => {
  // As if each of the eight tables held three thousand million.
  await sql(`CREATE SCHEMA large;
    CREATE FUNCTION large.same(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT $1';
    CREATE AGGREGATE large.count(*) (SFUNC = large.same, STYPE = bigint, INITCOND = '3000000000')`);
  const connection = { ...server.connection, options: '-c search_path=large,pg_catalog,public' };
  expect(await countRows(connection, 's1')).toBe(24_000_000_000);
  await sql('DROP SCHEMA large CASCADE');
});

test('a database of a newer version is refused at once, and what it holds is left alone', async () => {
  await sql(`INSERT INTO migrations (name, run_on) VALUES ('9999_later', now())`);
  const options = { connection: server.connection, stateDir: join(dir.path, 'newer') };
  const opening = openStore(options, memoryLog().log, patientClock);
  await expect(opening).rejects.toMatchObject({
    code: 'schema',
    exitCode: 78,
    message: expect.stringContaining('made by a newer version of this program (9999_later)') as string,
  });
  await sql(`DELETE FROM migrations WHERE name = '9999_later'`);
});

test('where something of ours is open a database that refuses our rows is spooled for, and the next run writes them', async () => {
  const options = { connection: server.connection, stateDir: join(dir.path, 'open') };
  await sql(`INSERT INTO migrations (name, run_on) VALUES ('9999_later', now())`);
  const store = await openStore({ ...options, mayRefuse: true }, memoryLog().log, patientClock);
  store.write([session({ sessionId: 's-refused' })]);
  const { spooled } = await store.close();
  expect([store.refusal?.exitCode, spooled]).toEqual([78, 1]);
  await sql(`DELETE FROM migrations WHERE name = '9999_later'`);
  const next = await openStore(options, memoryLog().log);
  await until(() => next.stats().written.sessions === 1);
  await next.close();
});

test('a session stays closed and a market statistic stays new when older rows come late', async () => {
  await forgetRanking();
  const stateDir = join(dir.path, 'late');
  const store = await openStore({ connection: server.connection, stateDir }, memoryLog().log, patientClock);
  const at = (ms: number): Ms => (NOON + ms) as Ms;
  store.write([session({ sessionId: 's-late', endedAt: at(60_000), totals: { signals: 3 } })]);
  store.write([marketStat({ symbol: 'SOLUSDT', updatedAt: at(5_000), rank: 1 })]);
  await until(() => store.stats().written.market_stats === 1);
  store.write([session({ sessionId: 's-late' }), marketStat({ symbol: 'SOLUSDT', updatedAt: at(1), rank: 9 })]);
  await store.close();
  expect(await sql(`SELECT ended_at, totals FROM sessions WHERE session_id = 's-late'`)).toEqual([
    { ended_at: new Date(at(60_000)), totals: { signals: 3 } },
  ]);
  expect(await sql(`SELECT rank FROM market_stats WHERE symbol = 'SOLUSDT'`)).toEqual([{ rank: 1 }]);
});

test('a coin that is no longer ranked is not active and has no place, also where an older ranking comes late', async () => {
  await forgetRanking();
  const options = { connection: server.connection, stateDir: join(dir.path, 'ranked') };
  const store = await openStore(options, memoryLog().log, patientClock);
  const ranking = (ms: number, ...symbols: string[]): MarketStatRow[] =>
    symbols.map((symbol, i) => marketStat({ symbol, rank: i + 1, isActive: true, updatedAt: (NOON + ms) as Ms }));
  store.write(ranking(10_000, 'AUSDT', 'BUSDT'));
  await until(() => store.stats().written.market_stats === 2);
  store.write(ranking(20_000, 'BUSDT'));
  await until(() => store.stats().written.market_stats === 3);
  store.write(ranking(15_000, 'CUSDT', 'BUSDT'));
  await store.close();
  const active = 'SELECT symbol, rank FROM market_stats WHERE is_active OR rank IS NOT NULL ORDER BY rank';
  expect(await sql(active)).toEqual([{ symbol: 'BUSDT', rank: 1 }]);
  expect(await sql(`SELECT count(*)::int FROM market_stats WHERE symbol IN ('AUSDT', 'CUSDT')`)).toEqual([
    { count: 2 },
  ]);
});

test('a row that the database refuses is put aside with the reason, and its neighbours are written', async () => {
  const stateDir = join(dir.path, 'refused');
  const { log, lines } = memoryLog();
  const store = await openStore({ connection: server.connection, stateDir }, log, patientClock);
  store.write([
    event(0, { sessionId: 's-bad' }),
    event(1, { sessionId: 's-bad', eventType: 'no zero\u0000 in PostgreSQL' }),
    event(2, { sessionId: 's-bad', time: Number.NaN as Ms }),
    event(3, { sessionId: 's-bad' }),
  ]);
  const stats = await store.close();
  expect(await ordinalsOf('s-bad')).toEqual([0, 3]);
  expect(stats.dropped.system_events).toBe(2);
  expect(lines.filter((line) => line.event === 'store.row-rejected')).toHaveLength(2);
  expect(await readFile(join(stateDir, 'spool', 'rejected.jsonl'), 'utf8')).toMatch(
    /invalid byte sequence.*\n.*no time/,
  );
});

test('of rows put aside the newest megabytes are kept, however long it goes on', async () => {
  const stateDir = join(dir.path, 'refused-long');
  const file = join(stateDir, 'spool', 'rejected.jsonl');
  await mkdir(join(stateDir, 'spool'), { recursive: true });
  await writeFile(file, '');
  await truncate(file, (16 << 20) + 1);
  const store = await openStore({ connection: server.connection, stateDir }, memoryLog().log, patientClock);
  store.write([event(0, { sessionId: 's-long', time: Number.NaN as Ms })]);
  await store.close();
  expect(await readFile(file, 'utf8')).toMatch(/^\{"reason":.*no time/);
  expect((await stat(`${file}.1`)).size).toBe((16 << 20) + 1);
});

test('a row of any day finds its partition, and one of no day beside it is put aside', async () => {
  const rows = [
    density({ sessionId: 's-days', time: Date.UTC(2024, 11, 1, 23, 59, 59, 999) as Ms }),
    density({ sessionId: 's-days', time: Date.UTC(2024, 11, 2) as Ms }),
    density({ sessionId: 's-days', time: Date.now() as Ms }),
    signal({ sessionId: 's-days', time: Number.NaN as Ms }),
  ];
  const rejected = await withClient(server.connection, (client) => writeRows(client, rows));
  expect(rejected).toEqual([{ row: rows[3], reason: expect.stringContaining('no time') as string }]);
  const parts = await sql<{ part: string }>(
    `SELECT tableoid::regclass::text AS part FROM densities WHERE session_id = 's-days' ORDER BY time LIMIT 2`,
  );
  expect(parts).toEqual([{ part: 'densities_20241201' }, { part: 'densities_20241202' }]);
});

test('a row that cannot be written down is put aside, and those beside it are written', async () => {
  const rows = [
    density({ sessionId: 's-unsayable', time: Date.now() as Ms }),
    signal({ sessionId: 's-unsayable', criteria: { value: 1n } as never }),
    density({ sessionId: 's-unsayable', lifeId: 'other', time: Date.now() as Ms }),
  ];
  const rejected = await withClient(server.connection, (client) => writeRows(client, rows));
  expect(rejected).toEqual([{ row: rows[1], reason: expect.stringContaining('BigInt') as string }]);
  expect(await sql(`SELECT 1 FROM densities WHERE session_id = 's-unsayable'`)).toHaveLength(2);
});

test('no row is blamed for a connection on which nothing can be asked any more, however that fails', async () => {
  const broken = { query: () => Promise.reject(new TypeError('no stream')) } as unknown as pg.Client;
  await expect(writeRows(broken, [density(), density({ lifeId: 'other' })])).rejects.toThrow('no stream');
});

test('a row of any day finds its partition on a server that speaks Russian, too', async () => {
  const rejected = await withClient(server.connection, (client) => {
    const query = client.query.bind(client) as (...args: readonly unknown[]) => Promise<pg.QueryResult>;
    const speaking = Object.assign(Object.create(client) as pg.Client, {
      query: (...args: readonly unknown[]) =>
        query(...args).catch((error: unknown) => {
          throw Object.assign(error as Error, { message: 'для строки не найдена секция в отношении "densities"' });
        }),
    });
    return writeRows(speaking, [density({ sessionId: 's-russian', time: Date.UTC(2024, 10, 1) as Ms })]);
  });
  expect(rejected).toEqual([]);
  expect(await sql(`SELECT 1 FROM densities WHERE session_id = 's-russian'`)).toHaveLength(1);
});

test('on a server that writes the day before the month, times are read back as they were', async () => {
  await sql(`ALTER ROLE CURRENT_USER SET datestyle TO 'SQL, DMY'`);
  const time = Date.UTC(2026, 10, 5, 12);
  const rows = await sql<{ at: Date }>(`SELECT '${new Date(time).toISOString()}'::timestamptz AS at`);
  await sql('ALTER ROLE CURRENT_USER RESET datestyle');
  expect(rows[0]?.at.getTime()).toBe(time);
});

test('the server killed while rows stream in: none lost, none doubled, in order', async () => {
  const stateDir = join(dir.path, 'killed');
  const { log, lines, said } = memoryLog();
  const store = await openStore({ connection: server.connection, stateDir }, log);
  let ordinal = 0;
  const send = (count: number): void => {
    for (let i = 0; i < count; i++) store.write([event(ordinal++, { sessionId: 's-kill' })]);
  };
  for (const kill of [1, 2]) {
    const before = store.stats().written.system_events;
    send(1_500);
    await until(() => store.stats().written.system_events > before);
    const lost = said('database.unreachable');
    process.kill(server.pid, 'SIGKILL');
    send(1_500);
    await lost;
    send(200);
    await settled(store);
    expect(ordinal).toBe(kill * 3_200);
  }
  const shared = await sql(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock'`);
  expect(shared, 'connections that rely on the tables').toHaveLength(1);
  const stats = await store.close();
  expect(stats).toMatchObject({ queued: 0, spooled: 0, dropped: { system_events: 0 } });
  const stored = await ordinalsOf('s-kill');
  expect(stored).toEqual(range(ordinal));
  const warned = lines.filter((line) => line.event === 'database.unreachable' && line.level === 'warn');
  expect(warned.length, 'each outage is told, the second too').toBeGreaterThanOrEqual(2);
});

test('started without a database: rows wait on the disk, and the next run writes them', async () => {
  const stateDir = join(dir.path, 'absent');
  const { log } = memoryLog();
  const nowhere = { host: join(dir.path, 'no-such-socket'), port: 5432, user: 'x', database: 'x' };
  const first = await openStore({ connection: nowhere, stateDir }, log);
  first.write([snapshot({ sessionId: 's-absent' }), ...range(1_200).map((i) => event(i, { sessionId: 's-absent' }))]);
  await until(() => first.stats().spooled === 1_201);
  expect(await first.close()).toMatchObject({ connected: false, spooled: 1_201, dropped: { orderbook_snapshots: 0 } });

  const second = await openStore({ connection: server.connection, stateDir }, log);
  second.write([event(1_200, { sessionId: 's-absent' })]);
  await settled(second);
  expect(await second.close()).toMatchObject({ spooled: 0, queued: 0 });
  expect(await ordinalsOf('s-absent')).toEqual(range(1_201));
  expect(await countRows(server.connection, 's-absent')).toBe(1_202);
});

test('D14: what waited returns at its pace, and what comes meanwhile stands behind it', async () => {
  const spoolDir = join(dir.path, 'paced');
  const spool = new Spool(spoolDir);
  for (let batch = 0; batch < 12; batch++)
    spool.keep(range(100).map((i) => event(batch * 100 + i, { sessionId: 's-paced' })));
  spool.close();
  const clock = createVirtualClock();
  const pauses: number[] = [];
  const watched: Clock = {
    ...clock,
    after(delay, run) {
      pauses.push(delay);
      return clock.after(delay, run);
    },
  };
  const counters = new Counters();
  const { port1, port2 } = new MessageChannel();
  const settings = { ...STORE_DEFAULTS, flushRowsPerSecond: 500, freeBytesMin: 0 };
  runStorageThread(
    port1,
    { connection: server.connection, spoolDir, settings, seed: 1, counters: counters.memory },
    watched,
  );
  const answers: string[] = [];
  port2.on('message', ({ kind }: FromThread) => answers.push(kind));
  await until(() => counters.spooled === 700);
  port2.postMessage({ kind: 'batch', rows: [event(1_200, { sessionId: 's-paced' })] });
  await until(() => answers.includes('settled'));
  for (const left of [201, 1, 0]) {
    await clock.advance(pauses.at(-1) as number);
    await until(() => counters.spooled === left);
  }
  expect(pauses).toEqual([1_000, 1_000, 400, 2]);
  port2.postMessage({ kind: 'end' });
  await clock.advance(1_000);
  await until(() => answers.includes('ended'));
  port2.close();
  expect(await ordinalsOf('s-paced')).toEqual(range(1_201));
});

test.each([
  ['ours, on this very disk, nothing else is written anywhere', true, { spooled: 0, written: 2 }],
  ['elsewhere and away, nothing else is spooled', false, { spooled: 2, written: 0 }],
])('D05: where the disk runs low and the server is %s', async (_, isOurs, wanted) => {
  const stateDir = join(dir.path, `low-${isOurs}`);
  const { log, lines } = memoryLog();
  const elsewhere = { host: '127.0.0.1', port: 1, user: 'x', database: 'x' };
  const connection = isOurs ? server.connection : elsewhere;
  const store = await openStore({ connection, stateDir, settings: { freeBytesMin: Number.MAX_SAFE_INTEGER } }, log);
  const sessionId = `s-low-${isOurs}`;
  store.write([
    snapshot({ sessionId }),
    density({ sessionId }),
    signal({ sessionId }),
    session({ sessionId }),
    event(0, { sessionId }),
  ]);
  await until(() => store.stats().queued === 0);
  const { spooled, written, dropped } = await store.close();
  const sum = (counts: object): number => Object.values(counts).reduce((all, one: number) => all + one, 0);
  expect({ spooled, written: sum(written) }).toEqual(wanted);
  expect(dropped).toMatchObject({ orderbook_snapshots: 1, densities: 1, signals: 1, sessions: 0, system_events: 0 });
  expect(lines.filter(({ event: name }) => name === 'disk.low')).toMatchObject([{ level: 'error' }]);
});

test('D05: that the spool is full is said once, and what found no room is counted', async () => {
  const { log, lines } = memoryLog();
  const connection = { host: '127.0.0.1', port: 1, user: 'x', database: 'x' };
  const settings = { freeBytesMin: 0, spoolBytesMax: 20_000 };
  const store = await openStore({ connection, stateDir: join(dir.path, 'full'), settings }, log);
  for (let batch = 0; batch < 3; batch++) {
    store.write(range(500).map((i) => event(i)));
    await until(() => store.stats().queued === 0);
  }
  const { dropped } = await store.close();
  expect(dropped.system_events).toBeGreaterThan(0);
  expect(lines.filter(({ event: name }) => name === 'spool.full')).toMatchObject([{ level: 'error' }]);
});

const NOBODY: pg.ClientConfig = { host: '127.0.0.1', port: 1, user: 'x', database: 'x' };

/** A storage thread on this one, and the words that it says. */
async function threadOf(spoolDir: string, freeBytesMin: number, connection = NOBODY) {
  const clock = createVirtualClock();
  const counters = new Counters();
  const { port1, port2 } = new MessageChannel();
  const settings = { ...STORE_DEFAULTS, freeBytesMin };
  runStorageThread(port1, { connection, spoolDir, settings, seed: 1, counters: counters.memory }, clock);
  const heard: string[] = [];
  port2.on('message', (message: FromThread) => heard.push(message.kind === 'log' ? message.event : message.kind));
  const count = (word: string): number => heard.filter((other) => other === word).length;
  await until(() => count('opened') === 1);
  return {
    clock,
    counters,
    count,
    write: (...rows: Row[]) => port2.postMessage({ kind: 'batch', rows }),
    end: async (): Promise<void> => {
      port2.postMessage({ kind: 'end' });
      await until(() => count('ended') === 1);
      port2.close();
    },
  };
}

test('D05: that the disk takes no row is said once, however often it is tried, and when it takes them again none is missing', async () => {
  const spoolDir = join(dir.path, 'refusing');
  const { clock, counters, count, write, end } = await threadOf(spoolDir, 0);
  const inTheWay = join(spoolDir, '00000001.rows');
  await mkdir(inTheWay);
  write(event(0), event(1));
  await until(() => count('spool.failed') > 0);
  await clock.advance(2_000);
  expect(count('settled')).toBe(0);
  await rmdir(inTheWay);
  await clock.advance(1_000);
  await until(() => count('settled') === 1);
  expect(counters.spooled).toBe(2);
  expect(count('spool.failed')).toBe(1);
  await end();
});

test('while a database lets in and then says nothing for long, as one whose large tables are being changed, rows wait on the disk', async () => {
  const word = (type: string, body: number[]): Buffer =>
    Buffer.from([type.charCodeAt(0), 0, 0, 0, body.length + 4, ...body]);
  const welcome = Buffer.concat([word('R', [0, 0, 0, 0]), word('Z', ['I'.charCodeAt(0)])]);
  const sockets: Socket[] = [];
  const busy = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined).once('data', () => socket.write(welcome));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void busy.close());
  await once(busy, 'listening');
  const connection = { ...NOBODY, port: (busy.address() as AddressInfo).port };
  const spoolDir = join(dir.path, 'busy');
  const clock = createVirtualClock();
  const counters = new Counters();
  const { port1, port2 } = new MessageChannel();
  const settings = { ...STORE_DEFAULTS, freeBytesMin: 0, statementMsMax: 3_600_000 };
  runStorageThread(port1, { connection, spoolDir, settings, seed: 1, counters: counters.memory }, clock);
  const heard: string[] = [];
  port2.on('message', (message: FromThread) => heard.push(message.kind));
  port2.postMessage({ kind: 'batch', rows: [event(0), event(1)] });
  await until(() => sockets.length === 1);
  await until(async () => {
    await clock.advance(1_000);
    return counters.spooled === 2 && heard.length > 0;
  });
  expect(heard).toEqual(['settled']);
  for (const socket of sockets) socket.destroy();
  await until(() => heard.includes('opened'));
  port2.postMessage({ kind: 'end' });
  await until(() => heard.includes('ended'));
  port2.close();
});

test('D05: a folder out of which nothing can be removed any more ends no storage thread: that is said once, and what comes is written', async () => {
  const spoolDir = join(dir.path, 'read-only');
  const waiting = new Spool(spoolDir, 1 << 30, 1);
  const rows = range(3).map((i) => event(i, { sessionId: 's-read-only' }));
  for (const row of rows) waiting.append([row]);
  waiting.close();
  vi.spyOn(fs, 'rmSync').mockImplementation((path) => {
    throw new Error(`EROFS: read-only file system, rm '${String(path)}'`);
  });
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  syncBuiltinESMExports();
  const { clock, counters, count, write, end } = await threadOf(spoolDir, 0, server.connection);
  await until(async () => {
    await clock.advance(1_000);
    return counters.spooled === 0;
  });
  write(event(3, { sessionId: 's-read-only' }));
  await until(() => count('settled') === 1);
  expect(await ordinalsOf('s-read-only')).toEqual(range(4));
  expect(count('spool.unremoved')).toBe(1);
  await end();
});

test('D05: a file of rows that the disk does not give ends no storage thread: it is told once, and what comes is kept', async () => {
  const spoolDir = join(dir.path, 'bad-sector');
  await mkdir(join(spoolDir, '00000001.rows'), { recursive: true });
  const { counters, count, write, end } = await threadOf(spoolDir, 0);
  for (const i of [0, 1]) {
    write(event(i));
    await until(() => count('settled') === i + 1);
  }
  expect([counters.spooled, count('spool.unreadable')]).toEqual([2, 1]);
  await end();
});

test('D05: that there is room on the disk again is said as well, and no second time that it is low', async () => {
  const free = vi.spyOn(fs, 'statfsSync');
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  const { count, write, end } = await threadOf(join(dir.path, 'room'), 1_000);
  for (const [at, bavail] of [999, 1_100].entries()) {
    free.mockReturnValue({ bavail, bsize: 1 } as ReturnType<typeof fs.statfsSync>);
    syncBuiltinESMExports();
    write(event(at));
    await until(() => count('settled') === at + 1);
  }
  expect([count('disk.low'), count('disk.enough')]).toEqual([1, 1]);
  await end();
});

test('D04: two pieces of work share no transaction: the second begins when the first is over, however that ended', async () => {
  const { log } = memoryLog();
  const events = { connected: () => undefined, coinParameters: () => undefined };
  const database = new Database(server.connection, STORE_DEFAULTS, createVirtualClock(), createRng(1), log, events);
  await database.open();
  const steps: string[] = [];
  const work = (name: string) =>
    database.use(async (client) => {
      steps.push(`${name} begins`);
      await client.query('SELECT 1');
      steps.push(`${name} ends`);
    });
  await Promise.all([work('one'), work('two')]);
  await database.close();
  expect(steps).toEqual(['one begins', 'one ends', 'two begins', 'two ends']);
});

test('a close that has no time left spools the rest instead of losing it', async () => {
  const stateDir = join(dir.path, 'hurry');
  const store = await openStore({ connection: server.connection, stateDir }, memoryLog().log);
  store.write(range(3_000).map((i) => event(i, { sessionId: 's-hurry' })));
  const stats = await store.close(0);
  expect(stats.queued).toBe(0);
  const next = await openStore({ connection: server.connection, stateDir }, memoryLog().log);
  await settled(next);
  await next.close();
  expect((await ordinalsOf('s-hurry')).toSorted((a, b) => a - b)).toEqual(range(3_000));
});

test('where the state directory takes nothing the end comes all the same, and what is lost is counted and said', async () => {
  const stateDir = join(dir.path, 'unkept');
  await mkdir(stateDir);
  await writeFile(join(stateDir, 'spool'), 'a file where the directory belongs');
  const { log, lines } = memoryLog();
  const store = await openStore({ connection: server.connection, stateDir }, log);
  store.write([session(), ...range(600).map((i) => event(i))]);
  const stats = await store.close();
  expect(stats).toMatchObject({ queued: 0, spooled: 0, dropped: { sessions: 1, system_events: 600 } });
  expect(lines.find((line) => line.event === 'spool.failed')?.fields).toMatchObject({ rows: 601 });
});

test('a close between two tries of a storage thread that cannot start leaves nothing to wait for', async () => {
  const stateDir = join(dir.path, 'between');
  await mkdir(stateDir);
  await writeFile(join(stateDir, 'spool'), 'a file where the directory belongs');
  const { log, lines } = memoryLog();
  const clock = createVirtualClock();
  const losses = () => lines.filter((line) => line.event === 'store.thread-lost').length;
  const opening = openStore({ connection: server.connection, stateDir }, log, clock);
  await until(() => losses() === 1);
  await clock.stall(3_000);
  const store = await opening;
  await until(() => losses() === 2);
  store.write([session()]);
  await store.close();
  expect(clock.waiting()).toBe(0);
});

test('the rows of a storage thread that dies go to the next, which comes later and later until one has lived a minute, or to the spool at the end', async () => {
  const stateDir = join(dir.path, 'dies');
  const threads: Worker[] = [];
  const note = (thread: Worker): unknown => threads.push(thread);
  process.on('worker', note);
  onTestFinished(() => void process.off('worker', note));
  const { log, lines, said } = memoryLog();
  const clock = createVirtualClock();
  const store = await openStore({ connection: server.connection, stateDir }, log, clock);
  const dies = async (rows: number, from: number): Promise<void> => {
    const lost = said('store.thread-lost');
    void threads.at(-1)?.terminate();
    store.write(range(rows).map((i) => event(from + i, { sessionId: 's-dies' })));
    await lost;
  };
  const revives = async (ms: number): Promise<void> => {
    await clock.advance(ms);
    await settled(store);
  };
  await dies(500, 0);
  expect(store.stats()).toMatchObject({ queued: 500, connected: false });
  await revives(1_000);
  await dies(1, 500);
  await revives(62_000);
  expect(await ordinalsOf('s-dies')).toEqual(range(501));
  await dies(600, 501);
  expect(lines.filter((line) => line.event === 'store.thread-lost').map(({ fields }) => fields['losses'])).toEqual([
    1, 2, 1,
  ]);
  store.write([marketStat({ symbol: 'too much for any queue'.repeat(4 << 20) })]);
  expect(await store.close()).toMatchObject({
    queued: 0,
    spooled: 600,
    dropped: { system_events: 0, market_stats: 1 },
  });
  const next = await openStore({ connection: server.connection, stateDir }, log);
  await settled(next);
  await next.close();
  expect(await ordinalsOf('s-dies')).toEqual(range(1_101));
});

test('a spool with a torn tail gives back all of its whole batches', async () => {
  const stateDir = join(dir.path, 'torn');
  await mkdir(join(stateDir, 'spool'), { recursive: true });
  const spool = new Spool(join(stateDir, 'spool'));
  spool.append([event(0, { sessionId: 's-torn' }), event(1, { sessionId: 's-torn' })]);
  spool.append([event(2, { sessionId: 's-torn' })]);
  spool.close();
  const file = join(stateDir, 'spool', '00000001.rows');
  await writeFile(file, (await readFile(file)).subarray(0, -7));
  const { log, lines } = memoryLog();
  const store = await openStore({ connection: server.connection, stateDir }, log);
  await settled(store);
  await store.close();
  expect(await ordinalsOf('s-torn')).toEqual([0, 1]);
  expect(lines.find((line) => line.event === 'spool.damaged')?.fields).toMatchObject({ damagedLines: 0 });
});

test('rows of a table that only a newer version knew are put aside whole when one goes back to this one, and told', async () => {
  const stateDir = join(dir.path, 'newer');
  const spool = new Spool(join(stateDir, 'spool'));
  const strange = { ...event(1, { sessionId: 's-newer' }), table: 'insights' } as unknown as Row;
  spool.append([event(0, { sessionId: 's-newer' }), strange, event(2, { sessionId: 's-newer' })]);
  spool.close();
  const { log, lines } = memoryLog();
  const store = await openStore({ connection: server.connection, stateDir }, log);
  await settled(store);
  const stats = await store.close();
  expect(await ordinalsOf('s-newer')).toEqual([0, 2]);
  expect(stats).toMatchObject({ queued: 0, spooled: 0, written: { system_events: 2, orderbook_snapshots: 0 } });
  expect(lines.find(({ event }) => event === 'store.row-rejected')?.fields).toMatchObject({ table: 'insights' });
  const aside = await readFile(join(stateDir, 'spool', 'rejected.jsonl'), 'utf8');
  expect(JSON.parse(aside)).toEqual({ reason: 'this version knows no such table', row: strange });
});

test('coin parameters are read at start, columns before the free field', async () => {
  await sql(`INSERT INTO coin_parameters (symbol, density_threshold_abs, breakout_eaten_percent, preferred_strategy, parameters)
             VALUES ('BTCUSDT', 250000.5, 40, 'bounce', '{"density_threshold_abs": 1, "cluster_max_levels": 3}'),
                    ('XRPUSDT', NULL, NULL, 'both', '{}')`);
  await sql(`UPDATE coin_parameters SET enabled = false WHERE symbol = 'XRPUSDT'`);
  const store = await openStore({ connection: server.connection, stateDir: join(dir.path, 'coins') }, memoryLog().log);
  await until(() => store.coinParameters().size === 2);
  expect(Object.fromEntries(store.coinParameters())).toEqual({
    BTCUSDT: {
      enabled: true,
      preferredStrategy: 'bounce',
      overrides: { density_threshold_abs: 250_000.5, breakout_erosion_percent: 40, cluster_max_levels: 3 },
    },
    XRPUSDT: { enabled: false, preferredStrategy: 'both', overrides: {} },
  });
  // The database says when they change: nobody waits for the next look.
  await sql(`UPDATE coin_parameters SET density_threshold_abs = 1000 WHERE symbol = 'XRPUSDT'`);
  await until(() => store.coinParameters().get('XRPUSDT')?.overrides['density_threshold_abs'] === 1_000);
  await sql(`DELETE FROM coin_parameters`);
  await until(() => store.coinParameters().size === 0);
  await store.close();
});

test('coin parameters are read again every half minute: a coin is switched off also where the word of it is lost', async () => {
  const clock = createVirtualClock();
  let coins: ReadonlyMap<string, { readonly enabled: boolean }> = new Map();
  const events = { connected: () => undefined, coinParameters: (read: typeof coins) => void (coins = read) };
  const { log } = memoryLog();
  const database = new Database(server.connection, STORE_DEFAULTS, clock, createRng(1), log, events);
  await database.open();
  await sql(`ALTER TABLE coin_parameters DISABLE TRIGGER USER;
             INSERT INTO coin_parameters (symbol, enabled, preferred_strategy, parameters) VALUES ('LTCUSDT', false, 'both', '{}')`);
  await database.use((client) => client.query('SELECT 1'));
  expect(coins.size).toBe(0);
  await clock.advance(30_000);
  await until(() => coins.get('LTCUSDT')?.enabled === false);
  await database.close();
  await sql('DELETE FROM coin_parameters; ALTER TABLE coin_parameters ENABLE TRIGGER USER');
  expect(coins.size).toBe(1);
});

test('while one table is locked by somebody the rows of all wait, and all of them come when it is free', async () => {
  await forgetRanking();
  const stateDir = join(dir.path, 'locked');
  const { log, lines } = memoryLog();
  const store = await openStore({ connection: server.connection, stateDir, settings: { statementMsMax: 300 } }, log);
  const locker = new pg.Client(server.connection);
  await locker.connect();
  await locker.query('BEGIN; LOCK TABLE market_stats IN ACCESS EXCLUSIVE MODE');
  store.write([
    event(0, { sessionId: 's-locked' }),
    marketStat({ symbol: 'LOCKUSDT', rank: 9, updatedAt: (NOON + 60_000) as Ms }),
  ]);
  await expect.poll(() => store.stats().spooled).toBe(2);
  store.write([event(1, { sessionId: 's-locked' })]);
  await expect.poll(() => store.stats().spooled).toBe(3);
  await locker.query('ROLLBACK');
  await locker.end();
  await expect.poll(() => store.stats().spooled).toBe(0);
  const stats = await store.close();
  expect(Object.values(stats.dropped).reduce((sum, one) => sum + one)).toBe(0);
  expect(await ordinalsOf('s-locked')).toEqual([0, 1]);
  expect(await sql(`SELECT rank FROM market_stats WHERE symbol = 'LOCKUSDT'`)).toEqual([{ rank: 9 }]);
  expect(lines.map(({ event: name }) => name)).toContain('spool.drained');
});
