// What does a frame say to somebody who knows JSON.parse and the exchange's documentation, and nothing of the scanner?
import type { FrameScanner } from '../../src/bybit/frames/scanner.ts';
import { FRAME_BOOK, FRAME_TICKER, FRAME_TRADES } from '../../src/bybit/frames/scanner.ts';
import { STAMP_EXCHANGE, STAMP_SEQUENCE, STAMP_SENT, STAMP_UPDATE } from '../../src/book/staging.ts';

/** Digits without the point as a number, and how many stand behind it. */
type Printed = readonly [digits: number, decimals: number];

export type PlainFrame =
  | {
      kind: 'book';
      symbol: string;
      depth: number;
      snapshot: boolean;
      stamps: number[];
      bids: Printed[][];
      asks: Printed[][];
    }
  | { kind: 'trades'; symbol: string; trades: unknown[][] }
  | { kind: 'ticker'; symbol: string; values: (number | null)[] }
  /** An answer, or a topic that is not followed. */
  | { kind: 'other' }
  | { kind: 'unreadable' };

type Fields = Readonly<Record<string, unknown>>;
const UNREADABLE: PlainFrame = { kind: 'unreadable' };

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function printed(value: unknown): Printed | undefined {
  if (typeof value !== 'string' || !/^\d+(\.\d+)?$/.test(value) || /^0\d/.test(value)) return undefined;
  const [whole, printedFraction = ''] = value.split('.') as [string, string?];
  const isLong = (fraction: string): boolean => BigInt(whole + fraction) >= 10n ** 15n || fraction.length > 22;
  // Read as printed where that is exact; else the zeros at the end say nothing, and what is still too long is of no grid.
  const fraction = isLong(printedFraction) ? printedFraction.replace(/0+$/, '0') : printedFraction;
  return isLong(fraction) ? [1, 255] : [Number(whole + fraction), fraction.length];
}

function levels(list: unknown): Printed[][] | undefined {
  if (!Array.isArray(list)) return undefined;
  const read = list.map((level: unknown) => (Array.isArray(level) && level.length === 2 ? level.map(printed) : []));
  return read.every((level) => level.length === 2 && !level.includes(undefined)) ? (read as Printed[][]) : undefined;
}

export function readPlainly(bytes: Uint8Array): PlainFrame {
  let frame: unknown;
  try {
    frame = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return UNREADABLE;
  }
  if (!isFields(frame)) return UNREADABLE;
  const topic = frame['topic'];
  if (topic === undefined) return { kind: 'other' };
  if (typeof topic !== 'string') return UNREADABLE;
  const [, kind, depth = '0', symbol] =
    /^(orderbook|publicTrade|tickers)(?:(?<=orderbook)\.(\d+))?\.(.+)$/.exec(topic) ?? [];
  if (symbol === undefined || (kind === 'orderbook') !== Number(depth) > 0) return { kind: 'other' };
  const data = frame['data'];
  if (kind === 'publicTrade') return readTrades(symbol, data);
  if (!isFields(data)) return UNREADABLE;
  return kind === 'tickers' ? readTicker(symbol, data) : readBook(symbol, Number(depth), frame, data);
}

function readBook(symbol: string, depth: number, frame: Fields, data: Fields): PlainFrame {
  const stamps = [data['u'], data['seq'], frame['cts'] ?? frame['ts'], frame['ts']];
  const [bids, asks] = [levels(data['b']), levels(data['a'])];
  const type = frame['type'];
  if (data['s'] !== symbol || (type !== 'snapshot' && type !== 'delta')) return UNREADABLE;
  if (bids === undefined || asks === undefined || !stamps.every(isCount)) return UNREADABLE;
  return { kind: 'book', symbol, depth, snapshot: type === 'snapshot', stamps, bids, asks };
}

function readTrades(symbol: string, data: unknown): PlainFrame {
  if (!Array.isArray(data)) return UNREADABLE;
  const trades = data.map((trade: unknown) => {
    if (!isFields(trade) || trade['s'] !== symbol || !isCount(trade['T'])) return undefined;
    const [price, size] = [printed(trade['p']), printed(trade['v'])];
    const side = trade['S'];
    if (price === undefined || size === undefined || (side !== 'Buy' && side !== 'Sell')) return undefined;
    return [trade['T'], price, size, side === 'Buy', trade['BT'] === true, trade['RPI'] === true];
  });
  return trades.includes(undefined) ? UNREADABLE : { kind: 'trades', symbol, trades: trades as unknown[][] };
}

function readTicker(symbol: string, data: Fields): PlainFrame {
  if (data['symbol'] !== symbol) return UNREADABLE;
  const values = ['price24hPcnt', 'lastPrice', 'markPrice', 'turnover24h'].map((name) => {
    const text = data[name];
    return typeof text === 'string' && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text)
      ? Number(name === 'price24hPcnt' ? `${text}e2` : text)
      : null;
  });
  return { kind: 'ticker', symbol, values };
}

/** What stands in the scanner's arrays, in the same words. */
export function told(kind: number, symbol: string, from: FrameScanner): PlainFrame {
  const { staging, trades, ticker } = from;
  const level = (i: number): Printed[] => [
    [staging.priceDigits[i] as number, staging.priceDecimals[i] as number],
    [staging.sizeDigits[i] as number, staging.sizeDecimals[i] as number],
  ];
  const between = (first: number, end: number) => Array.from({ length: end - first }, (_, i) => level(first + i));
  if (kind === FRAME_BOOK) {
    const [bids, all] = [...staging.ends] as [number, number];
    const stamps = [STAMP_UPDATE, STAMP_SEQUENCE, STAMP_EXCHANGE, STAMP_SENT].map((at) => staging.stamps[at] as number);
    return {
      kind: 'book',
      symbol,
      depth: from.depth,
      snapshot: from.isSnapshot,
      stamps,
      bids: between(0, bids),
      asks: between(bids, all),
    };
  }
  if (kind === FRAME_TRADES) {
    const list = Array.from({ length: trades.count[0] as number }, (_, i) => [
      trades.times[i],
      [trades.priceDigits[i], trades.priceDecimals[i]],
      [trades.sizeDigits[i], trades.sizeDecimals[i]],
      trades.buys[i] === 1,
      trades.blocks[i] === 1,
      trades.rpis[i] === 1,
    ]);
    return { kind: 'trades', symbol, trades: list };
  }
  if (kind === FRAME_TICKER) {
    const present = ticker.present[0] as number;
    return {
      kind: 'ticker',
      symbol,
      values: [0, 1, 2, 3].map((i) => (present & (1 << i) ? (ticker.values[i] as number) : null)),
    };
  }
  return { kind: 'other' };
}
