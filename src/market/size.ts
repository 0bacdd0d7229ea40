// What is a size that need not lie on the step? After a coarser step sizes of before lie between its lots.
import { decimalText } from './decimal.ts';
import { sizeText, type Instrument } from './instrument.ts';
import type { Lot } from './units.ts';

/** 10^-22 of a unit of base, as fine as any step that can be read. */
export type Size = bigint;

export const SIZE_DECIMALS = 22;
/** One step of 10^-i. */
const UNITS = Array.from({ length: SIZE_DECIMALS + 1 }, (_, i) => 10n ** BigInt(SIZE_DECIMALS - i));
const PLAIN = /^(0|[1-9]\d*)(?:\.(\d{1,22}))?$/;

/** Undefined for anything but a plain decimal. */
export function sizeFromDecimal(text: string): Size | undefined {
  const match = PLAIN.exec(text);
  return match === null ? undefined : BigInt(`${match[1]}${(match[2] ?? '').padEnd(SIZE_DECIMALS, '0')}`);
}

/** Of so many lots, signed as they are. */
export function sizeOf(lots: number, { lotScaled, lotScale }: Instrument): Size {
  return BigInt(lots) * BigInt(lotScaled) * (UNITS[lotScale] as bigint);
}

/** Signed; at least 1 for any but 0: what is left of a position is never nothing. */
export function nearestLots(size: Size, instrument: Instrument): number {
  if (size === 0n) return 0;
  const step = sizeOf(1, instrument);
  const lots = Number(((size < 0n ? -size : size) + step / 2n) / step);
  return (size < 0n ? -1 : 1) * Math.max(1, lots);
}

/** A fraction where it lies between two steps. */
export function lotsOfSize(size: Size, instrument: Instrument): number {
  const step = sizeOf(1, instrument);
  return size % step === 0n ? Number(size / step) : Number(size) / Number(step);
}

export function isOnStep(size: Size, instrument: Instrument): boolean {
  return size % sizeOf(1, instrument) === 0n;
}

/** Signed. As the exchange prints it, or without superfluous zeros where it lies between two steps. */
export function exactSizeText(size: Size, instrument: Instrument): string {
  return isOnStep(size, instrument) ? sizeText(nearestLots(size, instrument) as Lot, instrument) : sizeDecimal(size);
}

/** Without superfluous zeros. */
export function sizeDecimal(size: Size): string {
  return decimalText(size, SIZE_DECIMALS);
}

/** Of an execution: its lots, or the nearest of them and the sizes themselves. Undefined where one is no plain decimal. */
export function sizesFromDecimals(
  text: string,
  closedText: string,
  instrument: Instrument,
):
  | { readonly lots: Lot; readonly closedLots: Lot; readonly exact?: { readonly size: Size; readonly closed: Size } }
  | undefined {
  const size = sizeFromDecimal(text);
  const closed = sizeFromDecimal(closedText);
  if (size === undefined || closed === undefined) return undefined;
  const lots = nearestLots(size, instrument) as Lot;
  const closedLots = nearestLots(closed, instrument) as Lot;
  const isOn = isOnStep(size, instrument) && isOnStep(closed, instrument);
  return isOn ? { lots, closedLots } : { lots, closedLots, exact: { size, closed } };
}
