// Do a stranger's sockets work: public topics, fast fills, batches, several listeners, and coming back after a cut?
import { WebsocketClient } from 'bybit-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiKey } from '../../../src/simulator/venue/model.ts';
import { post } from '../exchange-room.ts';
import { Room } from './room.ts';
import { silent, Stranger } from './stranger.ts';

let room: Room;
beforeAll(async () => {
  room = await Room.open();
});
afterAll(() => room.close());

test('public topics of all kinds reach a client that subscribes to them', async () => {
  const symbol = 'BTCUSDT';
  const client = new WebsocketClient({ wsUrl: room.exchange.publicUrl }, silent);
  const topics = ['orderbook.50', 'orderbook.200', 'publicTrade', 'tickers', 'kline.1'].map(
    (topic) => `${topic}.${symbol}`,
  );
  const missing = new Set(topics);
  const all = new Promise<void>((resolve) => {
    client.on('update', (message: unknown) => {
      missing.delete((message as { readonly topic: string }).topic);
      if (missing.size === 0) resolve();
    });
  });
  await Promise.all(client.subscribeV5(topics, 'linear'));
  await all;
  client.closeAll(true);
  const { result } = await room.client.rest.getOrderbook({ category: 'linear', symbol, limit: 1 });
  const { best } = room.exchange.market.contract(symbol)?.matching.book ?? { best: [0, 0] };
  expect(Math.abs(Number(result.b[0]?.[0]) * 10 - (best[0] as number))).toBeLessThan(500);
});

test('a fast fill is told before the fill, by the same id, and a second listener hears everything too', async () => {
  const symbol = 'SOLUSDT';
  const key = room.exchange.keys[0] as ApiKey;
  const second = await Stranger.meet(room.exchange, key);
  await Promise.all(second.stream.subscribeV5('execution.fast.linear', 'linear', true));
  const { orderId } = await room.client.place({ symbol, side: 'Buy', orderType: 'Market', qty: '1' });
  const fast = await second.hears('execution.fast', { orderId });
  const fill = await second.hears('execution.linear', { orderId });
  expect(fast).not.toHaveProperty('id');
  expect(fast.data.map((row) => row['execId'])).toEqual(fill.data.map((row) => row['execId']));
  expect(second.told.indexOf(fast)).toBeLessThan(second.told.indexOf(fill));
  await room.client.hears('execution', { orderId });
  second.leave();
  await room.leave(symbol);
});

test('a batch over the trade socket answers each order, and cancels each', async () => {
  const symbol = 'ADAUSDT';
  const { here } = room;
  const resting = (qty: string, ticks: number) =>
    ({ symbol, side: 'Buy', orderType: 'Limit', qty, price: room.price(symbol, ticks) }) as const;
  const placed = await room.client.trade.batchSubmitOrders('linear', [resting('20', -300), resting('1.5', -300)]);
  expect(placed).toMatchObject({
    retCode: 0,
    data: { list: [{ symbol }, { symbol, orderId: '' }] },
    retExtInfo: {
      list: [
        { code: 0, msg: 'OK' },
        { code: 10_001, msg: 'Qty invalid' },
      ],
    },
  });
  const orderId = placed.data.list[0]?.orderId ?? '';
  await room.client.hears('order', { orderId, orderStatus: 'New' }, here);
  await room.client.trade.batchCancelOrder('linear', [{ symbol, orderId }]);
  await room.client.hears('order', { orderId, orderStatus: 'Cancelled' }, here);
  expect(room.openOrders(symbol)).toEqual([]);
});

test('an order larger than the level that it takes rests and is filled in parts, each told with what is left', async () => {
  const symbol = 'DOGEUSDT';
  const key = room.exchange.keys.find(({ key: name }) => name === 'simkey3') as ApiKey;
  const rich = await Stranger.meet(room.exchange, key);
  const order = { symbol, side: 'Buy', orderType: 'Limit', qty: '5000000', price: room.price(symbol, 2) } as const;
  const { orderId } = await rich.place(order);
  const first = await rich.hears('order', { orderId, orderStatus: 'PartiallyFilled' });
  const last = await rich.hears('order', { orderId, orderStatus: 'Filled' });
  expect(first).not.toBe(last);
  const told = rich.rows('order').filter((row) => row['orderId'] === orderId);
  const filled = told.map((row) => Number(row['cumExecQty']));
  expect(filled).toEqual(filled.toSorted((a, b) => a - b));
  expect(told.every((row) => Number(row['cumExecQty']) + Number(row['leavesQty']) === 5_000_000)).toBe(true);
  const fills = rich.rows('execution').filter((row) => row['orderId'] === orderId);
  expect(fills.reduce((sum, row) => sum + Number(row['execQty']), 0)).toBe(5_000_000);
  // What it took it paid as a taker, what came to it as a maker.
  expect(new Set(fills.map((row) => `${String(row['isMaker'])} ${String(row['feeRate'])}`))).toEqual(
    new Set(['false 0.00055', 'true 0.0002']),
  );
  await rich.hears('position', { symbol, size: '5000000' });
  expect(room.venue.positions(key.uid, { symbol })[0]?.lots).toBe(5_000_000);
  rich.leave();
});

test('a key that may only read reads, and is refused where it writes', async () => {
  const key = room.exchange.keys.find(({ readOnly }) => readOnly) as ApiKey;
  const reader = await Stranger.meet(room.exchange, key);
  expect(await reader.rest.getWalletBalance({ accountType: 'UNIFIED' })).toMatchObject({ retCode: 0 });
  const order = { symbol: 'SOLUSDT', side: 'Buy', orderType: 'Market', qty: '1' } as const;
  expect(await reader.place(order)).toMatchObject({ retCode: 10_005 });
  expect(await reader.rest.submitOrder({ category: 'linear', ...order })).toMatchObject({ retCode: 10_005 });
  reader.leave();
});

test('after a cut the client comes back, logs in, subscribes, and hears of the next order', async () => {
  const symbol = 'ETHUSDT';
  const back = new Promise<void>((resolve) => {
    room.client.stream.on('response', () => resolve());
  });
  await post(room.exchange.controlUrl, '/fault', { kind: 'cut', channel: 'private' });
  await back;
  const from = room.here;
  const { orderId } = await room.client.place({
    symbol,
    side: 'Buy',
    orderType: 'Limit',
    qty: '0.01',
    price: room.price(symbol, -2_000),
  });
  await room.client.hears('order', { orderId, orderStatus: 'New' }, from);
  const answer = await room.client.rest.cancelAllOrders({ category: 'linear', settleCoin: 'USDT' });
  expect(answer).toMatchObject({ retCode: 0, result: { success: '1' } });
  await room.client.hears('order', { orderId, orderStatus: 'Cancelled' }, from);
});
