// How does a test show levels to the scan without a book?
import type { BookView } from '../../src/book/read.ts';

export function showLevels(
  view: BookView,
  side: 0 | 1,
  levels: readonly { readonly tick: number; readonly lot: number }[],
): void {
  view.counts[side] = levels.length;
  let sum = 0;
  for (const [i, { tick, lot }] of levels.entries()) {
    view.ticks[side][i] = tick;
    view.lots[side][i] = lot;
    sum += tick * lot;
    view.prefix[side][i + 1] = sum;
  }
}
