// What did the frame say that surprised the scanner? JSON.parse with strict checks; slow and rare.
import { parseDecimal, unpadded, type Decimal } from '../../market/decimal.ts';
import {
  STAGED_LEVELS_MAX,
  STAMP_EXCHANGE,
  STAMP_SENT,
  STAMP_SEQUENCE,
  STAMP_UPDATE,
  type Staging,
} from '../../book/staging.ts';
import type { Fields } from '../fields.ts';
import type { Routes } from './routes.ts';
import { NO_SLOT } from './routes.ts';
import { FRAME_BOOK, FRAME_CONTROL, FRAME_OTHER, FRAME_SURPRISE, FRAME_TICKER, FRAME_TRADES } from './scanner.ts';
import { STAGED_TRADES_MAX, TICKER_CHANGE, type StagedTicker, type StagedTrades } from './scanner-trades.ts';

/** Where the strict reader puts what it read: the scanner's own arrays. */
export interface StrictTarget {
  slot: number;
  depth: number;
  isSnapshot: boolean;
  readonly staging: Staging;
  readonly trades: StagedTrades;
  readonly ticker: StagedTicker;
}

/**
 * Reads one frame into the scanner's arrays and says what kind it is, like `FrameScanner.scan`. FRAME_SURPRISE: the frame
 * cannot be read; `slot` then still names the symbol where its topic could be read.
 */
export function readStrictly(buf: Uint8Array, routes: Routes, out: StrictTarget): number {
  const text = Buffer.from(buf.buffer, buf.byteOffset, buf.byteLength).toString('utf8');
  out.slot = NO_SLOT;
  out.depth = 0;
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    // No JSON at all. The topic stands at the front of every frame, so a torn one still tells whose gap this is.
    const topic = /"topic":"(orderbook\.(\d+)|publicTrade|tickers)\.([^"\\]+)"/.exec(text);
    if (topic !== null) {
      out.depth = Number(topic[2] ?? 0);
      out.slot = routes.slotOf(topic[3] as string) ?? NO_SLOT;
    }
    return FRAME_SURPRISE;
  }
  if (!isFields(frame)) return FRAME_SURPRISE;
  const topic = frame['topic'];
  if (topic === undefined) return FRAME_CONTROL;
  if (typeof topic !== 'string') return FRAME_SURPRISE;
  const book = /^orderbook\.(0*[1-9]\d*)\.(.+)$/.exec(topic);
  const symbol = book?.[2] ?? /^(?:publicTrade|tickers)\.(.+)$/.exec(topic)?.[1];
  if (symbol === undefined) return FRAME_OTHER;
  out.slot = routes.slotOf(symbol) ?? NO_SLOT;
  if (book !== null) {
    out.depth = Number(book[1]);
    return readBook(frame, symbol, out) ? FRAME_BOOK : FRAME_SURPRISE;
  }
  if (topic.startsWith('tickers.')) return readTicker(frame, symbol, out.ticker) ? FRAME_TICKER : FRAME_SURPRISE;
  return readTrades(frame, symbol, out) ? FRAME_TRADES : FRAME_SURPRISE;
}

function readBook(frame: Fields, symbol: string, out: StrictTarget): boolean {
  const { data, type, ts } = frame;
  // Archives of before the exchange told the time of matching: that of sending is the nearest that is known.
  const cts = frame['cts'] ?? ts;
  if (!isFields(data) || data['s'] !== symbol || (type !== 'snapshot' && type !== 'delta')) return false;
  const { b, a, u, seq } = data;
  if (!isCount(ts) || !isCount(cts) || !isCount(u) || !isCount(seq)) return false;
  if (!Array.isArray(b) || !Array.isArray(a) || b.length + a.length > STAGED_LEVELS_MAX) return false;
  out.isSnapshot = type === 'snapshot';
  const staging = out.staging;
  let i = 0;
  for (const level of [...b, ...a] as unknown[]) {
    if (!Array.isArray(level) || level.length !== 2) return false;
    const price = decimalOf(level[0]);
    const size = decimalOf(level[1]);
    if (price === undefined || size === undefined) return false;
    staging.priceDigits[i] = price.mantissa;
    staging.priceDecimals[i] = price.decimals;
    staging.sizeDigits[i] = size.mantissa;
    staging.sizeDecimals[i] = size.decimals;
    i++;
  }
  staging.ends[0] = b.length;
  staging.ends[1] = i;
  staging.stamps[STAMP_UPDATE] = u;
  staging.stamps[STAMP_SEQUENCE] = seq;
  staging.stamps[STAMP_SENT] = ts;
  staging.stamps[STAMP_EXCHANGE] = cts;
  return true;
}

function readTrades(frame: Fields, symbol: string, { staging, trades: out }: StrictTarget): boolean {
  const { data, ts } = frame;
  if (!Array.isArray(data) || data.length > STAGED_TRADES_MAX) return false;
  let i = 0;
  for (const trade of data as unknown[]) {
    if (!isFields(trade) || trade['s'] !== symbol || !isCount(trade['T'])) return false;
    const price = decimalOf(trade['p']);
    const size = decimalOf(trade['v']);
    const side = trade['S'];
    if (price === undefined || size === undefined || (side !== 'Buy' && side !== 'Sell')) return false;
    out.times[i] = trade['T'];
    out.priceDigits[i] = price.mantissa;
    out.priceDecimals[i] = price.decimals;
    out.sizeDigits[i] = size.mantissa;
    out.sizeDecimals[i] = size.decimals;
    out.buys[i] = side === 'Buy' ? 1 : 0;
    out.blocks[i] = trade['BT'] === true ? 1 : 0;
    out.rpis[i] = trade['RPI'] === true ? 1 : 0;
    i++;
  }
  out.count[0] = i;
  staging.stamps[STAMP_SENT] = isCount(ts) ? ts : Infinity;
  return true;
}

const TICKER_FIELDS = ['price24hPcnt', 'lastPrice', 'markPrice', 'turnover24h'] as const;

function readTicker(frame: Fields, symbol: string, out: StagedTicker): boolean {
  const data = frame['data'];
  if (!isFields(data) || data['symbol'] !== symbol) return false;
  let present = 0;
  for (const [bit, name] of TICKER_FIELDS.entries()) {
    const text = data[name];
    // What is no number says nothing of its field, and nothing against the connection.
    if (typeof text !== 'string' || !/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text)) continue;
    // A day's turnover may have more digits than an exact integer; it is only compared with thresholds.
    out.values[bit] = Number(bit === TICKER_CHANGE ? `${text}e2` : text);
    present |= 1 << bit;
  }
  out.present[0] = present;
  return true;
}

const PLAIN = /^(?:0|[1-9]\d*)(?:\.\d+)?$/;
/** Stands for a number of more digits than are exact: finer than any grid, it is refused as off it. */
const TOO_LONG: Decimal = { mantissa: 1, decimals: 255 };

function decimalOf(text: unknown): Decimal | undefined {
  if (typeof text !== 'string') return undefined;
  return parseDecimal(text) ?? parseDecimal(unpadded(text)) ?? (PLAIN.test(text) ? TOO_LONG : undefined);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
