// Is a length of time read as it was meant, and told as a person says it?
import { expect, test } from 'vitest';
import { duration } from '../../src/cli/arguments.ts';
import { span } from '../../src/cli/span.ts';

test('a length of time is of seconds, minutes or hours, and of seconds where it does not say', () => {
  expect(['90s', '45', '2m', '1h', '0.5s', '500h'].map(duration)).toEqual([
    90_000, 45_000, 120_000, 3_600_000, 500, 1_800_000_000,
  ]);
  for (const text of ['0', '0s', '-1s', '500.1h', '1d', '1 h', 'h', '', '1e3'])
    expect(() => duration(text), text).toThrow('Give a time like 30s, 2m or 1h, 500h at most.');
});

test('a length of time is told in the two largest units that say something', () => {
  const lengths = [-5, 1_234, 9_949, 10_000, 60_000, 95_000, 3_600_000, 7_530_000, 86_399_999, 86_400_000, 90_060_000];
  expect(lengths.map(span)).toEqual([
    '0.0 s',
    '1.2 s',
    '9.9 s',
    '10 s',
    '1 min',
    '1 min 35 s',
    '1 h',
    '2 h 5 min',
    '23 h 59 min',
    '1 d',
    '1 d 1 h',
  ]);
});
