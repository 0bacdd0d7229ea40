// hot: a few stores a call, some tens of nanoseconds; allocates nothing.
// How often did something take how long? Counts in shared memory that only grow: one thread writes, others look.
//
// Float64, per histogram: a count for each bound of HISTOGRAM_BOUNDS_MS and one for what is above, then sum and largest. A reader
// may see a length half counted, which a statistic bears.

export const HISTOGRAM_BOUNDS_MS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000,
] as const;
export const HISTOGRAM_BUCKETS = HISTOGRAM_BOUNDS_MS.length + 1;
const SUM = HISTOGRAM_BUCKETS;
const MAX = SUM + 1;
/** Numbers from one histogram to the next: whole cache lines, for each may have a writer of its own. */
export const HISTOGRAM_NUMBERS = Math.ceil((HISTOGRAM_BUCKETS + 2) / 8) * 8;

/** Negative lengths, of clocks that differ, count as none. */
export function countLength(numbers: Float64Array, at: number, ms: number): void {
  if (!(ms < Infinity)) return;
  const length = ms > 0 ? ms : 0;
  let bucket = 0;
  while (bucket < HISTOGRAM_BUCKETS - 1 && length > (HISTOGRAM_BOUNDS_MS[bucket] as number)) bucket++;
  numbers[at + bucket] = (numbers[at + bucket] as number) + 1;
  numbers[at + SUM] = (numbers[at + SUM] as number) + length;
  if (length > (numbers[at + MAX] as number)) numbers[at + MAX] = length;
}

/** Since the start. */
export interface LengthCount {
  /** One for each bound, and one for what is above the last. */
  readonly buckets: readonly number[];
  readonly sumMs: number;
  readonly maxMs: number;
}

/** Of several histograms together. */
export function readLengths(numbers: Float64Array, ats: readonly number[]): LengthCount {
  const sum = (field: number): number => ats.reduce((all, at) => all + (numbers[at + field] as number), 0);
  return {
    buckets: Array.from({ length: HISTOGRAM_BUCKETS }, (_, bucket) => sum(bucket)),
    sumMs: sum(SUM),
    maxMs: Math.max(0, ...ats.map((at) => numbers[at + MAX] as number)),
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
    const low = i === 0 ? 0 : (HISTOGRAM_BOUNDS_MS[i - 1] as number);
    const high = HISTOGRAM_BOUNDS_MS[i] ?? low;
    return low + (high - low) * ((wanted - below) / count);
  }
  return HISTOGRAM_BOUNDS_MS.at(-1) as number;
}
