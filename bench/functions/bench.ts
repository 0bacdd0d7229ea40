// What does each hot function cost by itself, what garbage does it make, and does it still do the same?
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { writeFrameSet } from '../frames/frame-set.ts';
import { syntheticFrames } from '../frames/synthetic.ts';
import { HOT_FUNCTIONS } from './subject.ts';
import { measureInterrupted } from '../machine/interrupted.ts';
import { median, round, runJob, spread } from '../measure/processes.ts';
import type { Options, Report, Table } from '../report/report.ts';
import { describeStreams } from '../report/report.ts';
import { measureRested } from '../machine/rest.ts';
import { measureNativeWakeUps, measureWakeUps } from '../machine/wake.ts';

const DEPTH = 200;
const FRAMES_MAX = 20_000;
const WAKE_UPS_A_ROUND = 200;
const NATIVE_WAKE_UPS_A_ROUND = 2_000;
const READS_A_ROUND = 800;
const WORKS_A_ROUND = 2_000;

export async function benchFunctions({ size, seed, say }: Options): Promise<Report> {
  const set = syntheticFrames(DEPTH, size.symbols, Math.min(size.deltas, FRAMES_MAX), seed);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'plotnost-bench-'));
  try {
    const frames = path.join(folder, 'function.frames');
    writeFrameSet(frames, set);
    const names = Object.keys(HOT_FUNCTIONS);
    const times = new Map(names.map((name): [string, number[]] => [name, []]));
    const results = new Map<string, string>();
    const garbage = new Map<string, number>();
    const run = (variant: string, measure: readonly ('time' | 'garbage')[]) => {
      const { cpuMsMin, deepGarbageOps: garbageOps } = size;
      return runJob({ bench: 'function', variant, frames, measure, own: false, cpuMsMin, garbageOps }, size.rounds > 1);
    };
    for (let round = 1; round <= size.rounds; round++) {
      for (const name of names) {
        say(`round ${round} of ${size.rounds}: ${name}`);
        const { timing, digests } = await run(name, ['time']);
        times.get(name)?.push(timing?.nsPerOp ?? Number.NaN);
        const result = digests?.result ?? '';
        if ((results.get(name) ?? result) !== result) throw new Error(`${name} does not do the same every time`);
        results.set(name, result);
      }
    }
    for (const name of names) {
      const measured = await run(name, ['garbage']);
      garbage.set(name, measured.garbage?.garbageBytesPerOp ?? Number.NaN);
    }
    const rows: Table['rows'] = names.map((name) => ({
      file: HOT_FUNCTIONS[name]?.file ?? '',
      call: HOT_FUNCTIONS[name]?.says ?? '',
      nsPerOp: round(median(times.get(name) ?? []), 1),
      spread: round(spread(times.get(name) ?? []), 2),
      garbageBytesPerOp: round(garbage.get(name) ?? Number.NaN, 1),
      result: results.get(name) ?? '',
    }));
    say('waking a thread that sleeps');
    const wakeUps = [
      ...(await measureWakeUps(WAKE_UPS_A_ROUND * size.rounds)),
      ...(await measureNativeWakeUps(folder, NATIVE_WAKE_UPS_A_ROUND * size.rounds)),
    ];
    say('reading memory that has rested');
    const rested = measureRested(READS_A_ROUND * size.rounds, seed);
    say('looking for what takes the core away');
    const interrupted = measureInterrupted(size.rounds, WORKS_A_ROUND * size.rounds, seed);
    return {
      rows: [],
      streams: describeStreams([set]),
      figures: {},
      tables: [
        { title: `hot functions, books of ${DEPTH} levels`, rows },
        { title: 'limits of the machine, wall time in µs', rows: [...wakeUps, ...rested, ...interrupted] },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
