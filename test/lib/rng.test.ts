// Is chance repeatable, and roughly fair?
import { expect, test } from 'vitest';
import { createRng, type Rng } from '../../src/lib/rng.ts';

const draw = (n: number, next: () => number): number[] => Array.from({ length: n }, () => next());
const drawn = (rng: Rng): number[] => draw(20, () => rng.next());
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test('the same seed gives the same numbers, another seed and another fork others', () => {
  const numbers = (seed: number) => drawn(createRng(seed));
  expect(numbers(7)).toEqual(numbers(7));
  expect(numbers(7)).not.toEqual(numbers(8));
  const fork = (name: string) => drawn(createRng(7).fork(name));
  expect(fork('a')).toEqual(fork('a'));
  expect(fork('a')).not.toEqual(fork('b'));
  expect(fork('a')).not.toEqual(numbers(7));
});

test('to fork takes nothing from the generator', () => {
  const [a, b] = [createRng(5), createRng(5)];
  a.fork('x');
  expect(a.next()).toBe(b.next());
});

test.each([0, 1, -1, 2 ** 31, 123_456_789])(
  'seed %i: uniform, normal and exponential numbers have their moments',
  (seed) => {
    const rng = createRng(seed);
    const uniform = draw(100_000, () => rng.next());
    expect(uniform.every((value) => value >= 0 && value < 1)).toBe(true);
    const tenths = uniform.reduce(
      (counts, value) => counts.with(Math.floor(value * 10), (counts[Math.floor(value * 10)] ?? 0) + 1),
      Array<number>(10).fill(0),
    );
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    // Neighbours know nothing of each other.
    expect(
      Math.abs(mean(uniform.slice(1).map((value, i) => (value - 0.5) * ((uniform[i] as number) - 0.5)))),
    ).toBeLessThan(0.002);
    const normal = draw(100_000, () => rng.normal());
    expect(Math.abs(mean(normal))).toBeLessThan(0.02);
    expect(mean(normal.map((value) => value * value))).toBeCloseTo(1, 1);
    const exponential = draw(100_000, () => rng.exponential(3));
    expect(Math.min(...exponential.slice(0, 50_000))).toBeGreaterThanOrEqual(0);
    expect(mean(exponential)).toBeCloseTo(3, 0);
  },
);

test('whole numbers below a bound reach every value and never the bound', () => {
  const rng = createRng(11);
  expect(new Set(draw(1_000, () => rng.below(6)))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
});
