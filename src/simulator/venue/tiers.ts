// How large may a position be at which leverage, and what must be kept for it? The risk tiers of one contract.
import type { Listing } from '../listing.ts';
import type { RiskTier } from './venue.ts';
import { type Money, MONEY_DECIMALS } from './model.ts';

const TIERS = 10;
const BASIS_ONE = 10_000n;
const USDT = 10n ** BigInt(MONEY_DECIMALS);
const LIMIT_USDT: Readonly<Record<string, bigint>> = { BTCUSDT: 2_000_000n, ETHUSDT: 900_000n };
const LIMIT_USDT_USUAL = 200_000n;

/** Maintenance starts at half of 1 / maximum leverage and grows by as much with every tier. */
export function createTiers(listing: Listing, index: number): RiskTier[] {
  const limit = (LIMIT_USDT[listing.symbol] ?? LIMIT_USDT_USUAL) * USDT;
  const first = Math.floor(5_000 / listing.maxLeverage);
  const tiers: RiskTier[] = [];
  let deduction = 0n;
  for (let i = 0; i < TIERS; i++) {
    const maintenanceBasis = first * (i + 1);
    deduction += i === 0 ? 0n : (limit * BigInt(i) * BigInt(first)) / BASIS_ONE;
    tiers.push({
      id: 1 + index * TIERS + i,
      limit: limit * BigInt(i + 1),
      maintenanceBasis,
      initialBasis: i === 0 ? Math.ceil(10_000 / listing.maxLeverage) : 2 * maintenanceBasis,
      maxLeverage: i === 0 ? listing.maxLeverage * 100 : Math.floor(1_000_000 / (2 * maintenanceBasis)),
      deduction,
    });
  }
  return tiers;
}

/** The tier of a position of this value; the last one where it is too large for any. */
export function tierOf(tiers: readonly RiskTier[], value: Money): RiskTier {
  return tiers.find(({ limit }) => value <= limit) ?? (tiers.at(-1) as RiskTier);
}

export function maintenancePart(value: Money, tier: RiskTier): Money {
  return (value * BigInt(tier.maintenanceBasis)) / BASIS_ONE - tier.deduction;
}
