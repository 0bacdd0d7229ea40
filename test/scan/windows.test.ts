// How far back does the peak of a density's window reach? Sixtieths of the window stand for the window.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  L_CURRENT,
  L_PAST,
  L_PEAK,
  L_UNSTEADY,
  L_WINDOW_PEAK,
  LIFE_STRIDE,
  PAST_STRIDE,
  PEAK_BUCKETS,
} from '../../src/scan/layout.ts';
import { measureStability, noteSize } from '../../src/scan/life.ts';
import { P_NUMBERS, P_PEAK_MS, P_STABLE_MS } from '../../src/scan/params.ts';
import { largestHeld } from '../oracle/life-record.ts';

const STABLE_MS = 3_000;
const sizes = fc.array(fc.record({ afterMs: fc.nat({ max: 4_000 }), notional: fc.integer({ min: 1, max: 1_000 }) }), {
  minLength: 1,
  maxLength: 60,
  size: 'max',
});

test('no peak within fifty-nine sixtieths is missed, none before the window counts', () => {
  fc.assert(
    fc.property(sizes, fc.constantFrom(600, 6_000, 60_000), (steps, windowMs) => {
      const numbers = new Float64Array(P_NUMBERS + LIFE_STRIDE + PAST_STRIDE);
      numbers[P_NUMBERS + L_PAST] = P_NUMBERS + LIFE_STRIDE;
      numbers[P_PEAK_MS] = windowMs;
      numbers[P_STABLE_MS] = STABLE_MS;
      const life = numbers.subarray(P_NUMBERS);
      const history: { fromMs: number; notional: number }[] = [];
      let now = 1_000_000;
      for (const { afterMs, notional } of steps) {
        now += afterMs;
        life[L_CURRENT] = notional;
        noteSize(numbers, P_NUMBERS, 0, Float64Array.of(now));
        history.push({ fromMs: now, notional });
        const peak = life[L_WINDOW_PEAK] as number;
        const within = (ms: number): number => largestHeld(history, now - ms);
        expect(peak).toBeGreaterThanOrEqual(within((windowMs * (PEAK_BUCKETS - 1)) / PEAK_BUCKETS));
        expect(peak).toBeLessThanOrEqual(within(windowMs));
        expect(life[L_PEAK]).toBe(Math.max(...history.map((one) => one.notional)));
      }
    }),
    { numRuns: 1_000 },
  );
});

test.each([2, 0.5])('a window that becomes %s times as long under a life looks back so far from then on', (times) => {
  const numbers = new Float64Array(P_NUMBERS + LIFE_STRIDE + PAST_STRIDE);
  numbers[P_NUMBERS + L_PAST] = P_NUMBERS + LIFE_STRIDE;
  numbers[P_PEAK_MS] = 60_000;
  numbers[P_STABLE_MS] = STABLE_MS;
  const life = numbers.subarray(P_NUMBERS);
  let now = 1_786_310_820_000;
  const stands = (notional: number, lastsMs: number): number[] => {
    life[L_CURRENT] = notional;
    for (const end = now + lastsMs; now < end; now += 50) noteSize(numbers, P_NUMBERS, 0, Float64Array.of(now));
    measureStability(numbers, P_NUMBERS, 0, Float64Array.of(now));
    return [life[L_WINDOW_PEAK] as number, life[L_UNSTEADY] as number];
  };
  stands(100, 120_000);
  stands(99, 1_000);
  numbers[P_PEAK_MS] *= times;
  numbers[P_STABLE_MS] *= times;
  stands(98, 200_000);
  expect(stands(80, 10_000)).toEqual([98, 0]);
  expect(stands(80, 130_000)).toEqual([80, 0]);
});
