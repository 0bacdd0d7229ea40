// hot: once a minute, and for signals; allocates nothing.
// How high and how low did it trade in the closed minutes looked back over? (strategy 6)
import { barAt, barsKept, FACT_HIGH, FACT_LOW, FACT_MINUTE, MINUTE_MS, readFact, type TapeMemory } from './layout.ts';

/** The oldest minute looked back over: where nobody has said how far a day's, which calls nothing new that is not. */
export function oldestMinute(tape: TapeMemory, slot: number, running: number): number {
  return running - barsKept(tape, slot) + 1;
}

/** Writes the highest and the lowest tick of the bars [from, end) behind each other at `at` of `out`, 0 where there is none. */
export function readBars(
  tape: TapeMemory,
  slot: number,
  from: number,
  end: number,
  out: Float64Array,
  at: number,
): void {
  const { words } = tape;
  let high = 0;
  let low = 0;
  for (let minute = from; minute < end; minute++) {
    const bar = barAt(tape, slot, minute);
    if (words[bar] !== minute) continue;
    if ((words[bar + 1] as number) > high) high = words[bar + 1] as number;
    if (low === 0 || (words[bar + 2] as number) < low) low = words[bar + 2] as number;
  }
  out[at] = high;
  out[at + 1] = low;
}

/**
 * Writes the extrema as they are at `now` to `out`. The tape closes a minute with the next trade only: of a quiet symbol the
 * bars tell, and so they do where it was told of a time that has yet to come, or of a minute that the book behind `now` has not
 * reached yet.
 */
export function readExtrema(tape: TapeMemory, slot: number, now: number, out: Float64Array): void {
  const newest = readFact(tape, slot, FACT_MINUTE);
  const running = Math.floor(now / MINUTE_MS);
  if (running !== newest) {
    const end = Math.min(running, newest + 1);
    readBars(tape, slot, oldestMinute(tape, slot, running), end, out, 0);
    return;
  }
  out[0] = readFact(tape, slot, FACT_HIGH);
  out[1] = readFact(tape, slot, FACT_LOW);
}
