// What does each kind of order do when it meets the book?
import { expect, test } from 'vitest';
import type { Params } from '../../../src/simulator/venue/venue.ts';
import { ALICE, BOB, CAROL, START, TradingRoom } from './trading-room.ts';

const SOL = { category: 'linear', symbol: 'SOLUSDT' } as const;

test('a taker walks the levels, one print for each order in its way, all with the same time and sequence', () => {
  const room = new TradingRoom({ balance: '100000' });
  const { matching } = room.contract();
  const { book } = matching;
  const [first, second] = [book.at(7_732), book.at(7_733)];
  matching.prints.length = 0;
  const lots = first + second + 3;
  const placed = room.ask(ALICE, { side: 'Buy', orderType: 'Market', qty: room.size(lots) });
  expect(room.codeOf(placed)).toBe(0);
  while (matching.prints.length === 0) room.pass(1);
  const prints = matching.prints.slice();
  expect(prints.map(({ tick, lots: size }) => [tick, size])).toEqual([
    [7_732, first],
    [7_733, second],
    [7_734, 3],
  ]);
  expect(new Set(prints.map(({ seq, timeMs }) => `${seq} ${timeMs}`)).size).toBe(1);
  expect(room.venue.executions(ALICE, {})).toHaveLength(3);
});

test('fills of one millisecond are read in no order, older ones after newer ones', () => {
  const room = new TradingRoom({ balance: '1000000' });
  const { book } = room.contract().matching;
  const lots = [7_732, 7_733, 7_734, 7_735, 7_736, 7_737].reduce((sum, tick) => sum + book.at(tick), 0);
  room.buy(ALICE, room.size(lots));
  room.sell(ALICE, '1');
  const fills = room.venue.executions(ALICE, {});
  expect(fills.map(({ side }) => side)).toEqual(['Sell', ...Array.from({ length: 6 }, () => 'Buy')]);
  const ticks = fills.slice(1).map(({ tick }) => tick);
  expect(ticks.toSorted((a, b) => a - b)).toEqual([7_732, 7_733, 7_734, 7_735, 7_736, 7_737]);
  expect([ticks.toSorted((a, b) => a - b), ticks.toSorted((a, b) => b - a)]).not.toContainEqual(ticks);
});

test('within one level the earlier order is filled first, and each of them gives a print of its own', () => {
  const room = new TradingRoom();
  room.clearBids(7_731);
  const first = room.limit(ALICE, 'Sell', '1', '77.31');
  const second = room.limit(BOB, 'Sell', '1', '77.31');
  room.buy(CAROL, '1.5');
  expect(room.lastOf(first.id)).toMatchObject({ status: 'Filled', filledLots: 10 });
  expect(room.lastOf(second.id)).toMatchObject({ status: 'PartiallyFilled', filledLots: 5 });
  const fills = room.told.flatMap((event) => (event.kind === 'execution' ? [event.execution] : []));
  const taken = fills.filter(({ uid }) => uid === CAROL).map(({ lots }) => lots);
  expect(taken.slice(-2)).toEqual([10, 5]);
});

test('a market order reaches to the edge of the band and no farther', () => {
  const room = new TradingRoom();
  const [, lowest] = room.venue.priceLimits('SOLUSDT');
  const order = room.sell(CAROL, '12000');
  expect(order.status).toBe('Cancelled');
  expect(order.rejectReason).toBe('EC_NoImmediateQtyToFill');
  expect(room.contract().matching.book.best[0]).toBeLessThan(order.tick);
  expect(Math.abs(order.tick - lowest)).toBeLessThanOrEqual(1);
});

test.each([
  { slippageToleranceType: 'TickSize', slippageTolerance: '2', worst: 7_734 },
  { slippageToleranceType: 'Percent', slippageTolerance: '0.05', worst: 7_735 },
])(
  'a market order with slippage $slippageTolerance $slippageToleranceType stops at $worst',
  ({ worst, ...slippage }) => {
    const room = new TradingRoom();
    const order = room.buy(CAROL, '12000', slippage);
    expect(order).toMatchObject({ status: 'Cancelled', tick: worst });
    expect(room.contract().matching.book.best[1]).toBe(worst + 1);
  },
);

test('an order that may not wait takes what is there and ends; one that must be filled whole takes nothing else', () => {
  const room = new TradingRoom();
  const there = room.contract().matching.book.at(7_732);
  const whole = room.limit(CAROL, 'Buy', room.size(there + 1), '77.32', { timeInForce: 'FOK' });
  expect(whole).toMatchObject({ status: 'Cancelled', rejectReason: 'EC_CancelForNoFullFill', filledLots: 0 });
  const partly = room.limit(CAROL, 'Buy', room.size(there + 1), '77.32', { timeInForce: 'IOC' });
  expect(partly).toMatchObject({ status: 'Cancelled', filledLots: there });
});

test('an order that comes to rest, and one that goes, give the book a new sequence of that moment', () => {
  const room = new TradingRoom();
  const { matching } = room.contract();
  const stamps = [[matching.seq, matching.cts] as const];
  const { id } = room.limit(ALICE, 'Buy', '1', '77.00');
  stamps.push([matching.seq, matching.cts]);
  room.venue.cancel(ALICE, { ...SOL, orderId: id });
  room.pass();
  stamps.push([matching.seq, matching.cts]);
  const [seqs, times] = [stamps.map(([seq]) => seq), stamps.map(([, cts]) => cts)];
  for (const row of [seqs, times]) expect(row).toEqual([...new Set(row)].toSorted((a, b) => a - b));
});

test('a price may be taken from the book: the own side to queue there, the other side to trade', () => {
  const room = new TradingRoom();
  const at = (bboSideType: string, bboLevel: string): number =>
    room.order(ALICE, { side: 'Buy', orderType: 'Limit', qty: '0.1', bboSideType, bboLevel }).tick;
  expect([at('Queue', '2'), at('Counterparty', '1')]).toEqual([7_730, 7_732]);
});

test('a post-only order that would take is cancelled, one that would not rests', () => {
  const room = new TradingRoom();
  expect(room.limit(ALICE, 'Buy', '1', '77.32', { timeInForce: 'PostOnly' })).toMatchObject({
    status: 'Cancelled',
    rejectReason: 'EC_PostOnlyWillTakeLiquidity',
  });
  expect(room.limit(ALICE, 'Buy', '1', '77.31', { timeInForce: 'PostOnly' }).status).toBe('New');
});

test('a limit order takes what it may and rests with the rest', () => {
  const room = new TradingRoom({ balance: '100000' });
  const { book } = room.contract().matching;
  const there = book.at(7_732);
  const order = room.limit(ALICE, 'Buy', room.size(there + 7), '77.32');
  expect(order).toMatchObject({ status: 'PartiallyFilled', filledLots: there });
  expect([book.best[0], book.at(7_732), book.clients(7_732)]).toEqual([7_732, 7, 7]);
});

test.each([
  { smpType: 'None', maker: ['Filled', 'UNKNOWN'], taker: ['Filled', 'UNKNOWN'] },
  { smpType: 'CancelMaker', maker: ['Cancelled', 'CancelBySmp'], taker: ['New', 'UNKNOWN'] },
  { smpType: 'CancelTaker', maker: ['New', 'UNKNOWN'], taker: ['Cancelled', 'CancelBySmp'] },
  { smpType: 'CancelBoth', maker: ['Cancelled', 'CancelBySmp'], taker: ['Cancelled', 'CancelBySmp'] },
])('an account that would trade with itself, smpType $smpType', ({ smpType, maker, taker }) => {
  const room = new TradingRoom();
  room.clearBids(7_731);
  const { id } = room.limit(ALICE, 'Sell', '1', '77.31');
  const order = room.limit(ALICE, 'Buy', '1', '77.31', { smpType });
  const resting = room.lastOf(id);
  expect([resting.status, resting.cancelType]).toEqual(maker);
  expect([order.status, order.cancelType]).toEqual(taker);
});

test('a reduce-only order is cut to the position, and quantity zero closes all of it', () => {
  const room = new TradingRoom();
  room.buy(ALICE, '2');
  expect(room.sell(ALICE, '5', { reduceOnly: true })).toMatchObject({ status: 'Filled', lots: 20 });
  room.buy(ALICE, '2');
  expect(room.sell(ALICE, '0', { reduceOnly: true, closeOnTrigger: true })).toMatchObject({
    status: 'Filled',
    lots: 20,
  });
  expect(room.position(ALICE).lots).toBe(0);
});

test('an order larger than the position flips it, and its stop protects the new one', () => {
  const room = new TradingRoom();
  room.buy(ALICE, '1', { stopLoss: '76.00' });
  const order = room.sell(ALICE, '3', { stopLoss: '79.00' });
  expect(order).toMatchObject({ status: 'Filled', filledLots: 30 });
  expect(room.position(ALICE)).toMatchObject({ lots: -20, stopLoss: { tick: 7_900 } });
  expect(room.venue.openOrders(ALICE, {}).map(({ side, lots, status }) => [side, lots, status])).toEqual([
    ['Buy', 20, 'Untriggered'],
  ]);
  expect(room.venue.executions(ALICE, { orderId: order.id }).reduce((sum, { closedLots }) => sum + closedLots, 0)).toBe(
    10,
  );
});

test('a conditional order waits for its price, reserves nothing, and then is a market order', () => {
  const room = new TradingRoom();
  const trigger = { triggerPrice: '77.40', triggerDirection: 1 };
  const order = room.buy(ALICE, '1', trigger);
  expect(order).toMatchObject({ status: 'Untriggered', stopOrderType: 'Stop', tick: 0 });
  expect(room.wallet(ALICE).orderMargin).toBe(0n);
  const from = room.told.length;
  room.limit(CAROL, 'Buy', '9000', '77.45', { timeInForce: 'IOC' });
  room.pass();
  expect(room.story(ALICE, from)[0]).toBe('order Stop Triggered');
  expect(room.lastOf(order.id)).toMatchObject({ status: 'Filled', filledLots: 10 });
  expect(
    room.ask(ALICE, { side: 'Buy', orderType: 'Market', qty: '1', triggerPrice: '70', triggerDirection: 1 }),
  ).toMatchObject({ code: 110092 });
  expect(
    room.ask(ALICE, { side: 'Buy', orderType: 'Market', qty: '1', triggerPrice: '90', triggerDirection: 2 }),
  ).toMatchObject({ code: 110093 });
});

test('a smaller amount keeps its place in the queue, a larger one and another price go to the back', () => {
  const room = new TradingRoom();
  room.clearBids(7_731);
  const first = room.limit(ALICE, 'Sell', '2', '77.31');
  const second = room.limit(BOB, 'Sell', '1', '77.31');
  const amend = (change: Params): void => {
    expect(room.codeOf(room.venue.amend(ALICE, { ...SOL, orderId: first.id, ...change }))).toBe(0);
    room.pass();
  };
  amend({ qty: '1' });
  room.buy(CAROL, '0.5');
  expect(room.lastOf(first.id).filledLots).toBe(5);
  amend({ qty: '3' });
  room.buy(CAROL, '0.5');
  expect([room.lastOf(first.id).filledLots, room.lastOf(second.id).filledLots]).toEqual([5, 5]);
  amend({ price: '77.32' });
  expect(room.lastOf(first.id)).toMatchObject({ status: 'PartiallyFilled', tick: 7_732 });
  room.buy(CAROL, '1');
  expect([room.lastOf(first.id).filledLots, room.lastOf(second.id).filledLots]).toEqual([5, 10]);
  expect(room.venue.amend(ALICE, { ...SOL, orderId: first.id, qty: '0.5' })).toMatchObject({
    code: 10001,
    text: 'Qty invalid',
  });
  expect(room.venue.amend(ALICE, { ...SOL, orderId: first.id, qty: '3' })).toMatchObject({ code: 10001 });
  expect(room.venue.amend(ALICE, { ...SOL, orderId: 'nobody' })).toMatchObject({ code: 110001 });
});

test('an amendment is held to the rules of an order, and leaves the order where it stands in the list', () => {
  const room = new TradingRoom({ balance: '100000000' });
  const first = room.limit(ALICE, 'Buy', '1', '40.00');
  room.pass(100);
  const second = room.buy(ALICE, '1', { triggerPrice: '70', triggerDirection: 2 });
  const answer = (orderId: string, change: Params): object => room.venue.amend(ALICE, { ...SOL, orderId, ...change });
  expect(answer(first.id, { qty: '96000.1' })).toMatchObject({ code: 10001, text: expect.stringMatching(/maximum/) });
  expect(answer(first.id, { qty: '0.1' })).toMatchObject({ code: 110094 });
  expect(answer(second.id, { triggerPrice: '0' })).toMatchObject({ code: 10001 });
  const placed = room.ask(ALICE, { side: 'Buy', orderType: 'Limit', qty: '1', price: '41.00' });
  if ('code' in placed) throw new Error(placed.text);
  expect(room.codeOf(answer(placed.orderId, { qty: '2' }))).toBe(0);
  expect(room.codeOf(answer(first.id, { qty: '2' }))).toBe(0);
  const ids = (): string[] => room.venue.openOrders(ALICE, {}).map(({ id }) => id);
  // The third one is on its way to the engine: whoever looks does not see it yet.
  expect(ids()).toEqual([second.id, first.id]);
  room.pass();
  expect(ids()).toEqual([placed.orderId, second.id, first.id]);
  room.venue.setStatus('SOLUSDT', 'reduce-only');
  expect(answer(first.id, { qty: '3' })).toMatchObject({ code: 110023 });
  expect(room.codeOf(answer(first.id, { qty: '1' }))).toBe(0);
});

test('an amendment says as well which price sets an order off, and it is told by that one', () => {
  const room = new TradingRoom();
  const waiting = room.buy(ALICE, '1', { triggerPrice: '78.50', triggerDirection: 1 });
  const change = (params: Params): object => room.venue.amend(ALICE, { ...SOL, orderId: waiting.id, ...params });
  expect(change({ triggerBy: 'LastPrice' })).toMatchObject({ code: 10001 });
  expect(change({ triggerBy: 'Mark' })).toMatchObject({ code: 10001 });
  expect(room.codeOf(change({ triggerBy: 'MarkPrice' }))).toBe(0);
  room.pass();
  expect(room.lastOf(waiting.id).trigger).toMatchObject({ tick: 7_850, by: 'MarkPrice' });
  room.moveMark(300);
  room.pass();
  expect(room.lastOf(waiting.id)).toMatchObject({ status: 'Filled' });
});

test.each([
  { filter: {}, left: [] },
  { filter: { orderFilter: 'Order' }, left: ['Stop', 'StopLoss'] },
  { filter: { orderFilter: 'StopOrder' }, left: [''] },
  { filter: { orderFilter: 'StopOrder', stopOrderType: 'Stop' }, left: ['', 'StopLoss'] },
])('cancel-all with $filter leaves $left', ({ filter, left }) => {
  const room = new TradingRoom();
  room.buy(ALICE, '1', { stopLoss: '76.00' });
  room.limit(ALICE, 'Buy', '1', '75.00');
  room.buy(ALICE, '1', { triggerPrice: '79', triggerDirection: 1 });
  const answer = room.venue.cancelAll(ALICE, { category: 'linear', settleCoin: 'USDT', ...filter });
  expect(Array.isArray(answer) ? answer.length : answer).toBe(3 - left.length);
  room.pass();
  const types = room.venue.openOrders(ALICE, {}).map(({ stopOrderType }) => stopOrderType);
  expect(types.toSorted()).toEqual(left);
  expect(room.position(ALICE).stopLoss === undefined).toBe(!left.includes('StopLoss' as never));
});

test.each([
  [{ symbol: 'SOLUSDT', baseCoin: 'ETH', settleCoin: 'USDC' }, ['ETHUSDT']],
  [{ baseCoin: 'ETH', settleCoin: 'USDC' }, ['SOLUSDT']],
  [{ settleCoin: 'USDC' }, ['ETHUSDT', 'SOLUSDT']],
  [{ settleCoin: 'USDT' }, []],
])('cancel-all goes by the symbol before the base coin and by that before the settle coin: %o', (named, left) => {
  const room = new TradingRoom();
  room.limit(ALICE, 'Buy', '1', '75.00');
  room.limit(ALICE, 'Buy', '0.01', '1800.00', { symbol: 'ETHUSDT' });
  expect(Array.isArray(room.venue.cancelAll(ALICE, { category: 'linear', ...named }))).toBe(true);
  room.pass();
  expect(room.venue.openOrders(ALICE, {}).map(({ instrument }) => instrument.symbol)).toEqual(left);
});

test('what the engine refuses after the ack is told as Rejected, or as Cancelled', () => {
  for (const refusedAfterAck of ['Rejected', 'Cancelled'] as const) {
    const room = new TradingRoom({ variants: { refusedAfterAck } });
    room.venue.rejectAfterAck(ALICE, 1);
    expect(room.buy(ALICE, '1')).toMatchObject({ status: refusedAfterAck, filledLots: 0 });
    expect(room.buy(ALICE, '1').status).toBe('Filled');
  }
});

test('margin that several accepted orders would use together is given only once', () => {
  const room = new TradingRoom({ balance: '20' });
  const ask = (): number => room.codeOf(room.ask(ALICE, { side: 'Buy', orderType: 'Market', qty: '2' }));
  expect([ask(), ask()]).toEqual([0, 0]);
  room.pass();
  expect(room.position(ALICE).lots).toBe(20);
  expect(room.wallet(ALICE).free).toBeGreaterThanOrEqual(0n);
  expect(
    room.venue
      .closedOrders(ALICE, {})
      .map(({ status }) => status)
      .toSorted(),
  ).toEqual(['Filled', 'Rejected']);
});

test('a place, a risk limit and a contract are not promised by an ack: what does not fit any more is refused by the engine', () => {
  const room = new TradingRoom({ balance: '1000000' });
  for (let i = 0; i < 12; i++)
    room.ask(ALICE, { side: 'Buy', orderType: 'Market', qty: '1', triggerPrice: '80', triggerDirection: 1 });
  for (let i = 0; i < 502; i++) room.ask(ALICE, { side: 'Buy', orderType: 'Limit', qty: '0.1', price: '76.00' });
  room.venue.setLeverage(BOB, { ...SOL, buyLeverage: '100', sellLeverage: '100' });
  for (let i = 0; i < 3; i++) room.ask(BOB, { side: 'Buy', orderType: 'Limit', qty: '2000', price: '77.00' });
  room.pass();
  const open = room.venue.openOrders(ALICE, {});
  expect(open.filter(({ status }) => status === 'Untriggered')).toHaveLength(10);
  expect(open.filter(({ status }) => status === 'New')).toHaveLength(500);
  // Two tiers of 200 000 USDT would be needed for the second of them, and the second has half of the leverage.
  expect(room.venue.openOrders(BOB, {})).toHaveLength(1);
  expect(room.venue.orderHistory(BOB, {}).map(({ status }) => status)).toEqual(['Rejected', 'Rejected']);
  room.venue.cancelAll(ALICE, SOL);
  room.pass();
  expect(room.venue.orderHistory(ALICE, {}).length).toBeGreaterThan(500);
  expect(room.venue.closedOrders(ALICE, {}), 'beside the open ones no more are shown').toHaveLength(500);
  room.ask(CAROL, { side: 'Buy', orderType: 'Market', qty: '1' });
  room.venue.setStatus('SOLUSDT', 'reduce-only');
  room.pass();
  expect(room.venue.orderHistory(CAROL, {})).toMatchObject([{ status: 'Cancelled', filledLots: 0 }]);
  expect(room.position(CAROL).lots).toBe(0);
});

test('a resting order in the way of a living market is lifted by it, never dropped', () => {
  const room = new TradingRoom({ still: false, seed: 4, balance: '100000' });
  room.pass(2_000);
  const placed: string[] = [];
  for (let i = 0; i < 30; i++) {
    const { best } = room.contract().matching.book;
    const [side, tick] = i % 2 === 0 ? (['Buy', best[0] - (i % 5)] as const) : (['Sell', best[1] + (i % 5)] as const);
    placed.push(room.limit(ALICE, side, '2', room.price(tick)).id);
    room.pass(1_500);
  }
  const ended = placed.map((id) => room.lastOf(id));
  expect(ended.filter(({ status }) => status === 'Filled').length).toBeGreaterThan(10);
  const { book } = room.contract().matching;
  const lost = ended.filter(
    ({ status, tick, lots, filledLots }) => status !== 'Filled' && book.clients(tick) < lots - filledLots,
  );
  expect(lost).toEqual([]);
  expect(room.venue.executions(ALICE, {}).some(({ isMaker }) => isMaker)).toBe(true);
});

test('the market without orders of clients goes its way as if there were no venue', () => {
  const [one, two] = [new TradingRoom({ still: false }), new TradingRoom({ still: false })];
  two.venue.setLeverage(ALICE, { ...SOL, buyLeverage: '5', sellLeverage: '5' });
  two.venue.transfer(ALICE, 5n);
  for (const room of [one, two]) room.market.advance(START + 3_000);
  expect(one.contract().matching.seq).toBe(two.contract().matching.seq);
  expect(one.contract().matching.lastTick).toBe(two.contract().matching.lastTick);
});
