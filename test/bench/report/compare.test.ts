// Does the comparison of two results show what changed, and say when they are not of the same thing?
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { compareResults, describeComparison, readResult, ResultError } from '../../../bench/report/compare.ts';
import { runBench } from '../bench-run.ts';

const row = (name: string, depth: number, nsPerOp: number, spread: number) => ({
  name,
  version: '1',
  depth,
  nsPerOp,
  ratio: 1,
  spread,
  rounds: 5,
});
const BEFORE = {
  bench: 'book',
  node: '24.21.0',
  seed: 7,
  levelUpdateFlatness: 0.1,
  rows: [row('ours', 50, 500, 0.02), row('ours', 200, 600, 0.3), row('theirs', 50, 6_000, 0.05)],
};

test('a figure that moved beyond its spread is shown, one within it is not, whatever the version is called', () => {
  const after = {
    ...BEFORE,
    rows: [{ ...row('ours', 50, 400, 0.03), version: '2' }, row('ours', 200, 700, 0.1), row('others', 50, 1, 0)],
  };
  const compared = compareResults(BEFORE, after);
  expect(compared.differences).toEqual([]);
  const text = describeComparison(compared);
  expect(text).toContain('ours 50 · nsPerOp: 500 → 400, 0.80× (spread 3 %)');
  expect(text).not.toContain('ours 200');
  expect(text).toContain('only before: theirs 50 · nsPerOp');
  expect(text).toContain('only after: others 50 · nsPerOp');
  expect(text).toContain('1 of 5 figures have changed');
});

test('a commit whose name is all digits is no figure', () => {
  const of = (source: string) => ({ ...BEFORE, source });
  const { changes } = compareResults(of('2917097'), of('1100450'));
  expect(changes.filter(({ ratio }) => ratio !== 1)).toEqual([]);
  expect(changes).toHaveLength(7);
});

test('another Node and other frames are named before any figure', () => {
  const text = describeComparison(compareResults(BEFORE, { ...BEFORE, node: '26.0.0', sha256: 'ab' }));
  expect(text).toMatch(/^not the same: node: "24.21.0" and "26.0.0"\nnot the same: sha256: undefined and "ab"\n/);
});

test('whatever two results must share is named where they do not', () => {
  const shared = ['quick', 'peers', 'machine', 'node', 'seed', 'sha256', 'terms'];
  const of = (value: string) => Object.fromEntries(shared.map((key) => [key, value]));
  expect(compareResults(of('a'), of('b')).differences.map((one) => one.split(':')[0])).toEqual(shared);
});

test('results of two benches have nothing to compare: they are refused as data', () => {
  expect(() => compareResults(BEFORE, { ...BEFORE, bench: 'other' })).toThrow(ResultError);
});

test('rows are told apart by what was asked, and are the same however often it was done and whatever was remarked', () => {
  const rowsOf = (p50: number, times: number, remark: string) => ({
    bench: 'scaling',
    streams: [{ frames: times }],
    loadedMicros: { from: times },
    rows: ['depth', 'rate', 'symbols', 'workers'].flatMap((key) =>
      [1, 2].map((value) => ({
        name: key,
        [key]: value,
        p50: p50 * value,
        times,
        garbageOps: times,
        note: remark,
        indexes: remark,
      })),
    ),
  });
  const { changes, onlyBefore } = compareResults(rowsOf(1, 10, 'calm'), rowsOf(3, 20, 'busy'));
  expect(onlyBefore).toEqual([]);
  expect(changes.map(({ after }) => after)).toEqual([3, 6, 3, 6, 3, 6, 3, 6]);
});

test('frames that were lost where none was are shown, and none that stay none are not', () => {
  const of = (lost: number) => ({ bench: 'path', rows: [{ name: 'ours', lost, backlog: 0 }] });
  expect(describeComparison(compareResults(of(0), of(5)))).toMatch(/^ours · lost: 0 → 5, .*\n1 of 2 figures/);
});

test('the figures of a load run are compared by their names', () => {
  const load = { bench: 'load', bookAgeMs: { p50: 1, p99: 10 }, threads: [{ id: 4, cpuSeconds: 1 }] };
  const text = describeComparison(compareResults(load, { ...load, bookAgeMs: { p50: 1, p99: 20 } }));
  expect(text).toBe('bookAgeMs · p99: 10 → 20, 2.00×\n1 of 2 figures have changed by more than their spread and 5 %\n');
});

test('figures that a row tells as people read them are figures, and no part of its name', () => {
  const write = (micros: string, ratio: string, spread: string) => ({
    bench: 'store',
    tables: [
      { title: 'rows', rows: [{ table: 'trades', way: 'COPY', 'client µs/row': micros, ratio, spread, max: '–' }] },
    ],
  });
  const compared = compareResults(write('17.5', '1.05×', '40 %'), write('26.5', '1.04×', '12 %'));
  expect([compared.onlyBefore, compared.onlyAfter]).toEqual([[], []]);
  expect(describeComparison(compared)).toBe(
    'rows · trades COPY · client µs/row: 17.5 → 26.5, 1.51× (spread 40 %)\n' +
      '1 of 2 figures have changed by more than their spread and 5 %\n',
  );
});

test('a file that is missing and one that is no result are refused by name, and two are needed', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'plotnost-compare-'));
  try {
    const file = path.join(folder, 'a.json');
    for (const other of ['[1]', '{"name":"plotnost","version":"0.1.0"}']) {
      await writeFile(file, other);
      expect(() => readResult(file)).toThrow(ResultError);
    }
    expect(() => readResult(path.join(folder, 'b.json'))).toThrow(/b\.json cannot be read/);
    const refused = await runBench('compare', file, file);
    expect(refused.code).toBe(65);
    expect(refused.errors).toContain('a.json is no result');
    expect((await runBench('compare', file)).code).toBe(64);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
