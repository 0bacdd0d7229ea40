// Does the path bench answer every frame in every mode, handed over and over a socket?
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { hashFrames, writeFrameSet } from '../../../bench/frames/frame-set.ts';
import { syntheticFrames } from '../../../bench/frames/synthetic.ts';
import { runProcess } from '../../../bench/measure/processes.ts';
import type { PathFigures } from '../../../bench/path/child.ts';
import { flagsOf, type PathRow } from '../../../bench/path/bench.ts';
import { EMITTED, Probe, RECEIVED } from '../../../bench/path/probe.ts';
import { intendedMicros, percentiles } from '../../../bench/measure/schedule.ts';
import { quickReport } from '../bench-run.ts';

const CHILD = fileURLToPath(new URL('../../../bench/path/child.ts', import.meta.url));

interface Told {
  readonly rows: readonly PathRow[];
  readonly tables: readonly { readonly rows: readonly Readonly<Record<string, string | number>>[] }[];
}

const OWN = ['reference: empty handler', 'plotnost inline', 'plotnost pool, asleep', 'plotnost auto'];
const FLOOR = 'reference: empty thread, asleep';
const CONVENTIONAL = ['conventional, a task a message', 'conventional, newest book only'];

test('every mode answers every frame, handed over and over a socket, beside an empty handler, an empty thread and the conventional build', async () => {
  const { rows, tables } = await quickReport<Told>('path');
  expect(rows.map(({ name, measured }) => `${name}, ${measured}`)).toEqual([
    ...[...OWN, FLOOR].map((name) => `${name}, hand-over → signal read`),
    ...[...OWN, ...CONVENTIONAL].map((name) => `${name}, wire → signal read`),
  ]);
  for (const { p50, p90, p99, p999, max, frames, lost } of rows) {
    expect(frames).toBeGreaterThan(0);
    expect(lost).toBe(0);
    expect([p50, p90, p99, p999, max]).toEqual([p50, p90, p99, p999, max].toSorted((a, b) => a - b));
  }
  const scansOf = (wanted: string): readonly number[] =>
    rows.filter(({ name }) => name === wanted).map(({ scans, frames }) => scans / frames);
  expect(scansOf('plotnost inline')).toEqual([1, 1]);
  expect(scansOf('conventional, a task a message')).toEqual([1]);
  const stages = tables[0]?.rows.filter(({ name }) => name === 'conventional, a task a message');
  expect(stages?.map(({ stage }) => stage)).toEqual([
    'received',
    'frame scanned',
    'applied',
    'woken',
    'book scanned',
    'emitted',
  ]);
});

test.each(['inline', 'conventional'] as const)(
  'answers that come of another book than the frames make are no figures: %s',
  async (mode) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'plotnost-path-'));
    try {
      const whole = syntheticFrames(50, 2, 200, 7);
      // A gap ends our book until its next snapshot; the conventional build does not look for one.
      const deltas = whole.deltas.toSpliced(150, 1);
      const frames = path.join(folder, 'frames');
      writeFrameSet(frames, { ...whole, deltas, sha256: hashFrames(whole.snapshots, deltas) });
      const schedule = { rate: 20_000, frames: 99, seed: 7 };
      const run = runProcess<PathFigures>(
        CHILD,
        { mode, wire: false, frames, warmUp: 100, lead: 0, schedule },
        [],
        false,
      );
      const told = await run.then(
        ({ lost }) => `lost ${lost}`,
        (error: unknown) => String(error),
      );
      expect(told).toMatch(
        mode === 'inline' ? /ends with another book than the reference.* 1 of 2 symbols/ : /^lost 0$/,
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

test('a frame without a result counts as long as it was waited for, and is counted as lost', () => {
  const probe = new Probe(3);
  const due = Float64Array.of(10, 20, 30);
  for (const place of [0, 1, 2]) probe.pass(RECEIVED, place, 1_000 + 31);
  probe.pass(EMITTED, 0, 1_000 + 25);
  probe.pass(EMITTED, 1, 1_000 + 45);
  probe.pass(EMITTED, undefined, 1_000);
  const { total, lost, backlog, drainMs } = probe.answers(due, 1_000, 1_000 + 130);
  expect({ total: total.max, lost, backlog, drainMs }).toEqual({ total: 100, lost: 1, backlog: 2, drainMs: 0.015 });
});

test('a run whose last frame is answered the moment it is due has nothing left to do, and is over when all are answered', () => {
  const probe = new Probe(2);
  let ends = 0;
  probe.onAllAnswered = () => ends++;
  probe.pass(EMITTED, 0, 1_000 + 15);
  expect(ends).toBe(0);
  probe.pass(EMITTED, 1, 1_000 + 20);
  const { lost, backlog, drainMs } = probe.answers(Float64Array.of(10, 20), 1_000, 1_000 + 130);
  expect({ ends, lost, backlog, drainMs }).toEqual({ ends: 1, lost: 0, backlog: 0, drainMs: 0 });
});

test('a stage that a frame never came to lasts as long as it was waited for, and one that nobody came to is not told', () => {
  const probe = new Probe(4);
  for (const place of [0, 1, 2]) probe.pass(RECEIVED, place, 1_000 + 31);
  probe.pass(EMITTED, 0, 1_000 + 35);
  const { stages } = probe.answers(Float64Array.of(10, 20, 30, 40), 1_000, 1_000 + 131);
  const told = Object.entries(stages).map(([stage, percentiles]) => [stage, percentiles?.p50, percentiles?.max]);
  // The fourth has not even been received: 91 after it was due.
  expect(told).toEqual([
    ['received', 21, 91],
    ['emitted', 100, 100],
  ]);
});

test('frames of the lead are measured like all others, and not counted', () => {
  const probe = new Probe(3, 1);
  for (const place of [0, 1, 2]) probe.pass(RECEIVED, place, 1_000 + 31);
  probe.pass(EMITTED, 1, 1_000 + 45);
  probe.pass(EMITTED, 2, 1_000 + 50);
  const { total, lost, stages } = probe.answers(Float64Array.of(10, 20, 30), 1_000, 1_000 + 130);
  expect({ shortest: total.p50, longest: total.max, lost }).toEqual({ shortest: 25, longest: 25, lost: 0 });
  expect({ received: stages.received?.p50, emitted: stages.emitted?.max }).toEqual({ received: 11, emitted: 19 });
});

test('our modes and the floors beneath them run under the flags that `npm start` gives, the conventional build under none', () => {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { scripts } = JSON.parse(manifest) as { readonly scripts: { readonly start: string } };
  const given = flagsOf('pool');
  expect(given.length).toBeGreaterThan(0);
  const [variable, ...flags] = given;
  expect(scripts.start).toMatch(`${variable} exec node ${flags.join(' ')} `);
  expect([flagsOf('empty'), flagsOf('inline'), flagsOf('conventional')]).toEqual([given, given, []]);
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
  expect(percentiles(samples)).toEqual({ p50: 501, p90: 901, p99: 991, p999: 1_000, max: 1_000 });
  // Of few samples the larger one beside a share, never the one beyond it.
  expect(percentiles(Float64Array.of(7, 1, 6, 2, 5, 3, 4))).toMatchObject({ p50: 4, p90: 7, max: 7 });
  samples[3] = Number.NaN;
  expect(() => percentiles(samples)).toThrow('never answered');
});
