// When should each frame be handed over? An open loop: the times are drawn beforehand and wait for nobody.
import { createRng } from '../../src/lib/rng.ts';

export interface Schedule {
  readonly rate: number;
  readonly frames: number;
  readonly seed: number;
}

/** Microseconds from the start, one a frame, with exponential gaps. The same arguments give the same times in every process. */
export function intendedMicros({ rate, frames, seed }: Schedule): Float64Array {
  const rng = createRng(seed).fork(`schedule ${rate}`);
  const times = new Float64Array(frames);
  let at = 0;
  for (let i = 0; i < frames; i++) {
    at += rng.exponential(1_000_000 / rate);
    times[i] = at;
  }
  return times;
}

const hrtimeMicros = (): number => {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1_000_000 + nanos / 1_000;
};

/** From this thread's time to the machine's: the closest of some pairs of readings. */
const SHIFT = ((): number => {
  let [closest, shift] = [Infinity, 0];
  for (let i = 0; i < 20; i++) {
    const before = performance.now() * 1_000;
    const machine = hrtimeMicros();
    const width = performance.now() * 1_000 - before;
    if (width < closest) [closest, shift] = [width, machine - before - width / 2];
  }
  return shift;
})();

/** A reading of `performance.now()` of this thread, by the clock of the machine. */
export const machineMicros = (ms: number): number => SHIFT + ms * 1_000;

/** The machine's monotonic clock, which all its processes share; read without garbage. */
export const nowMicros = (): number => machineMicros(performance.now());

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Exact, over all samples; a frame that never came back would be NaN and is refused. */
export function percentiles(samples: Float64Array): Percentiles {
  if (samples.some((sample) => Number.isNaN(sample))) throw new Error('a frame was never answered');
  const sorted = samples.toSorted();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) };
}
