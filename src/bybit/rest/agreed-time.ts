// Which of several readings of the exchange's time is right? One may be wrong, and it is often the quickest.

export interface TimeReading {
  /** Exchange time minus ours, by whatever clock it was read against. */
  readonly shiftMs: number;
  /** It may be off by so much: half of the way there and back. */
  readonly errorMs: number;
}

/** Clocks drift from one series of readings to the next; signatures bear a second. */
const SLACK_MS = 50;

const agree = (a: TimeReading, b: TimeReading): boolean =>
  Math.abs(a.shiftMs - b.shiftMs) <= a.errorMs + b.errorMs + SLACK_MS;

/** The most precise reading that more than half of all readings, earlier ones included, agree with; undefined if there is none. */
export function agreedTime(
  readings: readonly TimeReading[],
  before: readonly TimeReading[] = [],
): TimeReading | undefined {
  const all = [...readings, ...before];
  return readings
    .filter((reading) => all.filter((other) => agree(reading, other)).length * 2 > all.length)
    .toSorted((a, b) => a.errorMs - b.errorMs)[0];
}
