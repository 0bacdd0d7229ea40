// What do accounts see when they ask, and what happens to their money without an order of theirs?
import { expect, test } from 'vitest';
import { createRng } from '../../../src/lib/rng.ts';
import { createMarket } from '../../../src/simulator/market.ts';
import { createVenue } from '../../../src/simulator/venue/create-venue.ts';
import type { Params } from '../../../src/simulator/venue/venue.ts';
import { ALICE, BOB, CAROL, START, TradingRoom, usdt } from './trading-room.ts';

const HOURS_8 = 8 * 3_600_000;
const BEFORE_FUNDING = Math.ceil(START / HOURS_8) * HOURS_8 - 50;

test('positive funding is paid by longs and received by shorts, at the mark, to the last unit', () => {
  const room = new TradingRoom({ startMs: BEFORE_FUNDING });
  room.buy(ALICE, '10');
  room.sell(BOB, '20');
  const before = [room.wallet(ALICE).balance, room.wallet(BOB).balance];
  room.venue.setFundingRate('SOLUSDT', '0.0005');
  room.pass(60);
  const [paid] = room.venue.executions(ALICE, {});
  const [received] = room.venue.executions(BOB, {});
  expect(received?.fee).toBe(-2n * (paid?.fee ?? 0n));
  expect(room.wallet(ALICE).balance).toBe((before[0] ?? 0n) - (paid?.fee ?? 0n));
  expect(room.wallet(BOB).balance).toBe((before[1] ?? 0n) - (received?.fee ?? 0n));
  expect(room.venue.transactions(ALICE, {})[0]).toMatchObject({ type: 'SETTLEMENT', funding: -(paid?.fee ?? 0n) });
  expect(room.venue.fundingHistory('SOLUSDT')[0]).toEqual({ rate: '0.0005', timeMs: BEFORE_FUNDING + 50 });
  expect(room.venue.fundingHistory('SOLUSDT')[1]?.timeMs).toBe(BEFORE_FUNDING + 50 - HOURS_8);
});

test('funding that free money cannot pay is taken from the margin of the position', () => {
  const room = new TradingRoom({ startMs: BEFORE_FUNDING, balance: '10.2' });
  room.buy(ALICE, '1.3');
  const before = room.position(ALICE);
  room.venue.setFundingRate('SOLUSDT', '0.005');
  room.pass(60);
  const after = room.position(ALICE);
  expect(after.extraMargin).toBeLessThan(0n);
  expect(room.wallet(ALICE).free).toBe(0n);
  expect(after.liquidationPrice ?? 0n).toBeGreaterThan(before.liquidationPrice ?? 0n);
});

test('a liquidation takes the margin and no more, and the insurance fund holds the position', () => {
  const room = new TradingRoom();
  room.venue.setLeverage(ALICE, { category: 'linear', symbol: 'SOLUSDT', buyLeverage: '20', sellLeverage: '20' });
  room.buy(ALICE, '100');
  const before = room.wallet(ALICE);
  room.moveMark(-370);
  room.pass();
  const after = room.wallet(ALICE);
  const lost = before.balance - after.balance;
  expect(lost).toBeLessThanOrEqual(before.positionMargin);
  // The bankruptcy price is rounded to a tick in the account's favour.
  expect(before.positionMargin - lost).toBeLessThan(usdt('1.1'));
  expect(room.venue.house.insurance.lots.get('SOLUSDT')).toBe(1_000);
});

test.each([
  ['Buy', -400],
  ['Sell', 400],
] as const)('extra margin is lost with a %s position, and the fee of the takeover not paid twice', (side, move) => {
  const room = new TradingRoom();
  room.venue.setLeverage(ALICE, { category: 'linear', symbol: 'SOLUSDT', buyLeverage: '50', sellLeverage: '50' });
  room.order(ALICE, { side, orderType: 'Market', qty: '100' });
  room.venue.addMargin(ALICE, { category: 'linear', symbol: 'SOLUSDT', margin: '200', positionIdx: 0 });
  const { free } = room.wallet(ALICE);
  room.moveMark(move);
  room.pass();
  expect(room.position(ALICE).lots).toBe(0);
  expect(room.wallet(ALICE).balance).toBeGreaterThanOrEqual(free);
  // No more is given back than a tick of the bankruptcy price is worth.
  expect(room.wallet(ALICE).balance - free).toBeLessThan(usdt('1.1'));
});

test('a large position is first reduced in the market, tier by tier, and lives on where that is enough', () => {
  const room = new TradingRoom({ balance: '1000000' });
  room.venue.setLeverage(ALICE, { category: 'linear', symbol: 'SOLUSDT', buyLeverage: '25', sellLeverage: '25' });
  for (let i = 0; i < 12; i++) {
    room.limit(BOB, 'Sell', '500', '77.32');
    room.limit(ALICE, 'Buy', '500', '77.32', { timeInForce: 'IOC' });
  }
  room.limit(BOB, 'Buy', '9000', '77.31');
  const large = room.position(ALICE);
  const from = room.told.length;
  const price = Number((large.liquidationPrice ?? 0n) / 1_000_000n);
  room.moveMark(price - room.venue.markTick('SOLUSDT'));
  room.pass();
  const after = room.position(ALICE);
  expect(after.lots).toBeGreaterThan(0);
  expect(after.lots).toBeLessThan(large.lots);
  expect(after).toMatchObject({ status: 'Normal' });
  const created = room.told
    .slice(from)
    .flatMap((event) =>
      event.kind === 'execution' && event.execution.uid === ALICE ? [event.execution.createType] : [],
    );
  expect(new Set(created)).toEqual(new Set(['CreateByLiq']));
});

test('automatic margin uses free money before the position is taken', () => {
  const room = new TradingRoom();
  room.venue.setLeverage(ALICE, { category: 'linear', symbol: 'SOLUSDT', buyLeverage: '50', sellLeverage: '50' });
  room.buy(ALICE, '100');
  room.venue.setAutoAddMargin(ALICE, { category: 'linear', symbol: 'SOLUSDT', autoAddMargin: 1, positionIdx: 0 });
  room.moveMark(-130);
  room.pass();
  expect(room.position(ALICE)).toMatchObject({ lots: 1_000, autoAddMargin: true });
  expect(room.position(ALICE).extraMargin).toBeGreaterThan(0n);
});

test('auto-deleveraging closes a position at the mark against the insurance fund', () => {
  const room = new TradingRoom();
  room.buy(ALICE, '1', { stopLoss: '76.00' });
  const mark = room.venue.markTick('SOLUSDT');
  room.venue.autoDeleverage(ALICE, 'SOLUSDT');
  expect(room.venue.executions(ALICE, {})[0]).toMatchObject({
    type: 'AdlTrade',
    tick: mark,
    createType: 'CreateByAdl_PassThrough',
  });
  expect(room.position(ALICE)).toMatchObject({ lots: 0, status: 'Normal' });
  expect(room.venue.openOrders(ALICE, {})).toEqual([]);
});

test('what is read may lag behind what is told', () => {
  const room = new TradingRoom();
  room.pass(1_100);
  room.buy(ALICE, '1', { stopLoss: '76.00' });
  room.pass(20);
  room.venue.lag(1_000);
  expect(room.venue.executions(ALICE, {})).toEqual([]);
  expect(room.venue.openOrders(ALICE, {})).toEqual([]);
  expect(room.position(ALICE).lots).toBe(0);
  expect(room.wallet(ALICE).balance).toBe(usdt('1000'));
  room.pass(1_000);
  expect(room.position(ALICE).lots).toBe(10);
  expect(room.venue.openOrders(ALICE, {})).toHaveLength(1);
  const balance = room.wallet(ALICE).balance;
  room.sell(ALICE, '1');
  expect(room.position(ALICE).lots).toBe(10);
  expect(room.wallet(ALICE).balance).toBe(balance);
  room.venue.lag(0);
  expect(room.position(ALICE).lots).toBe(0);
});

test('each query may be late by itself: a cancelled order is nowhere for a while, and a position is there before its fill', () => {
  const room = new TradingRoom();
  const { id } = room.limit(ALICE, 'Buy', '1', '75.00');
  room.pass(1_100);
  room.venue.lag(1_000, 'past-orders');
  room.venue.lag(1_000, 'fills');
  room.venue.cancel(ALICE, { category: 'linear', symbol: 'SOLUSDT', orderId: id });
  room.buy(ALICE, '1');
  const named = { orderId: id };
  const seen = (): number[] =>
    [
      room.venue.openOrders(ALICE, named),
      room.venue.closedOrders(ALICE, named),
      room.venue.orderHistory(ALICE, named),
      room.venue.executions(ALICE, {}),
    ].map((rows) => Math.min(1, rows.length));
  expect([...seen(), room.position(ALICE).lots]).toEqual([0, 0, 0, 0, 10]);
  room.pass(1_000);
  expect(seen()).toEqual([0, 1, 1, 1]);
  // Late itself, the list of open orders still has it; nobody finds it open and closed in one answer.
  room.venue.lag(0);
  room.venue.lag(1_500, 'open-orders');
  expect(seen()).toEqual([1, 0, 1, 1]);
});

test('history forgets what was cancelled without a fill after a day, and closed orders at a restart', () => {
  const { market } = new TradingRoom();
  let nowMs = START;
  const clocked = {
    get nowMs() {
      return nowMs;
    },
    listings: market.listings,
    contracts: market.contracts,
    contract: (symbol: string) => market.contract(symbol),
  };
  const accounts = [{ uid: ALICE, balance: usdt('1000'), keys: [] }];
  const venue = createVenue({ market: clocked, rng: createRng(1), accounts });
  const ask = (params: Params): string => {
    const placed = venue.create(ALICE, { category: 'linear', symbol: 'SOLUSDT', qty: '1', side: 'Buy', ...params });
    nowMs += 5;
    venue.step(nowMs);
    return 'orderId' in placed ? placed.orderId : placed.text;
  };
  const cancelled = ask({ orderType: 'Limit', price: '70.00' });
  const filled = ask({ orderType: 'Market' });
  venue.cancel(ALICE, { category: 'linear', symbol: 'SOLUSDT', orderId: cancelled });
  nowMs += 5;
  venue.step(nowMs);
  const history = (filter = {}): string[] => venue.orderHistory(ALICE, filter).map(({ id }) => id);
  expect(history()).toEqual([filled, cancelled]);
  expect(history({ orderId: cancelled })).toEqual([cancelled]);
  expect(history({ symbol: 'BTCUSDT' })).toEqual([]);
  expect(venue.closedOrders(ALICE, {})).toHaveLength(2);
  venue.restart();
  expect(venue.closedOrders(ALICE, {})).toHaveLength(0);
  expect(history()).toHaveLength(2);
  nowMs += 24 * 3_600_000 + 1;
  expect(history()).toEqual([filled]);
});

test('a transfer is a transaction like any other', () => {
  const room = new TradingRoom();
  room.venue.transfer(ALICE, usdt('250'));
  expect(room.wallet(ALICE)).toMatchObject({ balance: usdt('1250'), free: usdt('1250') });
  expect(room.venue.transactions(ALICE, {})[0]).toMatchObject({
    type: 'TRANSFER_IN',
    change: usdt('250'),
    balance: usdt('1250'),
  });
});

test('resting orders reserve margin for what they would open, not for what they close', () => {
  const room = new TradingRoom();
  room.limit(ALICE, 'Buy', '1', '77.00');
  // 77/10 + 77·0.00055 + 77·0.9·0.00055
  expect(room.wallet(ALICE).orderMargin).toBe(usdt('7.780465'));
  room.buy(ALICE, '2');
  const before = room.wallet(ALICE).orderMargin;
  room.limit(ALICE, 'Sell', '2', '79.00');
  expect(room.wallet(ALICE).orderMargin).toBe(before);
  room.limit(ALICE, 'Sell', '1', '79.00');
  expect(room.wallet(ALICE).orderMargin).toBeGreaterThan(before);
});

test('orders that a closed position leaves uncovered are cancelled where the margin cannot carry them', () => {
  const room = new TradingRoom({ balance: '79' });
  room.buy(ALICE, '10');
  const first = room.limit(ALICE, 'Sell', '5', '79.00');
  const second = room.limit(ALICE, 'Sell', '5', '79.50');
  expect(room.wallet(ALICE).orderMargin).toBe(0n);
  expect(room.codeOf(room.ask(ALICE, { side: 'Sell', orderType: 'Limit', qty: '10', price: '79.00' }))).toBe(110007);
  room.sell(ALICE, '10', { reduceOnly: true });
  expect([room.lastOf(first.id).status, room.lastOf(second.id).status]).toEqual(['New', 'Cancelled']);
  expect(room.wallet(ALICE).free).toBeGreaterThanOrEqual(0n);
});

test('an exchange that nobody configures has three accounts, and keys of every kind', () => {
  const { venue } = createMarket({ seed: 1, symbols: 2, startMs: START });
  expect(venue.accounts).toHaveLength(3);
  expect(venue.keys.find(({ key }) => key === 'simkey')).toMatchObject({ secret: 'simsecret', uid: 123_456_789 });
  expect(venue.keys.some(({ readOnly }) => readOnly)).toBe(true);
  expect(venue.keys.some(({ permissions }) => permissions.includes('Withdraw'))).toBe(true);
  expect(venue.keys.some(({ expiresMs }) => expiresMs < START)).toBe(true);
});

test('risk tiers begin at half of one over the greatest leverage and stay continuous', () => {
  const room = new TradingRoom({ symbols: 5 });
  const tiers = room.venue.riskTiers('DOGEUSDT');
  expect(tiers[0]).toMatchObject({ maintenanceBasis: 66, deduction: 0n, maxLeverage: 7_500 });
  for (const [i, tier] of tiers.entries()) {
    const below = tiers[i - 1];
    if (below === undefined) continue;
    const at = (basis: number, deduction: bigint): bigint => (below.limit * BigInt(basis)) / 10_000n - deduction;
    expect(at(tier.maintenanceBasis, tier.deduction)).toBe(at(below.maintenanceBasis, below.deduction));
  }
});

test('the band follows the mark, and the premium of the last half minute', () => {
  const room = new TradingRoom();
  room.pass(40_000);
  // 7731 · 1.05 = 8117.55, and half a tick of premium: the mid lies between 7731 and 7732.
  expect(room.venue.priceLimits('SOLUSDT')).toEqual([8_118, 7_345]);
  room.moveMark(100);
  room.pass(30_000);
  const [highest, lowest] = room.venue.priceLimits('SOLUSDT');
  const mark = room.venue.markTick('SOLUSDT');
  expect(highest).toBe(Math.floor(mark * 1.05));
  // The book stands a hundred ticks below the mark: the lower edge goes down with it.
  expect(lowest).toBeLessThan(Math.ceil(mark * 0.95) - 90);
});

test('Carol is rich enough to move the market, and the market comes back', () => {
  const room = new TradingRoom({ still: false });
  room.pass(1_000);
  const { matching } = room.contract();
  const before = matching.lastTick;
  room.buy(CAROL, '12000');
  const moved = matching.lastTick - before;
  expect(moved).toBeGreaterThan(20);
  room.pass(1_000);
  expect(matching.book.best[1] - before).toBeLessThan(moved / 2);
});

test('an exchange that is started anew with the same seed gives other ids, at the same moment the same ones', () => {
  const ids = (startMs: number): readonly string[] => {
    const room = new TradingRoom({ startMs });
    const order = room.buy(ALICE, '1');
    return [order.id, ...room.venue.executions(ALICE, {}).map(({ id }) => id)];
  };
  const first = ids(START);
  expect(first.length).toBeGreaterThan(1);
  expect(ids(START)).toEqual(first);
  expect(ids(START + 1).filter((id) => first.includes(id))).toEqual([]);
});
