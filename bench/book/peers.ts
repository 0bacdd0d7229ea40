// How does each peer turn a raw frame into an updated book? Each in the way its own documentation shows.
import type { Levels } from '../frames/frame-set.ts';
import { importPeerFile, loadOwn, loadPeer } from '../measure/peers.ts';
import type { Frame } from '../frames/reference-book.ts';

/** One implementation under test: it takes frames and, unless it keeps none, shows its books. */
export interface BookFeed {
  frame(frame: Buffer): void;
  levels?(symbol: string): Levels;
}

type Pair = readonly [string, string];
type NumberPair = [number, number];

const parse = (frame: Buffer): Frame => JSON.parse(frame.toString()) as Frame;

/** `JSON.parse` alone, nothing applied. */
export function createParseOnly(): BookFeed {
  let sum = 0;
  return {
    frame(frame) {
      sum += parse(frame).data.u;
      if (!Number.isFinite(sum)) throw new Error('a frame without u');
    },
  };
}

interface OrderedSide {
  clear(): void;
  set(price: number, size: number): void;
  delete(price: number): void;
  entries(): NumberPair[];
}

/** The book a user writes over an ordered map, one map a side. */
function createOverOrderedMap(makeSide: (compare: (a: number, b: number) => number) => OrderedSide): BookFeed {
  const books = new Map<string, { readonly bids: OrderedSide; readonly asks: OrderedSide }>();
  const apply = (side: OrderedSide, changes: readonly Pair[]): void => {
    for (const [price, size] of changes) {
      const amount = Number(size);
      if (amount === 0) side.delete(Number(price));
      else side.set(Number(price), amount);
    }
  };
  return {
    frame(bytes) {
      const frame = parse(bytes);
      let book = books.get(frame.data.s);
      if (book === undefined) {
        book = { bids: makeSide((a, b) => b - a), asks: makeSide((a, b) => a - b) };
        books.set(frame.data.s, book);
      }
      if (frame.type === 'snapshot') {
        book.bids.clear();
        book.asks.clear();
      }
      apply(book.bids, frame.data.b);
      apply(book.asks, frame.data.a);
    },
    levels(symbol) {
      const book = books.get(symbol);
      return { bids: book?.bids.entries() ?? [], asks: book?.asks.entries() ?? [] };
    },
  };
}

interface SdslMap {
  clear(): void;
  setElement(key: number, value: number): number;
  eraseElementByKey(key: number): boolean;
  forEach(visit: (pair: NumberPair) => void): void;
}

export function createJsSdsl(): BookFeed {
  const { OrderedMap } = loadPeer<{ OrderedMap: new (from: [], compare: (a: number, b: number) => number) => SdslMap }>(
    'js-sdsl',
  );
  return createOverOrderedMap((compare) => {
    const map = new OrderedMap([], compare);
    return {
      clear: () => map.clear(),
      set: (price, size) => void map.setElement(price, size),
      delete: (price) => void map.eraseElementByKey(price),
      entries() {
        const pairs: NumberPair[] = [];
        map.forEach(([price, size]) => pairs.push([price, size]));
        return pairs;
      },
    };
  });
}

interface SortedTree {
  clear(): void;
  set(key: number, value: number): boolean;
  delete(key: number): boolean;
  toArray(): NumberPair[];
}

export function createSortedBtree(): BookFeed {
  const { default: BTree } = loadPeer<{
    default: new (from: undefined, compare: (a: number, b: number) => number) => SortedTree;
  }>('sorted-btree');
  return createOverOrderedMap((compare) => {
    const tree = new BTree(undefined, compare);
    return {
      clear: () => tree.clear(),
      set: (price, size) => void tree.set(price, size),
      delete: (price) => void tree.delete(price),
      entries: () => tree.toArray(),
    };
  });
}

type OrderSide = 'buy' | 'sell';

interface MatchingBook {
  limit(order: { side: OrderSide; id: string; size: number; price: number }): { readonly err: Error | null };
  cancel(id: string): object | undefined;
  depth(): [asks: NumberPair[], bids: NumberPair[]];
}

/** A matching engine fed as a book of levels: one order stands for all that rests at a price. */
export function createNodejsOrderBook(): BookFeed {
  const { OrderBook } = loadPeer<{ OrderBook: new () => MatchingBook }>('nodejs-order-book');
  const books = new Map<string, MatchingBook>();
  const cancel = (book: MatchingBook, side: OrderSide, changes: readonly Pair[]): void => {
    for (const [price] of changes) book.cancel(side + price);
  };
  const place = (book: MatchingBook, side: OrderSide, changes: readonly Pair[]): void => {
    for (const [price, text] of changes) {
      const size = Number(text);
      if (size === 0) continue;
      const { err } = book.limit({ side, id: side + price, size, price: Number(price) });
      if (err !== null) throw err;
    }
  };
  return {
    frame(bytes) {
      const { data, type } = parse(bytes);
      let book = books.get(data.s);
      if (book === undefined || type === 'snapshot') books.set(data.s, (book = new OrderBook()));
      // All that changes is cancelled first: what crossed an order about to go would trade with it.
      cancel(book, 'buy', data.b);
      cancel(book, 'sell', data.a);
      place(book, 'buy', data.b);
      place(book, 'sell', data.a);
    },
    levels(symbol) {
      const [asks, bids] = books.get(symbol)?.depth() ?? [[], []];
      return { bids, asks };
    },
  };
}

type StoreLevel = [symbol: string, price: number, side: 'Buy' | 'Sell', size: number];

interface BookStore {
  handleSnapshot(symbol: string, levels: StoreLevel[], timestamp: number): void;
  handleDelta(
    symbol: string,
    gone: StoreLevel[],
    upserts: StoreLevel[],
    inserts: StoreLevel[],
    timestamp: number,
  ): void;
  getBook(symbol: string): { readonly book: readonly StoreLevel[] };
}

export function createOrderbooks(depth: number): BookFeed {
  const { OrderBooksStore, OrderBookLevel } = loadPeer<{
    OrderBooksStore: new (options: { maxDepth: number; checkTimestamps: boolean; traceLog: boolean }) => BookStore;
    OrderBookLevel: (symbol: string, price: number, side: 'Buy' | 'Sell', size: number) => StoreLevel;
  }>('orderbooks');
  const store = new OrderBooksStore({ maxDepth: 2 * depth, checkTimestamps: false, traceLog: false });
  const side = (symbol: string, name: 'Buy' | 'Sell'): NumberPair[] =>
    store
      .getBook(symbol)
      .book.filter((level) => level[2] === name)
      .map((level): NumberPair => [level[1], level[3]]);
  return {
    frame(bytes) {
      const { data, type, ts } = parse(bytes);
      const gone: StoreLevel[] = [];
      const upserts: StoreLevel[] = [];
      for (const [price, size] of data.b) {
        const level = OrderBookLevel(data.s, Number(price), 'Buy', Number(size));
        (level[3] === 0 ? gone : upserts).push(level);
      }
      for (const [price, size] of data.a) {
        const level = OrderBookLevel(data.s, Number(price), 'Sell', Number(size));
        (level[3] === 0 ? gone : upserts).push(level);
      }
      if (type === 'snapshot') store.handleSnapshot(data.s, upserts, ts);
      else store.handleDelta(data.s, gone, upserts, [], ts);
    },
    // Kept as one array, highest price first.
    levels: (symbol) => ({ bids: side(symbol, 'Buy'), asks: side(symbol, 'Sell').toReversed() }),
  };
}

interface TardisBook {
  update(change: unknown): void;
  bids(): Iterable<{ readonly price: number; readonly amount: number }>;
  asks(): Iterable<{ readonly price: number; readonly amount: number }>;
}

interface TardisMapper {
  canHandle(message: Frame): boolean;
  map(message: Frame, localTimestamp: Date): Iterable<{ readonly symbol: string }>;
}

export function createTardis(depth: number): BookFeed {
  const { OrderBook } = loadPeer<{ OrderBook: new () => TardisBook }>('tardis-dev');
  const { BybitV5BookChangeMapper } = loadPeer<{
    BybitV5BookChangeMapper: new (exchange: string, depth: number) => TardisMapper;
  }>('tardis-dev/dist/mappers/bybit.js');
  const mapper = new BybitV5BookChangeMapper('bybit', depth);
  const books = new Map<string, TardisBook>();
  return {
    frame(bytes) {
      const message = parse(bytes);
      if (!mapper.canHandle(message)) throw new Error(`tardis-dev does not handle ${message.topic}`);
      // Its own `stream` stamps every message.
      for (const change of mapper.map(message, new Date())) {
        let book = books.get(change.symbol);
        if (book === undefined) books.set(change.symbol, (book = new OrderBook()));
        book.update(change);
      }
    },
    levels(symbol) {
      const book = books.get(symbol);
      return {
        bids: Array.from(book?.bids() ?? [], ({ price, amount }): NumberPair => [price, amount]),
        asks: Array.from(book?.asks() ?? [], ({ price, amount }): NumberPair => [price, amount]),
      };
    },
  };
}

interface CcxtSide extends ReadonlyArray<NumberPair> {
  storeArray(level: NumberPair): void;
}

interface CcxtBook {
  readonly bids: CcxtSide;
  readonly asks: CcxtSide;
  timestamp: number;
  reset(snapshot: object): void;
}

const numberPair = ([price, size]: Pair): NumberPair => [Number(price), Number(size)];
const ccxtLevels = (book: CcxtBook | undefined): Levels => ({
  bids: Array.from(book?.bids ?? [], ([price, size]): NumberPair => [price, size]),
  asks: Array.from(book?.asks ?? [], ([price, size]): NumberPair => [price, size]),
});

/** ccxt's order book class, fed without the rest of ccxt. */
export async function createCcxtBook(): Promise<BookFeed> {
  const { OrderBook } = await importPeerFile<{ OrderBook: new () => CcxtBook }>('ccxt/js/src/base/ws/OrderBook.js');
  const books = new Map<string, CcxtBook>();
  return {
    frame(bytes) {
      const { data, type, ts } = parse(bytes);
      let book = books.get(data.s);
      if (book === undefined) books.set(data.s, (book = new OrderBook()));
      if (type === 'snapshot') {
        book.reset({
          bids: data.b.map(numberPair),
          asks: data.a.map(numberPair),
          timestamp: ts,
          nonce: data.u,
          symbol: data.s,
        });
        return;
      }
      for (const level of data.a) book.asks.storeArray(numberPair(level));
      for (const level of data.b) book.bids.storeArray(numberPair(level));
      book.timestamp = ts;
    },
    levels: (symbol) => ccxtLevels(books.get(symbol)),
  };
}

interface CcxtExchange {
  readonly orderbooks: Record<string, CcxtBook>;
  client(url: string): { onMessage(event: { readonly data: Buffer }): void };
  setMarkets(markets: readonly object[]): void;
}

/** What a user of ccxt.pro runs: the socket client's message handler and all behind it. */
export async function createCcxtPro(symbols: readonly string[]): Promise<BookFeed> {
  const { default: ccxt } = await importPeerFile<{ default: { pro: { bybit: new () => CcxtExchange } } }>(
    'ccxt/js/ccxt.js',
  );
  const exchange = new ccxt.pro.bybit();
  const unified = (id: string): string => `${id.replace(/USDT$/, '')}/USDT:USDT`;
  exchange.setMarkets(
    symbols.map((id) => ({
      id,
      symbol: unified(id),
      base: id.replace(/USDT$/, ''),
      quote: 'USDT',
      settle: 'USDT',
      type: 'swap',
      contract: true,
      swap: true,
      linear: true,
      spot: false,
    })),
  );
  const client = exchange.client('wss://stream.bybit.com/v5/public/linear');
  return {
    frame: (bytes) => client.onMessage({ data: bytes }),
    levels: (symbol) => ccxtLevels(exchange.orderbooks[unified(symbol)]),
  };
}

interface BybitClient {
  on(event: 'update', listen: (message: Frame) => void): void;
  onWsMessage(event: { readonly type: 'message'; readonly data: string }, key: string, socket: object): void;
}

/** From the package's socket message to its `update` event; it keeps no book. */
export function createBybitApi(): BookFeed {
  const { WebsocketClient } = loadOwn<{ WebsocketClient: new (options: object) => BybitClient }>('bybit-api');
  const client = new WebsocketClient({ market: 'v5' });
  let seen = 0;
  client.on('update', (message) => {
    seen = message.data.u;
  });
  return {
    frame(bytes) {
      seen = 0;
      client.onWsMessage({ type: 'message', data: bytes.toString() }, 'v5LinearPublic', {});
      if (seen === 0) throw new Error('bybit-api emitted no update');
    },
  };
}
