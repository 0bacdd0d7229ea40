// Does a page see what the engine sees, and can it stop it?
import { statSync, readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { mapBooks } from '../../src/book/layout.ts';
import { createView, readBook } from '../../src/book/read.ts';
import { PROOF_HEADER } from '../../src/operator/page/protocol.ts';
import { usdtOf, type Column } from '../../src/operator/page/protocol-columns.ts';
import { startFakeMain, type FakeMain } from './fake-main.ts';
import { PageSocket, until } from './page-socket.ts';
import { ask, logIn, type Login } from './visitor.ts';

/** Of whoever trades: as the process was given it. */
const PRIORITY = os.getPriority();

let main: FakeMain;
/** One for nearly all of them: ten are let in at once, and one every two seconds. */
let login: Login;
beforeAll(async () => {
  main = await startFakeMain({ symbols: 4, warmUpMs: 15_000 });
  login = await logIn(main.url, main.token);
});
afterAll(() => main.close());

const origin = () => main.url.replace(/\/$/, '');
const columnsOf = (page: PageSocket, stream: number): Column[] =>
  page.columns.filter((message) => message.stream === stream).flatMap(({ columns }) => columns);

test('the token lies in a file that only its owner reads, and is not in the address that is logged', () => {
  const file = path.join(main.directory, 'dashboard.token');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toBe(`${main.token}\n`);
  expect(main.token).toMatch(/^[\w-]{43}$/);
});

test('the thread that serves the page gives way to whoever trades', () => {
  const threads = readdirSync('/proc/self/task').map((id) => readFileSync(`/proc/self/task/${id}/stat`, 'utf8'));
  const niceOf = (name: string): string[] =>
    threads.filter((stat) => stat.includes(` (${name}) `)).flatMap((stat) => stat.split(') ')[1]?.split(' ')[16] ?? []);
  expect(niceOf('operator')).toEqual(['10']);
  expect(os.getPriority()).toBe(PRIORITY);
});

test('a page is greeted with session, past, symbols and status', async () => {
  const page = await PageSocket.anew(main.url, login);
  const hello = await until('hello', () => page.of('hello')[0]);
  expect(hello).toMatchObject({ protocol: 1, control: true, session: { environment: 'simulator' } });
  const status = await until('status', () => page.of('status').find(({ ready }) => ready));
  expect(status).toMatchObject({
    unready: [],
    mode: 'ACTIVE',
    account: { equity: expect.any(Number) as number },
    tooSmall: ['BTCUSDT'],
    leftOut: ['ODDUSDT'],
  });
  const [symbols] = page.of('symbols');
  expect(symbols?.symbols.map(({ symbol }) => symbol)).toEqual(
    main.market.symbols.map(({ instrument }) => instrument.symbol),
  );
  expect(symbols?.symbols.every(({ trust, bid, ask: offer }) => trust === 'live' && (bid ?? 0) < (offer ?? 0))).toBe(
    true,
  );
  const [past] = page.of('happened');
  expect(past?.signals.length).toBeGreaterThan(0);
  expect(past?.signals.every(({ criteria }) => criteria.length === 4)).toBe(true);
  await until('latencies', () =>
    page.of('latencies')[0]?.latencies.some(({ stage, count }) => stage === 'frame' && count > 0),
  );
  page.close();
});

test('the heat map shows the book: each cell is what rests in its ticks, the past comes first', async () => {
  const watched = main.market.symbols[0];
  if (watched === undefined) throw new Error('the market has a first symbol');
  const { symbol } = watched.instrument;
  const page = await PageSocket.anew(main.url, login);
  page.say({ kind: 'watch', symbol, zoom: 1 });
  const { stream, bucketTicks, rows } = await until('watching', () => page.of('watching')[0]);
  await until('columns', () => columnsOf(page, stream).length > 10);
  const late = await PageSocket.anew(main.url, login);
  late.say({ kind: 'watch', symbol, zoom: 1 });
  const past = await until('the past', () => late.columns[0]);
  expect(past.columns.length).toBeGreaterThan(10);
  late.close();
  const numbers = columnsOf(page, stream).map(({ number }) => number);
  // A late turn and the next one fall into the same tenth of a second: the page adds the second to the first.
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  // The market stands still from here on: a column of later is the book as it is. Some of before may still be on their way.
  main.pause();
  onTestFinished(() => main.resume());
  const stoodMs = Date.now();
  const column = await until('a column of a market at rest', () =>
    columnsOf(page, stream).find(({ atMs }) => atMs > stoodMs),
  );
  const ladders = page.of('market').length;
  const view = createView();
  expect(readBook(mapBooks(main.market.arenas.books, main.market.arenas.slots), watched.slot, view)).toBe(true);
  expect([column.bid, column.ask]).toEqual([view.ticks[0][0], view.ticks[1][0]]);
  const sums = new Map<number, number>();
  for (const side of [0, 1] as const) {
    for (let i = 0; i < (view.counts[side] as number); i++) {
      const tick = view.ticks[side][i] as number;
      const row = Math.floor(tick / bucketTicks) - column.baseRow;
      if (row >= 0 && row < rows) sums.set(row, (sums.get(row) ?? 0) + tick * (view.lots[side][i] as number));
    }
  }
  const shown = [...column.cells].map((cell, row) => [row, usdtOf(cell)] as const).filter(([, usdt]) => usdt > 0);
  expect(shown.map(([row]) => row)).toEqual([...sums.keys()].toSorted((a, b) => a - b));
  for (const [row, usdt] of shown) {
    const exact = (sums.get(row) as number) * watched.instrument.notionalUnit;
    expect(Math.abs(usdt / exact - 1)).toBeLessThan(0.002);
  }
  expect(shown.length).toBeGreaterThan(20);
  const market = await until('the ladder', () => page.of('market')[ladders]);
  expect(market.bids[0]?.[0]).toBe(view.ticks[0][0]);
  expect(market.bids.map(([tick]) => tick)).toEqual([...view.ticks[0].subarray(0, market.bids.length)]);
  expect(market.lives.length).toBeGreaterThan(0);
  page.close();
});

test.each(['NOSUCHUSDT', '币安人生USDT'])('%s, which nobody watches, is said not to be watched', async (symbol) => {
  const page = await PageSocket.anew(main.url, login);
  page.say({ kind: 'watch', symbol, zoom: 0 });
  expect(await until('not-watched', () => page.of('not-watched')[0])).toEqual({ kind: 'not-watched', symbol });
  const told = page.of('status').length;
  await until('more', () => page.of('status').length > told + 2);
  expect(page.of('not-watched')).toHaveLength(1);
  page.close();
});

test.each([
  ['no JSON', '{'],
  ['a command', JSON.stringify({ kind: 'kill' })],
  ['an unknown zoom', JSON.stringify({ kind: 'watch', symbol: 'BTCUSDT', zoom: 9 })],
  ['too much', JSON.stringify({ kind: 'watch', symbol: 'B'.repeat(5_000), zoom: 1 })],
])('a page that says %s is let go', async (_, text) => {
  const before = [...main.desk.commands];
  const page = await PageSocket.anew(main.url, login);
  const closed = new Promise<number>((resolve) => page.socket.once('close', (code) => resolve(code)));
  page.socket.send(text);
  expect([1_008, 1_009]).toContain(await closed);
  expect(main.desk.commands).toEqual(before);
});

test('the kill switch works, once for each click, and the page sees what became of it', async () => {
  const killed = await startFakeMain({ symbols: 1, warmUpMs: 0 });
  killed.pause(); // the next step of the desk is behind the emergency
  const page = await PageSocket.open(killed.url, killed.token);
  const { cookie, proof } = page.login;
  const send = (body: object) =>
    ask(killed.url, {
      method: 'POST',
      path: '/api/command',
      headers: {
        origin: killed.url.replace(/\/$/, ''),
        cookie,
        [PROOF_HEADER]: proof,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
  const kill = { id: 'click-0001', kind: 'kill' };
  const first = await send(kill);
  expect(first.status).toBe(200);
  expect(JSON.parse(first.body)).toMatchObject({ accepted: true });
  expect((await send(kill)).body).toBe(first.body);
  expect(killed.desk.commands).toEqual([kill]);
  killed.digest();
  const status = await until('the kill', () => page.of('status').findLast(({ isKilled }) => isKilled));
  expect(status).toMatchObject({ mode: 'EMERGENCY', latch: 'kill_switch', positions: [], ready: false });
  expect(status.unready.join()).toContain('mode: EMERGENCY: kill_switch');
  expect((await send({ id: 'click-0002', kind: 'close' })).status).toBe(400);
  expect((await send({ id: 'click-0003', kind: 'resume', symbol: 'BTCUSDT' })).status).toBe(400);
  expect((await send({ id: 'x', kind: 'resume' })).status).toBe(400);
  expect((await send({ id: 'click-0004', kind: 'resume' })).status).toBe(200);
  expect(killed.desk.commands.map(({ kind }) => kind)).toEqual(['kill', 'resume']);
  page.close();
  await killed.close();
});

test('logging out ends the session and its sockets, and nobody else’s', async () => {
  const other = await PageSocket.anew(main.url, login);
  const page = await PageSocket.open(main.url, main.token);
  const { cookie, proof } = page.login;
  const closed = new Promise<number>((resolve) => page.socket.once('close', (code) => resolve(code)));
  const headers = { origin: origin(), cookie, [PROOF_HEADER]: proof, 'content-type': 'application/json' };
  const got = await ask(main.url, { method: 'POST', path: '/api/logout', headers, body: '{}' });
  expect(got.status).toBe(200);
  expect(got.headers['set-cookie']).toContain('Max-Age=0');
  expect(await closed).toBe(1_008);
  expect((await ask(main.url, { path: '/api/session', headers: { cookie } })).status).toBe(401);
  expect(other.socket.readyState).toBe(other.socket.OPEN);
  other.close();
});

test('a login stays with the browser: no script reads its cookie, no other site sends it', async () => {
  const headers = { origin: origin(), 'content-type': 'application/json' };
  const body = JSON.stringify({ token: main.token });
  const got = await ask(main.url, { method: 'POST', path: '/api/login', headers, body });
  expect(got.headers['set-cookie']).toMatch(
    /^plotnost_\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=86400$/,
  );
});

test('behind a proxy the page is asked for by the names that are allowed, its cookie goes by TLS only, metrics need the token', async () => {
  const behind = await startFakeMain({ allowedHosts: ['trade.example'], symbols: 1, warmUpMs: 0 });
  const asked = (sent: object, host = 'trade.example', path = '/api/login', method = 'POST') =>
    ask(behind.url, {
      method,
      path,
      headers: { host, 'content-type': 'application/json', ...sent },
      body: method === 'POST' ? JSON.stringify({ token: behind.token }) : '',
    });
  const scraped = async (sent: object, host = 'trade.example') => (await asked(sent, host, '/metrics', 'GET')).status;
  const login = await asked({ origin: 'https://trade.example' });
  const refused = [
    await asked({ origin: 'https://other.example' }, 'other.example'),
    await asked({ origin: 'https://trade.example.other.example' }),
    await asked({ origin: 'https://trade.example', 'sec-fetch-site': 'cross-site' }),
  ];
  const scrapes = [
    await scraped({}),
    await scraped({}, 'Trade.Example'),
    await scraped({ authorization: `Basic ${behind.token}` }),
    await scraped({ authorization: `Bearer ${behind.token}` }),
  ];
  await behind.close();
  expect(login.status).toBe(200);
  expect(login.headers['set-cookie']).toMatch(/; HttpOnly; SameSite=Strict; .*; Secure$/);
  expect(refused.map(({ status }) => status)).toEqual([421, 403, 403]);
  expect(scrapes).toEqual([401, 401, 401, 200]);
});

test('a session is asked for again with its cookie alone, and tells the proof to our own page only by its answer', async () => {
  // One of its own: how many logins are left of the others' depends on how fast they were.
  const fresh = await startFakeMain({ symbols: 1, warmUpMs: 0 });
  const { cookie, proof } = await logIn(fresh.url, fresh.token);
  const got = await ask(fresh.url, { path: '/api/session', headers: { cookie } });
  await fresh.close();
  expect(JSON.parse(got.body)).toEqual({ proof, control: true });
  expect(got.headers['access-control-allow-origin']).toBeUndefined();
  expect(cookie).toMatch(/^plotnost_\d+=[\w-]{43}$/);
});

test.each(['0.0.0.0', 'localhost'])(
  'the address that is told is one of ours where the page listens on %s',
  async (host) => {
    const other = await startFakeMain({ host, symbols: 1, warmUpMs: 0 });
    const { status } = await ask(other.url, { path: '/healthz' });
    await other.close();
    expect(status).toBe(200);
  },
);
