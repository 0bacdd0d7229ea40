// A small exchange in memory, driven by the test: the public socket and the REST answers of a few symbols.
import type { Ms } from '../../src/lib/brand.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { createInstrument, lotFromDecimal, tickFromDecimal } from '../../src/market/instrument.ts';
import type { Instrument } from '../../src/market/instrument.ts';
import { ASK, BID, TOWARD_TOUCH, type Side } from '../../src/market/side.ts';
import type { Lot, Tick, Usdt } from '../../src/market/units.ts';
import { BybitError } from '../../src/bybit/bybit-error.ts';
import type { Dial, LinkEvents } from '../../src/bybit/feed/dial.ts';
import type { BookSide } from '../../src/bybit/frames/ingest-port.ts';
import type { PublicRest } from '../../src/bybit/rest/rest.ts';
import type { RestBook } from '../../src/bybit/rest/rest-rows.ts';
import type { DayChange, ListedInstrument } from '../../src/universe/listing.ts';
import { sideFromPairs } from './plain-ingest.ts';

export interface Conversation {
  readonly number: number;
  readonly topics: Set<string>;
  /** Every request, as sent. */
  readonly requests: { readonly op: string; readonly args: readonly string[]; readonly req_id: string }[];
  isOpen: boolean;
  /** A half-open link: it takes everything and answers nothing. */
  isDeaf: boolean;
  /** Terminated by us; kept to say something too late. */
  readonly events: LinkEvents;
}

export interface Scripted {
  readonly symbol: string;
  bids: Map<string, string>;
  asks: Map<string, string>;
  tickSize: string;
  qtyStep: string;
  priceScale: number;
  u: number;
  seq: number;
  status: string;
  /** Of the last trade. */
  last: string;
  change: number;
  turnover: number;
}

const encoder = new TextEncoder();

export class ScriptedExchange {
  readonly conversations: Conversation[] = [];
  readonly symbols = new Map<string, Scripted>();
  /** Topics that get neither data nor complaint. */
  readonly mute = new Set<string>();
  /** Topics whose data has stopped until they are subscribed anew. */
  readonly dead = new Set<string>();
  /** Topics the exchange does not know. */
  readonly unknown = new Set<string>();
  /** What it does not know it refuses without a name. */
  isVague = false;
  /** Bytes that it has not taken. */
  untaken = 0;
  isRefusing = false;
  /** Nothing is subscribed and nobody is told why. */
  isIgnoring = false;
  restFails = false;
  /** Questions that alone are not answered. */
  readonly failing = new Set<string>();
  /** Resolves when books are answered. */
  books: Promise<void> = Promise.resolve();
  /** Resolves when the list is told as it was when it was asked for. */
  lists: Promise<void> = Promise.resolve();
  /** Resolves when the grid of one symbol is answered. */
  grids: Promise<void> = Promise.resolve();
  /** Resolves when candles are answered. */
  candles: Promise<void> = Promise.resolve();
  /** How many of them were told of minutes to come. */
  candlesAhead = 0;
  restBook: ((symbol: Scripted) => Scripted) | undefined;
  calls: Record<string, number> = {};
  readonly #clock: Clock;

  constructor(clock: Clock, symbols: readonly string[]) {
    this.#clock = clock;
    for (const symbol of symbols) this.list(symbol);
  }

  list(symbol: string): Scripted {
    const scripted: Scripted = {
      symbol,
      bids: new Map(Array.from({ length: 60 }, (_, i) => [(100 - i * 0.01).toFixed(2), '5.0'])),
      asks: new Map(Array.from({ length: 60 }, (_, i) => [(100.01 + i * 0.01).toFixed(2), '5.0'])),
      tickSize: '0.01',
      qtyStep: '0.1',
      priceScale: 2,
      u: 1_000,
      seq: 50_000,
      status: 'Trading',
      last: '100.00',
      change: 0.05,
      turnover: 5_000_000,
    };
    this.symbols.set(symbol, scripted);
    return scripted;
  }

  of(symbol: string): Scripted {
    return this.symbols.get(symbol) as Scripted;
  }

  get last(): Conversation {
    return this.conversations.at(-1) as Conversation;
  }

  readonly dial: Dial = (_url, events) => {
    const conversation: Conversation = {
      number: this.conversations.length + 1,
      topics: new Set(),
      requests: [],
      isOpen: false,
      isDeaf: false,
      events,
    };
    this.conversations.push(conversation);
    this.#clock.after(1 as Ms, () => {
      if (this.isRefusing) events.closed('ECONNREFUSED');
      else {
        conversation.isOpen = true;
        events.open();
      }
    });
    return {
      send: (text) => this.#asked(conversation, text),
      buffered: () => this.untaken,
      terminate: () => {
        // A socket tells its end a turn after it was asked for.
        if (conversation.isOpen) this.#clock.after(0 as Ms, () => events.closed('closed 1006'));
        conversation.isOpen = false;
      },
    };
  };

  /** The server hangs up. */
  cut(conversation: Conversation = this.last): void {
    conversation.isOpen = false;
    conversation.events.closed('closed 1006');
  }

  raw(text: string, conversation: Conversation = this.last): void {
    conversation.events.message(encoder.encode(text));
  }

  /** One change of one level, told to whoever is subscribed. `isTold: false` loses the message on the way. */
  change(symbol: string, side: 'b' | 'a', price: string, size: string, isTold = true): void {
    const scripted = this.of(symbol);
    const levels = side === 'b' ? scripted.bids : scripted.asks;
    if (Number(size) === 0) levels.delete(price);
    else levels.set(price, size);
    scripted.u++;
    scripted.seq += 7;
    if (!isTold) return;
    const other = side === 'b' ? 'a' : 'b';
    const { u, seq } = scripted;
    const data = { s: symbol, [side]: [[price, size]], [other]: [], u, seq };
    for (const depth of [50, 200, 1000]) this.#publish(`orderbook.${depth}.${symbol}`, 'delta', data);
  }

  ticker(symbol: string): void {
    this.#publish(`tickers.${symbol}`, 'delta', { symbol, lastPrice: this.of(symbol).last });
  }

  /** Somebody trades; the next ticker tells it. */
  print(symbol: string, p: string): void {
    const scripted = this.of(symbol);
    scripted.last = p;
    const trade = {
      T: this.#clock.wall(),
      s: symbol,
      S: 'Sell',
      v: '1.0',
      p,
      BT: false,
      RPI: false,
      seq: scripted.seq,
    };
    this.#publish(`publicTrade.${symbol}`, 'snapshot', [trade]);
  }

  touch(symbol: string): void {
    const scripted = this.of(symbol);
    const b = [...scripted.bids].slice(0, 1);
    const a = [...scripted.asks].slice(0, 1);
    this.#publish(`orderbook.1.${symbol}`, 'snapshot', { s: symbol, b, a, u: scripted.u, seq: scripted.seq });
  }

  snapshot(topic: string, conversation: Conversation = this.last): void {
    const [, depth, symbol] = topic.split('.');
    const { bids, asks, u, seq } = this.of(symbol as string);
    const data = { s: symbol, b: [...bids].slice(0, Number(depth)), a: [...asks].slice(0, Number(depth)), u, seq };
    this.raw(this.#text(topic, 'snapshot', data), conversation);
  }

  #text(topic: string, type: string, data: object): string {
    const now = this.#clock.wall();
    return JSON.stringify({ topic, type, ts: now, data, cts: now - 2 });
  }

  #publish(topic: string, type: string, data: object): void {
    if (this.mute.has(topic) || this.dead.has(topic)) return;
    for (const conversation of this.conversations) {
      if (!conversation.isOpen || conversation.isDeaf || !conversation.topics.has(topic)) continue;
      this.raw(this.#text(topic, type, data), conversation);
    }
  }

  #asked(conversation: Conversation, text: string): void {
    const request = JSON.parse(text) as Conversation['requests'][number];
    const { op, req_id } = request;
    const args = request.args ?? [];
    conversation.requests.push({ op, args, req_id });
    if (conversation.isDeaf) return;
    this.#clock.after(2 as Ms, () => {
      if (!conversation.isOpen || conversation.isDeaf) return;
      this.#answer(conversation, op, args, req_id);
    });
  }

  #answer(conversation: Conversation, op: string, args: readonly string[], req_id: string): void {
    const reply = (success: boolean, ret_msg: string): void =>
      this.raw(JSON.stringify({ success, ret_msg, conn_id: 'x', req_id, op }), conversation);
    if (op === 'ping') return reply(true, 'pong');
    if (op === 'unsubscribe') {
      for (const topic of args) {
        conversation.topics.delete(topic);
        this.dead.delete(topic);
      }
      return reply(true, '');
    }
    if (this.isIgnoring) return;
    const bad = args.find((topic) => this.unknown.has(topic));
    if (bad !== undefined) return reply(false, this.isVague ? 'Params Error' : `error:handler not found,topic:${bad}`);
    const twice = args.find((topic) => conversation.topics.has(topic));
    if (twice !== undefined) return reply(false, `error:already subscribed,topic:${twice}`);
    for (const topic of args) {
      conversation.topics.add(topic);
      if (this.mute.has(topic)) continue;
      const symbol = topic.slice(topic.lastIndexOf('.') + 1);
      if (topic.startsWith('orderbook.1.')) this.touch(symbol);
      else if (topic.startsWith('orderbook.')) this.snapshot(topic, conversation);
      else if (topic.startsWith('tickers.')) this.ticker(symbol);
    }
    // The acknowledgement comes after the first data.
    reply(true, '');
  }

  #traded(): Scripted[] {
    return [...this.symbols.values()].filter(({ status }) => status === 'Trading');
  }

  listed(scripted: Scripted): ListedInstrument {
    const { symbol, tickSize, qtyStep, priceScale, status } = scripted;
    return {
      instrument: createInstrument(symbol, tickSize, qtyStep, priceScale) as Instrument,
      contractType: 'LinearPerpetual',
      status,
      quoteCoin: 'USDT',
      settleCoin: 'USDT',
      symbolType: '',
      isPreListing: false,
      launchTime: 1_600_000_000_000 as Ms,
      deliveryTime: 0 as Ms,
    };
  }

  readonly rest: { failure: string | undefined } & Omit<PublicRest, 'failure'> = {
    failure: undefined,
    instruments: async () => {
      const rows = this.#traded().map((row) => this.listed(row));
      await this.lists;
      return this.#called('instruments', () => rows);
    },
    instrument: async (symbol) => {
      const known = this.symbols.get(symbol);
      const asAsked = known && this.listed(known);
      await this.grids;
      return this.#called('instrument', () => asAsked);
    },
    days: () =>
      this.#called('days', () =>
        this.#traded().map(({ symbol, change, turnover }): DayChange => {
          const texts = { turnoverText: String(turnover), lastPriceText: '100.00' };
          return { symbol, change, turnover: turnover as Usdt, ...texts };
        }),
      ),
    klines: async (instrument) => {
      await this.candles;
      const [high, low] = [tickFromDecimal('101.00', instrument) as Tick, tickFromDecimal('99.00', instrument) as Tick];
      const klines = [{ start: 0 as Ms, high, low }];
      return this.#called('klines', () => ({ klines, ahead: this.candlesAhead }));
    },
    book: async (instrument, limit) => {
      await this.books;
      return this.#called('book', () => this.#restBookOf(instrument, limit));
    },
    clockOffset: () => this.#called('clockOffset', () => ({ offset: 0 as Ms, roundTrip: 1 as Ms })),
    close: () => undefined,
  };

  #restBookOf(instrument: Instrument, limit: number): RestBook | 'off-grid' {
    const scripted = this.of(instrument.symbol);
    const { bids, asks, seq } = this.restBook?.(scripted) ?? scripted;
    const sideOf = (texts: Map<string, string>, side: Side): BookSide => {
      const levels = [...texts]
        .map(([price, size]) => [tickFromDecimal(price, instrument), lotFromDecimal(size, instrument)] as const)
        .filter((level): level is readonly [Tick, Lot] => level[0] !== undefined && level[1] !== undefined)
        .sort(([a], [b]) => (b - a) * TOWARD_TOUCH[side])
        .slice(0, limit);
      return sideFromPairs(levels);
    };
    const sides = [sideOf(bids, BID), sideOf(asks, ASK)] as const;
    return sides[BID].ticks.length === Math.min(limit, bids.size) ? { sides, seq } : 'off-grid';
  }

  async #called<Value>(name: string, value: () => Value): Promise<Value> {
    this.calls[name] = (this.calls[name] ?? 0) + 1;
    const isRefused = this.restFails || this.failing.has(name);
    this.rest.failure = isRefused ? `${name}: ECONNREFUSED` : undefined;
    if (isRefused) throw new BybitError('ECONNREFUSED', `${name}: ECONNREFUSED`, true);
    return value();
  }
}
