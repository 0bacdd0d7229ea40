// What does the load's exchange answer over REST? What an engine asks of any exchange before and while it watches.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LoadBook, LoadSymbol } from './streams.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const LISTED_FOR_DAYS = 100;
const KLINES = 240;

type Answer = (query: URLSearchParams) => unknown;

export function answerRest(
  symbols: readonly LoadSymbol[],
  bookOf: (symbol: string) => LoadBook | undefined,
): (request: IncomingMessage, response: ServerResponse) => void {
  const listed = symbols.map(({ symbol, grid: { tickSize, qtyStep, priceScale } }) => ({
    symbol,
    contractType: 'LinearPerpetual',
    status: 'Trading',
    quoteCoin: 'USDT',
    settleCoin: 'USDT',
    symbolType: '',
    launchTime: String(Date.now() - LISTED_FOR_DAYS * DAY_MS),
    deliveryTime: '0',
    priceScale: String(priceScale),
    priceFilter: { tickSize },
    lotSizeFilter: { qtyStep },
  }));
  const prices = new Map(symbols.map(({ symbol, price }) => [symbol, price]));
  const answers: Readonly<Record<string, Answer>> = {
    '/v5/market/time': () => ({ timeSecond: String(Math.floor(Date.now() / 1_000)), timeNano: `${Date.now()}000000` }),
    '/v5/market/instruments-info': () => ({ list: listed, nextPageCursor: '' }),
    '/v5/market/tickers': () => ({
      list: symbols.map(({ symbol, price }) => ({
        symbol,
        lastPrice: price,
        price24hPcnt: '0.05',
        turnover24h: '100000000',
      })),
    }),
    '/v5/market/kline': (query) => {
      const price = prices.get(query.get('symbol') ?? '');
      const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
      return {
        list: Array.from({ length: KLINES }, (_, i) => [String(minute - i * MINUTE_MS), price, price, price, price]),
      };
    },
    '/v5/market/orderbook': (query) => {
      const symbol = query.get('symbol') ?? '';
      const limit = Number(query.get('limit'));
      const book = bookOf(symbol);
      if (book === undefined) return undefined;
      const { bids, asks, update, sequence } = book;
      return { s: symbol, b: bids.slice(0, limit), a: asks.slice(0, limit), u: update, seq: sequence, ts: Date.now() };
    },
  };
  return (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://load');
    const result = answers[pathname]?.(searchParams);
    const body =
      result === undefined
        ? { retCode: 10_001, retMsg: `${pathname}: nothing is known of it`, result: {} }
        : { retCode: 0, retMsg: 'OK', result };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...body, retExtInfo: {}, time: Date.now() }));
  };
}
