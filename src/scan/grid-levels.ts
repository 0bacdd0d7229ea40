// hot: for the few levels that pass the notional tests; allocates nothing.
// Is a level one rung of a market maker's ladder: equal sizes at equal steps of price?
import type { Levels } from '../book/levels.ts';

/** A rung is looked for no farther than this many levels from the one before. */
export const GRID_STEP_LEVELS_MAX = 20;

/**
 * Does the level at `i` belong to `rungsMin` or more levels of exactly its size at equal steps of price, each step at most
 * GRID_STEP_LEVELS_MAX levels long?
 */
export function isGridLevel(levels: Levels, i: number, rungsMin: number): boolean {
  const { ticks, lots } = levels;
  const size = lots[i] as number;
  const tick = ticks[i] as number;
  // The nearest rung on either side fixes the step; a farther one may fix another, so all within reach are tried.
  const from = Math.max(levels.from, i - GRID_STEP_LEVELS_MAX);
  const to = Math.min(levels.end - 1, i + GRID_STEP_LEVELS_MAX);
  for (let j = from; j <= to; j++) {
    if (j === i || lots[j] !== size) continue;
    const step = Math.abs((ticks[j] as number) - tick);
    const rungs = 1 + rungsFrom(levels, i, step, -1) + rungsFrom(levels, i, step, 1);
    if (rungs >= rungsMin) return true;
  }
  return false;
}

/** Rungs beyond `i` in one direction of the arrays. */
function rungsFrom({ ticks, lots, from, end }: Levels, i: number, step: number, direction: number): number {
  const size = lots[i] as number;
  let rungs = 0;
  let rung = i;
  for (;;) {
    const reach = rung + direction * GRID_STEP_LEVELS_MAX;
    let next = -1;
    for (let j = rung + direction; j >= from && j < end && j !== reach + direction; j += direction) {
      const away = Math.abs((ticks[j] as number) - (ticks[rung] as number));
      if (away > step) break;
      if (away === step) {
        if (lots[j] === size) next = j;
        break;
      }
    }
    if (next < 0) return rungs;
    rungs++;
    rung = next;
  }
}
