// What can be measured? Steps of operations over one stream of frames, prepared outside of the clock.

export interface Subject {
  readonly steps: number;
  /** Back to the state before the first step; not measured. */
  begin(): void;
  /** What step `step` needs; not measured. */
  prepare(step: number): void;
  /** The measured part; answers how many operations it was. */
  run(step: number): number;
  /** After all steps: the digest of every book, undefined where none is kept. */
  digests(): Readonly<Record<string, string>> | undefined;
}

export interface Timing {
  readonly nsPerOp: number;
  readonly ops: number;
}

export interface Garbage {
  readonly garbageBytesPerOp: number;
  readonly ops: number;
}

/** Whole passes until the compiler has had its time: at least two, for what it learns in the first it may unlearn in the second. */
export function warmUp(subject: Subject, cpuMsMin: number): void {
  const started = process.cpuUsage();
  for (let pass = 0; ; pass++) {
    const { user, system } = process.cpuUsage(started);
    if (pass >= 2 && user + system >= cpuMsMin * 1_000) return;
    playThrough(subject);
  }
}

function playThrough(subject: Subject): void {
  subject.begin();
  for (let step = 0; step < subject.steps; step++) {
    subject.prepare(step);
    subject.run(step);
  }
}

export interface Wanted {
  readonly measure: readonly ('time' | 'garbage')[];
  /** Our own code is weighed over whole passes, preparation included. */
  readonly own: boolean;
  readonly cpuMsMin: number;
  readonly garbageOps: number;
}

export interface Measured {
  readonly timing: Timing | undefined;
  readonly garbage: Garbage | undefined;
  readonly digests: Readonly<Record<string, string>> | undefined;
}

export function measureSubject(subject: Subject, { measure, own, cpuMsMin, garbageOps }: Wanted): Measured {
  warmUp(subject, cpuMsMin);
  const timing = measure.includes('time') ? timeSubject(subject, cpuMsMin) : undefined;
  const garbage = measure.includes('garbage') ? (own ? weighPasses : weighSteps)(subject, garbageOps) : undefined;
  // Measuring ends anywhere in a stream. What it got wrong on the way there must be seen in the books as well.
  playThrough(subject);
  return { timing, garbage, digests: subject.digests() };
}

/**
 * CPU time of the whole process, garbage collector and compiler threads included, so that a neighbour on the core is not
 * counted. Each reading adds under a microsecond to its step.
 */
export function timeSubject(subject: Subject, cpuMsMin: number): Timing {
  let ops = 0;
  let micros = 0;
  while (micros < cpuMsMin * 1_000) {
    subject.begin();
    for (let step = 0; step < subject.steps && micros < cpuMsMin * 1_000; step++) {
      subject.prepare(step);
      const before = process.cpuUsage();
      ops += subject.run(step);
      const used = process.cpuUsage(before);
      micros += used.user + used.system;
    }
  }
  return { nsPerOp: (micros * 1_000) / ops, ops };
}

function collect(): void {
  if (globalThis.gc === undefined) throw new Error('garbage is measured under --expose-gc');
  globalThis.gc();
}

const heapUsed = (): number => process.memoryUsage().heapUsed;

/** A young generation this large is not collected within a step, so growth is all that was allocated. */
export const GARBAGE_FLAGS = ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512'];
const COLLECT_EVERY_BYTES = 128 * 2 ** 20;

/** Heap growth step by step: for those who allocate, and whose preparation does. */
export function weighSteps(subject: Subject, opsMin: number): Garbage {
  let ops = 0;
  let bytes = 0;
  while (ops < opsMin) {
    subject.begin();
    collect();
    let floor = heapUsed();
    for (let step = 0; step < subject.steps && ops < opsMin; step++) {
      subject.prepare(step);
      const before = heapUsed();
      if (before - floor > COLLECT_EVERY_BYTES) {
        collect();
        floor = heapUsed();
      }
      const start = heapUsed();
      ops += subject.run(step);
      bytes += heapUsed() - start - READING_BYTES;
    }
  }
  return { garbageBytesPerOp: Math.max(0, bytes / ops), ops };
}

/** Heap growth over whole passes, preparation included: for those who claim to allocate nothing. */
export function weighPasses(subject: Subject, opsMin: number): Garbage {
  let ops = 0;
  let bytes = 0;
  while (ops < opsMin) {
    subject.begin();
    collect();
    const start = heapUsed();
    for (let step = 0; step < subject.steps; step++) {
      subject.prepare(step);
      ops += subject.run(step);
    }
    bytes += heapUsed() - start - READING_BYTES;
  }
  return { garbageBytesPerOp: bytes / ops, ops };
}

/** What one reading of the heap itself leaves behind: the median of many. */
const READING_BYTES = ((): number => {
  const grown: number[] = [];
  for (let i = 0; i < 101; i++) {
    const start = heapUsed();
    grown.push(heapUsed() - start);
  }
  return grown.toSorted((a, b) => a - b)[50] as number;
})();
