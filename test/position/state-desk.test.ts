// Do rows of the tables hold on the desk, where a week of chance has not met them?
import { expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { deskDigest } from '../../src/operator/digest-desk.ts';
import type { GatewayEvent } from '../../src/order/gateway.ts';
import { DeskRoom } from './desk-room.ts';
import type { Faults } from './fake-exchange.ts';

test('a position that was opened and stopped out before a word of it came leaves its symbol free for the next entry', () => {
  const room = new DeskRoom();
  room.settleDown();
  const place = room.exchange.place('SOLUSDT');
  const silence = { isOn: true };
  room.exchange.faults.streamDelay = ({ kind }) =>
    silence.isOn && (kind === 'fill' || kind === 'position') ? undefined : 0;
  room.exchange.faults.readFails = () => place.lots !== 0;
  room.breakout();
  room.until(() => place.lots !== 0);
  room.move('SOLUSDT', 9_900);
  room.until(() => room.isTold());
  silence.isOn = false;
  room.run(1_000);
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['stop_loss']);
  expect(room.state()).toBe('flat');
  room.run(400_000);
  room.enter('SOLUSDT', true, 2);
  expect(place.lots).toBeGreaterThan(0);
});

test('a stop that the exchange moves late, after it had begun to deleverage and thought better of it, is no contradiction', () => {
  const room = new DeskRoom();
  room.settleDown();
  room.enter();
  room.exchange.faults.accept = ({ kind }) => (kind === 'set-stop' ? { late: 1_500 } : 'yes');
  room.earn();
  room.until(() => room.state() === 'amending');
  const before = room.exchange.place('SOLUSDT').stop?.tick;
  room.exchange.status('SOLUSDT', 'deleveraging');
  room.until(() => room.state() === 'exchange-closing');
  room.move('SOLUSDT', 10_030);
  room.exchange.status('SOLUSDT', 'normal');
  room.until(() => room.state() === 'protected');
  room.until(() => room.names().includes('position.breakeven'));
  expect(room.exchange.place('SOLUSDT').stop?.tick).toBeGreaterThan(before as number);
  expect(room.state()).toBe('protected');
  expect(room.names()).not.toContain('position.illegal_transition');
});

test('a day that was lost stays lost when the calendar of the machine jumps to another one (B19, Y06)', () => {
  const room = new DeskRoom({ settings: { maxDailyLossPercent: 0.001 } });
  room.settleDown();
  room.enter();
  room.move('SOLUSDT', 9_900);
  room.until(() => room.names().includes('risk.daily_loss'));
  room.calendarMs = 86_400_000;
  room.run(10_000);
  room.restart();
  room.run(10_000);
  expect(room.desk.status().blocks).toContain('risk.daily_loss');
});

const readings = ({ exchange }: DeskRoom): number => exchange.sent.filter(({ kind }) => kind === 'read-account').length;

/** A position is held, and a start is on its way to which nobody tells the time. */
function untimed(): DeskRoom {
  const room = new DeskRoom();
  room.settleDown();
  room.enter();
  room.isTimeTold = false;
  room.restart();
  return room;
}

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

test('where nobody tells the time what is held is looked after all the same, three seconds later', () => {
  const room = untimed();
  room.run(2_500);
  expect(room.state()).not.toBe('protected');
  room.until(() => room.state() === 'protected', 2_500);
});

/** An entry that was given up is accepted after all, and finds so many lots. */
function risen(shown: number, streamDelay?: Faults['streamDelay']): DeskRoom {
  const room = new DeskRoom();
  room.settleDown();
  room.exchange.faults.accept = ({ kind }) =>
    kind === 'create' && room.creates().length === 1 ? { late: 100_000 } : 'yes';
  room.breakout();
  room.until(() => room.names().includes('order.absent'));
  const place = room.exchange.place('SOLUSDT');
  if (streamDelay !== undefined) room.exchange.faults.streamDelay = streamDelay;
  place.shown = shown;
  room.until(() => place.lots !== 0, 120_000);
  place.shown = Infinity;
  return room;
}

test.each<[string, number, Faults['streamDelay']]>([
  ['whole', Infinity, undefined],
  ['in part', 3, undefined],
  ['in part, and is told to be cancelled before it is told to be filled', 3, ({ kind }) => (kind === 'fill' ? 50 : 0)],
])('O04: what a stale entry fills, %s, is protected and brought home', (_, shown, streamDelay) => {
  const room = risen(shown, streamDelay);
  const place = room.exchange.place('SOLUSDT');
  expect(place.stop).toBeDefined();
  room.until(() => place.lots === 0 && room.state() === 'flat', 5_000);
  expect(room.names()).toContain('order.zombie');
  expect([...room.rows.values()].map(({ exitReason, isComplete }) => [exitReason, isComplete])).toEqual([
    ['timeout', true],
  ]);
  expect(room.deskHash()).toBe(room.replayHash());
});

test('O04: a stale entry whose execution is read only after its stop has closed it and funding was paid is one whole trade', () => {
  const isOfEntry = (event: GatewayEvent): boolean =>
    (event.kind === 'fill' && event.fill.linkId !== '') || (event.kind === 'order' && event.report.linkId !== '');
  const room = risen(Infinity, (event) => (isOfEntry(event) ? undefined : 0));
  const place = room.exchange.place('SOLUSDT');
  const hidden = place.fills.splice(0);
  room.until(() => room.state() === 'foreign', 500);
  room.exchange.fund('SOLUSDT', 1_234_567n);
  room.run(50);
  room.move('SOLUSDT', 9_900);
  room.until(() => place.lots === 0 && room.state() === 'flat', 5_000);
  place.fills.unshift(...hidden);
  room.until(() => room.isTold(), 300_000);
  const [row] = room.rows.values();
  expect(row).toMatchObject({ exitReason: 'stop_loss', isComplete: true });
  expect(room.exchange.balance - 1_000_000_000_000n).toBe(BigInt(Math.round(Number(row?.profitLoss) * 1e8)));
  expect(room.desk.status().positions).toEqual([]);
});

test('a stale entry that nobody has told to be over, and whose trade is, does not rise again by a restart', () => {
  const room = risen(3, ({ kind }) => (kind === 'order' ? undefined : 0));
  room.until(() => room.state() === 'flat');
  room.exchange.faults = {};
  room.run(1_900_000);
  room.enter('SOLUSDT', true, 2);
  room.move('SOLUSDT', 9_900);
  room.until(() => room.state() === 'flat');
  const opened = room.names().filter((name) => name === 'position.opened').length;
  room.restart();
  room.run(60_000);
  expect(room.names().filter((name) => name === 'position.opened')).toHaveLength(opened);
  expect(room.state()).toBe('flat');
  expect(room.desk.status().positions).toEqual([]);
});

test.each([-3_600_000, 0, 3_600_000])(
  'a position is as old as it is, also where the calendar of the machine has jumped by %d ms (B19)',
  (calendarMs) => {
    const room = new DeskRoom();
    room.settleDown();
    room.enter();
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
