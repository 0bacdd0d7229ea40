// How often, and for how long, does the machine take the core away? The floor of every p99: the longer something takes, the more
// often it is hit.
import { limitRow } from './limit.ts';
import type { Table } from '../report/report.ts';
import { intendedMicros, nowMicros, percentiles } from '../measure/schedule.ts';

/** Two readings of the clock stand far closer together. */
const HOLE_MICROS = 5;
const WORKS_MICROS = [5, 10, 20];
const RATE = 2_000;
const CALIBRATIONS = 200;

/** Whenever a loop that only reads the clock did not run: for how long. */
function findHoles(seconds: number): Float64Array {
  const holes: number[] = [];
  const end = nowMicros() + seconds * 1_000_000;
  let last = nowMicros();
  while (last < end) {
    const now = nowMicros();
    if (now - last > HOLE_MICROS) holes.push(now - last);
    last = now;
  }
  return Float64Array.from(holes);
}

/** Work on nothing but a register. */
function toil(steps: number): number {
  let state = 1;
  for (let i = 0; i < steps; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state;
}

function timeToil(steps: number): number {
  const begun = nowMicros();
  if (toil(steps) === 0) throw new Error('an xorshift never comes to 0');
  return nowMicros() - begun;
}

/** Steps that take so long where nothing disturbs them. */
function stepsOf(micros: number): number {
  const tried = 10_000;
  const times = Float64Array.from({ length: CALIBRATIONS }, () => timeToil(tried));
  return Math.round((tried * micros) / percentiles(times).p50);
}

/** At the times at which frames come too: evenly spaced they would fall between the ticks of the machine, or all into them. */
function atRandomTimes(times: number, seed: number, work: () => number): Float64Array {
  const begun = nowMicros();
  return intendedMicros({ rate: RATE, frames: times, seed }).map((due) => {
    while (nowMicros() < begun + due);
    return work();
  });
}

/** Wall time in µs of holes in a loop, and of work that needs no memory. */
export function measureInterrupted(seconds: number, times: number, seed: number): Table['rows'] {
  const holes = findHoles(seconds);
  const works = WORKS_MICROS.map((micros) => {
    const steps = stepsOf(micros);
    const taken = atRandomTimes(times, seed, () => timeToil(steps));
    return limitRow(`${micros} µs of work without memory, ${RATE} times a second`, taken);
  });
  return [
    limitRow(`a loop that only reads the clock stands still for over ${HOLE_MICROS} µs, in ${seconds} s`, holes),
    ...works,
  ];
}
