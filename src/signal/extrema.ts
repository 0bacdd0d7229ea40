// hot: for signals only; allocates nothing.
// Is price where it has not been for hours? (strategy 6)
import {
  FACT_HIGH,
  FACT_LOW,
  FACT_MINUTE,
  MINUTE_MS,
  MINUTE_STRIDE,
  MINUTES_AT,
  MINUTES_MAX,
  SLOT_NUMBERS,
  type TapeMemory,
} from '../tape/layout.ts';

/** Is `middle` (twice the mid) above the highest, or below the lowest, trade of all closed minutes looked back over? */
export function isNewTerritory(tape: TapeMemory, slot: number, up: boolean, middle: number, now: number): boolean {
  const { numbers } = tape;
  const on = slot * SLOT_NUMBERS;
  let high = numbers[on + FACT_HIGH] as number;
  let low = numbers[on + FACT_LOW] as number;
  const newest = numbers[on + FACT_MINUTE] as number;
  if (Math.floor(now / MINUTE_MS) > newest) {
    // Nothing has traded in this minute, so the tape has not yet closed its newest bar.
    const bar = on + MINUTES_AT + (newest % MINUTES_MAX) * MINUTE_STRIDE;
    high = Math.max(high, numbers[bar + 1] as number);
    if (low === 0 || (numbers[bar + 2] as number) < low) low = numbers[bar + 2] as number;
  }
  if (high === 0 || low === 0) return false;
  return up ? middle > 2 * high : middle < 2 * low;
}
