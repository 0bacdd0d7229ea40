// Is a stranger's client refused as the real exchange refuses it: by these codes, with these texts, and with nothing done?
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiKey } from '../../../src/simulator/venue/model.ts';
import { Room } from './room.ts';
import { Stranger } from './stranger.ts';

let room: Room;
beforeAll(async () => {
  room = await Room.open();
});
afterAll(() => room.close());

const symbol = 'SOLUSDT';

test.each([
  ['more than the balance', { qty: '9000' }, 110_007, 'ab not enough for new order'],
  ['less than five USDT', { qty: '0.1', limit: -2_800 }, 110_094, 'Order does not meet minimum order value 5USDT'],
  ['less than the least quantity', { qty: '0' }, 10_001, /./],
  ['off the step', { qty: '1.25' }, 10_001, 'Qty invalid'],
  ['off the grid of prices', { orderType: 'Limit', price: '77.3155' }, 10_001, /./],
  ['on no side', { side: 'Hold' }, 10_001, 'params error: side invalid'],
  ['in hedge mode', { positionIdx: 1 }, 10_001, 'position idx not match position mode'],
  ['for what is not traded', { symbol: 'NOSUCHUSDT' }, 10_001, /./],
  ['with a link id of forty-six characters', { orderLinkId: 'x'.repeat(46) }, 10_001, /./],
  [
    'with a stop on the wrong side',
    { stop: 400 },
    10_001,
    /^StopLoss:\d+ set for Buy position should lower than base_price:\d+\?\?LastPrice$/,
  ],
  [
    'to reduce what there is not',
    { reduceOnly: true },
    110_017,
    'current position is zero, cannot fix reduce-only order qty',
  ],
])('an order %s is refused, and nothing of it exists', async (_, changes, code, text) => {
  const { limit, stop, ...fields } = changes as Record<string, unknown> & { limit?: number; stop?: number };
  const order = {
    symbol,
    side: 'Buy',
    orderType: limit === undefined ? 'Market' : 'Limit',
    qty: '1',
    positionIdx: 0,
    ...(limit === undefined ? {} : { price: room.price(symbol, limit) }),
    ...(stop === undefined ? {} : { stopLoss: room.price(symbol, stop), tpslMode: 'Full' }),
    ...fields,
  } as Parameters<Stranger['place']>[0];
  const before = room.venue.orderHistory(room.uid, {}).length;
  const { here } = room;
  const refused = await room.client.place(order);
  expect(refused.retCode).toBe(code);
  expect(refused.retMsg).toMatch(text);
  expect(room.openOrders(symbol)).toEqual([]);
  expect(room.venue.orderHistory(room.uid, {})).toHaveLength(before);
  expect(room.client.rows('order', here)).toEqual([]);
});

test('a link id is used once, also over the other door, and also when its order has ended', async () => {
  // An account of its own: on a quick machine the orders above have used up this second's.
  const client = await Stranger.meet(room.exchange, room.exchange.keys.find(({ uid }) => uid !== room.uid) as ApiKey);
  const orderLinkId = room.link();
  const order = {
    symbol,
    side: 'Buy',
    orderType: 'Limit',
    qty: '1',
    price: room.price(symbol, -400),
    orderLinkId,
  } as const;
  const { orderId } = await client.place(order);
  const again = { retCode: 110_072, retMsg: 'OrderLinkedID is duplicate' };
  expect(await client.place(order)).toMatchObject(again);
  expect(await client.rest.submitOrder({ category: 'linear', ...order })).toMatchObject(again);
  await client.trade.cancelOrder({ category: 'linear', symbol, orderLinkId });
  await client.hears('order', { orderId, orderStatus: 'Cancelled' });
  expect(await client.place(order)).toMatchObject(again);
  client.leave();
});

test('what is set already is not set again, and what a unified account cannot do it is told', async () => {
  const { rest } = room.client;
  const leverage = { category: 'linear', symbol, buyLeverage: '7', sellLeverage: '7' } as const;
  expect(await rest.setLeverage(leverage)).toMatchObject({ retCode: 0, result: {} });
  expect(await rest.setLeverage(leverage)).toMatchObject({ retCode: 110_043, retMsg: 'leverage not modified' });
  const { result } = await rest.getFuturesLeverage({ category: 'linear', symbol });
  expect(result.list[0]).toMatchObject({ symbol, leverage: '7' });
  expect(await rest.switchPositionMode({ category: 'linear', symbol, mode: 0 })).toMatchObject({ retCode: 110_025 });
  expect(
    await rest.switchIsolatedMargin({
      category: 'linear',
      symbol,
      tradeMode: 1,
      buyLeverage: '7',
      sellLeverage: '7',
    }),
  ).toMatchObject({ retCode: 100_028, retMsg: 'unified account is forbidden' });
});

test('a key that nobody issued, and a signature of another secret', async () => {
  const key = room.exchange.keys[0];
  const ask = (changes: object) => {
    const { rest } = Stranger.outside(room.exchange, { key: key?.key ?? '', secret: key?.secret ?? '', ...changes });
    return rest.getAccountInfo();
  };
  expect(await ask({})).toMatchObject({ retCode: 0 });
  expect(await ask({ key: 'nobody' })).toMatchObject({ retCode: 10_003, retMsg: 'API key is invalid.' });
  expect(await ask({ secret: 'guessed' })).toMatchObject({ retCode: 10_004 });
});

test('the eleventh order of a second is refused with the time at which the next one fits', async () => {
  const order = { category: 'linear', symbol, side: 'Buy', orderType: 'Market', qty: '1.25' } as const;
  // So many that a machine which is busy elsewhere for some seconds still asks for more than these allow.
  const many = Array.from({ length: 60 });
  const answers = await Promise.all(many.map(() => room.client.rest.submitOrder(order)));
  const refused = answers.filter(({ retCode }) => retCode === 10_006);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]?.retMsg).toBe('Too many visits. Exceeded the API Rate Limit.');
  const rate = (refused[0] as unknown as { rateLimitApi: { remainingRequests: number; maxRequests: number } })
    .rateLimitApi;
  expect(rate).toMatchObject({ remainingRequests: 0, maxRequests: 10 });
  const overSocket = await Promise.allSettled(many.map(() => room.client.trade.submitNewOrder(order)));
  const reasons = overSocket.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
  // The slower the machine, the more are let through, and the position finds limits of its own.
  expect(reasons).toContainEqual(expect.objectContaining({ retCode: 10_006 }));
});
