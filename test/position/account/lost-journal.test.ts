// Whose is what stands there when the journal is lost, old, or somebody else’s? (R07 to R09)
import { expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import { moneyText } from '../../../src/market/money.ts';
import type { Lot, Tick } from '../../../src/market/units.ts';
import type { Fill, OrderReport } from '../../../src/order/words.ts';
import { DeskRoom } from '../desk-room.ts';
import { START_BALANCE } from '../fake-exchange.ts';
import { recoverByStop } from '../scenes.ts';

const SYMBOL = 'SOLUSDT';

test('R07: what a run before the loss of its journal has opened is ours after the start, and after the one that follows', () => {
  const room = new DeskRoom().settleDown().enter();
  room.loseJournal();
  room.restart();
  room.until(() => room.state() === 'protected');
  room.restart();
  room.until(() => room.state() === 'protected' && room.desk.status().mode === 'ACTIVE', 60_000);
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => room.state() === 'flat' && room.exchange.place(SYMBOL).lots === 0);
  expect(room.names()).not.toContain('lease.twin');
});

test('R07: what the stop sells while a start without a journal reads the account is a trade that is over: its loss counts, and the next may be entered', () => {
  const room = new DeskRoom().settleDown().enter();
  room.loseJournal();
  room.exchange.faults.readMs = ({ kind }) => (kind === 'read-account' ? 300 : undefined);
  room.restart();
  const place = room.exchange.place(SYMBOL);
  room.run(400);
  room.move(SYMBOL, 9_900);
  room.until(() => place.lots === 0, 100);
  room.until(() => room.desk.status().mode === 'ACTIVE');
  room.until(() => room.desk.held().size === 0);
  expect([...room.rows.values()].at(-1)).toMatchObject({
    size: '0.9',
    stopLossTriggered: true,
    profitLoss: '-0.998505',
    isComplete: true,
  });
});

test('R07, R19: what the stop sells after a start without a journal, before any symbol is watched, is a trade: its loss counts', () => {
  const room = new DeskRoom().settleDown().enter();
  const { rules } = room;
  room.loseJournal();
  Object.assign(room, { rules: undefined });
  room.restart();
  room.run(1_500);
  room.move(SYMBOL, 9_900);
  room.until(() => room.exchange.place(SYMBOL).lots === 0);
  room.run(1_000);
  Object.assign(room, { rules });
  room.until(() => room.isTold(), 10_000);
  expect([...room.rows.values()].at(-1)).toMatchObject({ exitReason: 'stop_loss', profitLoss: '-0.998505' });
  expect(moneyText(room.desk.account().dayProfit)).toBe('-0.998505');
  expect(room.desk.held().size).toBe(0);
});

test('R07, O17: what was executed before the journal was lost is ours, also where the exchange’s clock was put back meanwhile', () => {
  const room = new DeskRoom().settleDown().enter();
  room.loseJournal();
  room.backMs = 60_000;
  room.restart();
  room.until(() => room.state() === 'protected');
  expect(room.names()).not.toContain('lease.twin');
});

test.each([
  ['after the first start', 0],
  ['after a second start, which has a journal again', 1],
])(
  'R07: what was executed before the journal was lost is ours, though the exchange shows it only %s',
  (_, restarts) => {
    const room = new DeskRoom().settleDown().enter();
    room.loseJournal();
    const place = room.exchange.place(SYMBOL);
    const { fills } = place;
    const hidden = fills.splice(0);
    place.stopOrder = undefined;
    room.restart();
    room.until(() => room.state() === 'foreign');
    room.run(5_000);
    for (let i = 0; i < restarts; i++) room.restart();
    room.run(5_000);
    fills.push(...hidden);
    room.until(() => room.state() === 'protected', 300_000);
    expect(room.names()).not.toContain('lease.twin');
  },
);

test('R09: after a restart that has its journal, what another instance holds is a stranger’s and keeps its hands off, traded or not', () => {
  for (const [hasTraded, isWithinReach] of [
    [true, true],
    [false, true],
    [false, false],
  ]) {
    const room = new DeskRoom().settleDown();
    if (hasTraded) {
      room.enter();
      room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
      room.until(() => room.state() === 'flat' && room.exchange.place(SYMBOL).lots === 0);
    }
    room.exchange.faults.streamDelay = () => undefined;
    room.exchange.human(SYMBOL, 3);
    const place = room.exchange.place(SYMBOL);
    const { fills } = place;
    const linkId = 'd1-twin-1-a-E';
    const fill = { ...(fills.pop() as Fill), linkId };
    if (isWithinReach === true) fills.push(fill);
    room.exchange.humanStop(SYMBOL, { tick: 9_900 as Tick, by: 'mark' });
    place.stopOrder = { ...(place.stopOrder as OrderReport), parentLinkId: linkId };
    room.restart();
    room.exchange.faults = {};
    room.run(10_000);
    expect(room.state()).toBe('foreign');
    room.command({ kind: 'flatten', id: 'f1' });
    room.run(5_000);
    expect(room.exchange.place(SYMBOL).lots).toBe(3);
  }
});

test.each([
  ['its own', 'protected'],
  ['a new', 'foreign'],
])('R07, P7: a position of two days before the loss of the journal, with %s stop, is found %s', (isOwn, state) => {
  const room = new DeskRoom({ exit: { maxHoldingMinutes: 10_080 } }).settleDown().enter();
  room.run(10_000);
  const { stop } = room.exchange.place(SYMBOL);
  room.isRunning = false;
  if (isOwn === 'a new') {
    room.exchange.humanStop(SYMBOL, undefined);
    room.exchange.humanStop(SYMBOL, stop);
  }
  room.run(2 * 86_400_000);
  room.loseJournal();
  room.restart();
  room.until(() => room.desk.status().mode === 'ACTIVE', 60_000);
  expect(room.state()).toBe(state);
  expect(room.names().includes('position.foreign')).toBe(state === 'foreign');
  expect(room.exchange.place(SYMBOL).stop).toEqual(stop);
});

test('R07: executions that were written down before a crash, and not yet whose they were, are heard anew', () => {
  const room = new DeskRoom().settleDown().enter();
  const { fills, lots } = room.exchange.place(SYMBOL);
  const whole = fills.pop() as Fill;
  const half = Math.floor(whole.lots / 2);
  fills.push(
    { ...whole, lots: half as Lot },
    { ...whole, execId: `${whole.execId}-2`, lots: (whole.lots - half) as Lot },
  );
  room.loseJournal();
  room.restart();
  room.until(() => room.state() === 'protected');
  room.records.length = room.records.findIndex(({ kind }) => kind === 'EXEC') + 1;
  room.restart();
  room.until(() => room.state() === 'protected');
  expect(room.desk.status().positions).toMatchObject([{ ours: lots, foreign: 0 }]);
});

test('R09: what another instance did after our first start is a stranger’s also when a crash has left nothing but that execution', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.human(SYMBOL, 3);
  room.run(100);
  const { fills } = room.exchange.place(SYMBOL);
  fills.push({ ...(fills.pop() as Fill), linkId: 'd1-twin-1-a-E' });
  const kept = room.records.filter(({ kind }) => kind === 'COUNTERS');
  room.records.splice(0, Infinity, ...kept.map((record, i) => ({ ...record, seq: i + 1 })));
  room.restart();
  room.run(10_000);
  expect([room.state(), room.names().includes('position.recovered')]).toEqual(['foreign', false]);
});

test.each([0, 9_000, 86_400_000])(
  'B19, O17: the end of a trade stands for its beginning over restarts, the exchange’s clock put back by %s ms meanwhile',
  (backMs) => {
    const room = new DeskRoom().settleDown().enter();
    room.backMs = backMs;
    for (let restarts = 0; restarts < 2; restarts++) {
      room.restart();
      room.run(4_000);
    }
    room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
    room.until(() => room.isTold(), 10_000);
    expect([...room.rows.values()].map(({ exitMs }) => exitMs === undefined)).toEqual([false]);
  },
);

test.each([
  ['is closed after the grace where nobody tells its stop', false],
  ['gets the farthest stop where it is read naked before that', true],
])('R07, P01: what an entry opens whose plan is lost %s', (_, isRead) => {
  const room = new DeskRoom().settleDown();
  const place = room.exchange.place(SYMBOL);
  room.exchange.faults.accept = ({ kind }) => (kind === 'create' ? { late: 5_000 } : 'yes');
  room.breakout();
  room.until(() => room.creates('E').length === 1);
  room.records.length = 0;
  room.exchange.faults = {
    streamDelay: ({ kind }) => (kind === 'position' ? undefined : 0),
    readFails: () => true,
    stripStop: () => true,
  };
  room.restart();
  room.until(() => place.lots !== 0, 6_000);
  room.run(1_000);
  if (isRead) room.exchange.faults = {};
  room.run(2_100);
  expect([place.lots !== 0, place.stop?.tick]).toEqual([isRead, isRead ? 9_900 : undefined]);
  room.exchange.faults = {};
  room.until(() => room.state() === (isRead ? 'protected' : 'flat'), 15_000);
  expect([...room.rows.values()]).toMatchObject([{ exitReason: isRead ? undefined : 'stop_loss_failed' }]);
});

test('R07: what only its stop says is ours stays ours over the next start', () => {
  const { room, place } = recoverByStop();
  room.restart();
  room.until(() => room.desk.status().mode === 'ACTIVE', 60_000);
  expect(room.desk.status().positions).toMatchObject([{ state: 'protected', ours: place.lots, foreign: 0 }]);
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => place.lots === 0, 10_000);
});

test('R07: where the executions of what is held are out of reach for ever, the other symbols are entered all the same', () => {
  const { room } = recoverByStop({ symbols: [SYMBOL, 'XRPUSDT'] });
  room.run(60_000);
  room.enter('XRPUSDT');
  expect(room.names().filter((name) => name === 'position.executions_missing')).toHaveLength(1);
});

test('R08: a start after too many crashes looks after what is held, and enters nothing until somebody has seen it', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter();
  room.haltedFor = '3 abnormal exits';
  room.restart();
  room.until(() => room.desk.status().mode === 'HALTED', 5_000);
  room.run(15_000);
  room.breakout('XRPUSDT', 2);
  expect(room.verdicts.at(-1)).toMatchObject({ refusal: 'G01 mode', detail: 'mode is HALTED' });
  expect(room.desk.status()).toMatchObject({ latch: '3 abnormal exits', positions: [{ state: 'protected' }] });
  room.move('SOLUSDT', 9_900);
  room.until(() => room.state() === 'flat');
  room.command({ kind: 'resume', id: 'r' });
  room.run(11_000);
  room.enter('XRPUSDT', true, 3);
  expect(room.desk.status().mode).toBe('ACTIVE');
});

test.each([
  ['of ours', 'd1-twin-1', 'C'],
  ['that was started later on a copy of our directory', 'd1-test-1', 'C'],
  ['that was started earlier on what ours is a copy of', 'd1-test-0', 'E'],
])(
  'R09: an order of another engine %s keeps entries off until somebody has seen to it, and the next one does again',
  (_, run, role) => {
    const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter();
    room.restart();
    room.run(5_000);
    const [mine] = room.exchange.place('SOLUSDT').fills;
    const meet = (execId: string): void => {
      const fill = { ...(mine as Fill), execId, linkId: `${run}-zz${execId}-${role}`, timeMs: room.wall as Ms };
      room.take({ kind: 'gateway', event: { kind: 'fill', fill: { ...fill, symbol: 'XRPUSDT' } } });
    };
    for (const id of ['a', 'b']) {
      meet(id);
      expect(room.desk.status().blocks).toEqual(['lease.twin']);
      room.command({ kind: 'resume', id });
      expect(room.answers.get(id)?.text).toBe('cleared: lease.twin');
    }
  },
);

test('a restored journal of yesterday books the end of what it holds and all that was lost since; it may lack a pause: an operator looks first', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter();
  const backup = [...room.records];
  const lose = (symbol: string): void => {
    room.move(symbol, 9_900);
    room.until(() => room.state(symbol) === 'flat');
  };
  lose('SOLUSDT');
  room.enter('XRPUSDT', true, 2);
  lose('XRPUSDT');
  room.records.splice(0, Infinity, ...backup);
  room.restart();
  room.run(20_000);
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['stop_loss', 'stop_loss']);
  expect(room.desk.account().dayProfit).toBe(room.exchange.balance - START_BALANCE);
  expect(room.desk.status()).toMatchObject({ mode: 'REDUCE_ONLY', blocks: ['journal.corrupt'], positions: [] });
  expect(room.names().filter((name) => name === 'journal.corrupt')).toHaveLength(1);
  room.command({ kind: 'resume', id: 'r' });
  room.run(20_000);
  expect(room.desk.status().mode).toBe('ACTIVE');
});

test('a backup of before the kill switch knows nothing of the kill, and the closes say that it is one: an operator looks first', () => {
  const room = new DeskRoom().settleDown().enter();
  const backup = [...room.records];
  room.command({ kind: 'kill', id: 'k' });
  room.until(() => room.desk.status().mode === 'HALTED');
  room.records.splice(0, Infinity, ...backup);
  room.restart();
  room.run(20_000);
  expect(room.desk.status()).toMatchObject({ mode: 'REDUCE_ONLY', blocks: ['journal.corrupt'], positions: [] });
  room.command({ kind: 'resume', id: 'r' });
  room.run(20_000);
  room.restart();
  room.run(20_000);
  expect(room.desk.status()).toMatchObject({ mode: 'ACTIVE', blocks: [] });
});

test('a pause or a flatten that the journal cannot take does not say that it lasts over a restart', () => {
  const room = new DeskRoom().settleDown();
  const said = (kind: 'pause' | 'flatten', id: string): string | undefined => {
    room.command({ kind, id });
    return room.answers.get(id)?.text;
  };
  expect(said('pause', 'p')).toBe('entries are off, over restarts; positions are managed; `resume` lifts it');
  room.take({ kind: 'facts', facts: { journalWritable: false } });
  const [before, after] = ['but not over a restart while the journal cannot be written', '`resume`'];
  expect(said('pause', 'q')).toBe(`entries are off, ${before}; positions are managed; ${after} lifts it`);
  expect(said('flatten', 'f')).toBe(`0 positions are being closed; entries are off, ${before}, until ${after}`);
});

test('a new key of the same account begins a journal that knows the loss of before, and not its pause: an operator looks first', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter();
  room.enter('XRPUSDT', true, 2);
  room.move('XRPUSDT', 9_900);
  room.until(() => room.state('XRPUSDT') === 'flat');
  room.command({ kind: 'pause', id: 'p' });
  room.records.length = 0;
  room.restart();
  room.run(20_000);
  expect(room.state()).toBe('protected');
  expect(room.desk.account().dayProfit).toBe(room.exchange.balance - START_BALANCE);
  expect(room.desk.status()).toMatchObject({ mode: 'REDUCE_ONLY', blocks: ['journal.corrupt'] });
  room.command({ kind: 'resume', id: 'r' });
  room.run(20_000);
  room.restart();
  room.run(20_000);
  expect(room.desk.status()).toMatchObject({ mode: 'ACTIVE', blocks: [] });
});
