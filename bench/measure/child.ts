// What happens in one measuring process? One implementation, one stream, one figure, as a line of JSON.
import { inlineConstants } from '../../src/lib/literals.ts';
import { readFrameSet } from '../frames/frame-set.ts';
import type { FrameSet } from '../frames/frame-set.ts';
import { measureSubject, type Subject, type Wanted } from './subject.ts';

export interface Job extends Wanted {
  readonly bench: 'book' | 'level' | 'scan' | 'function';
  readonly variant: string;
  readonly frames: string;
}

async function createSubject(job: Job, set: FrameSet): Promise<Subject> {
  switch (job.bench) {
    case 'book':
      return (await import('../book/subject.ts')).createBookSubject(job.variant, set);
    case 'level':
      return (await import('../book/level-subject.ts')).createLevelSubject(set);
    case 'scan':
      return (await import('../scan/subject.ts')).createScanSubject(job.variant, set);
    case 'function':
      return (await import('../functions/subject.ts')).createFunctionSubject(job.variant, set);
  }
}

// As the engine does before it loads itself.
inlineConstants();
const job = JSON.parse(process.argv[2] ?? '{}') as Job;
const measured = measureSubject(await createSubject(job, readFrameSet(job.frames)), job);
// Some peers keep timers or sockets open.
process.stdout.write(`${JSON.stringify(measured)}\n`, () => process.exit(0));
