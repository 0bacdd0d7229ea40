// What becomes of requests when the wires fail for real? Over sockets, judged by the venue's own state.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { ApiKeys } from '../../../src/bybit/gateway/keys.ts';
import type { StreamWire } from '../../../src/bybit/gateway/wires.ts';
import { openStreamWire } from '../../../src/bybit/gateway/stream-wire.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import type { Path } from '../../../src/order/words.ts';
import { GatewayRoom, SOL } from './room.ts';

const PATHS: readonly Path[] = ['trade-socket', 'rest-1', 'rest-2'];
const doorOf = (path: Path): 'trade' | 'rest' => (path === 'trade-socket' ? 'trade' : 'rest');
let room: GatewayRoom;

beforeEach(async () => {
  room = await GatewayRoom.ready();
});
/** Whatever went wrong: key and secret are in nothing that was logged or told (S01). */
afterEach(async () => {
  await room.close();
  const { key, secret } = room.exchange.keys[0] as ApiKeys;
  if ([key, secret].some((hidden) => room.said().includes(hidden))) throw new Error('key or secret was told');
});

/** Time that goes so many times as fast as the machine's. */
function fastClock(times: number): Clock {
  return {
    monotonic: () => (systemClock.monotonic() * times) as Ms,
    wall: () => systemClock.wall(),
    after: (delay, run) => systemClock.after((delay / times) as Ms, run),
    every: (period, run) => systemClock.every((period / times) as Ms, run),
  };
}

test('answers that are lost leave orders unknown, which look-ups then find (O01)', async () => {
  for (const path of PATHS.slice(0, 2)) await room.fault('lost-answer', { door: doorOf(path), holds: 'orderId' });
  const answers = await Promise.all([
    room.answer('trade-socket', { kind: 'create', order: room.entry('d1-l-1-E') }),
    room.answer('rest-1', { kind: 'create', order: room.entry('d1-l-2-E') }),
  ]);
  for (const answer of answers) expect(answer).toMatchObject({ outcome: 'unknown' });
  for (const linkId of ['d1-l-1-E', 'd1-l-2-E'])
    expect(await room.lookUp(linkId)).toMatchObject({ ok: true, value: { orders: [{ linkId, status: 'filled' }] } });
  expect(room.position().lots).toBe(26);
});

test('a request that is lost is unknown, and look-ups find nothing', async () => {
  await room.fault('lost-request', { door: 'trade' });
  expect(await room.answer('trade-socket', { kind: 'create', order: room.entry('d1-n-1-E') })).toMatchObject({
    outcome: 'unknown',
  });
  expect(await room.lookUp('d1-n-1-E')).toEqual({ ok: true, value: { orders: [], fills: [] } });
});

test('an order that arrives late is accepted after all, and its fill told (O04)', async () => {
  await room.fault('late-acceptance', { door: 'trade', ms: 2_500 });
  const order = room.entry('d1-t-1-E', 13, { recvWindowMs: 5_000 as Ms });
  expect(await room.answer('trade-socket', { kind: 'create', order })).toMatchObject({ outcome: 'unknown' });
  const { fill } = await room.hears('fill', (event) => event.fill.linkId === 'd1-t-1-E');
  expect(fill.side).toBe('buy');
  // Only its answer was late: `accepted` is written down and no second answer told.
  expect(room.told.filter(({ kind }) => kind === 'answer')).toHaveLength(1);
});

test('the receive window of an entry bounds how late it can still be accepted', async () => {
  await room.fault('late-acceptance', { door: 'trade', ms: 2_500 });
  await room.answer('trade-socket', { kind: 'create', order: room.entry('d1-w-1-E') });
  while (!room.lines.some((line) => line.includes('gateway.late_answer') && line.includes('10002')))
    await room.hears('private-alive', () => true, room.here);
  expect(room.position().lots).toBe(0);
});

test('over a socket that is down nothing is sent, and nothing later either', async () => {
  const { here } = room;
  await room.fault('refuse-connections', { channel: 'trade', ms: 600_000, status: 503 });
  await room.fault('cut', { channel: 'trade' });
  await room.link('trade-socket', false, here);
  expect(await room.answer('trade-socket', { kind: 'create', order: room.entry('d1-d-1-E') })).toMatchObject({
    outcome: 'not-sent',
  });
  await room.fault('clear');
  await room.link('trade-socket', true, here);
  expect(await room.answer('trade-socket', { kind: 'create', order: room.entry('d1-d-2-E') })).toMatchObject({
    outcome: 'accepted',
  });
  expect(await room.lookUp('d1-d-1-E')).toEqual({ ok: true, value: { orders: [], fills: [] } });
});

test('a socket cut in mid-flight leaves its order unknown', async () => {
  await room.fault('drop', { channel: 'trade', direction: 'out', holds: 'order.create' });
  const requestId = room.send('trade-socket', { kind: 'create', order: room.entry('d1-c-1-E') });
  await room.hears('fill', (event) => event.fill.linkId === 'd1-c-1-E');
  await room.fault('cut', { channel: 'trade' });
  const { answer } = await room.hears('answer', (event) => event.requestId === requestId);
  expect(answer).toMatchObject({ outcome: 'unknown', reason: expect.stringContaining('connection lost') });
});

test.each([
  ['server-timeout', 10_000, true],
  ['server-error', 10_016, false],
  ['overloaded', 10_429, false],
  ['rate-burst', 10_006, false],
])('%s over REST is unknown, and the order may exist (O03, O16)', async (kind, code, exists) => {
  await room.fault(kind, { door: 'rest', path: '/v5/order/create', exists });
  const answer = await room.answer('rest-1', { kind: 'create', order: room.entry('d1-u-1-E') });
  expect(answer).toMatchObject({ outcome: 'unknown', reason: expect.stringContaining(String(code)) });
  // The answer of an overloaded exchange may come before it has carried out the order.
  if (exists) await room.hears('order', ({ report }) => report.linkId === 'd1-u-1-E');
  const found = await room.lookUp('d1-u-1-E');
  expect(found.ok && found.value.orders.length).toBe(exists ? 1 : 0);
});

test('an HTML page in place of an answer is unknown (O03)', async () => {
  await room.fault('gateway-error', { status: 502, path: '/v5/order/create', exists: true });
  expect(await room.answer('rest-1', { kind: 'create', order: room.entry('d1-h-1-E') })).toMatchObject({
    outcome: 'unknown',
    reason: 'HTTP 502',
  });
  await room.fault('truncated-answer', { holds: 'orderId' });
  expect(await room.answer('rest-2', { kind: 'create', order: room.entry('d1-h-2-E') })).toMatchObject({
    outcome: 'unknown',
  });
});

test.each([
  ['key-expired', 33_004, 'auth'],
  ['ip-refused', 10_010, 'auth'],
  ['permission-lost', 10_005, 'auth'],
  ['banned', 10_008, 'account'],
])('%s is refused as %i of class %s (O25, O26)', async (kind, code, group) => {
  await room.fault(kind);
  expect(await room.answer('trade-socket', { kind: 'create', order: room.entry('d1-k-1-E') })).toMatchObject({
    outcome: 'refused',
    class: group,
    code,
  });
});

test('shut out of HTTP, a close goes by the socket, and reads say why they cannot (O16)', async () => {
  await room.answer('trade-socket', { kind: 'create', order: room.entry('d1-f-1-E') });
  await room.hears('fill', (event) => event.fill.linkId === 'd1-f-1-E');
  await room.fault('shut-out', { ms: 60_000 });
  expect(await room.readPosition()).toMatchObject({ ok: false, reason: expect.stringContaining('403') });
  expect(await room.answer('rest-2', { kind: 'create', order: room.closing('d1-f-1-C') })).toMatchObject({
    outcome: 'not-sent',
  });
  expect(await room.answer('trade-socket', { kind: 'create', order: room.closing('d1-f-2-C') })).toMatchObject({
    outcome: 'accepted',
  });
  await room.hears('position', (event) => event.report.lots === 0);
});

test('a clock that is off is measured, and signatures follow it (O17)', async () => {
  await room.fault('clock-skew', { skewMs: 60_000 });
  const { here } = room;
  expect(await room.answer('rest-1', { kind: 'create', order: room.entry('d1-o-1-E') })).toMatchObject({
    class: 'clock',
  });
  const { offsetMs, errorMs } = await room.hears('clock', () => true, here);
  expect(Math.round(offsetMs / 10_000)).toBe(6);
  expect(errorMs).toBeGreaterThan(0);
  for (const path of PATHS)
    expect(await room.answer(path, { kind: 'create', order: room.entry(`d1-o-${path}-E`) })).toMatchObject({
      outcome: 'accepted',
    });
});

test('a half-open private stream is found out by its silence, and replaced (W01)', async () => {
  const own = await GatewayRoom.ready({ clock: fastClock(10) });
  const { here } = own;
  await own.fault('half-open', { channel: 'private' });
  const { reason } = await own.link('private', false, here);
  expect(reason).toBe('silent');
  await own.link('private', true, here);
  await own.close();
});

test('a private stream that was cut comes back, logged in and subscribed', async () => {
  const { here } = room;
  await room.fault('cut', { channel: 'private' });
  await room.link('private', false, here);
  await room.link('private', true, here);
  await room.answer('trade-socket', { kind: 'create', order: room.entry('d1-p-1-E') });
  const { report } = await room.hears('order', (event) => event.report.linkId === 'd1-p-1-E', here);
  expect(report.status).toBe('filled');
});

test('a text of the private stream that is cut off makes it begin anew (W15)', async () => {
  const { here } = room;
  await room.fault('truncate', { channel: 'private', direction: 'out', holds: 'execution' });
  await room.answer('trade-socket', { kind: 'create', order: room.entry('d1-x-1-E') });
  const { reason } = await room.link('private', false, here);
  expect(reason).toBe('unreadable text');
  await room.link('private', true, here);
});

test('an upgrade that is never answered is given up (W14)', async () => {
  const own = await GatewayRoom.ready({ clock: fastClock(10) });
  const { here } = own;
  await own.fault('black-hole', { channel: 'private', ms: 600_000 });
  await own.fault('cut', { channel: 'private' });
  const { reason } = await own.hears(
    'link',
    (event) => event.link === 'private' && !event.up && event.reason.includes('login'),
    here,
  );
  expect(reason).toBe('no login within 10 s');
  await own.fault('clear');
  await own.link('private', true, here);
  await own.close();
});

test('a REST host that is not there is down, and its orders have not left (P17)', async () => {
  const own = await GatewayRoom.open({ endpoints: { restSecond: 'http://127.0.0.1:9' } });
  await own.link('rest-1', true);
  const { reason } = await own.link('rest-2', false);
  expect(reason).toBe('ECONNREFUSED');
  expect(await own.answer('rest-2', { kind: 'create', order: own.entry('d1-r-1-E') })).toEqual({
    outcome: 'not-sent',
    reason: 'ECONNREFUSED',
  });
  await own.close();
});

test('an environment without trade socket says so, and trades over REST', async () => {
  const own = await GatewayRoom.open({ endpoints: { trade: undefined } });
  await own.link('rest-1', true);
  expect(await own.answer('trade-socket', { kind: 'create', order: own.entry('d1-e-1-E') })).toMatchObject({
    outcome: 'not-sent',
  });
  expect(await own.answer('rest-1', { kind: 'create', order: own.entry('d1-e-2-E') })).toMatchObject({
    outcome: 'accepted',
  });
  await own.close();
});

test('a close before anything is open leaves no socket behind', async () => {
  const own = await GatewayRoom.open();
  await own.gateway.close();
  await new Promise((resolve) => void setTimeout(resolve, 200));
  expect(own.exchange.exchange.stage.connections.size).toBe(0);
  await own.close();
});

test('with a wrong secret both logins are refused, REST is refused, and no secret is told (W06, S01)', async () => {
  const { key } = room.exchange.keys[0] as ApiKeys;
  const secret = 'CANARY-secret-9d1c';
  const own = await GatewayRoom.open({ keys: { key, secret } });
  const refused = await Promise.all(
    (['private', 'trade-socket'] as const).map((link) => own.hears('link', (event) => event.link === link)),
  );
  for (const { up, reason } of refused) expect([up, reason]).toEqual([false, expect.stringContaining('login refused')]);
  // What was refused is refused again: it is not dialled for as soon as what only broke off.
  const waits = own.lines.filter((line) => line.includes('gateway.login_refused'));
  expect(waits.map((line) => /"waitMs":(\d+)/.exec(line)?.[1])).toEqual(['5000', '5000']);
  expect(await own.answer('rest-1', { kind: 'create', order: own.entry('d1-z-1-E') })).toMatchObject({
    class: 'auth',
    code: 10_004,
  });
  expect(await own.readPosition(SOL)).toMatchObject({ ok: false });
  expect(await own.gateway.readSetup([])).toMatchObject({ ok: false });
  const said = own.said();
  expect(said).toContain('10004');
  for (const hidden of [key, secret]) expect(said).not.toContain(hidden);
  await own.close();
});

test('a trade login is not refused because it was made already (20001); one that is refused says so, and nothing says the secret (S01)', async () => {
  const codes = [20_001, 20_002];
  const texts: string[] = [];
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => {
    const retCode = codes.shift();
    socket.on('message', () =>
      socket.send(JSON.stringify({ retCode, retMsg: 'of CANARY-1', op: 'auth', connId: '1' })),
    );
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const place = { url: `ws://127.0.0.1:${port}`, keys: { key: 'key-1', secret: 'CANARY-1' }, serverNow: Date.now };
  const login = (): Promise<string> =>
    new Promise((resolve) => {
      const wire = openStreamWire('trade', place, {
        ready: () => {
          wire.end();
          resolve('ready');
        },
        text: (text) => texts.push(text),
        closed: ({ reason, isRefused }) => resolve(`${reason}, ${isRefused}`),
      });
    });
  expect([await login(), await login()]).toEqual(['ready', 'login refused: 20002 of ***, true']);
  expect(texts.map((text) => text.includes('***'))).toEqual([true, true]);
  server.close();
});

test('a peer that reads nothing is not written to without end (W16)', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => {
    socket.once('message', () => {
      socket.send(JSON.stringify({ retCode: 0, retMsg: 'OK', op: 'auth', connId: '1' }));
      socket.pause();
    });
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const place = { url: `ws://127.0.0.1:${port}`, keys: { key: 'key-1', secret: 'CANARY-1' }, serverNow: Date.now };
  const events = { text: () => undefined, closed: () => undefined };
  const wire = await new Promise<StreamWire>((resolve) => {
    const opened: StreamWire = openStreamWire('trade', place, { ...events, ready: () => resolve(opened) });
  });
  const frame = 'x'.repeat(65_536);
  let taken = 0;
  while (taken < 1_000 && wire.send(frame)) taken++;
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThan(1_000);
  wire.end();
  server.close();
});
