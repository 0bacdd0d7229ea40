// Does the path bench answer every frame in every mode, handed over and over a socket?
import { expect, test } from 'vitest';
import type { PathRow } from '../../bench/path.ts';
import { intendedMicros, percentiles } from '../../bench/schedule.ts';
import { quickReport } from './bench-run.ts';

test('every mode answers every frame at both rates, handed over and over a socket, beside an empty handler', async () => {
  const { rows } = await quickReport<{ rows: readonly PathRow[] }>('path');
  const seen = rows.map(({ name, measured, rate }) => `${name}, ${measured}, ${rate}`);
  const wanted = ['hand-over → signal read', 'wire → signal read'].flatMap((measured) =>
    [2_000, 20_000].flatMap((rate) =>
      ['reference: empty handler', 'plotnost inline', 'plotnost pool, asleep'].map(
        (name) => `${name}, ${measured}, ${rate}`,
      ),
    ),
  );
  expect(seen).toEqual(wanted);
  for (const { p50, p99, p999, max, frames } of rows) {
    expect(frames).toBeGreaterThan(0);
    expect([p50, p99, p999, max]).toEqual([p50, p99, p999, max].toSorted((a, b) => a - b));
  }
});

test('frames are due at times that wait for nobody: rising, of the asked mean, the same in every process', () => {
  const schedule = { rate: 20_000, frames: 50_000, seed: 7 };
  const times = intendedMicros(schedule);
  expect(intendedMicros(schedule)).toEqual(times);
  expect(times.toSorted()).toEqual(times);
  expect((times.at(-1) as number) / times.length).toBeGreaterThan(49);
  expect((times.at(-1) as number) / times.length).toBeLessThan(51);
});

test('a percentile is a sample, and a frame that never came back is no sample', () => {
  const samples = Float64Array.from({ length: 1_000 }, (_, i) => 1_000 - i);
  expect(percentiles(samples)).toEqual({ p50: 501, p99: 991, p999: 1_000, max: 1_000 });
  samples[3] = Number.NaN;
  expect(() => percentiles(samples)).toThrow('never answered');
});
