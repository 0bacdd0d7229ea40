// What becomes of a position whose size lies between the lots of a coarser step? It stays ours, whole, and its result is exact (P12).
import { expect, test } from 'vitest';
import { sizeDecimal } from '../../src/market/size.ts';
import { heldSizes } from '../../src/position/desk-status.ts';
import { DeskRoom } from './desk-room.ts';

const SYMBOL = 'SOLUSDT';

/** So many tenths of a coin are bought, before the step is half of one. */
function held(tenths: number, isRestarted: boolean): DeskRoom {
  const room = new DeskRoom().settleDown();
  const place = room.exchange.place(SYMBOL);
  place.shown = tenths;
  room.enter();
  place.shown = Infinity;
  room.run(1_000);
  expect(place.lots).toBe(tenths);
  room.changeStep(SYMBOL, '0.5', !isRestarted);
  if (isRestarted) room.restart();
  room.run(10_000);
  return room;
}

const gained = (room: DeskRoom): number => Number(room.exchange.balance - 1_000_000_000_000n) / 1e8;

test.each([
  [4, 'while it is open'],
  [4, 'between two runs'],
  [6, 'while it is open'],
  [6, 'between two runs'],
])(
  '%i tenths of a coin, of which the step becomes half of one %s, are closed whole and bring what they brought',
  (tenths, when) => {
    const room = held(tenths, when === 'between two runs');
    expect(room.desk.status().positions).toMatchObject([{ ours: 1, foreign: 0 }]);
    expect(room.desk.status().positions.map((position) => sizeDecimal(heldSizes(position).ours))).toEqual([
      String(tenths / 10),
    ]);
    expect(room.exchange.place(SYMBOL).stop).toBeDefined();
    room.command({ kind: 'close', id: 'c', symbol: SYMBOL });
    room.until(() => room.isTold());
    expect(room.exchange.place(SYMBOL).lots).toBe(0);
    const [row] = room.rows.values();
    expect(row).toMatchObject({ size: String(tenths / 10), isComplete: true });
    expect(Number(row?.profitLoss)).toBeCloseTo(gained(room), 6);
    expect(Number(room.desk.account().dayProfit) / 1e8).toBeCloseTo(gained(room), 6);
  },
);

test('what is left of it between two steps is ours until it has gone, and is not left to anybody', () => {
  const room = held(6, false);
  const place = room.exchange.place(SYMBOL);
  room.exchange.faults.streamDelay = (event) => (event.kind === 'position' ? 3_000 : 0);
  place.shown = 5;
  room.command({ kind: 'close', id: 'c', symbol: SYMBOL });
  room.until(() => place.lots === 1);
  place.shown = 0;
  room.run(1_500);
  expect(room.desk.status().positions).toMatchObject([{ ours: 1, foreign: 0 }]);
  place.shown = Infinity;
  room.until(() => room.isTold());
  expect(place.lots).toBe(0);
  const [row] = room.rows.values();
  expect(row).toMatchObject({ size: '0.6', isComplete: true });
  expect(Number(row?.profitLoss)).toBeCloseTo(gained(room), 6);
});
