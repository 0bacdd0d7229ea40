// Where is the stop of a new position? (strategy 12)
import { EARNS, type PositionSide } from '../market/side.ts';
import type { Lot, Tick } from '../market/units.ts';
import type { ContractFacts } from './situation.ts';
import { FINE, type FineUnits } from './cost.ts';
import { LIQUIDATION_SHARE_PERCENT, STOP_TICKS_MIN } from './limits.ts';
import { ticksAtLeast, ticksAtMost } from './percent.ts';

const RATIO_PARTS = 1_000_000;

export interface Protection {
  readonly tick: Tick;
  /** Ticks between the best entry price and the stop. */
  readonly distance: number;
  /** Ticks that the distance may have at most. */
  readonly distanceMax: number;
}

export interface StopRules {
  /** Behind the density. */
  readonly behindPercent: number;
  readonly maxStopPercent: number;
  readonly maxCostToStopRatio: number;
}

/**
 * Behind the density, seen from the entry: below its lower end for a long, above its upper end for a short. Moved away
 * until the cost is the allowed part of the distance, but for that never farther than `maxStopPercent`.
 */
export function protect(
  side: PositionSide,
  density: { readonly low: number; readonly high: number },
  entryTick: Tick,
  lots: Lot,
  cost: FineUnits,
  rules: StopRules,
): Protection {
  const sign = EARNS[side];
  const edge = (side === 'long' ? density.low : density.high) as Tick;
  const behind = edge - sign * Math.max(STOP_TICKS_MIN, ticksAtLeast(rules.behindPercent, edge));
  const distanceMax = Math.max(STOP_TICKS_MIN, ticksAtMost(rules.maxStopPercent, entryTick));
  const asked = ticksForCost(cost, lots, rules.maxCostToStopRatio);
  const distance = Math.max(sign * (entryTick - behind), Math.min(asked, distanceMax));
  return {
    tick: (entryTick - sign * distance) as Tick,
    distance,
    distanceMax,
  };
}

/** The shortest distance of which `cost` is at most the ratio. */
function ticksForCost(cost: FineUnits, lots: Lot, ratio: number): number {
  const share = ratioParts(ratio) * BigInt(lots) * FINE;
  return Number((cost * BigInt(RATIO_PARTS) + share - 1n) / share);
}

/** Is `cost` at most `ratio` of `distance`? */
export function costFits(cost: FineUnits, distance: number, lots: Lot, ratio: number): boolean {
  return cost * BigInt(RATIO_PARTS) <= ratioParts(ratio) * BigInt(distance) * BigInt(lots) * FINE;
}

/** A ratio in millionths. */
export function ratioParts(ratio: number): bigint {
  return BigInt(Math.round(ratio * RATIO_PARTS));
}

/**
 * The highest leverage at which a stop so far away lies inside the part of the way to liquidation that is ours (I-08), rounded
 * down; 0 where none does. The way of an isolated position is entry × (1/L − m) ÷ (1 + m) for a short with maintenance rate m, and
 * a little more for a long; m is taken for as large as the largest leverage leaves room for, which is told in hundredths.
 */
export function leverageMost(
  distance: number,
  entryTick: Tick,
  { leverageMax }: Pick<ContractFacts, 'leverageMax'>,
): number {
  const most = BigInt(leverageMax);
  const ours = BigInt(LIQUIDATION_SHARE_PERCENT) * BigInt(entryTick);
  return Number((ours * most) / (100n * (BigInt(distance) * (most + 100n) + ours)));
}
