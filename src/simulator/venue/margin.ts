// How much money does a position or an order tie up, and at which price is it lost? Isolated margin, cut off to 10^-8.
import type { Rate } from './money.ts';
import { ONE, part, perLeverage, priceFor, priceOf, valueOf } from './money.ts';
import type { LivePosition } from './live-position.ts';
import { maintenancePart, tierOf } from './tiers.ts';
import type { Variants } from './variants.ts';
import type { RiskTier } from './venue.ts';
import type { Money, OrderSide } from './model.ts';

const BASIS_ONE = 10_000n;
const BREAK_EVEN_FEE_MIN: Rate = 55_000n;

/** Value at the bankruptcy price, where the initial margin is gone: E·(1 ∓ 1/L). `long` is the side of the position. */
function bankruptValue(value: Money, leverage: number, side: OrderSide): Money {
  return side === 'Buy' ? value - perLeverage(value, leverage) : value + perLeverage(value, leverage);
}

/** Exact before the cut: value × (L ∓ 1) ÷ L × fee. */
export function feeToClose(value: Money, leverage: number, side: OrderSide, taker: Rate): Money {
  const factor = BigInt(side === 'Buy' ? leverage - 100 : leverage + 100);
  return (value * factor * taker) / (BigInt(leverage) * ONE);
}

export interface PositionMargin {
  /** With the reserved closing fee, without extra margin. */
  readonly initial: Money;
  readonly maintenance: Money;
  readonly feeToClose: Money;
  readonly tier: RiskTier;
}

export function positionMargin(
  position: LivePosition,
  tiers: readonly RiskTier[],
  markTick: number,
  taker: Rate,
): PositionMargin {
  const { entryValue, leverage, lots, instrument } = position;
  const tier = tierOf(tiers, entryValue);
  const side = lots < 0 ? 'Sell' : 'Buy';
  const factor = BigInt(side === 'Buy' ? leverage - 100 : leverage + 100);
  const scale = BigInt(leverage) * ONE;
  // One division: parts that are cut off apart would lose a unit.
  const fee = entryValue * factor * taker;
  const markValue = valueOf(Math.abs(lots) * markTick, instrument);
  return {
    initial: (entryValue * 100n * ONE + fee) / scale,
    maintenance:
      lots === 0
        ? 0n
        : (markValue * BigInt(tier.maintenanceBasis) * scale + fee * BASIS_ONE) / (BASIS_ONE * scale) - tier.deduction,
    feeToClose: fee / scale,
    tier,
  };
}

/** What an order of `lots` at `value` reserves beyond what closes a position. */
export function orderMargin(value: Money, leverage: number, side: OrderSide, taker: Rate): Money {
  return perLeverage(value, leverage) + part(value, taker) + feeToClose(value, leverage, side, taker);
}

/** Undefined where it lies outside of the contract's prices. */
export function liquidationPrice(
  position: LivePosition,
  tiers: readonly RiskTier[],
  variants: Variants,
  tickMax: number,
): Money | undefined {
  const { lots, entryValue, leverage, extraMargin, instrument } = position;
  if (lots === 0) return undefined;
  const tier = tierOf(tiers, entryValue);
  const size = Math.abs(lots);
  const long = lots > 0;
  const bankrupt = bankruptValue(entryValue, leverage, long ? 'Buy' : 'Sell');
  const cushion = extraMargin + tier.deduction;
  if (variants.liquidationPrice === 'mark-based') {
    const left = BASIS_ONE + BigInt(long ? -tier.maintenanceBasis : tier.maintenanceBasis);
    // The division by (1 ∓ MMR) comes last, on the price.
    return inside(
      priceFor((long ? bankrupt - cushion : bankrupt + cushion) * BASIS_ONE, size, instrument) / left,
      position,
      tickMax,
    );
  }
  const distance = perLeverage(entryValue, leverage) - maintenancePart(entryValue, tier) + extraMargin;
  return inside(priceFor(long ? entryValue - distance : entryValue + distance, size, instrument), position, tickMax);
}

function inside(price: Money, { instrument }: LivePosition, tickMax: number): Money | undefined {
  return price < priceOf(1, instrument) || price > priceOf(tickMax, instrument) ? undefined : price;
}

/**
 * The tick at which a position is taken over: its margin is gone there, the fee of the takeover paid, and not a unit more.
 * Extra margin moves the price and with it the fee: what it can carry is X ÷ (1 ∓ t).
 */
export function bankruptcyTick(position: LivePosition, taker: Rate): number {
  const { lots, entryValue, leverage, extraMargin, instrument } = position;
  const long = lots > 0;
  const bankrupt = bankruptValue(entryValue, leverage, long ? 'Buy' : 'Sell');
  const extra = floorDivision(extraMargin * ONE, long ? ONE - taker : ONE + taker);
  const unit = valueOf(Math.abs(lots), instrument);
  const tick = long ? -floorDivision(extra - bankrupt, unit) : floorDivision(bankrupt + extra, unit);
  return Math.max(1, Number(tick));
}

/** Rounded down also below zero, where a bigint's own division rounds up. */
function floorDivision(a: bigint, b: bigint): bigint {
  return a / b - (a < 0n && a % b !== 0n ? 1n : 0n);
}

/** (entry·Q − realised) ÷ (Q − |Q|·fee). */
export function breakEvenPrice(position: LivePosition, taker: Rate): Money | undefined {
  const { lots, entryValue, currentRealised, instrument } = position;
  if (lots === 0) return undefined;
  const fee = taker > BREAK_EVEN_FEE_MIN ? taker : BREAK_EVEN_FEE_MIN;
  const cost = lots > 0 ? entryValue - currentRealised : entryValue + currentRealised;
  return priceFor(cost * ONE, Math.abs(lots), instrument) / (lots > 0 ? ONE - fee : ONE + fee);
}

export function unrealised({ lots, entryValue, instrument }: LivePosition, markTick: number): Money {
  const value = valueOf(Math.abs(lots) * markTick, instrument);
  return lots >= 0 ? value - entryValue : entryValue - value;
}
