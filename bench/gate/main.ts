// Has anything become slower than it may be? Ratios within one run only: a slow or busy machine slows both sides of each.
import { fileURLToPath } from 'node:url';
import type { GateJob, GateTimes } from './child.ts';
import { runProcess } from '../measure/processes.ts';
import { GARBAGE_FLAGS } from '../measure/subject.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
const JOB = { rounds: 5, cpuMs: 25, garbageOps: 10_000 };
/** A busy minute may spoil one run; what has really become slower spoils each. */
const TRIES = 3;

export interface Bound {
  readonly says: string;
  readonly slower: string;
  readonly faster: string;
  /** Of the slower one's time over the faster one's. */
  readonly least?: number;
  readonly most?: number;
  /** Bytes of garbage that one operation of the faster one may leave. Scans begin anew with each pass: tests of their own weigh them. */
  readonly garbageMost?: number;
}

/** What a reading of the heap itself leaves, spread over the operations between two of them. */
const NO_GARBAGE = 4;

/** Far from what a busy machine shows, and near enough that half as fast shuts the gate: what has broken, and not what has moved. */
export const BOUNDS: readonly Bound[] = [
  {
    says: 'JSON.parse alone over frame → book',
    slower: 'JSON.parse 200',
    faster: 'book 200',
    least: 5,
    garbageMost: NO_GARBAGE,
  },
  {
    says: 'level update at depth 1000 over depth 50',
    slower: 'level 1000',
    faster: 'level 50',
    most: 1.9,
    garbageMost: NO_GARBAGE,
  },
  { says: 'scan after a message at depth 1000 over depth 50', slower: 'scan 1000', faster: 'scan 50', most: 2.5 },
  { says: 'scan in objects over ours', slower: 'object scan 200', faster: 'scan 200', least: 3.5 },
];

export interface Judged {
  readonly ratio: number;
  /** What is wrong, undefined where all holds. */
  readonly broken: string | undefined;
}

export function judge({ least = 0, most = Infinity, garbageMost = Infinity }: Bound, times: GateTimes): Judged {
  const ratio = times.slowerNs / times.fasterNs;
  if (!(ratio >= least)) return { ratio, broken: `${ratio.toFixed(2)} times, must be at least ${least}` };
  if (ratio > most) return { ratio, broken: `${ratio.toFixed(2)} times, may be ${most} at most` };
  if (!(times.garbageBytesPerOp <= garbageMost)) {
    return {
      ratio,
      broken: `${times.garbageBytesPerOp.toFixed(1)} bytes of garbage each, may be ${garbageMost}`,
    };
  }
  return { ratio, broken: undefined };
}

async function check(bound: Bound): Promise<boolean> {
  const { says, slower, faster } = bound;
  for (let attempt = 1; ; attempt++) {
    const job: GateJob = { slower, faster, ...JOB };
    const times = await runProcess<GateTimes>(CHILD, job, GARBAGE_FLAGS, false);
    const { ratio, broken } = judge(bound, times);
    const figures =
      `${times.slowerNs.toFixed(0)} and ${times.fasterNs.toFixed(0)} ns, ` +
      `${ratio.toFixed(2)}×, ${times.garbageBytesPerOp.toFixed(2)} bytes of garbage`;
    process.stdout.write(`${broken === undefined ? 'holds' : 'BROKEN'}  ${says}: ${broken ?? figures}\n`);
    if (broken === undefined) return true;
    if (attempt === TRIES) return false;
  }
}

export async function main(): Promise<number> {
  let isFine = true;
  for (const bound of BOUNDS) isFine = (await check(bound)) && isFine;
  return isFine ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
