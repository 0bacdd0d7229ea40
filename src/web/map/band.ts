// Where on the map lies a density, and how is its range written?
import { priceOf } from '../format.ts';
import { yOf } from '../scale.ts';
import type { MapFrame } from './frame.ts';

const BAND_MIN = 4;

/** On whole rows: the band holds the cells that the heat is in. */
export function bandOf(
  frame: MapFrame,
  { low, high }: { readonly low: number; readonly high: number },
): {
  top: number;
  bottom: number;
} {
  const { bucketTicks } = frame.watching;
  const top = yOf(frame.scale, (Math.floor(high / bucketTicks) + 1) * bucketTicks);
  const bottom = yOf(frame.scale, Math.floor(low / bucketTicks) * bucketTicks);
  const missing = Math.max(0, BAND_MIN - (bottom - top)) / 2;
  return { top: Math.round(top - missing) - 0.5, bottom: Math.round(bottom + missing) + 0.5 };
}

/** Open to the right or closed there: a life that goes on, or one that is over. */
export function addBand(path: Path2D, left: number, right: number, top: number, bottom: number, isOver: boolean): void {
  if (isOver) {
    path.moveTo(left, top);
    path.lineTo(right, top);
    path.lineTo(right, bottom);
    path.lineTo(left, bottom);
    return;
  }
  path.moveTo(right, top);
  path.lineTo(left, top);
  path.lineTo(left, bottom);
  path.lineTo(right, bottom);
}

export function rangeText(low: number, high: number, tickSize: number, decimals: number): string {
  const from = priceOf(low, tickSize, decimals);
  return low === high ? from : `${from} … ${priceOf(high, tickSize, decimals)}`;
}
