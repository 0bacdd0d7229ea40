// How many lots, at which worst price? (strategy 11 and 12)
import type { Instrument } from '../market/instrument.ts';
import { notionalOf, ONE_USDT, type Money } from '../market/money.ts';
import { EARNS, type PositionSide } from '../market/side.ts';
import type { Lot, Tick } from '../market/units.ts';
import { SLIPPAGE_TICKS_MIN } from './limits.ts';
import { ticksAtLeast } from './percent.ts';

export interface Size {
  readonly lots: Lot;
  /** The best price there is. */
  readonly entryTick: Tick;
  /** The worst acceptable price. */
  readonly capTick: Tick;
  /** At the higher of the two prices: what limits count. */
  readonly notional: Money;
  /** At the lower: compared with the exchange's minimum, whichever price it uses. */
  readonly notionalLeast: Money;
}

/** The most lots whose notional at `tick` does not exceed `money`. */
export function lotsWithin(money: Money, tick: Tick, instrument: Instrument): Lot {
  const one = BigInt(tick) * BigInt(instrument.tickScaled) * BigInt(instrument.lotScaled) * ONE_USDT;
  return Number((money * 10n ** BigInt(instrument.priceScale + instrument.lotScale)) / one) as Lot;
}

/** Worst acceptable price: beyond the touch by the slippage allowed, rounded away from the touch, at least one tick. */
export function capOf(side: PositionSide, touch: Tick, slippagePercent: number): Tick {
  const reach = Math.max(SLIPPAGE_TICKS_MIN, ticksAtLeast(slippagePercent, touch));
  return (touch + EARNS[side] * reach) as Tick;
}

/** Quantity is rounded down to the step and never grows with anything else. */
export function sizeOf(
  side: PositionSide,
  touch: Tick,
  slippagePercent: number,
  money: Money,
  instrument: Instrument,
): Size {
  const capTick = capOf(side, touch, slippagePercent);
  const dearer = Math.max(touch, capTick) as Tick;
  const lots = lotsWithin(money, dearer, instrument);
  return {
    lots,
    entryTick: touch,
    capTick,
    notional: notionalOf(dearer, lots, instrument),
    notionalLeast: notionalOf(Math.min(touch, capTick) as Tick, lots, instrument),
  };
}
