// Is the engine's book the one that the exchange sent? A second, plain reading that shares no code with the first.

/** Levels as decimal texts, from the touch outward. */
export type Levels = readonly (readonly [price: string, size: string])[];

export interface Difference {
  readonly topic: string;
  readonly u: number;
  readonly side: 'bid' | 'ask';
  readonly price: string;
  /** Undefined where the exchange has no such level, or the engine none. */
  readonly exchange: string | undefined;
  readonly engine: string | undefined;
}

interface PlainBook {
  u: number;
  readonly sides: readonly [Map<string, string>, Map<string, string>];
  /** Levels that differed after the last frame, so that each is counted when it begins to. */
  differing: Set<string>;
}

interface BookFrame {
  readonly topic: string;
  readonly type: string;
  readonly data: { readonly b: [string, string][]; readonly a: [string, string][]; readonly u: number };
}

const EXAMPLES_MAX = 10;
const SIDE_NAMES = ['bid', 'ask'] as const;

/** Rebuilds every book with `JSON.parse` and a Map, and compares all of it after every frame. */
export class Verifier {
  /** Frames after which a whole book was compared. */
  checked = 0;
  /** Levels that began to differ. */
  differences = 0;
  /** The first few, for the reader. */
  readonly examples: Difference[] = [];
  readonly #books = new Map<string, PlainBook>();

  /** `text` is a frame that the engine has just applied; `bids` and `asks` are what its book holds now. */
  check(text: string, bids: Levels, asks: Levels): void {
    const frame = JSON.parse(text) as BookFrame;
    const book = this.#apply(frame);
    const differing = new Set<string>();
    const differ = (side: 0 | 1, price: string, exchange: string | undefined, engine: string | undefined): void => {
      const key = `${side} ${price}`;
      differing.add(key);
      if (book.differing.has(key)) return;
      this.differences++;
      if (this.examples.length >= EXAMPLES_MAX) return;
      this.examples.push({ topic: frame.topic, u: book.u, side: SIDE_NAMES[side], price, exchange, engine });
    };
    compareSide(0, book.sides[0], bids, differ);
    compareSide(1, book.sides[1], asks, differ);
    book.differing = differing;
    this.checked++;
  }

  #apply({ topic, type, data }: BookFrame): PlainBook {
    let book = this.#books.get(topic);
    // The engine has applied a delta that follows nothing: compared with an empty book, every level of it differs.
    const follows = type === 'delta' && book !== undefined && data.u === book.u + 1;
    if (book === undefined || !follows) {
      book = { u: 0, sides: [new Map(), new Map()], differing: book?.differing ?? new Set() };
      this.#books.set(topic, book);
    }
    book.u = data.u;
    const depth = Number(topic.split('.')[1]);
    for (const [side, levels] of [data.b, data.a].entries()) {
      const map = book.sides[side as 0 | 1];
      for (const [price, size] of levels) {
        if (Number(size) === 0) map.delete(plain(price));
        else map.set(plain(price), plain(size));
      }
      if (map.size > depth) trim(map, side, depth);
    }
    return book;
  }
}

/** A topic shows so many levels a side; what is pushed out is never taken back by a delta. */
function trim(map: Map<string, string>, side: number, depth: number): void {
  const outward = [...map.keys()].sort((a, b) => (side === 0 ? Number(b) - Number(a) : Number(a) - Number(b)));
  for (const price of outward.slice(depth)) map.delete(price);
}

function compareSide(
  side: 0 | 1,
  exchange: ReadonlyMap<string, string>,
  engine: Levels,
  differ: (side: 0 | 1, price: string, exchange: string | undefined, engine: string | undefined) => void,
): void {
  const seen = new Set<string>();
  let last = side === 0 ? Infinity : -Infinity;
  for (const [priceText, sizeText] of engine) {
    const price = plain(priceText);
    const size = plain(sizeText);
    const value = Number(price);
    const inOrder = side === 0 ? value < last : value > last;
    last = value;
    seen.add(price);
    if (!inOrder || exchange.get(price) !== size) differ(side, price, exchange.get(price), size);
  }
  for (const [price, size] of exchange) if (!seen.has(price)) differ(side, price, size, undefined);
}

/** The value without padding: `65114.20` → `65114.2`. */
function plain(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}
