// How does a book look that is kept as most programs keep it: sorted arrays of objects, one a level?
import type { CoinParameters, OrderBook, PriceLevel } from './original-scan.ts';
import type { Frame } from '../frames/reference-book.ts';
import type { GridText, Levels } from '../frames/frame-set.ts';

/** The original's own defaults. */
const THRESHOLDS = { densityThresholdAbs: 50_000, densityThresholdRelative: 3, densityThresholdPercent: 5 };

/** Of the price, in percent. */
export type ClusterRange = (tick: number, price: number) => number;

export const clusterRangeDefault: ClusterRange = () => 0.05;

export class ObjectBooks {
  readonly books: readonly OrderBook[];
  readonly parameters: CoinParameters[] = [];
  readonly #grids: readonly GridText[];
  readonly #clusterRange: ClusterRange;
  readonly #places: ReadonlyMap<string, number>;

  constructor(grids: readonly GridText[], clusterRange: ClusterRange) {
    this.#grids = grids;
    this.#clusterRange = clusterRange;
    this.books = grids.map(() => ({ bids: [], asks: [] }));
    this.#places = new Map(grids.map(({ symbol }, place) => [symbol, place]));
  }

  /** Answers the place of the book's symbol. */
  apply({ data, type }: Frame): number {
    const place = this.#places.get(data.s) as number;
    const book = this.books[place] as OrderBook;
    if (type === 'snapshot') {
      book.bids.length = 0;
      book.asks.length = 0;
      const price = Number(data.b[0]?.[0]);
      const tick = Number(this.#grids[place]?.tickSize);
      this.parameters[place] = { ...THRESHOLDS, clusterRangePercent: this.#clusterRange(tick, price) };
    }
    for (const [price, size] of data.b) setLevel(book.bids, -1, Number(price), Number(size));
    for (const [price, size] of data.a) setLevel(book.asks, 1, Number(price), Number(size));
    return place;
  }

  levels(symbol: string): Levels {
    const place = this.#places.get(symbol) as number;
    const { qtyStep } = this.#grids[place] as GridText;
    const { bids, asks } = this.books[place] as OrderBook;
    const pairs = (levels: readonly PriceLevel[]) =>
      levels.map((level) => [level.price, sizeOf(level, qtyStep)] as const);
    return { bids: pairs(bids), asks: pairs(asks) };
  }
}

/** Volume is quote volume: the design's thresholds are in USDT. */
const volumeOf = (price: number, size: number): number => price * size;

/** Undoes the rounding of the product and the quotient. */
function sizeOf({ price, volume }: PriceLevel, qtyStep: string): number {
  const decimals = qtyStep.split('.')[1]?.length ?? 0;
  return Number((volume / price).toFixed(decimals));
}

/** `order` is 1 where prices rise from the touch outward, −1 where they fall. */
function setLevel(levels: PriceLevel[], order: 1 | -1, price: number, size: number): void {
  let low = 0;
  let high = levels.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (((levels[middle] as PriceLevel).price - price) * order < 0) low = middle + 1;
    else high = middle;
  }
  const level = levels[low];
  if (level?.price === price) {
    if (size === 0) levels.splice(low, 1);
    else level.volume = volumeOf(price, size);
  } else if (size !== 0) levels.splice(low, 0, { price, volume: volumeOf(price, size) });
}
