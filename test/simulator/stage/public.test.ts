// Do candles, price limits, liquidations and the rest of the public questions come as the reference has them?
import { expect, test } from 'vitest';
import { type Fields, SOL, StageRoom } from './stage-room.ts';

/** Two seconds before a minute is full. */
const BEFORE_MINUTE_MS = 1_786_310_818_000 + 60_000;

test('a candle is told about once a second, and at its close together with the fresh one', () => {
  const room = new StageRoom(3, { startMs: BEFORE_MINUTE_MS });
  const stream = room.connect('public');
  stream.say({ op: 'subscribe', args: [`kline.1.${SOL}`] });
  room.pass(4_500);
  const messages = stream.of(`kline.1.${SOL}`);
  const closing = messages.filter(({ data }) => (data as Fields[]).length === 2);
  expect(messages.length).toBeGreaterThanOrEqual(4);
  expect(messages.length).toBeLessThanOrEqual(6);
  expect(closing).toHaveLength(1);
  expect(Object.keys(closing[0] ?? {})).toEqual(['topic', 'data', 'ts', 'type']);
  const [closed, fresh] = (closing[0]?.['data'] ?? []) as Fields[];
  const start = 1_786_310_820_000 + 60_000;
  expect(closed).toMatchObject({ start: start - 60_000, end: start - 1, interval: '1', confirm: true });
  expect(fresh).toMatchObject({ start, end: start + 59_999, confirm: false });
  expect(closed?.['close']).toMatch(/^\d+(\.\d*[1-9])?$/);
  expect(Number(closed?.['high'])).toBeGreaterThanOrEqual(Number(closed?.['low']));
});

test('price limits come three times a second, and are those of the question over REST', () => {
  const room = new StageRoom();
  const stream = room.connect('public');
  stream.say({ op: 'subscribe', args: [`priceLimit.${SOL}`] });
  room.pass(3_000);
  const messages = stream.of(`priceLimit.${SOL}`);
  expect(messages.length).toBeGreaterThanOrEqual(9);
  expect(messages[0]).toEqual({
    topic: `priceLimit.${SOL}`,
    data: {
      symbol: SOL,
      buyLmt: expect.stringMatching(/^8[01]\.\d\d0$/),
      sellLmt: expect.stringMatching(/^7[34]\.\d\d0$/),
    },
    ts: expect.any(Number),
  });
  const asked = room.get('/v5/market/price-limit', { category: 'linear', symbol: SOL }).body['result'] as Fields;
  expect(Object.keys(asked)).toEqual(['symbol', 'buyLmt', 'sellLmt', 'ts']);
});

test('an account that is liquidated is in the liquidations that everybody hears, on the side of its position', () => {
  const room = new StageRoom();
  const stream = room.connect('public');
  stream.say({ op: 'subscribe', args: [`allLiquidation.${SOL}`] });
  room.post('/v5/position/set-leverage', { category: 'linear', symbol: SOL, buyLeverage: '100', sellLeverage: '100' });
  room.order({ side: 'Buy', qty: '10.0' });
  room.fault('push-price', { symbol: SOL, percent: -3 });
  room.pass(20_000);
  const [row] = stream.rows(`allLiquidation.${SOL}`);
  expect(row).toMatchObject({ s: SOL, S: 'Buy', v: '10.0' });
  expect(room.ledger('fill').at(-1)).toMatchObject({ type: 'BustTrade', price: row?.['p'] });
});

test('risk tiers: fifteen contracts a page, fractions in texts, margins that rise with the tier', () => {
  const room = new StageRoom(3, { symbols: 20 });
  const page = (cursor: string): { list: Fields[]; nextPageCursor: string } =>
    room.get('/v5/market/risk-limit', { category: 'linear', ...(cursor !== '' && { cursor }) }).body['result'] as never;
  const first = page('');
  const second = page(first.nextPageCursor);
  const symbols = (list: Fields[]): number => new Set(list.map(({ symbol }) => symbol)).size;
  expect([symbols(first.list), symbols(second.list), second.nextPageCursor]).toEqual([15, 5, '']);
  const tiers = first.list.filter(({ symbol }) => symbol === SOL);
  expect(tiers[0]).toMatchObject({
    isLowestRisk: 1,
    maintenanceMargin: '0.005',
    maxLeverage: '100.00',
    mmDeduction: '',
  });
  const margins = tiers.map(({ maintenanceMargin }) => Number(maintenanceMargin));
  expect(margins).toEqual(margins.toSorted((a, b) => a - b));
});

test.each([
  ['/v5/market/mark-price-kline', { interval: '60', limit: '5' }],
  ['/v5/market/index-price-kline', { interval: 'D' }],
  ['/v5/market/open-interest', { intervalTime: '5min', limit: '3' }],
  ['/v5/market/account-ratio', { period: '1h', limit: '3' }],
  ['/v5/market/funding/history', {}],
])('%s is answered with a list', (path, params) => {
  const room = new StageRoom();
  const { retCode, result } = room.get(path, { category: 'linear', symbol: SOL, ...params }).body;
  expect(retCode).toBe(0);
  expect(Array.isArray((result as Fields)['list'])).toBe(true);
});

test.each(['kline', 'mark-price-kline', 'index-price-kline'])(
  '%s: candles are counted from a start that is given alone, else back from now, and come newest first',
  (name) => {
    const room = new StageRoom();
    const starts = (params: Readonly<Record<string, string>>): number[] => {
      const asked = { category: 'linear', symbol: SOL, interval: '5', ...params };
      const { list } = room.get(`/v5/market/${name}`, asked).body['result'] as { list: string[][] };
      return list.map(([start]) => Number(start));
    };
    const newest = starts({ limit: '50' });
    expect(newest).toHaveLength(50);
    const start = String(newest[40]);
    expect(starts({ start, limit: '3' })).toEqual(newest.slice(38, 41));
    expect(starts({ start, end: String(newest[0]), limit: '3' })).toEqual(newest.slice(0, 3));
  },
);

test.each([
  ['/v5/market/risk-limit?symbol=NOSUCHUSDT', 'symbol'],
  ['/v5/market/funding/history?symbol=SOLUSDT&limit=1000', 'limit'],
  ['/v5/market/mark-price-kline?symbol=SOLUSDT&interval=7', 'interval'],
  ['/v5/market/open-interest?symbol=SOLUSDT', 'intervalTime'],
  ['/v5/market/price-limit', 'symbol'],
])('%s is refused, naming the %s', (path, name) => {
  const [plain = '', query = ''] = path.split('?');
  const { body } = new StageRoom().get(plain, {
    category: 'linear',
    ...Object.fromEntries(new URLSearchParams(query)),
  });
  expect(body['retCode']).toBe(10_001);
  expect(body['retMsg']).toContain(name);
});
