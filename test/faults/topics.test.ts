// Topics that fall silent and grids that change: does the one symbol come right, and its neighbours hear nothing of it?
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRoom, type Room, soon, until } from './room.ts';

let room: Room;

beforeAll(async () => {
  room = await openRoom({ seed: 5 });
});
afterAll(() => room.close());

test.each([
  ['book falls', 'BNBUSDT', ['orderbook']],
  ['trades fall', 'SOLUSDT', ['publicTrade']],
  ['book, trades and ticker fall', 'AVAXUSDT', ['orderbook', 'publicTrade', 'tickers']],
])('a symbol whose %s silent gets a new book, and keeps its connection', async (_, symbol, kinds) => {
  const resynced = await room.resyncedBy(async () => {
    const by = soon();
    for (const topic of Object.keys((await room.exchange.state()).topics)) {
      const isConcerned = topic.endsWith(`.${symbol}`) && kinds.includes(topic.split('.')[0] as string);
      if (isConcerned) await room.fault({ kind: 'silent-topic', topic });
    }
    await until('a resync', () => room.ledger.happened('feed.resync', symbol).length > 0, by);
    await room.agrees(by);
  });
  expect(resynced).toEqual([symbol]);
  expect(room.ledger.happened('ws.closed')).toEqual([]);
});

test.each([
  ['a finer tick', 'SOLUSDT', { tickSize: '0.005' }],
  ['a finer quantity step', 'XRPUSDT', { qtyStep: '0.05' }],
  ['a finer tick and a finer quantity step', 'ADAUSDT', { tickSize: '0.00005', qtyStep: '0.5' }],
] as const)('%s: the grid is read anew and the book is the exchange’s', async (_, symbol, grid) => {
  const resynced = await room.resyncedBy(async () => {
    const by = soon();
    await room.fault({ kind: 'tick-change', symbol, ...grid });
    await until('the new grid', () => room.ledger.happened('instrument.grid_changed', symbol).length > 0, by);
    await room.agrees(by);
  });
  expect(room.ledger.happened('instrument.grid_mismatch', symbol)).toHaveLength(1);
  expect(room.ledger.happened('instrument.grid_changed', symbol)).toHaveLength(1);
  expect(resynced).toEqual([symbol]);
});

test('a coarser step: the old one holds all of its sizes, and the book goes on', async () => {
  const symbol = 'LINKUSDT';
  const resynced = await room.resyncedBy(async () => {
    const by = soon();
    const before = room.engine.book(symbol)?.u ?? 0;
    await room.fault({ kind: 'tick-change', symbol, qtyStep: '1' });
    await until('news', () => (room.engine.book(symbol)?.u ?? 0) > before, by);
    await room.agrees(by);
  });
  expect(resynced).toEqual([]);
});
