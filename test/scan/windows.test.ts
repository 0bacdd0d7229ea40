// How far back does the peak of a density's window reach? Sixtieths of the window stand for the window.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  L_BEFORE_GONE,
  L_CURRENT,
  L_PAST,
  L_PEAK,
  L_UNSTEADY,
  L_WINDOW_PEAK,
  LIFE_STRIDE,
  PAST_STRIDE,
  PEAK_BUCKETS,
} from '../../src/scan/layout.ts';
import { isVanished, measureStability, noteSize, resize } from '../../src/scan/life.ts';
import { P_NUMBERS, P_PEAK_MS, P_STABLE_MS } from '../../src/scan/params.ts';
import { largestHeld } from '../oracle/life-record.ts';

const STABLE_MS = 3_000;
/** It comes to a size, or the range of prices changes in which it stands as it was. */
const change = fc.record({
  afterMs: fc.nat({ max: 4_000 }),
  notional: fc.integer({ min: 1, max: 1_000 }),
  isResized: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});
const changes = fc.array(change, { minLength: 1, maxLength: 60, size: 'max' });

test('no peak within fifty-nine sixtieths is missed, none before the window counts, and a new range was always that large', () => {
  fc.assert(
    fc.property(changes, fc.constantFrom(600, 6_000, 60_000), (steps, windowMs) => {
      const numbers = new Float64Array(P_NUMBERS + LIFE_STRIDE + PAST_STRIDE);
      numbers[P_NUMBERS + L_PAST] = P_NUMBERS + LIFE_STRIDE;
      numbers[P_PEAK_MS] = windowMs;
      numbers[P_STABLE_MS] = STABLE_MS;
      const life = numbers.subarray(P_NUMBERS);
      let history: { fromMs: number; notional: number }[] = [];
      let beforeGone = 0;
      let now = 1_000_000;
      for (const { afterMs, notional, isResized } of steps) {
        now += afterMs;
        const last = history.at(-1)?.notional ?? notional;
        life[L_CURRENT] = isResized ? last : notional;
        noteSize(numbers, P_NUMBERS, 0, Float64Array.of(now));
        if (isResized) {
          resize(numbers, P_NUMBERS, Float64Array.of(notional), 0, 0, Float64Array.of(now));
          history = history.map((one) => ({ ...one, notional: one.notional + notional - last }));
          beforeGone += notional - last;
        }
        history.push({ fromMs: now, notional });
        const peak = life[L_WINDOW_PEAK] as number;
        const within = (ms: number): number => largestHeld(history, now - ms);
        expect(peak).toBeGreaterThanOrEqual(within((windowMs * (PEAK_BUCKETS - 1)) / PEAK_BUCKETS));
        expect(peak).toBeLessThanOrEqual(within(windowMs));
        expect(life[L_PEAK]).toBe(Math.max(...history.map((one) => one.notional)));
        if (!isVanished(numbers, P_NUMBERS)) beforeGone = notional;
        expect(life[L_BEFORE_GONE]).toBe(beforeGone);
      }
    }),
    { numRuns: 1_000 },
  );
});

/** Parameters, one life behind them, and its past. */
function oneLife(): { numbers: Float64Array; life: Float64Array } {
  const numbers = new Float64Array(P_NUMBERS + LIFE_STRIDE + PAST_STRIDE);
  numbers[P_NUMBERS + L_PAST] = P_NUMBERS + LIFE_STRIDE;
  numbers[P_PEAK_MS] = 60_000;
  numbers[P_STABLE_MS] = STABLE_MS;
  const life = numbers.subarray(P_NUMBERS);
  return { numbers, life };
}

test.each([
  [2, 98],
  [2, 99],
  [0.5, 98],
  [0.5, 99],
])('a window that becomes %s times as long under a life looks back so far from then on', (times, next) => {
  const { numbers, life } = oneLife();
  let now = 1_786_310_820_000;
  const stands = (notional: number, lastsMs: number): number[] => {
    life[L_CURRENT] = notional;
    for (const end = now + lastsMs; now < end; now += 50) noteSize(numbers, P_NUMBERS, 0, Float64Array.of(now));
    measureStability(numbers, P_NUMBERS, 0, Float64Array.of(now));
    return [life[L_WINDOW_PEAK] as number, life[L_UNSTEADY] as number];
  };
  stands(100, 120_000);
  stands(99, 1_000);
  numbers[P_PEAK_MS] = 60_000 * times;
  numbers[P_STABLE_MS] = STABLE_MS * times;
  stands(next, 1_000);
  expect(stands(next, 200_000)).toEqual([next, 0]);
  expect(stands(80, 10_000)).toEqual([next, 0]);
  expect(stands(80, 130_000)).toEqual([80, 0]);
});

test('a density erodes by its first fall after the window of its peak has become longer', () => {
  const { numbers, life } = oneLife();
  const stands = (notional: number, now: number): void => {
    life[L_CURRENT] = notional;
    noteSize(numbers, P_NUMBERS, 0, Float64Array.of(now));
  };
  stands(100, 1_786_310_820_000);
  stands(99, 1_786_310_830_000);
  numbers[P_PEAK_MS] = 120_000;
  stands(20, 1_786_310_840_000);
  expect(life[L_WINDOW_PEAK]).toBe(100);
});

test('a density that held still for the window before is not known to be stable over a longer one', () => {
  const { numbers, life } = oneLife();
  const begun = 1_786_310_820_000;
  life[L_CURRENT] = 100;
  noteSize(numbers, P_NUMBERS, 0, Float64Array.of(begun));
  const unsteadyAfter = (ms: number): number => {
    measureStability(numbers, P_NUMBERS, 0, Float64Array.of(begun + ms));
    return life[L_UNSTEADY] as number;
  };
  expect(unsteadyAfter(4_000)).toBe(0);
  numbers[P_STABLE_MS] = 2 * STABLE_MS;
  expect([unsteadyAfter(4_100), unsteadyAfter(10_500)]).toEqual([Infinity, 0]);
});

test('a density that held still is as stable in another range, and what it strayed before it still has', () => {
  const { numbers, life } = oneLife();
  let now = 1_786_310_820_000;
  const stands = (notional: number, lastsMs: number, inRange = notional): number => {
    life[L_CURRENT] = notional;
    for (const end = now + lastsMs; now < end; now += 50) noteSize(numbers, P_NUMBERS, 0, Float64Array.of(now));
    resize(numbers, P_NUMBERS, Float64Array.of(inRange), 0, 0, Float64Array.of(now));
    measureStability(numbers, P_NUMBERS, 0, Float64Array.of(now));
    return life[L_UNSTEADY] as number;
  };
  expect(stands(1_000, 2_000, 1_050)).toBe(Infinity); // not yet old enough
  expect(stands(1_050, 2_000, 900)).toBe(0);
  expect(stands(500, 100, 600)).toBeGreaterThan(30);
  expect(stands(600, 100, 40)).toBeGreaterThan(90);
});
