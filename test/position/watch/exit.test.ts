// Is the reason for which we are in still there? (strategy 13)
import { expect, test } from 'vitest';
import { createView } from '../../../src/book/read.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { ASK, BID, type Side } from '../../../src/market/side.ts';
import type { Lot, Tick } from '../../../src/market/units.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import { sizeOf } from '../../../src/market/size.ts';
import type { Average } from '../../../src/position/watch/breakeven.ts';
import { isTimedOut, isWorseThan, restsAt, wallExit } from '../../../src/position/watch/exit.ts';
import { averageOf } from '../../../src/position/trade/average-price.ts';
import { oneFill } from '../../order/one-fill.ts';

/** Ten lots on each of so many levels from 100 on, of a side that shows three at most. */
function rests(
  side: Side,
  levels: number,
  [near, far]: readonly [number, number],
  isTruncated = false,
): number | undefined {
  const view = createView();
  const away = side === BID ? -1 : 1;
  for (let i = 0; i < levels; i++) {
    view.ticks[side][i] = 100 + away * i;
    view.lots[side][i] = 10;
  }
  view.counts[side] = levels;
  view.depth = 3;
  view.truncated = isTruncated ? 1 : 0;
  const ends = [100 + away * near, 100 + away * far].sort((a, b) => a - b) as Tick[];
  return restsAt({ side, low: ends[0] as Tick, high: ends[1] as Tick, units: 1_000 }, view);
}

test.each<[string, Side, number, number]>([
  ['bids', BID, 990, 990 + 980],
  ['asks', ASK, 1_010, 1_010 + 1_020],
])(
  'a wall among %s is what rests in its range; of one that reaches behind the last level shown nobody can say',
  (_, side, one, two) => {
    expect([rests(side, 3, [1, 1]), rests(side, 3, [1, 2]), rests(side, 3, [2, 3]), rests(side, 3, [3, 4])]).toEqual([
      one,
      two,
      undefined,
      undefined,
    ]);
  },
);

test.each<[string, Side, number]>([
  ['bids', BID, 990],
  ['asks', ASK, 1_010],
])(
  'where fewer %s stand than could be shown, what is not among them is not there, unless some were left out',
  (_, side, one) => {
    expect([rests(side, 2, [1, 4]), rests(side, 2, [3, 4]), rests(side, 0, [3, 4])]).toEqual([one, 0, 0]);
    expect([rests(side, 2, [1, 1], true), rests(side, 2, [1, 4], true), rests(side, 0, [3, 4], true)]).toEqual([
      one,
      undefined,
      undefined,
    ]);
  },
);

test('a wall is left at the part of it that may be eaten, not before, and not where nobody sees it', () => {
  const wall = { side: BID, low: 99 as Tick, high: 99 as Tick, units: 1_000 };
  const exits = (units: number | undefined, isRebound = false) => wallExit(wall, units, 65, isRebound);
  expect([exits(351), exits(350), exits(350, true), exits(undefined)]).toEqual([
    undefined,
    'density_erosion',
    'density_lost',
    undefined,
  ]);
});

test.each(['long', 'short'] as const)(
  'what a %s has paid within a price in two parts is within it after a coarser step (P12)',
  (side) => {
    const step = createInstrument('SOLUSDT', '0.01', '0.5') as Instrument;
    const worse = side === 'long' ? 1 : -1;
    const isWorse = (tick: number, ...tenths: number[]): boolean => {
      const parts = tenths.map((lots) => {
        const ours = sizeOf(lots, { ...step, lotScaled: 1 });
        return { fill: oneFill({ tick: tick as Tick, lots: lots as Lot }), origin: 'entry' as const, ours, beside: 0n };
      });
      return isWorseThan(10_005 as Tick, averageOf(parts, step) as Average, side);
    };
    for (let one = 1; one < 30; one++)
      for (let other = 1; other < 30; other++)
        expect([isWorse(10_005, one, other), isWorse(10_005 + worse, one, other)]).toEqual([false, true]);
  },
);

test('half an hour is over after half an hour', () => {
  const isOver = (ms: number): boolean => isTimedOut(5 as Ms, (5 + ms) as Ms, 30);
  expect([isOver(1_799_999), isOver(1_800_000)]).toEqual([false, true]);
});
