// What happens in one measuring process? One implementation, one stream, one figure, as a line of JSON.
import { inlineConstants } from '../src/literals.ts';
import { readFrameSet } from './frame-set.ts';
import type { FrameSet } from './frame-set.ts';
import { timeSubject, warmUp, weighPasses, weighSteps } from './subject.ts';
import type { Garbage, Subject, Timing } from './subject.ts';

export interface Job {
  readonly bench: 'book' | 'level' | 'scan' | 'function';
  readonly variant: string;
  readonly frames: string;
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

async function createSubject(job: Job, set: FrameSet): Promise<Subject> {
  switch (job.bench) {
    case 'book':
      return (await import('./book-subject.ts')).createBookSubject(job.variant, set);
    case 'level':
      return (await import('./level-subject.ts')).createLevelSubject(set);
    case 'scan':
      return (await import('./scan-subject.ts')).createScanSubject(job.variant, set);
    case 'function':
      return (await import('./function-subject.ts')).createFunctionSubject(job.variant, set);
  }
}

// As the engine does before it loads itself.
inlineConstants();
const job = JSON.parse(process.argv[2] ?? '{}') as Job;
const subject = await createSubject(job, readFrameSet(job.frames));
warmUp(subject, job.cpuMsMin);
const measured: Measured = {
  digests: subject.digests(),
  timing: job.measure.includes('time') ? timeSubject(subject, job.cpuMsMin) : undefined,
  garbage: job.measure.includes('garbage') ? (job.own ? weighPasses : weighSteps)(subject, job.garbageOps) : undefined,
};
// Some peers keep timers or sockets open.
process.stdout.write(`${JSON.stringify(measured)}\n`, () => process.exit(0));
