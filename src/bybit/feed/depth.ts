// How many levels of this book must be watched? (the smallest depth that shows `book_range_percent` around the mid)
import { ASK, BID } from '../../market/side.ts';
import type { BookSide, Depth } from '../frames/ingest-port.ts';
import type { RestBook } from '../rest/rest-rows.ts';

export const DEPTHS = [50, 200, 1000] as const satisfies readonly Depth[];
/** Until a book has been seen. */
export const DEPTH_UNSEEN: Depth = 200;
/** A smaller depth must reach so much farther than needed before it replaces a larger one. */
const HYSTERESIS = 1.25;

/** How far from the mid `depth` levels reach on the side that reaches less; a side that ends before is seen whole. */
function reach({ sides }: RestBook, depth: number): number {
  const [bid, ask] = sides.map(({ ticks }) => ticks[0]);
  if (bid === undefined || ask === undefined) return 0;
  const mid = (bid + ask) / 2;
  const farthest = ({ ticks }: BookSide): number => {
    const last = ticks[depth - 1];
    return last === undefined ? Infinity : Math.abs(last - mid) / mid;
  };
  return Math.min(farthest(sides[BID]), farthest(sides[ASK]));
}

/** `book` must hold 1000 levels where the market has them. Undefined for an empty side: no mid, no choice. */
export function chooseDepth(book: RestBook, rangePercent: number, current: Depth | undefined): Depth | undefined {
  if (book.sides.some(({ ticks }) => ticks.length === 0)) return undefined;
  const range = rangePercent / 100;
  const smallest = (needed: number): Depth => DEPTHS.find((depth) => reach(book, depth) >= needed) ?? 1000;
  const enough = smallest(range);
  if (current === undefined || enough >= current) return enough;
  const generous = smallest(range * HYSTERESIS);
  return generous < current ? generous : current;
}
