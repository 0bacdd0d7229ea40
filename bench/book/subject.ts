// How is one implementation of the book driven through a stream?
import { digestLevels } from '../frames/frame-set.ts';
import type { FrameSet, Levels } from '../frames/frame-set.ts';
import {
  createBybitApi,
  createCcxtBook,
  createCcxtPro,
  createJsSdsl,
  createNodejsOrderBook,
  createOrderbooks,
  createParseOnly,
  createSortedBtree,
  createTardis,
} from './peers.ts';
import type { BookFeed } from './peers.ts';
import type { Subject } from '../measure/subject.ts';

const FRAMES_PER_STEP = 2_000;

interface BookVariant {
  /** The package whose version is shown; undefined for what Node brings. */
  readonly package: string | undefined;
  readonly keepsBook: boolean;
  readonly peer: boolean;
  readonly create: (set: FrameSet) => BookFeed | Promise<BookFeed>;
}

const variant = (
  name: string | undefined,
  create: BookVariant['create'],
  keepsBook = true,
  peer = true,
): BookVariant => ({ package: name, create, keepsBook, peer });

/** In the order of the table. */
export const BOOK_VARIANTS: Readonly<Record<string, BookVariant>> = {
  plotnost: variant('plotnost', async (set) => (await import('../ours/book.ts')).createOwnBook(set), true, false),
  'JSON.parse': variant(undefined, createParseOnly, false, false),
  'js-sdsl OrderedMap': variant('js-sdsl', createJsSdsl),
  'sorted-btree': variant('sorted-btree', createSortedBtree),
  'ccxt OrderBook': variant('ccxt', createCcxtBook),
  'ccxt.pro bybit': variant('ccxt', (set) => createCcxtPro(set.grids.map((grid) => grid.symbol))),
  'tardis-dev': variant('tardis-dev', (set) => createTardis(set.depth)),
  orderbooks: variant('orderbooks', (set) => createOrderbooks(set.depth)),
  'nodejs-order-book': variant('nodejs-order-book', createNodejsOrderBook),
  'bybit-api update event': variant('bybit-api', createBybitApi, false),
};

export async function createBookSubject(name: string, set: FrameSet): Promise<Subject> {
  const chosen = BOOK_VARIANTS[name];
  if (chosen === undefined) throw new Error(`no such implementation: ${name}`);
  const feed = await chosen.create(set);
  const { snapshots, deltas } = set;
  return {
    steps: Math.ceil(deltas.length / FRAMES_PER_STEP),
    begin() {
      for (const frame of snapshots) feed.frame(frame);
    },
    prepare() {},
    run(step) {
      const end = Math.min(deltas.length, (step + 1) * FRAMES_PER_STEP);
      for (let i = step * FRAMES_PER_STEP; i < end; i++) feed.frame(deltas[i] as Buffer);
      return end - step * FRAMES_PER_STEP;
    },
    digests() {
      if (feed.levels === undefined) return undefined;
      return Object.fromEntries(set.grids.map(({ symbol }) => [symbol, digestLevels(feed.levels?.(symbol) as Levels)]));
    },
  };
}
