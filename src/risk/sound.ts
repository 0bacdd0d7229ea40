// Are these numbers valid? If not, they are refused and nothing is thrown, because they come from outside this thread (A08).
import { SIDES } from '../market/side.ts';
import type { AnalysisEvent } from '../scan/event.ts';
import type { ContractFacts } from './situation.ts';

const TAKER_FEE_MAX = 0.01;

/** Positive whole numbers, as prices and sizes on the grid are. */
export function areCounts(...numbers: readonly number[]): boolean {
  return numbers.every((number) => Number.isSafeInteger(number) && number > 0);
}

export function isSoundSignal(signal: AnalysisEvent): boolean {
  return (
    areCounts(signal.low, signal.high, signal.middle) &&
    signal.low <= signal.high &&
    SIDES.includes(signal.side) &&
    Number.isFinite(signal.peak) &&
    Number.isFinite(signal.current)
  );
}

export function isSound(contract: ContractFacts): boolean {
  const { lotsMin, lotsMaxLimit, lotsMaxMarket, leverageMax, takerFee } = contract;
  return areCounts(lotsMin, lotsMaxLimit, lotsMaxMarket, leverageMax) && takerFee >= 0 && takerFee <= TAKER_FEE_MAX;
}
