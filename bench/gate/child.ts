// How does one of two compare with the other, in this very minute? Both in one process, in turns; of each the best of its rounds.
import { inlineConstants } from '../../src/lib/literals.ts';
import type { FrameSet } from '../frames/frame-set.ts';
import { timeSubject, warmUp, weighPasses, type Subject } from '../measure/subject.ts';

export interface GateJob {
  readonly slower: string;
  readonly faster: string;
  readonly rounds: number;
  readonly cpuMs: number;
  /** Operations over which what the faster one leaves behind is weighed. */
  readonly garbageOps: number;
}

export interface GateTimes {
  readonly slowerNs: number;
  readonly fasterNs: number;
  readonly garbageBytesPerOp: number;
}

const SYMBOLS = 8;
const SEED = 7;
const DELTAS: Readonly<Record<string, number>> = { 50: 1_600, 200: 1_600, 1000: 240 };

// As the engine does before it loads itself.
inlineConstants();
const { syntheticFrames } = await import('../frames/synthetic.ts');
const { createBookSubject } = await import('../book/subject.ts');
const { createLevelSubject } = await import('../book/level-subject.ts');
const { createScanSubject, ORIGINAL_NARROW, OWN_SCAN } = await import('../scan/subject.ts');

const CREATE: Readonly<Record<string, (set: FrameSet) => Subject | Promise<Subject>>> = {
  book: (set) => createBookSubject('plotnost', set),
  'JSON.parse': (set) => createBookSubject('JSON.parse', set),
  level: createLevelSubject,
  scan: (set) => createScanSubject(OWN_SCAN, set),
  'object scan': (set) => createScanSubject(ORIGINAL_NARROW, set),
};

/** `scan 1000`: the scan of books of so many levels. */
async function subjectOf(name: string): Promise<Subject> {
  const [what = '', depth = ''] = name.split(/ (?=\d+$)/);
  const create = CREATE[what];
  if (create === undefined) throw new Error(`nothing is called ${what}`);
  return create(syntheticFrames(Number(depth), SYMBOLS, DELTAS[depth] ?? 0, SEED));
}

const { slower, faster, rounds, cpuMs, garbageOps } = JSON.parse(process.argv[2] ?? '{}') as GateJob;
const [slow, fast] = [await subjectOf(slower), await subjectOf(faster)];
warmUp(slow, cpuMs);
warmUp(fast, 2 * cpuMs);
let [slowerNs, fasterNs] = [Infinity, Infinity];
for (let round = 0; round < rounds; round++) {
  slowerNs = Math.min(slowerNs, timeSubject(slow, cpuMs).nsPerOp);
  fasterNs = Math.min(fasterNs, timeSubject(fast, cpuMs).nsPerOp);
}
const { garbageBytesPerOp } = weighPasses(fast, garbageOps);
const times: GateTimes = { slowerNs, fasterNs, garbageBytesPerOp };
process.stdout.write(`${JSON.stringify(times)}\n`, () => process.exit(0));
