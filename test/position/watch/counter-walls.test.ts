// Since when does what lies ahead stand, and where is it met? (strategy 14)
import { expect, test } from 'vitest';
import { createView, type BookView } from '../../../src/book/read.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { ASK, BID, type Side } from '../../../src/market/side.ts';
import type { Tick } from '../../../src/market/units.ts';
import { CounterWalls } from '../../../src/position/watch/counter-walls.ts';
import type { Wall } from '../../../src/position/trade/trade.ts';

const wallOf = (side: Side, low: number, high = low): Wall => ({
  side,
  low: low as Tick,
  high: high as Tick,
  units: 100 * low,
});

/** One level of a side. */
function bookWith(side: Side, tick: number, lots: number): BookView {
  const view = createView();
  view.depth = 50;
  view.counts[side] = 1;
  view.ticks[side][0] = tick;
  view.lots[side][0] = lots;
  return view;
}

test('a wall ahead counts from three seconds on, not a moment sooner', () => {
  const ahead = new CounterWalls();
  const view = bookWith(ASK, 1_010, 100);
  const look = (now: number): readonly Tick[] => ahead.look([wallOf(ASK, 1_010)], view, 3_000, now as Ms);
  expect([look(500), look(3_499), look(3_500)]).toEqual([[], [], [1_010]]);
});

test('a wall ahead is met where it begins: a cluster of asks from below, one of bids from above', () => {
  const met = (side: Side): readonly Tick[] =>
    new CounterWalls().look([wallOf(side, 1_010, 1_012)], bookWith(side, 1_011, 100), 0, 0 as Ms);
  expect([met(ASK), met(BID)]).toEqual([[1_010], [1_012]]);
});

test.each([
  [10, [1_010]],
  [9, []],
])('a wall that is called none for a while, with %d of its 100 lots left, is timed from %j', (left, told) => {
  const ahead = new CounterWalls();
  ahead.look([wallOf(ASK, 1_010)], bookWith(ASK, 1_010, 100), 3_000, 0 as Ms);
  ahead.look([], bookWith(ASK, 1_010, left), 3_000, 1_500 as Ms);
  expect(ahead.look([wallOf(ASK, 1_010)], bookWith(ASK, 1_010, 100), 3_000, 3_000 as Ms)).toEqual(told);
});
