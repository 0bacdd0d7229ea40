// What is the right book after these frames? The plain reading, for checking every other one.
import { digestLevels, type FrameSet, type Levels } from './frame-set.ts';

export interface Frame {
  readonly topic: string;
  readonly type: 'snapshot' | 'delta';
  readonly ts: number;
  readonly data: {
    readonly s: string;
    readonly b: readonly (readonly [string, string])[];
    readonly a: readonly (readonly [string, string])[];
    readonly u: number;
    readonly seq: number;
  };
  readonly cts: number;
}

interface Sides {
  readonly bids: Map<number, number>;
  readonly asks: Map<number, number>;
}

function apply(side: Map<number, number>, changes: readonly (readonly [string, string])[]): void {
  for (const [price, size] of changes) {
    if (Number(size) === 0) side.delete(Number(price));
    else side.set(Number(price), Number(size));
  }
}

/** The books of all symbols after `frames`. */
export function referenceBooks(frames: Iterable<Buffer>): Map<string, Levels> {
  const books = new Map<string, Sides>();
  for (const bytes of frames) {
    const frame = JSON.parse(bytes.toString()) as Frame;
    if (frame.type === 'snapshot') books.set(frame.data.s, { bids: new Map(), asks: new Map() });
    const book = books.get(frame.data.s);
    if (book === undefined) throw new Error(`${frame.data.s}: a delta before its snapshot`);
    apply(book.bids, frame.data.b);
    apply(book.asks, frame.data.a);
  }
  return new Map(
    Array.from(books, ([symbol, { bids, asks }]) => [
      symbol,
      { bids: [...bids].sort((x, y) => y[0] - x[0]), asks: [...asks].sort((x, y) => x[0] - y[0]) },
    ]),
  );
}

type Digests = Readonly<Record<string, string>>;

export function expectedDigests(set: Pick<FrameSet, 'snapshots' | 'deltas'>): Digests {
  const books = referenceBooks([...set.snapshots, ...set.deltas]);
  return Object.fromEntries(Array.from(books, ([symbol, levels]) => [symbol, digestLevels(levels)]));
}

/** Throws where an implementation ends with another book than the reference. */
export function checkBooks(
  { variant, set }: { readonly variant: string; readonly set: FrameSet },
  expected: Digests,
  got: Digests | undefined,
): void {
  const wrong = Object.keys(expected).filter((symbol) => got?.[symbol] !== expected[symbol]);
  if (wrong.length === 0) return;
  throw new Error(
    `${variant} ends with another book than the reference at depth ${set.depth} (${set.source}): ` +
      `${wrong.length} of ${Object.keys(expected).length} symbols, first ${wrong[0]}`,
  );
}
