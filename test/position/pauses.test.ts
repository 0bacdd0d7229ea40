// What is judged after we have stood still, the clock has jumped or nobody speaks to us? (L01, L06, P19, R15)
import { expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { deskDigest } from '../../src/operator/board/digest-desk.ts';
import type { Fill, OrderReport } from '../../src/order/words.ts';
import type { DeskEvent } from '../../src/position/desk-event.ts';
import { DeskRoom } from './desk-room.ts';
import { recoverByStop } from './scenes.ts';

const SYMBOL = 'SOLUSDT';

function standStill(room: DeskRoom): void {
  room.mono += 31_000;
  room.take({ kind: 'time' });
  expect(room.names()).toContain('clock.gap');
  expect(room.desk.status().mode).not.toBe('EMERGENCY');
  room.take({ kind: 'stall', lastedMs: 31_000 as Ms });
  room.run(3_000);
}

/** Nobody speaks of our account, and closes have a path. */
function goDeaf(room: DeskRoom): void {
  room.exchange.isPrivateUp = false;
  room.exchange.down.add('rest-1');
  room.exchange.down.add('rest-2');
}

/** Begins when the list of contracts has come. */
class LateRoom extends DeskRoom {
  isListed = true;

  override take(event: DeskEvent): void {
    // The room begins before it is whole.
    if (event.kind !== 'start' || this.isListed !== false) super.take(event);
  }
}

const readings = ({ exchange }: DeskRoom): number => exchange.sent.filter(({ kind }) => kind === 'read-account').length;

/** A position is held, and a start is on its way to which nobody tells the time. */
function untimed(): DeskRoom {
  const room = new DeskRoom().settleDown().enter();
  room.isTimeTold = false;
  room.restart();
  return room;
}

test.each([
  [5_000, 'ACTIVE'],
  [5_001, 'RECONCILING'],
])(
  'L01: after we have stood still for %i ms the mode is %s: what is longer has the account read anew',
  (lastedMs, mode) => {
    const room = new DeskRoom().settleDown();
    room.take({ kind: 'stall', lastedMs: lastedMs as Ms });
    expect(room.desk.status().mode).toBe(mode);
    room.until(() => room.desk.status().mode === 'ACTIVE');
  },
);

test.each(
  (['time', 'market', 'fill'] as const).flatMap((first) =>
    [400, 3_500, 10_000].map((lastedMs) => [first, lastedMs] as const),
  ),
)(
  'L01: a stop whose word came while we stood still is read before what it guards is closed, whatever is read first (%s, %i ms)',
  (first, lastedMs) => {
    const room = new DeskRoom({ exit: { stopLossGraceMs: 300 } }).settleDown();
    room.exchange.faults.streamDelay = ({ kind }) => (kind === 'position' ? 50 : 0);
    room.breakout();
    room.until(() => room.executions.size > 0);
    const [fill] = room.exchange.place(SYMBOL).fills;
    room.mono += lastedMs;
    if (first === 'time') room.take({ kind: 'time' });
    else if (first === 'market') room.take({ kind: 'market', slot: room.slot(SYMBOL) });
    else
      room.take({
        kind: 'gateway',
        event: { kind: 'fill', fill: { ...(fill as Fill), kind: 'funding', execId: 'f' } },
      });
    room.run(1_000);
    expect([room.state(), room.creates('C').length + room.creates('X').length]).toEqual(['protected', 0]);
  },
);

test.each(['order', 'fill', 'position', 'wallet'] as const)(
  'L01, P7: what was told of a close while we stood still for six seconds is read before another would take what a person holds there (%s)',
  (first) => {
    const room = new DeskRoom().settleDown().enter();
    room.exchange.human(SYMBOL, 5);
    room.run(3_000);
    room.exchange.faults.streamDelay = ({ kind }) => (kind === first ? 0 : 20);
    room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
    room.until(() => room.names().includes('close.sent'));
    room.mono += 6_000;
    room.take({ kind: 'market', slot: room.slot(SYMBOL) });
    room.run(10_000);
    expect([room.exchange.place(SYMBOL).lots, room.state()]).toEqual([5, 'foreign']);
  },
);

test('L01: a loop that stands still again and again closes what has no stop all the same', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults = { stripStop: () => true, ignoreStop: () => true };
  room.breakout();
  room.until(() => room.names().includes('position.unprotected'));
  for (let turn = 0; turn < 10; turn++) {
    room.mono += 400;
    room.take({ kind: 'time' });
  }
  expect(room.creates('X')).toHaveLength(1);
});

test('P19: when we have stood still for 31 s nothing is judged before what came meanwhile is heard', () => {
  const room = new DeskRoom().settleDown().enter();
  standStill(room);
  expect([room.state(), room.names().includes('connection.lost')]).toEqual(['protected', false]);
});

test.each<[string, (room: DeskRoom) => unknown]>([
  ['the book', () => undefined],
  [
    'the private stream, beside a REST that has failed for 20 s before',
    ({ exchange }) => (exchange.faults.readFails = () => true),
  ],
  ['REST, beside a private stream that was gone for 20 s before', (room) => room.privateLink(false)],
])('P19: that we have stood still for 31 s is no silence of %s', (_, fails) => {
  const room = new DeskRoom().settleDown().enter();
  room.run(500);
  fails(room);
  room.run(20_000);
  standStill(room);
  expect([room.state(), room.names().includes('connection.lost')]).toEqual(['protected', false]);
});

test('L06: a machine that was suspended for ten minutes, of which its monotonic time knows nothing, compares with the exchange before it enters', () => {
  const room = new DeskRoom().settleDown().enter();
  room.calendarMs += 600_000;
  room.take({ kind: 'time' });
  expect(room.told.at(-1)).toMatchObject({ name: 'mode.changed', fields: { to: 'RECONCILING' } });
  expect(room.names()).toContain('clock.gap');
  room.until(() => room.desk.status().mode === 'ACTIVE', 30_000);
  expect([room.state(), room.names().includes('connection.lost')]).toEqual(['protected', false]);
});

test('L06: who has stood still for ten seconds, while the calendar was put back by a minute, compares with the exchange before it enters', () => {
  const room = new DeskRoom().settleDown();
  room.mono += 10_000;
  room.calendarMs -= 60_000;
  room.take({ kind: 'time' });
  expect(room.names()).toContain('clock.gap');
  expect(room.desk.status().mode).toBe('RECONCILING');
});

test('L01, P19: a close that was filled while we stood still is not sent once more when we wake', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.human(SYMBOL, 3);
  room.run(1_000);
  room.exchange.faults.streamDelay = () => 31_050;
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.run(50);
  room.mono += 31_000;
  room.take({ kind: 'time' });
  room.exchange.faults = {};
  room.run(5_000);
  expect(room.exchange.place(SYMBOL).lots).toBe(3);
});

test.each([
  ['the journal remembers', () => new DeskRoom().settleDown().enter()],
  ['only its stop says is ours', () => recoverByStop().room],
])('P1, R15: what %s is closed when nobody has spoken of the account for 30 s since the start', (_, found) => {
  const room = found();
  const place = room.exchange.place(SYMBOL);
  goDeaf(room);
  room.restart();
  room.run(29_000);
  expect(place.lots).not.toBe(0);
  room.until(() => place.lots === 0, 2_500);
  expect(room.desk.status().mode).toBe('EMERGENCY');
});

test('P1, R15: with nothing remembered an exchange that nobody hears is waited for', () => {
  const room = new DeskRoom().settleDown();
  goDeaf(room);
  room.restart();
  room.run(60_000);
  expect([room.desk.status().mode, room.names().includes('connection.lost')]).toEqual(['RECONCILING', false]);
});

test('P19: where the list of contracts comes a minute late, the silence before it is nobody’s loss, and what is held is kept', () => {
  const room = new LateRoom().settleDown().enter();
  goDeaf(room);
  room.isListed = false;
  room.restart();
  room.run(60_000);
  room.exchange.down.clear();
  room.isListed = true;
  room.take({ kind: 'start' });
  room.privateLink(true);
  room.until(() => room.state() === 'protected', 2_000);
  room.run(5_000);
  expect([room.state(), room.names().includes('connection.lost')]).toEqual(['protected', false]);
});

test('a day that was lost stays lost when the calendar of the machine jumps to another one (B19, Y06)', () => {
  const room = new DeskRoom({ settings: { maxDailyLossPercent: 0.001 } }).settleDown().enter();
  room.move('SOLUSDT', 9_900);
  room.until(() => room.names().includes('risk.daily_loss'));
  room.calendarMs = 86_400_000;
  room.run(10_000);
  room.restart();
  room.run(10_000);
  expect(room.desk.status().blocks).toContain('risk.daily_loss');
});

test('after a start nothing is read and nothing heard before the exchange has told its time', () => {
  const room = untimed();
  const before = readings(room);
  room.run(1_500);
  expect(readings(room)).toBe(before);
  room.isTimeTold = true;
  room.tellTime();
  room.until(() => room.state() === 'protected', 2_000);
  room.until(() => room.desk.status().mode === 'ACTIVE', 5_000);
  expect(room.names()).not.toContain('lease.twin');
});

test.each([
  ['an order', 'order'],
  ['an execution', 'fill'],
] as const)(
  'R09: %s of another engine that is told before the exchange’s time is from before us: no twin is met',
  (_, kind) => {
    const room = untimed();
    const { fills, orders } = room.exchange.place('SOLUSDT');
    const theirs = { linkId: 'd1-twin-1-zz-C', symbol: 'SOLUSDT' } as const;
    const [report] = orders.values();
    if (kind === 'fill') {
      const fill = { ...(fills[0] as Fill), ...theirs, execId: 'theirs', timeMs: room.wall as Ms };
      room.take({ kind: 'gateway', event: { kind, fill } });
    } else
      room.take({
        kind: 'gateway',
        event: { kind, report: { ...(report as OrderReport), ...theirs, updatedMs: room.wall as Ms } },
      });
    room.isTimeTold = true;
    room.tellTime();
    room.run(10_000);
    expect(room.desk.status()).toMatchObject({ mode: 'ACTIVE', blocks: [] });
  },
);

test('where nobody tells the time what is held is looked after all the same, three seconds later', () => {
  const room = untimed();
  room.run(2_500);
  expect(room.state()).not.toBe('protected');
  room.until(() => room.state() === 'protected', 2_500);
});

test.each([-3_600_000, 0, 3_600_000])(
  'a position is as old as it is, also where the calendar of the machine has jumped by %d ms (B19)',
  (calendarMs) => {
    const room = new DeskRoom().settleDown().enter();
    room.calendarMs = calendarMs;
    room.tellTime();
    room.run(60_000);
    const status = room.desk.status();
    const [held] = status.positions;
    expect(held?.heldMs).toBeGreaterThan(59_000);
    expect(held?.heldMs).toBeLessThan(66_000);
    const now = { mono: room.mono as Ms, wall: (room.wall + calendarMs) as Ms };
    const limits = { positionsMax: 1, exposurePercentMax: 50, tooSmall: [] };
    const [shown] = deskDigest(status, room.desk.account(), limits, now).positions;
    expect(now.wall - Number(shown?.openedMs)).toBe(held?.heldMs);
  },
);

test('one book that falls silent beside others that speak closes its own position alone', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter();
  room.enter('XRPUSDT', true, 2);
  room.isBookHeard = false;
  for (let second = 0; second < 33; second++) {
    room.heard('XRPUSDT');
    room.run(1_000);
  }
  expect([...room.rows.values()].map(({ symbol, exitReason }) => [symbol, exitReason])).toEqual([
    ['SOLUSDT', 'emergency_connection_loss'],
    ['XRPUSDT', undefined],
  ]);
  expect(room.state('XRPUSDT')).toBe('protected');
});

test.each<[boolean, readonly unknown[], string]>([
  [true, ['HALTED', 'flat', 'emergency_connection_loss'], 'HALTED'],
  [false, ['REDUCE_ONLY', 'protected', undefined], 'ACTIVE'],
])(
  'where no book speaks nothing is entered and somebody is called once; emergency_close_all: %s makes of it %j, and %s when the books are back',
  (emergencyCloseAll, lost, back) => {
    const room = new DeskRoom({ settings: { emergencyCloseAll } }).settleDown().enter();
    const called = () => room.told.filter(({ name }) => name === 'connection.lost');
    const now = () => [room.desk.status().mode, room.state(), [...room.rows.values()][0]?.exitReason];
    room.isBookHeard = false;
    room.run(33_000);
    expect(now()).toEqual(lost);
    room.isBookHeard = true;
    room.run(30_000);
    expect([room.desk.status().mode, ...room.desk.status().blocks]).toEqual([back]);
    expect(called()).toMatchObject([{ level: 'critical', fields: { closes: emergencyCloseAll } }]);
    room.command({ kind: 'resume', id: 'r' });
    room.run(15_000);
    expect(room.desk.status().mode).toBe('ACTIVE');
  },
);

test('L06, P7: after a pause nothing is closed before it is read whose it is: a person has taken the place of ours meanwhile', () => {
  const room = new DeskRoom({ exit: { maxHoldingMinutes: 0.2 } }).settleDown().enter();
  const { exchange } = room;
  const { lots } = exchange.place('SOLUSDT');
  room.isRunning = false;
  exchange.human('SOLUSDT', -lots);
  exchange.human('SOLUSDT', lots);
  room.run(20_000);
  room.isRunning = true;
  exchange.faults.readMs = () => 400;
  for (let i = 0; i < 30; i++) {
    room.take({ kind: 'time' });
    room.run(100);
  }
  expect(room.creates('C')).toEqual([]);
  expect([room.state(), exchange.place('SOLUSDT').lots]).toEqual(['foreign', lots]);
});
