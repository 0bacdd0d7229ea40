// When does the stop move to break-even, and where is that? (strategy 13)
import { EARNS, type PositionSide } from '../../market/side.ts';
import type { Tick } from '../../market/units.ts';
import { isTighter } from '../stop/protect.ts';

export interface Average {
  /** Notional units and lots of the entry: their quotient is the average price in ticks. */
  readonly units: number;
  readonly lots: number;
}

/** Entry plus both fees, rounded to the side on which nothing is lost. */
export function breakevenTick(entry: Average, takerFee: number, side: PositionSide): Tick {
  const price = entry.units / entry.lots;
  const free = side === 'long' ? (price * (1 + takerFee)) / (1 - takerFee) : (price * (1 - takerFee)) / (1 + takerFee);
  // A last bit of the division must not move it by a tick.
  const slack = free * 1e-12;
  return (side === 'long' ? Math.ceil(free - slack) : Math.floor(free + slack)) as Tick;
}

/** Of the entry, by the price that a close would hit. */
export function profitPercent(entry: Average, closeTick: Tick, side: PositionSide): number {
  const price = entry.units / entry.lots;
  return ((closeTick - price) * EARNS[side] * 100) / price;
}

/** Where the stop goes now; undefined where it stays. */
export function breakevenMove(
  entry: Average,
  closeTick: Tick,
  triggerTick: Tick | undefined,
  side: PositionSide,
  stop: Tick,
  takerFee: number,
  profitNeeded: number,
): Tick | undefined {
  if (profitPercent(entry, closeTick, side) < profitNeeded) return undefined;
  const tick = breakevenTick(entry, takerFee, side);
  // It must tighten (I-08), and not be through the market already: the exchange would refuse it, or close at once.
  const isBehind = isTighter(closeTick, tick, side) && triggerTick !== undefined && isTighter(triggerTick, tick, side);
  return isTighter(tick, stop, side) && isBehind ? tick : undefined;
}
