// hot: for candidates only; allocates nothing.
// Where do the values and thresholds of one judgement go? Into arrays that the next one overwrites.
import { CRITERIA } from '../scan/event.ts';

/** One judgement of one density: bit i of `mask` says that criterion i passed. */
export interface Judgement {
  mask: number;
  readonly values: Float64Array;
  readonly thresholds: Float64Array;
}

export const ALL_PASSED = (1 << CRITERIA) - 1;

export function createJudgement(): Judgement {
  return { mask: 0, values: new Float64Array(CRITERIA), thresholds: new Float64Array(CRITERIA) };
}

export function judge(out: Judgement, criterion: number, value: number, threshold: number, passed: boolean): void {
  out.values[criterion] = value;
  out.thresholds[criterion] = threshold;
  if (passed) out.mask |= 1 << criterion;
}
