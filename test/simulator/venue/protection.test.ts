// Does a position keep its protection, whatever happens to it, and lose it only as the exchange takes it away?
import { expect, test } from 'vitest';
import type { Params } from '../../../src/simulator/venue/venue.ts';
import { ALICE, CAROL, START, TradingRoom } from './trading-room.ts';

const SOL = { category: 'linear', symbol: 'SOLUSDT', positionIdx: 0 } as const;

function stops(room: TradingRoom): [string, number, number | undefined][] {
  return room.venue
    .openOrders(ALICE, {})
    .map(({ stopOrderType, lots, trigger }): [string, number, number | undefined] => [
      stopOrderType,
      lots,
      trigger?.tick,
    ])
    .toReversed();
}

test('one stop of a whole position follows its size, up and down', () => {
  const room = new TradingRoom();
  room.buy(ALICE, '1', { stopLoss: '76.00' });
  expect(stops(room)).toEqual([['StopLoss', 10, 7_600]]);
  room.buy(ALICE, '2');
  expect(stops(room)).toEqual([['StopLoss', 30, 7_600]]);
  room.buy(ALICE, '1', { stopLoss: '76.50' });
  expect(stops(room)).toEqual([['StopLoss', 40, 7_650]]);
  room.sell(ALICE, '3.5', { reduceOnly: true });
  expect(stops(room)).toEqual([['StopLoss', 5, 7_650]]);
});

test('partial protection: one pair for each filled quantity, and the one that triggers ends the other', () => {
  const room = new TradingRoom();
  const partial = { tpslMode: 'Partial', slTriggerBy: 'MarkPrice', tpTriggerBy: 'MarkPrice', orderLinkId: 'p1' };
  room.buy(ALICE, '1', { ...partial, stopLoss: '76.50', takeProfit: '79.00' });
  room.buy(ALICE, '2');
  expect(stops(room)).toEqual([
    ['PartialTakeProfit', 10, 7_900],
    ['PartialStopLoss', 10, 7_650],
  ]);
  expect(room.position(ALICE)).toMatchObject({ tpslMode: 'Partial', stopLoss: undefined });
  room.moveMark(-100);
  room.pass();
  expect(room.position(ALICE).lots).toBe(20);
  const [tp] = room.told
    .filter((event) => event.kind === 'order' && event.order.stopOrderType === 'PartialTakeProfit')
    .slice(-1);
  expect(tp?.kind === 'order' && [tp.order.parentLinkId, tp.order.cancelType]).toEqual([
    'p1',
    'CancelByOCOTpCanceledBySlTriggered',
  ]);
  expect(stops(room)).toEqual([]);
});

test('a part of an open position is protected, with a limit if wanted, and at most twenty times', () => {
  const room = new TradingRoom();
  room.buy(ALICE, '2');
  const part = (params: Params): number =>
    room.codeOf(room.venue.tradingStop(ALICE, { ...SOL, tpslMode: 'Partial', ...params }));
  expect(part({ stopLoss: '76.00', slSize: '1', slOrderType: 'Limit', slLimitPrice: '75.90' })).toBe(0);
  expect(part({ stopLoss: '76.00' })).toBe(10001);
  expect(part({ stopLoss: '76.00', slSize: '1', takeProfit: '80', tpSize: '0.5' })).toBe(10001);
  expect(part({ stopLoss: '76.00', slSize: '2.1' })).toBe(10001);
  for (let i = 0; i < 19; i++) expect(part({ takeProfit: '80.00', tpSize: '0.1' })).toBe(0);
  expect(part({ takeProfit: '80.00', tpSize: '0.1' })).toBe(110061);
  const [limit] = room.venue.openOrders(ALICE, {}).toReversed();
  expect(limit).toMatchObject({ type: 'Limit', stopOrderType: 'PartialStopLoss', tick: 7_590 });
});

test('the twenty-first partial stop is refused with the order that brings it, and where it comes with a later part of one (12, 110057–110061)', () => {
  const room = new TradingRoom();
  room.buy(ALICE, '2');
  for (let i = 0; i < 19; i++)
    room.venue.tradingStop(ALICE, { ...SOL, tpslMode: 'Partial', takeProfit: '80.00', tpSize: '0.1' });
  const order = { side: 'Buy', orderType: 'Market', qty: '0.1', tpslMode: 'Partial', stopLoss: '76.00' };
  expect(room.ask(ALICE, { ...order, takeProfit: '80.00' })).toMatchObject({ code: 110061 });
  const both = [room.ask(ALICE, order), room.ask(ALICE, order)].map((answer) => room.codeOf(answer as object));
  expect(both).toEqual([0, 0]);
  room.pass();
  expect(room.position(ALICE).lots).toBe(22);
  expect(stops(room)).toHaveLength(20);
  const statuses = room.told.flatMap((event) =>
    event.kind === 'order' && event.order.stopOrderType === 'PartialStopLoss' ? [event.order.status] : [],
  );
  expect(statuses).toEqual(['Untriggered', 'Rejected']);
});

test.each(['stopLoss', 'takeProfit', 'price', 'triggerPrice'])(
  'a %s beyond the last price of the list is refused',
  (field) => {
    const room = new TradingRoom();
    const side = field === 'stopLoss' ? 'Sell' : 'Buy';
    const beyond = { side, orderType: 'Limit', qty: '1', price: '77.00', triggerDirection: 1, [field]: '200000.00' };
    expect(room.ask(ALICE, beyond)).toMatchObject({ code: 110003 });
    expect(
      room.codeOf(room.ask(ALICE, { ...beyond, [field]: field === 'price' ? '77.00' : '199999.99' }) as object),
    ).toBe(0);
  },
);

test('a trailing stop follows the best price at its distance and triggers when the price comes back', () => {
  const room = new TradingRoom();
  room.buy(ALICE, '1');
  expect(room.venue.tradingStop(ALICE, { ...SOL, tpslMode: 'Full', trailingStop: '0.20' })).toEqual({ done: true });
  const { lastTick } = room.contract().matching;
  expect(stops(room)).toEqual([['TrailingStop', 10, lastTick - 20]]);
  expect(room.position(ALICE).trailingTicks).toBe(20);
  room.limit(CAROL, 'Buy', '9000', '77.60', { timeInForce: 'IOC' });
  room.pass();
  const top = room.contract().matching.lastTick;
  expect(stops(room)).toEqual([['TrailingStop', 10, top - 20]]);
  expect(room.codeOf(room.venue.tradingStop(ALICE, { ...SOL, tpslMode: 'Full', trailingStop: '0.20' }))).toBe(34040);
  room.sell(CAROL, '1');
  room.pass();
  expect(room.position(ALICE).lots).toBe(0);
  expect(room.venue.closedTrades(ALICE, {})[0]?.order.createType).toBe('CreateByTrailingStop');
});

test('a trailing stop with an activation price sleeps until it is reached', () => {
  const room = new TradingRoom();
  room.buy(ALICE, '1');
  room.venue.tradingStop(ALICE, { ...SOL, tpslMode: 'Full', trailingStop: '0.20', activePrice: '78.00' });
  room.clearBids(7_715);
  room.pass();
  expect(room.position(ALICE).lots).toBe(10);
  room.limit(CAROL, 'Buy', '12000', '78.05', { timeInForce: 'IOC' });
  room.pass();
  expect(stops(room)[0]?.[2]).toBe(room.contract().matching.lastTick - 20);
});

test('a stop can be given to a position only while there is one, and on the side of a loss', () => {
  const room = new TradingRoom();
  const stop = (params: Params): object => room.venue.tradingStop(ALICE, { ...SOL, tpslMode: 'Full', ...params });
  expect(stop({ stopLoss: '70' })).toEqual({ code: 10001, text: 'can not set tp/sl/ts for zero position' });
  room.sell(ALICE, '1');
  expect(stop({ stopLoss: '70' })).toMatchObject({
    code: 10001,
    text: expect.stringMatching(
      /^StopLoss:700000 set for Sell position should greater than base_price:\d+\?\?LastPrice$/,
    ),
  });
  expect(stop({ stopLoss: '80', takeProfit: '70' })).toEqual({ done: true });
  expect(stop({ stopLoss: '80', takeProfit: '70' })).toEqual({ code: 34040, text: 'not modified' });
  expect(stop({ positionIdx: 1, stopLoss: '81' })).toMatchObject({ code: 10001 });
  expect(stops(room)).toEqual([
    ['TakeProfit', 10, 7_000],
    ['StopLoss', 10, 8_000],
  ]);
});

test('a stop that is refused when its entry fills is told as Rejected, and the position as unprotected', () => {
  const room = new TradingRoom();
  room.venue.rejectStops(ALICE, 1);
  room.buy(ALICE, '1', { stopLoss: '76.00' });
  expect(room.story(ALICE)).toContain('order StopLoss Rejected');
  expect(room.position(ALICE)).toMatchObject({ lots: 10, stopLoss: undefined });
  const last = room.told.findLast((event) => event.kind === 'position');
  expect(last?.kind === 'position' && last.position.stopLoss).toBeUndefined();
});

test('a stop that somebody deletes is gone, and the position says so', () => {
  const room = new TradingRoom();
  room.buy(ALICE, '1', { stopLoss: '76.00' });
  room.venue.stripStop(ALICE, 'SOLUSDT');
  expect(room.position(ALICE)).toMatchObject({ lots: 10, stopLoss: undefined });
  expect(room.venue.openOrders(ALICE, {})).toEqual([]);
  expect(room.story(ALICE).slice(-2)).toEqual(['order StopLoss Cancelled', 'position 10']);
});

test('closed by hand, the stop goes too; opened by hand, there is none', () => {
  const room = new TradingRoom();
  room.buy(ALICE, '1', { stopLoss: '76.00' });
  room.venue.humanClose(ALICE, 'SOLUSDT');
  room.pass();
  expect(room.position(ALICE).lots).toBe(0);
  expect(room.venue.openOrders(ALICE, {})).toEqual([]);
  expect(room.venue.closedTrades(ALICE, {})[0]?.order.createType).toBe('CreateByClosing');
  room.venue.humanOpen(ALICE, 'SOLUSDT', 'Sell', 7);
  room.pass();
  expect(room.position(ALICE)).toMatchObject({ lots: -7, stopLoss: undefined });
});

test('a stop whose price is passed in the very fill triggers at once', () => {
  const room = new TradingRoom();
  room.limit(ALICE, 'Buy', '1', '77.20', { stopLoss: '77.15' });
  room.clearBids(7_710);
  room.pass();
  expect(room.position(ALICE).lots).toBe(0);
  expect(room.venue.closedTrades(ALICE, {})[0]?.order.stopOrderType).toBe('StopLoss');
});

test('positions and their stops go over to another grid, orders in the book end', () => {
  const room = new TradingRoom();
  room.buy(ALICE, '1.2', { stopLoss: '76.00' });
  const resting = room.limit(ALICE, 'Buy', '1', '75.00');
  const before = room.position(ALICE);
  expect(room.market.changeGrid('SOLUSDT', '0.001', '0.1')).toBe(true);
  expect(room.lastOf(resting.id)).toMatchObject({ status: 'Cancelled', cancelType: 'CancelByAdmin' });
  expect(room.position(ALICE)).toMatchObject({ lots: 12, entryPrice: before.entryPrice, stopLoss: { tick: 76_000 } });
  expect(room.market.changeGrid('SOLUSDT', '0.001', '0.5')).toBe(false);
  expect(room.market.changeGrid('SOLUSDT', '0.001', '0.01')).toBe(true);
  expect(stops(room)).toEqual([['StopLoss', 120, 76_000]]);
  room.sell(ALICE, '1.20', { reduceOnly: true });
  expect(room.position(ALICE).lots).toBe(0);
});

test('a stop taken at a loss leaves exactly what the fills say', () => {
  const room = new TradingRoom({ still: false });
  room.market.advance(START + 500);
  const last = room.contract().matching.lastTick;
  room.buy(ALICE, '5', { stopLoss: room.price(last - 12), slTriggerBy: 'LastPrice' });
  room.clearBids(last - 13);
  room.pass();
  const fills = room.venue.executions(ALICE, {});
  const cash = fills.reduce((sum, { side, value, fee }) => sum + (side === 'Sell' ? value : -value) - fee, 0n);
  expect(room.position(ALICE).lots).toBe(0);
  expect(room.wallet(ALICE).balance).toBe(100_000_000_000n + cash);
});
