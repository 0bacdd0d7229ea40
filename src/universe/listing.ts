// What must be known of a contract and of its last 24 hours to decide whether it is watched?
import type { Ms } from '../lib/brand.ts';
import type { Instrument } from '../market/instrument.ts';
import type { Money } from '../market/money.ts';
import type { Lot, Usdt } from '../market/units.ts';

/** What an order in a contract must keep to. */
export interface OrderTerms {
  readonly lotsMin: Lot;
  readonly lotsMaxMarket: Lot;
  readonly lotsMaxLimit: Lot;
  readonly notionalMin: Money;
  /** Hundredths. */
  readonly leverageMax: number;
  /** How far from the mark an order may be priced, as a fraction: X of the price band. */
  readonly bandRatio: number;
  readonly fundingIntervalMs: Ms;
}

/** One row of the exchange's list: the grid and the facts that the filters ask for. */
export interface ListedInstrument {
  readonly instrument: Instrument;
  readonly contractType: string;
  readonly status: string;
  readonly quoteCoin: string;
  readonly settleCoin: string;
  /** `''` ordinary, else `innovation`, `stock`, `commodity`, `forex`, `ETF`, or what the exchange invents next. */
  readonly symbolType: string;
  readonly isPreListing: boolean;
  /** Exchange time; 0 where it is not told. */
  readonly launchTime: Ms;
  /** Exchange time; 0 for a perpetual that is to stay. Anything else is a delisting with a date. */
  readonly deliveryTime: Ms;
  /** Undefined where the list does not tell all of them: such a contract is watched and not traded. */
  readonly terms?: OrderTerms | undefined;
}

/** 24 hours of one symbol. The texts are what the exchange printed, for storage. */
export interface DayChange {
  readonly symbol: string;
  /** As a fraction: 0.014167 is +1.4167 %. */
  readonly change: number;
  readonly turnover: Usdt;
  readonly turnoverText: string;
  /** `''` where none is told. */
  readonly lastPriceText: string;
  /** Exchange time; undefined where it is not told. */
  readonly nextFundingMs?: Ms | undefined;
  /** Of the next funding: what longs pay, as a fraction. */
  readonly fundingRateText?: string | undefined;
}

export interface ListingRules {
  /** `ordinary`, `innovation`, …; `ordinary` is the exchange's empty text. */
  readonly symbolTypes: readonly string[];
  readonly minAgeDays: number;
  readonly exclude: readonly string[];
}

const DAY_MS = 86_400_000;

/** Is it tradable at all? What a pinned list must still fulfil: a stranger's contract has no book for us. */
export function watchable(listed: ListedInstrument): boolean {
  return (
    listed.contractType === 'LinearPerpetual' &&
    listed.quoteCoin === 'USDT' &&
    listed.settleCoin === 'USDT' &&
    listed.status === 'Trading'
  );
}

/** Is it for us, whatever it does? `now` is exchange time. */
export function isEligible(listed: ListedInstrument, rules: ListingRules, now: Ms): boolean {
  return (
    watchable(listed) &&
    !listed.isPreListing &&
    listed.deliveryTime === 0 &&
    rules.symbolTypes.includes(listed.symbolType === '' ? 'ordinary' : listed.symbolType) &&
    now - listed.launchTime >= rules.minAgeDays * DAY_MS &&
    !rules.exclude.includes(listed.instrument.symbol)
  );
}
