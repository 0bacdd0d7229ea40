// Which reading of the account is believed, and when is there another one? (I-09, I-16, P18)
import { expect, test } from 'vitest';
import type { Lot } from '../../../src/market/units.ts';
import type { Fill, OrderReport } from '../../../src/order/words.ts';
import { DeskRoom } from '../desk-room.ts';

const SYMBOL = 'SOLUSDT';

test('P7, P01: a position of another size than the known one, seen in half a reading, says nothing before the executions are read', () => {
  const room = new DeskRoom().settleDown().enter();
  const seen = room.exchange.position(SYMBOL);
  const larger = { ...seen, lots: seen.lots + 3, seq: seen.seq + 1, stop: undefined };
  room.take({ kind: 'gateway', event: { kind: 'positions-seen', positions: [larger] } });
  expect(room.state()).toBe('protected');
  room.take({ kind: 'gateway', event: { kind: 'positions-seen', positions: [{ ...larger, lots: seen.lots }] } });
  expect(room.state()).toBe('unprotected');
});

test('I-09: what a person has closed of ours is looked for at the next reading, and once, though that lists our stop', () => {
  const room = new DeskRoom().settleDown().enter();
  room.run(3_000);
  room.exchange.faults.streamDelay = ({ kind }) => (kind === 'fill' ? undefined : 0);
  room.exchange.human(SYMBOL, -3);
  const found = room.exchange.place(SYMBOL).fills.pop() as Fill;
  const sent = room.exchange.sent.length;
  room.run(10_500);
  const depths = room.exchange.sent.slice(sent).flatMap((request) => ('depth' in request ? [request.depth] : []));
  expect(depths).toEqual(['light', 'deep']);
  room.exchange.place(SYMBOL).fills.push(found);
  room.until(() => room.executions.has(found.execId), 20_000);
  expect(room.desk.status().positions).toMatchObject([{ state: 'protected', ours: 6, foreign: 0 }]);
});

test('I-09: what a person has closed of ours is looked for again at once where the reading failed', () => {
  const room = new DeskRoom().settleDown().enter();
  room.run(3_000);
  const failed: number[] = [];
  room.exchange.faults = {
    streamDelay: ({ kind }) => (kind === 'fill' ? undefined : 0),
    readFails: (request) => 'depth' in request && request.depth === 'deep' && failed.push(room.mono) === 1,
  };
  room.exchange.human(SYMBOL, -3);
  const { execId } = room.exchange.place(SYMBOL).fills.at(-1) as Fill;
  room.until(() => failed.length === 1);
  expect(room.until(() => room.executions.has(execId))).toBeLessThan(3_000);
});

test('I-09: and where the host that was asked comes back, and what is asked of it instead fails', () => {
  const room = new DeskRoom().settleDown().enter();
  room.run(3_000);
  let asked = 0;
  room.exchange.faults = {
    streamDelay: ({ kind }) => (kind === 'fill' ? undefined : 0),
    readFails: (request) => 'depth' in request && request.depth === 'deep' && asked <= 2,
  };
  room.onRequest = (request) => {
    if (!('depth' in request) || request.depth !== 'deep' || ++asked > 1) return;
    const returned = { kind: 'link', link: request.path, up: true, reason: '' } as const;
    room.later(1, () => room.take({ kind: 'gateway', event: returned }));
  };
  room.exchange.human(SYMBOL, -3);
  const { execId } = room.exchange.place(SYMBOL).fills.at(-1) as Fill;
  room.until(() => asked === 2);
  expect(room.until(() => room.executions.has(execId))).toBeLessThan(3_000);
});

test('a size on which two readings agree is believed, though the exchange has begun to count its events anew', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  Object.assign(place, { lots: 6, entry: (place.entry * 6n) / 9n, seq: 0 });
  room.run(8_000);
  expect(room.desk.status().positions).toMatchObject([{ ours: 9 }]);
  room.run(12_000);
  expect(room.desk.status().positions).toMatchObject([{ state: 'protected', ours: 6, foreign: 0 }]);
});

test('a contradiction ends as what two readings have proven, and not by the first', () => {
  const room = new DeskRoom().settleDown().enter();
  const [fill] = room.exchange.place('SOLUSDT').fills;
  room.until(() => room.exchange.sent.at(-1)?.kind === 'read-account', 20_000);
  room.run(1_000);
  const told = room.exchange.place('SOLUSDT').orders.get(fill?.linkId ?? '') as OrderReport;
  room.take({ kind: 'gateway', event: { kind: 'order', report: { ...told, filledLots: 99 as Lot } } });
  const sent = room.exchange.sent.length;
  const passed = room.until(() => room.state() !== 'quarantined', 40_000);
  const readings = room.exchange.sent.slice(sent).filter(({ kind }) => kind === 'read-account');
  expect([room.state(), readings.length, passed >= 3_000]).toEqual(['protected', 2, true]);
});

test('a reading that is out over a host which was dead, and is back, is asked for anew at once', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.faults.readMs = ({ kind }) => (kind === 'read-account' ? 4_000 : undefined);
  const readings = () => room.exchange.sent.filter(({ kind }) => kind === 'read-account');
  const before = readings().length;
  room.until(() => readings().length > before, 11_000);
  room.run(500);
  const path = readings().at(-1)?.path ?? 'rest-1';
  room.link(path, false);
  room.link(path, true);
  expect(readings()).toHaveLength(before + 2);
});

test.each([true, false])(
  'P07: while executions cannot be read, and the private stream is up: %s, it is read all the same that a person has closed ours',
  (isUp) => {
    const room = new DeskRoom().settleDown().enter();
    const { exchange } = room;
    exchange.faults.readFails = (request) => request.kind === 'read-account' && request.depth === 'deep';
    exchange.faults.streamDelay = () => undefined;
    room.privateLink(isUp);
    room.run(60_000);
    const { lots } = exchange.place('SOLUSDT');
    expect(room.desk.status().positions).toMatchObject([{ ours: lots }]);
    exchange.human('SOLUSDT', -lots);
    room.run(25_000);
    expect(room.desk.status().positions).toMatchObject([{ ours: 0 }]);
    expect(room.creates().map(({ order }) => order.role)).toEqual(['E']);
  },
);

test('R19: executions of months that cannot be read in time, as of a busy account, are asked for of a week, for what is open waits for them', () => {
  const room = new DeskRoom().settleDown().enter();
  const dayMs = 86_400_000;
  room.isRunning = false;
  room.run(60 * dayMs);
  const asked: number[] = [];
  room.exchange.faults.readFails = (request) => {
    if (request.kind !== 'read-account' || request.depth !== 'deep') return false;
    const days = Math.round((room.wall - request.sinceMs) / dayMs);
    asked.push(days);
    return days > 7;
  };
  room.restart();
  room.until(() => room.desk.status().reconciledAt !== undefined, 20_000);
  expect(asked.slice(0, 2)).toEqual([60, 7]);
});

test('G04, P1: while executions cannot be read nothing is entered, though the light readings agree', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.readFails = (request) => request.kind === 'read-account' && request.depth === 'deep';
  room.run(60_000);
  room.breakout();
  expect(room.verdicts.map(({ refusal }) => refusal)).toEqual(['G04 private_stream']);
});

test('G04, P1: nor when a host has answered again between two of those that fail', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.readFails = (request) => request.kind === 'read-account' && request.depth === 'deep';
  room.run(60_000);
  const failed = room.told.length;
  room.until(() => room.told.slice(failed).some(({ name }) => name === 'account.unread'));
  for (const isUp of [false, true]) for (const host of ['rest-1', 'rest-2'] as const) room.link(host, isUp);
  room.run(1_000);
  room.breakout();
  expect(room.verdicts.map(({ refusal }) => refusal)).toEqual(['G04 private_stream']);
});

test('I-16: a reading that was asked for before the private stream was lost is none of the two that are needed after it', () => {
  const room = new DeskRoom().settleDown().enter();
  const each = { ms: 500 };
  room.exchange.faults.readMs = ({ kind }) => (kind === 'read-account' ? each.ms : undefined);
  const { sent } = room.exchange;
  const before = sent.length;
  room.until(() => sent.slice(before).some(({ kind }) => kind === 'read-account'), 11_000);
  each.ms = 600;
  room.privateLink(false);
  room.privateLink(true);
  expect(room.desk.status().mode).toBe('RECONCILING');
  expect(room.until(() => room.desk.status().mode !== 'RECONCILING', 5_000)).toBeGreaterThanOrEqual(2_400);
});

test.each([
  ['the stream alone', 0, true],
  ['one reading alone', 1, false],
])('P18: that nothing is left is not believed by the word of %s', (_, readings, isStreamed) => {
  const room = new DeskRoom().settleDown().enter();
  let left = readings;
  room.exchange.faults.readFails = ({ kind }) => kind !== 'read-position' || left-- <= 0;
  room.exchange.faults.streamDelay = ({ kind }) => (kind === 'position' && !isStreamed ? undefined : 0);
  room.exchange.closeBy('SOLUSDT', 'CreateByStopLoss', 'trade');
  room.run(4_000);
  expect(room.names()).not.toContain('position.closed');
  left = Infinity;
  room.until(() => room.state() === 'flat', 3_000);
  expect(room.names()).toContain('position.closed');
});

test('P18: readings of before the last execution are no word of size 0, however many there are', () => {
  const room = new DeskRoom().settleDown().enter();
  room.run(4_000);
  room.exchange.faults.lagMs = () => 3_000;
  room.exchange.faults.streamDelay = ({ kind }) => (kind === 'position' ? undefined : 0);
  room.exchange.closeBy('SOLUSDT', 'CreateByStopLoss', 'trade');
  room.run(2_900);
  expect(room.names()).not.toContain('position.closed');
  room.until(() => room.state() === 'flat', 3_000);
  expect(room.names()).toContain('position.closed');
});

test('what a reading of the account does not list any more, and no stream has told of, is asked about and found gone', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.faults.streamDelay = () => undefined;
  room.exchange.closeBy('SOLUSDT', 'CreateByStopLoss', 'trade');
  room.until(() => room.state() === 'flat', 13_000);
  expect([...room.rows.values()]).toMatchObject([{ exitReason: 'stop_loss', isComplete: true }]);
});
