// How do the printed digits of one instrument become ticks and lots without a division?
import type { Instrument } from '../market/instrument.ts';
import { rescale } from '../market/decimal.ts';

export const OFF_GRID = -1;
/** Ticks stay far inside 31 bits, so that keys are small integers on every path. */
export const TICK_MAX = 0x3fffffff;

/** What of an instrument turns its printed digits into ticks and lots. */
export type Grid = Pick<Instrument, 'priceScale' | 'tickScaled' | 'lotScale' | 'lotScaled'>;

/** Whole units in a printed number whose decimals are not the grid's own; OFF_GRID where there are none. */
export function unitsOf(digits: number, decimals: number, scale: number, unit: number): number {
  const scaled = rescale({ mantissa: digits, decimals }, scale);
  return scaled === undefined || scaled % unit !== 0 ? OFF_GRID : scaled / unit;
}
