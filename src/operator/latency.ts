// How long does each step take? Main counts into shared memory, some nanoseconds a time; the operator thread looks.
//
// Float64, per stage: a count for each bound of LATENCY_BOUNDS_MS and one for what is above, then sum and largest. One writer
// a stage; a reader may see a record half counted, which a statistic bears.
import { LATENCY_BOUNDS_MS } from './protocol.ts';

/** `wire` is exchange time to ours, so it holds the clocks' difference too. */
export const STAGES = [
  'wire', // made by the exchange → received
  'frame', // received → in the book
  'scan', // received → scanned
  'signal', // received → its signal read by main
  'decision', // signal read → order handed to the gateway
  'order_ack', // order handed over → the exchange's answer
  'order_fill', // order handed over → its first fill
  'journal', // record handed over → on disk
  'api_rest', // request → answer
  'api_trade',
] as const;
export type Stage = (typeof STAGES)[number];

const BUCKETS = LATENCY_BOUNDS_MS.length + 1;
const SUM = BUCKETS;
const MAX = BUCKETS + 1;
const STRIDE = Math.ceil((BUCKETS + 2) / 8) * 8;

export interface Latencies {
  readonly buffer: SharedArrayBuffer;
  readonly numbers: Float64Array;
}

export function mapLatencies(buffer: SharedArrayBuffer): Latencies {
  return { buffer, numbers: new Float64Array(buffer) };
}

export function createLatencies(): Latencies {
  return mapLatencies(new SharedArrayBuffer(STAGES.length * STRIDE * 8));
}

const AT = Object.fromEntries(STAGES.map((stage, i) => [stage, i * STRIDE])) as Readonly<Record<Stage, number>>;

/** Negative lengths, of clocks that differ, count as none. */
export function recordLatency({ numbers }: Latencies, stage: Stage, ms: number): void {
  if (!(ms < Infinity)) return;
  const length = ms > 0 ? ms : 0;
  const at = AT[stage];
  let bucket = 0;
  while (bucket < BUCKETS - 1 && length > (LATENCY_BOUNDS_MS[bucket] as number)) bucket++;
  numbers[at + bucket] = (numbers[at + bucket] as number) + 1;
  numbers[at + SUM] = (numbers[at + SUM] as number) + length;
  if (length > (numbers[at + MAX] as number)) numbers[at + MAX] = length;
}

/** Since the start. */
export interface LatencyCount {
  /** One for each bound, and one for what is above the last. */
  readonly buckets: readonly number[];
  readonly sumMs: number;
  readonly maxMs: number;
}

export function readLatency({ numbers }: Latencies, stage: Stage): LatencyCount {
  const at = AT[stage];
  return {
    buckets: Array.from(numbers.subarray(at, at + BUCKETS)),
    sumMs: numbers[at + SUM] as number,
    maxMs: numbers[at + MAX] as number,
  };
}

/** The length under which this part of all lies, within its bucket by proportion; 0 where nothing was counted. */
export function quantileMs(buckets: readonly number[], part: number): number {
  const all = buckets.reduce((a, b) => a + b, 0);
  if (all === 0) return 0;
  const wanted = part * all;
  let below = 0;
  for (let i = 0; i < buckets.length; i++) {
    const count = buckets[i] as number;
    if (count === 0 || below + count < wanted) {
      below += count;
      continue;
    }
    const low = i === 0 ? 0 : (LATENCY_BOUNDS_MS[i - 1] as number);
    const high = LATENCY_BOUNDS_MS[i] ?? low;
    return low + (high - low) * ((wanted - below) / count);
  }
  return LATENCY_BOUNDS_MS.at(-1) as number;
}
