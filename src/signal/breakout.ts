// hot: for densities that erode; allocates nothing.
// Has price broken through a density that was eaten? (strategy 7)
import {
  ERODING,
  GONE,
  L_CURRENT,
  L_EATEN,
  L_GONE_AT,
  L_HIGH,
  L_LOW,
  L_PEAK,
  L_SIDE,
  L_STATE,
} from '../scan/layout.ts';
import { P_BREAKOUT_MS, P_CHASE_PERCENT, P_ERODED_PERCENT } from '../scan/params.ts';
import { judge, type Judgement } from './criteria.ts';
import { CHASE_TICKS_MIN, isWithinChase } from './offer.ts';

/** The weaker of the two strengths that have a direction. */
const TREND_LEAST = 0.5;
const NOT_ERODING = -1;

/** Judges one density that has been confirmed. `middle` is twice the mid, `trend` as `readTrend` gives it. */
export function judgeBreakout(
  numbers: Float64Array,
  life: number,
  params: number,
  middle: number,
  trend: number,
  time: Float64Array,
  out: Judgement,
): void {
  out.mask = 0;
  const side = numbers[life + L_SIDE] as 0 | 1;
  const wanted = side === 1 ? 1 : -1;
  judge(out, 0, (trend * wanted) / 4, TREND_LEAST, trend * wanted > 0);
  const peak = numbers[life + L_PEAK] as number;
  const eaten = ((numbers[life + L_EATEN] as number) / peak) * 100;
  const asked = numbers[params + P_ERODED_PERCENT] as number;
  const shrunk = (numbers[life + L_CURRENT] as number) < peak;
  // Multiplied out: a share of exactly the threshold must not be lost to a division.
  const enough = (numbers[life + L_EATEN] as number) * 100 >= asked * peak;
  judge(out, 1, eaten, asked, asked > 0 ? enough : shrunk);
  const state = numbers[life + L_STATE] as number;
  const goneFor =
    state === GONE ? (time[0] as number) - (numbers[life + L_GONE_AT] as number) : state === ERODING ? 0 : NOT_ERODING;
  const window = numbers[params + P_BREAKOUT_MS] as number;
  judge(out, 2, goneFor, window, goneFor >= 0 && goneFor <= window);
  const far = numbers[life + (side === 0 ? L_LOW : L_HIGH)] as number;
  const beyond = ((middle - 2 * far) * wanted) / 2;
  const percent = numbers[params + P_CHASE_PERCENT] as number;
  const chase = Math.max(CHASE_TICKS_MIN, (percent / 100) * far);
  judge(out, 3, beyond, chase, isWithinChase(beyond, percent, far));
}
