// Does a trade stand in the database as it ended, whatever was sent twice, late or in another order?
import fc from 'fast-check';
import type pg from 'pg';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import type { ExecutionRow, Row, TradeRow } from '../../../src/store/rows/rows.ts';
import { connectClient } from '../../../src/store/session.ts';
import { readRows } from '../../../src/store/rows/tables.ts';
import { finishedTrades } from '../../../src/store/read/trades.ts';
import { writeRows } from '../../../src/store/write/writer.ts';
import { NOON, execution, trade } from '../fixtures.ts';
import { SERVERS, startTables, type Server } from '../servers.ts';

const at = (ms: number): Ms => (NOON + ms) as Ms;

const closed = (over: Partial<TradeRow> = {}): TradeRow =>
  trade({
    revision: 3,
    exitTime: at(60_000),
    exitPrice: '0.10181',
    stopLossTriggered: true,
    exitReason: 'stop_loss',
    grossProfit: '-0.08',
    fees: '0.02804175',
    funding: '-0.0001',
    profitLoss: '-0.10794175',
    profitLossPercent: '-0.4228',
    updatedAt: at(60_010),
    ...over,
  });

const openTrades = (client: pg.Client): Promise<readonly TradeRow[]> =>
  readRows(client, 'trades', 'exit_time IS NULL ORDER BY account', []);

const executionsOf = (client: pg.Client, account: string): Promise<readonly ExecutionRow[]> =>
  readRows(client, 'executions', 'account = $1', [account]);

describe.each(SERVERS)('on $name', (which) => {
  let server: Server;
  let client: pg.Client;

  beforeAll(async () => {
    const tables = await startTables(which);
    ({ server, client } = tables);
    return tables.remove;
  });
  beforeEach(() => client.query('TRUNCATE trades, executions'));

  test('a trade is read back as it was told, to the last unit of its fee', async () => {
    expect(await writeRows(client, [trade(), closed({ tradeId: 'd1-a-1-18-E' }), execution()])).toEqual([]);
    const text = { leverage: '10' };
    expect(await openTrades(client)).toEqual([{ ...trade(), ...text }]);
    expect(await finishedTrades(client, { account: 'simulator-1', from: at(0), until: at(60_001) })).toEqual([
      { ...closed({ tradeId: 'd1-a-1-18-E' }), ...text },
    ]);
    expect(await finishedTrades(client, { account: 'simulator-1', from: at(0), until: at(60_000) })).toEqual([]);
    expect(await executionsOf(client, 'simulator-1')).toEqual([execution()]);
  });

  test('a closed trade is never opened again by an older row, in whatever order and however often rows come', async () => {
    const told = [trade(), trade({ revision: 2, stopLossPrice: '0.10224' }), closed()];
    const telling = fc.array(fc.constantFrom(...told), { maxLength: 6 });
    const batches = fc.array(telling, { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(batches, fc.shuffledSubarray(told, { minLength: 3 }), async (some, all) => {
        await client.query('TRUNCATE trades');
        for (const batch of [...some, all]) expect(await writeRows(client, batch)).toEqual([]);
        const { rows } = await client.query('SELECT revision, exit_reason, profit_loss FROM trades');
        expect(rows).toEqual([{ revision: '3', exit_reason: 'stop_loss', profit_loss: '-0.10794175' }]);
      }),
      { numRuns: 15 },
    );
  });

  test('what the decision expected to pay stays, also where an engine that was started anew no longer knows it', async () => {
    const told = [trade({ expectedPrice: '0.102135' }), closed()];
    // Where the database was away over the restart both come with one batch.
    for (const batches of [told.map((row) => [row]), [told]]) {
      await client.query('TRUNCATE trades');
      for (const batch of batches) expect(await writeRows(client, batch)).toEqual([]);
      const { rows } = await client.query('SELECT revision, expected_price FROM trades');
      expect(rows).toEqual([{ revision: '3', expected_price: '0.102135' }]);
    }
  });

  test('of the parameters at entry all stay, also where an engine that was started anew knows a part of them', async () => {
    const whole = { densityThresholdAbs: 50_000, maxHoldingMinutes: 30 };
    const rows = [trade({ parametersSnapshot: whole }), closed({ parametersSnapshot: { maxHoldingMinutes: 30 } })];
    for (const batches of [rows.map((row) => [row]), [rows]]) {
      await client.query('TRUNCATE trades');
      for (const batch of batches) expect(await writeRows(client, batch)).toEqual([]);
      const read = 'SELECT revision, parameters_snapshot FROM trades';
      expect((await client.query(read)).rows).toEqual([{ revision: '3', parameters_snapshot: whole }]);
    }
  });

  test('D09: an execution heard of by stream, by REST and after a restart is one row; whose it is may be learnt later', async () => {
    const { tradeId: _, ...nobodys } = execution();
    const batches = [[nobodys], [execution(), execution()], [nobodys]];
    for (const told of [batches, [batches.flat()]]) {
      await client.query('TRUNCATE executions');
      for (const batch of told) expect(await writeRows(client, batch)).toEqual([]);
      expect(await executionsOf(client, 'simulator-1')).toEqual([execution()]);
      expect((await client.query('SELECT count(*)::int AS n FROM executions')).rows).toEqual([{ n: 1 }]);
    }
  });

  test('two accounts may give the same ids: neither hides the other', async () => {
    const rows: Row[] = [trade(), execution()];
    const others: Row[] = [trade({ account: 'simulator-2' }), execution({ account: 'simulator-2' })];
    expect(await writeRows(client, [...rows, ...others])).toEqual([]);
    expect((await openTrades(client)).map((row) => row.account)).toEqual(['simulator-1', 'simulator-2']);
    expect(await executionsOf(client, 'simulator-2')).toHaveLength(1);
    expect(await writeRows(client, [closed(), closed({ account: 'simulator-2' })])).toEqual([]);
    const [found, ...more] = await finishedTrades(client, { account: 'simulator-2', from: at(0), until: at(60_001) });
    expect([found?.account, more]).toEqual(['simulator-2', []]);
  });

  test('a batch is there as a whole or not at all: of one that still waits for a table nothing is seen', async () => {
    const other = await connectClient(server.connection, () => undefined);
    const count = async (sql: string): Promise<number> => (await other.query(sql)).rowCount ?? 0;
    await other.query('BEGIN; LOCK TABLE executions');
    const writing = writeRows(client, [trade(), execution()]);
    while ((await count('SELECT FROM pg_locks WHERE NOT granted')) === 0);
    expect(await count('SELECT FROM trades')).toBe(0);
    await other.query('COMMIT');
    expect(await writing).toEqual([]);
    expect(await count('SELECT FROM trades')).toBe(1);
    await other.end();
  });

  test('D10: prices of the tiniest and sizes of the hugest coin are kept exactly', async () => {
    const price = '0.000000001234567891';
    const size = '98765432109876543210.5';
    expect(await writeRows(client, [trade({ entryPrice: price, positionSize: size })])).toEqual([]);
    expect(await openTrades(client)).toMatchObject([{ entryPrice: price, positionSize: size }]);
  });

  test('a reason that is not on the closed list is refused, and its neighbours are written', async () => {
    const refused = await writeRows(client, [
      closed({ exitReason: 'felt like it' }),
      trade({ tradeId: 'd1-a-1-19-E' }),
      trade({ tradeId: 'd1-a-1-20-E', exitTime: at(1) }),
    ]);
    expect(refused.map(({ row }) => (row as TradeRow).tradeId)).toEqual(['d1-a-1-17-E', 'd1-a-1-20-E']);
    expect(await openTrades(client)).toMatchObject([{ tradeId: 'd1-a-1-19-E' }]);
  });
});
