// How does a test show levels to the scan without a book?
import type { BookView } from '../../src/book/read.ts';

export function showLevels(
  view: BookView,
  side: 0 | 1,
  levels: readonly { readonly tick: number; readonly lot: number }[],
): void {
  view.counts[side] = levels.length;
  const shown = view.sides[side];
  [shown.from, shown.end] = [0, levels.length];
  for (const [i, { tick, lot }] of levels.entries()) {
    view.ticks[side][i] = tick;
    view.lots[side][i] = lot;
    shown.units[i] = tick * lot;
  }
}
