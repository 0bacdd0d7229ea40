// Do numbers read as people read them?
import { expect, test } from 'vitest';
import {
  age,
  average,
  clock,
  clockMs,
  compact,
  count,
  day,
  duration,
  gain,
  micros,
  moment,
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
  expect([9.99, 9.996, 99.9, 99.96, 999.4, 999.5, 999_499, 999_500, 999_499_000, 999_500_000].map(compact)).toEqual([
    '9.99',
    '10.0',
    '99.9',
    '100',
    '999',
    '1.00k',
    '999k',
    '1.00M',
    '999M',
    '1.00B',
  ]);
  expect([-0.5, -2e6, -3e9].map(compact)).toEqual(['−0.50', '−2.00M', '−3.00B']);
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
  expect(count(1.6)).toBe('2');
});

test('what is not known, or is no number, is a dash', () => {
  const all = [usd, gain, percent, signedPercent, duration, micros, count].flatMap((show) => [
    show(undefined),
    show(NaN),
  ]);
  expect([...new Set(all)]).toEqual(['–']);
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

test('where a unit ends the next one begins, and none is shown with a thousand or sixty of itself', () => {
  const [second, minute, hour, whole] = [1_000, 60_000, 3_600_000, 86_400_000];
  expect([-5, 0, 0.6, 999.4, 999.5, second].map(duration)).toEqual([
    '0 ms',
    '0 ms',
    '1 ms',
    '999 ms',
    '1.0 s',
    '1.0 s',
  ]);
  expect([9_949, 9_950, 10_600, 59_499, 59_500, minute].map(duration)).toEqual([
    '9.9 s',
    '10 s',
    '11 s',
    '59 s',
    '1 m 00 s',
    '1 m 00 s',
  ]);
  expect([hour - 501, hour - 500, hour, whole - minute, whole, whole + hour - minute].map(duration)).toEqual([
    '59 m 59 s',
    '1 h 00 m',
    '1 h 00 m',
    '23 h 59 m',
    '1 d 00 h',
    '1 d 00 h',
  ]);
  expect(
    [-5, 500, 59_499, 59_500, hour - 501, hour, hour + 119_000, whole - minute, whole, 2 * whole - minute].map(age),
  ).toEqual(['0s', '1s', '59s', '1m00', '59m59', '1h00', '1h01', '23h59', '1d', '1d']);
  expect([9.94, 9.96, 999.4, 999.5, 1_000, 999_499, 999_500, 1e6].map(micros)).toEqual([
    '9.9 µs',
    '10 µs',
    '999 µs',
    '1.00 ms',
    '1.00 ms',
    '999 ms',
    '1.00 s',
    '1.00 s',
  ]);
});

test('a time of the day has its day where that is another one', () => {
  const at = new Date(2026, 0, 9, 7, 5, 3, 4).getTime();
  expect([clock(at), clock(at, false), clockMs(at), day(at)]).toEqual([
    '07:05:03',
    '07:05',
    '07:05:03.004',
    '2026-01-09',
  ]);
  const [evening, next] = [at + 16 * 3_600_000, at + 17 * 3_600_000];
  expect([moment(at, evening), moment(at, next)]).toEqual(['07:05:03', '2026-01-09 07:05:03']);
});

test('a price is printed as its exchange prints it', () => {
  expect(priceOf(8_412, 0.01, 2)).toBe('84.12');
  expect(priceOf(20_780, 0.000_001, 6)).toBe('0.020780');
});
