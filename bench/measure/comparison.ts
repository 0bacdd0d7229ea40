// How do measurements of several implementations over several streams become rows?
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { writeFrameSet } from '../frames/frame-set.ts';
import type { FrameSet } from '../frames/frame-set.ts';
import type { Job } from './child.ts';
import { median, round, runJob, spread } from './processes.ts';
import { buildNative, findCompiler, NATIVE, runNative, writeNativeFrames } from './native.ts';
import { checkBooks, expectedDigests } from '../frames/reference-book.ts';
import type { Size } from './size.ts';
import type { Garbage } from './subject.ts';

/** One implementation on one stream. */
export interface Entry {
  readonly bench: 'book' | 'level' | 'scan';
  readonly variant: string;
  readonly version: string;
  readonly own: boolean;
  readonly keepsBook: boolean;
  readonly set: FrameSet;
}

export interface Row {
  readonly name: string;
  readonly version: string;
  readonly depth: number;
  readonly source: string;
  /** What one operation is. */
  readonly operation: string;
  readonly nsPerOp: number;
  /** Its time over that of the first of ours on the same stream. */
  readonly ratio: number;
  readonly garbageBytesPerOp: number;
  readonly garbageOps: number;
  /** (slowest − fastest round) / median. */
  readonly spread: number;
  readonly rounds: number;
  /** Did it end with the reference's books? `none` where the implementation keeps none. */
  readonly book: 'equal' | 'none';
}

export const OPERATIONS: Readonly<Record<Entry['bench'], string>> = {
  book: 'frame → updated book',
  level: 'level update',
  scan: 'densities after a message',
};

/** Times all entries in interleaved rounds, weighs their garbage, proves that their books are the same. */
export async function compare(entries: readonly Entry[], size: Size, say: (line: string) => void): Promise<Row[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'plotnost-bench-'));
  try {
    const sets = [...new Set(entries.map((entry) => entry.set))];
    const files = new Map(sets.map((set, index) => [set, path.join(folder, `${index}.frames`)]));
    for (const [set, file] of files) writeFrameSet(file, set);
    const expected = new Map(sets.map((set) => [set, expectedDigests(set)]));
    const times = entries.map((): number[] => []);
    /** The C program tells its own at every run, the others once. */
    const garbage = new Map<Entry, Garbage>();

    const natives = new Map<FrameSet, string>();
    const native = (set: FrameSet): string => {
      const file = natives.get(set) ?? `${files.get(set) as string}.native`;
      if (!natives.has(set)) writeNativeFrames(file, set);
      natives.set(set, file);
      return file;
    };
    let built: string | undefined;
    const program = (): string => {
      const compiler = findCompiler();
      if (compiler === undefined) throw new Error('there is no C compiler: its row should have been left out');
      return (built ??= buildNative(compiler, folder));
    };

    // Garbage is weighed in a process of its own, for its flags change the collector. The figures of a single round say
    // little, so there one process does both, on any core.
    const together = size.rounds === 1;
    const run = async (entry: Entry, measure: Job['measure']) => {
      const { bench, variant, own, set } = entry;
      const ownOps = bench === 'scan' && set.depth > 50 ? size.deepGarbageOps : size.ownGarbageOps;
      const garbageOps = own ? ownOps : size.peerGarbageOps;
      const job = {
        bench,
        variant,
        frames: files.get(set) as string,
        measure,
        own,
        cpuMsMin: size.cpuMsMin,
        garbageOps,
      };
      const measured =
        variant === NATIVE ? await runNative(program(), native(set), set, size.cpuMsMin) : await runJob(job, !together);
      if (entry.keepsBook) checkBooks(entry, expected.get(set) ?? {}, measured.digests);
      return measured;
    };
    for (let round = 1; round <= size.rounds; round++) {
      for (const [index, entry] of entries.entries()) {
        say(`round ${round} of ${size.rounds}: ${entry.variant}, ${entry.set.source} ${entry.set.depth}`);
        const measured = await run(entry, together ? ['time', 'garbage'] : ['time']);
        times[index]?.push(measured.timing?.nsPerOp ?? Number.NaN);
        if (measured.garbage !== undefined) garbage.set(entry, measured.garbage);
      }
    }
    for (const entry of together ? [] : entries) {
      say(`garbage: ${entry.variant}, ${entry.set.source} ${entry.set.depth}`);
      const measured = await run(entry, ['garbage']);
      if (measured.garbage !== undefined) garbage.set(entry, measured.garbage);
    }
    return entries.map((entry, index) => {
      const own = entries.findIndex((other) => other.own && other.set === entry.set && other.bench === entry.bench);
      const ns = median(times[index] ?? []);
      return {
        name: entry.variant,
        version: entry.version,
        depth: entry.set.depth,
        source: entry.set.source,
        operation: OPERATIONS[entry.bench],
        nsPerOp: round(ns, 1),
        ratio: round(ns / median(times[own] ?? []), 2),
        garbageBytesPerOp: round(garbage.get(entry)?.garbageBytesPerOp ?? Number.NaN, 2),
        garbageOps: garbage.get(entry)?.ops ?? 0,
        spread: round(spread(times[index] ?? []), 3),
        rounds: size.rounds,
        book: entry.keepsBook ? 'equal' : 'none',
      };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
