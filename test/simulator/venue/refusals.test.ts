// Which requests are refused, with which code and text, and which of several faults is named first?
import { expect, test } from 'vitest';
import { ASK } from '../../../src/market/side.ts';
import type { Params } from '../../../src/simulator/venue/venue.ts';
import { ALICE, BOB, CAROL, TradingRoom } from './trading-room.ts';

const MARKET = { side: 'Buy', orderType: 'Market', qty: '1' };
const LIMIT = { side: 'Buy', orderType: 'Limit', qty: '1', price: '77.00' };

test.each<[string, Params, number, string | RegExp]>([
  ['an unknown symbol', { ...MARKET, symbol: 'NONEUSDT' }, 10001, 'params error: symbol invalid'],
  ['a contract that is listed and not live', { ...MARKET, symbol: 'SOONUSDT' }, 110074, /not live/],
  ['another category', { ...MARKET, category: 'spot' }, 10001, 'params error: category invalid'],
  ['no side', { ...MARKET, side: 'buy' }, 10001, 'params error: side invalid'],
  ['no order type', { ...MARKET, orderType: 'Stop' }, 10001, 'params error: orderType invalid'],
  ['a hedge position index', { ...MARKET, positionIdx: 1 }, 10001, 'position idx not match position mode'],
  ['a quantity off the step', { ...MARKET, qty: '1.05' }, 10001, 'Qty invalid'],
  ['a quantity that is no number', { ...MARKET, qty: '1e3' }, 10001, 'Qty invalid'],
  ['a quantity of zero', { ...MARKET, qty: '0' }, 10001, 'Qty invalid'],
  [
    'less than the least quantity',
    { ...MARKET, qty: '0.05' },
    10001,
    'The number of contracts exceeds minimum limit allowed',
  ],
  ['more than the market maximum', { ...MARKET, qty: '12000.1' }, 10001, /maximum/],
  ['more than the limit maximum', { ...LIMIT, qty: '96000.1' }, 10001, /maximum/],
  [
    'less than five dollars',
    { ...LIMIT, qty: '0.1', price: '40.00' },
    110094,
    'Order does not meet minimum order value 5USDT',
  ],
  ['a price off the tick', { ...LIMIT, price: '77.005' }, 10001, 'params error: price invalid'],
  ['no price', { side: 'Buy', orderType: 'Limit', qty: '1' }, 10001, 'params error: price invalid'],
  ['a price beyond the grid', { ...LIMIT, price: '200000.00' }, 110003, 'Order price is out of permissible range'],
  ['a link id too long', { ...MARKET, orderLinkId: 'x'.repeat(37) }, 10001, 'order link id is longer than 45'],
  ['a link id of other characters', { ...MARKET, orderLinkId: 'a b' }, 10001, /orderLinkId/],
  [
    'reduce-only while flat',
    { ...MARKET, reduceOnly: true },
    110017,
    'current position is zero, cannot fix reduce-only order qty',
  ],
  [
    'closing on a trigger while flat',
    { ...MARKET, closeOnTrigger: true },
    110017,
    'current position is zero, cannot fix reduce-only order qty',
  ],
  ['everything, and not reduce-only', { ...MARKET, qty: '0', closeOnTrigger: true }, 10001, 'Qty invalid'],
  [
    'a stop above a long',
    { ...MARKET, stopLoss: '90' },
    10001,
    'StopLoss:900000 set for Buy position should lower than base_price:773100??LastPrice',
  ],
  ['a stop above the limit of a long', { ...LIMIT, stopLoss: '77.10' }, 10001, /base_price:770000\?\?LastPrice/],
  ['a take-profit below a long', { ...MARKET, takeProfit: '70' }, 10001, /^TakeProfit:700000 set for Buy/],
  [
    'a limit stop in Full mode',
    { ...MARKET, stopLoss: '70', slOrderType: 'Limit', slLimitPrice: '69' },
    110060,
    /Partial/,
  ],
  ['slippage out of range', { ...MARKET, slippageToleranceType: 'TickSize', slippageTolerance: '0' }, 110108, /10000/],
  ['slippage out of range', { ...MARKET, slippageToleranceType: 'Percent', slippageTolerance: '10.01' }, 110109, /10/],
  [
    'slippage of a limit order',
    { ...LIMIT, slippageToleranceType: 'Percent', slippageTolerance: '1' },
    10001,
    /slippage/,
  ],
  ['a trigger without direction', { ...MARKET, triggerPrice: '70' }, 10001, 'params error: triggerDirection invalid'],
  [
    'a rising trigger below the price',
    { ...MARKET, triggerPrice: '70', triggerDirection: 1 },
    110092,
    'expect Rising, but trigger_price[700000] <= current[773100]??LastPrice',
  ],
  [
    'a falling trigger above the price',
    { ...MARKET, triggerPrice: '80', triggerDirection: 2 },
    110093,
    'expect Falling, but trigger_price[800000] >= current[773100]??LastPrice',
  ],
  ['an order for market makers', { ...LIMIT, timeInForce: 'RPI' }, 110119, /RPI/],
  ['more than the margin', { ...MARKET, qty: '200' }, 110007, 'ab not enough for new order'],
  [
    'both a bad side and a bad quantity: the side first',
    { ...MARKET, side: '', qty: '0' },
    10001,
    'params error: side invalid',
  ],
  [
    'both a bad quantity and a bad stop: the quantity first',
    { ...MARKET, qty: '0', stopLoss: '90' },
    10001,
    'Qty invalid',
  ],
  [
    'both a bad stop and too little margin: the stop first',
    { ...MARKET, qty: '200', stopLoss: '90' },
    10001,
    /^StopLoss/,
  ],
])('%s', (_, params, code, text) => {
  const room = new TradingRoom();
  const answer = room.ask(ALICE, params);
  const said = 'text' in answer ? answer.text : '';
  expect(answer).toMatchObject({ code });
  expect(typeof text === 'string' ? said === text : text.test(said), said).toBe(true);
  room.pass();
  expect(room.told).toEqual([]);
});

test('a link id is used once for ever, also while its order is on its way, and also after it has ended', () => {
  const room = new TradingRoom();
  const ask = (): object => room.ask(ALICE, { ...MARKET, orderLinkId: 'once' });
  expect(room.codeOf(ask())).toBe(0);
  expect(ask()).toEqual({ code: 110072, text: 'OrderLinkedID is duplicate' });
  room.pass();
  expect(room.codeOf(ask())).toBe(110072);
  expect(room.position(ALICE).lots).toBe(10);
});

test('a limit beyond the band is moved to its edge, or refused where the account wants that', () => {
  const room = new TradingRoom();
  const [highest] = room.venue.priceLimits('SOLUSDT');
  const order = room.limit(ALICE, 'Buy', '1', '99.00', { timeInForce: 'IOC' });
  expect(order.tick).toBe(highest);
  room.venue.setLimitPriceAction(ALICE, { category: 'linear', modifyEnable: false });
  expect(room.codeOf(room.ask(ALICE, { ...LIMIT, price: '99.00' }))).toBe(110003);
});

test.each([
  { moves: true, ends: { status: 'Filled', tick: 8_118 } },
  { moves: false, ends: { status: 'Rejected', rejectReason: 'EC_ReachRiskPriceLimit' } },
])('a limit beyond the band is held to it also when a trigger sets it off: $ends.status', ({ moves, ends }) => {
  const room = new TradingRoom();
  room.venue.setLimitPriceAction(ALICE, { category: 'linear', modifyEnable: moves });
  const { id } = room.limit(ALICE, 'Buy', '1', '99.00', { triggerPrice: '77.40', triggerDirection: 1 });
  room.limit(CAROL, 'Buy', '9000', '77.45', { timeInForce: 'IOC' });
  room.pass();
  expect(room.lastOf(id)).toMatchObject(ends);
});

test('a market order that finds nothing inside of the band: three answers are known', () => {
  const codes = (['cancelled', '10001', '110118'] as const).map((emptyMarketOrder) => {
    const room = new TradingRoom({ variants: { emptyMarketOrder } });
    room.moveMark(-1_000);
    room.pass();
    return room.ask(ALICE, MARKET);
  });
  expect(codes.map((answer) => ('code' in answer ? answer.code : 0))).toEqual([0, 10001, 110118]);
  expect(codes[1]).toMatchObject({ text: expect.stringMatching(/^buy: \[\d+,\d+\] invalid$/) });
});

test('active orders and waiting orders are counted per symbol', () => {
  const room = new TradingRoom({ balance: '1000000' });
  for (let i = 0; i < 500; i++) room.ask(ALICE, { ...LIMIT, qty: '0.1' });
  room.pass();
  expect(room.venue.openOrders(ALICE, {})).toHaveLength(500);
  expect(room.codeOf(room.ask(ALICE, { ...LIMIT, qty: '0.1' }))).toBe(110020);
  for (let i = 0; i < 10; i++) room.ask(ALICE, { ...MARKET, triggerPrice: '80', triggerDirection: 1 });
  room.pass();
  expect(room.codeOf(room.ask(ALICE, { ...MARKET, triggerPrice: '80', triggerDirection: 1 }))).toBe(110009);
  expect(room.codeOf(room.ask(ALICE, { ...MARKET, symbol: 'ETHUSDT' }))).toBe(0);
});

test('cross and portfolio margin and hedge mode can be read, and trading in them is refused', () => {
  const room = new TradingRoom();
  const code = (state: Parameters<typeof room.venue.setAccountState>[1]): number => {
    room.venue.setAccountState(ALICE, { marginMode: 'ISOLATED_MARGIN', positionMode: 'one-way', ...state });
    return room.codeOf(room.ask(ALICE, MARKET));
  };
  expect(code({ marginMode: 'REGULAR_MARGIN' })).toBe(110015);
  expect(room.venue.accountOf(ALICE)?.marginMode).toBe('REGULAR_MARGIN');
  expect(code({ marginMode: 'PORTFOLIO_MARGIN' })).toBe(110015);
  expect(code({ positionMode: 'hedge' })).toBe(110029);
  expect(code({ disconnectProtection: true })).toBe(0);
});

test('a symbol that is only to be reduced refuses entries and takes closes', () => {
  const room = new TradingRoom();
  room.buy(ALICE, '1');
  room.venue.setStatus('SOLUSDT', 'reduce-only');
  expect(room.codeOf(room.ask(ALICE, MARKET))).toBe(110023);
  room.venue.setStatus('SOLUSDT', 'delisting');
  expect(room.codeOf(room.ask(ALICE, MARKET))).toBe(110042);
  room.venue.setStatus('SOLUSDT', 'unsigned');
  expect(room.codeOf(room.ask(ALICE, MARKET))).toBe(110126);
  expect(room.sell(ALICE, '1', { reduceOnly: true }).status).toBe('Filled');
  room.venue.setStatus('SOLUSDT', 'trading');
  expect(room.codeOf(room.ask(ALICE, MARKET))).toBe(0);
});

test('an entry that waits for its price is refused when the price finds the contract reduce-only, a stop is not', () => {
  const room = new TradingRoom();
  room.sell(ALICE, '1', { stopLoss: '77.40' });
  const entry = room.buy(BOB, '1', { triggerPrice: '77.40', triggerDirection: 1 });
  room.venue.setStatus('SOLUSDT', 'reduce-only');
  room.contract().matching.take(ASK, 90_000, 7_745, room.market.nowMs);
  room.pass();
  expect(room.lastOf(entry.id)).toMatchObject({ status: 'Rejected', rejectReason: 'EC_InvalidSymbolStatus' });
  expect([room.position(BOB).lots, room.position(ALICE).lots]).toEqual([0, 0]);
});

test('settings that are what they were say so with their own codes', () => {
  const room = new TradingRoom();
  const { venue } = room;
  const leverage = (buyLeverage: string, sellLeverage = buyLeverage): object =>
    venue.setLeverage(ALICE, { category: 'linear', symbol: 'SOLUSDT', buyLeverage, sellLeverage });
  expect(leverage('10')).toEqual({ code: 110043, text: 'leverage not modified' });
  expect(leverage('12.5')).toEqual({ done: true });
  expect(room.codeOf(leverage('12.555'))).toBe(10001);
  expect(room.codeOf(leverage('101'))).toBe(10001);
  expect(room.codeOf(leverage('5', '6'))).toBe(10001);
  expect(room.codeOf(venue.switchMode(ALICE, { category: 'linear', coin: 'USDT', mode: 0 }))).toBe(110025);
  expect(room.codeOf(venue.setMarginMode(ALICE, { setMarginMode: 'ISOLATED_MARGIN' }))).toBe(110026);
  room.buy(ALICE, '1');
  expect(room.codeOf(venue.switchMode(ALICE, { category: 'linear', coin: 'USDT', mode: 3 }))).toBe(110024);
  expect(room.codeOf(venue.setMarginMode(ALICE, { setMarginMode: 'REGULAR_MARGIN' }))).toBe(3400045);
});

test('moving a stop names its mode and its position, and cancelling names the contract', () => {
  const room = new TradingRoom();
  const { id } = room.limit(ALICE, 'Buy', '1', '70.00');
  room.buy(ALICE, '1');
  const stop = { category: 'linear', symbol: 'SOLUSDT', tpslMode: 'Full', positionIdx: 0, stopLoss: '70.00' };
  const codes = ['symbol', 'tpslMode', 'positionIdx'].map((field) =>
    room.codeOf(room.venue.tradingStop(ALICE, { ...stop, [field]: undefined })),
  );
  expect(codes).toEqual([10001, 10001, 10001]);
  expect(room.codeOf(room.venue.tradingStop(ALICE, stop))).toBe(0);
  expect(room.codeOf(room.venue.cancel(ALICE, { category: 'linear', orderId: id }))).toBe(10001);
  expect(room.codeOf(room.venue.cancel(ALICE, { category: 'linear', symbol: 'SOLUSDT', orderId: id }))).toBe(0);
});

test('high leverage is for small positions only', () => {
  const room = new TradingRoom({ balance: '1000000' });
  const leverage = (text: string): number =>
    room.codeOf(
      room.venue.setLeverage(ALICE, { category: 'linear', symbol: 'SOLUSDT', buyLeverage: text, sellLeverage: text }),
    );
  expect(leverage('100')).toBe(0);
  expect(room.codeOf(room.ask(ALICE, { ...MARKET, qty: '3000' }))).toBe(110090);
  expect(leverage('50')).toBe(0);
  expect(room.limit(ALICE, 'Buy', '3000', '70.00').status).toBe('New');
  expect(leverage('100')).toBe(110013);
});

test('lower leverage ties up more margin, extra margin moves the liquidation away and can be taken back', () => {
  const room = new TradingRoom();
  room.buy(ALICE, '20');
  const before = room.position(ALICE);
  const margin = (text: string): object =>
    room.venue.addMargin(ALICE, { category: 'linear', symbol: 'SOLUSDT', margin: text, positionIdx: 0 });
  const wider = margin('10');
  expect(wider).toMatchObject({ extraMargin: 1_000_000_000n });
  expect(room.position(ALICE).liquidationPrice).toBeLessThan(before.liquidationPrice ?? 0n);
  expect(room.codeOf(margin('-10.0001'))).toBe(110011);
  expect(room.codeOf(margin('-10'))).toBe(0);
  expect(room.codeOf(margin('5000'))).toBe(110014);
  expect(room.position(ALICE).initialMargin).toBe(before.initialMargin);
  const leverage = { category: 'linear', symbol: 'SOLUSDT', buyLeverage: '1', sellLeverage: '1' };
  expect(room.codeOf(room.venue.setLeverage(ALICE, leverage))).toBe(110012);
});
