// Does the simulated exchange answer over REST as the real one does? Plain fetch against a real socket.
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { Exchange } from '../../src/simulator/exchange.ts';
import type { Simulator } from '../../src/simulator/server.ts';
import { get, openExchange, resultOf, Subscriber } from './exchange-room.ts';
import type { TradeMessage } from './plain-book.ts';

type Row = Readonly<Record<string, string>>;
interface Page {
  readonly list: readonly (Row & { readonly isPreListing: boolean })[];
  readonly nextPageCursor: string;
}
interface Book {
  readonly b: [string, string][];
  readonly a: [string, string][];
  readonly u: number;
  readonly seq: number;
  readonly cts: number;
}

let exchange: Simulator;
const ask = <T>(path: string): Promise<T> => resultOf<T>(exchange.restUrl, path);
const INSTRUMENTS = '/v5/market/instruments-info?category=linear';

beforeAll(async () => {
  exchange = await openExchange();
});
afterAll(() => exchange.close());

test('the time is that of the market', async () => {
  const { body } = await get(exchange.restUrl, '/v5/market/time');
  const { timeSecond, timeNano } = body['result'] as Row;
  expect(body).toMatchObject({ retCode: 0, retMsg: 'OK', retExtInfo: {} });
  expect(timeNano).toMatch(/^\d{19}$/);
  expect(timeNano?.startsWith(timeSecond as string)).toBe(true);
  expect(Number(timeSecond)).toBe(Math.floor((body['time'] as number) / 1_000));
});

test('instruments come in pages that together are the whole list of what trades or is about to, with rows that nobody wants among them', async () => {
  const whole = await ask<Page>(INSTRUMENTS);
  expect(whole.nextPageCursor).toBe('');
  const paged: string[] = [];
  let cursor = '';
  let pages = 0;
  do {
    const page = await ask<Page>(`${INSTRUMENTS}&limit=4&cursor=${encodeURIComponent(cursor)}`);
    paged.push(...page.list.map(({ symbol }) => symbol as string));
    cursor = page.nextPageCursor;
    pages++;
  } while (cursor !== '');
  expect(paged).toEqual(whole.list.map(({ symbol }) => symbol));
  expect(pages).toBeGreaterThan(2);
  expect(new Set(whole.list.map(({ status }) => status))).toEqual(new Set(['Trading', 'PendingOpen']));
  const kinds = (key: string): unknown[] => [...new Set(whole.list.map((row) => row[key]))];
  expect(kinds('contractType')).toEqual(expect.arrayContaining(['LinearPerpetual', 'LinearFutures']));
  expect(kinds('settleCoin')).toEqual(expect.arrayContaining(['USDT', 'USDC']));
  expect(kinds('symbolType')).toContain('stock');
  expect(whole.list.some((row) => row['contractType'] === 'LinearPerpetual' && row['deliveryTime'] !== '0')).toBe(true);
});

test('instruments are found by symbol and by status, on the grid of mainnet', async () => {
  const [sol] = (await ask<Page>(`${INSTRUMENTS}&symbol=SOLUSDT`)).list;
  expect(sol).toMatchObject({
    symbol: 'SOLUSDT',
    priceScale: '3',
    priceFilter: { tickSize: '0.010' },
    lotSizeFilter: { qtyStep: '0.1', minOrderQty: '0.1', minNotionalValue: '5' },
    leverageFilter: { maxLeverage: '100.00' },
    fundingInterval: 480,
    riskParameters: { priceLimitRatioX: '0.05', priceLimitRatioY: '0.1' },
  });
  const early = (await ask<Page>(`${INSTRUMENTS}&status=PreLaunch`)).list;
  expect(early.length).toBeGreaterThan(0);
  expect(early.every(({ isPreListing }) => isPreListing)).toBe(true);
  expect((await ask<Page>(`${INSTRUMENTS}&status=Closed`)).list.map(({ symbol }) => symbol)).toEqual(['GONEUSDT']);
  expect((await ask<Page>(`${INSTRUMENTS}&symbol=GONEUSDT`)).list).toEqual([]);
});

test('tickers are complete, and the change is that of the price', async () => {
  const { list } = await ask<{ list: Row[] }>('/v5/market/tickers?category=linear');
  const traded = (await ask<Page>(`${INSTRUMENTS}&status=Trading`)).list.map(({ symbol }) => symbol);
  expect(list.map(({ symbol }) => symbol)).toEqual(traded);
  const [sol] = (await ask<{ list: Row[] }>('/v5/market/tickers?category=linear&symbol=SOLUSDT')).list as [Row];
  const { lastPrice, prevPrice24h, price24hPcnt, bid1Price, ask1Price, turnover24h, highPrice24h, lowPrice24h } = sol;
  expect(Number(price24hPcnt)).toBeCloseTo(Number(lastPrice) / Number(prevPrice24h) - 1, 5);
  expect(Number(bid1Price)).toBeLessThan(Number(ask1Price));
  expect(Number(turnover24h)).toBeGreaterThan(1_000_000);
  expect(Number(highPrice24h)).toBeGreaterThanOrEqual(Number(lastPrice));
  expect(Number(lowPrice24h)).toBeLessThanOrEqual(Number(lastPrice));
  expect(lastPrice).toMatch(/^\d+\.\d{3}$/);
});

test('candles of four hours lie side by side, newest first, and end at the price of now', async () => {
  const { list } = await ask<{ list: string[][] }>(
    '/v5/market/kline?category=linear&symbol=SOLUSDT&interval=5&limit=48',
  );
  expect(list).toHaveLength(48);
  const [sol] = (await ask<{ list: Row[] }>('/v5/market/tickers?category=linear&symbol=SOLUSDT')).list as [Row];
  expect(Math.abs(Number(list[0]?.[4]) / Number(sol['lastPrice']) - 1)).toBeLessThan(0.005);
  const wrong = list.filter(([start, open, high, low, close], i) => {
    const [o, h, l, c] = [open, high, low, close].map(Number) as [number, number, number, number];
    const inOrder = i === 0 || Number(list[i - 1]?.[0]) - Number(start) === 300_000;
    return !inOrder || h < Math.max(o, c) || l > Math.min(o, c);
  });
  expect(wrong).toEqual([]);
  expect(list.flatMap((row) => row.slice(1, 5)).filter((price) => /\.\d*0$/.test(price))).toEqual([]);
  const start = Number(list[40]?.[0]);
  const window = await ask<{ list: string[][] }>(
    `/v5/market/kline?category=linear&symbol=SOLUSDT&interval=5&start=${start}&end=${start + 600_000}`,
  );
  expect(window.list.map(([at]) => Number(at))).toEqual([start + 600_000, start + 300_000, start]);
});

test('the book over REST is that of the 1000-level stream, and a shorter one is its beginning', async () => {
  const subscriber = await Subscriber.connect(exchange.publicUrl);
  await subscriber.subscribe('orderbook.1000.XRPUSDT', 'orderbook.50.XRPUSDT');
  await subscriber.next(({ topic, type }) => topic === 'orderbook.1000.XRPUSDT' && type === 'delta');
  const path = '/v5/market/orderbook?category=linear&symbol=XRPUSDT';
  let rest: Book;
  let short: Book;
  do {
    [rest, short] = await Promise.all([ask<Book>(`${path}&limit=1000`), ask<Book>(path)]);
  } while (rest.u !== short.u);
  await subscriber.next(({ topic, data }) => topic === 'orderbook.1000.XRPUSDT' && data?.u === rest.u, 0);
  const book = subscriber.book('orderbook.1000.XRPUSDT', rest.u);
  expect({ ...book.levels(), u: book.u, seq: book.seq, cts: book.cts }).toEqual({
    b: rest.b,
    a: rest.a,
    u: rest.u,
    seq: rest.seq,
    cts: rest.cts,
  });
  expect(rest.b).toHaveLength(1_000);
  expect(short.b).toEqual(rest.b.slice(0, 25));
  subscriber.socket.close();
});

test('recent trades are those that the stream told', async () => {
  const subscriber = await Subscriber.connect(exchange.publicUrl);
  await subscriber.subscribe('publicTrade.BTCUSDT');
  await subscriber.next(({ topic }) => topic === 'publicTrade.BTCUSDT');
  const [frame] = subscriber.of('publicTrade.BTCUSDT') as unknown as TradeMessage[];
  const told = frame?.data[0] as TradeMessage['data'][number] & { i: string };
  const { list } = await ask<{ list: Row[] }>('/v5/market/recent-trade?category=linear&symbol=BTCUSDT&limit=1000');
  expect(list.find(({ execId }) => execId === told.i)).toMatchObject({
    symbol: 'BTCUSDT',
    price: told.p,
    size: told.v,
    side: told.S,
    time: String(told.T),
    isBlockTrade: told.BT,
    isRPITrade: told.RPI,
    seq: String(told.seq),
  });
  subscriber.socket.close();
});

test.each([
  ['/v5/market/tickers', 'category'],
  ['/v5/market/tickers?category=spot', 'category'],
  [`${INSTRUMENTS}&limit=0`, 'limit'],
  [`${INSTRUMENTS}&limit=1001`, 'limit'],
  [`${INSTRUMENTS}&cursor=%25`, 'cursor'],
  [`${INSTRUMENTS}&symbol=NOSUCHUSDT`, 'symbol'],
  ['/v5/market/tickers?category=linear&symbol=NOSUCHUSDT', 'symbol'],
  ['/v5/market/orderbook?category=linear', 'symbol'],
  ['/v5/market/orderbook?category=linear&symbol=BTCUSDT&limit=x', 'limit'],
  ['/v5/market/kline?category=linear&symbol=BTCUSDT&interval=7', 'interval'],
])('%s is refused by code, in HTTP 200, naming the %s', async (path, name) => {
  const { status, body } = await get(exchange.restUrl, path);
  expect({ status, retCode: body.retCode }).toEqual({ status: 200, retCode: 10_001 });
  expect(body['retMsg']).toContain(name);
});

test('a path that does not exist is 404, and a request line that is no address is 400 and hurts nobody', async () => {
  expect((await get(exchange.restUrl, '/v5/market/nothing')).status).toBe(404);
  expect((await get(exchange.restUrl, '/')).status).toBe(404);
  const said = await new Promise<string>((resolve) => {
    const socket = connect(Number(new URL(exchange.restUrl).port), '127.0.0.1', () => {
      socket.write('GET // HTTP/1.1\r\nHost: exchange\r\nConnection: close\r\n\r\n');
    });
    socket.once('data', (chunk) => resolve(chunk.toString()));
  });
  expect(said).toMatch(/^HTTP\/1\.1 400 /);
  expect((await get(exchange.restUrl, '/v5/market/time')).status).toBe(200);
});

test('after five hundred sockets within five minutes no more are let in, until the first are five minutes old', () => {
  let now = 0;
  const still = { ...systemClock, monotonic: () => now as Ms };
  const crowded = new Exchange({ symbols: 1, startMs: 0, limitClock: still });
  const door = (): unknown => crowded.door('/v5/private');
  for (let i = 0; i < 500; i++) expect(door()).toBe('private');
  expect(door()).toEqual({ status: 403 });
  now = 300_000;
  expect(door()).toBe('private');
});

test('after six hundred requests within five seconds the address is shut out for ten minutes', async () => {
  let now = 0;
  const still = { ...systemClock, monotonic: () => now as Ms };
  const busy = await openExchange({ symbols: 1 }, still);
  const status = async (): Promise<number> => (await get(busy.restUrl, '/v5/market/time')).status;
  const first = new Set<number>();
  for (let i = 0; i < 30; i++)
    for (const code of await Promise.all(Array.from({ length: 20 }, status))) first.add(code);
  expect(first).toEqual(new Set([200]));
  expect(await status()).toBe(403);
  expect((await get(busy.controlUrl, '/state')).status).toBe(200);
  now = 599_999;
  expect(await status()).toBe(403);
  now = 600_000;
  expect(await status()).toBe(200);
  await busy.close();
});
