// Is a packed book, unpacked by the database, the book that it was?
import fc from 'fast-check';
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { runMigrate } from '../../../src/cli/migrate.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { createInstrument, priceText, sizeText, type Instrument } from '../../../src/market/instrument.ts';
import type { Lot, Tick } from '../../../src/market/units.ts';
import { snapshotRow } from '../../../src/store/rows/market-rows.ts';
import { packSide } from '../../../src/store/rows/packed-book.ts';
import { writeRows } from '../../../src/store/write/writer.ts';
import { NOON, levels } from '../fixtures.ts';
import { SERVERS, startTables, type Server } from '../servers.ts';

test('a level takes as many bytes as its numbers need', () => {
  expect(packSide(levels())).toBe('\\x');
  expect(packSide(levels([1, 1]))).toBe('\\x0101');
  expect(packSide(levels([300, 127], [298, 128]))).toBe(`\\x${'ac02'}7f${'02'}8001`);
  // 2^53 - 1: seven groups of seven bits and one of four.
  expect(packSide(levels([1, Number.MAX_SAFE_INTEGER]))).toBe(`\\x01${'ff'.repeat(7)}0f`);
});

const GRIDS = [
  ['BTCUSDT', '0.10', '0.001', 2],
  ['1000PEPEUSDT', '0.0000001', '100', 7],
  ['DOGEUSDT', '0.00001', '1', 5],
  ['ODDUSDT', '0.5', '10', 1],
] as const;

const side = (isAsk: boolean) =>
  fc
    .array(fc.tuple(fc.nat(2 ** 20), fc.integer({ min: 1, max: 2 ** 40 })), { minLength: 1, maxLength: 60 })
    .map((steps) => {
      let tick = 2 ** 27;
      return steps.map(([step, lot]) => {
        tick += (step + 1) * (isAsk ? 1 : -1);
        return [tick as Tick, lot as Lot] as const;
      });
    });

describe.each(SERVERS)('on $name', (which) => {
  let server: Server;
  let client: pg.Client;

  beforeAll(async () => {
    const tables = await startTables(which);
    ({ server, client } = tables);
    return tables.remove;
  });

  test('the view shows the levels as the exchange prints them, whatever the grid', async () => {
    let time = NOON;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...GRIDS), side(false), side(true), async (grid, bids, asks) => {
        const instrument = createInstrument(grid[0], grid[1], grid[2], grid[3]) as Instrument;
        time = (time + 1) as Ms;
        const row = snapshotRow('s1', instrument, { bids, asks, u: 1, seq: 2, cts: time });
        expect(await writeRows(client, row === undefined ? [] : [row])).toEqual([]);
        const { rows } = await client.query('SELECT bids, asks FROM orderbooks WHERE time = $1', [new Date(time)]);
        const shown = (of: typeof bids): unknown =>
          of.map(([tick, lot]) => [priceText(tick, instrument), sizeText(lot, instrument)]);
        expect(rows).toEqual([{ bids: shown(bids), asks: shown(asks) }]);
      }),
      { numRuns: 40 },
    );
  });

  test('books of before the packed form are shown by the same view, and go back with the migration', async () => {
    const { rows: before } = await client.query('SELECT * FROM orderbooks ORDER BY time LIMIT 3');
    // Back to before the packed form.
    while ((await runMigrate(server.connection, 'down')).ran[0] !== '0003_history');
    const bids = [['0.10212', '1023798']];
    await client.query(
      `INSERT INTO orderbook_snapshots (time, session_id, symbol, bids, asks, update_id, sequence)
       VALUES ($1, 's0', 'DOGEUSDT', $2, $2, 1, 1)`,
      [new Date(NOON + 3_600_000), JSON.stringify(bids)],
    );
    await runMigrate(server.connection, 'up');
    expect((await client.query('SELECT * FROM orderbooks ORDER BY time LIMIT 3')).rows).toEqual(before);
    const { rows } = await client.query(`SELECT bids, asks FROM orderbooks WHERE session_id = 's0'`);
    expect(rows).toEqual([{ bids, asks: bids }]);
  });
});
