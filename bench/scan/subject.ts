// How is a scan measured? One message reaches each of forty books, outside of the clock; then all forty are scanned.
import type { Frame } from '../frames/reference-book.ts';
import { DensityDetector } from '../peers-own/original-scan.ts';
import type { CoinParameters, OrderBook } from '../peers-own/original-scan.ts';
import { clusterRangeDefault, ObjectBooks, type ClusterRange } from '../peers-own/object-books.ts';
import { digestLevels } from '../frames/frame-set.ts';
import type { FrameSet } from '../frames/frame-set.ts';
import type { Subject } from '../measure/subject.ts';

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
/**
 * The part of our scan that answers what the original's detector answers, and no more: what that is compared with. By our own rules: a
 * cluster has a few levels at most, which over 3 ticks those of the original have as well, and of those that overlap one is kept.
 */
export const OWN_DENSITIES = 'plotnost';
/** With lives, trend and signals, which the original's detector has not. */
export const OWN_SCAN = 'plotnost, whole scan';

const NARROW_TICKS = 3;

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
      return (await import('../ours/scan.ts')).createOwnScan(set);
    case OWN_DENSITIES:
      return (await import('../ours/scan.ts')).createOwnDetection(set);
    case ORIGINAL_DEFAULT:
      return createOriginalScan(set, clusterRangeDefault);
    case ORIGINAL_NARROW:
      return createOriginalScan(set, (tick, price) => (100 * NARROW_TICKS * tick) / price);
    default:
      throw new Error(`no such scan: ${variant}`);
  }
}

function createOriginalScan(set: FrameSet, clusterRange: ClusterRange): ScanFeed {
  const kept = new ObjectBooks(set.grids, clusterRange);
  const { books, parameters } = kept;
  const detector = new DensityDetector();
  let found = 0;
  return {
    begin() {}, // a snapshot replaces all that it keeps
    frame: (bytes) => kept.apply(JSON.parse(bytes.toString()) as Frame),
    scan(place) {
      found += detector.detectDensities(books[place] as OrderBook, parameters[place] as CoinParameters).length;
    },
    digests() {
      if (found < 0) throw new Error('unreachable: it keeps the compiler from leaving the scan out');
      return Object.fromEntries(set.grids.map(({ symbol }) => [symbol, digestLevels(kept.levels(symbol))]));
    },
  };
}
