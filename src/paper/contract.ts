// What must paper know of a contract to trade it as the exchange would?
import type { Ms } from '../lib/brand.ts';
import type { Instrument } from '../market/instrument.ts';
import { ONE_USDT, type Money } from '../market/money.ts';
import type { Lot, Slot } from '../market/units.ts';

/** Parts of 10^8: 0.00055 is 55,000. */
export type Rate = bigint;
export const ONE: Rate = 100_000_000n;

export interface PaperContract {
  readonly instrument: Instrument;
  readonly slot: Slot;
  readonly lotsMin: Lot;
  readonly lotsMaxMarket: Lot;
  readonly lotsMaxLimit: Lot;
  readonly notionalMin: Money;
  /** Hundredths. */
  readonly leverageMax: number;
  readonly fundingRate: Rate;
  /** Funding is due at the whole multiples of this, counted from 1970. */
  readonly fundingMs: Ms;
}

/** What most contracts have: for recordings, which tell the grid only. */
export function usualContract(instrument: Instrument, slot: Slot): PaperContract {
  return {
    instrument,
    slot,
    lotsMin: 1 as Lot,
    lotsMaxMarket: Number.MAX_SAFE_INTEGER as Lot,
    lotsMaxLimit: Number.MAX_SAFE_INTEGER as Lot,
    notionalMin: 5n * ONE_USDT,
    leverageMax: 5_000,
    fundingRate: 10_000n,
    fundingMs: 28_800_000 as Ms,
  };
}

/** Cut off, as the exchange does. */
export function part(money: Money, rate: Rate): Money {
  return (money * rate) / ONE;
}

/** Of the value of a position: half of what the greatest leverage leaves. */
export function maintenanceOf({ leverageMax }: PaperContract): Rate {
  return (ONE * 100n) / BigInt(2 * leverageMax);
}
