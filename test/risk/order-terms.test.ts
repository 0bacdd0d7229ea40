// Are size, stop, cost and room what the strategy's sections 11 and 12 say, on numbers that can be checked by hand?
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createView, type BookView } from '../../src/book/read.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import { moneyFromNumber, moneyText, notionalOf } from '../../src/market/money.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import { costOf, FINE, walk } from '../../src/risk/cost.ts';
import { obstacleAhead } from '../../src/risk/room.ts';
import { lotsWithin, sizeOf } from '../../src/risk/sizing.ts';
import { leverageMost, protect, type StopRules } from '../../src/risk/stop.ts';

const sol = createInstrument('SOLUSDT', '0.010', '0.1', 3) as Instrument;
const tick = (number: number): Tick => number as Tick;
const lot = (number: number): Lot => number as Lot;
const rules: StopRules = { behindPercent: 0.1, maxStopPercent: 1, maxCostToStopRatio: 0.5 };

function bookOf(bids: readonly [number, number][], asks: readonly [number, number][]): BookView {
  const view = createView();
  [bids, asks].forEach((levels, side) => {
    view.counts[side] = levels.length;
    levels.forEach(([at, lots], i) => {
      view.ticks[side as 0 | 1][i] = at;
      view.lots[side as 0 | 1][i] = lots;
    });
  });
  return view;
}

describe('size', () => {
  test('25 USDT of SOL at 77.31 are three tenths of a coin, capped four ticks above the touch', () => {
    const size = sizeOf('long', tick(7_731), 0.05, moneyFromNumber(25), sol);
    expect(size).toMatchObject({ lots: 3, entryTick: 7_731, capTick: 7_735 });
    expect(moneyText(size.notional)).toBe('23.205');
    expect(moneyText(size.notionalLeast)).toBe('23.193');
  });

  test('a sale is sized at the touch, which is dearer than its cap', () => {
    const size = sizeOf('short', tick(7_731), 0.05, moneyFromNumber(25), sol);
    expect(size.capTick).toBe(7_727);
    expect(moneyText(size.notional)).toBe('23.193');
  });

  test('the cap is at least a tick away where the percentage is less than one', () => {
    expect(sizeOf('long', tick(100), 0.001, moneyFromNumber(25), sol).capTick).toBe(101);
  });

  test('no lot more would fit, and none fewer is taken', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000_000 }),
        fc.nat({ max: 8 }),
        fc.nat({ max: 6 }),
        fc.constantFrom(1, 5),
        fc.constantFrom(1, 10),
        fc.bigInt(1n, 10n ** 14n),
        (price, priceScale, lotScale, tickScaled, lotScaled, money) => {
          const grid = { ...sol, priceScale, tickScaled, lotScale, lotScaled };
          const lots = lotsWithin(money, tick(price), grid);
          fc.pre(Number.isSafeInteger(lots)); // what is not is refused by G14
          // On a grid finer than money both sums are rounded up to a whole unit.
          return notionalOf(tick(price), lots, grid) <= money && notionalOf(tick(price), lot(lots + 1), grid) >= money;
        },
      ),
    );
  });
});

describe('cost', () => {
  const book = bookOf(
    [
      [999, 5],
      [997, 5],
    ],
    [
      [1_000, 2],
      [1_001, 3],
      [1_004, 10],
    ],
  );

  test('a purchase eats the asks and loses what lies behind the first', () => {
    expect(walk(book, 'buy', lot(2))).toEqual({ units: 0, isThin: false });
    expect(walk(book, 'buy', lot(6))).toEqual({ units: 3 + 4, isThin: false });
    expect(walk(book, 'sell', lot(7))).toEqual({ units: 4, isThin: false });
  });

  test('what the book does not show is counted at its last price, and said', () => {
    expect(walk(book, 'buy', lot(20))).toEqual({ units: 3 + 4 * 15, isThin: true });
    expect(walk(bookOf([], []), 'buy', lot(1)).isThin).toBe(true);
  });

  test('fees both ways, the spread and the slippage add up', () => {
    const cost = costOf(tick(1_000), lot(10), 0.00055, 2, { units: 5, isThin: false });
    expect(Number(cost) / Number(FINE)).toBe(2 * 0.00055 * 1_000 * 10 + 2 * 10 + 5);
  });
});

describe('stop', () => {
  const free = 0n;
  test('below the lower end of the density for a long, above the upper end for a short, whole ticks away', () => {
    const density = { low: 9_995, high: 10_001 };
    expect(protect('long', density, tick(10_010), lot(1), free, rules)).toMatchObject({ tick: 9_985, distance: 25 });
    expect(protect('short', density, tick(9_990), lot(1), free, rules)).toMatchObject({ tick: 10_012, distance: 22 });
  });

  test('at least two ticks behind, however cheap the coin', () => {
    expect(protect('long', { low: 100, high: 100 }, tick(101), lot(1), free, rules).tick).toBe(98);
  });

  test('moved away until the cost is half of the distance, and the quantity stays', () => {
    // 0.055 % twice on 10,000 ticks is 11, with a spread of 4: 15 ticks, half of 30.
    const cost = costOf(tick(10_000), lot(3), 0.00055, 4, { units: 0, isThin: false });
    const stop = protect('long', { low: 9_998, high: 9_999 }, tick(10_000), lot(3), cost, rules);
    expect(stop).toEqual({ tick: 9_970, distance: 30, distanceMax: 100 });
  });

  test('stop_too_wide: never moved away farther than the largest stop, and the strategy’s own may be too far too', () => {
    const dear = costOf(tick(10_000), lot(3), 0.005, 4, { units: 0, isThin: false });
    const capped = protect('long', { low: 9_998, high: 9_999 }, tick(10_000), lot(3), dear, rules);
    expect(capped).toEqual({ tick: 9_900, distance: 100, distanceMax: 100 });
    const far = protect('long', { low: 9_850, high: 9_851 }, tick(10_000), lot(3), free, rules);
    expect(far).toMatchObject({ distance: 160, distanceMax: 100 });
  });

  test('I-08: at 10× the stop may be 80 % of the way to liquidation, as near as the largest leverage lets that be', () => {
    // 10,000 × (0.1 − 0.005) ÷ 1.005 = 945.27 ticks
    expect(leverageMost(756, tick(10_000), { leverageMax: 20_000 })).toBe(10);
    expect(leverageMost(757, tick(10_000), { leverageMax: 20_000 })).toBe(9);
    // 10,000 × (0.1 − 0.01) ÷ 1.01 = 891.09 ticks
    expect(leverageMost(712, tick(10_000), { leverageMax: 10_000 })).toBe(10);
    expect(leverageMost(713, tick(10_000), { leverageMax: 10_000 })).toBe(9);
    expect(leverageMost(1, tick(10_000), { leverageMax: 10_000 })).toBe(98);
  });
});

test('G34: what lies behind or far enough ahead is no obstacle', () => {
  const cost = 10n * FINE; // ten ticks of one lot
  const found = (obstacle: number): number | undefined =>
    obstacleAhead('long', tick(1_000), lot(1), 40, cost, 0.5, [tick(obstacle)]);
  expect([999, 1_000, 1_029, 1_030].map(found)).toEqual([undefined, 1_000, 1_029, undefined]);
  expect(obstacleAhead('short', tick(1_000), lot(1), 40, cost, 0.5, [tick(1_001), tick(980)])).toBe(980);
});
