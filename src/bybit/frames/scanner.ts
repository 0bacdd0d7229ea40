// hot: once per frame on main; makes no string and no garbage.
// What does a frame say? Key by key, in any order of the fields; whatever surprises it is left to the strict reader.
import {
  createStaging,
  STAGED_LEVELS_MAX,
  STAMP_EXCHANGE,
  STAMP_SENT,
  STAMP_SEQUENCE,
  STAMP_UPDATE,
  type Staging,
} from '../../book/staging.ts';
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  latin,
  matches,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  readDecimal,
  readInteger,
  readName,
  skipField,
  skipNested,
  skipString,
  SURPRISE,
  ZERO,
} from './bytes.ts';
import { NAME_BYTES_MAX } from '../../book/kernel-places.ts';
import { HASH_SEED, hashByte, NO_SLOT, type Routes } from './routes.ts';
import {
  createTicker,
  createTrades,
  readTicker,
  readTrades,
  type StagedTicker,
  type StagedTrades,
} from './scanner-trades.ts';

export const FRAME_SURPRISE = 0;
export const FRAME_BOOK = 1;
export const FRAME_TRADES = 2;
export const FRAME_TICKER = 3;
/** An answer to a request of ours, or anything without a topic. */
export const FRAME_CONTROL = 4;
/** A topic that the engine does not follow, e.g. klines. */
export const FRAME_OTHER = 5;

const TOPIC = latin('"topic":');
const TYPE = latin('"type":');
const DATA = latin('"data":');
const BOOK_TOPIC = latin('orderbook.');
const TRADE_TOPIC = latin('publicTrade.');
const TICKER_TOPIC = latin('tickers.');
const SNAPSHOT = latin('"snapshot"');
const DELTA = latin('"delta"');
const SYMBOL = latin('"s":');
const SEQ = latin('"seq":');

const SEEN_TOPIC = 1;
const SEEN_TYPE = 2;
const SEEN_SENT = 4;
const SEEN_DATA = 8;
const SEEN_EXCHANGE = 16;
const SEEN_SYMBOL = 32;
const SEEN_BIDS = 64;
const SEEN_ASKS = 128;
const SEEN_UPDATE = 256;
const SEEN_SEQUENCE = 512;
const BOOK_WHOLE =
  SEEN_TOPIC |
  SEEN_TYPE |
  SEEN_SENT |
  SEEN_DATA |
  SEEN_EXCHANGE |
  SEEN_SYMBOL |
  SEEN_BIDS |
  SEEN_ASKS |
  SEEN_UPDATE |
  SEEN_SEQUENCE;
const DATA_WHOLE = SEEN_TOPIC | SEEN_DATA;

/** Reads frames into its own arrays, which the next frame overwrites. */
export class FrameScanner {
  slot = NO_SLOT;
  depth = 0;
  isSnapshot = false;
  readonly staging: Staging = createStaging();
  readonly trades: StagedTrades = createTrades();
  readonly ticker: StagedTicker = createTicker();
  readonly #routes: Routes;
  #kind = FRAME_CONTROL;
  #seen = 0;
  #nameFrom = 0;
  #nameTo = 0;
  #levels = 0;

  constructor(routes: Routes) {
    this.#routes = routes;
  }

  /** Reads one frame. FRAME_SURPRISE: nothing in the arrays counts. `slot` is NO_SLOT for symbols that are not watched. */
  scan(buf: Uint8Array): number {
    this.slot = NO_SLOT;
    this.#kind = FRAME_CONTROL;
    this.#seen = 0;
    this.staging.stamps[STAMP_SENT] = Infinity;
    const end = buf.length;
    if (end < 2 || buf[0] !== OPEN_OBJECT || buf[end - 1] !== CLOSE_OBJECT) return FRAME_SURPRISE;
    let dataAt = 0;
    let p = 1;
    for (;;) {
      if (buf[p] !== QUOTE) return FRAME_SURPRISE;
      const second = buf[p + 1] as number;
      if (second === 116 && buf[p + 2] === 115 && buf[p + 3] === QUOTE && buf[p + 4] === COLON) {
        p = this.#mark(SEEN_SENT) ? readInteger(buf, p + 5, this.staging.stamps, STAMP_SENT) : SURPRISE;
      } else if (second === 116 && matches(buf, p, TOPIC)) {
        p = this.#mark(SEEN_TOPIC) ? this.#readTopic(buf, p + TOPIC.length) : SURPRISE;
      } else if (second === 116 && matches(buf, p, TYPE)) {
        p = this.#mark(SEEN_TYPE) ? this.#readType(buf, p + TYPE.length) : SURPRISE;
      } else if (second === 100 && matches(buf, p, DATA)) {
        if (!this.#mark(SEEN_DATA)) return FRAME_SURPRISE;
        p += DATA.length;
        if ((this.#seen & SEEN_TOPIC) === 0) {
          dataAt = p;
          p = skipNested(buf, p);
        } else p = this.#readData(buf, p);
      } else if (
        second === 99 &&
        buf[p + 2] === 116 &&
        buf[p + 3] === 115 &&
        buf[p + 4] === QUOTE &&
        buf[p + 5] === COLON
      ) {
        p = this.#mark(SEEN_EXCHANGE) ? readInteger(buf, p + 6, this.staging.stamps, STAMP_EXCHANGE) : SURPRISE;
      } else p = skipField(buf, p);
      if (p === SURPRISE) return FRAME_SURPRISE;
      if (buf[p] === COMMA) {
        p++;
        continue;
      }
      if (buf[p] === CLOSE_OBJECT) break;
      return FRAME_SURPRISE;
    }
    if (p !== end - 1) return FRAME_SURPRISE;
    if (dataAt > 0 && (this.#seen & SEEN_TOPIC) !== 0 && this.#readData(buf, dataAt) === SURPRISE)
      return FRAME_SURPRISE;
    const kind = this.#kind;
    const whole = kind === FRAME_BOOK ? BOOK_WHOLE : kind === FRAME_TRADES || kind === FRAME_TICKER ? DATA_WHOLE : 0;
    return (this.#seen & whole) === whole ? kind : FRAME_SURPRISE;
  }

  /** A key that comes twice is a surprise: JSON lets the last one win. */
  #mark(bit: number): boolean {
    const fresh = (this.#seen & bit) === 0;
    this.#seen |= bit;
    return fresh;
  }

  #readTopic(buf: Uint8Array, from: number): number {
    if (buf[from] !== QUOTE) return SURPRISE;
    let p = from + 1;
    if (matches(buf, p, BOOK_TOPIC)) {
      p += BOOK_TOPIC.length;
      let depth = 0;
      while ((buf[p] as number) >= ZERO && (buf[p] as number) <= 57) depth = depth * 10 + (buf[p++] as number) - ZERO;
      if (buf[p++] !== 46 || depth === 0) return this.#otherTopic(buf, from);
      this.depth = depth;
      this.#kind = FRAME_BOOK;
    } else if (matches(buf, p, TRADE_TOPIC)) {
      p += TRADE_TOPIC.length;
      this.#kind = FRAME_TRADES;
    } else if (matches(buf, p, TICKER_TOPIC)) {
      p += TICKER_TOPIC.length;
      this.#kind = FRAME_TICKER;
    } else return this.#otherTopic(buf, from);
    this.#nameFrom = p;
    let hash = HASH_SEED;
    while (buf[p] !== QUOTE) {
      if (p - this.#nameFrom >= NAME_BYTES_MAX || (buf[p] as number) < 33 || buf[p] === 92) return SURPRISE;
      hash = hashByte(hash, buf[p] as number);
      p++;
    }
    this.#nameTo = p;
    this.slot = this.#routes.find(buf, this.#nameFrom, p, hash);
    return p + 1;
  }

  #otherTopic(buf: Uint8Array, from: number): number {
    this.#kind = FRAME_OTHER;
    return skipString(buf, from);
  }

  #readType(buf: Uint8Array, p: number): number {
    this.isSnapshot = buf[p + 1] === 115;
    if (this.isSnapshot) return matches(buf, p, SNAPSHOT) ? p + SNAPSHOT.length : SURPRISE;
    if (matches(buf, p, DELTA)) return p + DELTA.length;
    return SURPRISE;
  }

  #readData(buf: Uint8Array, p: number): number {
    // What nobody watches need not be read: only stepped over, so that the rest of the frame is still checked.
    if (this.#kind === FRAME_BOOK) return this.#readBook(buf, p);
    if (this.slot === NO_SLOT) return skipNested(buf, p);
    if (this.#kind === FRAME_TRADES) return readTrades(buf, p, this.#nameFrom, this.#nameTo, this.trades);
    if (this.#kind === FRAME_TICKER) return readTicker(buf, p, this.#nameFrom, this.#nameTo, this.ticker);
    return skipNested(buf, p);
  }

  #readBook(buf: Uint8Array, from: number): number {
    if (buf[from] !== OPEN_OBJECT) return SURPRISE;
    const { stamps, ends } = this.staging;
    let p = from + 1;
    let bids = 0;
    let asksFirst = false;
    for (;;) {
      const key = buf[p + 1] as number;
      const short = buf[p] === QUOTE && buf[p + 2] === QUOTE && buf[p + 3] === COLON;
      if (short && key === 98) {
        if (!this.#mark(SEEN_BIDS)) return SURPRISE;
        asksFirst = (this.#seen & SEEN_ASKS) !== 0;
        p = this.#readLevels(buf, p + 4, 0);
        bids = this.#levels;
      } else if (short && key === 97) {
        if (!this.#mark(SEEN_ASKS)) return SURPRISE;
        p = this.#readLevels(buf, p + 4, bids);
      } else if (short && key === 117) {
        p = this.#mark(SEEN_UPDATE) ? readInteger(buf, p + 4, stamps, STAMP_UPDATE) : SURPRISE;
      } else if (short && key === 115) {
        p =
          this.#mark(SEEN_SYMBOL) && matches(buf, p, SYMBOL)
            ? readName(buf, p + SYMBOL.length, this.#nameFrom, this.#nameTo)
            : SURPRISE;
      } else if (key === 115 && matches(buf, p, SEQ)) {
        p = this.#mark(SEEN_SEQUENCE) ? readInteger(buf, p + SEQ.length, stamps, STAMP_SEQUENCE) : SURPRISE;
      } else p = skipField(buf, p);
      // Asks before bids would lie where the bids belong; the exchange never sends it, so it is left to the strict reader.
      if (p === SURPRISE || asksFirst) return SURPRISE;
      if (buf[p] === COMMA) {
        p++;
        continue;
      }
      if (buf[p] !== CLOSE_OBJECT) return SURPRISE;
      ends[0] = bids;
      ends[1] = this.#levels;
      return p + 1;
    }
  }

  #readLevels(buf: Uint8Array, from: number, first: number): number {
    const { priceDigits, priceDecimals, sizeDigits, sizeDecimals } = this.staging;
    this.#levels = first;
    if (buf[from] !== OPEN_LIST) return SURPRISE;
    if (buf[from + 1] === CLOSE_LIST) return from + 2;
    let p = from + 1;
    let i = first;
    for (;;) {
      if (buf[p] !== OPEN_LIST || buf[p + 1] !== QUOTE || i >= STAGED_LEVELS_MAX) return SURPRISE;
      p = readDecimal(buf, p + 2, priceDigits, priceDecimals, i);
      if (p === SURPRISE || buf[p] !== COMMA || buf[p + 1] !== QUOTE) return SURPRISE;
      p = readDecimal(buf, p + 2, sizeDigits, sizeDecimals, i);
      if (p === SURPRISE || buf[p] !== CLOSE_LIST) return SURPRISE;
      i++;
      const next = buf[p + 1] as number;
      p += 2;
      if (next === COMMA) continue;
      if (next !== CLOSE_LIST) return SURPRISE;
      this.#levels = i;
      return p;
    }
  }
}
