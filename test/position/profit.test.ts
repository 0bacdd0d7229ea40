// Is a profit taken where the strategy says so, whatever happens to the engine meanwhile? (strategy 13, 14)
import { expect, test } from 'vitest';
import type { Tick } from '../../src/market/units.ts';
import { DeskRoom, type RoomOptions } from './desk-room.ts';

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

function entered(options?: RoomOptions, extremum?: Tick): DeskRoom {
  const room = new DeskRoom(options);
  if (extremum !== undefined) room.extrema = { high: extremum, low: 8_000 as Tick };
  room.settleDown();
  room.enter();
  return room;
}

const reasons = (room: DeskRoom): unknown[] => [...room.rows.values()].map(({ exitReason }) => exitReason);

test.each([
  ['without a restart', Infinity],
  ['after a restart on the way up', 10_060],
  ['after a restart when it stands', 10_078],
])('a rise of 0.8 % that comes to a standstill is taken, %s', (_, restartAt) => {
  const room = entered();
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
  const room = entered({ exit: { breakoutBreakevenProfitPercent: 5, tpMinMovePercent: 0.7 } });
  rise(room, 9_998, 10_078);
  room.run(1_100);
  room.restart();
  room.until(() => room.state() === 'protected');
  room.move(SYMBOL, 10_060);
  stand(room, 10_000);
  expect(reasons(room)).toEqual(['take_profit_slowdown']);
});

test('a price that was past the known extremum before a restart, and has come back after it, is taken', () => {
  const room = entered({ exit: { breakoutBreakevenProfitPercent: 5, tpMinMovePercent: 5 } }, 10_070 as Tick);
  rise(room, 9_998, 10_078);
  room.run(1_100);
  room.restart();
  room.until(() => room.state() === 'protected');
  room.move(SYMBOL, 10_060);
  stand(room, 2_000);
  expect(reasons(room)).toEqual(['take_profit_known_level']);
});

test.each([
  ['while we look on', false, 'density_erosion'],
  ['while we are away', true, 'density_lost'],
])('a wall that goes %s is told as what it is', (_, isAway, reason) => {
  const room = new DeskRoom();
  room.settleDown();
  room.bounce();
  room.until(() => room.state() === 'protected');
  room.run(3_000);
  const { bid } = room.exchange.place(SYMBOL);
  room.raiseWall(SYMBOL, 0, bid - 3, 1_000);
  if (isAway) room.restart();
  room.until(() => room.state() === 'flat' && room.isTold(), 20_000);
  expect(reasons(room)).toEqual([reason]);
});

test('a density ahead takes the profit when it has stood before our own eyes for as long as one must, and not sooner', () => {
  const room = entered({ exit: { breakoutBreakevenProfitPercent: 5, tpMinMovePercent: 5 } });
  rise(room, 9_998, 10_070);
  room.densities.push(10_076 as Tick);
  stand(room, 2_800);
  expect(reasons(room)).toEqual([undefined]);
  stand(room, 1_000);
  expect(reasons(room)).toEqual(['take_profit_counter_density']);
});

test('a density ahead that was taken away and put back is timed from its beginning', () => {
  const room = entered({ exit: { breakoutBreakevenProfitPercent: 5, tpMinMovePercent: 5 } });
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
  const room = entered();
  const blocks = (): readonly string[] => room.desk.status().blocks;
  room.isBookHeard = false;
  room.run(9_000);
  expect(blocks()).toEqual([]);
  room.run(4_000);
  expect(blocks()).toContain('monitor.dead');
  expect(room.told.filter(({ name }) => name === 'monitor.dead')).toMatchObject([{ level: 'error', symbol: SYMBOL }]);
  room.isBookHeard = true;
  room.run(2_000);
  expect(blocks()).toEqual([]);
});

/** A long that leans on a wall, and then one side of its book is empty: nobody sells (1), or nobody buys (0). */
function bounced(emptySide: 0 | 1): DeskRoom {
  const room = new DeskRoom();
  room.settleDown();
  room.bounce();
  room.until(() => room.state() === 'protected');
  room.run(3_000);
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
  const room = entered();
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
