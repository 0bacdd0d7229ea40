// What does one field of a private row say? Missing or strange values never throw (X07); numbers are exact.
import type { Ms } from '../../lib/brand.ts';
import { type Instrument, nearestLot, nearestTick, tickFromDecimal } from '../../market/instrument.ts';
import { type Money, moneyFromDecimal, ONE_USDT } from '../../market/money.ts';
import type { OrderSide } from '../../market/side.ts';
import type { TriggerBy } from '../../market/stop-price.ts';
import type { Lot, Tick } from '../../market/units.ts';
import { integerOf, textOf } from '../fields.ts';

/** Told of every value that we have no word for. */
export type OnOdd = (field: string, value: string) => void;

export function timeOf(value: unknown): Ms {
  return Math.max(0, integerOf(value, 0)) as Ms;
}

/** The services behind stops for a part of a position leave out the zero before the point: `.1` (X07). */
export function decimalOf(value: unknown): string {
  return textOf(value).replace(/^-?(?=\.\d)/, '$&0');
}

/** Undefined where there is none: '' and whatever is no decimal. */
export function moneyOf(value: unknown): Money | undefined {
  return moneyFromDecimal(decimalOf(value));
}

/** Of a decimal text, '' for 0: what is finer than a hundredth is left out. */
export function hundredthsOf(value: unknown): number {
  return Number((moneyOf(value) ?? 0n) / (ONE_USDT / 100n));
}

/** '' counts as none at all, which is 0; what is of before a coarser step as the nearest. */
export function lotsOf(value: unknown, instrument: Instrument): Lot | undefined {
  const text = decimalOf(value);
  return text === '' ? (0 as Lot) : nearestLot(text, instrument);
}

/** Undefined for no price, which is spelt '', '0' or '0.00', and for one off the grid. */
export function tickOf(value: unknown, instrument: Instrument): Tick | undefined {
  const tick = tickFromDecimal(decimalOf(value), instrument);
  return tick === 0 ? undefined : tick;
}

/** For prices that need not lie on the grid: marks, takeovers. */
export function nearTickOf(value: unknown, instrument: Instrument): Tick | undefined {
  const tick = nearestTick(decimalOf(value), instrument);
  return tick === 0 ? undefined : tick;
}

const SIDES: ReadonlyMap<string, OrderSide> = new Map([
  ['Buy', 'buy'],
  ['Sell', 'sell'],
]);

export function sideOf(value: unknown): OrderSide | undefined {
  return SIDES.get(textOf(value));
}

const TRIGGERS: ReadonlyMap<string, TriggerBy> = new Map([
  ['LastPrice', 'last'],
  ['MarkPrice', 'mark'],
  ['IndexPrice', 'index'],
]);

export const TRIGGER_TEXTS = { last: 'LastPrice', mark: 'MarkPrice', index: 'IndexPrice' } as const;

export function triggerByOf(value: unknown): TriggerBy | undefined {
  return TRIGGERS.get(textOf(value));
}

/** The word for an exchange's word; `unknown` is told. */
export function wordOf<Word extends string>(
  words: Readonly<Record<string, Word>>,
  field: string,
  value: unknown,
  odd: OnOdd,
): Word | 'unknown' {
  const text = textOf(value);
  if (Object.hasOwn(words, text)) return words[text] as Word;
  odd(field, text);
  return 'unknown';
}
