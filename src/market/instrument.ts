// What is one instrument, and how do its decimals become ticks and lots?
import { formatDecimal, parseDecimal, rescale, trimDecimal, unpadded } from './decimal.ts';
import type { Lot, NotionalUnits, Tick, Usdt } from './units.ts';

/** The grid of one instrument: everything needed to turn the exchange's decimals into integers and back. */
export interface Instrument {
  readonly symbol: string;
  /** Decimals with which the exchange prints prices. */
  readonly priceScale: number;
  /** The tick, in units of 10^-priceScale. */
  readonly tickScaled: number;
  /** Decimals with which the exchange prints sizes. */
  readonly lotScale: number;
  /** The quantity step, in units of 10^-lotScale. */
  readonly lotScaled: number;
  /** USDT in one tick × one lot. */
  readonly notionalUnit: number;
}

/**
 * Builds the grid from the exchange's texts, e.g. `('SOLUSDT', '0.010', '0.1', 3)`.
 * `priceScale` is what the exchange prints; without it the tick's own needed decimals.
 * Undefined where a text is no plain positive decimal.
 */
export function createInstrument(
  symbol: string,
  tickSize: string,
  qtyStep: string,
  priceScale?: number,
): Instrument | undefined {
  const tick = parseDecimal(tickSize);
  const step = parseDecimal(qtyStep);
  if (tick === undefined || step === undefined) return undefined;
  const tickTrimmed = trimDecimal(tick);
  const stepTrimmed = trimDecimal(step);
  const scale = Math.max(priceScale ?? tickTrimmed.decimals, tickTrimmed.decimals);
  const tickScaled = rescale(tickTrimmed, scale);
  if (tickScaled === undefined || tickScaled === 0 || stepTrimmed.mantissa === 0) return undefined;
  return {
    symbol,
    priceScale: scale,
    tickScaled,
    lotScale: stepTrimmed.decimals,
    lotScaled: stepTrimmed.mantissa,
    notionalUnit: (tickScaled * stepTrimmed.mantissa) / 10 ** (scale + stepTrimmed.decimals),
  };
}

export function sameGrid(a: Instrument, b: Instrument): boolean {
  return (
    a.priceScale === b.priceScale &&
    a.tickScaled === b.tickScaled &&
    a.lotScale === b.lotScale &&
    a.lotScaled === b.lotScaled
  );
}

function onGrid(text: string, scale: number, unit: number): number | undefined {
  const decimal = parseDecimal(unpadded(text));
  const scaled = decimal === undefined ? undefined : rescale(decimal, scale);
  return scaled === undefined || scaled % unit !== 0 ? undefined : scaled / unit;
}

/** Undefined for a text that is no plain decimal or lies off the grid. */
export function tickFromDecimal(price: string, instrument: Instrument): Tick | undefined {
  return onGrid(price, instrument.priceScale, instrument.tickScaled) as Tick | undefined;
}

/** The tick nearest to a price that need not lie on the grid, at least 1 for any but 0; undefined for no plain decimal. */
export function nearestTick(price: string, instrument: Instrument): Tick | undefined {
  return nearest(price, instrument.priceScale, instrument.tickScaled) as Tick | undefined;
}

function nearest(text: string, scale: number, unit: number): number | undefined {
  const exact = onGrid(text, scale, unit);
  const decimal = parseDecimal(unpadded(text));
  if (exact !== undefined || decimal === undefined) return exact;
  const scaled = decimal.mantissa * 10 ** (scale - decimal.decimals);
  return Math.max(1, Math.round(scaled / unit));
}

/** Undefined for a text that is no plain decimal or lies off the step. */
export function lotFromDecimal(size: string, instrument: Instrument): Lot | undefined {
  return onGrid(size, instrument.lotScale, instrument.lotScaled) as Lot | undefined;
}

/** Of a size that may be of an earlier, finer step: the nearest, at least 1 for any but 0; undefined for no plain decimal. */
export function nearestLot(size: string, instrument: Instrument): Lot | undefined {
  return nearest(size, instrument.lotScale, instrument.lotScaled) as Lot | undefined;
}

/** As the exchange prints it: padded to `priceScale`. */
export function priceText(tick: Tick, instrument: Instrument): string {
  return formatDecimal(tick * instrument.tickScaled, instrument.priceScale);
}

/** As the exchange prints it in books: padded to the step's decimals. */
export function sizeText(lot: Lot, instrument: Instrument): string {
  return formatDecimal(lot * instrument.lotScaled, instrument.lotScale);
}

export function usdt(units: NotionalUnits, instrument: Instrument): Usdt {
  return (units * instrument.notionalUnit) as Usdt;
}

/** The same, exact and as text: for storage. */
export function usdtText(units: NotionalUnits, instrument: Instrument): string {
  const { priceScale, tickScaled, lotScale, lotScaled } = instrument;
  return formatDecimal(BigInt(units) * BigInt(tickScaled * lotScaled), priceScale + lotScale);
}
