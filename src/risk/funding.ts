// When does a contract charge its next funding, and what would a position of ours owe?
import type { Ms } from '../lib/brand.ts';
import { EARNS, type PositionSide } from '../market/side.ts';
import type { Lot, Tick } from '../market/units.ts';
import type { FineUnits } from './cost.ts';
import { fractionParts } from './percent.ts';
import type { ContractFacts } from './situation.ts';

/** No exchange charges more at once. */
const RATE_MAX = 1;

/** Ms until then. The exchange tells one time; when that has passed, the next comes whole intervals later. */
export function untilFunding(contract: ContractFacts | undefined, exchangeMs: Ms): number | undefined {
  const { nextFundingMs = 0, fundingIntervalMs = 0 } = contract ?? {};
  if (!(nextFundingMs > 0 && fundingIntervalMs > 0)) return undefined;
  const passed = exchangeMs - nextFundingMs;
  return passed > 0 ? Math.ceil(passed / fundingIntervalMs) * fundingIntervalMs - passed : -passed;
}

/**
 * What so many lots at a price owe until they have been held for `holdingMs`: each funding up to then, at the rate of the next
 * one. What they would be paid is no gain to count on. Undefined where time or rate are unknown.
 */
export function fundingOwed(
  side: PositionSide,
  tick: Tick,
  lots: Lot,
  contract: ContractFacts,
  exchangeMs: Ms,
  holdingMs: number,
): FineUnits | undefined {
  const until = untilFunding(contract, exchangeMs);
  const { fundingRate = Number.NaN, fundingIntervalMs } = contract;
  if (until === undefined || !(until >= 0 && Math.abs(fundingRate) <= RATE_MAX)) return undefined;
  const times = Math.max(0, Math.floor((holdingMs - until) / fundingIntervalMs) + 1);
  if (times === 0) return 0n;
  const paid = fractionParts(Math.max(0, EARNS[side] * fundingRate));
  return BigInt(times) * paid * BigInt(tick) * BigInt(lots);
}
