// Are the figures in the READMEs’ tables, and those of `load` and `soak`, the ones of the kept results?
import { expect, test } from 'vitest';
import type { LoadResult } from '../../bench/load/run.ts';
import type { Soak } from '../../bench/soak/main.ts';
import { figure, isExact, joined, kept, read, READMES, type Row } from './kept.ts';

const path = kept('path');

const HAND = 'hand-over → signal read';
const WIRE = 'wire → signal read';
/** In the order of the table; a stage is counted from when the handler had the frame. */
const TOLD = [
  { name: 'reference: empty handler', measured: HAND },
  { name: 'plotnost inline', measured: HAND },
  { name: 'plotnost inline', measured: 'hand-over', stage: 'emitted' },
  { name: 'reference: empty thread, asleep', measured: HAND },
  { name: 'plotnost pool, asleep', measured: HAND },
  { name: 'reference: empty handler', measured: WIRE },
  { name: 'plotnost inline', measured: WIRE },
  { name: 'plotnost inline', measured: 'wire', stage: 'emitted' },
  { name: 'plotnost pool, asleep', measured: WIRE },
  { name: 'conventional, a task a message', measured: WIRE },
];
/** Of both languages: `1,200`, `1 200`, `12.5` and `12,5`. */
function numbersIn(text: string): number[] {
  const found = joined(text).match(/\d+(?:[.,]\d+)?/g) ?? [];
  return found.map((number) => Number(number.replace(',', '.')));
}

const isRounded = (told: number, measured: number): boolean => Math.abs(told - measured) <= 0.05 * measured + 0.03;
test.each(READMES)('%s tells of each way of a frame what the kept result has', (file) => {
  const readme = read(file);
  const table = readme.slice(readme.indexOf('reference-path.json`'));
  const lines = [...table.matchAll(/^\| ([^-|].*) \|$/gm)].map(([line]) => line).slice(0, TOLD.length);
  const told = lines.map((line) => line.split('|').slice(2, 4).map(numbersIn));
  const all = [...path.rows, ...path.tables.flatMap(({ rows }) => rows)];
  const wrong = TOLD.flatMap((of, i) =>
    [2_000, 20_000].flatMap((rate, column) => {
      // What falls behind without end has no figure of its own there: the newest book's stand for it.
      const isEndless = rate === 20_000 && of.name.startsWith('conventional');
      const wanted = { ...of, rate, ...(isEndless ? { name: 'conventional, newest book only' } : {}) };
      const row = all.find((one) => Object.entries(wanted).every(([key, value]) => one[key] === value));
      const cell = told[i]?.[column] ?? [];
      const measured = [figure(row, 'p50'), figure(row, 'p99')];
      const isTold = cell.length === 2 && cell.every((number, at) => isRounded(number, measured[at] as number));
      return isTold ? [] : [{ line: lines[i], measured }];
    }),
  );
  expect(wrong).toEqual([]);
});

const OBJECTS = 'original design in objects, clusters over ';
const STREAMS = [50, 200, 1_000, 200].map((depth, i) => ({ depth, source: i === 3 ? 'recording' : 'synthetic' }));

const fastestPeer = (rows: readonly Row[]): Row | undefined =>
  rows
    .filter((row) => row['book'] === 'equal' && !/^(?:plotnost|native C)/.test(String(row['name'])))
    .toSorted((a, b) => figure(a, 'ratio') - figure(b, 'ratio'))[0];

test.each(READMES)('%s names the fastest peer of each stream', (file) => {
  const named = [...read(file).matchAll(/^\| .* \((\S+)\) \| [\d.,]+ \| [\d.,]+ \|$/gm)].map(([, name]) => name);
  const fastest = STREAMS.map(({ depth, source }) =>
    fastestPeer(kept('book').rows.filter((row) => row['depth'] === depth && row['source'] === source)),
  );
  expect(named).toEqual(fastest.map((row) => String(row?.['name']).split(' ')[0]));
});

test.each(READMES)('%s tells of book and scan what the kept results have, to the last digit', (file) => {
  const readme = read(file);
  const cellsOf = (name: string): string[][] => {
    const table = readme.slice(readme.indexOf(`reference-${name}.json`));
    const lines = [...table.matchAll(/^\| .*\d.* \|$/gm)].map(([line]) => line);
    const data = lines.filter((line) => /^\| [^|]*\d[^|]* \| \d/.test(line)).slice(0, STREAMS.length);
    return data.map(
      (line) =>
        line
          .split('|')
          .slice(2)
          .join()
          .match(/\d+(?:[.,]\d+)?/g) ?? [],
    );
  };
  const measuredOf = ({ depth, source }: (typeof STREAMS)[number], name: string) => {
    const rows = kept(name).rows.filter((row) => row['depth'] === depth && row['source'] === source);
    const of = (wanted: string, at: string) =>
      figure(
        rows.find((row) => row['name'] === wanted),
        at,
      );
    const own = of('plotnost', 'nsPerOp') / 1_000;
    const objects = ['3 ticks', '0.05 %'].map((range) => of(OBJECTS + range, 'ratio'));
    if (name === 'scan') return [own, ...objects, of('plotnost, whole scan', 'nsPerOp') / 1_000];
    return [
      own,
      figure(fastestPeer(rows), 'ratio'),
      of('JSON.parse', 'ratio'),
      (1_000 * own) / of('native C', 'nsPerOp'),
    ];
  };
  const wrong = ['book', 'scan'].flatMap((name) => {
    const cells = cellsOf(name);
    return STREAMS.flatMap((stream, i) => {
      const measured = measuredOf(stream, name);
      const told = cells[i] ?? [];
      const isTold = told.length === measured.length && told.every((one, k) => isExact(one, measured[k] as number));
      return isTold ? [] : [{ name, told, measured }];
    });
  });
  expect(wrong).toEqual([]);
});

test.each(READMES)('%s says how old the scanned books were', (file) => {
  const { streams } = kept('scan');
  const ages = streams.flatMap(({ source, frames, symbols }) => (source === 'synthetic' ? [frames / symbols] : []));
  expect(ages).toEqual([100, 50, 30]);
  expect(read(file)).toMatch(/100, 50 (?:and|и) 30 (?:messages old|сообщений от роду)/);
});

test.each(READMES)('%s tells of the garbage of a scan what the kept result has', (file) => {
  const scans = kept('scan').rows.filter(({ source, depth }) => source === 'synthetic' && depth === 50);
  const left = (wanted: string) =>
    figure(
      scans.find(({ name }) => name === wanted),
      'garbageBytesPerOp',
    );
  const [paragraph = ''] = read(file)
    .split('\n\n')
    .filter((text) => text.includes('ingest-garbage.test.ts'));
  const told = /(\d+[.,]\d+)\s+(?:bytes|байт)/.exec(paragraph)?.[1] ?? '';
  expect({ isTold: isExact(told, left('plotnost, whole scan')), densities: left('plotnost') }).toEqual({
    isTold: true,
    densities: 0,
  });
});

/** Of each line of the table; the last one has words. */
const AXES = ['symbols', 'depth', 'rate', 'rate'];

test.each(READMES)('%s tells how a frame’s cost goes with load as the kept result has it', (file) => {
  const [books, depths, rates, workers] = kept('scaling').tables.map(({ rows }) => rows) as Row[][];
  const wanted = [books, depths, rates?.slice(0, 3), rates?.slice(3), workers?.slice(0, 5)] as Row[][];
  const readme = read(file);
  const table = readme.slice(readme.indexOf('reference-scaling.json`'));
  // Behind the heading, which has a number as well.
  const lines = [...table.matchAll(/^\| .*\d.* \|$/gm)].map(([line]) => line).slice(1, 1 + wanted.length);
  const wrong = wanted.flatMap((rows, i) =>
    [AXES[i], 'mainMicrosPerFrame', 'ageMsP99'].flatMap((at, column) => {
      if (at === undefined) return [];
      const told = numbersIn(lines[i]?.split('|')[column + 2] ?? '');
      const measured = rows.map((row) => figure(row, at));
      const isTold = told.length === measured.length && told.every((one, k) => isRounded(one, measured[k] as number));
      return isTold ? [] : [{ line: lines[i], measured }];
    }),
  );
  expect(wrong).toEqual([]);
});

test.each(READMES)('%s tells of load and soak what the kept results have, to the last digit', (file) => {
  const [load, soak] = [kept<LoadResult>('load'), kept<Soak>('soak')];
  const ages = soak.looks.map(({ p99Ms }) => p99Ms);
  const readme = joined(read(file));
  const told = readme.slice(readme.indexOf('reference-load.json')).match(/\d+(?:[.,]\d+)?/g) ?? [];
  const measured = [
    load.framesApplied / 1e6,
    load.bookAgeMs.p50,
    load.bookAgeMs.p99,
    load.mainMicrosPerFrame,
    load.bytesPerBook / 1_000,
    load.collections,
    load.longCollections,
    load.gcMaxMs,
    load.gcMs / load.collections,
    load.senderLatestMs,
    soak.framesApplied / 1e6,
    Math.min(...ages),
    Math.max(...ages),
    ...(['heapKept', 'external', 'rss'] as const).flatMap((what) => {
      const { perHour, confidence, mean } = soak.slopes[what];
      return [perHour / 1e6, confidence / 1e6, mean / 1e6];
    }),
  ];
  // In this order, whatever else is told between them.
  let at = 0;
  const missing = measured.filter((number) => {
    const found = told.findIndex((one, place) => place >= at && isExact(one, number));
    if (found >= 0) at = found + 1;
    return found < 0;
  });
  expect(missing).toEqual([]);
});
