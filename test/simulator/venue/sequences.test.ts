// In which order does an account hear what happened? The sequences of the reference, scenario by scenario.
import { expect, test } from 'vitest';
import type { VenueEvent } from '../../../src/simulator/venue/model.ts';
import { ALICE, BOB, CAROL, type RoomOptions, TradingRoom } from './trading-room.ts';

const ENTRY = { orderLinkId: 'pf-7f3a-0001', stopLoss: '76.530', tpslMode: 'Full', slTriggerBy: 'MarkPrice' };

/** Alice is long 1.3 SOL at 77.31, filled by Bob alone, with a stop at 76.53. */
function entered(options: RoomOptions = {}): TradingRoom {
  const room = new TradingRoom(options);
  room.clearBids(7_731);
  room.limit(BOB, 'Sell', '1.3', '77.31');
  room.buy(ALICE, '1.3', ENTRY);
  return room;
}

const orders = (room: TradingRoom, from: number): Extract<VenueEvent, { kind: 'order' }>['order'][] =>
  room.told.slice(from).flatMap((event) => (event.kind === 'order' && event.order.uid === ALICE ? [event.order] : []));

test('10.1 a market entry with a stop: fills and order, position and wallet, then the stop that waits', () => {
  const room = entered();
  expect(room.story(ALICE)).toEqual([
    'execution Buy 13',
    'order Buy Filled',
    'position 13',
    'wallet',
    'order StopLoss Untriggered',
  ]);
  const [entry, stop] = orders(room, 0);
  expect(entry).toMatchObject({ linkId: 'pf-7f3a-0001', stopLoss: { tick: 7_653, by: 'MarkPrice' }, filledLots: 13 });
  expect(stop).toMatchObject({
    linkId: '',
    parentLinkId: 'pf-7f3a-0001',
    createType: 'CreateByStopLoss',
    side: 'Sell',
    type: 'Market',
    timeInForce: 'IOC',
    tick: 0,
    lots: 13,
    trigger: { tick: 7_653, by: 'MarkPrice', direction: 2 },
    reduceOnly: true,
    closeOnTrigger: true,
  });
  expect(room.position(ALICE).stopLoss).toMatchObject({ tick: 7_653 });
});

test('10.1 events of one match share their group, sequence and time; position and wallet have a group of their own', () => {
  const told = entered().told.slice(-5);
  const first = told[0]?.group ?? 0;
  expect(told.map(({ group }) => group - first)).toEqual([0, 0, 1, 1, 2]);
  expect(new Set(told.slice(0, 4).map(({ seq, timeMs }) => `${seq} ${timeMs}`)).size).toBe(1);
});

test('10.1 the ack comes before the match, and the match one to four milliseconds later', () => {
  const room = new TradingRoom();
  const placed = room.ask(ALICE, { side: 'Buy', orderType: 'Market', qty: '1.3' });
  expect(room.codeOf(placed)).toBe(0);
  expect(room.told).toEqual([]);
  room.pass(3);
  expect(room.story(ALICE)).toContain('order Buy Filled');
});

test('10.1 the stop may also be told before the position, and an order that fills at once may say New first', () => {
  const room = entered({ variants: { stopTold: 'before position', newBeforeFill: true } });
  expect(room.story(ALICE)).toEqual([
    'order Buy New',
    'execution Buy 13',
    'order Buy Filled',
    'order StopLoss Untriggered',
    'position 13',
    'wallet',
  ]);
});

test('10.2 a stop triggers by the mark: Triggered, its fill, the flat position', () => {
  const room = entered();
  const from = room.told.length;
  room.moveMark(-90);
  room.pass();
  expect(room.story(ALICE, from)).toEqual([
    'order StopLoss Triggered',
    'execution Sell 13',
    'order StopLoss Filled',
    'position 0',
    'wallet',
  ]);
  const stop = orders(room, from).at(-1);
  expect(stop).toMatchObject({ status: 'Filled', createType: 'CreateByStopLoss', filledLots: 13 });
  expect(stop?.closedPnl).toBeLessThan(0n);
  expect(stop?.tick).toBe(room.venue.priceLimits('SOLUSDT')[1]);
});

test('10.2 a stop triggers by one single print at the last price, and not by the mark', () => {
  const room = new TradingRoom();
  room.buy(ALICE, '1.3', { stopLoss: '77.00' });
  room.moveMark(-90);
  room.pass();
  expect(room.position(ALICE).lots).toBe(13);
  room.clearBids(7_700);
  room.pass();
  expect(room.position(ALICE).lots).toBe(0);
});

test('10.2 the take-profit goes with the position that the stop has closed', () => {
  const room = entered();
  room.venue.tradingStop(ALICE, {
    category: 'linear',
    symbol: 'SOLUSDT',
    takeProfit: '80',
    tpslMode: 'Full',
    positionIdx: 0,
  });
  const from = room.told.length;
  room.moveMark(-90);
  room.pass();
  expect(room.story(ALICE, from)).toEqual([
    'order StopLoss Triggered',
    'execution Sell 13',
    'order TakeProfit Deactivated',
    'order StopLoss Filled',
    'position 0',
    'wallet',
  ]);
});

test('10.2 a stop that finds nothing ends Cancelled, and the position stands unprotected', () => {
  const room = new TradingRoom();
  room.buy(ALICE, '1.3', { stopLoss: '77.00' });
  const from = room.told.length;
  // Carol takes every bid inside of the band.
  room.sell(CAROL, '12000');
  expect(room.story(ALICE, from)).toEqual(['order StopLoss Triggered', 'order StopLoss Cancelled', 'position 13']);
  expect(orders(room, from).at(-1)).toMatchObject({ rejectReason: 'EC_NoImmediateQtyToFill', filledLots: 0 });
  expect(room.position(ALICE).stopLoss).toBeUndefined();
});

test('10.3 a resting order is filled in parts, each with its fill, its order and its position', () => {
  const room = new TradingRoom();
  room.clearBids(7_731);
  const { id } = room.limit(ALICE, 'Sell', '3', '77.31');
  expect(room.story(ALICE)).toEqual(['order Sell New', 'position 0']);
  const from = room.told.length;
  room.buy(BOB, '1');
  room.buy(BOB, '2');
  expect(room.story(ALICE, from)).toEqual([
    'execution Sell 10',
    'order Sell PartiallyFilled',
    'position -10',
    'wallet',
    'execution Sell 20',
    'order Sell Filled',
    'position -30',
    'wallet',
  ]);
  const [fill] = room.venue.executions(ALICE, {});
  expect(fill).toMatchObject({ isMaker: true, feeRate: '0.0002', order: { id, filledLots: 30 } });
});

test('10.3 the rest of an order that cannot wait is cancelled, and says what it has filled', () => {
  const room = new TradingRoom();
  room.venue.fillPartly(ALICE, 0.5, 1);
  const order = room.buy(ALICE, '2');
  expect(order).toMatchObject({ status: 'Cancelled', filledLots: 10, lots: 20 });
});

test('10.4 closed by its own order: the stop that is switched off and the closing order come together', () => {
  const room = entered();
  const from = room.told.length;
  room.sell(ALICE, '1.3', { reduceOnly: true });
  expect(room.story(ALICE, from)).toEqual([
    'execution Sell 13',
    'order StopLoss Deactivated',
    'order Sell Filled',
    'position 0',
    'wallet',
  ]);
  const together = room.told.slice(from).filter((event) => event.kind === 'order');
  expect(new Set(together.map(({ group }) => group)).size).toBe(1);
  expect(orders(room, from)[0]).toMatchObject({ cancelType: 'CancelByTpSlTsClear' });
});

test('10.4 newer history calls a protective order that is switched off Cancelled', () => {
  const room = entered({ variants: { clearedStop: 'Cancelled' } });
  room.sell(ALICE, '1.3', { reduceOnly: true });
  expect(room.story(ALICE)).toContain('order StopLoss Cancelled');
});

test('10.4 closing what is closed is refused with 110017, and a resting reduce-only order goes with its position', () => {
  const room = entered();
  const resting = room.limit(ALICE, 'Sell', '1.3', '79.00', { reduceOnly: true });
  room.sell(ALICE, '1.3', { reduceOnly: true });
  expect(room.lastOf(resting.id)).toMatchObject({ status: 'Cancelled', cancelType: 'CancelByReduceOnly' });
  expect(room.ask(ALICE, { side: 'Sell', orderType: 'Market', qty: '1.3', reduceOnly: true })).toEqual({
    code: 110017,
    text: 'current position is zero, cannot fix reduce-only order qty',
  });
});

test('10.5 a cancel: the order, and the position unchanged', () => {
  const room = new TradingRoom();
  const { id } = room.limit(ALICE, 'Buy', '1', '75.00');
  const from = room.told.length;
  room.venue.cancel(ALICE, { category: 'linear', symbol: 'SOLUSDT', orderId: id });
  room.pass();
  expect(room.story(ALICE, from)).toEqual(['order Buy Cancelled', 'position 0']);
  expect(room.lastOf(id)).toMatchObject({ cancelType: 'CancelByUser', rejectReason: 'EC_PerCancelRequest' });
});

test('10.5 a cancel that crosses a fill: Filled comes twice, the second time with the reason of the cancel', () => {
  const room = new TradingRoom();
  const placed = room.ask(ALICE, { side: 'Buy', orderType: 'Market', qty: '1', orderLinkId: 'x' });
  expect(room.codeOf(placed)).toBe(0);
  expect(room.codeOf(room.venue.cancel(ALICE, { category: 'linear', symbol: 'SOLUSDT', orderLinkId: 'x' }))).toBe(0);
  room.pass();
  const told = orders(room, 0);
  expect(told.map(({ status, cancelType, rejectReason }) => [status, cancelType, rejectReason])).toEqual([
    ['Filled', 'UNKNOWN', 'EC_NoError'],
    ['Filled', 'CancelByUser', 'EC_OrigClOrdIDDoesNotExist'],
  ]);
  expect(room.codeOf(room.venue.cancel(ALICE, { category: 'linear', symbol: 'SOLUSDT', orderLinkId: 'x' }))).toBe(
    110001,
  );
});

test('10.6 liquidation: the position says Liq, its orders are cancelled, and it is taken over at the bankruptcy price', () => {
  const room = new TradingRoom({ balance: '1000' });
  room.venue.setLeverage(ALICE, { category: 'linear', symbol: 'SOLUSDT', buyLeverage: '50', sellLeverage: '50' });
  room.buy(ALICE, '100', { stopLoss: '70.00' });
  const resting = room.limit(ALICE, 'Buy', '1', '70.00');
  const from = room.told.length;
  room.moveMark(-130);
  room.pass();
  expect(room.story(ALICE, from)).toEqual([
    'position 1000',
    'order StopLoss Cancelled',
    'order Buy Cancelled',
    'execution Sell 1000',
    'order Sell Filled',
    'position 0',
    'wallet',
  ]);
  const [first] = room.told.slice(from);
  expect(first?.kind === 'position' && first.position.status).toBe('Liq');
  expect(room.lastOf(resting.id).cancelType).toBe('CancelByPrepareLiq');
  const [bust] = room.venue.executions(ALICE, {});
  expect(bust).toMatchObject({ type: 'BustTrade', createType: 'CreateByTakeOver_PassThrough' });
  expect(room.venue.closedTrades(ALICE, {})[0]?.type).toBe('BustTrade');
  expect(room.position(ALICE)).toMatchObject({ lots: 0, status: 'Normal' });
});

test('10.7 a stop that is moved keeps its order: the order with its new price, then the position', () => {
  const room = entered();
  const before = room.venue.openOrders(ALICE, {})[0];
  const from = room.told.length;
  const move = { category: 'linear', symbol: 'SOLUSDT', tpslMode: 'Full', positionIdx: 0, slTriggerBy: 'MarkPrice' };
  expect(room.venue.tradingStop(ALICE, { ...move, stopLoss: '77.000' })).toEqual({ done: true });
  expect(room.story(ALICE, from)).toEqual(['order StopLoss Untriggered', 'position 13']);
  const [moved] = orders(room, from);
  expect(moved).toMatchObject({ id: before?.id, parentLinkId: 'pf-7f3a-0001', trigger: { tick: 7_700 } });
  expect(room.venue.tradingStop(ALICE, { ...move, stopLoss: '77.000' })).toEqual({ code: 34040, text: 'not modified' });
});

test('10.7 a stop that is removed: the order ends, then the position without it', () => {
  const room = entered();
  const from = room.told.length;
  room.venue.tradingStop(ALICE, {
    category: 'linear',
    symbol: 'SOLUSDT',
    tpslMode: 'Full',
    positionIdx: 0,
    stopLoss: '0',
  });
  expect(room.story(ALICE, from)).toEqual(['order StopLoss Deactivated', 'position 13']);
  expect(room.position(ALICE).stopLoss).toBeUndefined();
});

test('10.8 funding: the execution and the wallet, no order', () => {
  const eightHours = 8 * 3_600_000;
  const startMs = Math.ceil(1_786_310_820_000 / eightHours) * eightHours - 50;
  const room = entered({ startMs });
  room.venue.setFundingRate('SOLUSDT', '0.0001');
  const from = room.told.length;
  room.pass(100);
  expect(room.story(ALICE, from)).toEqual(['execution Buy 13', 'wallet']);
  const [paid] = room.venue.executions(ALICE, {});
  expect(paid).toMatchObject({ type: 'Funding', feeRate: '0.0001', order: undefined, lots: 13 });
  expect(paid?.fee).toBe(((paid?.value ?? 0n) * 1n) / 10_000n);
});

test('10.9 settlement: an execution without an order, and a flat position', () => {
  const room = entered();
  const from = room.told.length;
  room.venue.setStatus('SOLUSDT', 'closed');
  expect(room.story(ALICE, from)).toEqual(['order StopLoss Cancelled', 'execution Sell 13', 'position 0', 'wallet']);
  expect(room.venue.executions(ALICE, {})[0]).toMatchObject({ type: 'Settle', createType: 'CreateBySettle', fee: 0n });
  expect(room.codeOf(room.ask(ALICE, { side: 'Buy', orderType: 'Market', qty: '1' }))).toBe(110074);
});
