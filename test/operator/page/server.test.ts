// How much may somebody ask for, and what is a probe told? To the request and to the millisecond, by a clock that the test moves.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBooks } from '../../../src/book/layout.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { Board } from '../../../src/operator/board/board.ts';
import { createLatencies } from '../../../src/operator/metrics/latency.ts';
import { MetricSet } from '../../../src/operator/metrics/metric-set.ts';
import { Surface, type RequestCounts } from '../../../src/operator/page/server.ts';
import { Sessions } from '../../../src/operator/page/sessions.ts';
import { createLives } from '../../../src/scan/layout.ts';
import { createTape } from '../../../src/tape/layout.ts';
import { ask, type Got } from '../visitor.ts';

const ICON = { path: '/icon.svg', type: 'image/svg+xml', body: Buffer.from('<svg/>'), etag: '"1"' };

let now: number;
let url: string;
let surface: Surface;
let requests: RequestCounts;
let told: string[];

beforeEach(async () => {
  now = 1_000;
  requests = { answered: 0, refused: 0, limited: 0, failed: 0 };
  told = [];
  const nothing = () => ({ cancel: () => undefined });
  const clock = { monotonic: () => now as Ms, wall: () => now as Ms, after: nothing, every: nothing };
  const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1), latencies: createLatencies() };
  const metrics = new MetricSet();
  metrics.gauge('now', 'When it was scraped.', () => now);
  surface = new Surface({
    settings: { host: '127.0.0.1', port: 0, allowedHosts: [], control: true, tokenFile: '' },
    token: 'secret',
    assets: new Map([[ICON.path, ICON]]),
    board: new Board(memory, clock),
    metrics,
    sessions: new Sessions(clock),
    clock,
    requests,
    command: () => Promise.reject(new Error('main is gone')),
    onLogout: () => undefined,
    tell: (event, fields) => told.push(`${event} ${JSON.stringify(fields)}`),
  });
  url = `http://127.0.0.1:${await surface.listen()}/`;
});

afterEach(() => surface.app.close());

const get = (path: string, headers: Record<string, string> = {}): Promise<Got> => ask(url, { path, headers });
const post = (path: string, body: object, headers: Record<string, string> = {}): Promise<Got> => {
  const ours = { origin: url.replace(/\/$/, ''), 'content-type': 'application/json' };
  return ask(url, { method: 'POST', path, headers: { ...ours, ...headers }, body: JSON.stringify(body) });
};
/** How many of so many are answered with each status. */
async function statuses(count: number, one: () => Promise<Got>): Promise<Record<number, number>> {
  const found: Record<number, number> = {};
  for (let i = 0; i < count; i++) {
    const { status } = await one();
    found[status] = (found[status] ?? 0) + 1;
  }
  return found;
}

test('an engine whose main has been silent for half a minute is told to be lost, one that has told nothing yet not to be ready', async () => {
  now += 29_999;
  expect(await get('/healthz')).toMatchObject({ status: 200, body: '{"status":"alive","mainSilentMs":29999}' });
  now += 1;
  expect(await get('/healthz')).toMatchObject({ status: 503, body: '{"status":"lost","mainSilentMs":30000}' });
  const { status, body } = await get('/readyz');
  expect([status, JSON.parse(body)]).toMatchObject([503, { ready: false, reasons: [{ name: 'starting' }] }]);
});

test('strangers have 200 requests at once and 50 a second between them all; a probe is none of them, and a session has its own', async () => {
  const login = await post('/api/login', { token: 'secret' });
  const cookie = login.headers['set-cookie']?.split(';')[0] ?? '';
  expect(await statuses(201, () => get('/icon.svg'))).toEqual({ 200: 199, 429: 2 });
  now += 1_000;
  expect(await statuses(51, () => get('/icon.svg'))).toEqual({ 200: 50, 429: 1 });
  expect(await statuses(3, () => get('/healthz'))).toEqual({ 200: 3 });
  expect(await statuses(3, () => get('/readyz'))).toEqual({ 503: 3 });
  expect(await statuses(61, () => get('/api/session', { cookie }))).toEqual({ 200: 60, 429: 1 });
  expect(requests).toEqual({ answered: 1 + 199 + 50 + 3 + 60 + 3, limited: 2 + 1 + 1, refused: 0, failed: 0 });
});

test('ten logins may be tried at once, and one every two seconds', async () => {
  const guess = (): Promise<Got> => post('/api/login', { token: 'guess' });
  expect(await statuses(11, guess)).toEqual({ 401: 10, 429: 1 });
  now += 1_999;
  expect(await statuses(1, guess)).toEqual({ 429: 1 });
  now += 1;
  expect(await statuses(2, guess)).toEqual({ 401: 1, 429: 1 });
  expect(requests).toMatchObject({ refused: 11, limited: 3 });
  expect(told).toEqual(Array.from({ length: 11 }, () => 'dashboard.login_refused {"address":"127.0.0.1"}'));
});

test('two scrapes within a second get the same text', async () => {
  const scraped = async (): Promise<number> => Number(/^now (\d+)$/m.exec((await get('/metrics')).body)?.[1]);
  expect(await scraped()).toBe(1_000);
  now += 999;
  expect(await scraped()).toBe(1_000);
  now += 1;
  expect(await scraped()).toBe(2_000);
});

test('what the browser has already is not sent again, and what is asked for in a wrong way is told the right one', async () => {
  expect(await get('/icon.svg')).toMatchObject({
    status: 200,
    body: '<svg/>',
    headers: { etag: '"1"', 'cache-control': 'no-cache' },
  });
  expect(await get('/icon.svg', { 'if-none-match': '"1"' })).toMatchObject({ status: 304, body: '' });
  expect(await get('/icon.svg', { 'if-none-match': '"2"' })).toMatchObject({ status: 200, body: '<svg/>' });
  expect(await get('/api/login?x')).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  expect(await post('/icon.svg', {})).toMatchObject({ status: 405, headers: { allow: 'GET' } });
  expect((await get('/nowhere')).status).toBe(404);
  const strange = await get('/', { host: 'evil.example' });
  const shut = { connection: 'close', 'x-frame-options': 'DENY', 'cache-control': 'no-store' };
  expect(strange).toMatchObject({ status: 421, body: '{"error":"unknown host name"}', headers: shut });
  expect((await get('http://evil.example/')).status).toBe(400);
  expect(requests).toMatchObject({ answered: 3, refused: 5 });
});

test('what goes wrong in the engine is told to its log, and not to who asked', async () => {
  const login = await post('/api/login', { token: 'secret' });
  const { proof } = JSON.parse(login.body) as { proof: string };
  const headers = { cookie: login.headers['set-cookie']?.split(';')[0] ?? '', 'x-plotnost-proof': proof };
  const answer = await post('/api/command', { id: 'click-0001', kind: 'close', symbol: 'SOLUSDT' }, headers);
  expect([answer.status, answer.body]).toEqual([500, '{"error":"this went wrong; the log says why"}']);
  expect(told).toEqual([
    'dashboard.login {"address":"127.0.0.1"}',
    'dashboard.command {"id":"click-0001","command":"close","symbol":"SOLUSDT"}',
    'dashboard.request_failed {"reason":"main is gone"}',
  ]);
  expect(requests.failed).toBe(1);
});
