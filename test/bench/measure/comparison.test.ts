// Do the comparing benches print what they promise, and does a wrong book fail them?
import { statSync } from 'node:fs';
import { expect, test } from 'vitest';

import type { Row } from '../../../bench/measure/comparison.ts';
import { comparedLines } from '../../../bench/report/overview-parts.ts';
import { digestLevels } from '../../../bench/frames/frame-set.ts';
import { syntheticFrames } from '../../../bench/frames/synthetic.ts';
import type { Frame } from '../../../bench/frames/reference-book.ts';
import { checkBooks, expectedDigests, referenceBooks } from '../../../bench/frames/reference-book.ts';
import { measureSubject, timeSubject, warmUp } from '../../../bench/measure/subject.ts';
import { quickReport, runBench } from '../bench-run.ts';

interface Report {
  readonly rows: readonly Row[];
  readonly machine: object;
  readonly node: string;
  readonly seed: number;
  readonly sha256: string;
  readonly levelUpdateFlatness: number;
}

const ROW = {
  name: expect.any(String),
  version: expect.any(String),
  depth: expect.any(Number),
  source: expect.stringMatching(/^(synthetic|recording)$/),
  nsPerOp: expect.any(Number),
  ratio: expect.any(Number),
  garbageBytesPerOp: expect.any(Number),
  spread: expect.any(Number),
};

const CONTEXT = {
  machine: expect.objectContaining({ cpu: expect.any(String), cores: expect.any(Number) }),
  node: process.versions.node,
  seed: 7,
  sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
};

function streamsOf(rows: readonly Row[], name: string): string[] {
  return rows.filter((row) => row.name === name).map(({ source, depth }) => `${source} ${depth}`);
}

test('the book bench feeds our book and JSON.parse all depths and the recording, and shows the level update at four depths', async () => {
  const report = await quickReport<Report>('book');
  const notes = comparedLines('book', report.rows).map(({ name, note = '' }) => [name, note.endsWith('keeps no book')]);
  expect(Object.fromEntries(notes)).toMatchObject({
    plotnost: false,
    'JSON.parse': true,
    'plotnost level update': false,
  });
  expect(report).toMatchObject(CONTEXT);
  for (const row of report.rows) expect(row).toMatchObject(ROW);
  const streams = ['synthetic 50', 'synthetic 200', 'synthetic 1000', 'recording 200'];
  expect(streamsOf(report.rows, 'plotnost')).toEqual(streams);
  expect(streamsOf(report.rows, 'JSON.parse')).toEqual(streams);
  const levels = report.rows.filter(({ operation }) => operation === 'level update');
  expect(levels.map(({ depth, book }) => [depth, book])).toEqual([50, 200, 500, 1000].map((depth) => [depth, 'equal']));
  expect(report.levelUpdateFlatness).toBeGreaterThanOrEqual(0);
  for (const row of report.rows.filter(({ name }) => name === 'plotnost')) {
    expect(row).toMatchObject({ book: 'equal', ratio: 1 });
  }
});

test('the scan bench scans the same books here and as the original design had it', async () => {
  const report = await quickReport<Report>('scan');
  expect(report).toMatchObject(CONTEXT);
  for (const row of report.rows) expect(row).toMatchObject({ ...ROW, book: 'equal' });
  const names = new Set(report.rows.map(({ name }) => name));
  expect(names.size).toBe(4);
  for (const name of names)
    expect(streamsOf(report.rows, name)).toEqual(['synthetic 50', 'synthetic 200', 'synthetic 1000', 'recording 200']);
});

test('one lot more at one price of one symbol is another book, and a symbol that is missing too', () => {
  const set = syntheticFrames(50, 4, 200, 7);
  const expected = expectedDigests(set);
  const books = referenceBooks([...set.snapshots, ...set.deltas]);
  const digests = Object.fromEntries(Array.from(books, ([symbol, levels]) => [symbol, digestLevels(levels)]));
  expect(() => checkBooks({ variant: 'right', set }, expected, digests)).not.toThrow();
  const [symbol, levels] = [...books][2] as [string, { bids: [number, number][]; asks: [number, number][] }];
  const [price, size] = levels.bids[49] as [number, number];
  const bids = levels.bids.with(49, [price, size + 1]);
  const wrong = { ...digests, [symbol]: digestLevels({ bids, asks: levels.asks }) };
  expect(() => checkBooks({ variant: 'wrong', set }, expected, wrong)).toThrow(`1 of 4 symbols, first ${symbol}`);
  const { [symbol]: _, ...fewer } = digests;
  expect(() => checkBooks({ variant: 'wrong', set }, expected, fewer)).toThrow(`first ${symbol}`);
  expect(() => checkBooks({ variant: 'wrong', set }, expected, undefined)).toThrow('4 of 4 symbols');
});

test('the books are looked at when all is measured: what went wrong under the clock is seen', () => {
  let played = 0;
  const subject = {
    steps: 2,
    begin: () => undefined,
    prepare: () => undefined,
    run: (step: number) => (played += step),
    digests: () => ({ BTCUSDT: String(played) }),
  };
  const { timing, digests } = measureSubject(subject, { measure: ['time'], own: true, cpuMsMin: 2, garbageOps: 1 });
  expect(timing?.ops).toBeGreaterThan(0);
  expect(digests).toEqual({ BTCUSDT: String(played) });
});

test('a time is all that the process took for its steps, in user and in kernel, and of the steps alone', () => {
  let [inside, passes] = [0, 0];
  const cpuMicros = (since?: NodeJS.CpuUsage): number => {
    const { user, system } = process.cpuUsage(since);
    return user + system;
  };
  const subject = {
    steps: 1,
    begin: () => void passes++,
    prepare: () => undefined,
    run() {
      const begun = process.cpuUsage();
      while (cpuMicros(begun) < 2_000) statSync('.');
      inside += cpuMicros(begun);
      return 10;
    },
    digests: () => undefined,
  };
  warmUp(subject, 0);
  expect(passes).toBe(2);
  inside = 0;
  const begun = process.cpuUsage();
  const { nsPerOp, ops } = timeSubject(subject, 20);
  const around = cpuMicros(begun);
  const told = (nsPerOp * ops) / 1_000;
  expect([told >= inside, told <= around, ops / 10]).toEqual([true, true, passes - 2]);
});

test('a synthetic stream is the same bytes for the same seed, a dozen changes a frame, and never leaves its window', () => {
  const set = syntheticFrames(50, 8, 800, 7);
  expect(syntheticFrames(50, 8, 800, 7).sha256).toBe(set.sha256);
  expect(syntheticFrames(50, 8, 800, 8).sha256).not.toBe(set.sha256);
  expect(set.changes / set.deltas.length).toBeGreaterThan(9);
  expect(set.changes / set.deltas.length).toBeLessThan(14);
  const updates = new Map<string, number[]>();
  for (const bytes of [...set.snapshots, ...set.deltas]) {
    const { data } = JSON.parse(bytes.toString()) as Frame;
    updates.set(data.s, [...(updates.get(data.s) ?? []), data.u]);
  }
  for (const numbers of updates.values()) expect(numbers).toEqual(numbers.map((_, message) => message + 1));
  for (const { bids, asks } of referenceBooks([...set.snapshots, ...set.deltas]).values()) {
    expect([bids.length, asks.length]).toEqual([50, 50]);
    expect(bids[0]?.[0]).toBeLessThan(asks[0]?.[0] as number);
  }
});

test('a bench that does not exist and a flag that does not exist are refused with the list of those that do', async () => {
  for (const args of [
    ['--fast'],
    ['nope'],
    ['book', '--fast'],
    ['book', '--quick', '--reference'],
    ['book', '--without-peers', '--reference'],
  ]) {
    const { code, out, errors } = await runBench(...args);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(errors).toContain('scan of a book after a typical message');
  }
});
