// Does each fault happen on the wire as it was ordered, once, and does the book come right again after it?
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/server.ts';
import { type Answer, get, type Heard, openExchange, post, resultOf, Subscriber } from './exchange-room.ts';
import type { BookMessage } from './plain-book.ts';

const SYMBOL = 'SOLUSDT';
const TOPIC = `orderbook.50.${SYMBOL}`;
const OTHER = 'orderbook.50.BTCUSDT';

let exchange: Simulator;
let subscriber: Subscriber;

beforeAll(async () => {
  exchange = await openExchange();
});
afterAll(() => exchange.close());
beforeEach(async () => {
  subscriber = await Subscriber.connect(exchange.publicUrl);
  await subscriber.subscribe(TOPIC);
  await subscriber.next(isDelta);
});
afterEach(async () => {
  subscriber.socket.terminate();
  await fault({ kind: 'clear' });
});

const isDelta = ({ topic, type }: Heard): boolean => topic === TOPIC && type === 'delta';
const fault = (order: object): Promise<Answer> => post(exchange.controlUrl, '/fault', order);

async function pendingFaults(): Promise<unknown> {
  return (await get(exchange.controlUrl, '/state')).body['pendingFaults'];
}

/** What came from the last frame before the order until the fault was over and `more` further frames had come. */
async function suffer(order: object, more = 3): Promise<Heard[]> {
  const from = subscriber.heard.length - 1;
  expect(await fault({ symbol: SYMBOL, depth: 50, ...order })).toMatchObject({ status: 200 });
  await expect.poll(pendingFaults, { interval: 5 }).toBe(0);
  for (let i = 0; i < more; i++) await subscriber.next(isDelta);
  return subscriber.heard.slice(from);
}

/** By how much the update number rises from each frame to the next. */
function steps(frames: readonly Heard[]): number[] {
  const us = frames.flatMap(({ data }) => (data === undefined ? [] : [data.u]));
  return us.slice(1).map((u, i) => u - (us[i] as number));
}

/** What a client does when he no longer trusts his book: he subscribes anew. Then it is the exchange's own. */
async function comesRight(symbol = SYMBOL): Promise<void> {
  const topic = `orderbook.50.${symbol}`;
  await subscriber.unsubscribe(topic);
  const from = subscriber.heard.length;
  await subscriber.subscribe(topic);
  await subscriber.next((heard) => heard.topic === topic && heard.type === 'delta', from);
  const { body } = await get(exchange.controlUrl, `/book?symbol=${symbol}&depth=50`);
  const { b, a, u } = body as unknown as BookMessage['data'];
  await subscriber.next(({ topic: of, data }) => of === topic && data?.u === u, from);
  const book = subscriber.book(topic, u);
  expect(book.complaints).toEqual([]);
  expect(book.levels()).toEqual({ b, a });
}

test('drop-delta: as many updates are missing as were ordered', async () => {
  const frames = await suffer({ kind: 'drop-delta', count: 2 });
  expect(steps(frames).reduce((sum, step) => sum + step - 1, 0)).toBe(2);
  await comesRight();
});

test('duplicate-delta: one update comes twice', async () => {
  const frames = await suffer({ kind: 'duplicate-delta' });
  expect(steps(frames).filter((step) => step !== 1)).toEqual([0]);
  await comesRight();
});

test('reorder-deltas: two updates change places', async () => {
  const frames = await suffer({ kind: 'reorder-deltas' });
  expect(steps(frames).filter((step) => step !== 1)).toEqual([2, -1, 2]);
  await comesRight();
});

test('truncate-frame: one frame is no JSON', async () => {
  const frames = await suffer({ kind: 'truncate-frame' });
  expect(frames.filter(({ topic }) => topic === undefined)).toHaveLength(1);
  expect(steps(frames).filter((step) => step !== 1)).toEqual([2]);
  await comesRight();
});

test('crossed-book: after one update the best bid is above the best ask, on the grid all the same', async () => {
  const crossed = subscriber.next((heard) => {
    if (!isDelta(heard)) return false;
    const book = subscriber.book(TOPIC, heard.data?.u ?? 0);
    return book.bestBid > book.bestAsk;
  });
  await suffer({ kind: 'crossed-book' }, 0);
  const [price, size] = (await crossed).data?.b[0] ?? [];
  expect(price).toMatch(/^\d+\.\d\d0$/);
  expect(size).toBe('0.1');
  await comesRight();
});

test('corrupt-number: one size is no plain decimal', async () => {
  const frames = await suffer({ kind: 'corrupt-number' });
  const sizes = frames.flatMap(({ data }) => [...(data?.b ?? []), ...(data?.a ?? [])].map(([, size]) => size));
  expect(sizes.filter((size) => !/^\d+(\.\d+)?$/.test(size))).toEqual(['1e5']);
  await comesRight();
});

test('off-grid: one price is no whole number of ticks', async () => {
  const frames = await suffer({ kind: 'off-grid' });
  const prices = frames.flatMap(({ data }) => [...(data?.b ?? []), ...(data?.a ?? [])].map(([price]) => price));
  expect(prices.filter((price) => !/^\d+\.\d\d0$/.test(price))).toHaveLength(1);
  await comesRight();
});

test('restart-u1: a snapshot with u = 1, and the count goes on from there', async () => {
  const snapshot = subscriber.next(({ topic, type }) => topic === TOPIC && type === 'snapshot');
  expect((await fault({ kind: 'restart-u1', symbol: SYMBOL, depth: 50 })).body['books']).toBe(1);
  expect((await snapshot).data?.u).toBe(1);
  const from = subscriber.heard.indexOf(await snapshot);
  const next = await subscriber.next(isDelta, from);
  expect(next.data?.u).toBe(2);
  expect(subscriber.book(TOPIC, 2).complaints).toEqual([]);
});

test('snapshot-midstream: a snapshot among the deltas, and the book goes on', async () => {
  const from = subscriber.heard.length;
  const snapshot = subscriber.next(({ topic, type }) => topic === TOPIC && type === 'snapshot');
  expect((await fault({ kind: 'snapshot-midstream', symbol: SYMBOL })).body['books']).toBe(1);
  const { data } = await snapshot;
  expect([data?.b.length, data?.a.length]).toEqual([50, 50]);
  await subscriber.next(isDelta, subscriber.heard.indexOf(await snapshot));
  expect(new Set(steps(subscriber.heard.slice(from)))).toEqual(new Set([1]));
});

test('silent-topic: one topic stops while the others go on, and a new subscription wakes it', async () => {
  await subscriber.subscribe(OTHER);
  expect((await fault({ kind: 'silent-topic', topic: TOPIC })).body['topics']).toBe(1);
  const from = subscriber.heard.length;
  for (let i = 0; i < 20; i++) await subscriber.next(({ topic }) => topic === OTHER);
  expect(subscriber.heard.slice(from).filter(isDelta)).toEqual([]);
  await comesRight();
});

test('silent-topic with ms: the topic comes back by itself, with a gap', async () => {
  const from = subscriber.heard.length - 1;
  await fault({ kind: 'silent-topic', symbol: SYMBOL, depth: 50, ms: 300 });
  const gaps = (): number[] => steps(subscriber.heard.slice(from)).filter((step) => step !== 1);
  await expect.poll(gaps).toEqual([expect.any(Number)]);
  expect(gaps()[0]).toBeGreaterThan(1);
  await comesRight();
});

test('half-open: nothing is sent or answered any more, and the connection stands until it is cut', async () => {
  expect((await fault({ kind: 'half-open' })).body['sockets']).toBe(1);
  const count = subscriber.heard.length;
  subscriber.say({ op: 'ping' });
  const other = await Subscriber.connect(exchange.publicUrl);
  await other.subscribe(TOPIC);
  for (let i = 0; i < 10; i++) await other.next(isDelta);
  await other.ask({ op: 'ping' });
  expect(subscriber.heard.slice(count).filter(({ op }) => op === 'ping')).toEqual([]);
  expect(subscriber.socket.readyState).toBe(subscriber.socket.OPEN);
  expect((await fault({ kind: 'cut' })).body['sockets']).toBe(2);
  expect(await subscriber.closed).toBe(1_006);
});

test('cut: the connection ends without a closing word, and a new one is welcome', async () => {
  expect((await fault({ kind: 'cut', symbol: SYMBOL })).body['sockets']).toBe(1);
  expect(await subscriber.closed).toBe(1_006);
  subscriber = await Subscriber.connect(exchange.publicUrl);
  await subscriber.subscribe(TOPIC);
  await comesRight();
});

test('cut with a close code, at its time in a scenario: the client hears the code at once', async () => {
  const steps = [{ at: '0ms', do: 'cut', with: { code: 1_001 } }];
  expect(await post(exchange.controlUrl, '/scenario', { name: 'cut', lasts: '1ms', steps })).toMatchObject({
    status: 200,
  });
  expect(await subscriber.closed).toBe(1_001);
});

test('refuse-connections: new ones are refused while it lasts, those that stand go on', async () => {
  await fault({ kind: 'refuse-connections', ms: 600_000 });
  await expect(Subscriber.connect(exchange.publicUrl)).rejects.toThrow(/hang up|ECONNRESET/);
  await subscriber.next(isDelta);
  await fault({ kind: 'refuse-connections', ms: 1 });
  await expect
    .poll(() => Subscriber.connect(exchange.publicUrl).then(({ socket }) => socket.terminate()))
    .toBe(undefined);
});

test('reject-topic: a request that holds it is refused whole, one without it is not', async () => {
  await fault({ kind: 'reject-topic', topic: OTHER });
  expect(await subscriber.subscribe(OTHER, 'tickers.BTCUSDT')).toMatchObject({
    success: false,
    ret_msg: `error:handler not found,topic:${OTHER}`,
  });
  expect(await subscriber.subscribe('tickers.BTCUSDT')).toMatchObject({ success: true });
  await fault({ kind: 'clear' });
  expect(await subscriber.subscribe(OTHER)).toMatchObject({ success: true });
});

test('tick-change: listing and book go over to the new grid, the day of the contract stays', async () => {
  const symbol = 'XRPUSDT';
  const topic = `orderbook.50.${symbol}`;
  const ask = async <T>(path: string): Promise<T> => {
    const { list } = await resultOf<{ list: T[] }>(exchange.restUrl, `${path}?category=linear&symbol=${symbol}`);
    return list[0] as T;
  };
  type Day = Record<'turnover24h' | 'prevPrice24h' | 'fundingIntervalHour', string>;
  await subscriber.subscribe(topic);
  const before = await ask<Day>('/v5/market/tickers');
  const snapshot = subscriber.next((heard) => heard.topic === topic && heard.type === 'snapshot');
  expect(await fault({ kind: 'tick-change', symbol, tickSize: '0.0005', qtyStep: '1' })).toMatchObject({ status: 200 });
  const { data } = await snapshot;
  const levels = [...(data?.b ?? []), ...(data?.a ?? [])];
  expect(levels.filter(([price, size]) => !/^\d+\.\d{3}[05]$/.test(price) || !/^\d+$/.test(size))).toEqual([]);
  expect(await ask('/v5/market/instruments-info')).toMatchObject({
    priceFilter: { tickSize: '0.0005' },
    lotSizeFilter: { qtyStep: '1' },
  });
  const after = await ask<Day>('/v5/market/tickers');
  expect(Number(after.turnover24h) / Number(before.turnover24h)).toBeCloseTo(1, 2);
  expect(Number(after.prevPrice24h) / Number(before.prevPrice24h)).toBeCloseTo(1, 3);
  await comesRight(symbol);
});

test('pause: what is due still comes, then silence; resume: the count goes on without a gap', async () => {
  await subscriber.subscribe(OTHER);
  await post(exchange.controlUrl, '/pause');
  const quiet = await Subscriber.connect(exchange.publicUrl);
  await quiet.subscribe('orderbook.1.BTCUSDT');
  // The touch is told again after three still seconds: whatever was due has long been sent by then.
  await quiet.next(({ topic }) => topic === 'orderbook.1.BTCUSDT');
  const count = subscriber.heard.length;
  await quiet.next(({ topic }) => topic === 'orderbook.1.BTCUSDT');
  expect(subscriber.heard).toHaveLength(count);
  const { body } = await get(exchange.controlUrl, '/state');
  expect(body).toMatchObject({ paused: true, sockets: 2, topics: { [TOPIC]: 1, 'orderbook.1.BTCUSDT': 1 } });
  const { b, a } = (await get(exchange.controlUrl, '/book?symbol=BTCUSDT&depth=50')).body;
  const last = subscriber.of(OTHER).at(-1)?.data.u ?? 0;
  expect(subscriber.book(OTHER, last).levels()).toEqual({ b, a });
  await post(exchange.controlUrl, '/resume');
  const next = await subscriber.next(({ topic }) => topic === OTHER);
  expect(next.data?.u).toBe(last + 1);
  quiet.socket.terminate();
});

test.each([
  ['{"kind":', 'JSON'],
  [{ kind: 'earthquake' }, 'drop-delta'],
  [{ kind: 'drop-delta', symbol: 'NOSUCHUSDT' }, 'symbol'],
  [{ kind: 'drop-delta', depth: 500 }, 'depth'],
  [{ kind: 'drop-delta', counts: 2 }, 'counts'],
  [{ kind: 'refuse-connections' }, 'ms'],
  [{ kind: 'reject-topic' }, 'topic'],
  [{ kind: 'silent-topic' }, 'topic'],
  [{ kind: 'tick-change' }, 'symbol'],
  [{ kind: 'tick-change', symbol: 'BTCUSDT', tickSize: 'small' }, 'tickSize'],
])('the order %j is refused, naming %s', async (order, name) => {
  const { status, body } = await post(exchange.controlUrl, '/fault', order);
  expect(status).toBe(400);
  expect(body.error).toContain(name);
});

test('control says what it has', async () => {
  expect(await post(exchange.controlUrl, '/stop')).toMatchObject({
    status: 404,
    body: { error: expect.stringContaining('/control/pause') },
  });
  expect((await get(exchange.controlUrl, '/book?symbol=NOSUCHUSDT&depth=50')).status).toBe(404);
  expect((await get(exchange.controlUrl, `/book?symbol=${SYMBOL}&depth=200`)).body.error).toContain(
    'nobody subscribes',
  );
  expect((await post(exchange.controlUrl, '/fault', ' '.repeat(70_000))).status).toBe(413);
});
