// The database goes away while the market does not: is every row there once, when it has come back?
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore, type Store } from '../../src/store/write/client.ts';
import { type Row, zeroPerTable } from '../../src/store/rows/rows.ts';
import { withClient } from '../../src/store/session.ts';
import { memoryLog, patientClock } from '../store/fixtures.ts';
import { startServer, type Server } from '../store/servers.ts';
import { openRoom, type Room, until } from './room.ts';

const SESSION = 'away';
const run = promisify(execFile);

let server: Server;
let store: Store;
let room: Room;

beforeAll(async () => {
  server = await startServer();
  store = await openStore({ connection: server.connection, stateDir: server.stateDir }, memoryLog().log, patientClock);
  room = await openRoom({
    seed: 7,
    symbols: 6,
    store,
    sessionId: SESSION,
    settings: [
      'strategy.density_threshold_abs=5000',
      'strategy.density_threshold_relative=1.5',
      'strategy.density_threshold_percent=1',
      'strategy.density_min_lifetime_ms=300',
      'websocket.snapshot_interval=10',
    ],
  });
});
afterAll(async () => {
  await server.remove();
});

async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=']);
  const rows = stdout.trim().split('\n');
  const processes = rows.map((row) => row.trim().split(/\s+/).map(Number));
  return processes.flatMap(([child, parent]) => (parent === pid ? [child as number] : []));
}

/**
 * While `act` runs the server stands still: it neither answers nor hangs up. It is stopped first and set going last: as long as it
 * stands it starts no child, and one that has ended is still a process.
 */
async function whileFrozen(act: () => Promise<void>): Promise<void> {
  const { pid: root } = server;
  process.kill(root, 'SIGSTOP');
  const family = await childrenOf(root);
  try {
    for (const pid of family) process.kill(pid, 'SIGSTOP');
    await act();
  } finally {
    for (const pid of [...family, root]) process.kill(pid, 'SIGCONT');
  }
}

const isWhole = (): boolean => {
  const { connected, spooled, queued } = store.stats();
  return connected && spooled === 0 && queued < 100;
};
const told = (table: Row['table']): number => room.ledger.rows.filter((row) => row.table === table).length;

test('a server that stands still for a while loses nothing: rows wait on the disk', async () => {
  await until('rows', () => store.stats().written.densities > 0);
  await whileFrozen(async () => {
    const before = told('densities');
    // Neither frames nor scans wait for it: they go on, and what they tell finds its place.
    await until('rows on the disk', () => store.stats().spooled > 200);
    expect(store.stats().connected).toBe(false);
    expect(told('densities')).toBeGreaterThan(before);
    await room.agrees();
  });
  await until('an empty spool', isWhole);
});

test('a server that is killed is started again, and what came meanwhile is written', async () => {
  const { pid } = server;
  process.kill(pid, 'SIGKILL');
  await until('the loss', () => !store.stats().connected);
  await until('another server and an empty spool', () => server.pid !== pid && isWhole());
  expect(store.stats().dropped).toEqual(zeroPerTable());
  await room.agrees();
});

test('in the end the database holds every row that was told, once each', async () => {
  await room.close();
  const stats = await store.close();
  expect(stats).toMatchObject({ queued: 0, spooled: 0, dropped: zeroPerTable() });
  const { ledger } = room;
  const of = <T extends Row['table']>(table: T) =>
    ledger.rows.filter((row): row is Extract<Row, { table: T }> => row.table === table);
  const column = async (text: string): Promise<string[]> =>
    withClient(server.connection, async (client) => {
      const { rows } = await client.query<{ key: string }>(`${text} WHERE session_id = $1`, [SESSION]);
      return rows.map(({ key }) => key).toSorted();
    });
  expect(of('densities').length).toBeGreaterThan(200);
  expect(await column(`SELECT life_id || ' ' || ordinal || ' ' || moment AS key FROM densities`)).toEqual(
    of('densities')
      .map(({ lifeId, ordinal, moment }) => `${lifeId} ${ordinal} ${moment}`)
      .toSorted(),
  );
  expect(await column(`SELECT signal_id AS key FROM signals`)).toEqual(
    of('signals')
      .map(({ signalId }) => signalId)
      .toSorted(),
  );
  expect(await column(`SELECT lpad(ordinal::text, 9, '0') AS key FROM system_events`)).toEqual(
    of('system_events').map((_, i) => String(i + 1).padStart(9, '0')),
  );
  expect(await column(`SELECT symbol || ' ' || update_id AS key FROM orderbook_snapshots`)).toEqual(
    of('orderbook_snapshots')
      .map(({ symbol, updateId }) => `${symbol} ${updateId}`)
      .toSorted(),
  );
  expect(await column(`SELECT (ended_at IS NOT NULL)::text AS key FROM sessions`)).toEqual(['true']);
});
