// How long does each step take? Whoever takes it counts into shared memory; the operator thread looks.
import { countLength, HISTOGRAM_NUMBERS, readLengths, type LengthCount } from '../../lib/histogram.ts';

/**
 * `wire` is exchange time to ours, so it holds the clocks' difference too. `wake` and `scan` are taken of one scan in sixteen.
 * The stages from `wire` to `signal` overlap: each begins with the frame.
 */
export const STAGES = [
  'wire', // made by the exchange → received
  'frame', // received → in the book
  'wake', // received → its scan begun
  'scan', // received → scanned
  'signal', // received → its signal read by main
  'gate', // signal read → judged
  'decision', // signal read → order handed to the gateway
  'order_ack', // order handed over → the exchange's answer
  'order_fill', // order handed over → its first fill
  'journal', // record that has to be waited for handed over → on disk
  'api_rest', // request → answer
  'api_trade',
] as const;
export type Stage = (typeof STAGES)[number];

const AT = Object.fromEntries(STAGES.map((stage, i) => [stage, i * HISTOGRAM_NUMBERS])) as Readonly<
  Record<Stage, number>
>;
const WRITER_NUMBERS = STAGES.length * HISTOGRAM_NUMBERS;

export interface Latencies {
  readonly buffer: SharedArrayBuffer;
  readonly numbers: Float64Array;
}

export function mapLatencies(buffer: SharedArrayBuffer): Latencies {
  return { buffer, numbers: new Float64Array(buffer) };
}

/** Main is the first writer; each of the others is a thread that scans. */
export function createLatencies(writers = 1): Latencies {
  return mapLatencies(new SharedArrayBuffer(writers * WRITER_NUMBERS * 8));
}

/** Main only. */
export function recordLatency({ numbers }: Latencies, stage: Stage, ms: number): void {
  countLength(numbers, AT[stage], ms);
}

/** Where a writer counts: for those who know no stages. */
export function placeOf(stage: Stage, writer: number): number {
  return writer * WRITER_NUMBERS + AT[stage];
}

/** Of all writers. */
export function readLatency({ numbers }: Latencies, stage: Stage): LengthCount {
  const writers = numbers.length / WRITER_NUMBERS;
  return readLengths(
    numbers,
    Array.from({ length: writers }, (_, writer) => placeOf(stage, writer)),
  );
}
