// Do numbers read as people read them?
import { expect, test } from 'vitest';
import {
  age,
  average,
  compact,
  count,
  duration,
  gain,
  micros,
  percent,
  priceOf,
  signedPercent,
  usd,
} from '../../src/web/format.ts';

test('a size has three digits and its magnitude', () => {
  expect([0, 8.126, 87, 999, 999.6, 1_240, 64_340, 999_600, 1_240_000, 25e9].map(compact)).toEqual([
    '0.00',
    '8.13',
    '87.0',
    '999',
    '1.00k',
    '1.24k',
    '64.3k',
    '1.00M',
    '1.24M',
    '25.0B',
  ]);
  expect(compact(-1_240)).toBe('−1.24k');
  expect(compact(NaN)).toBe('–');
});

test('an average price is a plain decimal of six digits, of the cheapest coin as well', () => {
  const prices = [65_114.236_842, 0.123_456_789, 0.000_000_123_456_7, 0.000_000_1, 7];
  expect(prices.map(average)).toEqual(['65114.2', '0.123457', '0.000000123457', '0.0000001', '7']);
});

test('money is grouped, a gain has its sign, and what rounds to nothing has none', () => {
  expect(usd(1_234_567.891)).toBe('1 234 567.89');
  expect([0.5, -0.5, -0.001].map((value) => usd(value))).toEqual(['0.50', '−0.50', '0.00']);
  expect([0.5, -0.5, 0, 0.001].map((value) => gain(value))).toEqual(['+0.50', '−0.50', '0.00', '0.00']);
  expect(count(26_706)).toBe('26 706');
  expect(usd(undefined)).toBe('–');
});

test('percentages keep their sign where it says something', () => {
  expect([signedPercent(0.204), signedPercent(-0.204), signedPercent(0.001), percent(-0.5, 1)]).toEqual([
    '+0.20 %',
    '−0.20 %',
    '0.00 %',
    '−0.5 %',
  ]);
});

test('times are as long as they need to be', () => {
  expect([850, 4_200, 42_000, 192_000, 7_500_000, 200_000_000].map(duration)).toEqual([
    '850 ms',
    '4.2 s',
    '42 s',
    '3 m 12 s',
    '2 h 05 m',
    '2 d 07 h',
  ]);
  expect([4_000, 192_000, 7_500_000].map(age)).toEqual(['4s', '3m12', '2h05']);
  expect([0.4, 12, 3_400, 1_200_000].map(micros)).toEqual(['0.4 µs', '12 µs', '3.40 ms', '1.20 s']);
});

test('a price is printed as its exchange prints it', () => {
  expect(priceOf(8_412, 0.01, 2)).toBe('84.12');
  expect(priceOf(20_780, 0.000_001, 6)).toBe('0.020780');
});
