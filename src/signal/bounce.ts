// hot: for confirmed densities; allocates nothing.
// Has price come to a density that holds? (strategy 8)
import { L_ARMED, L_HIGH, L_LOW, L_SIDE, L_TOUCHES, L_TOUCHING, L_UNSTEADY } from '../scan/layout.ts';
import { measureStability, timeToEat } from '../scan/life.ts';
import { P_EAT_MS, P_STABLE_PERCENT, P_TOUCH_PERCENT } from '../scan/params.ts';
import { judge, type Judgement } from './criteria.ts';

const ARM_FACTOR = 2;
const END_FACTOR = 1.5;
const TOUCH_TICKS_MIN = 1;

/** L_TOUCHING: this touch has given its signal. */
export const SPENT = 2;

/** How near counts as a touch, in ticks: at most a quarter of the span of prices that the side shows. */
export function touchTolerance(percent: number, near: number, span: number): number {
  return Math.max(TOUCH_TICKS_MIN, Math.min((percent / 100) * near, span / 4));
}

/** Follows touches of one confirmed density: `opposite` is the best tick of the other side, `span` what its own shows. */
export function followTouch(numbers: Float64Array, life: number, params: number, opposite: number, span: number): void {
  const distance = distanceOf(numbers, life, opposite);
  const tolerance = touchTolerance(numbers[params + P_TOUCH_PERCENT] as number, nearOf(numbers, life), span);
  if (distance >= ARM_FACTOR * tolerance) numbers[life + L_ARMED] = 1;
  if (numbers[life + L_TOUCHING] === 0) {
    if (numbers[life + L_ARMED] === 0 || distance > tolerance) return;
    numbers[life + L_TOUCHING] = 1;
    numbers[life + L_TOUCHES] = (numbers[life + L_TOUCHES] as number) + 1;
  } else if (distance >= END_FACTOR * tolerance) numbers[life + L_TOUCHING] = 0;
}

/** Judges one confirmed density. `trend` as `readTrend` gives it. */
export function judgeBounce(
  numbers: Float64Array,
  life: number,
  params: number,
  opposite: number,
  span: number,
  trend: number,
  time: Float64Array,
  out: Judgement,
): void {
  out.mask = 0;
  const tolerance = touchTolerance(numbers[params + P_TOUCH_PERCENT] as number, nearOf(numbers, life), span);
  const distance = distanceOf(numbers, life, opposite);
  judge(out, 0, distance, tolerance, (numbers[life + L_TOUCHING] as number) > 0 && distance <= tolerance);
  measureStability(numbers, life, params, time);
  const unsteady = numbers[life + L_UNSTEADY] as number;
  judge(
    out,
    1,
    unsteady,
    numbers[params + P_STABLE_PERCENT] as number,
    unsteady <= (numbers[params + P_STABLE_PERCENT] as number),
  );
  timeToEat(numbers, life, time, out.values, 2);
  const lasts = out.values[2] as number;
  judge(out, 2, lasts, numbers[params + P_EAT_MS] as number, lasts >= (numbers[params + P_EAT_MS] as number));
  const wanted = numbers[life + L_SIDE] === 0 ? 1 : -1;
  judge(out, 3, (trend * wanted) / 4, 0, trend * wanted >= 0);
}

function nearOf(numbers: Float64Array, life: number): number {
  return numbers[life + (numbers[life + L_SIDE] === 0 ? L_HIGH : L_LOW)] as number;
}

function distanceOf(numbers: Float64Array, life: number, opposite: number): number {
  return (opposite - nearOf(numbers, life)) * (numbers[life + L_SIDE] === 0 ? 1 : -1);
}
