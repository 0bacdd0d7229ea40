// Does a soak tell what grows from what wavers?
import { expect, test } from 'vitest';
import { isGrowth, slopeOf } from '../../bench/slope.ts';

const seconds = Array.from({ length: 50 }, (_, i) => 10 * i);

test('a leak of a megabyte an hour is growth, whatever wavers around it; a level that wavers is none', () => {
  const wavering = (i: number): number => 1e4 * Math.sin(7 * i);
  const leak = slopeOf(
    seconds,
    seconds.map((at, i) => 20e6 + (1e6 * at) / 3_600 + wavering(i)),
  );
  expect(Math.abs(leak.perHour - 1e6)).toBeLessThan(leak.confidence);
  expect(isGrowth(leak)).toBe(true);
  const level = slopeOf(
    seconds,
    seconds.map((_, i) => 20e6 + wavering(i)),
  );
  expect(Math.abs(level.perHour)).toBeLessThan(level.confidence);
  expect(isGrowth(level)).toBe(false);
});

test('what surely grows by less than half in a day is no verdict, and four looks are too few for any', () => {
  const slow = slopeOf(
    seconds,
    seconds.map((at) => 1e6 + 5 * at),
  );
  expect(slow.perHour).toBeCloseTo(18_000, 3);
  expect(isGrowth(slow)).toBe(false);
  expect(() => slopeOf([1, 2, 3, 4], [1, 1, 1, 1])).toThrow('five values');
});
