// hot: for the few levels of lives that the window's edge passes; allocates nothing.
// Which levels of a density stand beyond the window's edge? Nobody sees them; they keep the size that was last seen.
import { HIDDEN_MAX, L_HIDDEN, hiddenOf } from './layout.ts';

/** False: no room. A density of more levels than that is none. */
export function hide(numbers: Float64Array, life: number, tick: number, lot: number): boolean {
  const count = numbers[life + L_HIDDEN] as number;
  if (count === HIDDEN_MAX) return false;
  const at = hiddenOf(numbers, life) + 2 * count;
  numbers[at] = tick;
  numbers[at + 1] = lot;
  numbers[life + L_HIDDEN] = count + 1;
  return true;
}

/** Takes a level back into sight and returns the lots that it had, 0 where it was not hidden. */
export function unhide(numbers: Float64Array, life: number, tick: number): number {
  const count = numbers[life + L_HIDDEN] as number;
  for (let i = 0; i < count; i++) {
    const at = hiddenOf(numbers, life) + 2 * i;
    if (numbers[at] !== tick) continue;
    const lot = numbers[at + 1] as number;
    const last = hiddenOf(numbers, life) + 2 * (count - 1);
    numbers[at] = numbers[last] as number;
    numbers[at + 1] = numbers[last + 1] as number;
    numbers[life + L_HIDDEN] = count - 1;
    return lot;
  }
  return 0;
}
