// Does the table of everything go on where a part breaks, and say in its row what could not be measured?
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { printOverview, runOverview } from '../../../bench/report/overview.ts';
import { canPin } from '../../../bench/measure/processes.ts';
import { contextOf } from '../../../bench/report/report.ts';
import { keepResult, watchSources } from '../../../bench/report/results.ts';
import { FULL, QUICK } from '../../../bench/measure/size.ts';

const options = { size: QUICK, seed: 7, peers: false, say: () => undefined };
const parts = [
  {
    bench: 'book',
    run: () =>
      Promise.resolve([
        { bench: 'book', what: 'frame', name: 'ours', value: 412.34, unit: 'ns', ratio: 1, spread: 0.05 },
        { bench: 'book', what: 'frame', name: 'native C', note: 'this machine has no C compiler' },
      ]),
  },
  { bench: 'orders', run: () => Promise.reject(new Error('no exchange\nat line 7')) },
  {
    bench: 'scan',
    run: () => Promise.resolve([{ bench: 'scan', what: 'look', name: 'ours', value: 4.4, unit: 'µs' }]),
  },
];

test('a part that breaks has a row that says why, those behind it are measured, and the run is no success', async () => {
  const overview = await runOverview(parts, options);
  expect(overview.failed).toEqual(['orders']);
  const lines = printOverview(overview, options, false).trimEnd().split('\n').slice(2);
  expect(lines.map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
    'bench | what | name | figure | ratio | spread | note',
    'book | frame | ours | 412 ns | 1.00× | 5 %',
    'book | frame | native C | not measured | this machine has no C compiler',
    'orders | the whole part | not measured | failed: no exchange',
    'scan | look | ours | 4.40 µs',
    'A quick run: it shows that the bench works; its figures say little.',
  ]);
});

test('the same as JSON names machine, Node, sources and seed', async () => {
  const told: unknown = JSON.parse(printOverview(await runOverview(parts, options), options, true));
  expect(told).toMatchObject({
    bench: 'all',
    machine: { cores: expect.any(Number) },
    node: process.versions.node,
    source: expect.any(String),
    seed: 7,
    failed: ['orders'],
    rows: [{ value: 412.34, unit: 'ns' }, { name: 'native C' }, { bench: 'orders' }, { value: 4.4 }],
  });
});

test('a result says that it was pinned where it was, and not where its threads share the cores', () => {
  const pinned = (bench: string, size: typeof FULL) => contextOf(bench, { ...options, size }, []).machine.pinned;
  expect(['book', 'path', 'orders', 'scaling', 'store'].map((bench) => pinned(bench, FULL))).toEqual([
    canPin,
    false,
    false,
    false,
    false,
  ]);
  expect(pinned('book', QUICK)).toBe(false);
});

test('results are kept beside each other, and of references there is one of each bench: the last', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'plotnost-results-'));
  try {
    keepResult('path', '{"run":1}', { folder });
    keepResult('path', '{"run":2}', { isReference: true, folder });
    expect(keepResult('path', '{"run":3}', { isReference: true, folder })).toMatch(
      /^kept as .*reference-path\.json\n$/,
    );
    keepResult('book', '{"run":4}', { isReference: true, folder });
    const names = (await readdir(folder)).toSorted();
    expect(names).toEqual([
      expect.stringMatching(/^path-\d{4}-.*\.json$/),
      'reference-book.json',
      'reference-path.json',
    ]);
    const reference = () => readFile(path.join(folder, 'reference-path.json'), 'utf8');
    expect(await reference()).toBe('{"run":3}');
    const said = keepResult('path', '{"run":5}', { isReference: true, isWhole: false, folder });
    expect(said).toMatch(/^the run is not whole and no reference: kept as .*path-\d{4}-.*\.json\n$/);
    expect(await reference()).toBe('{"run":3}');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a result names the sources that were measured: as they stood when it began, and what became of them meanwhile', async () => {
  const home = await mkdtemp(path.join(os.tmpdir(), 'plotnost-sources-'));
  const git = (...words: string[]) => execFileSync('git', words, { cwd: home, encoding: 'utf8' });
  const commit = (): string => {
    git('add', '.');
    git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '-qm', 'A step');
    return git('describe', '--always').trim();
  };
  try {
    expect(watchSources(home)()).toBe('unknown');
    git('init', '-q');
    await writeFile(path.join(home, 'a.ts'), '1');
    const result = path.join(home, 'bench', 'results', 'reference-book.json');
    await mkdir(path.dirname(result), { recursive: true });
    await writeFile(result, '1');
    const first = commit();
    // Another result is no other source.
    await writeFile(result, '2');
    const told = watchSources(home);
    expect(told()).toBe(first);
    await writeFile(path.join(home, 'a.ts'), '2');
    expect([told(), watchSources(home)()]).toEqual([`${first} to ${first}-dirty`, `${first}-dirty`]);
    expect(`${first} to ${commit()}`).toBe(told());
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
