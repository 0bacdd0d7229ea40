// Do the two streams come up, stay up, and say so when they are down? On wires and a clock of the test's own.
import { expect, test } from 'vitest';
import { Heartbeat } from '../../../src/bybit/gateway/heartbeat.ts';
import { StreamCheck } from '../../../src/bybit/gateway/stream-check.ts';
import { Budget } from '../../../src/bybit/budget.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import type { GatewayEvent, LookUp } from '../../../src/order/gateway.ts';
import {
  FILL,
  FILLED_ENTRY,
  POSITION_TOLD,
  WAITING_STOP,
  WALLET_TOLD,
} from '../../simulator/gateway/reference-rows.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { body, ScriptedRoom } from './scripted.ts';

const PONG = '{"req_id":"","op":"pong","args":["1786310830000"],"conn_id":"p"}';
const message = (topic: string, ...rows: readonly string[]): string =>
  `{"topic":"${topic}","id":"1","creationTime":1786310821505,"data":[${rows.join(',')}]}`;
const privateLinks = (room: ScriptedRoom): boolean[] =>
  room.of('link').flatMap(({ link, up }) => (link === 'private' ? [up] : []));
const dials = (room: ScriptedRoom, stream: 'private' | 'trade'): number =>
  room.dialled.filter((dialled) => dialled.stream === stream).length;

test('a private stream that stands but says nothing is down within 25 s (W01)', async () => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(19_000);
  expect(room.stream('private').sent).toEqual(['{"op":"ping"}', '{"op":"ping"}', '{"op":"ping"}']);
  expect(privateLinks(room)).toEqual([true]);
  await room.clock.advance(6_000);
  expect(privateLinks(room)).toEqual([true, false]);
  expect(room.dialled.find(({ stream }) => stream === 'private')?.ended).toBe(true);
});

test('pongs alone keep a quiet stream alive, and say so more often than every 15 s (G04)', async () => {
  const room = await ScriptedRoom.up();
  for (let second = 0; second < 120; second++) {
    await room.clock.advance(1_000);
    const { sent, events } = room.stream('private');
    for (const _ of sent.splice(0)) events.text(PONG);
  }
  expect(privateLinks(room)).toEqual([true]);
  expect(room.of('private-alive').length).toBeGreaterThan(120 / 15);
});

test('the time that our own loop stood still is not the silence of the peer (W02)', async () => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(10_000);
  await room.clock.stall(60_000);
  await room.clock.advance(1_000);
  expect(privateLinks(room)).toEqual([true]);
});

test('a stream that fails is dialled again later and later, within a minute', async () => {
  const room = new ScriptedRoom();
  const waits: number[] = [];
  for (let failure = 0; failure < 8; failure++) {
    await room.clock.advance(0);
    room.stream('private').events.closed({ reason: 'ECONNREFUSED', isRefused: false });
    const before = dials(room, 'private');
    const since = room.clock.monotonic();
    while (dials(room, 'private') === before) await room.clock.advance(50);
    waits.push(room.clock.monotonic() - since);
  }
  waits.forEach((wait, i) => expect(wait).toBeLessThanOrEqual(Math.min(30_000, 1_000 * 2 ** i) + 50));
  expect(Math.max(...waits)).toBeGreaterThan(4_000);
  expect(new Set(room.lines.map((line) => line.split(' {', 1)[0]))).toEqual(new Set(['warn ws.closed']));
  room.stream('private').events.ready();
  expect(room.lines.at(-1)).toBe('info ws.open {"stream":"private"}');
});

test('a minute of a stream that stands forgives what failed before it, and no less does', async () => {
  const room = new ScriptedRoom();
  const dialledAfter = async (healthyMs: number): Promise<number> => {
    for (let failure = 0; failure < 6; failure++) {
      room.stream('private').events.closed({ reason: 'ECONNREFUSED', isRefused: false });
      await room.clock.advance(32_000);
    }
    room.stream('private').events.ready();
    for (let ms = 0; ms < healthyMs; ms += 5_000) {
      await room.clock.advance(Math.min(5_000, healthyMs - ms));
      room.stream('private').events.text(PONG);
    }
    const before = dials(room, 'private');
    room.stream('private').events.closed({ reason: 'gone', isRefused: false });
    const since = room.clock.monotonic();
    while (dials(room, 'private') === before) await room.clock.advance(50);
    return room.clock.monotonic() - since;
  };
  expect(await dialledAfter(59_999)).toBeGreaterThan(1_050);
  expect(await dialledAfter(60_000)).toBeLessThanOrEqual(1_050);
});

test('a private stream whose peer reads nothing is left when it should be asked whether it is there (W16)', async () => {
  const room = await ScriptedRoom.up();
  room.stream('private').takes = false;
  await room.clock.advance(5_000);
  expect(privateLinks(room)).toEqual([true, false]);
});

test('a dial that comes to nothing is given up after 10 s', async () => {
  const room = new ScriptedRoom();
  await room.clock.advance(10_001);
  expect(room.of('link').filter(({ link }) => link === 'private')).toMatchObject([{ up: false }]);
  expect(room.dialled[0]?.ended).toBe(true);
});

test('what an earlier dial was given to come up in says nothing of the next one', async () => {
  const room = new ScriptedRoom();
  room.stream('private').events.closed({ reason: 'ECONNREFUSED', isRefused: false });
  await room.clock.advance(1_000);
  room.stream('private').events.ready();
  for (let i = 0; i < 5; i++) {
    await room.clock.advance(3_000);
    room.stream('private').events.text(PONG);
  }
  expect(privateLinks(room)).toEqual([false, true]);
});

test('a refused login is tried three times in ten minutes, and cried out (W06)', async () => {
  const room = new ScriptedRoom();
  for (let second = 0; second < 599; second++) {
    const { events, ended } = room.stream('private');
    if (!ended) events.closed({ reason: 'login refused: 10004', isRefused: true });
    await room.clock.advance(1_000);
  }
  expect(dials(room, 'private')).toBe(3);
  expect(room.lines.filter((line) => line.startsWith('error gateway.login_refused')).length).toBeGreaterThan(1);
});

test('after the first refusal the time is asked for anew, and a login with the right one follows within seconds (O17)', async () => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(1_000);
  room.aheadMs = 9_000;
  room.stream('private').events.closed({ reason: 'login refused: 10001', isRefused: true });
  await room.clock.advance(20);
  expect(room.serverNow() - room.clock.wall()).toBe(9_000);
  await room.clock.advance(5_000);
  expect(dials(room, 'private')).toBe(2);
  room.stream('private').events.ready();
  await room.clock.advance(1_000);
  room.stream('private').events.closed({ reason: 'login refused: 10001', isRefused: true });
  await room.clock.advance(5_000);
  expect(dials(room, 'private')).toBe(3);
});

test('with the budget of connections used up nobody dials before it allows (W04)', async () => {
  const room = new ScriptedRoom(new Budget(4, 300_000 as Ms));
  for (let i = 0; i < 20; i++) {
    room.stream('private').events.closed({ reason: 'gone', isRefused: false });
    await room.clock.advance(10_000);
  }
  expect(room.dialled.length).toBe(4);
  expect(room.lines.some((line) => line.startsWith('error ws.budget_exhausted'))).toBe(true);
  await room.clock.advance(101_000);
  expect(room.dialled.length).toBeGreaterThan(4);
});

test('what an abandoned connection still says concerns nobody (B10)', async () => {
  const room = await ScriptedRoom.up();
  const old = room.stream('private').events;
  old.closed({ reason: 'gone', isRefused: false });
  const before = room.told.length;
  old.text(message('order.linear', FILLED_ENTRY));
  old.ready();
  expect(room.told).toHaveLength(before);
  await room.clock.advance(1_000);
  const { ended, events } = room.stream('private');
  expect([dials(room, 'private'), ended]).toEqual([2, false]);
  events.ready();
  old.text(message('order.linear', FILLED_ENTRY));
  old.closed({ reason: 'gone', isRefused: false });
  expect(room.of('order')).toEqual([]);
  expect(privateLinks(room)).toEqual([true, false, true]);
});

test('what happened at the exchange is told in its words and in its order', async () => {
  const room = await ScriptedRoom.up();
  const before = room.told.length;
  const { events } = room.stream('private');
  events.text(message('execution.linear', FILL));
  events.text(message('order', FILLED_ENTRY, WAITING_STOP));
  events.text(message('position.linear', POSITION_TOLD));
  events.text(message('wallet', WALLET_TOLD));
  const kinds = room.told.slice(before).flatMap(({ kind }) => (kind === 'private-alive' ? [] : [kind]));
  expect(kinds).toEqual(['fill', 'order', 'order', 'position', 'wallet']);
  const position = room.of('position')[0];
  expect(position?.report.stop).toEqual({ tick: 7_653, by: 'mark' });
  expect(room.of('wallet')[0]?.report.updatedMs).toBe(1_786_310_821_505);
});

test.each(['', '{"topic":"order.linear","data":[{"sym', '<html>', '[]', '{"hello":1}'])(
  'a text like %j may hide something: the stream begins anew, so that everybody reads the account (W12, W15)',
  async (text) => {
    const room = await ScriptedRoom.up();
    room.stream('private').events.text(text);
    expect(privateLinks(room)).toEqual([true, false]);
    await room.clock.advance(1_000);
    expect(dials(room, 'private')).toBe(2);
  },
);

test('garbage on the trade socket ends nothing but what it answered, and its login is no late answer', async () => {
  const room = await ScriptedRoom.up();
  room.stream('trade').events.text('{"retCode":0,"retMsg":"OK","op":"auth","connId":"d9"}');
  expect(room.lines.filter((line) => line.includes('gateway.late_answer'))).toEqual([]);
  for (const text of ['', '<html>', '[]', '{"op":"order.create"}', '{"reqId":"1","retCode":"0"}'])
    room.stream('trade').events.text(text);
  expect(room.of('link').filter(({ link }) => link === 'trade-socket')).toMatchObject([{ up: true }]);
});

test('a row that cannot be read is cried out and makes no event; the others of its message do (I-02)', async () => {
  const room = await ScriptedRoom.up();
  const { events } = room.stream('private');
  events.text(message('order', FILLED_ENTRY.replace('"qty":"1.3"', '"qty":"1e1"'), WAITING_STOP));
  events.text(message('execution', FILL.replace(/"execQty":"[^"]*"/, '"execQty":"1e1"'), FILL, FILL));
  events.text(message('position', POSITION_TOLD.replace(/"size":"[^"]*"/, '"size":"1e1"'), POSITION_TOLD));
  expect((['order', 'fill', 'position'] as const).map((kind) => room.of(kind).length)).toEqual([1, 2, 1]);
  expect(room.lines.filter((line) => line.includes('gateway.unreadable_row'))).toEqual(
    ['order', 'execution', 'position'].map(
      (topic) => `error gateway.unreadable_row {"topic":"${topic}","symbol":"SOLUSDT"}`,
    ),
  );
});

test('a topic that nobody asked for is told once and makes no event (X07)', async () => {
  const room = await ScriptedRoom.up();
  for (let i = 0; i < 2; i++) room.stream('private').events.text(message('greeks', POSITION_TOLD));
  expect(room.of('position')).toEqual([]);
  expect(room.lines.filter((line) => line.includes('greeks'))).toEqual([
    'warn gateway.unknown_value {"field":"topic","value":"greeks"}',
  ]);
});

test('a symbol that nobody knows is asked for, and understood from then on (P09)', async () => {
  const room = await ScriptedRoom.up();
  const hers = FILL.replaceAll('SOLUSDT', 'HERSUSDT');
  room.stream('private').events.text(message('execution', hers));
  expect(room.of('fill')).toEqual([]);
  expect(room.put.map(({ question }) => question)).toMatchObject([
    { path: '/v5/market/instruments-info', params: { symbol: 'HERSUSDT' }, isSigned: false },
  ]);
  const listed = {
    symbol: 'HERSUSDT',
    priceFilter: { tickSize: '0.01' },
    lotSizeFilter: { qtyStep: '0.1' },
    priceScale: '2',
  };
  room.put[0]?.reply(body({ list: [listed] }));
  room.stream('private').events.text(message('execution', hers));
  expect(room.of('fill')).toMatchObject([{ fill: { symbol: 'HERSUSDT', tick: 7_731, lots: 13 } }]);
  // The list is newer than what was asked for once.
  room.listed.set('HERSUSDT', createInstrument('HERSUSDT', '0.01', '0.05', 2) as Instrument);
  room.stream('private').events.text(message('execution', hers));
  expect(room.of('fill').at(-1)).toMatchObject({ fill: { tick: 7_731, lots: 26 } });
});

test('a symbol that nobody knows is asked for once while its question is under way, however much is told of it', async () => {
  const room = await ScriptedRoom.up();
  const [hers, his] = ['HERSUSDT', 'HISUSDT'].map((symbol) => FILL.replaceAll('SOLUSDT', symbol)) as [string, string];
  const asked = (): unknown[] => room.put.map(({ question }) => question.params['symbol']);
  room.stream('private').events.text(message('execution', hers, hers, his));
  room.stream('private').events.text(message('execution', hers));
  expect(asked()).toEqual(['HERSUSDT', 'HISUSDT']);
  expect(room.lines.filter((line) => line.startsWith('warn gateway.unknown_symbol'))).toHaveLength(2);
  // Nobody has answered: the next row asks again.
  await room.clock.advance(5_001);
  room.stream('private').events.text(message('execution', hers));
  expect(asked()).toEqual(['HERSUSDT', 'HISUSDT', 'HERSUSDT']);
});

test('an unknown word is logged once, however often it comes (X07)', async () => {
  const room = await ScriptedRoom.up();
  const odd = FILLED_ENTRY.replace('"Filled"', '"Amending"');
  for (let i = 0; i < 5; i++) room.stream('private').events.text(message('order', odd));
  expect(room.of('order').map(({ report }) => report.status)).toEqual(Array.from({ length: 5 }, () => 'unknown'));
  expect(room.lines.filter((line) => line.includes('gateway.unknown_value'))).toHaveLength(1);
});

test('an exchange that says ever other words fills neither the log nor the memory with them: a thousand are told (X07)', async () => {
  const room = await ScriptedRoom.up();
  for (let i = 0; i < 1_001; i++)
    room.stream('private').events.text(message('order', FILLED_ENTRY.replace('"Filled"', `"Amending${i}"`)));
  const told = room.lines.filter((line) => line.includes('gateway.unknown_value'));
  expect([told.length, told.at(-1)?.includes('Amending999'), room.of('order').length]).toEqual([1_000, true, 1_001]);
});

test('the trigger of a stop is what its order says, else what was ordered with the entry (P23)', async () => {
  const room = await ScriptedRoom.up();
  const { events } = room.stream('private');
  const stopBy = (): string | undefined => {
    events.text(message('position', POSITION_TOLD));
    return (room.of('position').at(-1) as Extract<GatewayEvent, { kind: 'position' }>).report.stop?.by;
  };
  expect(stopBy()).toBe('last');
  const order = { role: 'E', linkId: 'a-E', slot: 0, symbol: 'SOLUSDT', side: 'buy', lots: 13, type: 'limit' };
  const stop = { tick: 7_653, by: 'index' };
  room.send({ kind: 'create', path: 'rest-1', order: { ...order, capTick: 7_740, stop, recvWindowMs: 2_000 } });
  expect(stopBy()).toBe('index');
  events.text(message('order', WAITING_STOP));
  expect(stopBy()).toBe('mark');
  // A part of the position that is closed changes nothing of its stop.
  room.send({
    kind: 'create',
    path: 'rest-1',
    order: { ...order, role: 'C', linkId: 'a-C', side: 'sell', capTick: 1 },
  });
  expect(stopBy()).toBe('mark');
  const other = WAITING_STOP.replace(/"orderId":"[^"]*"/, '"orderId":"other"').replace('MarkPrice', 'IndexPrice');
  events.text(message('order', other.replace('Untriggered', 'Cancelled')));
  expect(stopBy()).toBe('mark');
  const setStop = { kind: 'set-stop', path: 'rest-1', slot: 0, symbol: 'SOLUSDT' } as const;
  room.send({ ...setStop, stop: { tick: 7_660, by: 'index' } });
  room.put.at(-1)?.reply(body({}, 10_001));
  expect(stopBy()).toBe('mark');
  room.send({ ...setStop, stop: { tick: 7_660, by: 'last' } });
  expect(stopBy()).toBe('mark');
  room.put.at(-1)?.reply(body({}));
  expect(stopBy()).toBe('last');
  // Of what takes profit, and of a person's stop for a part, nothing follows for this one.
  events.text(message('order', other.replace('"StopLoss"', '"TakeProfit"')));
  events.text(message('order', other.replace('"StopLoss"', '"PartialStopLoss"')));
  expect(stopBy()).toBe('last');
  events.text(message('order', other.replace('"IndexPrice"', '""')));
  expect(stopBy()).toBe('last');
  events.text(message('order', WAITING_STOP.replace('Untriggered', 'Cancelled')));
  expect(stopBy()).toBe('last');
  room.send({
    kind: 'create',
    path: 'rest-1',
    order: { ...order, linkId: 'b-E', capTick: 7_740, stop, recvWindowMs: 2_000 },
  });
  expect(stopBy()).toBe('index');
});

test('P23: what sets off a stop that was there before us is known where the exchange finds nothing to change of it, unless its order says otherwise', async () => {
  const room = await ScriptedRoom.up();
  const { events } = room.stream('private');
  const stopBy = (): unknown => {
    events.text(message('position', POSITION_TOLD));
    return room.of('position').at(-1)?.report.stop?.by;
  };
  expect(stopBy()).toBe('last');
  const stop = { tick: 7_653, by: 'mark' };
  const setStop = { kind: 'set-stop', path: 'rest-1', slot: 0, symbol: 'SOLUSDT', stop } as const;
  room.send(setStop);
  room.put.at(-1)?.reply(body({}, 34_040));
  expect(stopBy()).toBe('mark');
  events.text(message('order', WAITING_STOP.replace('MarkPrice', 'IndexPrice')));
  room.send(setStop);
  room.put.at(-1)?.reply(body({}, 34_040));
  expect(stopBy()).toBe('index');
});

test('a position that is told with its first stop, when a person has moved that already, has the trigger of its first stop (P08)', async () => {
  const room = await ScriptedRoom.up();
  const { events } = room.stream('private');
  const entry = { role: 'E', linkId: 'a-E', slot: 0, symbol: 'SOLUSDT', side: 'buy', lots: 13, type: 'limit' };
  const stop = { tick: 7_653, by: 'last' };
  room.send({ kind: 'create', path: 'rest-1', order: { ...entry, capTick: 7_740, stop, recvWindowMs: 2_000 } });
  events.text(message('order', WAITING_STOP.replace(/"triggerPrice":"[^"]*"/, '"triggerPrice":"76.60"')));
  events.text(message('position', POSITION_TOLD));
  events.text(message('position', POSITION_TOLD.replace('"76.53"', '"76.60"')));
  const stops = room.of('position').map(({ report }) => report.stop);
  expect(stops).toEqual([stop, { tick: 7_660, by: 'mark' }]);
});

test('what sets off a stop is not what a reading says of it that is older than the word of the stream (P23)', async () => {
  const room = await ScriptedRoom.up();
  const { events } = room.stream('private');
  room.send({ kind: 'read-account', path: 'rest-1', depth: 'light' });
  const later = WAITING_STOP.replace('"updatedTime":"1786310821503"', '"updatedTime":"1786310822000"');
  events.text(message('order', later.replace('MarkPrice', 'IndexPrice')));
  for (const put of room.put)
    put.reply(body({ list: put.question.path === '/v5/order/realtime' ? [JSON.parse(WAITING_STOP) as object] : [] }));
  events.text(message('position', POSITION_TOLD));
  expect(room.of('account-read')).toMatchObject([{ reading: { ok: true } }]);
  expect(room.of('position')).toMatchObject([{ report: { stop: { tick: 7_653, by: 'index' } } }]);
});

test('a stop whose end nobody told, for the stream was down, says nothing of the stop of the next entry (P23)', async () => {
  const room = await ScriptedRoom.up();
  const { events } = room.stream('private');
  events.text(message('order', WAITING_STOP));
  const entry = { role: 'E', linkId: 'a-E', slot: 0, symbol: 'SOLUSDT', side: 'buy', lots: 13, type: 'limit' };
  const stop = { tick: 7_653, by: 'last' };
  room.send({ kind: 'create', path: 'rest-1', order: { ...entry, capTick: 7_740, stop, recvWindowMs: 2_000 } });
  events.text(message('position', POSITION_TOLD));
  expect(room.of('position')).toMatchObject([{ report: { stop } }]);
});

test.each([
  ['is deaf where the stream tells neither', [], 0, [true, false]],
  ['is deaf where the stream tells the order alone', ['order'], 0, [true, false]],
  ['is deaf where the stream tells the execution alone', ['execution'], 0, [true, false]],
  ['is sound where the stream tells both, though late', ['order', 'execution'], 0, [true]],
  ['proves nothing where it is of before the stream', [], 60_000, [true]],
] as const)('an order and its execution that a look-up finds: the stream %s', async (_, topics, agoMs, links) => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(5_000);
  const at = String(room.exchangeMs() - agoMs);
  const order = FILLED_ENTRY.replace(/"updatedTime":"\d+"/, `"updatedTime":"${at}"`);
  const fill = FILL.replace(/"execTime":"\d+"/, `"execTime":"${at}"`);
  room.send({ kind: 'look-up', path: 'rest-1', symbol: 'SOLUSDT', linkId: 'pf-7f3a-0001' });
  for (const put of room.put) {
    const { path } = put.question;
    const row = JSON.parse(path === '/v5/execution/list' ? fill : order) as object;
    put.reply(body({ list: path === '/v5/order/realtime' ? [] : [row], nextPageCursor: '' }));
  }
  expect(room.of('looked-up')).toMatchObject([{ reading: { ok: true, value: { orders: [{}], fills: [{}] } } }]);
  for (let second = 0; second < 12; second++) {
    await room.clock.advance(1_000);
    room.stream('private').events.text(PONG);
    if (second !== 8) continue;
    for (const topic of topics) room.stream('private').events.text(message(topic, topic === 'order' ? order : fill));
  }
  expect(privateLinks(room)).toEqual(links);
});

test('a stream owes what happened from two seconds after its begin, once told never again, and nothing of before or while it is down', () => {
  const check = new StreamCheck();
  const lookUp = (orderId: string, updatedMs: number): LookUp =>
    ({ orders: [{ orderId, updatedMs }], fills: [] }) as unknown as LookUp;
  const at = (ms: number): Ms => ms as Ms;
  check.begin(at(100_000));
  check.seen({ kind: 'order', report: { orderId: 'told' } } as unknown as GatewayEvent);
  check.lookedUp(lookUp('told', 110_000), at(0));
  check.lookedUp(lookUp('while it was subscribed', 101_999), at(0));
  expect(check.isIncomplete(at(60_000))).toBe(false);
  check.lookedUp(lookUp('missed', 102_000), at(0));
  check.lookedUp(lookUp('missed', 102_000), at(9_000));
  expect([9_999, 10_000].map((ms) => check.isIncomplete(at(ms)))).toEqual([false, true]);
  check.end();
  check.lookedUp(lookUp('while it was down', 150_000), at(0));
  expect(check.isIncomplete(at(60_000))).toBe(false);
  check.begin(at(160_000));
  expect(check.isIncomplete(at(60_000))).toBe(false);
  check.lookedUp(lookUp('missed', 170_000), at(0));
  check.begin(at(180_000));
  expect(check.isIncomplete(at(60_000))).toBe(false);
});

test('an order that was told of first and just now once more is no older than what came between: a look-up of it accuses nobody', () => {
  const check = new StreamCheck();
  const told = (orderId: string): void => check.seen({ kind: 'order', report: { orderId } } as unknown as GatewayEvent);
  check.begin(100_000 as Ms);
  told('stop');
  for (let i = 0; i < 999; i++) told(`entry-${i}`);
  told('stop');
  told('the one more than is remembered');
  check.lookedUp({ orders: [{ orderId: 'stop', updatedMs: 110_000 }], fills: [] } as unknown as LookUp, 0 as Ms);
  expect(check.isIncomplete(60_000 as Ms)).toBe(false);
  check.lookedUp({ orders: [{ orderId: 'entry-0', updatedMs: 110_000 }], fills: [] } as unknown as LookUp, 0 as Ms);
  expect(check.isIncomplete(60_000 as Ms), 'a thousand are remembered').toBe(true);
});

test('a peer that is about to be judged is heard first, and a loop that stood still meanwhile judges nobody (W02)', async () => {
  const clock = createVirtualClock();
  let dead = 0;
  const heartbeat = new Heartbeat(
    clock,
    () => undefined,
    () => void dead++,
  );
  await clock.advance(20_050);
  heartbeat.heard();
  await clock.advance(21_049);
  expect(dead).toBe(0);
  await clock.advance(1);
  expect(dead).toBe(1);
  heartbeat.heard();
  await clock.advance(20_900);
  await clock.stall(1_500);
  expect(dead).toBe(1);
  await clock.advance(100);
  expect(dead).toBe(2);
  // What it stood still is given to the peer, and no more than that.
  heartbeat.heard();
  await clock.advance(15_000);
  await clock.stall(3_000);
  await clock.advance(5_500);
  expect(dead).toBe(3);
  // Who is left while it is about to be judged is judged no more: that would end the next one.
  heartbeat.heard();
  await clock.advance(20_550);
  heartbeat.stop();
  await clock.advance(1_000);
  expect(dead).toBe(3);
});
