// How does one position leave, over whichever path there is, and leave alone what is not ours? (P16, P17, W10)
import { expect, test } from 'vitest';
import type { Path } from '../../../src/order/words.ts';
import { DeskRoom } from '../desk-room.ts';

const SYMBOL = 'SOLUSDT';

/** Nobody tells what was executed, and a person has bought 60 lots in the moment in which the first order of the kill leaves. */
function killedBlind(refusesFirst = false): DeskRoom {
  const room = new DeskRoom().settleDown().enter();
  const { exchange } = room;
  exchange.faults.readFails = ({ kind }) => kind !== 'read-position';
  exchange.faults.rejects = () => refusesFirst && room.creates('X').length === 1;
  room.privateLink(false);
  room.run(3_000);
  room.command({ kind: 'kill', id: 'k' });
  exchange.human('SOLUSDT', 60);
  room.run(30_000);
  return room;
}

test('P01: where the stop of a position that is being closed is gone, the next close leaves at once and not after the pause of the ladder', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  place.shown = 0;
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c1' });
  const closes = (): number => room.creates('C').length + room.creates('X').length;
  room.until(() => closes() === 5, 20_000);
  room.run(150);
  const before = closes();
  room.exchange.humanStop('SOLUSDT', undefined);
  room.run(1_500);
  expect(closes()).toBeGreaterThan(before);
});

test('X04: a close whose price at the edge of the band is refused goes out without a price again', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  place.shown = 0;
  room.exchange.faults.refuse = (request) =>
    request.kind === 'create' && request.order.role !== 'E' && request.order.type === 'limit'
      ? { outcome: 'refused', class: 'price', code: 110_003, text: 'Order price is out of permissible range' }
      : undefined;
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => room.names().includes('close.refused'), 10_000);
  place.shown = Infinity;
  room.until(() => room.state() === 'flat', 20_000);
  expect(place.lots).toBe(0);
});

test('P17: a close that the gateway never answers for is given up after two seconds, and its way is taken last', () => {
  const room = new DeskRoom().settleDown().enter();
  const { exchange } = room;
  const send = exchange.send.bind(exchange);
  exchange.send = (request) =>
    request.kind === 'create' && request.path === 'trade-socket' ? void exchange.sent.push(request) : send(request);
  room.move('SOLUSDT', 10_030);
  exchange.place('SOLUSDT').shown = 0;
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.until(() => room.creates().length > 2, 4_000);
  room.run(6_000);
  const [, first, ...others] = room.creates().map(({ path }) => path);
  expect([first, others.length > 3, others.includes('trade-socket')]).toEqual(['trade-socket', true, false]);
  exchange.place('SOLUSDT').shown = Infinity;
  room.until(() => room.state() === 'flat', 4_000);
  // The first may still be carried out.
  room.breakout('SOLUSDT', 2);
  expect(room.verdicts.at(-1)?.refusal).toBe('G22 cooldown');
  room.run(8_000);
  room.breakout('SOLUSDT', 3);
  expect(room.verdicts.at(-1)?.refusal).toBeUndefined();
});

test('P17: where every way was dead the next close leaves in the moment in which one of them is back', () => {
  const room = new DeskRoom().settleDown().enter();
  for (const path of ['trade-socket', 'rest-1', 'rest-2'] as const) room.link(path, false);
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(6_500);
  expect(room.names(), 'P16').toContain('position.close_stuck');
  const before = room.creates().length;
  room.link('rest-2', true);
  expect(room.creates().slice(before)).toMatchObject([{ path: 'rest-2' }]);
  room.until(() => room.state() === 'flat', 5_000);
});

test('P17: a REST host that is down, or has just failed to answer, is asked nothing that the other one can answer', () => {
  const room = new DeskRoom().settleDown().enter();
  room.privateLink(false);
  const askedOf = (lastsMs: number): Set<Path> => {
    const from = room.exchange.sent.length;
    room.run(lastsMs);
    return new Set(room.exchange.sent.slice(from).map(({ path }) => path));
  };
  room.link('rest-1', false);
  expect(askedOf(20_000)).toEqual(new Set(['rest-2']));
  room.link('rest-1', true);
  room.exchange.faults.readFails = ({ path }) => path === 'rest-1';
  room.run(5_000);
  expect(askedOf(4_000)).toEqual(new Set(['rest-2']));
});

test('P16: a close that brings nothing home for five seconds goes on as an emergency', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.place('SOLUSDT').shown = 0;
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(4_900);
  expect([room.state(), room.creates('X')]).toEqual(['closing', []]);
  room.until(() => room.state() === 'emergency-closing', 300);
  room.exchange.place('SOLUSDT').shown = Infinity;
  room.until(() => room.state() === 'flat', 5_000);
  expect(room.creates('X')).toHaveLength(1);
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['manual']);
});

test('W10: while the private stream is down a position is managed all the same: it is closed after its time, for once, and told', () => {
  const room = new DeskRoom({ exit: { maxHoldingMinutes: 1 } }).settleDown().enter();
  room.privateLink(false);
  room.run(50_000);
  expect(room.state()).toBe('protected');
  room.run(30_000);
  expect([room.state(), room.exchange.place('SOLUSDT').lots]).toEqual(['flat', 0]);
  expect(room.creates('C')).toHaveLength(1);
  expect([...room.rows.values()].at(-1)).toMatchObject({ exitReason: 'timeout', isComplete: true });
});

test('W10, P7: while the private stream is down an exit leaves alone what a person has added a moment before', () => {
  const room = new DeskRoom({ exit: { maxHoldingMinutes: 1 } }).settleDown().enter();
  const { exchange } = room;
  const { lots } = exchange.place('SOLUSDT');
  const opened = room.mono;
  room.privateLink(false);
  room.run(50_000);
  exchange.faults.readMs = () => 700;
  room.run(opened + 59_000 - room.mono);
  exchange.human('SOLUSDT', 4);
  room.until(() => room.creates('C').length > 0, 5_000);
  room.run(20_000);
  expect(room.creates('C').map(({ order }) => order.lots)).toEqual([lots]);
  expect([room.state(), exchange.place('SOLUSDT').lots]).toEqual(['foreign', 4]);
});

test.each(['before', 'after'] as const)(
  'W10, P7: a close that is asked for just %s the private stream is back leaves alone what a person has added while it was down',
  (when) => {
    const room = new DeskRoom().settleDown().enter();
    const { exchange } = room;
    const { lots } = exchange.place('SOLUSDT');
    const close = (): void => room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c1' });
    room.privateLink(false);
    room.run(10_000);
    exchange.faults.readMs = () => 700;
    room.run(2_000);
    exchange.human('SOLUSDT', 4);
    if (when === 'before') close();
    room.privateLink(true);
    if (when === 'after') close();
    room.run(20_000);
    expect(room.creates('C').map(({ order }) => order.lots)).toEqual([lots]);
    expect([room.state(), exchange.place('SOLUSDT').lots]).toEqual(['foreign', 4]);
  },
);

test('W10: an exit while the private stream is down costs two whole readings, one before its close and one after it', () => {
  const room = new DeskRoom().settleDown().enter();
  const { exchange } = room;
  exchange.faults.readMs = () => 100;
  room.privateLink(false);
  room.run(20_500);
  const before = exchange.sent.length;
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(2_000);
  const asked = exchange.sent.slice(before).map((request) => ('depth' in request ? request.depth : request.kind));
  expect(asked).toEqual(['deep', 'create', 'read-position', 'deep', 'read-position']);
});

test('W10, P7: where readings take seconds too, a close has five seconds from when it left, not from when it was asked for, to be proven', () => {
  const room = new DeskRoom().settleDown().enter();
  const { exchange } = room;
  const { lots } = exchange.place('SOLUSDT');
  room.privateLink(false);
  room.run(10_000);
  exchange.faults.readMs = () => 2_000;
  room.run(4_300);
  exchange.human('SOLUSDT', 60);
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(40_000);
  expect(room.creates().map(({ order }) => [order.role, order.lots])).toEqual([
    ['E', lots],
    ['C', lots],
  ]);
  expect(room.names()).not.toContain('position.close_stuck');
  expect([room.state(), exchange.place('SOLUSDT').lots]).toEqual(['foreign', 60]);
});

test('W10, P7: what an accepted close has taken is not taken once more of lots that a person has added in that moment, however long nobody tells of executions', () => {
  const room = killedBlind();
  const { exchange } = room;
  expect([room.state(), exchange.place('SOLUSDT').lots]).toEqual(['emergency-closing', 60]);
  exchange.faults = {};
  room.until(() => room.state() === 'foreign', 20_000);
  expect([room.isTold(), exchange.place('SOLUSDT').lots]).toEqual([true, 60]);
});

test('W10, I-07: of lots that a person has added to, ours are closed once more at the word that the stop is gone', () => {
  const room = killedBlind(true);
  const { exchange } = room;
  const { lots } = exchange.place('SOLUSDT');
  exchange.humanStop('SOLUSDT', undefined);
  room.until(() => exchange.place('SOLUSDT').lots === 60, 5_000);
  expect([lots > 60, room.creates('X').length]).toEqual([true, 2]);
});

test('W10: of lots that a person has added to, ours are closed once more where a whole reading shows nothing of the accepted close', () => {
  const room = killedBlind(true);
  const { exchange } = room;
  exchange.faults = {};
  room.until(() => room.state() === 'foreign', 20_000);
  expect([room.creates('X').length, exchange.place('SOLUSDT').lots]).toEqual([2, 60]);
});

test('W10: an exit that has waited in vain for a reading does not wait anew after a close that was refused', () => {
  const room = new DeskRoom().settleDown().enter();
  const { exchange } = room;
  room.privateLink(false);
  room.run(10_000);
  exchange.faults.readFails = (request) => request.kind === 'read-account' && request.depth === 'deep';
  exchange.faults.refuse = (request) =>
    request.kind === 'create' && request.path === 'trade-socket'
      ? { outcome: 'refused', class: 'param', code: 110_017, text: '' }
      : undefined;
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(6_500);
  expect([room.creates('C').length, exchange.place('SOLUSDT').lots]).toEqual([2, 0]);
});

test('P7, I-07: what is left of ours beside what a person holds is not waited for any more at the word that its stop is gone', () => {
  const room = new DeskRoom().settleDown().enter();
  const { exchange } = room;
  const { lots } = exchange.place('SOLUSDT');
  exchange.human('SOLUSDT', 60);
  room.run(3_000);
  exchange.faults.accept = ({ kind }) => (kind === 'create' && room.creates('C').length === 1 ? 'no' : 'yes');
  exchange.faults.answerLost = ({ kind }) => kind === 'create' && room.creates('C').length === 1;
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(500);
  expect([room.creates('C').length, exchange.place('SOLUSDT').lots]).toEqual([1, 60 + lots]);
  exchange.humanStop('SOLUSDT', undefined);
  room.run(500);
  expect([room.creates('C').length, exchange.place('SOLUSDT').lots]).toEqual([2, 60]);
});

test('W10, I-07: an exit that waits for a reading waits no longer at the word that its stop is gone', () => {
  const room = new DeskRoom().settleDown().enter();
  const { exchange } = room;
  room.privateLink(false);
  room.run(10_000);
  exchange.faults.readFails = (request) => request.kind === 'read-account' && request.depth === 'deep';
  room.run(3_000);
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(300);
  expect(room.creates('C')).toHaveLength(0);
  exchange.humanStop('SOLUSDT', undefined);
  room.run(4_000);
  expect([room.creates('C').length, exchange.place('SOLUSDT').lots]).toEqual([1, 0]);
});

test('W10: while no stream tells what became of a close it is read at once, and not closed once more', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.faults.streamDelay = () => undefined;
  room.privateLink(false);
  room.run(3_000);
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.until(() => room.state() === 'flat', 5_000);
  expect(room.creates().map(({ order }) => order.role)).toEqual(['E', 'C']);
});
