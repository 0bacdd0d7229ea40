// Does the surface bear what may befall it: slow pages, a taken port, strangers' secrets, a thousand tabs?
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import type { Ms } from '../../src/lib/brand.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createRng } from '../../src/lib/rng.ts';
import { startOperator } from '../../src/operator/operator.ts';
import type { Digest } from '../../src/operator/port.ts';
import { SUBPROTOCOL } from '../../src/operator/page/protocol.ts';
import { createLog } from '../../src/ops/log.ts';
import { smallDisk } from '../state/small-disk.ts';
import { startFakeMain, type FakeMain } from './fake-main.ts';
import { floodFor } from './flood-run.ts';
import { PageSocket, until } from './page-socket.ts';
import { ADDRESSES, ask, logIn } from './visitor.ts';

const CANARY = 'canary-Zx81QmVkT0pLw93n';
const TABS = 1_000;
/** More than the server has connections for. */
const STRANGERS = 600;
const CONNECTIONS_MAX = 512;

let main: FakeMain;
beforeAll(async () => {
  main = await startFakeMain({ symbols: 3, warmUpMs: 5_000, secret: CANARY });
});
afterAll(() => main.close());

test('a secret that is near everything is in no answer, no message and no line', async () => {
  const written: string[] = [];
  const log = createLog(
    { level: 'debug', file: null, maxSizeMb: 1, backupCount: 0 },
    {
      stderr: { write: (line) => written.push(line) },
      clock: systemClock,
      directory: main.directory,
      secrets: [CANARY],
      onLine: (line) => main.tell({ kind: 'log', atMs: Date.now() as Ms, line }),
    },
  );
  const page = await PageSocket.open(main.url, main.token);
  const fields = { text: `refused: key ${CANARY} is unknown`, apiKey: CANARY };
  log.error({ ...fields, error: new Error(`login of ${CANARY}`) }, 'gateway.refused');
  const told = { kind: 'told', atMs: 0 as Ms, level: 'error', name: 'order.refused', symbol: 'BTCUSDT' } as const;
  main.tell({ ...told, fields });
  const verdict = { kind: 'verdict', atMs: 0 as Ms, symbol: 'BTCUSDT', signalId: 'none', refusal: 'G01 mode' } as const;
  main.tell({ ...verdict, detail: CANARY });
  await until('line and word', () =>
    page.of('happened').some(({ told: words }) => words.some(({ name }) => name === 'order.refused')),
  );
  const { cookie, proof } = page.login;
  const answers = await Promise.all(
    [...ADDRESSES, `/${CANARY}?${CANARY}`].flatMap((asked) =>
      ['GET', 'POST', 'DELETE'].map((method) =>
        ask(main.url, {
          method,
          path: asked,
          headers: { cookie, 'content-type': 'application/json' },
          body: `{"token":"${CANARY}"}`,
        }),
      ),
    ),
  );
  const own = answers.filter(({ body }) => body.includes(proof));
  expect(own.map(({ status }) => status)).toEqual([200]);
  const all = [...answers.map(({ text }) => text), ...page.told.map((message) => JSON.stringify(message)), ...written];
  expect(all.length).toBeGreaterThan(30);
  for (const text of all) {
    expect(text).not.toContain(CANARY);
    expect(text).not.toContain(main.token);
    expect(text).not.toContain(cookie.split('=')[1]);
  }
  page.close();
});

test('a page that does not read is let go; one that does is told everything meanwhile', async () => {
  const [deaf, quick] = [await PageSocket.open(main.url, main.token), await PageSocket.open(main.url, main.token)];
  await until('greeting', () => deaf.of('status')[0]);
  // Whatever its socket says from here on stays in the system's buffers.
  (deaf.socket as unknown as { readonly _socket: { pause(): void } })._socket.pause();
  const line = `${JSON.stringify({ level: 'info', event: 'child.line', filler: 'x'.repeat(1_900) })}\n`;
  let heard = -1;
  await until('the slow one is let go', () => {
    // More is told only when the quick one has read what was told: on a busy machine it would be let go as well.
    const { length } = quick.of('happened');
    if (length > heard) for (let i = 0; i < 200; i++) main.tell({ kind: 'log', atMs: Date.now() as Ms, line });
    heard = length;
    return quick.of('status').at(-1)?.surface.dropped === 1;
  });
  expect(quick.of('status').at(-1)?.surface).toMatchObject({ clients: 1, dropped: 1 });
  expect(quick.socket.readyState).toBe(WebSocket.OPEN);
  quick.close();
  deaf.close();
});

test('a thousand tabs get as many sockets as there are for them, and the last one still may look by another session', async () => {
  const { cookie } = await logIn(main.url, main.token);
  const origin = main.url.replace(/\/$/, '');
  const tabs = Array.from({ length: TABS }, () => {
    const socket = new WebSocket(`${main.url.replace('http', 'ws')}socket`, SUBPROTOCOL, {
      origin,
      headers: { cookie },
    });
    return {
      socket,
      end: new Promise<'open' | 'refused'>((resolve) => {
        socket.once('open', () => resolve('open'));
        socket.once('error', () => resolve('refused'));
      }),
    };
  });
  const ends = await Promise.all(tabs.map(({ end }) => end));
  const open = ends.filter((how) => how === 'open').length;
  expect(open).toBeGreaterThan(0);
  expect(open).toBeLessThanOrEqual(16);
  const page = await PageSocket.open(main.url, main.token);
  await until('the greeting among all tabs', () => page.of('status')[0]);
  page.close();
  for (const { socket } of tabs) socket.terminate();
});

test('S08: strangers who connect and say nothing get as many connections as there are, the others none; when they have gone it is as before', async () => {
  const { hostname, port } = new URL(main.url);
  const strangers = Array.from({ length: STRANGERS }, () =>
    connect(Number(port), hostname)
      .on('error', () => undefined)
      .resume(),
  );
  // Whoever has had a place and says nothing is told so when his time is over.
  const isLetGo = (stranger: Socket): boolean => stranger.closed && stranger.bytesRead === 0;
  await until('who has no place is let go', () => strangers.filter(isLetGo).length >= STRANGERS - CONNECTIONS_MAX);
  for (const stranger of strangers) stranger.destroy();
  await expect.poll(async () => (await ask(main.url, { path: '/healthz' })).status).toBe(200);
});

test('S08: strangers who are refused a socket and never hang up keep no connections', async () => {
  const { host, hostname, port } = new URL(main.url);
  const strangers = Array.from({ length: CONNECTIONS_MAX }, () => {
    const stranger = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    stranger.write(`GET /socket HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`);
    return stranger.on('error', () => undefined).resume();
  });
  await until('everybody has his answer', () => strangers.every(({ readableEnded }) => readableEnded));
  expect((await ask(main.url, { path: '/healthz' })).status).toBe(200);
  for (const stranger of strangers) stranger.destroy();
});

/** As main tells its state now. */
function digestOfMain(): Digest {
  const telling = vi.spyOn(main.operator, 'digest');
  main.digest();
  const [digest] = telling.mock.calls[0] as Parameters<typeof main.operator.digest>;
  telling.mockRestore();
  return digest;
}

test('a port that is taken is listened on when it is free, a thread that dies is followed by one that shows the same: the engine goes on', async () => {
  let thread: Worker | undefined;
  const note = (born: Worker): unknown => (thread = born);
  process.on('worker', note);
  const taken = http.createServer((_, answer) => answer.end('somebody else'));
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
  const { port } = taken.address() as AddressInfo;
  const events: string[] = [];
  const log = (_: object, event: string): unknown => events.push(event);
  const tokenFile = path.join(main.directory, 'other.token');
  const announced: string[] = [];
  const operator = startOperator(
    main.market.arenas,
    { host: '127.0.0.1', port, allowedHosts: [], control: false, tokenFile },
    {
      clock: systemClock,
      rng: createRng(1),
      log: { debug: log, info: log, warn: log, error: log },
      hide: (text) => text,
      announce: (text) => announced.push(text),
      onCommand: () => ({ accepted: false, text: '' }),
    },
  );
  await until('it is told', () => events.includes('dashboard.unavailable'));
  expect(announced).toEqual([expect.stringMatching(/^not served, and tried again: .*EADDRINUSE.*/)]);
  expect(events).not.toContain('dashboard.lost');
  taken.closeAllConnections();
  await new Promise((done) => taken.close(done));
  await until('it listens', () => events.includes('dashboard.listening'));
  const url = `http://127.0.0.1:${port}/`;
  expect((await ask(url, { path: '/healthz' })).status).toBe(200);
  const token = readFileSync(tokenFile, 'utf8').trim();
  expect(announced.slice(1)).toEqual([`${url}#token=${token}`]);
  const digest = digestOfMain();
  operator.digest(digest);
  await thread?.terminate();
  await until('it listens again', () => announced.length === 4);
  operator.digest(digest);
  process.off('worker', note);
  const page = await PageSocket.open(url, token);
  const { symbols } = await until('symbols', () => page.of('symbols')[0]);
  page.close();
  await operator.close();
  expect(symbols).toHaveLength(3);
  expect(announced.slice(2)).toEqual([expect.stringContaining('tried again: exit code'), announced[1]]);
  expect(events).toContain('dashboard.lost');
});

test('S08: a thread that is behind is told nothing more, or what waits for it would be our memory, until it has caught up', async () => {
  const digest = digestOfMain();
  const log = (): unknown => undefined;
  const operator = startOperator(
    main.market.arenas,
    {
      host: '127.0.0.1',
      port: 0,
      allowedHosts: [],
      control: false,
      tokenFile: path.join(main.directory, 'late.token'),
    },
    {
      clock: systemClock,
      rng: createRng(1),
      log: { debug: log, info: log, warn: log, error: log },
      hide: (text) => text,
      onCommand: () => ({ accepted: false, text: '' }),
    },
  );
  // It has only begun to read its program.
  for (let i = 0; i < 100; i++) operator.digest(digest);
  expect(operator.missed).toBe(35);
  await operator.ready;
  operator.digest(digest);
  expect(operator.missed).toBe(35);
  const line = { kind: 'log', atMs: 0 as Ms, line: '{}' } as const;
  operator.happened(Array.from({ length: 2_001 }, () => line));
  expect(operator.missed, 'of one moment so much is told').toBe(36);
  await operator.close();
});

test('a full disk that takes no token keeps no engine from starting; the token follows when there is room', async () => {
  const { dir, isSmall, fill, makeRoom } = smallDisk();
  const tokenFile = path.join(dir, 'dashboard.token');
  fill();
  const events: string[] = [];
  const log = (_: object, event: string): unknown => events.push(event);
  const operator = startOperator(
    main.market.arenas,
    { host: '127.0.0.1', port: 0, allowedHosts: [], control: false, tokenFile },
    {
      clock: { ...systemClock, after: (ms, run) => systemClock.after(Math.min(ms, 100) as Ms, run) },
      rng: createRng(1),
      log: { debug: log, info: log, warn: log, error: log },
      hide: (text) => text,
      onCommand: () => ({ accepted: false, text: '' }),
    },
  );
  const [url] = (await operator.ready).split('#');
  expect(events.includes('dashboard.token_late')).toBe(isSmall);
  expect(readdirSync(dir).filter((name) => name.endsWith('.new'))).toEqual([]);
  makeRoom();
  await until('the token is there', () => existsSync(tokenFile));
  await logIn(url as string, readFileSync(tokenFile, 'utf8').trim());
  await operator.close();
});

test('a flood changes nothing and is answered; the command measures what it costs', async () => {
  const before = main.desk.commands.length;
  const { answered } = await floodFor(main, 500, { perSecond: 2_000, sockets: 50 });
  expect(answered).toBeGreaterThan(0);
  expect(main.desk.commands.length).toBe(before);
  expect((await ask(main.url, { path: '/healthz' })).status).toBe(200);
});
