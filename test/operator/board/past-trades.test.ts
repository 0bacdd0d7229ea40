// Does the page know what was traded before this run, and does nothing wait for a database that is away?
import path from 'node:path';
import type pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import type { TradeView } from '../../../src/operator/page/protocol-events.ts';
import { writeRows } from '../../../src/store/write/writer.ts';
import { trade } from '../../store/fixtures.ts';
import { startTables, type Server } from '../../store/servers.ts';
import { startFakeMain } from '../fake-main.ts';
import { PageSocket, until } from '../page-socket.ts';
import { logIn } from '../visitor.ts';

let server: Server;
let client: pg.Client;
beforeAll(async () => {
  const tables = await startTables();
  ({ server, client } = tables);
  return tables.remove;
});

test('trades of former runs are there for the first page, only those of the account, oldest first', async () => {
  const ended = (tradeId: string, minutesAgo: number, account = 'simulator-1') => {
    const exitTime = (Date.now() - minutesAgo * 60_000) as Ms;
    const times = { entryTime: (exitTime - 60_000) as Ms, exitTime, updatedAt: exitTime };
    const result = { exitPrice: '0.1019', exitReason: 'timeout', profitLoss: '-0.125', profitLossPercent: '-0.5' };
    return trade({ account, tradeId, ...times, ...result });
  };
  await writeRows(client, [ended('second', 10), ended('first', 20), ended('of-another', 5, 'simulator-2'), trade()]);
  const main = await startFakeMain({
    symbols: 2,
    warmUpMs: 500,
    past: { connection: server.connection, account: 'simulator-1' },
  });
  let former: readonly TradeView[] = [];
  const login = await logIn(main.url, main.token);
  while (former.length === 0) {
    const page = await PageSocket.anew(main.url, login);
    const past = await until('the past', () => page.of('happened')[0]);
    // Trades of this run have other ids.
    former = past.trades.filter(({ id }) => !id.startsWith('PLE-'));
    // Some time until the next look.
    if (former.length === 0) await until('more', () => page.of('status').length > 1);
    page.close();
  }
  expect(former.map(({ id }) => id)).toEqual(['first', 'second']);
  expect(former[0]).toMatchObject({ profit: -0.125, profitPercent: -0.5, exitPrice: 0.1019 });
  await main.close();
});

test('without the database the page is served all the same, and why is said once', async () => {
  const said: string[] = [];
  const main = await startFakeMain({
    symbols: 2,
    warmUpMs: 500,
    onLog: (event) => said.push(event),
    past: { connection: { host: '127.0.0.1', port: 1 }, account: 'simulator-1' },
  });
  const page = await PageSocket.open(main.url, main.token);
  expect(await until('status', () => page.of('status')[0])).toMatchObject({ ready: true });
  await until('why', () => said.includes('dashboard.past_unread'));
  expect(said.filter((event) => event === 'dashboard.past_unread')).toHaveLength(1);
  page.close();
  await main.close();
});

test('that the database of an engine is gone is no news where the engine is ending', async () => {
  const said: string[] = [];
  const main = await startFakeMain({
    isEnding: true,
    onLog: (event) => said.push(event),
    past: { connection: { host: path.join(server.stateDir, 'gone') }, account: 'simulator-1' },
  });
  const page = await PageSocket.open(main.url, main.token);
  expect(await until('status', () => page.of('status')[0])).toMatchObject({ ready: false });
  expect(said).not.toContain('dashboard.past_unread');
  page.close();
  await main.close();
});
