// When does a stop go to where nothing is lost, and to which tick? Numbers that can be checked by hand. (strategy 13)
import { expect, test } from 'vitest';
import type { PositionSide } from '../../../src/market/side.ts';
import type { Tick } from '../../../src/market/units.ts';
import { breakevenMove, breakevenTick, type Average } from '../../../src/position/watch/breakeven.ts';

const FEE = 0.00055;
const at = (tick: number): Average => ({ units: 10 * tick, lots: 10 });

test.each<[PositionSide, number, number, number]>([
  // Bought at 10 000 for a fee of 5.5: sold at 10 011 eleven ticks pay 11.006, at 10 012 twelve pay 11.007.
  ['long', 10_000, FEE, 10_012],
  // Sold at 10 002 for 5.501: at 9 991 eleven ticks pay 10.996, at 9 992 ten would not.
  ['short', 10_002, FEE, 9_991],
  // Fees of 33 each way, to the last digit: no tick is given away to a rounding.
  ['long', 59_967, FEE, 60_033],
  ['short', 60_033, FEE, 59_967],
  ['long', 10_000, 0, 10_000],
  ['short', 10_000.5, 0, 10_000],
  ['long', 10_000.5, 0, 10_001],
])(
  'of a %s from %d with a fee of %d nothing is lost at %d, and something one tick before',
  (side, entry, fee, tick) => {
    const net = (close: number): number =>
      Math.abs(close - entry) * (close > entry === (side === 'long') ? 1 : -1) - fee * (close + entry);
    expect(breakevenTick(at(entry), fee, side)).toBe(tick);
    expect(net(tick)).toBeGreaterThan(-1e-9);
    expect(net(tick - (side === 'long' ? 1 : -1))).toBeLessThan(0);
  },
);

const STOPS = { long: 9_900, short: 10_100 } as const;

/** Of a position from 10 000; prices are told as ticks in its favour. */
function moves(
  side: PositionSide,
  close: number,
  trigger: number | undefined,
  stop?: number,
  needed = 0.5,
): number | undefined {
  const tick = (gain: number): Tick => (10_000 + gain * (side === 'long' ? 1 : -1)) as Tick;
  const before = stop === undefined ? (STOPS[side] as Tick) : tick(stop);
  const to = breakevenMove(
    at(10_000),
    tick(close),
    trigger === undefined ? undefined : tick(trigger),
    side,
    before,
    FEE,
    needed,
  );
  return to === undefined ? undefined : Math.abs(to - 10_000);
}

test.each<[PositionSide, number]>([
  ['long', 12],
  ['short', 11],
])('the stop of a %s goes there at half a percent of profit by the price of a close, and not before', (side, home) => {
  expect([moves(side, 49, 49), moves(side, 50, 50), moves(side, 51, 51)]).toEqual([undefined, home, home]);
});

test.each<[PositionSide, number]>([
  ['long', 12],
  ['short', 11],
])('the stop of a %s never goes to or through a price that would trigger it, nor where none is known', (side, home) => {
  const triggers = [undefined, home - 1, home, home + 1].map((trigger) => moves(side, 50, trigger));
  expect(triggers).toEqual([undefined, undefined, undefined, home]);
  const closes = [home, home + 1].map((close) => moves(side, close, 50, undefined, 0.05));
  expect(closes).toEqual([undefined, home]);
});

test.each<[PositionSide, number]>([
  ['long', 12],
  ['short', 11],
])('the stop of a %s only comes nearer', (side, home) => {
  expect([home - 1, home, home + 1].map((stop) => moves(side, 50, 50, stop))).toEqual([home, undefined, undefined]);
});
