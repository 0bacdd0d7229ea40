// An operator changes a coin's numbers in the database while the engine runs: is what is right taken, and what is wrong refused?
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore, type Store } from '../../src/store/write/client.ts';
import { withClient } from '../../src/store/session.ts';
import { memoryLog } from '../store/fixtures.ts';
import { startServer, type Server } from '../store/servers.ts';
import { openRoom, type Room, until } from './room.ts';

let server: Server;
let store: Store;
let room: Room;

beforeAll(async () => {
  server = await startServer();
  store = await openStore({ connection: server.connection, stateDir: server.stateDir }, memoryLog().log);
  room = await openRoom({
    seed: 7,
    symbols: 3,
    store,
    settings: [
      'strategy.density_threshold_abs=5000',
      'strategy.density_threshold_relative=1.5',
      'strategy.density_threshold_percent=1',
      'strategy.density_min_lifetime_ms=300',
    ],
  });
  await room.allLive();
});
afterAll(async () => {
  await room.close();
  await store.close();
  await server.remove();
});

const sql = (text: string, ...values: unknown[]): Promise<unknown> =>
  withClient(server.connection, (client) => client.query(text, values));

/** By which size the newest stored density of the symbol was judged. */
function thresholdOf(symbol: string): unknown {
  const row = room.ledger.rows.findLast((one) => one.table === 'densities' && one.symbol === symbol);
  return row?.table === 'densities' ? row.criteria.find(({ name }) => name === 'notional_usdt')?.threshold : undefined;
}

test('a coin’s own threshold is in force at once, a wrong one is told and changes nothing, and without its row the coin is as all', async () => {
  const [symbol, other] = room.symbols as [string, string];
  const judgedBy = (threshold: number, of = symbol): Promise<void> =>
    until(`${of} judged by ${threshold}`, () => thresholdOf(of) === threshold);
  await judgedBy(5_000);

  await sql('INSERT INTO coin_parameters (symbol, density_threshold_abs) VALUES ($1, 4321)', symbol);
  await judgedBy(4_321);

  const refused = () => room.ledger.happened('coin_parameters.refused', symbol);
  await sql(`UPDATE coin_parameters SET density_threshold_abs = 1, parameters = '{"cluster_max_levels": "many"}'`);
  await until('the refusal', () => refused().length > 0);
  expect(JSON.stringify(refused()[0]?.details)).toContain('cluster_max_levels');
  const before = room.ledger.rows.length;
  await until('another density of the coin', () =>
    room.ledger.rows.slice(before).some((row) => row.table === 'densities' && row.symbol === symbol),
  );
  expect(thresholdOf(symbol)).toBe(4_321);

  await sql('DELETE FROM coin_parameters');
  await judgedBy(5_000);
  expect(thresholdOf(other)).toBe(5_000);
  expect(room.ledger.happened('coin_parameters.refused', other)).toEqual([]);
});
