// What is made of answers that are well formed and wrong? Over a server of the test's own.
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { endpointsOf } from '../../../src/bybit/endpoints.ts';
import { Budget } from '../../../src/bybit/budget.ts';
import { createRest, type PublicRest, type RestOptions } from '../../../src/bybit/rest/rest.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { systemClock, type Clock } from '../../../src/lib/clock.ts';
import { createRng } from '../../../src/lib/rng.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import { ScriptedRoom } from '../gateway/scripted.ts';
import { createVirtualClock } from '../virtual-clock.ts';

const WALL = Date.parse('2026-08-03T12:00:30Z');

let server: Server;
let rest: PublicRest;
/** Time of this market; it goes on with answers alone. */
let passed = 0;

/** Nobody waits for a retry. */
const hurried: Clock = {
  ...systemClock,
  after: (delay, run) => systemClock.after((delay < 30_000 ? 0 : delay) as Ms, run),
};

/** Answers each question with its `result`, or with the status or the refusal that it names instead. */
async function exchange(resultOf: (url: URL) => object | number, options: Partial<RestOptions> = {}): Promise<void> {
  server = createServer((request, response) => {
    const result = resultOf(new URL(request.url as string, 'http://exchange'));
    if (typeof result === 'number') return void response.writeHead(result).end();
    response.setHeader('content-type', 'application/json');
    const { refused } = result as { readonly refused?: string };
    const [retCode, retMsg] = refused === undefined ? [0, 'OK'] : [10_001, refused];
    response.end(JSON.stringify({ retCode, retMsg, result, retExtInfo: {}, time: WALL + passed }));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const endpoints = endpointsOf('simulator', { rest: `http://127.0.0.1:${port}`, public: 'ws://127.0.0.1:1/x' });
  passed = 0;
  const clock = { ...systemClock, monotonic: () => passed as Ms, wall: () => (WALL + passed) as Ms };
  rest = createRest({ endpoints, clock, rng: createRng(1), retriesMax: 0, ...options });
}

afterEach(async () => {
  rest.close();
  server.closeAllConnections();
  await new Promise((resolve) => void server.close(resolve));
});

/** As long there as back. */
function timeAfter(roundTripMs: number, wrongBy: number): object {
  const time = WALL + passed + roundTripMs / 2 + wrongBy;
  passed += roundTripMs;
  return { timeNano: `${time}000000` };
}

test('one wrong time among five is not the exchange’s, though it came quickest', async () => {
  let asked = 0;
  await exchange(() => (++asked === 3 ? timeAfter(2, 90_000) : timeAfter(10 * asked, 0)));
  expect(await rest.clockOffset()).toEqual({ offset: 0, roundTrip: 10 });
});

test('five answers that tell five times are no time', async () => {
  let asked = 0;
  await exchange(() => timeAfter(10, 90_000 * asked++));
  await expect(rest.clockOffset()).rejects.toMatchObject({ code: 'unreadable' });
  expect(asked).toBe(5);
});

const SOL = createInstrument('SOLUSDT', '0.01', '0.1', 2) as Instrument;
const candle = (start: number, high: string): readonly string[] => [String(start), '100', high, '99', '100', '1', '1'];

test('a candle that begins after its answer was given is left out, counted, and pushes none of the others out', async () => {
  const running = Date.parse('2026-08-03T12:00:00Z');
  const told = [candle(running + 3_600_000, '900'), candle(running, '102'), candle(running - 60_000, '101')];
  await exchange((url) => ({ list: url.searchParams.has('end') ? [] : told }));
  const { klines, ahead } = await rest.klines(SOL, 1);
  expect(klines.map(({ start, high }) => [start - running, high])).toEqual([
    [-60_000, 10_100],
    [0, 10_200],
  ]);
  expect(ahead).toBe(1);
});

const MEGABYTE = Buffer.alloc(1 << 20, ' ');

/** For as long as anybody takes it, but for no longer than a test may last. */
function pour(response: ServerResponse, left = 64): void {
  if (left === 0) response.end('{"retCode":10001,"retMsg":"read to the end"}');
  else response.write(MEGABYTE, () => pour(response, left - 1));
}

test.each<[string, (response: ServerResponse) => unknown]>([
  ['errors of its own', (response) => response.writeHead(502).end('<html>Bad Gateway</html>')],
  ['a hint to look elsewhere', (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
  [
    'pages for people',
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Hello</html>'),
  ],
  [
    'the beginning of an answer',
    (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"retCode":0,', () => response.destroy()),
  ],
  ['what has no end', (response) => pour(response.writeHead(200, { 'content-type': 'application/json' }))],
])('a host that answers nothing but %s is left for the other one, by all who ask it at once', async (_what, answer) => {
  const failing = createServer((_request, response) => void answer(response));
  await new Promise<void>((resolve) => void failing.listen(0, '127.0.0.1', resolve));
  await exchange(() => ({ list: [] }));
  rest.close();
  const urlOf = (of: Server): string => `http://127.0.0.1:${(of.address() as AddressInfo).port}`;
  const endpoints = {
    ...endpointsOf('simulator', { rest: urlOf(failing), public: 'ws://127.0.0.1:1/x' }),
    restSecond: urlOf(server),
  };
  rest = createRest({ endpoints, clock: hurried, rng: createRng(1), retriesMax: 1 });
  await expect(Promise.all([rest.days(), rest.days()])).resolves.toEqual([[], []]);
  failing.closeAllConnections();
  await new Promise((resolve) => void failing.close(resolve));
});

test('what still waited for its turn when the exchange asked for silence does not leave either (O16)', async () => {
  const clock = createVirtualClock();
  let asked = 0;
  await exchange(() => (++asked === 1 ? 403 : { list: [] }), { clock, budget: new Budget(1, 5_000 as Ms) });
  const [first, second] = [rest.days(), rest.days()];
  await expect(first).rejects.toMatchObject({ code: 403 });
  void second.catch(() => undefined);
  await clock.advance(5_000);
  await expect(second).rejects.toMatchObject({ code: 403 });
  expect(asked).toBe(1);
  await clock.advance(600_000);
  expect(await rest.days()).toEqual([]);
});

test('an address that was told to be silent asks neither about the market nor about the account, whichever was told (O16)', async () => {
  const budget = new Budget(300, 5_000 as Ms);
  const room = await ScriptedRoom.up(undefined, budget);
  let asked = 0;
  await exchange(() => (++asked === 1 ? 403 : { list: [] }), { clock: room.clock, budget });
  const read = (): unknown => room.send({ kind: 'read-position', path: 'rest-1', symbol: 'SOLUSDT' });
  await expect(rest.days()).rejects.toMatchObject({ code: 403 });
  read();
  expect(room.put).toHaveLength(0);
  await room.clock.advance(600_000);
  read();
  room.put[0]?.reply({ kind: 'status', status: 403 });
  await expect(rest.days()).rejects.toMatchObject({ code: 403 });
  expect([room.put.length, asked]).toEqual([1, 1]);
  await room.clock.advance(600_000);
  expect(await rest.days()).toEqual([]);
});

test.each([
  ['is overloaded is asked again, so many times and no more', 502, 3],
  ['refuses the question is not asked again', 400, 1],
])('an exchange that %s', async (_, status, times) => {
  let asked = 0;
  await exchange(
    () => {
      asked++;
      return status;
    },
    { clock: hurried, retriesMax: 2 },
  );
  await expect(rest.days()).rejects.toMatchObject({ code: status });
  expect(asked).toBe(times);
});

test('why the exchange does not answer is known from the first attempt on, and forgotten when it does', async () => {
  const virtual = createVirtualClock();
  const { promise: failed, resolve: pauses } = Promise.withResolvers<void>();
  const after: Clock['after'] = (delay, run) => {
    if (delay < 30_000) pauses();
    return virtual.after(delay, run);
  };
  let answer: object | number = 503;
  await exchange(() => answer, { clock: { ...virtual, after }, retriesMax: 5 });
  expect(rest.failure).toBeUndefined();
  const days = rest.days();
  await failed;
  expect(rest.failure).toBe('tickers: HTTP 503');
  answer = { list: [] };
  await virtual.advance(30_000);
  expect(await days).toEqual([]);
  expect(rest.failure).toBeUndefined();
});

test('what waits for its turn when the client is closed is told so, and does not leave', async () => {
  const clock = createVirtualClock();
  let asked = 0;
  await exchange(
    () => {
      asked++;
      return { list: [] };
    },
    { clock, budget: new Budget(1, 5_000 as Ms) },
  );
  await rest.days();
  const late = rest.days();
  void late.catch(() => undefined);
  rest.close();
  await expect(late).rejects.toMatchObject({ code: 'closed' });
  await clock.advance(60_000);
  await expect(rest.days()).rejects.toMatchObject({ code: 'closed' });
  expect(asked).toBe(1);
});

test('an answer that trickles in without an end is broken off after a minute, and the next question is answered', async () => {
  const clock = createVirtualClock();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  await exchange(() => ({ list: [] }), { clock });
  server.once('request', (_request, response: ServerResponse) => {
    const trickle = setInterval(() => response.write(' ', () => begin()), 10);
    response.on('close', () => clearInterval(trickle));
  });
  const [answer] = server.listeners('request') as [RequestListener];
  server.off('request', answer);
  const days = rest.days();
  void days.catch(() => undefined);
  await begun;
  server.on('request', answer);
  await clock.advance(59_999);
  expect(rest.failure).toBeUndefined();
  await clock.advance(1);
  await expect(days).rejects.toMatchObject({ retry: true });
  expect(await rest.days()).toEqual([]);
});

const listed = (symbol: string): object => ({
  symbol,
  priceFilter: { tickSize: '0.01' },
  lotSizeFilter: { qtyStep: '0.1' },
});

test('the list of contracts is read to its last page, and a row that nobody can read costs none of the others (X02)', async () => {
  const pages: Record<string, object> = {
    '': { list: [listed('AAAUSDT'), { symbol: 'ODDUSDT' }], nextPageCursor: 'b' },
    b: { list: [listed('BBBUSDT')], nextPageCursor: 'c' },
    c: { list: [listed('CCCUSDT')], nextPageCursor: '' },
  };
  await exchange((url) => pages[url.searchParams.get('cursor') ?? ''] ?? 404);
  const found = await rest.instruments();
  expect(found.map(({ instrument }) => instrument.symbol)).toEqual(['AAAUSDT', 'BBBUSDT', 'CCCUSDT']);
});

test('a list of contracts without an end is none: half of the market would seem to have vanished (X02)', async () => {
  let page = 0;
  await exchange(() => ({ list: [listed('AAAUSDT')], nextPageCursor: String(++page) }));
  await expect(rest.instruments()).rejects.toMatchObject({ code: 'paging' });
  expect(page).toBe(50);
});

test('a contract that does not trade is asked for by its status; of a name that the exchange does not know there is none (X01, P13)', async () => {
  const asked: (string | null)[] = [];
  await exchange((url) => {
    const [symbol, status] = ['symbol', 'status'].map((name) => url.searchParams.get(name));
    asked.push(status ?? null);
    if (symbol === 'NONEUSDT') return { refused: 'params error: symbol invalid' };
    return { list: status === 'Delivering' ? [{ ...listed('OLDUSDT'), status }] : [] };
  });
  expect(await rest.instrument('OLDUSDT')).toMatchObject({ status: 'Delivering', instrument: { symbol: 'OLDUSDT' } });
  expect(asked).toEqual([null, 'PreLaunch', 'Delivering']);
  expect(await rest.instrument('NONEUSDT')).toBeUndefined();
});

test('twenty hours of candles come in two pages that share none, oldest first', async () => {
  const asked: (readonly [limit: number, end: string | null])[] = [];
  const running = WALL - (WALL % 60_000);
  await exchange((url) => {
    const [limit, end] = [Number(url.searchParams.get('limit')), url.searchParams.get('end')];
    asked.push([limit, end]);
    const newest = Math.floor(Number(end ?? running) / 60_000) * 60_000;
    return { list: Array.from({ length: limit }, (_, i) => candle(newest - i * 60_000, '101')) };
  });
  const { klines } = await rest.klines(SOL, 20);
  expect(klines.map(({ start }) => start)).toEqual(
    Array.from({ length: 1_200 }, (_, i) => running - (1_199 - i) * 60_000),
  );
  expect(asked).toEqual([
    [1_000, null],
    [200, String(running - 999 * 60_000 - 1)],
  ]);
});

test('of a coin that is younger than what is asked for there is what there is, and of a gap nothing older than the hours', async () => {
  const running = WALL - (WALL % 60_000);
  const told = [running, running - 60_000, running - 59 * 60_000, running - 60 * 60_000];
  await exchange((url) => ({ list: url.searchParams.has('end') ? [] : told.map((start) => candle(start, '101')) }));
  const { klines } = await rest.klines(SOL, 1);
  expect(klines.map(({ start }) => (start - running) / 60_000)).toEqual([-59, -1, 0]);
});

test('a day that nobody can read costs none of the others; what is no book is refused as that', async () => {
  const day = { symbol: 'SOLUSDT', price24hPcnt: '0.05', turnover24h: '1000' };
  await exchange((url) => (url.pathname.endsWith('/tickers') ? { list: [{}, day] } : { s: 'SOLUSDT' }));
  expect((await rest.days()).map(({ symbol }) => symbol)).toEqual(['SOLUSDT']);
  await expect(rest.book(SOL, 50)).rejects.toMatchObject({ code: 'unreadable' });
});
