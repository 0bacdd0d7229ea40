// The plain way from frames to books: JSON.parse, Maps, no memory shared. A second opinion.
import type { Ms } from '../../src/lib/brand.ts';
import { lotFromDecimal, tickFromDecimal } from '../../src/market/instrument.ts';
import type { Instrument } from '../../src/market/instrument.ts';
import { ASK, BID, type Side } from '../../src/market/side.ts';
import type { Lot, Slot, Tick } from '../../src/market/units.ts';
import type { BookCopy, BookSide, Depth, IngestPort, Outcome, Trust } from '../../src/bybit/frames/ingest-port.ts';

interface PlainBook {
  readonly instrument: Instrument;
  depth: number;
  nextDepth: number | undefined;
  connection: number;
  trust: Trust;
  readonly sides: [Map<Tick, Lot>, Map<Tick, Lot>];
  last: { u: number; seq: number; cts: Ms };
  received: Ms;
  lastPrice: string | undefined;
  lastTrade: string | undefined;
}

interface Frame {
  readonly op?: string;
  readonly topic?: string;
  readonly type?: string;
  readonly cts?: number;
  readonly data?: { readonly b?: string[][]; readonly a?: string[][]; readonly u?: number; readonly seq?: number };
}

export function sideFromPairs(levels: readonly (readonly [Tick, Lot])[]): BookSide {
  return { ticks: Int32Array.from(levels, ([tick]) => tick), lots: Float64Array.from(levels, ([, lot]) => lot) };
}

export class PlainIngest implements IngestPort {
  slot = -1;
  reason = '';
  ate = false;
  moved = false;
  epochs = 0;
  readonly counts = { fallbacks: 0, unreadable: 0 };
  /** A frame with this in it is one that a fast reader would leave to a slow one. */
  surprise: string | undefined;
  readonly #books = new Map<Slot, PlainBook>();

  frame(bytes: Uint8Array, connection: number, received: Ms): Outcome {
    this.slot = -1;
    const text = new TextDecoder().decode(bytes);
    let frame: Frame;
    try {
      frame = JSON.parse(text) as Frame;
    } catch {
      return this.#unreadable(text, connection);
    }
    if (frame.op !== undefined) return 'control';
    if (this.surprise !== undefined && text.includes(this.surprise)) this.counts.fallbacks++;
    const [kind, ...rest] = (frame.topic ?? '').split('.');
    const entry = this.#find(rest.at(-1) ?? '');
    if (entry === undefined || entry[1].connection !== connection) return 'dropped';
    const [slot, book] = entry;
    this.slot = slot;
    if (kind === 'publicTrade') {
      const trades = frame.data as unknown as readonly {
        readonly BT: boolean;
        readonly RPI: boolean;
        readonly p: string;
      }[];
      this.ate = trades.some(({ BT, RPI }) => !BT && !RPI);
      book.lastTrade = trades.at(-1)?.p;
    }
    if (kind === 'tickers') {
      const { lastPrice = book.lastPrice } = frame.data as { readonly lastPrice?: string };
      this.moved =
        book.lastPrice !== undefined && ![Number(book.lastPrice), Number(book.lastTrade)].includes(Number(lastPrice));
      book.lastPrice = lastPrice;
    }
    const outcome =
      kind === 'orderbook' ? this.#book(book, Number(rest[0]), frame) : kind === 'tickers' ? 'ticker' : 'trade';
    if (outcome !== 'dropped' && outcome !== 'gap') book.received = received;
    return outcome;
  }

  attach(slot: Slot, instrument: Instrument, depth: Depth): void {
    if (this.#books.has(slot)) throw new Error(`slot ${slot} is taken`);
    this.epochs++;
    this.#books.set(slot, {
      instrument,
      depth,
      nextDepth: undefined,
      connection: 0,
      trust: 'syncing',
      sides: [new Map(), new Map()],
      last: { u: 0, seq: 0, cts: 0 as Ms },
      received: 0 as Ms,
      lastPrice: undefined,
      lastTrade: undefined,
    });
  }

  detach(slot: Slot): void {
    if (!this.#books.delete(slot)) throw new Error(`slot ${slot} is empty`);
  }

  bind(slot: Slot, connection: number): void {
    this.#at(slot).connection = connection;
  }

  expectDepth(slot: Slot, depth: Depth): void {
    this.#at(slot).nextDepth = depth;
  }

  distrust(slot: Slot, state: 'syncing' | 'suspect' | 'stale'): void {
    this.#at(slot).trust = state;
  }

  trust(slot: Slot): Trust {
    return this.#books.get(slot)?.trust ?? 'dead';
  }

  lastFrame(slot: Slot): Ms {
    return this.#books.get(slot)?.received ?? (0 as Ms);
  }

  copyBook(slot: Slot, depthMax: number): BookCopy {
    const side = (of: Side) => sideFromPairs(this.readSide(slot, of, depthMax));
    return { seq: this.sequence(slot).seq, sides: [side(BID), side(ASK)] };
  }

  readSide(slot: Slot, side: Side, depthMax: number): readonly (readonly [Tick, Lot])[] {
    const sign = side === 0 ? -1 : 1;
    return [...this.#at(slot).sides[side]].sort((a, b) => (a[0] - b[0]) * sign).slice(0, depthMax);
  }

  sequence(slot: Slot): { u: number; seq: number; cts: Ms } {
    return this.#at(slot).last;
  }

  /** For tests: a value in memory goes wrong without any frame saying so. */
  corrupt(slot: Slot, side: Side, tick: Tick, lot: Lot): void {
    this.#at(slot).sides[side].set(tick, lot);
  }

  #at(slot: Slot): PlainBook {
    const book = this.#books.get(slot);
    if (book === undefined) throw new Error(`slot ${slot} is empty`);
    return book;
  }

  #find(symbol: string): [Slot, PlainBook] | undefined {
    return [...this.#books].find(([, book]) => book.instrument.symbol === symbol);
  }

  #unreadable(text: string, connection: number): Outcome {
    this.reason = 'unreadable';
    this.counts.fallbacks++;
    this.counts.unreadable++;
    const topic = /"topic":"(orderbook\.(?:50|200|1000)|publicTrade|tickers)\.([A-Z0-9]+)"/.exec(text);
    const isBook = topic?.[1]?.startsWith('orderbook') === true;
    const entry = topic === null ? undefined : this.#find(topic[2] as string);
    if (entry !== undefined && entry[1].connection === connection) {
      this.slot = entry[0];
      if (isBook && (entry[1].trust === 'live' || entry[1].trust === 'stale')) entry[1].trust = 'suspect';
    }
    return 'unreadable';
  }

  #book(book: PlainBook, depth: number, frame: Frame): Outcome {
    const data = frame.data ?? {};
    const isSnapshot = frame.type === 'snapshot';
    if (depth === 1) {
      if (book.trust === 'stale') book.trust = 'live';
      return 'touch';
    }
    const isOther = depth !== book.depth;
    if (isOther && (depth !== book.nextDepth || !isSnapshot)) return 'dropped';
    if (!isSnapshot) {
      if (book.trust !== 'live' && book.trust !== 'stale') return 'dropped';
      if (data.u !== book.last.u + 1 || (data.seq ?? 0) < book.last.seq) return this.#gap(book, 'sequence');
    }
    const sides: [Map<Tick, Lot>, Map<Tick, Lot>] = isSnapshot
      ? [new Map(), new Map()]
      : [new Map(book.sides[0]), new Map(book.sides[1])];
    for (const side of [0, 1] as const) {
      for (const [price, size] of (side === 0 ? data.b : data.a) ?? []) {
        const tick = tickFromDecimal(price ?? '', book.instrument);
        const lot = lotFromDecimal(size ?? '', book.instrument);
        if (tick === undefined || lot === undefined) {
          this.#gap(book, 'off-grid');
          return 'grid';
        }
        if (lot === 0) sides[side].delete(tick);
        else sides[side].set(tick, lot);
      }
    }
    if (Math.max(...sides[0].keys()) >= Math.min(...sides[1].keys())) return this.#gap(book, 'crossed');
    if (isOther) {
      book.depth = depth;
      book.nextDepth = undefined;
    }
    book.sides[0] = sides[0];
    book.sides[1] = sides[1];
    book.last = { u: data.u ?? 0, seq: data.seq ?? 0, cts: (frame.cts ?? 0) as Ms };
    book.trust = 'live';
    return isSnapshot ? 'snapshot' : 'delta';
  }

  #gap(book: PlainBook, reason: string): Outcome {
    book.trust = 'suspect';
    this.reason = reason;
    return 'gap';
  }
}
