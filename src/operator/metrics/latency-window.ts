// How long did each step take of late? Counts that only grow, as they were each second of the last minute.
import { HISTOGRAM_BOUNDS_MS, quantileMs, type LengthCount } from '../../lib/histogram.ts';
import type { Latencies, Stage } from './latency.ts';
import { readLatency, STAGES } from './latency.ts';
import type { LatencyView } from '../page/protocol-status.ts';

const SECONDS_KEPT = 60;

export class LatencyWindow {
  readonly #latencies: Latencies;
  #moments: ReadonlyMap<Stage, LengthCount>[] = [];

  constructor(latencies: Latencies) {
    this.#latencies = latencies;
  }

  /** Once a second. */
  look(): LatencyView[] {
    const now = new Map(STAGES.map((stage) => [stage, readLatency(this.#latencies, stage)]));
    const then = this.#moments[0];
    this.#moments.push(now);
    if (this.#moments.length > SECONDS_KEPT) this.#moments.shift();
    return STAGES.map((stage) => {
      const buckets = since(now.get(stage) as LengthCount, then?.get(stage));
      const maxMs = largest(buckets, now.get(stage) as LengthCount);
      const part = (of: number): number => Math.min(maxMs, quantileMs(buckets, of));
      const count = buckets.reduce((a, b) => a + b, 0);
      return { stage, count, p50Ms: part(0.5), p90Ms: part(0.9), p99Ms: part(0.99), maxMs, buckets };
    });
  }
}

function since(now: LengthCount, then: LengthCount | undefined): number[] {
  return now.buckets.map((count, i) => count - (then?.buckets[i] ?? 0));
}

/** Of the window only the bucket is known; the largest ever is exact, and is it where it fell into the same bucket. */
function largest(buckets: readonly number[], ever: LengthCount): number {
  const top = buckets.findLastIndex((count) => count > 0);
  if (top < 0) return 0;
  const bound = HISTOGRAM_BOUNDS_MS[top] ?? Infinity;
  return Math.min(bound, ever.maxMs);
}
