// How long from a frame's hand-over until main has read the result, and from a socket, here and in the conventional build?
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFrameSet } from '../frames/frame-set.ts';
import { syntheticFrames } from '../frames/synthetic.ts';
import { daemonFlags, median, runProcess, spread } from '../measure/processes.ts';
import type { PathFigures, PathJob } from './child.ts';
import type { PathMode } from './engine.ts';
import { STAGES } from './probe.ts';
import { describeStreams } from '../report/report.ts';
import type { Options, Report, Table } from '../report/report.ts';
import type { Percentiles } from '../measure/schedule.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
const DEPTH = 50;
const OWN: readonly PathMode[] = ['empty', 'inline', 'pool', 'auto'];
/** Of the pool, where main looks by itself. */
const FLOOR: readonly PathMode[] = ['sleeper'];
const CONVENTIONAL: readonly PathMode[] = ['conventional', 'conventional-newest'];
/** `auto` must not have moved for the warm-up's sake: fewer frames at full speed, then seconds at the rate in which it settles. */
const AUTO_WARM_UP = 4_000;

const NAMES: Readonly<Record<PathMode, string>> = {
  empty: 'reference: empty handler',
  sleeper: 'reference: empty thread, asleep',
  inline: 'plotnost inline',
  pool: 'plotnost pool, asleep',
  auto: 'plotnost auto',
  conventional: 'conventional, a task a message',
  'conventional-newest': 'conventional, newest book only',
};

export interface PathRow extends Percentiles {
  readonly name: string;
  readonly measured: 'hand-over → signal read' | 'wire → signal read';
  readonly rate: number;
  readonly frames: number;
  /** p50 over that of our inline mode in the same run; 0 for the references. */
  readonly ratio: number;
  /** (largest − smallest p50) / median p50. */
  readonly spread: number;
  readonly runs: number;
  /** How often a book was scanned for these frames: one scan may answer several. */
  readonly scans: number;
  /** Frames without a result when the last one was due, the time that took, and those that never got one. */
  readonly backlog: number;
  readonly drainMs: number;
  readonly lost: number;
  readonly note: string;
}

/** Ours run as the daemon does; the conventional build as Node does by itself. */
export const flagsOf = (mode: PathMode): readonly string[] => (CONVENTIONAL.includes(mode) ? [] : daemonFlags());

const round = (value: number): number => Math.round(value * 10) / 10;

const middleOf = (all: readonly Percentiles[]): Percentiles => {
  const of = (key: keyof Percentiles): number => round(median(all.map((one) => one[key])));
  return { p50: of('p50'), p90: of('p90'), p99: of('p99'), p999: of('p999'), max: of('max') };
};

const measuredOf = ({ wire }: PathJob): PathRow['measured'] =>
  wire ? 'wire → signal read' : 'hand-over → signal read';

export async function benchPath(options: Options): Promise<Report> {
  const { size, seed, say } = options;
  const { runs, rates, warmUp, seconds, leadSeconds } = size.path;
  const longest = warmUp + Math.max(...rates) * (seconds + leadSeconds);
  const set = syntheticFrames(DEPTH, size.symbols, longest, seed);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'plotnost-bench-'));
  try {
    const frames = path.join(folder, 'path.frames');
    writeFrameSet(frames, set);
    const jobs = [false, true].flatMap((wire) =>
      rates.flatMap((rate) =>
        [...OWN, ...(wire ? CONVENTIONAL : FLOOR)].map((mode): PathJob => {
          const lead = rate * leadSeconds;
          return {
            mode,
            wire,
            frames,
            warmUp: mode === 'auto' ? Math.min(warmUp, AUTO_WARM_UP) : warmUp,
            lead,
            schedule: { rate, frames: rate * seconds + lead, seed },
          };
        }),
      ),
    );
    const results = jobs.map((): PathFigures[] => []);
    for (let run = 1; run <= runs; run++) {
      for (const [index, job] of jobs.entries()) {
        say(
          `run ${run} of ${runs}: ${NAMES[job.mode]}, ${job.wire ? 'over a socket, ' : ''}${job.schedule.rate} frames/s`,
        );
        // Not pinned: sender, main and workers need the cores between them.
        results[index]?.push(await runProcess<PathFigures>(CHILD, job, flagsOf(job.mode), false));
      }
    }
    const rows = jobs.map((job, index) => rowOf(job, results[index] ?? []));
    const withRatios = rows.map((row): PathRow => {
      const ours = rows.find(
        ({ name, measured, rate }) => name === NAMES.inline && measured === row.measured && rate === row.rate,
      );
      const ratio = ours === undefined || row.name.startsWith('reference') ? 0 : row.p50 / ours.p50;
      return { ...row, ratio: Math.round(ratio * 100) / 100 };
    });
    return {
      rows: withRatios,
      streams: describeStreams([set]),
      figures: {},
      tables: [stageTable(jobs, results)],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowOf(job: PathJob, measured: readonly PathFigures[]): PathRow {
  const middle = (of: (figures: PathFigures) => number): number => round(median(measured.map(of)));
  return {
    name: NAMES[job.mode],
    measured: measuredOf(job),
    rate: job.schedule.rate,
    frames: job.schedule.frames - job.lead,
    ...middleOf(measured.map(({ total }) => total)),
    ratio: 0,
    spread: Math.round(spread(measured.map(({ total }) => total.p50)) * 1_000) / 1_000,
    runs: measured.length,
    scans: middle(({ scans }) => scans),
    backlog: middle(({ backlog }) => backlog),
    drainMs: middle(({ drainMs }) => drainMs),
    lost: measured.reduce((sum, { lost }) => sum + lost, 0),
    note: [...new Set(measured.map(({ note }) => note))].join('; '),
  };
}

function stageTable(jobs: readonly PathJob[], results: readonly (readonly PathFigures[])[]): Table {
  const rows = jobs.flatMap((job, index): Table['rows'][number][] =>
    STAGES.flatMap((stage) => {
      const told = (results[index] ?? []).flatMap(({ stages }) => stages[stage] ?? []);
      if (told.length === 0) return [];
      const { p50, p90, p99, p999, max } = middleOf(told);
      const { rate } = job.schedule;
      return [
        {
          measured: job.wire ? 'wire' : 'hand-over',
          name: NAMES[job.mode],
          rate,
          stage,
          p50,
          p90,
          p99,
          'p99.9': p999,
          max,
        },
      ];
    }),
  );
  return {
    title:
      'stages, µs: received since the frame was due, all others since it was received ' +
      '(pool and auto: woken and book scanned are the daemon’s own histograms, of one scan in sixteen)',
    rows,
  };
}
