// How is money counted? In whole units of 10^-8 USDT; what does not fit is cut off, as the exchange does.
import { assert } from '../../lib/assert.ts';
import type { Instrument } from '../../market/instrument.ts';
import { type Money, MONEY_DECIMALS } from './model.ts';

/** Rates count in 10^-8: 0.00055 is 55 000. */
export type Rate = bigint;
export const ONE: Rate = 10n ** BigInt(MONEY_DECIMALS);
/** Leverage counts in hundredths. */
const LEVERAGE_ONE = 100n;

/** What a sum of tick × lots is worth: exact, because no grid is finer than money. */
export function valueOf(units: number, { priceScale, lotScale, tickScaled, lotScaled }: Instrument): Money {
  assert(Number.isSafeInteger(units) && isCountable(priceScale + lotScale), 'amounts are exact');
  return BigInt(units) * BigInt(tickScaled * lotScaled) * 10n ** BigInt(MONEY_DECIMALS - priceScale - lotScale);
}

/** Whether one tick × one lot is a whole number of money's units. */
export function isCountable(decimals: number): boolean {
  return decimals <= MONEY_DECIMALS;
}

export function priceOf(tick: number, { priceScale, tickScaled }: Instrument): Money {
  return BigInt(tick * tickScaled) * 10n ** BigInt(MONEY_DECIMALS - priceScale);
}

/** Price of one coin where `lots` cost `value`. */
export function priceFor(value: Money, lots: number, { lotScale, lotScaled }: Instrument): Money {
  return lots === 0 ? 0n : (value * 10n ** BigInt(lotScale)) / BigInt(lots * lotScaled);
}

/** Exact, from a plain decimal with an optional sign; undefined for any other text. */
export function rateFromText(text: string): Rate | undefined {
  const match = /^(-?)(\d{1,9})(?:\.(\d{1,8}))?$/.exec(text);
  if (match === null) return undefined;
  const rate = BigInt(`${match[2]}${(match[3] ?? '').padEnd(MONEY_DECIMALS, '0')}`);
  return match[1] === '-' ? -rate : rate;
}

/** A rate of our own tables. */
export function rateOf(text: string): Rate {
  const rate = rateFromText(text);
  assert(rate !== undefined, `"${text}" is a rate`);
  return rate;
}

/** Whole steps in a size of so many 10^-8 coins. */
export function lotsUpTo(size: Rate, { lotScale, lotScaled }: Instrument): number {
  return Number((size * 10n ** BigInt(lotScale)) / (BigInt(lotScaled) * ONE));
}

export function part(value: Money, rate: Rate): Money {
  return (value * rate) / ONE;
}

export function perLeverage(value: Money, leverage: number): Money {
  return (value * LEVERAGE_ONE) / BigInt(leverage);
}

/** `value` × `of` ÷ `whole`, cut off. */
export function proportion(value: Money, of: number, whole: number): Money {
  return of === whole ? value : (value * BigInt(of)) / BigInt(whole);
}
