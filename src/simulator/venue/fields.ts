// How does a request name its values? V5 sends texts; what is absent and what is empty mean the same.
import { shortDecimal } from '../../market/decimal.ts';
import { lotFromDecimal, tickFromDecimal, type Instrument } from '../../market/instrument.ts';
import { TICK_MAX } from './band.ts';
import type { Params } from './venue.ts';
import { type Refusal, refusal } from './model.ts';

export const PARAMETER_ERROR = 10001;

export function wrong(text: string): Refusal {
  return refusal(PARAMETER_ERROR, text);
}

/** Undefined where it is absent or empty. */
export function textOf(params: Params, key: string): string | undefined {
  const value = params[key];
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

export function flagOf(params: Params, key: string): boolean {
  return textOf(params, key) === 'true';
}

/** One of the values that are allowed there; the usual one where it is absent. */
export function wordOf<T extends string, U>(
  params: Params,
  key: string,
  words: readonly T[],
  usual: U,
): T | U | Refusal {
  const text = textOf(params, key);
  if (text === undefined) return usual;
  return words.find((word) => word === text) ?? wrong(`params error: ${key} invalid`);
}

/** Prices come with any number of zeros behind: `76.530` and `76.5300` are the same tick. */
export function tickIn(params: Params, key: string, instrument: Instrument): number | undefined | Refusal {
  const text = textOf(params, key);
  if (text === undefined) return undefined;
  const tick = tickFromDecimal(shortDecimal(text), instrument);
  if (tick === undefined) return wrong(`params error: ${key} invalid`);
  return tick > TICK_MAX ? refusal(110003, 'Order price is out of permissible range') : tick;
}

export function lotsIn(params: Params, key: string, instrument: Instrument): number | undefined {
  const text = textOf(params, key);
  return text === undefined ? undefined : lotFromDecimal(shortDecimal(text), instrument);
}

/** Error texts name prices as whole numbers, scaled by ten thousand at least. */
export function scaledPrice(tick: number, { tickScaled, priceScale }: Instrument): string {
  return String(BigInt(tick * tickScaled) * 10n ** BigInt(Math.max(0, 4 - priceScale)));
}
