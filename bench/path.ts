// How long from a frame's hand-over until main has read the result, and from a socket?
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFrameSet } from './frame-set.ts';
import { syntheticFrames } from './frames.ts';
import { median, runProcess, spread } from './measure.ts';
import type { PathJob } from './path-child.ts';
import type { PathMode } from './path-engine.ts';
import { describeStreams } from './report.ts';
import type { Options, Report } from './report.ts';
import type { Percentiles } from './schedule.ts';

const CHILD = fileURLToPath(new URL('./path-child.ts', import.meta.url));
const DEPTH = 50;
const RATES = [2_000, 20_000] as const;
const MODES: readonly PathMode[] = ['empty', 'inline', 'pool'];

const NAMES: Readonly<Record<PathMode, string>> = {
  empty: 'reference: empty handler',
  inline: 'plotnost inline',
  pool: 'plotnost pool, asleep',
};

export interface PathRow extends Percentiles {
  readonly name: string;
  readonly measured: 'hand-over → signal read' | 'wire → signal read';
  readonly rate: number;
  readonly frames: number;
  /** (largest − smallest p50) / median p50. */
  readonly spread: number;
  readonly runs: number;
}

export async function benchPath(options: Options): Promise<Report> {
  const { size, seed, say } = options;
  const { runs, warmUp, seconds } = size.path;
  const longest = warmUp + Math.max(...RATES) * seconds;
  const set = syntheticFrames(DEPTH, size.symbols, longest, seed);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'plotnost-bench-'));
  try {
    const frames = path.join(folder, 'path.frames');
    writeFrameSet(frames, set);
    const jobs = [false, true].flatMap((wire) =>
      RATES.flatMap((rate) =>
        MODES.map((mode): PathJob => ({
          mode,
          wire,
          frames,
          warmUp,
          schedule: { rate, frames: rate * seconds, seed },
        })),
      ),
    );
    const results = jobs.map((): Percentiles[] => []);
    for (let run = 1; run <= runs; run++) {
      for (const [index, job] of jobs.entries()) {
        say(
          `run ${run} of ${runs}: ${NAMES[job.mode]}, ${job.wire ? 'over a socket, ' : ''}${job.schedule.rate} frames/s`,
        );
        // Not pinned: sender, main and workers need the cores between them.
        results[index]?.push(await runProcess<Percentiles>(CHILD, job, [], false));
      }
    }
    const rows = jobs.map((job, index): PathRow => {
      const measured = results[index] ?? [];
      const middle = (key: keyof Percentiles): number => Math.round(median(measured.map((run) => run[key])) * 10) / 10;
      return {
        name: NAMES[job.mode],
        measured: job.wire ? 'wire → signal read' : 'hand-over → signal read',
        rate: job.schedule.rate,
        frames: job.schedule.frames,
        p50: middle('p50'),
        p99: middle('p99'),
        p999: middle('p999'),
        max: middle('max'),
        spread: Math.round(spread(measured.map((run) => run.p50)) * 1_000) / 1_000,
        runs,
      };
    });
    return { rows, streams: describeStreams([set]), figures: {} };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
