// Does every request end in one answer, in time, once, and as what it is? On wires and a clock of the test's own.
import { expect, test } from 'vitest';
import { Allowance } from '../../../src/bybit/gateway/allowance.ts';
import { Budget } from '../../../src/bybit/budget.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import type { Path } from '../../../src/order/words.ts';
import { body, ScriptedRoom } from './scripted.ts';

const PATHS: readonly Path[] = ['trade-socket', 'rest-1', 'rest-2'];
const order = (linkId: string, role: 'E' | 'C' = 'E') => ({
  role,
  linkId,
  slot: 0,
  symbol: 'SOLUSDT',
  side: 'buy',
  lots: 13,
  type: 'limit',
  capTick: 7_740,
  stop: { tick: 7_653, by: 'mark' },
  recvWindowMs: 2_000,
});
const create = (path: Path, linkId: string, role: 'E' | 'C' = 'E') =>
  ({ kind: 'create', path, order: order(linkId, role) }) as const;
const ack = (reqId: string, orderLinkId: string, more: object = {}): string =>
  JSON.stringify({
    reqId,
    retCode: 0,
    retMsg: 'OK',
    op: 'order.create',
    data: { orderId: 'id', orderLinkId },
    ...more,
  });
const reqIds = (room: ScriptedRoom): string[] =>
  room.stream('trade').sent.map((text) => (JSON.parse(text) as { reqId: string }).reqId);

test.each(PATHS)('an order over the %s that nobody answers is unknown after 2 s, once (O01)', async (path) => {
  const room = await ScriptedRoom.up();
  room.send(create(path, 'a-E'));
  await room.clock.advance(1_999);
  expect(room.of('answer')).toEqual([]);
  await room.clock.advance(1);
  expect(room.of('answer')).toMatchObject([
    { path, answer: { outcome: 'unknown', reason: 'no answer within 2000 ms' } },
  ]);
  // Late, it changes nothing and is written down: look-ups and the stream say what became of it.
  if (path === 'trade-socket') room.stream('trade').events.text(ack(reqIds(room)[0] as string, 'a-E'));
  else room.put[0]?.reply(body({ orderId: 'id', orderLinkId: 'a-E' }));
  await room.clock.advance(5_000);
  expect(room.of('answer')).toHaveLength(1);
  expect(room.lines.filter((line) => line.includes('gateway.late_answer'))).toHaveLength(1);
  // Asked once: nothing is sent again by itself (O32).
  expect(room.put.length + room.stream('trade').sent.filter((text) => text.includes('order.')).length).toBe(1);
});

test('nothing is told from within a call', async () => {
  const room = await ScriptedRoom.up();
  room.stream('trade').events.closed({ reason: 'gone', isRefused: false });
  const before = room.told.length;
  room.send(create('trade-socket', 'a-E'));
  room.send({ kind: 'set-stop', path: 'trade-socket', symbol: 'SOLUSDT', slot: 0, stop: { tick: 7_000, by: 'mark' } });
  expect(room.told).toHaveLength(before);
  await room.clock.advance(0);
  expect(room.of('answer').map(({ answer }) => answer.outcome)).toEqual(['not-sent', 'not-sent']);
});

test('answers are matched by their own id, in whatever order they come (O31)', async () => {
  const room = await ScriptedRoom.up();
  const [first, second] = [room.send(create('trade-socket', 'a-E')), room.send(create('trade-socket', 'b-E'))];
  const [a, b] = reqIds(room) as [string, string];
  room.stream('trade').events.text(ack(b, 'b-E'));
  room.stream('trade').events.text(ack(a, 'a-E'));
  expect(room.of('answer').map(({ requestId }) => requestId)).toEqual([second, first]);
  // Nothing was said against our time: it is not asked for anew.
  await room.clock.advance(1_000);
  expect(room.of('clock')).toHaveLength(1);
});

test('what concerns a symbol of which nobody knows the grid does not leave, nor does a market entry without a touch, nor a stop at no price (I-14)', async () => {
  const room = await ScriptedRoom.up();
  const symbol = 'XRPUSDT';
  room.send({ kind: 'create', path: 'rest-1', order: { ...order('b-E'), type: 'market' } });
  room.send({ kind: 'create', path: 'rest-1', order: { ...order('a-E'), symbol } });
  room.send({ kind: 'set-stop', path: 'rest-1', symbol, slot: 1, stop: { tick: 7_000, by: 'mark' } });
  room.send({ kind: 'set-stop', path: 'rest-1', symbol: 'SOLUSDT', slot: 0, stop: { tick: 0, by: 'mark' } });
  await room.clock.advance(0);
  expect(room.of('answer').map(({ answer }) => answer.outcome)).toEqual(Array.from({ length: 4 }, () => 'not-sent'));
  expect(room.put).toEqual([]);
});

test.each(PATHS.flatMap((path) => ['b-E', ''].map((named) => [path, named] as const)))(
  'an answer over the %s that names order ‘%s’ is no answer to another one (O31)',
  async (path, named) => {
    const room = await ScriptedRoom.up();
    room.send(create(path, 'a-E'));
    if (path === 'trade-socket') room.stream('trade').events.text(ack(reqIds(room)[0] as string, named));
    else room.put[0]?.reply(body({ orderId: 'id', orderLinkId: named }));
    expect(room.of('answer')).toMatchObject([{ answer: { outcome: 'unknown' } }]);
  },
);

test('request ids differ from those of a process before this one (20006)', async () => {
  const rooms = [await ScriptedRoom.up(), await ScriptedRoom.up(undefined, undefined, 1)];
  for (const room of rooms) for (const linkId of ['a-E', 'b-E']) room.send(create('trade-socket', linkId));
  const ids = rooms.flatMap(reqIds);
  expect(ids.every((id) => id.length <= 36)).toBe(true);
  expect(new Set(ids).size).toBe(4);
});

test('an order frame is exactly this', async () => {
  const room = await ScriptedRoom.up();
  room.send(create('trade-socket', 'a-E'));
  expect(JSON.parse(room.stream('trade').sent[0] as string)).toEqual({
    reqId: reqIds(room)[0],
    header: { 'X-BAPI-TIMESTAMP': String(room.clock.wall()), 'X-BAPI-RECV-WINDOW': '2000' },
    op: 'order.create',
    args: [
      {
        category: 'linear',
        symbol: 'SOLUSDT',
        side: 'Buy',
        positionIdx: 0,
        orderLinkId: 'a-E',
        qty: '1.3',
        orderType: 'Limit',
        price: '77.400',
        timeInForce: 'IOC',
        stopLoss: '76.530',
        tpslMode: 'Full',
        slTriggerBy: 'MarkPrice',
      },
    ],
  });
});

test.each([
  [10_000, 'unknown'],
  [10_006, 'unknown'],
  [10_016, 'unknown'],
  [10_019, 'unknown'],
  [20_006, 'unknown'],
  [999_999, 'unknown'],
  [110_007, 'refused'],
  [110_072, 'refused'],
  [10_003, 'refused'],
])('code %i to an order over REST is %s (O03)', async (code, outcome) => {
  const room = await ScriptedRoom.up();
  room.send(create('rest-1', 'a-E'));
  room.put[0]?.reply(body({}, code));
  expect(room.of('answer')).toMatchObject([{ answer: { outcome } }]);
});

test.each([
  [{ kind: 'status', status: 502 }, 'unknown'],
  [{ kind: 'status', status: 429 }, 'unknown'],
  [{ kind: 'status', status: 401 }, 'refused'],
  [{ kind: 'status', status: 400 }, 'refused'],
  [{ kind: 'status', status: 404 }, 'refused'],
  [{ kind: 'body', body: undefined, quota: undefined }, 'unknown'],
  [{ kind: 'body', body: { 0: '<', 1: 'h' }, quota: undefined }, 'unknown'],
  [{ kind: 'failed', code: 'ECONNRESET', isUnsent: false }, 'unknown'],
  [{ kind: 'failed', code: 'ECONNREFUSED', isUnsent: true }, 'not-sent'],
] as const)('%o to an order over REST is %s (O03)', async (reply, outcome) => {
  const room = await ScriptedRoom.up();
  room.send(create('rest-2', 'a-E'));
  room.put[0]?.reply(reply);
  expect(room.of('answer')).toMatchObject([{ answer: { outcome } }]);
});

test.each([
  [401, 'the key, and not of the order that it refuses', 'auth'],
  [400, 'the order', 'param'],
])('HTTP %i speaks of %s, and not of the time (O25)', async (status, _, group) => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(50);
  room.send(create('rest-1', 'a-E'));
  room.put[0]?.reply({ kind: 'status', status });
  expect(room.of('answer')).toMatchObject([{ answer: { outcome: 'refused', class: group } }]);
  room.send(create('rest-1', 'b-E'));
  room.put[1]?.reply(body({}, 110_007));
  await room.clock.advance(1_000);
  expect(room.of('clock')).toHaveLength(1);
});

test.each([
  { kind: 'status', status: 502 },
  { kind: 'body', body: undefined, quota: undefined },
  { kind: 'failed', code: 'ECONNRESET', isUnsent: false },
] as const)('a host that answers %o is down until it answers as it should', async (reply) => {
  const room = await ScriptedRoom.up();
  const links = (): unknown[] =>
    room
      .of('link')
      .filter(({ link }) => link === 'rest-2')
      .map(({ up }) => up);
  room.send(create('rest-2', 'a-E'));
  room.put[0]?.reply(reply);
  expect(links()).toEqual([true, false]);
  room.send(create('rest-2', 'b-E'));
  room.put[1]?.reply(body({ orderId: 'id', orderLinkId: 'b-E' }));
  expect(links()).toEqual([true, false, true]);
});

test.each([
  ['C', 500],
  ['E', 5_000],
] as const)(
  'a host that fails at an order of role %s is asked whether it is back within %i ms',
  async (role, soonMs) => {
    const room = await ScriptedRoom.up();
    const isUp = (): boolean | undefined => room.of('link').findLast(({ link }) => link === 'rest-1')?.up;
    await room.clock.advance(50);
    room.send(create('rest-1', `a-${role}`, role));
    room.put[0]?.reply({ kind: 'status', status: 502 });
    await room.clock.advance(soonMs - 500);
    expect(isUp()).toBe(false);
    await room.clock.advance(500);
    expect(isUp()).toBe(true);
  },
);

test('a host that is down is asked every 5 s, one that is up is not', async () => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(50);
  room.send(create('rest-1', 'a-E'));
  room.put[0]?.reply({ kind: 'status', status: 502 });
  room.isTimeTold = false;
  const before = room.timesAsked;
  await room.clock.advance(20_000);
  expect(room.timesAsked - before).toBe(4);
});

test('a host that has never answered is down as well: a close does not wait for it', async () => {
  const room = new ScriptedRoom();
  room.isTimeTold = false;
  await room.clock.advance(2_100);
  expect(room.of('link').filter(({ up }) => !up)).toMatchObject([{ link: 'rest-1' }, { link: 'rest-2' }]);
  // Whoever tells no time tells no other one.
  expect(room.lines.filter((line) => line.includes('gateway.times_differ'))).toEqual([]);
});

test.each([10_016, 10_019])(
  'a server that ends with %i is left at once; what it was asked is unknown (W17)',
  async (retCode) => {
    const room = await ScriptedRoom.up();
    room.send(create('trade-socket', 'a-E'));
    room.send(create('trade-socket', 'b-E'));
    const reqId = reqIds(room)[0] as string;
    room.stream('trade').events.text(JSON.stringify({ reqId, retCode, retMsg: 'restarting', op: 'order.create' }));
    await room.clock.advance(1_001);
    expect(room.of('answer').map(({ answer }) => answer.outcome)).toEqual(['unknown', 'unknown']);
    expect(room.dialled.filter(({ stream }) => stream === 'trade')).toHaveLength(2);
    // Said once, however often it is dialled in vain, and at its deadline no more.
    room.stream('trade').events.closed({ reason: 'ECONNREFUSED', isRefused: false });
    await room.clock.advance(3_000);
    expect(room.of('answer')).toHaveLength(2);
  },
);

test('a frame that has the id of an order and says nothing of it is no answer: the order is unknown at its deadline (O03)', async () => {
  const room = await ScriptedRoom.up();
  room.send(create('trade-socket', 'a-E'));
  const reqId = reqIds(room)[0] as string;
  for (const frame of [
    { reqId, op: 'order.create' },
    { reqId, retCode: 0, op: 'order.cancel' },
  ])
    room.stream('trade').events.text(JSON.stringify(frame));
  expect(room.of('answer')).toEqual([]);
  await room.clock.advance(2_000);
  expect(room.of('answer')).toMatchObject([{ answer: { outcome: 'unknown' } }]);
});

test('a trade socket that answers pings alone is given up with the second order that it leaves without a word', async () => {
  const room = await ScriptedRoom.up();
  const unanswered = async (linkId: string): Promise<void> => {
    room.send(create('trade-socket', linkId));
    await room.clock.advance(2_000);
    room.stream('trade').events.text('{"retCode":0,"retMsg":"OK","op":"pong","data":["1786310830000"],"connId":"d9"}');
  };
  await unanswered('a-E');
  room.send(create('trade-socket', 'b-E'));
  room.stream('trade').events.text(ack(reqIds(room).at(-1) as string, 'b-E'));
  await unanswered('c-E');
  expect(room.stream('trade').ended).toBe(false);
  await unanswered('d-E');
  expect(room.stream('trade').ended).toBe(true);
  expect(room.of('link').filter(({ link }) => link === 'trade-socket')).toMatchObject([
    { up: true },
    { up: false, reason: 'answers no orders' },
  ]);
  await room.clock.advance(1_000);
  room.stream('trade').events.ready();
  await unanswered('e-E');
  expect(room.stream('trade').ended).toBe(false);
});

test('a peer that reads nothing is given up, and the order has not left (W16)', async () => {
  const room = await ScriptedRoom.up();
  const stream = room.stream('trade');
  stream.takes = false;
  const before = room.told.length;
  for (const linkId of ['a-E', 'b-E']) room.send(create('trade-socket', linkId));
  expect(room.told).toHaveLength(before);
  await room.clock.advance(0);
  expect(room.of('answer').map(({ answer }) => answer.outcome)).toEqual(['not-sent', 'not-sent']);
  expect(room.of('link').filter(({ up }) => !up)).toMatchObject([{ link: 'trade-socket' }]);
  expect(stream.ended).toBe(true);
  await room.clock.advance(3_000);
  expect(room.of('answer')).toHaveLength(2);
});

test('entries take five of ten tokens a second, closes all that are left (O16)', async () => {
  const room = await ScriptedRoom.up();
  expect(room.gateway.tokens('trade-socket')).toEqual({ entries: 5, all: 10 });
  for (let i = 0; i < 6; i++) room.send(create('trade-socket', `a${i}-E`));
  expect(room.gateway.tokens('rest-1')).toEqual({ entries: 0, all: 5 });
  for (let i = 0; i < 6; i++) room.send(create('rest-1', `a${i}-C`, 'C'));
  await room.clock.advance(0);
  expect(room.of('answer').map(({ answer }) => answer.outcome)).toEqual(['not-sent', 'not-sent']);
  await room.clock.advance(1_050);
  expect(room.gateway.tokens('rest-2')).toEqual({ entries: 5, all: 10 });
});

test.each([
  ['stop', { kind: 'set-stop', slot: 0, stop: { tick: 7_000, by: 'mark' } }],
  ['leverage', { kind: 'set-leverage', slot: 0, leverage: 1_000 }],
  ['cancel', { kind: 'cancel', slot: 0, linkId: 'a-E' }],
] as const)(
  'ten requests for a %s leave in a second, and no eleventh that the exchange would refuse (O16)',
  async (_, what) => {
    const room = await ScriptedRoom.up();
    for (let i = 0; i < 11; i++) room.send({ ...what, path: 'rest-1', symbol: 'SOLUSDT' });
    expect(room.put).toHaveLength(10);
    await room.clock.advance(0);
    expect(room.of('answer')).toMatchObject([{ answer: { outcome: 'not-sent' } }]);
  },
);

test('a reading that waits for its turn leaves as soon as the exchange takes one more (O16)', () => {
  const allowance = new Allowance();
  const at = (ms: number): Ms => ms as Ms;
  for (let i = 0; i < 25; i++) expect(allowance.take('/v5/order/realtime', 'read', at(i === 0 ? 100 : 500))).toBe(true);
  expect(allowance.take('/v5/order/realtime', 'read', at(600))).toBe(false);
  expect(allowance.freeAt('/v5/order/realtime', 'read', at(600))).toBe(1_150);
  expect(allowance.freeAt('/v5/order/realtime', 'read', at(1_150))).toBe(1_150);
});

test('where there is no trade socket, as in the demo environment, none is dialled, and what names it does not leave', async () => {
  const room = new ScriptedRoom(undefined, undefined, 0, false);
  room.send(create('trade-socket', 'a-E'));
  await room.clock.advance(20_000);
  expect(new Set(room.dialled.map(({ stream }) => stream))).toEqual(new Set(['private']));
  expect(room.of('answer')).toMatchObject([{ answer: { outcome: 'not-sent' } }]);
});

test('where there is no trade socket it is told to be down from the start, so that entries go over REST', async () => {
  const room = new ScriptedRoom(undefined, undefined, 0, false);
  expect(room.told).toEqual([]);
  await room.clock.advance(0);
  expect(room.told).toMatchObject([{ kind: 'link', link: 'trade-socket', up: false }]);
});

test('in an emergency closes take the tokens of entries too', async () => {
  const room = await ScriptedRoom.up();
  for (let i = 0; i < 10; i++) room.send(create('trade-socket', `a${i}-C`, 'C'));
  expect(room.stream('trade').sent).toHaveLength(10);
  expect(room.gateway.tokens('trade-socket')).toEqual({ entries: 0, all: 0 });
});

test('over a trade socket that is down no order can be sent, over REST it can (O16)', async () => {
  const room = await ScriptedRoom.up();
  room.stream('trade').events.closed({ reason: 'gone', isRefused: false });
  expect(room.gateway.tokens('trade-socket')).toEqual({ entries: 0, all: 0 });
  expect(room.gateway.tokens('rest-1')).toEqual({ entries: 5, all: 10 });
  // Nor does an order end the dial that is under way.
  await room.clock.advance(1_000);
  const { ended, sent } = room.stream('trade');
  room.send(create('trade-socket', 'a-E'));
  await room.clock.advance(0);
  expect(room.of('answer')).toMatchObject([{ answer: { outcome: 'not-sent', reason: 'trade socket down' } }]);
  expect([ended, room.stream('trade').ended, sent]).toEqual([false, false, []]);
});

test.each([
  ['until it resets', 700],
  ['for no longer than a second, whatever time a clock that jumped ahead tells', 8_000],
  ['for a second, whatever time a clock that jumped back tells', -8_000],
])('headers tell what others have drawn, and too many visits block the lane %s (O16)', async (_, aheadMs) => {
  const room = await ScriptedRoom.up();
  room.send(create('rest-1', 'a-E'));
  room.put[0]?.reply({
    ...body({ orderId: 'id', orderLinkId: 'a-E' }),
    quota: { limit: 10, left: 3, resetMs: 0 },
  } as never);
  expect(room.gateway.tokens('rest-1')).toEqual({ entries: 3, all: 3 });
  room.send(create('rest-1', 'b-E'));
  const resetMs = room.serverNow() + aheadMs;
  room.put[1]?.reply({ ...body({}, 10_006), quota: { limit: 10, left: 0, resetMs } } as never);
  expect(room.gateway.tokens('rest-1')).toEqual({ entries: 0, all: 0 });
  await room.clock.advance(1_100);
  expect(room.gateway.tokens('rest-1').all).toBe(10);
});

test('the trade socket too tells what others have drawn, and when its lane is free again (O16)', async () => {
  const room = await ScriptedRoom.up();
  const answered = (linkId: string, more: object): void => {
    room.send(create('trade-socket', linkId));
    room.stream('trade').events.text(ack(reqIds(room).at(-1) as string, linkId, more));
  };
  const header = { 'X-Bapi-Limit': '10', 'X-Bapi-Limit-Status': '3' };
  answered('a-E', { header });
  expect(room.gateway.tokens('trade-socket')).toEqual({ entries: 3, all: 3 });
  const times = { 'X-Bapi-Limit-Reset-Timestamp': '1786310830700', Timenow: '1786310830000' };
  answered('b-E', { retCode: 10_006, header: { ...header, ...times } });
  await room.clock.advance(699);
  expect(room.gateway.tokens('trade-socket').all).toBe(0);
  await room.clock.advance(1);
  expect(room.gateway.tokens('trade-socket').all).toBe(2);
});

test.each([10_006, 10_403, 10_429, 20_003])('after %d the trade socket rests for a second', async (retCode) => {
  const room = await ScriptedRoom.up();
  room.send(create('trade-socket', 'a-E'));
  room.stream('trade').events.text(ack(reqIds(room)[0] as string, 'a-E', { retCode }));
  await room.clock.advance(1_049);
  expect(room.gateway.tokens('trade-socket').all).toBe(0);
  await room.clock.advance(1);
  expect(room.gateway.tokens('trade-socket').all).toBeGreaterThan(8);
});

test('a limit that an answer once told lower is in force until the next one tells it as before, and for a minute where none does (O16)', async () => {
  const room = await ScriptedRoom.up();
  const told = (limit: number, left: number): void => {
    room.send(create('rest-1', `a${room.put.length}-C`, 'C'));
    const reply = { ...body({ orderId: 'id' }), quota: { limit, left, resetMs: 0 } };
    room.put.at(-1)?.reply(reply);
  };
  told(1, 0);
  expect(room.gateway.tokens('rest-1')).toEqual({ entries: 0, all: 0 });
  await room.clock.advance(1_050);
  told(10, 9);
  expect(room.gateway.tokens('rest-1')).toEqual({ entries: 5, all: 9 });
  // What the exchange may allow beyond it is not for us.
  await room.clock.advance(1_050);
  told(50, 49);
  expect(room.gateway.tokens('rest-1')).toEqual({ entries: 5, all: 9 });
  told(1, 0);
  await room.clock.advance(59_000);
  expect(room.gateway.tokens('rest-1')).toEqual({ entries: 0, all: 1 });
  await room.clock.advance(1_000);
  expect(room.gateway.tokens('rest-1')).toEqual({ entries: 5, all: 10 });
  // None at all is no limit: whoever tells it means something else.
  told(0, 0);
  await room.clock.advance(1_050);
  expect(room.gateway.tokens('rest-1')).toEqual({ entries: 5, all: 10 });
});

test.each([
  ['for a second where nobody says how long', undefined, 1_050],
  ['until it resets', 700, 700],
])('too many visits over REST block the lane %s (O16)', async (_, aheadMs, blockedMs) => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(1_050);
  room.send(create('rest-1', 'a-E'));
  const quota = aheadMs === undefined ? undefined : { limit: 10, left: 0, resetMs: room.serverNow() + aheadMs };
  room.put[0]?.reply({ ...body({}, 10_006), quota } as never);
  await room.clock.advance(blockedMs - 1);
  expect(room.gateway.tokens('rest-1').all).toBe(0);
  await room.clock.advance(1);
  expect(room.gateway.tokens('rest-1').all).toBeGreaterThan(8);
});

test('a body may say as well that this address has asked too often: HTTP is silent then too', async () => {
  const room = await ScriptedRoom.up();
  room.send(create('rest-1', 'a-C', 'C'));
  room.put[0]?.reply(body({}, 10_018));
  expect(room.gateway.tokens('rest-2')).toEqual({ entries: 0, all: 0 });
});

test('requests that were under way when the address was banned get the same answer: it is cried out once', async () => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(0.3);
  room.send(create('rest-1', 'a-C', 'C'));
  room.send(create('rest-2', 'b-C', 'C'));
  for (const asked of room.put) asked.reply({ kind: 'status', status: 403 });
  const cried = room.lines.filter((line) => line.includes('http_silenced'));
  expect(cried).toEqual(['error gateway.http_silenced {"code":403,"silentMs":600000}']);
});

test('after 403 nothing leaves over HTTP for ten minutes; closes go by the socket (O16)', async () => {
  const room = await ScriptedRoom.up();
  room.send(create('rest-1', 'a-C', 'C'));
  room.put[0]?.reply({ kind: 'status', status: 403 });
  room.send(create('rest-2', 'b-C', 'C'));
  room.send(create('trade-socket', 'c-C', 'C'));
  await room.clock.advance(0);
  expect(room.of('answer')).toMatchObject([
    { answer: { outcome: 'unknown' } },
    { answer: { outcome: 'not-sent', reason: 'HTTP is silent for 600 s more (403)' } },
  ]);
  expect(room.lines).toContain('error gateway.http_silenced {"code":403,"silentMs":600000}');
  expect(room.stream('trade').sent).toHaveLength(1);
  expect(room.gateway.tokens('rest-2')).toEqual({ entries: 0, all: 0 });
  await room.clock.advance(599_000);
  expect(room.put).toHaveLength(1);
  await room.clock.advance(2_000);
  room.send(create('rest-2', 'd-C', 'C'));
  expect(room.put).toHaveLength(2);
});

test('with our own budget of calls used up, reads wait, entries do not leave, closes do', async () => {
  const room = await ScriptedRoom.up(undefined, new Budget(8, 5_000 as Ms));
  await room.clock.advance(100);
  const spare = 8 - 6; // six went for the time
  for (let i = 0; i < spare; i++) room.send({ kind: 'read-position', path: 'rest-1', symbol: 'SOLUSDT' });
  expect(room.put).toHaveLength(spare);
  room.send({ kind: 'read-position', path: 'rest-1', symbol: 'SOLUSDT' });
  room.send(create('rest-1', 'a-E'));
  room.send(create('rest-1', 'a-C', 'C'));
  await room.clock.advance(0);
  expect(room.put.map(({ question }) => question.path)).toEqual([
    ...Array.from({ length: spare }, () => '/v5/position/list'),
    '/v5/order/create',
  ]);
  expect(room.of('answer')).toMatchObject([{ answer: { outcome: 'not-sent' } }]);
  await room.clock.advance(4_950);
  expect(room.put.at(-1)?.question.path).toBe('/v5/position/list');
});

test('a reading for which there was no room in its time is none, and does not leave afterwards', async () => {
  const room = await ScriptedRoom.up(undefined, new Budget(6, 60_000 as Ms));
  await room.clock.advance(100);
  room.send({ kind: 'read-position', path: 'rest-1', symbol: 'SOLUSDT' });
  await room.clock.advance(5_000);
  expect(room.of('position-read')).toMatchObject([{ reading: { ok: false } }]);
  expect(room.of('link').filter(({ up }) => !up)).toEqual([]);
  await room.clock.advance(120_000);
  expect(room.put).toEqual([]);
});

test('a host that has answered since is up, whatever it owes of before', async () => {
  const room = await ScriptedRoom.up();
  const ask = (path: Path) => room.send({ kind: 'read-position', path, symbol: 'SOLUSDT' });
  ask('rest-1');
  await room.clock.advance(1_000);
  ask('rest-1');
  room.put[1]?.reply(body({ list: [] }));
  await room.clock.advance(5_000);
  expect(room.of('position-read')).toHaveLength(2);
  // Much later it is broken off here, as what has not ended after twenty seconds is.
  room.put[0]?.reply({ kind: 'failed', code: 'ERR_CANCELED', isUnsent: false });
  await room.clock.advance(1_000);
  expect(room.of('link').filter(({ up }) => !up)).toEqual([]);
  expect(room.lines.filter((line) => line.includes('gateway.late_answer'))).toEqual([]);
});

test('a loop that stood still reads what came before it judges, and then it judges (W02)', async () => {
  const room = await ScriptedRoom.up();
  for (const linkId of ['a-E', 'b-E']) room.send(create('trade-socket', linkId));
  await room.clock.stall(3_000);
  room.stream('trade').events.text(ack(reqIds(room)[0] as string, 'a-E'));
  await room.clock.advance(99);
  expect(room.of('answer')).toMatchObject([{ answer: { outcome: 'accepted', orderId: 'id' } }]);
  await room.clock.advance(1);
  expect(room.of('answer').map(({ answer }) => answer.outcome)).toEqual(['accepted', 'unknown']);
});

test('a time that the exchange calls wrong is asked for anew at once, and used (O17)', async () => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(50);
  room.aheadMs = 4_000;
  room.send(create('trade-socket', 'a-E'));
  const reqId = reqIds(room)[0] as string;
  room.stream('trade').events.text(JSON.stringify({ reqId, retCode: 10_002, retMsg: 'time', op: 'order.create' }));
  await room.clock.advance(20);
  expect(room.of('answer')).toMatchObject([{ answer: { outcome: 'refused', class: 'clock' } }]);
  expect(room.of('clock').at(-1)).toMatchObject({ offsetMs: 4_000, errorMs: 1 });
  expect(room.serverNow() - room.clock.wall()).toBe(4_000);
});

test('a time that is found wrong in a reading is asked for anew at once: an account that only reads is not unread for a minute (O17)', async () => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(50);
  room.aheadMs = 9_000;
  room.send({ kind: 'read-position', path: 'rest-1', symbol: 'SOLUSDT' });
  room.put.at(-1)?.reply(body({}, 10_002));
  await room.clock.advance(20);
  expect(room.of('position-read')).toMatchObject([{ reading: { ok: false } }]);
  expect(room.serverNow() - room.clock.wall()).toBe(9_000);
});

test('a calendar that jumps by a day changes nothing of what requests say about the time, and is told (B19)', async () => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(50);
  room.clock.stepWall(86_400_000);
  expect(room.serverNow()).toBe(room.exchangeMs());
  await room.clock.advance(60_000);
  expect(room.of('clock').at(-1)).toMatchObject({ offsetMs: -86_400_000 });
  expect(room.serverNow()).toBe(room.exchangeMs());
});

test('the time is asked for each minute, and every 5 s while nobody tells it', async () => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(121_000);
  expect(room.of('clock')).toHaveLength(3);
  room.isTimeTold = false;
  await room.clock.advance(120_000);
  expect(room.of('clock')).toHaveLength(3);
  expect(room.of('link').filter(({ link, up }) => link.startsWith('rest') && !up)).toHaveLength(2);
  room.isTimeTold = true;
  await room.clock.advance(8_000);
  expect(room.of('clock')).toHaveLength(4);
  expect(room.of('link').slice(-2)).toMatchObject([{ up: true }, { up: true }]);
});

test('after close nothing is told and nothing leaves', async () => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(50);
  room.send(create('trade-socket', 'a-E'));
  room.send(create('rest-1', 'b-E'));
  room.send({ kind: 'look-up', path: 'rest-1', symbol: 'SOLUSDT', linkId: 'a-E' });
  room.send({ kind: 'read-position', path: 'rest-1', symbol: 'SOLUSDT' });
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'light' });
  const before = { told: room.told.length, put: room.put.length, times: room.timesAsked, dialled: room.dialled.length };
  await room.gateway.close();
  expect(room.dialled.every(({ ended }) => ended)).toBe(true);
  await room.clock.advance(2);
  expect([room.isClosed, room.clock.waiting()]).toEqual([true, 0]);
  for (const put of room.put) put.reply(body({ orderId: 'id', orderLinkId: 'b-E', list: [] }));
  room.send(create('rest-1', 'c-E'));
  await room.clock.advance(700_000);
  const after = { told: room.told.length, put: room.put.length, times: room.timesAsked, dialled: room.dialled.length };
  expect(after).toEqual(before);
});

test('a close while questions are open, and more wait for room, leaves nothing to wait for', async () => {
  const room = await ScriptedRoom.up(new Budget(60, 300_000 as Ms), new Budget(3, 5_000 as Ms));
  for (const path of PATHS) room.send(create(path, `${path}-E`));
  room.send({ kind: 'read-position', path: 'rest-1', symbol: 'SOLUSDT' });
  room.send({ kind: 'read-position', path: 'rest-1', symbol: 'SOLUSDT' });
  await room.gateway.close();
  await room.clock.advance(0);
  expect(room.clock.waiting()).toBe(0);
});

test('a page of a deep reading that nobody answers ends it like any other; one that is slow has the time of many pages', async () => {
  const room = await ScriptedRoom.up();
  const sinceMs = room.serverNow() - 1_000;
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'deep', sinceMs });
  await room.clock.advance(4_999);
  expect(room.of('account-read')).toEqual([]);
  await room.clock.advance(1);
  expect(room.of('account-read')).toMatchObject([{ depth: 'deep', reading: { ok: false } }]);
  room.put.length = 0;
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'deep', sinceMs });
  for (let page = 1; page <= 3; page++) {
    await room.clock.advance(4_000);
    for (const put of room.put.splice(0)) {
      const isLast = page === 3 || put.question.path === '/v5/account/wallet-balance';
      put.reply(body({ list: [{ symbol: 'SOLUSDT' }], ...(isLast ? {} : { nextPageCursor: `page-${page}` }) }));
    }
    expect(room.of('account-read')).toHaveLength(page < 3 ? 1 : 2);
  }
});
