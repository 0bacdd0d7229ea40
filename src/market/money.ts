// What is a sum of money? A whole number of 10^-8 USDT, so that no cent is lost or made by a float.
import { decimalText } from './decimal.ts';
import type { Instrument } from './instrument.ts';
import { SIZE_DECIMALS, type Size } from './size.ts';
import type { Lot, Tick } from './units.ts';

/** 10^-8 USDT. */
export type Money = bigint;

const DECIMALS = 8;
export const ONE_USDT: Money = 100_000_000n;

const SIGNED = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/;
/** Percentages are taken to the millionth part of one percent. */
const PERCENT_PARTS = 1_000_000;

/** `count` × 10^-decimals USDT; what is finer than a unit of money counts as a whole one, away from zero. */
function atScale(count: bigint, decimals: number): Money {
  if (decimals <= DECIMALS) return count * 10n ** BigInt(DECIMALS - decimals);
  return divideAway(count, 10n ** BigInt(decimals - DECIMALS));
}

function divideAway(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  if (quotient * divisor === dividend) return quotient;
  return dividend > 0n ? quotient + 1n : quotient - 1n;
}

/** What so many lots are worth at a price; negative for negative lots. `tick` may be a difference of prices. */
export function notionalOf(tick: Tick, lots: Lot, instrument: Instrument): Money {
  const count = BigInt(tick) * BigInt(lots) * BigInt(instrument.tickScaled) * BigInt(instrument.lotScaled);
  return atScale(count, instrument.priceScale + instrument.lotScale);
}

/** Is each price of its grid a whole number of units? Of a finer one averages and distances would be wrong. */
export function isPriced({ tickScaled, priceScale }: Instrument): boolean {
  return (tickScaled * Number(ONE_USDT)) % 10 ** priceScale === 0;
}

/** The price of one whole unit of base. */
export function priceOf(tick: Tick, instrument: Instrument): Money {
  return atScale(BigInt(tick) * BigInt(instrument.tickScaled), instrument.priceScale);
}

/** So many lots at a price that need not lie on the grid, an average for instance. */
export function worthOf(price: Money, lots: Lot, instrument: Instrument): Money {
  return divideAway(price * BigInt(lots) * BigInt(instrument.lotScaled), 10n ** BigInt(instrument.lotScale));
}

/** The same of a size that need not lie on the step. */
export function worthOfSize(price: Money, size: Size): Money {
  return divideAway(price * size, 10n ** BigInt(SIZE_DECIMALS));
}

/** Of a configured percentage; a part of a unit counts as a whole one, away from zero. */
export function percentOf(money: Money, percent: number): Money {
  return divideAway(money * BigInt(Math.round(percent * PERCENT_PARTS)), BigInt(100 * PERCENT_PARTS));
}

/** From a configured number of USDT. */
export function moneyFromNumber(usdt: number): Money {
  return BigInt(Math.round(usdt * Number(ONE_USDT)));
}

/** `'-1.25'` → −125,000,000; undefined for anything but a plain decimal. Digits behind the eighth round away from zero. */
export function moneyFromDecimal(text: string): Money | undefined {
  const match = SIGNED.exec(text);
  if (match === null) return undefined;
  const fraction = match[3] ?? '';
  const money = atScale(BigInt(`${match[2]}${fraction}`), fraction.length);
  return match[1] === '-' ? -money : money;
}

/** Plain, without superfluous zeros: 125,000,000 → `'1.25'`. */
export function moneyText(money: Money): string {
  return decimalText(money, DECIMALS);
}
