// Does everything of ours go home when an operator says so: kill, flatten, the end of the run? (Y04, Y05, R11)
import { expect, test } from 'vitest';
import type { Lot } from '../../../src/market/units.ts';
import { contractOf, DeskRoom } from '../desk-room.ts';

const SYMBOL = 'SOLUSDT';

test.each([
  ['', () => undefined],
  [', also over a restart before that', (room: DeskRoom) => room.restart()],
])(
  'Y04, R07: an entry that is under way when all is to be closed is closed too, if it still opens something%s',
  (_, meanwhile) => {
    const room = new DeskRoom().settleDown();
    const place = room.exchange.place(SYMBOL);
    room.exchange.faults.accept = ({ kind }) => (kind === 'create' ? { late: 4_000 } : 'yes');
    room.breakout();
    room.until(() => room.creates('E').length === 1);
    room.command({ kind: 'flatten', id: 'f1' });
    room.run(50);
    meanwhile(room);
    room.exchange.faults.accept = () => 'yes';
    room.until(() => place.lots !== 0, 10_000);
    room.until(() => room.state() === 'flat' && place.lots === 0, 30_000);
    expect([...room.rows.values()]).toMatchObject([{ exitReason: 'manual' }]);
  },
);

test('Y04: a position of ours that was not known for ours when all was to be closed is closed once it is', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  const unshown = place.fills.splice(0);
  // Whose its stop is would tell it sooner.
  place.stopOrder = undefined;
  room.loseJournal();
  room.restart();
  room.run(5_000);
  expect(room.state()).toBe('foreign');
  room.command({ kind: 'flatten', id: 'f1' });
  place.fills.push(...unshown);
  room.until(() => place.lots === 0 && room.state() === 'flat', 90_000);
  expect([...room.rows.values()]).toMatchObject([{ exitReason: 'manual' }]);
});

test('Y05: what was being closed in an emergency is closed after a restart over the path that is there, though nothing can be read', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  place.shown = 0;
  room.command({ kind: 'kill', id: 'k1' });
  room.run(500);
  place.shown = Infinity;
  room.exchange.down.add('rest-1');
  room.exchange.down.add('rest-2');
  room.restart();
  expect(place.lots).not.toBe(0);
  room.until(() => place.lots === 0, 5_000);
});

test('Y05: a kill is over though the disk never answers for an entry that was to leave: it does not leave any more', () => {
  const room = new DeskRoom().settleDown();
  room.syncs = false;
  room.breakout();
  room.command({ kind: 'kill', id: 'k' });
  room.run(5_000);
  room.syncs = true;
  room.run(5_000);
  expect([room.desk.status().mode, room.creates(), room.exchange.place('SOLUSDT').lots]).toEqual(['HALTED', [], 0]);
});

test.each([
  ['leave_protected', 9, 9_974],
  ['flatten', 0, undefined],
] as const)('R11: asked to end by %s while the stop is missing, it ends when that is done', (policy, lots, stop) => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  room.exchange.faults.accept = ({ kind }) => (kind === 'set-stop' ? { late: 500 } : 'yes');
  room.exchange.humanStop('SOLUSDT', undefined);
  room.until(() => room.state() === 'unprotected', 100);
  room.take({ kind: 'drain', policy });
  expect(room.drained).toEqual([]);
  room.until(() => room.drained.length > 0, 1_000);
  expect([room.drained, place.lots, place.stop?.tick, room.desk.status().mode]).toEqual([[[]], lots, stop, 'STOPPED']);
});

test('Y04, Y09: the file KILL closes what is held, once; who resumes finds the kill lifted, and enters ten seconds later', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter();
  room.take({ kind: 'facts', facts: { killedByFile: true } });
  room.command({ kind: 'kill', id: 'k1' });
  room.command({ kind: 'resume', id: 'r1' });
  const refused = room.answers.get('r1');
  expect(refused?.accepted).toBe(false);
  room.command({ kind: 'resume', id: 'r1' });
  expect(room.answers.get('r1')).toEqual({ ...refused, isRepeat: true });
  room.until(() => room.desk.status().mode === 'HALTED', 5_000);
  expect(room.creates('X')).toHaveLength(1);
  expect(room.told.filter(({ name }) => name === 'kill.ordered')).toHaveLength(1);
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['kill_switch']);
  room.restart();
  room.until(() => room.desk.status().mode === 'HALTED', 5_000);
  room.command({ kind: 'resume', id: 'r2' });
  expect(room.latches).toEqual([true, true, false]);
  expect(room.answers.get('r2')).toMatchObject({ accepted: true, text: 'cleared: kill_switch' });
  room.run(9_000);
  room.breakout('XRPUSDT', 2);
  expect(room.verdicts.at(-1)?.refusal).toBe('G01 mode');
  room.run(2_000);
  room.enter('XRPUSDT', true, 3);
  expect(room.desk.status().isKilled).toBe(false);
  expect(room.deskHash()).toBe(room.replayHash());
});

test('R11: an entry that was accepted, and of which nobody tells more, is named at the end: it may be filled after we are gone', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.place('SOLUSDT').shown = 0;
  room.exchange.faults.streamDelay = () => undefined;
  room.exchange.faults.readFails = () => true;
  room.breakout();
  room.run(100);
  room.take({ kind: 'drain', policy: 'leave_protected' });
  room.run(21_000);
  expect(room.drained).toEqual([['SOLUSDT entry acked']]);
});

test('Y04: a kill is over only when it is known what became of an entry that was on its way, and what that opened goes home', () => {
  const room = new DeskRoom().settleDown();
  const place = room.exchange.place('SOLUSDT');
  room.exchange.faults.accept = (request) =>
    request.kind === 'create' && request.order.role === 'E' ? { late: 4_000 } : 'yes';
  room.breakout();
  room.until(() => room.creates('E').length === 1);
  room.command({ kind: 'kill', id: 'k' });
  room.run(3_000);
  expect(place.lots).toBe(0);
  expect(room.desk.status().mode).toBe('EMERGENCY');
  room.until(() => room.desk.status().mode === 'HALTED');
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['kill_switch']);
  expect(place.lots).toBe(0);
});

test('Y05: a kill is not over before the account was read: something that nobody remembers may stand there', () => {
  const room = new DeskRoom();
  room.exchange.faults.readFails = () => true;
  room.take({ kind: 'facts', facts: { killedByFile: true } });
  room.run(5_000);
  expect(room.desk.status().mode).toBe('EMERGENCY');
  room.exchange.faults = {};
  room.until(() => room.desk.status().mode === 'HALTED', 5_000);
  expect(room.creates()).toEqual([]);
});

test('R11: an entry whose record is not on the disk yet is not waited for, and does not leave later', () => {
  const room = new DeskRoom().settleDown();
  room.syncs = false;
  room.breakout();
  expect(room.verdicts.at(-1)?.refusal).toBeUndefined();
  room.take({ kind: 'drain', policy: 'leave_protected' });
  expect(room.drained).toEqual([[]]);
  room.take({ kind: 'synced', upTo: Infinity });
  expect(room.creates()).toEqual([]);
});

test('P21: what an operator is closing when a kill comes is left once more and no oftener, for the first of the reasons', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  place.shown = 0;
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(100);
  room.command({ kind: 'kill', id: 'k' });
  room.run(2_000);
  place.shown = Infinity;
  room.until(() => room.isTold(), 5_000);
  const told = room.told.filter(({ name }) => name === 'position.leaving');
  expect(told.map(({ fields }) => Object.values(fields))).toEqual([
    ['manual', false],
    ['kill_switch', true],
  ]);
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['manual']);
});

test('W10, P7: a kill while the private stream is down waits for no reading, and takes no more than what is known to be ours', () => {
  const room = new DeskRoom().settleDown().enter();
  const { exchange } = room;
  const { lots } = exchange.place('SOLUSDT');
  room.privateLink(false);
  room.run(10_000);
  exchange.human('SOLUSDT', 60);
  room.command({ kind: 'kill', id: 'k' });
  expect(room.creates('X').map(({ order }) => order.lots)).toEqual([lots]);
  room.run(20_000);
  expect([room.state(), exchange.place('SOLUSDT').lots]).toEqual(['foreign', 60]);
});

test.each(['does not leave', 'is refused'] as const)(
  'W10, P7: a kill while executions cannot be read does not wait for what a close has left that %s',
  (what) => {
    const room = new DeskRoom().settleDown().enter();
    const { exchange } = room;
    const { lots } = exchange.place('SOLUSDT');
    room.privateLink(false);
    exchange.human('SOLUSDT', 60);
    room.run(10_000);
    exchange.faults.readFails = (request) => request.kind === 'read-account' && request.depth === 'deep';
    room.run(5_000);
    if (what === 'does not leave') for (const path of ['trade-socket', 'rest-1'] as const) exchange.down.add(path);
    exchange.faults.refuse = (request) =>
      what === 'is refused' && request.kind === 'create' && request.path === 'trade-socket'
        ? { outcome: 'refused', class: 'param', code: 110_017, text: '' }
        : undefined;
    room.command({ kind: 'kill', id: 'k' });
    room.run(1_000);
    expect(room.creates('X').every(({ order }) => order.lots === lots)).toBe(true);
    expect(exchange.place('SOLUSDT').lots).toBe(60);
  },
);

test('W10, I-07: a kill while nothing has told how much our entry has filled takes all that stands there', () => {
  const room = new DeskRoom().settleDown();
  const { exchange } = room;
  exchange.faults.streamDelay = ({ kind }) => (kind === 'position' ? 0 : undefined);
  room.breakout();
  room.until(() => room.state() === 'protected', 1_000);
  room.privateLink(false);
  room.command({ kind: 'kill', id: 'k' });
  expect(room.creates('X').map(({ order }) => order.lots)).toEqual(['all']);
});

test('W10, P10: a kill while the private stream is down takes what is too small for a number as all that stands there', () => {
  const room = new DeskRoom().settleDown().enter();
  room.tellContract({ ...contractOf(room.exchange.place('SOLUSDT').grid), lotsMin: 10 as Lot });
  room.privateLink(false);
  room.run(10_000);
  room.command({ kind: 'kill', id: 'k' });
  expect(room.creates('X').map(({ order }) => order.lots)).toEqual(['all']);
});
