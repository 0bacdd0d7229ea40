// What becomes of a position whose stop stands, but does not fire where it should? (I-07)
import { expect, test } from 'vitest';
import type { TriggerBy } from '../../src/market/stop-price.ts';
import { DeskRoom } from './desk-room.ts';

const SYMBOL = 'SOLUSDT';

function held(isLong: boolean, by: TriggerBy = 'mark'): DeskRoom {
  const room = new DeskRoom({ exit: { stopLossTrigger: by } });
  room.rules = { ...room.rules, entry: { ...room.rules.entry, stopLossTrigger: by } };
  room.settleDown();
  room.enter(SYMBOL, isLong);
  return room;
}

/** Book and mark stand so many ticks beyond the stop, for so long, and the exchange does nothing. */
function passes(room: DeskRoom, ticks: number, ms: number): void {
  const place = room.exchange.place(SYMBOL);
  place.mark = (place.stop?.tick as number) - Math.sign(place.lots) * ticks;
  place.bid = place.mark;
  place.ask = place.mark + 1;
  for (const end = room.mono + ms; room.mono < end; room.run(500)) room.heard(SYMBOL);
}

const closes = (room: DeskRoom): number => room.creates('C').length + room.creates('X').length;

test.each([
  [true, 'mark'],
  [false, 'mark'],
  [true, 'last'],
] as const)(
  'a stop that is passed for five seconds without being executed is left, long %s, by the %s',
  (isLong, by) => {
    const room = held(isLong, by);
    passes(room, 1, 4_500);
    expect(closes(room)).toBe(0);
    passes(room, 1, 1_500);
    expect(room.exchange.place(SYMBOL).lots).toBe(0);
    expect(room.names()).toContain('position.stop_passed');
    expect([...room.rows.values()]).toMatchObject([{ exitReason: 'stop_loss_failed' }]);
  },
);

test.each<[string, (room: DeskRoom) => unknown]>([
  ['is at it, for it may be rounded', (room) => passes(room, 0, 10_000)],
  ['comes back in between', (room) => [2, -5, 2].map((ticks) => passes(room, ticks, 4_500))],
  ['is old', (room) => ((room.markHeardAt = room.mono - 10_001), passes(room, 2, 10_000))],
])('one whose price %s is waited for', (_, go) => {
  const room = held(true);
  go(room);
  expect([room.state(), closes(room)]).toEqual(['protected', 0]);
});

test('what the index price says is told by nobody: a stop by it is waited for', () => {
  const room = held(true, 'index');
  passes(room, 50, 10_000);
  expect([room.state(), closes(room)]).toEqual(['protected', 0]);
});

test('one that was executed untold is read before anything is closed', () => {
  const room = held(true);
  const place = room.exchange.place(SYMBOL);
  room.exchange.faults.streamDelay = () => undefined;
  room.move(SYMBOL, (place.stop?.tick as number) - 20);
  for (const end = room.mono + 7_000; room.mono < end; room.run(500)) room.heard(SYMBOL);
  expect([room.state(), closes(room)]).toEqual(['flat', 0]);
  expect(room.names()).not.toContain('position.stop_passed');
});

test('one that was executed while we stood still is left to what was told of it meanwhile (L01)', () => {
  const room = held(true);
  const place = room.exchange.place(SYMBOL);
  room.exchange.faults = { readMs: () => 10, streamDelay: () => 30 };
  let reads = 0;
  room.onRequest = ({ kind }) => void (kind === 'read-position' && reads++);
  passes(room, 1, 500);
  while (reads === 0) room.run(1);
  // It has been read that the position stands there, and the answer is on its way.
  room.run(15);
  room.move(SYMBOL, (place.stop?.tick as number) - 20);
  room.mono += 4_500;
  room.heard(SYMBOL);
  room.run(1_000);
  expect([room.state(), closes(room)]).toEqual(['flat', 0]);
  expect(room.names()).not.toContain('position.stop_passed');
});

test('W10, I-07: of lots that a person has added to, ours are closed once more where the stop that stands does not fire', () => {
  const room = held(true);
  const { exchange } = room;
  exchange.faults.readFails = ({ kind }) => kind !== 'read-position';
  exchange.faults.rejects = () => room.creates('X').length === 1;
  room.privateLink(false);
  room.run(3_000);
  room.command({ kind: 'kill', id: 'k' });
  exchange.human(SYMBOL, 60);
  room.run(20_000);
  const { lots } = exchange.place(SYMBOL);
  passes(room, 2, 4_000);
  expect([lots > 60, room.creates('X').length]).toEqual([true, 1]);
  passes(room, 2, 2_500);
  expect([exchange.place(SYMBOL).lots, room.creates('X').length]).toEqual([60, 2]);
});
