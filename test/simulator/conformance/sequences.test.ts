// Does a stranger's client hear what section 10 of the reference says, in that order, and does the exchange agree?
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { moneyText } from '../../../src/simulator/gateway/spelling.ts';
import { Room } from './room.ts';
import { fits, patiently, refusalOf, type Told } from './stranger.ts';

let room: Room;
beforeAll(async () => {
  room = await Room.open();
});
afterAll(() => room.close());

const sum = (texts: readonly unknown[]): number => texts.reduce<number>((total, text) => total + Number(text), 0);

describe('a market entry with an attached stop', () => {
  const symbol = 'SOLUSDT';
  let told: readonly Told[];
  let link: string;
  let orderId: string;
  const place = (topic: string, row: Record<string, unknown>): number =>
    told.findIndex((message) => message.topic.startsWith(topic) && message.data.some((data) => fits(data, row)));

  beforeAll(async () => {
    const { here } = room;
    ({ orderId, link } = await room.enter(symbol, '2.5'));
    told = room.client.told.slice(here);
  });
  afterAll(() => room.leave(symbol));

  test('fills, its fills and its order are one event, position and wallet follow', () => {
    const order = place('order', { orderId, orderStatus: 'Filled' });
    const fill = place('execution', { orderId });
    expect(told[fill]).toMatchObject({ id: told[order]?.id, creationTime: told[order]?.creationTime });
    expect(told[order]?.id).toMatch(new RegExp(`^${room.uid}_${symbol}_\\d+$`));
    const position = place('position', { symbol, size: '2.5' });
    const wallet = place('wallet', { accountType: 'UNIFIED' });
    expect(Math.max(order, fill)).toBeLessThan(Math.min(position, wallet));
    expect(told[position]).toMatchObject({ creationTime: told[wallet]?.creationTime });
    expect(told[position]?.id).toMatch(new RegExp(`^${room.uid}_position_\\d+$`));
    const fills = told.flatMap(({ topic, data }) => (topic.startsWith('execution') ? data : []));
    expect(sum(fills.map((row) => row['execQty']))).toBeCloseTo(2.5, 9);
    expect(fills.every((row) => fits(row, { closedSize: '0', createType: 'CreateByUser', isMaker: false }))).toBe(true);
  });

  test('its stop waits as a child that names its parent', async () => {
    const [message] = told.filter(({ data }) => data.some((row) => row['stopOrderType'] === 'StopLoss'));
    expect(message?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(message?.data[0]).toMatchObject({
      orderStatus: 'Untriggered',
      createType: 'CreateByStopLoss',
      orderLinkId: '',
      parentOrderLinkId: link,
      side: 'Sell',
      qty: '2.5',
      price: '0',
      triggerBy: 'LastPrice',
      triggerDirection: 2,
      reduceOnly: true,
      closeOnTrigger: true,
      orderType: 'Market',
      timeInForce: 'IOC',
    });
    const { result } = await room.client.rest.getActiveOrders({ category: 'linear', symbol });
    expect(result.list.map((row) => row.orderId)).toEqual([message?.data[0]?.['orderId']]);
  });

  test('position, stop, fee and wallet are those that the exchange has', async () => {
    const position = room.position(symbol);
    const wallet = room.venue.wallet(room.uid);
    const [asked] = (await room.client.rest.getPositionInfo({ category: 'linear', symbol })).result.list;
    expect(position.lots).toBe(25);
    expect(asked).toMatchObject({
      side: 'Buy',
      size: '2.5',
      avgPrice: moneyText(position.entryPrice),
      tpslMode: 'Full',
    });
    expect(asked?.stopLoss).toBe(
      room.client.rows('position').findLast((row) => row['symbol'] === symbol)?.['stopLoss'],
    );
    const balance = await room.client.rest.getWalletBalance({ accountType: 'UNIFIED', coin: 'USDT' });
    expect(balance.result.list[0]?.coin[0]).toMatchObject({
      walletBalance: moneyText(wallet.balance),
      totalPositionIM: moneyText(wallet.positionMargin),
    });
    const { result } = await room.client.rest.getExecutionList({ category: 'linear', symbol, orderId });
    const fees = room.venue.executions(room.uid, { orderId }).reduce((total, fill) => total + fill.fee, 0n);
    expect(sum(result.list.map((row) => row.execFee))).toBeCloseTo(Number(moneyText(fees)), 9);
    expect(moneyText(-position.currentRealised)).toBe(moneyText(fees));
  });
});

test('a stop that triggers says so, fills, and leaves the position flat and the profit booked', async () => {
  const symbol = 'XRPUSDT';
  const before = room.venue.wallet(room.uid).balance;
  const { here } = room;
  const { link } = await room.enter(symbol, '300', -150);
  room.push(symbol, -200);
  const flat = await room.client.hears('position', { symbol, size: '0' }, here);
  expect(flat.data[0]).toMatchObject({ side: '', entryPrice: '0', stopLoss: '0' });
  const statuses = room.client
    .rows('order', here)
    .filter((row) => row['parentOrderLinkId'] === link)
    .map((row) => row['orderStatus']);
  expect(statuses.slice(0, 2)).toEqual(['Untriggered', 'Triggered']);
  expect(statuses.at(-1)).toBe('Filled');
  const stop = room.client.rows('order', here).findLast((row) => row['parentOrderLinkId'] === link);
  const fills = room.client.rows('execution', here).filter((row) => row['orderId'] === stop?.['orderId']);
  expect(sum(fills.map((row) => row['closedSize']))).toBe(300);
  expect(
    fills.every((row) => fits(row, { stopOrderType: 'StopLoss', createType: 'CreateByStopLoss', side: 'Sell' })),
  ).toBe(true);
  const { result } = await room.client.rest.getClosedPnL({ category: 'linear', symbol });
  expect(result.list[0]).toMatchObject({
    orderId: stop?.['orderId'],
    closedPnl: stop?.['closedPnl'],
    closedSize: '300',
  });
  // The whole trade moved the wallet by exactly what the closed trade says.
  const { balance } = room.venue.wallet(room.uid);
  expect(moneyText(balance - before)).toBe(stop?.['closedPnl']);
});

test('a market order that fills in part ends cancelled with what it has', async () => {
  const symbol = 'DOGEUSDT';
  const { here } = room;
  room.venue.fillPartly(room.uid, 0.5, 1);
  const { orderId } = await room.client.place({ symbol, side: 'Buy', orderType: 'Market', qty: '1000' });
  const last = await room.client.hears('order', { orderId, orderStatus: 'Cancelled' }, here);
  expect(last.data[0]).toMatchObject({ cumExecQty: '500', leavesQty: '0' });
  expect(room.position(symbol).lots).toBe(500);
  await room.leave(symbol);
});

test('closing by an own order clears the stop in the same message, and closing again has nothing to close', async () => {
  const symbol = 'ADAUSDT';
  const { link } = await room.enter(symbol, '100');
  const { here } = room;
  const close = { symbol, side: 'Sell', orderType: 'Market', qty: '100', reduceOnly: true, positionIdx: 0 } as const;
  const { orderId } = await room.client.place(close);
  const message = await room.client.hears('order', { orderId, orderStatus: 'Filled' }, here);
  expect(message.data.map((row) => [row['orderStatus'], row['cancelType'], row['leavesQty']])).toEqual([
    ['Deactivated', 'CancelByTpSlTsClear', '0'],
    ['Filled', 'UNKNOWN', '0'],
  ]);
  expect(message.data[0]).toMatchObject({ parentOrderLinkId: link, stopOrderType: 'StopLoss' });
  await room.client.hears('position', { symbol, size: '0' }, here);
  expect(room.position(symbol).lots).toBe(0);
  expect(room.openOrders(symbol)).toEqual([]);
  expect(await room.client.place(close)).toMatchObject({
    retCode: 110_017,
    retMsg: 'current position is zero, cannot fix reduce-only order qty',
  });
});

test('a resting reduce-only order is cut and then cancelled with its position', async () => {
  const symbol = 'BTCUSDT';
  await room.enter(symbol, '0.01');
  const resting = await room.client.place({
    symbol,
    side: 'Sell',
    orderType: 'Limit',
    price: room.price(symbol, 3_000),
    qty: '0.01',
    reduceOnly: true,
  });
  const { here } = room;
  await room.leave(symbol);
  await room.client.hears('order', { orderId: resting.orderId, cancelType: 'CancelByReduceOnly' }, here);
  expect(room.openOrders(symbol)).toEqual([]);
});

test('a resting order is amended, cancelled by its user, and gone', async () => {
  const symbol = 'ETHUSDT';
  const from = room.here;
  const link = room.link();
  const { orderId } = await room.client.place({
    symbol,
    side: 'Buy',
    orderType: 'Limit',
    price: room.price(symbol, -900),
    qty: '0.05',
    orderLinkId: link,
  });
  await room.client.hears('order', { orderId, orderStatus: 'New' }, from);
  await room.client.hears('position', { symbol }, from);
  const price = room.price(symbol, -950);
  const amended = await room.client.trade.amendOrder({
    category: 'linear',
    symbol,
    orderLinkId: link,
    price,
    qty: '0.07',
  });
  expect(amended.data.orderId).toBe(orderId);
  await room.client.hears('order', { orderId, price, qty: '0.07', orderStatus: 'New' }, from);
  const cancelled = await room.client.trade.cancelOrder({ category: 'linear', symbol, orderId });
  expect(cancelled).toMatchObject({ retCode: 0, data: { orderId, orderLinkId: link } });
  const gone = await room.client.hears('order', { orderId, orderStatus: 'Cancelled' }, from);
  expect(gone.data[0]).toMatchObject({
    cancelType: 'CancelByUser',
    rejectReason: 'EC_PerCancelRequest',
    leavesQty: '0',
    cumExecQty: '0',
  });
  expect(room.openOrders(symbol)).toEqual([]);
  const { result } = await room.client.rest.getHistoricOrders({ category: 'linear', orderId });
  expect(result.list[0]).toMatchObject({ orderId, orderStatus: 'Cancelled', cancelType: 'CancelByUser' });
  expect(await refusalOf(room.client.trade.cancelOrder({ category: 'linear', symbol, orderId }))).toMatchObject({
    retCode: 110_001,
  });
});

test('a cancel that crosses a fill ends in one truth, whichever won', async () => {
  const symbol = 'SOLUSDT';
  for (let round = 0; round < 8; round++) {
    const from = room.here;
    const orderLinkId = room.link();
    // Marketable: it fills as soon as the engine gets to it, unless the cancel gets there first.
    const placed = room.client.place({
      symbol,
      side: 'Buy',
      orderType: 'Limit',
      price: room.price(symbol, 50),
      qty: '0.2',
      orderLinkId,
    });
    const cancelled = refusalOf(
      patiently(() => room.client.trade.cancelOrder({ category: 'linear', symbol, orderLinkId })),
    );
    const { orderId } = await placed;
    const { retCode } = await cancelled;
    expect([0, 110_001]).toContain(retCode);
    const isFinal = ['Filled', 'Cancelled'];
    await Promise.race(isFinal.map((orderStatus) => room.client.hears('order', { orderId, orderStatus }, from)));
    const [order] = room.venue.closedOrders(room.uid, { orderId });
    const last = room.client.rows('order', from).findLast((row) => row['orderId'] === orderId);
    expect(last).toMatchObject({ orderStatus: order?.status, cumExecQty: order?.status === 'Filled' ? '0.2' : '0' });
    // A cancel that was accepted and came too late is told by a second Filled.
    const crossed = {
      orderId,
      orderStatus: 'Filled',
      cancelType: 'CancelByUser',
      rejectReason: 'EC_OrigClOrdIDDoesNotExist',
    };
    if (retCode === 0 && order?.status === 'Filled') await room.client.hears('order', crossed, from);
  }
  const held = room.position(symbol).lots;
  const { list } = (await room.client.rest.getPositionInfo({ category: 'linear', symbol })).result;
  expect(Number(list[0]?.size)).toBeCloseTo(held / 10, 9);
  if (held > 0) await room.leave(symbol);
});

test('a stop is edited in place and removed, each told by order and position', async () => {
  const symbol = 'ADAUSDT';
  const { link } = await room.enter(symbol, '100');
  const stopId = room.openOrders(symbol)[0]?.id;
  const from = room.here;
  const stopLoss = room.price(symbol, -300);
  const edit = { category: 'linear', symbol, positionIdx: 0, tpslMode: 'Full', slTriggerBy: 'LastPrice' } as const;
  const { rest } = room.client;
  expect(await rest.setTradingStop({ ...edit, stopLoss })).toMatchObject({ retCode: 0, result: {} });
  const moved = await room.client.hears('order', { orderId: stopId, triggerPrice: stopLoss }, from);
  expect(moved.id).toMatch(/^[0-9a-f]{8}-/);
  expect(moved.data[0]).toMatchObject({ orderStatus: 'Untriggered', parentOrderLinkId: link });
  await room.client.hears('position', { symbol, stopLoss }, from);
  expect(await rest.setTradingStop({ ...edit, stopLoss })).toMatchObject({ retCode: 34_040, retMsg: 'not modified' });
  const wrongSide = await rest.setTradingStop({ ...edit, stopLoss: room.price(symbol, 500) });
  expect(wrongSide.retCode).toBe(10_001);
  expect(wrongSide.retMsg).toMatch(/^StopLoss:\d+ set for Buy position should lower than base_price:\d+\?\?LastPrice$/);
  expect(await rest.setTradingStop({ ...edit, stopLoss: '0' })).toMatchObject({ retCode: 0 });
  await room.client.hears('position', { symbol, stopLoss: '0' }, from);
  expect(room.openOrders(symbol)).toEqual([]);
  expect(room.position(symbol).stopLoss).toBeUndefined();
  await room.leave(symbol);
  expect(await rest.setTradingStop({ ...edit, stopLoss })).toMatchObject({
    retCode: 10_001,
    retMsg: 'can not set tp/sl/ts for zero position',
  });
});

test('a position whose mark reaches its liquidation price is taken over', async () => {
  const symbol = 'XRPUSDT';
  const { rest } = room.client;
  expect(await rest.setLeverage({ category: 'linear', symbol, buyLeverage: '100', sellLeverage: '100' })).toMatchObject(
    {
      retCode: 0,
    },
  );
  const from = room.here;
  const { orderId } = await room.client.place({ symbol, side: 'Buy', orderType: 'Market', qty: '200' });
  await room.client.hears('order', { orderId, orderStatus: 'Filled' }, from);
  await room.client.hears('position', { symbol, size: '200' }, from);
  const bankrupt = room.position(symbol);
  room.push(symbol, -1_500);
  const taken = await room.client.hears('execution', { symbol, execType: 'BustTrade' }, from);
  expect(taken.data[0]).toMatchObject({ createType: 'CreateByTakeOver_PassThrough', closedSize: '200', side: 'Sell' });
  await room.client.hears('position', { symbol, size: '0' }, from);
  expect(room.position(symbol).lots).toBe(0);
  const { result } = await rest.getClosedPnL({ category: 'linear', symbol });
  expect(result.list[0]).toMatchObject({ execType: 'BustTrade', closedSize: '200' });
  expect(Number(result.list[0]?.avgExitPrice)).toBeCloseTo(Number(moneyText(bankrupt.entryPrice)) * 0.99, 3);
});

test('a position that is deleveraged says so and is closed by nobody’s order', async () => {
  const symbol = 'ETHUSDT';
  await room.enter(symbol, '0.2');
  const { here } = room;
  room.venue.autoDeleverage(room.uid, symbol);
  await room.client.hears('position', { symbol, positionStatus: 'Adl' }, here);
  await room.client.hears('order', { symbol, stopOrderType: 'StopLoss', cancelType: 'CancelAllBeforeAdl' }, here);
  const taken = await room.client.hears('execution', { symbol, execType: 'AdlTrade' }, here);
  expect(taken.data[0]).toMatchObject({ createType: 'CreateByAdl_PassThrough', closedSize: '0.2' });
  await room.client.hears('position', { symbol, size: '0' }, here);
  expect(room.position(symbol).lots).toBe(0);
});

test('a conditional order waits without margin and enters when its price comes', async () => {
  const symbol = 'XRPUSDT';
  const { here } = room;
  const margin = room.venue.wallet(room.uid).orderMargin;
  const { orderId } = await room.client.place({
    symbol,
    side: 'Buy',
    orderType: 'Market',
    qty: '10',
    triggerPrice: room.price(symbol, 60),
    triggerDirection: 1,
    triggerBy: 'LastPrice',
  });
  const waiting = await room.client.hears('order', { orderId, orderStatus: 'Untriggered' }, here);
  expect(waiting.data[0]).toMatchObject({ stopOrderType: 'Stop', price: '0', triggerDirection: 1 });
  expect(room.venue.wallet(room.uid).orderMargin).toBe(margin);
  room.push(symbol, 120);
  await room.client.hears('order', { orderId, orderStatus: 'Filled' }, here);
  expect(room.position(symbol).lots).toBe(100);
  await room.leave(symbol);
});
