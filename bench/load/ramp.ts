// How much load does it bear? The rate goes up until something breaks, and what broke first is named.
import { measure, withLoad, type LoadResult, type LoadTerms } from './run.ts';

const GROWTH = 1.5;
const STEPS_MAX = 20;
const STEP_SECONDS_MAX = 10;
/** The promise of the whole universe: a book is no older than this at its 99th percentile. */
export const AGE_MS_MAX = 20;

export interface Ramp {
  readonly steps: readonly LoadResult[];
  /** The highest rate at which nothing broke. */
  readonly borne: number;
  readonly broke: { readonly rate: number; readonly what: string } | undefined;
}

/** In the order in which trouble grows; undefined where all is well. */
export function whatBroke(result: LoadResult): string | undefined {
  const { framesSent, framesApplied, framesWithheld, bookAgeMs, cpu, senderLatestMs, audits, live, terms } = result;
  // A sender that cannot keep up is no proof of anything about the engine.
  if (senderLatestMs > 1_000 && cpu.sender > 0.9) {
    return `the sender: it takes ${cpu.sender.toFixed(2)} cores and is ${senderLatestMs.toFixed(0)} ms late`;
  }
  const busiest =
    cpu.main >= cpu.workers ? `main, ${cpu.main.toFixed(2)} cores` : `workers, ${cpu.workers.toFixed(2)} cores`;
  const late = `the sender itself was late by up to ${senderLatestMs.toFixed(0)} ms`;
  if (framesWithheld > 0) return `backlog: ${framesWithheld} frames were not sent (busiest: ${busiest}; ${late})`;
  if (framesApplied < framesSent) return `frames: ${framesSent - framesApplied} are in no book (busiest: ${busiest})`;
  if (audits.wrong > 0) return `books: ${audits.wrong} comparisons with the sender's failed`;
  if (live < terms.symbols) return `books: ${live} of ${terms.symbols} are live`;
  if (result.eventsLost > 0) return `events: ${result.eventsLost} found no room in the rings of the workers`;
  if (bookAgeMs.p99 > AGE_MS_MAX) {
    return `age: p99 ${bookAgeMs.p99.toFixed(1)} ms is over ${AGE_MS_MAX} ms (busiest: ${busiest}; ${late})`;
  }
  return undefined;
}

export function runRamp(terms: LoadTerms, onStep: (step: LoadResult) => void): Promise<Ramp> {
  const seconds = Math.min(terms.seconds, STEP_SECONDS_MAX);
  return withLoad(terms, [], async (load) => {
    const steps: LoadResult[] = [];
    let borne = 0;
    for (let rate = terms.rate; steps.length < STEPS_MAX; rate = Math.round(rate * GROWTH)) {
      const step = await measure({ ...load, terms: { ...terms, rate, seconds } });
      steps.push(step);
      onStep(step);
      const what = whatBroke(step);
      if (what !== undefined) return { steps, borne, broke: { rate, what } };
      borne = rate;
    }
    return { steps, borne, broke: undefined };
  });
}
