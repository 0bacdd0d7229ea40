// Do people, the engine and the exchange's rules do what was ordered of them, as far as a client can see it?
import { expect, test } from 'vitest';
import { SOL, StageRoom } from './stage-room.ts';

const ORDERS = { category: 'linear', symbol: SOL };
const LONG = { side: 'Buy', qty: '1.3', stopLoss: '76.000', slTriggerBy: 'MarkPrice' };

const position = (room: StageRoom): object => room.row('/v5/position/list', { symbol: SOL });
const openOrders = (room: StageRoom): unknown[] =>
  (room.get('/v5/order/realtime', ORDERS).body['result'] as { list: unknown[] }).list;
const lastPrice = (room: StageRoom): number => Number(room.row('/v5/market/tickers', { symbol: SOL })['lastPrice']);

test('stop-stripped: the stop goes, the position stays', () => {
  const room = new StageRoom();
  room.order(LONG);
  expect([position(room), openOrders(room)]).toMatchObject([
    { size: '1.3', stopLoss: '76' },
    [{ stopOrderType: 'StopLoss' }],
  ]);
  room.fault('stop-stripped', { symbol: SOL });
  room.pass(10);
  expect(position(room)).toMatchObject({ size: '1.3', stopLoss: '' });
  expect(openOrders(room)).toEqual([]);
});

test('human-open and human-close: a person opens and closes, and the stream tells of it', () => {
  const room = new StageRoom();
  const stream = room.login('private');
  room.fault('human-open', { symbol: SOL, side: 'Sell', qty: '2.0' });
  room.pass(50);
  expect(position(room)).toMatchObject({ side: 'Sell', size: '2' });
  room.fault('human-close', { symbol: SOL });
  room.pass(50);
  expect(position(room)).toMatchObject({ side: '', size: '0' });
  expect(stream.rows('order').at(-1)).toMatchObject({ createType: 'CreateByClosing', orderStatus: 'Filled' });
});

test('stop-rejected: the entry fills, and its stop is not there', () => {
  const room = new StageRoom();
  room.fault('stop-rejected', { count: 1 });
  room.order(LONG);
  expect(position(room)).toMatchObject({ size: '1.3', stopLoss: '' });
});

test('engine-reject: accepted over REST, then refused by the engine', () => {
  const room = new StageRoom();
  const stream = room.login('private');
  room.fault('engine-reject');
  expect(room.order({ ...LONG, orderLinkId: 'refused' }).body['retCode']).toBe(0);
  room.pass(50);
  expect(stream.rows('order')).toMatchObject([{ orderLinkId: 'refused', orderStatus: 'Rejected' }]);
  expect(room.filled()).toEqual([]);
});

test('partial-fill: half of the order is filled and the rest is cancelled', () => {
  const room = new StageRoom();
  room.fault('partial-fill', { part: 0.5 });
  room.order({ side: 'Buy', qty: '2.0' });
  expect(position(room)).toMatchObject({ size: '1' });
  expect(room.ledger('order').at(-1)).toMatchObject({ status: 'Cancelled', filled: '1.0', size: '2.0' });
});

test('reads-lag: queries show the past while the stream is current', () => {
  const room = new StageRoom();
  const stream = room.login('private');
  room.fault('reads-lag', { ms: 5_000 });
  room.order(LONG);
  room.pass(50);
  expect(stream.rows('position').at(-1)).toMatchObject({ size: '1.3' });
  expect(position(room)).toMatchObject({ size: '0' });
  room.pass(5_000);
  expect(position(room)).toMatchObject({ size: '1.3' });
});

test('adl of a part: what is left stands without its stop, and is normal again', () => {
  const room = new StageRoom();
  room.order({ ...LONG, qty: '3.0' });
  room.pass(500);
  room.fault('adl', { symbol: SOL, part: 0.4 });
  room.pass(500);
  expect(position(room)).toMatchObject({ size: '1.8', stopLoss: '', positionStatus: 'Normal' });
  expect(room.ledger('fill').at(-1)).toMatchObject({
    type: 'AdlTrade',
    size: '1.2',
    createType: 'CreateByAdl_PassThrough',
  });
});

test('adl: the exchange closes the position, and says what it was', () => {
  const room = new StageRoom();
  room.order(LONG);
  room.fault('adl', { symbol: SOL });
  room.pass(50);
  expect(position(room)).toMatchObject({ size: '0' });
  expect(room.ledger('fill').at(-1)).toMatchObject({ type: 'AdlTrade', createType: 'CreateByAdl_PassThrough' });
});

test('risk-limited: the position may only be reduced, and says so', () => {
  const room = new StageRoom();
  room.order(LONG);
  room.fault('risk-limited', { symbol: SOL });
  expect(position(room)).toMatchObject({ isReduceOnly: true });
  expect(room.order({ side: 'Buy', qty: '1.0' }).body['retCode']).not.toBe(0);
  expect(room.order({ side: 'Sell', qty: '1.3', reduceOnly: true }).body['retCode']).toBe(0);
  expect(position(room)).toMatchObject({ size: '0' });
});

test('transfer and account-state: the wallet and the modes are those that somebody made of them', () => {
  const room = new StageRoom();
  room.fault('transfer', { usdt: -9_900 });
  expect(room.order({ side: 'Buy', qty: '20.0' }).body).toMatchObject({ retCode: 110_007 });
  room.fault('account-state', { marginMode: 'REGULAR_MARGIN', positionMode: 'hedge' });
  expect(room.get('/v5/account/info').body['result']).toMatchObject({ marginMode: 'REGULAR_MARGIN' });
  expect(room.order(LONG).body['retCode']).not.toBe(0);
});

test('restart: connections end, nobody is let in for a while, closed orders are forgotten, positions stay', () => {
  const room = new StageRoom();
  const stream = room.login('private');
  room.order(LONG);
  room.fault('restart', { ms: 500 });
  expect([stream.ended, room.exchange.door('/v5/private')]).toEqual([0, 'refused']);
  room.pass(500);
  expect(room.exchange.door('/v5/private')).toBe('private');
  expect(room.get('/v5/order/realtime', { ...ORDERS, openOnly: 1 }).body['result']).toMatchObject({ list: [] });
  expect(openOrders(room)).toMatchObject([{ stopOrderType: 'StopLoss' }]);
  expect(position(room)).toMatchObject({ size: '1.3', stopLoss: '76' });
});

test('push-price: the price goes there and stays there; spike: it is back at once', () => {
  const room = new StageRoom();
  const before = lastPrice(room);
  room.fault('push-price', { symbol: SOL, percent: 1 });
  room.pass(2_000);
  expect(lastPrice(room) / before).toBeGreaterThan(1.008);
  room.fault('spike', { symbol: SOL, percent: -1, ms: 100 });
  room.pass(50);
  expect(lastPrice(room) / before).toBeLessThan(1.004);
  room.pass(1_000);
  expect(lastPrice(room) / before).toBeGreaterThan(1.005);
});

test('a pushed price fires a stop on the last price, and the book is never crossed', () => {
  const room = new StageRoom();
  room.order({ ...LONG, slTriggerBy: 'LastPrice' });
  room.fault('push-price', { symbol: SOL, percent: -2.5 });
  for (let i = 0; i < 100; i++) {
    room.pass(10);
    const [bid, ask] = room.exchange.market.contract(SOL)?.matching.book.best ?? [0, 0];
    expect(bid).toBeLessThan(ask);
  }
  expect(room.ledger('fill').at(-1)).toMatchObject({ createType: 'CreateByStopLoss', side: 'Sell' });
  expect(position(room)).toMatchObject({ size: '0' });
});

test.each([2, -2])(
  'pushed by %s percent again and again at one moment, the price goes as far as its book reaches',
  (percent) => {
    const room = new StageRoom();
    const book = room.exchange.market.contract(SOL)?.matching.book;
    for (let i = 0; i < 60; i++) {
      room.fault('push-price', { symbol: SOL, percent });
      const [bid, ask] = book?.best ?? [0, 0];
      expect(bid).toBeLessThan(ask);
    }
    room.pass(2_000);
    expect(room.fault('push-price', { symbol: SOL, percent: -percent })).toBeDefined();
  },
);

test('plant-wall and pull-walls: a wall stands where it was ordered, and goes when it is withdrawn', () => {
  const room = new StageRoom();
  const contract = room.exchange.market.contract(SOL);
  const lots = (): number => contract?.matching.book.at(tick) ?? 0;
  const tick = (contract?.matching.book.best[0] ?? 0) - 25;
  const before = lots();
  expect(room.fault('plant-wall', { symbol: SOL, side: 'bid', distanceTicks: 25, usdt: 400_000 }).status).toBe(200);
  expect(lots()).toBeGreaterThan(10 * Math.max(1, before));
  expect(room.fault('plant-wall', { symbol: SOL, side: 'bid', distanceTicks: 25, usdt: 400_000 }).status).toBe(400);
  expect(room.fault('pull-walls', { symbol: SOL, side: 'bid' }).body['walls']).toBeGreaterThan(0);
  expect(lots()).toBe(0);
});

test('freeze-market: one contract stands still while the others go on', () => {
  const room = new StageRoom();
  const books = (symbol: string): number => room.exchange.market.contract(symbol)?.matching.book.version ?? 0;
  room.fault('freeze-market', { symbol: SOL, ms: 3_000 });
  const [frozen, other] = [books(SOL), books('BTCUSDT')];
  room.pass(2_900);
  expect(books(SOL)).toBe(frozen);
  expect(books('BTCUSDT')).toBeGreaterThan(other);
  room.pass(1_000);
  expect(books(SOL)).toBeGreaterThan(frozen);
});

test('a contract stands still for as long as anything of a pause, a freeze and its status holds it, whichever ends first', () => {
  const room = new StageRoom();
  const version = (): number => room.exchange.market.contract(SOL)?.matching.book.version ?? 0;
  const moves = (): boolean => {
    const before = version();
    room.pass(1_000);
    return version() > before;
  };
  room.post('/control/pause');
  room.fault('freeze-market', { symbol: SOL, ms: 1_000 });
  room.pass(1_000);
  expect(moves(), 'the freeze is over, the pause is not').toBe(false);
  room.fault('freeze-market', { symbol: SOL, ms: 2_000 });
  room.post('/control/resume');
  expect(moves(), 'the pause is over, the freeze is not').toBe(false);
  room.fault('symbol-status', { symbol: SOL, status: 'suspended' });
  room.post('/control/pause');
  room.post('/control/resume');
  room.pass(1_000);
  expect(moves(), 'pause and freeze are over, its status holds it').toBe(false);
  room.post('/control/pause');
  room.fault('symbol-status', { symbol: SOL, status: 'trading' });
  expect(moves(), 'it trades again, once the market does').toBe(false);
  room.post('/control/resume');
  expect(moves()).toBe(true);
});

test('liquidation-wave: longs are liquidated one after the other, and the price falls with them', () => {
  const room = new StageRoom();
  const stream = room.connect('public');
  stream.say({ op: 'subscribe', args: [`allLiquidation.${SOL}`] });
  const before = lastPrice(room);
  room.fault('liquidation-wave', { symbol: SOL, side: 'Buy', percent: 2, ms: 2_000, count: 6 });
  room.pass(4_000);
  expect(stream.rows(`allLiquidation.${SOL}`).map(({ S }) => S)).toEqual(Array.from({ length: 6 }, () => 'Buy'));
  expect(lastPrice(room) / before).toBeLessThan(0.985);
});

test('mark-divergence: the mark leaves the last price, and a stop on the mark fires', () => {
  const room = new StageRoom();
  room.order(LONG);
  room.fault('mark-divergence', { symbol: SOL, ticks: -400, ms: 5_000 });
  room.pass(200);
  expect(room.ledger('fill').at(-1)).toMatchObject({ createType: 'CreateByStopLoss' });
  const { lastPrice: last, markPrice } = room.row('/v5/market/tickers', { symbol: SOL });
  expect(Number(last) - Number(markPrice)).toBeGreaterThan(3);
});

test('funding-rate: the next funding is paid at that rate, and remembered', () => {
  const hours = 8 * 3_600_000;
  const room = new StageRoom(3, { startMs: Math.ceil(1_786_310_820_000 / hours) * hours - 2_000 });
  room.order({ side: 'Buy', qty: '10.0' });
  room.fault('funding-rate', { symbol: SOL, rate: '0.005' });
  room.pass(2_500);
  const funding = room.ledger('fill').at(-1);
  expect(funding).toMatchObject({ type: 'Funding', feeRate: '0.005', size: '10.0' });
  expect(Number(funding?.['fee']) / Number(funding?.['value'])).toBeCloseTo(0.005, 6);
  expect(room.row('/v5/market/funding/history', { symbol: SOL })).toMatchObject({ symbol: SOL, fundingRate: '0.005' });
});

test.each(['reduce-only', 'delisting', 'unsigned', 'suspended', 'closed'])(
  'symbol-status %s: no entry any more',
  (status) => {
    const room = new StageRoom();
    room.fault('symbol-status', { symbol: SOL, status });
    expect(room.order(LONG).body['retCode']).not.toBe(0);
    const named = { symbol: SOL, status: { suspended: 'Delivering', closed: 'Closed' }[status] ?? 'Trading' };
    const listed = room.row('/v5/market/instruments-info', named);
    expect(listed).toMatchObject(named);
    expect(listed['deliveryTime'] !== '0').toBe(status === 'delisting');
  },
);

test('symbol-status closed: after the settlement nobody trades or quotes, until the contract is back', () => {
  const room = new StageRoom();
  const version = (): number => room.exchange.market.contract(SOL)?.matching.book.version ?? 0;
  room.fault('freeze-market', { symbol: SOL, ms: 1_000 });
  room.fault('symbol-status', { symbol: SOL, status: 'closed' });
  const last = version();
  room.pass(5_000);
  expect(version()).toBe(last);
  room.fault('symbol-status', { symbol: SOL, status: 'trading' });
  room.pass(1_000);
  expect(version()).toBeGreaterThan(last);
});

test('symbol-status suspended: a position stands with its stop, which nothing moves, triggers or takes away, until the contract is back', () => {
  const room = new StageRoom();
  room.order(LONG);
  room.pass(500);
  room.fault('symbol-status', { symbol: SOL, status: 'suspended' });
  const stands = room.row('/v5/position/list', { symbol: SOL });
  expect(Number(stands['stopLoss'])).toBe(76);
  expect(room.order({ side: 'Sell', qty: '0', reduceOnly: true, closeOnTrigger: true }).body['retCode']).toBe(110_074);
  room.fault('mark-divergence', { symbol: SOL, ticks: -250, ms: 1_500 });
  room.pass(500);
  expect(room.row('/v5/position/list', { symbol: SOL })).toMatchObject({
    size: stands['size'],
    stopLoss: stands['stopLoss'],
  });
  room.fault('symbol-status', { symbol: SOL, status: 'trading' });
  room.pass(300);
  expect(room.row('/v5/position/list', { symbol: SOL })['size']).toBe('0');
});

test('symbol-status trading: entries are welcome again', () => {
  const room = new StageRoom();
  room.fault('symbol-status', { symbol: SOL, status: 'reduce-only' });
  room.fault('symbol-status', { symbol: SOL, status: 'trading' });
  expect(room.order(LONG).body['retCode']).toBe(0);
});

test('lot-limits: the listing says so, and what is larger is refused', () => {
  const room = new StageRoom();
  room.fault('lot-limits', { symbol: SOL, maxMktOrderQty: '1' });
  expect(room.row('/v5/market/instruments-info', { symbol: SOL })).toMatchObject({
    lotSizeFilter: { maxMktOrderQty: '1' },
  });
  expect(room.order(LONG).body['retCode']).toBe(10_001);
  expect(room.order({ side: 'Buy', qty: '1.0' }).body['retCode']).toBe(0);
});

test('price-band: a close finds nothing inside of a band that the mark has left behind', () => {
  const room = new StageRoom();
  room.order({ side: 'Buy', qty: '1.0' });
  room.fault('price-band', { symbol: SOL, ratioX: '0.0001', ratioY: '0.0002' });
  room.fault('mark-divergence', { symbol: SOL, ticks: 300, ms: 5_000 });
  room.pass(40_000);
  room.fault('mark-divergence', { symbol: SOL, ticks: 300, ms: 5_000 });
  room.order({ side: 'Sell', qty: '1.0', reduceOnly: true });
  expect(position(room)).toMatchObject({ size: '1' });
});

test('tick-change: positions and their stops live on, on the new grid', () => {
  const room = new StageRoom();
  room.order(LONG);
  expect(room.fault('tick-change', { symbol: SOL, tickSize: '0.001' }).status).toBe(200);
  room.pass(50);
  expect(position(room)).toMatchObject({ size: '1.3', stopLoss: '76' });
  expect(room.row('/v5/market/instruments-info', { symbol: SOL })).toMatchObject({
    priceFilter: { tickSize: '0.001' },
  });
});

test('maintenance: announced, then everybody is out until it is over', () => {
  const room = new StageRoom();
  const stream = room.login('private');
  room.fault('maintenance', { inMs: 1_000, ms: 2_000 });
  const announced = room.row('/v5/system/status', {});
  expect(announced).toMatchObject({ state: 'scheduled', begin: String(room.nowMs + 1_000) });
  room.pass(1_000);
  expect(stream.ended).toBe(0);
  expect([room.get('/v5/market/time').status, room.exchange.door('/v5/private')]).toEqual([503, { status: 503 }]);
  room.pass(2_000);
  expect([room.get('/v5/market/time').status, room.exchange.door('/v5/private')]).toEqual([200, 'private']);
});
