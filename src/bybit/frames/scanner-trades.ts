// hot: once per trade or ticker frame on main; allocates nothing.
// What do a trade frame and a ticker frame say?
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  latin,
  matches,
  MINUS,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  readDecimal,
  readFlag,
  readInteger,
  readName,
  skipField,
  SURPRISE,
} from './bytes.ts';

/** The exchange sends at most 1,024 trades in one frame. */
export const STAGED_TRADES_MAX = 1_024;

/** Trades of one frame as printed. */
export interface StagedTrades {
  readonly count: Int32Array; // [0]
  readonly times: Float64Array; // ms
  readonly priceDigits: Float64Array;
  readonly priceDecimals: Uint8Array;
  readonly sizeDigits: Float64Array;
  readonly sizeDecimals: Uint8Array;
  readonly buys: Uint8Array; // 1: the taker bought
  readonly blocks: Uint8Array; // 1: block trade, never in the book
  readonly rpis: Uint8Array; // 1: against retail liquidity that no book shows
}

export function createTrades(): StagedTrades {
  const n = STAGED_TRADES_MAX;
  return {
    count: new Int32Array(1),
    times: new Float64Array(n),
    priceDigits: new Float64Array(n),
    priceDecimals: new Uint8Array(n),
    sizeDigits: new Float64Array(n),
    sizeDecimals: new Uint8Array(n),
    buys: new Uint8Array(n),
    blocks: new Uint8Array(n),
    rpis: new Uint8Array(n),
  };
}

// StagedTicker.values
export const TICKER_CHANGE = 0; // 24 h change in percent, signed
export const TICKER_LAST = 1;
export const TICKER_MARK = 2;
export const TICKER_TURNOVER = 3; // 24 h, USDT

/** The fields of one ticker frame that the engine reads; a delta carries only what changed. */
export interface StagedTicker {
  /** Bit i: values[i] was in the frame. */
  readonly present: Int32Array; // [0]
  readonly values: Float64Array;
}

export function createTicker(): StagedTicker {
  return { present: new Int32Array(1), values: new Float64Array(4) };
}

const BUY = latin('"Buy"');
const SELL = latin('"Sell"');
const BLOCK = latin('"BT":');
const RPI = latin('"RPI":');
const SYMBOL = latin('"symbol":');
const FIELDS = ['"price24hPcnt":', '"lastPrice":', '"markPrice":', '"turnover24h":'].map(latin);
const TIME = 1;
const NAME = 2;
const SIDE = 4;
const SIZE = 8;
const PRICE = 16;
const TRADE_WHOLE = TIME | NAME | SIDE | SIZE | PRICE;

/** Reads `[{T, s, S, v, p, …}, …]`; the topic's symbol lies in [nameFrom, nameTo). */
export function readTrades(buf: Uint8Array, from: number, nameFrom: number, nameTo: number, out: StagedTrades): number {
  out.count[0] = 0;
  if (buf[from] !== OPEN_LIST) return SURPRISE;
  if (buf[from + 1] === CLOSE_LIST) return from + 2;
  let p = from + 1;
  for (let i = 0; i < STAGED_TRADES_MAX; i++) {
    p = readTrade(buf, p, nameFrom, nameTo, out, i);
    if (p === SURPRISE) return SURPRISE;
    out.count[0] = i + 1;
    const next = buf[p++] as number;
    if (next === CLOSE_LIST) return p;
    if (next !== COMMA) return SURPRISE;
  }
  return SURPRISE;
}

function readTrade(
  buf: Uint8Array,
  from: number,
  nameFrom: number,
  nameTo: number,
  out: StagedTrades,
  i: number,
): number {
  if (buf[from] !== OPEN_OBJECT) return SURPRISE;
  out.blocks[i] = 0;
  out.rpis[i] = 0;
  let seen = 0;
  let p = from + 1;
  for (;;) {
    let field = 0;
    if (buf[p] !== QUOTE) return SURPRISE;
    if (buf[p + 2] === QUOTE && buf[p + 3] === COLON) {
      const key = buf[p + 1] as number;
      const value = p + 4;
      if (key === 84) {
        field = TIME;
        p = readInteger(buf, value, out.times, i);
      } else if (key === 115) {
        field = NAME;
        p = readName(buf, value, nameFrom, nameTo);
      } else if (key === 83) {
        field = SIDE;
        const buy = matches(buf, value, BUY);
        out.buys[i] = buy ? 1 : 0;
        p = buy ? value + BUY.length : matches(buf, value, SELL) ? value + SELL.length : SURPRISE;
      } else if (key === 118) {
        field = SIZE;
        p = buf[value] === QUOTE ? readDecimal(buf, value + 1, out.sizeDigits, out.sizeDecimals, i) : SURPRISE;
      } else if (key === 112) {
        field = PRICE;
        p = buf[value] === QUOTE ? readDecimal(buf, value + 1, out.priceDigits, out.priceDecimals, i) : SURPRISE;
      } else p = skipField(buf, p);
    } else if (matches(buf, p, BLOCK)) p = readFlag(buf, p + BLOCK.length, out.blocks, i);
    else if (matches(buf, p, RPI)) p = readFlag(buf, p + RPI.length, out.rpis, i);
    else p = skipField(buf, p);
    if (p === SURPRISE || (seen & field) !== 0) return SURPRISE;
    seen |= field;
    const next = buf[p++] as number;
    if (next === COMMA) continue;
    return next === CLOSE_OBJECT && seen === TRADE_WHOLE ? p : SURPRISE;
  }
}

/** Reads the ticker's object; only the four fields of StagedTicker are kept. */
export function readTicker(buf: Uint8Array, from: number, nameFrom: number, nameTo: number, out: StagedTicker): number {
  if (buf[from] !== OPEN_OBJECT) return SURPRISE;
  let present = 0;
  let seen = 0;
  let named = false;
  let p = from + 1;
  for (;;) {
    if (buf[p] !== QUOTE) return SURPRISE;
    let field = -1;
    const first = buf[p + 1] as number;
    // The four names begin with p, l, m and t.
    if (first === 112 || first === 108 || first === 109 || first === 116) {
      for (let i = 0; i < FIELDS.length; i++) if (matches(buf, p, FIELDS[i] as Uint8Array)) field = i;
    }
    if (field >= 0) {
      if ((seen & (1 << field)) !== 0) return SURPRISE;
      seen |= 1 << field;
      p += (FIELDS[field] as Uint8Array).length;
      // "No value" is an empty string: the same as absent.
      if (buf[p] === QUOTE && buf[p + 1] === QUOTE) p += 2;
      else {
        p = readSigned(buf, p, out.values, field, field === TICKER_CHANGE ? 2 : 0);
        present |= 1 << field;
      }
    } else if (first === 115 && matches(buf, p, SYMBOL)) {
      p = readName(buf, p + SYMBOL.length, nameFrom, nameTo);
      named = true;
    } else p = skipField(buf, p);
    if (p === SURPRISE) return SURPRISE;
    const next = buf[p++] as number;
    if (next === COMMA) continue;
    out.present[0] = present;
    return next === CLOSE_OBJECT && named ? p : SURPRISE;
  }
}

const scratchDigits = new Float64Array(1);
const scratchDecimals = new Uint8Array(1);

/**
 * A quoted decimal, perhaps with a sign, its point moved `by` places, as the float next to it: for facts that are only compared
 * with thresholds, which 100 times a float may miss ("0.0055" is 0.55 %).
 */
function readSigned(buf: Uint8Array, from: number, out: Float64Array, at: number, by: number): number {
  if (buf[from] !== QUOTE) return SURPRISE;
  const negative = buf[from + 1] === MINUS;
  const p = readDecimal(buf, negative ? from + 2 : from + 1, scratchDigits, scratchDecimals, 0);
  if (p === SURPRISE) return SURPRISE;
  const digits = scratchDigits[0] as number;
  const decimals = (scratchDecimals[0] as number) - by;
  const value = decimals < 0 ? digits * 10 ** -decimals : digits / 10 ** decimals;
  out[at] = negative ? -value : value;
  return p;
}
