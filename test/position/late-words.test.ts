// What the exchange tells late, in another order or not at all must not be taken for what it has not said.
import { expect, test } from 'vitest';
import { refusalClassOf } from '../../src/order/answer.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { isFlat, viewOfDesk } from '../../src/ops/control-view.ts';
import { contractOf, DeskRoom } from './desk-room.ts';

const HOUR_MS = 3_600_000;
/** One position of 6 % of the account, where a day may cost 5 %. */
const LARGE = { settings: { positionSizeUsd: 600 } };

const usdt = (money: bigint): number => Number(money) / 1e8;
const realOf = (room: DeskRoom): number => usdt(room.exchange.balance - 1_000_000_000_000n);
const dayOf = (room: DeskRoom): number => usdt(room.desk.account().dayProfit);

test.each([true, false])('a kill holds over a crash behind its first record, told by the file: %s (Y04)', (isTold) => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.faults.accept = (request) => (request.kind === 'create' ? 'no' : 'yes');
  room.command({ kind: 'kill', id: 'k' });
  room.run(3);
  room.exchange.faults = {};
  room.restart(100);
  if (isTold) room.take({ kind: 'facts', facts: { killedByFile: true } });
  room.run(30_000);
  expect([room.desk.status().mode, room.desk.status().isKilled, room.exchange.place('SOLUSDT').lots]).toEqual([
    'HALTED',
    true,
    0,
  ]);
});

test('killed, and no word of an emergency in the journal: it is closed all the same (Y04)', () => {
  const room = new DeskRoom().settleDown().enter();
  room.run(5_000);
  const mode = { mode: 'ACTIVE', sticky: [], latch: null, killed: true };
  const last = room.records.at(-1);
  room.records.push({
    v: 1,
    seq: (last?.seq ?? 0) + 1,
    tWall: room.wall,
    tMono: room.mono,
    kind: 'MODE',
    body: mode,
  } as never);
  room.restart();
  room.run(30_000);
  expect([room.desk.status().mode, room.exchange.place('SOLUSDT').lots]).toEqual(['HALTED', 0]);
});

test.each([
  ['pause', 'operator.paused'],
  ['flatten', 'operator.flattened'],
] as const)('%s holds over a crash ten milliseconds after it was answered', (kind, block) => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.faults.accept = (request) => (request.kind === 'create' ? 'no' : 'yes');
  room.command({ kind, id: 'o' });
  room.run(10);
  room.exchange.faults = {};
  room.restart(100);
  room.run(30_000);
  expect(room.answers.get('o')?.accepted).toBe(true);
  expect(room.desk.status().blocks).toContain(block);
  expect(room.exchange.place('SOLUSDT').lots === 0).toBe(kind === 'flatten');
});

test('a `resume` after losses in a row holds over a crash ten milliseconds after it was answered (G22)', () => {
  const room = new DeskRoom({ settings: { maxConsecutiveLosses: 1 } }).settleDown().enter();
  room.exchange.move('SOLUSDT', 9_900);
  room.until(() => room.desk.status().blocks.includes('risk.losses_in_row'), 10_000);
  room.command({ kind: 'resume', id: 'r' });
  room.run(10);
  room.restart(100);
  room.run(30_000);
  expect(room.answers.get('r')?.text).toBe('cleared: risk.losses_in_row');
  expect(room.desk.status().blocks).toEqual([]);
});

test('a halt holds over a crash ten milliseconds after it was told (Y02)', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.refuse = (request) =>
    request.kind === 'create' ? { outcome: 'refused', class: 'account', code: 10024, text: 'not allowed' } : undefined;
  room.breakout();
  room.until(() => room.desk.status().mode === 'HALTED', 1_000);
  room.run(10);
  room.exchange.faults = {};
  room.restart(100);
  room.run(30_000);
  expect(room.desk.status()).toMatchObject({ mode: 'HALTED', latch: 'account 10024' });
});

test('an entry is told to be filled, and readings are old: flat is not believed, and the kill goes on (P18)', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.streamDelay = ({ kind }) => (kind === 'fill' || kind === 'position' ? undefined : 0);
  room.exchange.faults.lagMs = () => 8_000;
  room.breakout('SOLUSDT');
  room.run(300);
  room.command({ kind: 'kill', id: 'k' });
  const early: string[] = [];
  room.onTaken = () => void (room.exchange.place('SOLUSDT').lots !== 0 && early.push(room.desk.status().mode));
  room.run(30_000);
  expect(new Set(early)).toEqual(new Set(['EMERGENCY']));
  expect([room.desk.status().mode, room.exchange.place('SOLUSDT').lots]).toEqual(['HALTED', 0]);
});

test.each([
  [true, 'the first one', false],
  [false, 'the first one', false],
  [false, 'after one that has found nothing', true],
])(
  'an entry is told to be filled, and nothing else is told or read: its stop is set in a second, it is closed in three, short %s, %s (P01)',
  (isShort, _, isSecond) => {
    const room = new DeskRoom().settleDown();
    const place = room.exchange.place('SOLUSDT');
    if (isSecond) {
      place.shown = 0;
      room.breakout('SOLUSDT', 0);
      room.run(60_000);
      place.shown = Infinity;
    }
    room.exchange.faults = {
      streamDelay: ({ kind }) => (kind === 'fill' || kind === 'position' ? undefined : 0),
      readFails: () => true,
      stripStop: () => true,
    };
    room.breakout('SOLUSDT', 1, !isShort);
    room.until(() => place.lots !== 0);
    expect(room.until(() => place.stop !== undefined, 1_300)).toBeLessThan(1_300);
    expect(room.until(() => place.lots === 0, 3_000)).toBeGreaterThan(1_500);
    // It is over once the exchange says so, and by then the truth is known.
    room.exchange.faults = {};
    room.run(15_000);
    expect(room.names().filter((name) => name === 'position.closed')).toHaveLength(1);
    expect(room.desk.status().positions).toEqual([]);
  },
);

test('an entry is told to be filled, and only after two seconds it is read: the position is kept (P01)', () => {
  const room = new DeskRoom().settleDown();
  const { faults } = room.exchange;
  faults.streamDelay = ({ kind }) => (kind === 'fill' || kind === 'position' ? undefined : 0);
  faults.readFails = () => true;
  room.breakout('SOLUSDT');
  room.run(2_000);
  faults.readFails = () => false;
  room.run(10_000);
  expect(room.creates('X')).toHaveLength(0);
  expect(room.exchange.place('SOLUSDT').lots).not.toBe(0);
  expect(room.names()).toContain('position.protected');
});

test('an entry is told to be filled and its stop has closed it unseen: two readings are its end, and nothing is sent (P01)', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.streamDelay = ({ kind }) => (kind === 'fill' || kind === 'position' ? undefined : 0);
  room.exchange.faults.readFails = () => room.exchange.place('SOLUSDT').lots !== 0;
  room.breakout('SOLUSDT');
  room.until(() => room.exchange.place('SOLUSDT').lots !== 0);
  room.exchange.closeBy('SOLUSDT', 'CreateByStopLoss', 'trade');
  room.run(15_000);
  expect([room.creates('X'), room.creates('C')]).toEqual([[], []]);
  expect(room.exchange.sent.filter(({ kind }) => kind === 'set-stop')).toEqual([]);
  expect(room.desk.status().positions).toEqual([]);
});

test('a stop has closed it, and its execution is late: to flatten leaves nothing, for nothing stands there', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.faults.streamDelay = ({ kind }) => (kind === 'fill' ? undefined : 0);
  const { fills } = room.exchange.place('SOLUSDT');
  room.exchange.closeBy('SOLUSDT', 'CreateByStopLoss', 'trade');
  const late = fills.splice(-1);
  room.run(5_000);
  room.command({ kind: 'flatten', id: 'f' });
  fills.push(...late);
  room.until(() => room.isTold(), 30_000);
  expect(room.names()).not.toContain('position.leaving');
  expect([room.creates('X'), room.creates('C'), room.state()]).toEqual([[], [], 'flat']);
});

test('a filled entry counts as exposure before its executions or its position have come (I-10)', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'], settings: { maxConcurrentPositions: 1 } }).settleDown();
  room.exchange.faults.streamDelay = ({ kind }) => (kind === 'fill' || kind === 'position' ? 400 : 0);
  room.exchange.faults.lagMs = () => 400;
  room.breakout('SOLUSDT');
  room.run(60);
  room.breakout('XRPUSDT');
  room.run(3_000);
  expect(room.creates('E')).toHaveLength(1);
  expect(room.verdicts.at(-1)?.refusal).toContain('G18');
});

test.each([
  [true, 300, false],
  [true, 2_400, true],
  [false, 300, false],
  [false, 2_400, true],
])(
  'position and wallet come before the executions of an end: no loss that is none, long %s, %d ms, entries wait %s',
  (isLong, lateMs, isLate) => {
    const room = new DeskRoom(LARGE).settleDown().enter('SOLUSDT', isLong);
    room.run(5_000);
    room.exchange.faults.streamDelay = ({ kind }) => (kind === 'fill' || kind === 'order' ? lateMs : 0);
    room.exchange.faults.lagMs = () => lateMs;
    room.exchange.move('SOLUSDT', isLong ? 9_900 : 10_100);
    const blocks = new Set<string>();
    room.onTaken = () => room.desk.status().blocks.forEach((block) => blocks.add(block));
    room.run(10_000);
    expect(room.names()).not.toContain('risk.daily_loss');
    expect(blocks.has('executions.late')).toBe(isLate);
    expect(dayOf(room)).toBeCloseTo(realOf(room), 6);
  },
);

test.each([true, false])(
  'position and wallet come before the executions of an entry: no loss that is none, long %s',
  (isLong) => {
    const room = new DeskRoom(LARGE).settleDown();
    room.exchange.faults.streamDelay = ({ kind }) => (kind === 'fill' || kind === 'order' ? 1_500 : 0);
    room.breakout('SOLUSDT', 1, isLong);
    room.run(5_000);
    expect(room.exchange.place('SOLUSDT').lots).not.toBe(0);
    expect(room.names()).not.toContain('risk.daily_loss');
  },
);

test.each([
  [26, true],
  [26, false],
  [24 * 89, true],
  [24 * 89, false],
  [24 * 91, true],
  [24 * 91, false],
])(
  'down for %d hours, stopped out in the first: the day gets what it really cost, or nothing; long %s (R19)',
  (hours, isLong) => {
    const room = new DeskRoom().settleDown().enter('SOLUSDT', isLong);
    room.run(1_000);
    room.isRunning = false;
    room.exchange.faults.streamDelay = () => undefined;
    room.exchange.move('SOLUSDT', isLong ? 9_900 : 10_100);
    expect(room.exchange.place('SOLUSDT').lots).toBe(0);
    room.exchange.faults = {};
    room.run(hours * HOUR_MS);
    room.exchange.move('SOLUSDT', 9_998);
    room.restart();
    room.run(20 * 60_000);
    const [row] = [...room.rows.values()];
    const isReached = hours < 90 * 24;
    expect([room.desk.status().mode, row?.isComplete]).toEqual(['ACTIVE', isReached]);
    // What nobody tells any more has brought nothing, as far as is known, and cost the fee of the entry.
    expect(Number(row?.profitLoss)).toBeCloseTo(isReached ? realOf(room) : -Number(row?.fees), 6);
    expect(Math.abs(dayOf(room))).toBeLessThan(2);
  },
);

test('a delisting that is announced while we hold it: it is left a day before, not settled (P13)', () => {
  const room = new DeskRoom({ exit: { maxHoldingMinutes: 10_080 } }).settleDown().enter();
  const { instrument } = room.exchange.place('SOLUSDT');
  const announce = (hours: number): void => {
    const deliveryMs = (room.wall + hours * HOUR_MS) as Ms;
    room.tellContract({ ...contractOf(instrument), deliveryMs });
    room.run(5_000);
  };
  announce(25);
  expect(room.exchange.place('SOLUSDT').lots).not.toBe(0);
  announce(23);
  expect(room.exchange.place('SOLUSDT').lots).toBe(0);
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['settlement']);
});

test.each([
  [10_006, true],
  [10_005, false],
])('a market entry is filled at %d: beyond the 10 005 that risk had accepted it is left, %s (O28)', (ask, isLeft) => {
  const room = new DeskRoom({ settings: { entryOrder: 'market' } }).settleDown();
  const place = room.exchange.place('SOLUSDT');
  room.exchange.faults.accept = (request) => {
    // The exchange counts its bound from its own touch.
    if (request.kind === 'create' && request.order.role === 'E')
      (request.order as { capTick: number }).capTick = 20_000;
    return 'yes';
  };
  room.onRequest = (request) => {
    if (request.kind === 'create' && request.order.role === 'E') place.ask = ask;
  };
  room.breakout();
  room.run(200);
  place.ask = place.bid + 2;
  room.run(5_000);
  expect([place.lots === 0, room.names().includes('entry.beyond_cap')]).toEqual([isLeft, isLeft]);
});

test('somebody else closes what is ours: the fee of that is in the day as well (G21)', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.human('SOLUSDT', -9);
  room.until(() => room.isTold());
  room.run(2_000);
  expect(dayOf(room)).toBeCloseTo(realOf(room), 6);
});

test.each([
  [110094, 'Order does not meet minimum order value 5USDT'],
  [110020, 'not allowed to have more than 500 active orders'],
])('a close that is refused by a limit (%d) is tried again with pauses, not in a storm (P10)', (code, text) => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.faults.refuse = (request) =>
    request.kind === 'create' && request.order.role !== 'E'
      ? { outcome: 'refused', class: 'limits', code, text }
      : undefined;
  room.command({ kind: 'close', id: 'c', symbol: 'SOLUSDT' });
  const before = room.creates().length;
  room.run(30_000);
  const sent = room.creates().length - before;
  expect(sent).toBeGreaterThan(5);
  expect(sent).toBeLessThan(40);
  expect(room.doubts, 'of what the list of contracts allows').toBeGreaterThan(5);
});

test('less than the exchange takes by count is left after a close at the edge: it goes home as a whole (P6)', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  place.shown = 0;
  room.exchange.faults.refuse = (request) =>
    request.kind === 'create' && request.order.role !== 'E' && request.order.lots !== 'all' && request.order.lots < 5
      ? { outcome: 'refused', class: 'limits', code: 110094, text: 'Order does not meet minimum order value 5USDT' }
      : undefined;
  room.command({ kind: 'close', id: 'c', symbol: 'SOLUSDT' });
  room.run(100);
  place.shown = 7;
  room.run(1_500);
  place.shown = Infinity;
  room.until(() => place.lots === 0, 10_000);
  expect(place.lots).toBe(0);
});

test('the exchange takes less at once than its list says: ours goes home in smaller and smaller parts (O11)', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  room.exchange.human('SOLUSDT', 3);
  room.run(5_000);
  room.exchange.faults.refuse = (request) =>
    request.kind === 'create' && request.order.role !== 'E' && request.order.lots !== 'all' && request.order.lots > 4
      ? {
          outcome: 'refused',
          class: refusalClassOf(10001, 'The number of contracts exceeds maximum limit allowed'),
          code: 10001,
          text: 'The number of contracts exceeds maximum limit allowed',
        }
      : undefined;
  room.command({ kind: 'close', id: 'c', symbol: 'SOLUSDT' });
  room.until(() => place.lots === 3, 60_000);
  expect(place.lots).toBe(3);
});

test('a limit that has gone again: what it made small is not closed by ever smaller parts (P10)', () => {
  const room = new DeskRoom(LARGE).settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  let refusals = 7;
  room.exchange.faults.refuse = (request) =>
    request.kind === 'create' && request.order.role !== 'E' && refusals-- > 0
      ? { outcome: 'refused', class: 'limits', code: 110020, text: 'not allowed to have more than 500 active orders' }
      : undefined;
  room.command({ kind: 'close', id: 'c', symbol: 'SOLUSDT' });
  room.until(() => refusals < 0, 30_000);
  room.run(5_000);
  expect([refusals < 0, place.lots]).toEqual([true, 0]);
});

test('an entry that nobody has answered for is named at the end: it may be filled after we are gone (R11)', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.accept = (request) => (request.kind === 'create' ? { late: 100_000 } : 'yes');
  room.exchange.faults.readFails = () => true;
  room.breakout();
  room.run(2_500);
  room.take({ kind: 'drain', policy: 'leave_protected' });
  room.until(() => room.drained.length > 0, 30_000);
  expect(room.drained).toEqual([['SOLUSDT entry unknown']]);
});

test('asked to end before the exchange was heard: an entry of the run before that nobody has answered for is named (R11)', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.accept = (request) => (request.kind === 'create' ? { late: 100_000 } : 'yes');
  room.breakout();
  room.run(500);
  room.isTimeTold = false;
  room.restart();
  room.take({ kind: 'drain', policy: 'leave_protected' });
  expect(room.drained).toEqual([['SOLUSDT unread']]);
});

test('P3, Y05: what a restart remembers is not told to be flat before it is read, whatever is commanded meanwhile', () => {
  const room = new DeskRoom().settleDown().enter();
  room.isTimeTold = false;
  room.restart();
  const told = () => {
    const view = viewOfDesk(room.desk.status(), { mono: room.mono as Ms, wall: room.wall as Ms }, '');
    return [room.desk.status().unread, view.positions, isFlat(view)];
  };
  expect(told()).toEqual([['SOLUSDT'], 1, false]);
  room.command({ kind: 'close', id: 'c', symbol: 'SOLUSDT' });
  room.command({ kind: 'flatten', id: 'f' });
  room.command({ kind: 'kill', id: 'k' });
  expect(['c', 'f'].map((id) => room.answers.get(id))).toEqual([
    {
      ...({ kind: 'command-answer', id: 'c', isRepeat: false } as const),
      accepted: false,
      text: 'what is left of SOLUSDT is not read yet: nothing was done, say it again when it is',
    },
    {
      ...({ kind: 'command-answer', id: 'f', isRepeat: false } as const),
      accepted: true,
      text: '0 positions are being closed, and what is left of SOLUSDT as soon as it is read; entries are off, over restarts, until `resume`',
    },
  ]);
  room.take({ kind: 'drain', policy: 'leave_protected' });
  expect(room.desk.status().mode).toBe('STOPPED');
  expect(told()).toEqual([['SOLUSDT'], 1, false]);
  room.restart();
  room.isTimeTold = true;
  room.tellTime();
  room.until(() => room.desk.status().mode === 'HALTED', 10_000);
  expect(room.exchange.place('SOLUSDT').lots).toBe(0);
  expect(told()).toEqual([[], 0, true]);
});

/** Of our nine lots and seven of a person's beside them ours are closed; what is left when all of that is over. */
function closedBeside(harm: (room: DeskRoom) => void): readonly unknown[] {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  room.exchange.human('SOLUSDT', 7);
  room.run(3_000);
  harm(room);
  room.command({ kind: 'close', id: 'c', symbol: 'SOLUSDT' });
  room.run(1_000);
  place.shown = Infinity;
  room.run(30_000);
  const { profitLoss } = [...room.rows.values()].at(-1) ?? {};
  return [place.lots, room.state(), profitLoss];
}

test.each<[string, (room: DeskRoom) => void]>([
  ['the private stream is silent', (room) => room.privateLink(false)],
  ['its words come seconds late', (room) => (room.exchange.faults.streamDelay = () => 3_000)],
  [
    'it is silent and no answer comes',
    (room) => {
      room.privateLink(false);
      room.exchange.faults.answerLost = ({ kind }) => kind === 'create';
    },
  ],
  [
    'it is silent and the book gives half',
    (room) => {
      room.privateLink(false);
      room.exchange.place('SOLUSDT').shown = 4;
    },
  ],
  [
    'a crash comes before any word of it',
    (room) => {
      room.privateLink(false);
      room.exchange.faults.answerLost = ({ kind }) => kind === 'create';
      room.later(500, () => room.restart());
    },
  ],
  [
    'reading fails as well, for some seconds',
    (room) => {
      room.privateLink(false);
      room.exchange.faults.readFails = () => true;
      room.later(4_000, () => (room.exchange.faults.readFails = () => false));
    },
  ],
])('what a person holds beside ours is not taken by a second close, though %s (P7, P09)', (_, harm) => {
  const [left, state, profit] = closedBeside(() => undefined);
  expect(closedBeside(harm)).toEqual([left, state, profit]);
  expect([left, state]).toEqual([7, 'foreign']);
});
