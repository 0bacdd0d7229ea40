// How is a scan measured? One message reaches each of forty books, outside of the clock; then all forty are scanned.
import type { Frame } from './reference-book.ts';
import { DensityDetector } from './peers-own/original-scan.ts';
import type { CoinParameters, OrderBook, PriceLevel } from './peers-own/original-scan.ts';
import { digestLevels } from './frame-set.ts';
import type { FrameSet } from './frame-set.ts';
import type { Subject } from './subject.ts';

/** Who answers a message with a scan. */
export interface ScanFeed {
  /** Before the stream is played again. */
  begin(): void;
  /** Brings the book up to date; not measured. Answers the place of its symbol in the stream. */
  frame(frame: Buffer): number;
  /** The measured scan of one book. */
  scan(symbol: number): void;
  digests(): Record<string, string>;
}

export const ORIGINAL_DEFAULT = 'original design in objects, clusters over 0.05 %';
export const ORIGINAL_NARROW = 'original design in objects, clusters over 3 ticks';
export const OWN_SCAN = 'plotnost';
/** The part of our scan that does what the original's detector does, and no more. */
export const OWN_DENSITIES = 'plotnost, densities only';

const CLUSTER_RANGE_PERCENT = 0.05;
const NARROW_TICKS = 3;
/** The original's own defaults. */
const THRESHOLDS = { densityThresholdAbs: 50_000, densityThresholdRelative: 3, densityThresholdPercent: 5 };

export async function createScanSubject(variant: string, set: FrameSet): Promise<Subject> {
  const feed = await createFeed(variant, set);
  const perStep = set.grids.length;
  const { snapshots, deltas } = set;
  const symbols = new Int32Array(perStep);
  return {
    steps: Math.floor(deltas.length / perStep),
    begin() {
      feed.begin();
      for (const frame of snapshots) feed.scan(feed.frame(frame));
    },
    prepare(step) {
      for (let i = 0; i < perStep; i++) symbols[i] = feed.frame(deltas[step * perStep + i] as Buffer);
    },
    run() {
      for (let i = 0; i < perStep; i++) feed.scan(symbols[i] as number);
      return perStep;
    },
    digests: () => feed.digests(),
  };
}

async function createFeed(variant: string, set: FrameSet): Promise<ScanFeed> {
  switch (variant) {
    case OWN_SCAN:
      return (await import('./own-scan.ts')).createOwnScan(set);
    case OWN_DENSITIES:
      return (await import('./own-scan.ts')).createOwnDetection(set);
    case ORIGINAL_DEFAULT:
      return createOriginalScan(set, () => CLUSTER_RANGE_PERCENT);
    case ORIGINAL_NARROW:
      return createOriginalScan(set, (tick, price) => (100 * NARROW_TICKS * tick) / price);
    default:
      throw new Error(`no such scan: ${variant}`);
  }
}

function createOriginalScan(set: FrameSet, clusterRange: (tick: number, price: number) => number): ScanFeed {
  const books: OrderBook[] = set.grids.map(() => ({ bids: [], asks: [] }));
  const parameters: CoinParameters[] = [];
  const places = new Map(set.grids.map(({ symbol }, place) => [symbol, place]));
  const detector = new DensityDetector();
  let found = 0;
  return {
    begin() {}, // a snapshot replaces all that it keeps
    frame(bytes) {
      const { data, type } = JSON.parse(bytes.toString()) as Frame;
      const place = places.get(data.s) as number;
      const book = books[place] as OrderBook;
      if (type === 'snapshot') {
        book.bids.length = 0;
        book.asks.length = 0;
        const price = Number(data.b[0]?.[0]);
        const tick = Number(set.grids[place]?.tickSize);
        parameters[place] = { ...THRESHOLDS, clusterRangePercent: clusterRange(tick, price) };
      }
      for (const [price, size] of data.b) setLevel(book.bids, -1, Number(price), Number(size));
      for (const [price, size] of data.a) setLevel(book.asks, 1, Number(price), Number(size));
      return place;
    },
    scan(place) {
      found += detector.detectDensities(books[place] as OrderBook, parameters[place] as CoinParameters).length;
    },
    digests() {
      if (found < 0) throw new Error('unreachable: it keeps the compiler from leaving the scan out');
      const pairs = (levels: readonly PriceLevel[]) =>
        levels.map(({ price, volume }) => [price, sizeOf(price, volume)] as const);
      return Object.fromEntries(
        set.grids.map(({ symbol, qtyStep }, place) => {
          const book = books[place] as OrderBook;
          const whole = (levels: readonly PriceLevel[]) =>
            pairs(levels).map(([price, size]) => [price, onStep(size, qtyStep)] as const);
          return [symbol, digestLevels({ bids: whole(book.bids), asks: whole(book.asks) })];
        }),
      );
    },
  };
}

/** Volume is quote volume: the design's thresholds are in USDT. */
const volumeOf = (price: number, size: number): number => price * size;
const sizeOf = (price: number, volume: number): number => volume / price;

/** Undoes the rounding of the product and the quotient. */
function onStep(size: number, qtyStep: string): number {
  const decimals = qtyStep.split('.')[1]?.length ?? 0;
  return Number(size.toFixed(decimals));
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
