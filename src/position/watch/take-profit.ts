// Has the move run its course? Four criteria, none of which takes less than the minimum reward (strategy 14).
import { EARNS, type PositionSide } from '../../market/side.ts';
import type { Tick } from '../../market/units.ts';
import type { Average } from './breakeven.ts';
import type { ExitReason } from '../close/reason.ts';
import type { ExitRules } from './rules.ts';

/** Prices that are mids are doubled, so that they are whole. */
export interface Course {
  readonly side: PositionSide;
  readonly entry: Average;
  readonly initialStop: Tick;
  readonly takerFee: number;
  /** What a close would hit. */
  readonly closeTick: Tick;
  readonly middle: number;
  readonly middleAtEntry: number;
  /** At least one slowdown window ago, the youngest such; undefined while there is none. */
  readonly middleBefore: { readonly middle: number; readonly ageMs: number } | undefined;
  readonly bestMiddle: number;
  readonly heldMs: number;
  /** Of the last 3 s. */
  readonly imbalance: number | undefined;
  /** Confirmed densities ahead, in any order; undefined where nobody could look. */
  readonly counterTicks: readonly Tick[] | undefined;
  readonly extrema: { readonly high: Tick; readonly low: Tick } | undefined;
}

export function takeProfit(course: Course, rules: ExitRules): ExitReason | undefined {
  if (!isWorth(course, rules.tpMinRewardRatio)) return undefined;
  if (isSlowing(course, rules)) return 'take_profit_slowdown';
  if (isCounterDensityNear(course, rules.tpCounterDensityRangePercent)) return 'take_profit_counter_density';
  if (isFlowAgainst(course, rules.tpCounterFlowImbalance)) return 'take_profit_counter_flow';
  return isBackFromExtremum(course) ? 'take_profit_known_level' : undefined;
}

/** Net of both fees, in stop distances. */
function isWorth({ side, entry, closeTick, takerFee, initialStop }: Course, ratio: number): boolean {
  const price = entry.units / entry.lots;
  const net = (closeTick - price) * EARNS[side] - takerFee * (price + closeTick);
  return net >= ratio * Math.abs(price - initialStop);
}

function isSlowing(course: Course, rules: ExitRules): boolean {
  const { middleBefore: before, heldMs } = course;
  if (before === undefined || heldMs < 2 * rules.tpSlowdownWindowMs) return false;
  const sign = EARNS[course.side];
  const best = (course.bestMiddle - course.middleAtEntry) * sign;
  if (best * 100 < rules.tpMinMovePercent * course.middleAtEntry) return false;
  const recent = ((course.middle - before.middle) * sign) / before.ageMs;
  const whole = ((course.middle - course.middleAtEntry) * sign) / heldMs;
  return recent < whole / rules.tpSlowdownMultiplier;
}

function isCounterDensityNear({ side, middle, counterTicks }: Course, percent: number): boolean {
  const sign = EARNS[side];
  return (counterTicks ?? []).some((tick) => {
    const ahead = (2 * tick - middle) * sign;
    return ahead >= 0 && ahead * 100 <= percent * middle;
  });
}

function isFlowAgainst({ side, imbalance }: Course, least: number): boolean {
  return imbalance !== undefined && imbalance !== 0 && -imbalance * EARNS[side] >= least;
}

/** It was past the extremum of before the entry, and has come back. */
function isBackFromExtremum({ side, extrema, bestMiddle, middle }: Course): boolean {
  if (extrema === undefined) return false;
  const sign = EARNS[side];
  const level = 2 * (side === 'long' ? extrema.high : extrema.low);
  return (bestMiddle - level) * sign > 0 && (middle - level) * sign < 0;
}
