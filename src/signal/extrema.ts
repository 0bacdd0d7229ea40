// hot: for signals only; allocates nothing.
// Is price where it has not been for hours? (strategy 6)
import { readExtrema } from '../tape/extrema.ts';
import type { TapeMemory } from '../tape/layout.ts';

const extrema = new Float64Array(2);

/** Is `middle` (twice the mid) above the highest, or below the lowest, trade of all closed minutes looked back over? */
export function isNewTerritory(tape: TapeMemory, slot: number, up: boolean, middle: number, now: number): boolean {
  readExtrema(tape, slot, now, extrema);
  const high = extrema[0] as number;
  if (high === 0) return false;
  return up ? middle > 2 * high : middle < 2 * (extrema[1] as number);
}
