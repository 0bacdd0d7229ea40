// hot: for signals only; allocates nothing.
// Is price where it has not been for hours? (strategy 6)
import { FACT_HIGH, FACT_LOW, SLOT_NUMBERS, type TapeMemory } from '../tape/layout.ts';

/** Is `middle` (twice the mid) above the highest, or below the lowest, trade of all closed minutes looked back over? */
export function isNewTerritory(tape: TapeMemory, slot: number, up: boolean, middle: number): boolean {
  const on = slot * SLOT_NUMBERS;
  const high = tape.numbers[on + FACT_HIGH] as number;
  const low = tape.numbers[on + FACT_LOW] as number;
  if (high === 0 || low === 0) return false;
  return up ? middle > 2 * high : middle < 2 * low;
}
