// What is done about a position whose stop does not stand? (failure-modes 6: P01, P02, P08, P23)
import { expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import type { PositionSide } from '../../../src/market/side.ts';
import type { Tick } from '../../../src/market/units.ts';
import {
  isBreached,
  isTighter,
  nakedAction,
  type NakedAction,
  type NakedFacts,
} from '../../../src/position/stop/protect.ts';

const NAKED = {
  since: 0 as Ms,
  isUnread: false,
  isBreached: false,
  tries: 0,
  isSetting: false,
  isReading: false,
  graceMs: 3_000,
};

test.each<[string, number, Partial<NakedFacts>, NakedAction]>([
  ['was read without one: it is set at once', 0, {}, 'set'],
  ['is being given one', 0, { isSetting: true }, 'wait'],
  ['was given one, which is being read back', 500, { tries: 1, isReading: true }, 'wait'],
  ['was given one that did not come to stand: once more', 500, { tries: 2 }, 'set'],
  ['is read while nothing was tried yet', 0, { isReading: true }, 'set'],
  ['was given one three times: only reading is left', 2_999, { tries: 3 }, 'read'],
  ['has none at the end of the grace', 3_000, { isSetting: true }, 'close'],
  ['has none, and the price is where it should have triggered', 0, { isBreached: true }, 'close'],
  ['was not read yet: the report comes with the fill', 249, { isUnread: true }, 'wait'],
  ['was not read after a quarter of a second', 250, { isUnread: true }, 'read'],
  ['is being read', 250, { isUnread: true, isReading: true }, 'wait'],
  ['was not read within a second: it is set unseen', 1_000, { isUnread: true }, 'set'],
])('a position %s', (_, at, facts, action) => {
  expect(nakedAction({ ...NAKED, ...facts, now: at as Ms })).toBe(action);
});

test.each<[PositionSide, number]>([
  ['long', -1],
  ['short', 1],
])(
  'the stop of a %s has been reached at its own price and beyond, not a tick before, and nobody says so without a price',
  (side, toLoss) => {
    const reached = (price: number | undefined): boolean => isBreached(1_000 as Tick, price as Tick | undefined, side);
    expect([1_000, 1_000 + toLoss, 1_000 - toLoss, undefined].map(reached)).toEqual([true, true, false, false]);
    const tighter = (tick: number): boolean => isTighter(tick as Tick, 1_000 as Tick, side);
    expect([1_000, 1_000 + toLoss, 1_000 - toLoss].map(tighter)).toEqual([false, false, true]);
  },
);
