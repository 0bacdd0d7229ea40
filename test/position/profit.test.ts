// Is a profit taken where the strategy says so, whatever happens to the engine meanwhile? (strategy 13, 14)
import { expect, test } from 'vitest';
import type { TriggerBy } from '../../src/market/stop-price.ts';
import type { Tick } from '../../src/market/units.ts';
import { takeProfit, type Course } from '../../src/position/watch/take-profit.ts';
import type { ExitRules } from '../../src/position/watch/rules.ts';
import { DeskRoom, RULES } from './desk-room.ts';

const SYMBOL = 'SOLUSDT';

/** Ten ticks a second. */
function rise(room: DeskRoom, from: number, to: number): void {
  for (let bid = from; bid <= to; bid += 4) {
    room.move(SYMBOL, bid);
    room.run(400);
  }
}

/** The market goes on telling its book, and nothing in it moves. */
function stand(room: DeskRoom, forMs: number): void {
  const { bid } = room.exchange.place(SYMBOL);
  for (let ms = 0; ms < forMs; ms += 200) {
    room.move(SYMBOL, bid);
    room.run(200);
  }
}

/** A long from 10 000 with its stop at 9 900, which stands at 10 065 and could be sold at 10 061: half the stop distance and both fees are earned. */
const COURSE: Course = {
  side: 'long',
  entry: { units: 100_000, lots: 10 },
  initialStop: 9_900 as Tick,
  takerFee: 0.0005,
  closeTick: 10_061 as Tick,
  middle: 20_130,
  middleAtEntry: 20_000,
  middleBefore: undefined,
  bestMiddle: 20_130,
  heldMs: 6_000,
  imbalance: undefined,
  counterTicks: undefined,
  extrema: undefined,
};

/** The same from the other side of 10 000. */
function asShort(course: Course): Course {
  const tick = (of: Tick): Tick => (20_000 - of) as Tick;
  const { middleBefore: before, imbalance, extrema } = course;
  return {
    ...course,
    side: 'short',
    initialStop: tick(course.initialStop),
    closeTick: tick(course.closeTick),
    middle: 40_000 - course.middle,
    middleBefore: before && { ...before, middle: 40_000 - before.middle },
    bestMiddle: 40_000 - course.bestMiddle,
    imbalance: imbalance && -imbalance,
    counterTicks: course.counterTicks?.map(tick),
    extrema: extrema && { high: tick(extrema.low), low: tick(extrema.high) },
  };
}

const ticks = (...of: number[]): readonly Tick[] => of as Tick[];
const flow = { imbalance: -0.6 };
const past = { bestMiddle: 20_142, extrema: { high: 10_070 as Tick, low: 9_000 as Tick } };
const before = (middle: number): Partial<Course> => ({ middleBefore: { middle, ageMs: 3_000 } });

test.each<[string, Partial<Course>, string | undefined, Partial<ExitRules>?]>([
  ['six tenths of the flow are against it', flow, 'counter_flow'],
  ['that would not earn half the stop distance beside the fees', { ...flow, closeTick: 10_059 as Tick }, undefined],
  [
    'that earns half the stop distance to the tick',
    { ...flow, takerFee: 0, closeTick: 10_050 as Tick },
    'counter_flow',
  ],
  ['that would be a tick less', { ...flow, takerFee: 0, closeTick: 10_049 as Tick }, undefined],
  ['less of the flow is against it', { imbalance: -0.59 }, undefined],
  ['all of the flow is with it', { imbalance: 1 }, undefined],
  ['as many buy as sell, and any flow would be enough', { imbalance: 0 }, undefined, { tpCounterFlowImbalance: 0 }],
  ['a density is ahead within the range', { counterTicks: ticks(9_000, 10_084) }, 'counter_density'],
  ['a density stands where the price is', { counterTicks: ticks(10_065) }, 'counter_density'],
  ['densities are beyond the range, and behind', { counterTicks: ticks(10_086, 10_064) }, undefined],
  ['a density is 0.2 % ahead', { middle: 20_000, counterTicks: ticks(10_020) }, 'counter_density'],
  ['a density is a tick farther ahead', { middle: 20_000, counterTicks: ticks(10_021) }, undefined],
  ['it was past the extremum and is back', past, 'known_level'],
  ['it has only reached the extremum', { ...past, bestMiddle: 20_140 }, undefined],
  ['it has come back to the extremum, not inside', { ...past, middle: 20_140 }, undefined],
  ['it goes at under a third of its speed', before(20_109), 'slowdown'],
  ['it goes at more than a third of its speed', before(20_108), undefined],
  ['it goes at a third of its speed', { ...before(20_100), middle: 20_120, bestMiddle: 20_120 }, undefined],
  ['it is slow before two windows are over', { ...before(20_130), heldMs: 5_999 }, undefined],
  ['it is slow after the least move', { ...before(20_060), middle: 20_060, bestMiddle: 20_060 }, 'slowdown'],
  ['it is slow before the least move', { ...before(20_059), middle: 20_059, bestMiddle: 20_059 }, undefined],
])('%s: of a long as of a short that decides', (_, change, reason, rules) => {
  const course = { ...COURSE, ...change };
  const told = reason && `take_profit_${reason}`;
  expect([course, asShort(course)].map((one) => takeProfit(one, { ...RULES.exit, ...rules }))).toEqual([told, told]);
});

test('the fee of the way out is a part of the price of the way out: a long pays more of it than a short', () => {
  // Sixty ticks less 5 and 5.03 are 49.97, less 5 and 4.97 they are 50.03: fifty are asked for.
  const course = { ...COURSE, ...flow, closeTick: 10_060 as Tick };
  const told = [course, asShort(course)].map((one) => takeProfit(one, RULES.exit));
  expect(told).toEqual([undefined, 'take_profit_counter_flow']);
});

test('where several say so the first of the four is told: slowing, density, flow, level', () => {
  const all: Course = { ...COURSE, ...before(20_130), ...flow, ...past, counterTicks: ticks(10_070) };
  const without: Partial<Course>[] = [
    {},
    { middleBefore: undefined },
    { middleBefore: undefined, counterTicks: undefined },
    { middleBefore: undefined, counterTicks: undefined, imbalance: undefined },
  ];
  expect(without.map((change) => takeProfit({ ...all, ...change }, RULES.exit))).toEqual([
    'take_profit_slowdown',
    'take_profit_counter_density',
    'take_profit_counter_flow',
    'take_profit_known_level',
  ]);
});

const reasons = (room: DeskRoom): unknown[] => [...room.rows.values()].map(({ exitReason }) => exitReason);

test.each([
  ['without a restart', Infinity],
  ['after a restart on the way up', 10_060],
  ['after a restart when it stands', 10_078],
])('a rise of 0.8 % that comes to a standstill is taken, %s', (_, restartAt) => {
  const room = new DeskRoom().settleDown().enter();
  rise(room, 9_998, Math.min(restartAt, 10_078));
  if (restartAt < Infinity) {
    room.restart();
    room.until(() => room.state() === 'protected');
    rise(room, restartAt, 10_078);
  }
  stand(room, 10_000);
  expect(reasons(room)).toEqual(['take_profit_slowdown']);
});

test('a rise whose height was reached before a restart is taken when it has slowed down below the least move', () => {
  const room = new DeskRoom({ exit: { breakoutBreakevenProfitPercent: 5, tpMinMovePercent: 0.7 } })
    .settleDown()
    .enter();
  rise(room, 9_998, 10_078);
  room.run(1_100);
  room.restart();
  room.until(() => room.state() === 'protected');
  room.move(SYMBOL, 10_060);
  stand(room, 10_000);
  expect(reasons(room)).toEqual(['take_profit_slowdown']);
});

test('a price that was past the known extremum before a restart, and has come back after it, is taken', () => {
  const room = new DeskRoom({ exit: { breakoutBreakevenProfitPercent: 5, tpMinMovePercent: 5 } });
  room.extrema = { high: 10_070 as Tick, low: 8_000 as Tick };
  room.settleDown().enter();
  rise(room, 9_998, 10_078);
  room.run(1_100);
  room.restart();
  room.until(() => room.state() === 'protected');
  room.move(SYMBOL, 10_060);
  stand(room, 2_000);
  expect(reasons(room)).toEqual(['take_profit_known_level']);
});

const settled = (room: DeskRoom): void => {
  room.until(() => room.state() === 'protected');
  room.run(3_000);
};

/** The price goes away from the wall, so that the book reaches it no more, and comes back to where it has been. */
const goesUnseen = (room: DeskRoom, meanwhile: () => void): void => {
  const { bid } = room.exchange.place(SYMBOL);
  room.depth = 8;
  room.move(SYMBOL, bid + 6);
  meanwhile();
  room.run(3_000);
  room.raiseWall(SYMBOL, 0, bid - 3, 100);
  room.move(SYMBOL, bid);
};

test.each<[string, string, (room: DeskRoom) => void]>([
  ['while we look on', 'density_erosion', wallGoes],
  ['while we are away', 'density_lost', (room) => (wallGoes(room), room.restart())],
  ['after we were away', 'density_erosion', (room) => (room.restart(), settled(room), wallGoes(room))],
  ['with the book', 'density_lost', (room) => (wallGoes(room), room.epoch++)],
  ['with the book, out of its sight', 'density_lost', (room) => goesUnseen(room, () => room.epoch++)],
  ['out of sight', 'density_erosion', (room) => goesUnseen(room, () => undefined)],
  ['after the book was lost', 'density_erosion', (room) => (room.epoch++, room.run(3_000), wallGoes(room))],
])('a wall that goes %s is told as what it is: %s', (_, reason, goes) => {
  const room = bounced();
  goes(room);
  room.until(() => room.state() === 'flat' && room.isTold(), 20_000);
  expect(reasons(room)).toEqual([reason]);
});

test.each([true, false])(
  'B22: that a wall has gone is believed at once only where the mark bears the book out: %s',
  (isMarkHeard) => {
    const room = bounced();
    if (!isMarkHeard) room.markHeardAt = room.mono - 10_001;
    wallGoes(room);
    room.take({ kind: 'market', slot: room.slot(SYMBOL) });
    expect(room.state()).toBe(isMarkHeard ? 'closing' : 'protected');
    room.move(SYMBOL, room.exchange.place(SYMBOL).bid);
    expect(room.state()).toBe('closing');
  },
);

test('what is left of a wall is counted from what its signal saw, not from what it once was', () => {
  const room = new DeskRoom().settleDown();
  room.bounce(SYMBOL, 1, 100_000);
  settled(room);
  const tick = room.exchange.place(SYMBOL).bid - 3;
  room.raiseWall(SYMBOL, 0, tick, 17_501);
  room.run(5_000);
  expect(room.state()).toBe('protected');
  room.raiseWall(SYMBOL, 0, tick, 17_500);
  room.until(() => room.state() === 'flat' && room.isTold(), 20_000);
  expect(reasons(room)).toEqual(['density_erosion']);
});

test.each([
  [10_048, 'closing'],
  [10_049, 'protected'],
])('B22: of a mid of 9 999 a mark of %d bears out the book, half a percent away and no more: %s', (mark, state) => {
  const room = bounced();
  room.exchange.place(SYMBOL).mark = mark;
  wallGoes(room);
  room.take({ kind: 'market', slot: room.slot(SYMBOL) });
  expect(room.state()).toBe(state);
});

test('profit is what a close would bring, not what the middle of a wide book says', () => {
  const room = new DeskRoom({ exit: { breakoutBreakevenProfitPercent: 5, tpMinMovePercent: 5 } }).settleDown().enter();
  room.imbalance = -1;
  const place = room.exchange.place(SYMBOL);
  const sees = (bid: number, ask: number): void => {
    room.move(SYMBOL, bid);
    place.ask = ask;
    room.run(2_000);
  };
  sees(10_010, 10_200);
  expect(room.state()).toBe('protected');
  sees(10_200, 10_202);
  expect(reasons(room)).toEqual(['take_profit_counter_flow']);
});

test('a rise is not called slow for the first second after a restart', () => {
  const room = new DeskRoom().settleDown().enter();
  rise(room, 9_998, 10_078);
  room.restart();
  room.until(() => room.state() === 'protected');
  stand(room, 2_000);
  expect(reasons(room)).toEqual([undefined]);
  stand(room, 3_000);
  expect(reasons(room)).toEqual(['take_profit_slowdown']);
});

test.each<[TriggerBy, number]>([
  ['last', 1],
  ['mark', 0],
])('a stop that the %s price triggers asks that price whether it may go to where nothing is lost', (by, asked) => {
  const room = new DeskRoom({ exit: { stopLossTrigger: by, tpMinMovePercent: 5 } });
  room.rules = { ...room.rules, entry: { ...room.rules.entry, stopLossTrigger: by } };
  room.settleDown();
  room.enter();
  // All trade at 10 060, and the mark price has stayed behind.
  Object.assign(room.exchange.place(SYMBOL), { bid: 10_060, ask: 10_062, mark: 10_008 });
  room.exchange.faults.accept = ({ kind }) => (kind === 'set-stop' ? 'no' : 'yes');
  room.run(2_500);
  expect(new Set(room.stopsAsked())).toHaveLength(asked);
});

test('what was seen of one trade is forgotten with it: the next one in the symbol is not called slow before its own two windows', () => {
  const room = new DeskRoom().settleDown().enter();
  rise(room, 9_998, 10_078);
  stand(room, 10_000);
  room.run(10_000);
  room.enter(SYMBOL, true, 2);
  for (let bid = 10_078; bid <= 10_158; bid += 4) room.move(SYMBOL, bid);
  stand(room, 5_000);
  expect(reasons(room)).toEqual(['take_profit_slowdown', undefined]);
  stand(room, 3_000);
  expect(reasons(room)).toEqual(['take_profit_slowdown', 'take_profit_slowdown']);
});

test('how far a price has gone is written at most once a second, and only when it has gone farther', () => {
  const room = new DeskRoom({ exit: { breakoutBreakevenProfitPercent: 5, tpMinMovePercent: 5 } }).settleDown().enter();
  const written = (): number => room.records.filter(({ kind }) => kind === 'POSITION').length;
  const from = written();
  rise(room, 9_998, 10_070);
  expect(written() - from).toBeLessThan(9);
  expect(written() - from).toBeGreaterThan(4);
  room.run(1_000);
  const farthest = written();
  expect(room.records.findLast(({ kind }) => kind === 'POSITION')?.body).toMatchObject({ trade: { best: '100.71' } });
  stand(room, 5_000);
  expect(written()).toBe(farthest);
});

test('a density ahead takes the profit when it has stood before our own eyes for as long as one must, and not sooner', () => {
  const room = new DeskRoom({ exit: { breakoutBreakevenProfitPercent: 5, tpMinMovePercent: 5 } }).settleDown().enter();
  rise(room, 9_998, 10_070);
  room.densities.push(10_076 as Tick);
  stand(room, 2_800);
  expect(reasons(room)).toEqual([undefined]);
  stand(room, 1_000);
  expect(reasons(room)).toEqual(['take_profit_counter_density']);
});

test.each([
  [50_000, 80_000, 'take_profit_counter_density'],
  [80_000, 50_000, undefined],
])(
  'entered where a density is %d USDT, and now %d: one of 60 000 ahead counts as at the entry',
  (then, now, reason) => {
    const at = (densityThresholdAbs: number): Partial<ExitRules> => ({
      breakoutBreakevenProfitPercent: 5,
      tpMinMovePercent: 5,
      densityThresholdAbs,
    });
    const room = new DeskRoom({ exit: at(then) }).settleDown().enter();
    room.rules = { ...room.rules, exit: { ...room.rules.exit, ...at(now) } };
    rise(room, 9_998, 10_070);
    room.densities.push(10_076 as Tick);
    stand(room, 3_800);
    expect(reasons(room)).toEqual([reason]);
  },
);

test('a density ahead that was taken away and put back is timed from its beginning', () => {
  const room = new DeskRoom({ exit: { breakoutBreakevenProfitPercent: 5, tpMinMovePercent: 5 } }).settleDown().enter();
  rise(room, 9_998, 10_070);
  room.densities.push(10_090 as Tick);
  stand(room, 2_000);
  room.densities.pop();
  stand(room, 400);
  room.densities.push(10_090 as Tick);
  stand(room, 2_000);
  expect(reasons(room)).toEqual([undefined]);
  stand(room, 1_500);
  expect(reasons(room)).toEqual(['take_profit_counter_density']);
});

test('I-13: that a position has not been looked at for ten seconds is told, and nothing is entered until it is again', () => {
  const room = new DeskRoom().settleDown().enter();
  const blocks = (): readonly string[] => room.desk.status().blocks;
  room.isBookHeard = false;
  room.run(9_000);
  expect(blocks()).toEqual([]);
  room.run(4_000);
  expect(blocks()).toContain('monitor.dead');
  expect(room.told.filter(({ name }) => name === 'monitor.dead')).toMatchObject([{ level: 'error', symbol: SYMBOL }]);
  room.isBookHeard = true;
  room.run(2_000);
  expect(blocks()).not.toContain('monitor.dead');
});

/** A long that leans on a wall, and then one side of its book may be empty: nobody sells (1), or nobody buys (0). */
function bounced(emptySide?: 0 | 1): DeskRoom {
  const room = new DeskRoom().settleDown();
  room.bounce();
  settled(room);
  room.emptySide = emptySide;
  return room;
}

function wallGoes(room: DeskRoom): void {
  room.raiseWall(SYMBOL, 0, room.exchange.place(SYMBOL).bid - 3, 1_000);
}

test('B21: a long is looked after by the mark while nobody sells, and left when its wall goes', () => {
  const room = bounced(1);
  room.run(20_000);
  expect([room.state(), ...room.desk.status().blocks]).toEqual(['protected']);
  wallGoes(room);
  room.until(() => room.state() === 'flat' && room.isTold(), 5_000);
  expect(reasons(room)).toEqual(['density_erosion']);
});

test('B21, B22: where the mark stands in for a side, it does not bear out what one message says of the other', () => {
  const room = bounced(1);
  wallGoes(room);
  for (let look = 0; look < 3; look++) room.take({ kind: 'market', slot: room.slot(SYMBOL) });
  room.raiseWall(SYMBOL, 0, room.exchange.place(SYMBOL).bid - 3, 50_000);
  room.run(5_000);
  expect(room.state()).toBe('protected');
});

test('B21: while nobody buys, a long is not sold into the void: somebody is called, and it is left when a buyer is there', () => {
  const room = bounced(0);
  wallGoes(room);
  room.run(9_000);
  expect(room.desk.status().blocks).toEqual([]);
  room.run(3_000);
  expect([room.state(), ...room.desk.status().blocks]).toEqual(['protected', 'monitor.dead']);
  room.emptySide = undefined;
  room.until(() => room.state() === 'flat' && room.isTold(), 5_000);
  expect(reasons(room)).toEqual(['density_erosion']);
});

test('B21: while nobody buys, the stop of a long follows the mark to where nothing is lost', () => {
  const room = new DeskRoom().settleDown().enter();
  room.emptySide = 0;
  rise(room, 9_998, 10_078);
  expect(room.stopsAsked().filter((tick) => tick > 10_000)).toHaveLength(1);
  expect(room.state()).toBe('protected');
});

test('B21: a mark that is old stands in for nothing', () => {
  const room = bounced(1);
  room.markHeardAt = room.mono;
  room.run(19_000);
  expect(room.desk.status().blocks).not.toContain('monitor.dead');
  room.run(3_000);
  expect(room.desk.status().blocks).toContain('monitor.dead');
});

test('Y08: a mark that is told once in half a minute keeps entries off from the first silence to the last, and is called out once', () => {
  const room = bounced();
  const told = (name: string): number =>
    room.told.filter((one) => one.name === name && one.fields['reason'] === 'mark.stale').length;
  for (let i = 0; i < 6; i++) {
    room.markHeardAt = room.mono;
    room.run(30_000);
  }
  expect([told('block.added'), told('block.removed')]).toEqual([1, 0]);
  room.markHeardAt = undefined;
  room.run(16_000);
  expect([told('block.added'), told('block.removed')]).toEqual([1, 1]);
});
