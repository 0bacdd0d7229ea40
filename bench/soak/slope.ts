// Does it grow? A straight line through what was seen, and how sure its slope is.

export interface Slope {
  /** Per hour, of a value seen at times in seconds. */
  readonly perHour: number;
  /** Half of the interval that holds the true slope in 999 of 1,000 cases: five things are looked at in every soak. */
  readonly confidence: number;
  readonly mean: number;
}

const SECONDS_PER_HOUR = 3_600;
/** 99.95 % of Student's t from 3 degrees of freedom on; beyond these it only falls, to 3.3. */
const STUDENT: readonly number[] = [12.9, 8.61, 6.87, 5.96, 5.41, 5.04, 4.78, 4.59, 4.44, 4.32, 4.22, 4.14, 4.07, 4.01];
const STUDENT_FROM = 3;
const STUDENT_BEYOND = 3.97;

export function slopeOf(seconds: readonly number[], values: readonly number[]): Slope {
  const n = values.length;
  if (n < STUDENT_FROM + 2 || seconds.length !== n) throw new Error(`a slope needs five values at least, and has ${n}`);
  const middle = seconds.reduce((sum, x) => sum + x, 0) / n;
  const mean = values.reduce((sum, y) => sum + y, 0) / n;
  let xx = 0;
  let xy = 0;
  for (const [i, x] of seconds.entries()) {
    xx += (x - middle) ** 2;
    xy += (x - middle) * ((values[i] as number) - mean);
  }
  const slope = xy / xx;
  let rest = 0;
  for (const [i, x] of seconds.entries()) rest += ((values[i] as number) - mean - slope * (x - middle)) ** 2;
  const error = Math.sqrt(rest / (n - 2) / xx);
  const student = STUDENT[n - 2 - STUDENT_FROM] ?? STUDENT_BEYOND;
  return { perHour: slope * SECONDS_PER_HOUR, confidence: student * error * SECONDS_PER_HOUR, mean };
}

/**
 * Surely upward, and by more than half of what there is in a day. Less shows in minutes of any program: what runs seldom is still
 * being compiled.
 */
export function isGrowth({ perHour, confidence, mean }: Slope): boolean {
  return (perHour - confidence) * 24 > 0.5 * mean;
}
