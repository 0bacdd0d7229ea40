// What does the exchange answer over REST without a key? Public market data, as V5 answers it.
import { sizeText } from '../market/instrument.ts';
import { ASK, BID, SIDES } from '../market/side.ts';
import type { Lot } from '../market/units.ts';
import { type LevelText, windowText } from './book-view.ts';
import type { Contract } from './contract.ts';
import { createWindow } from './exchange-book.ts';
import { type Answer, ELSEWHERE, ok, wrong } from './gateway/answer.ts';
import { paddedPrice } from './gateway/spelling.ts';
import { listingRow } from './listing-row.ts';
import type { Market } from './market.ts';
import { candleText, candlesOf, isInterval } from './public/candle.ts';
import { type Endpoint, limitOf, NO_LIMIT, NO_SYMBOL, ofContract, type Result } from './public/endpoint.ts';
import { accountRatio, fundingHistory, insurance, openInterest, priceLimit, riskLimit } from './public/rest-facts.ts';
import { stillTicker } from './ticker.ts';

/** Undefined for a path that does not exist. `nowMs` is what the exchange's clock shows. */
export function answerRest(path: string, query: URLSearchParams, market: Market, nowMs: number): Answer | undefined {
  if (path === '/v5/market/time')
    return ok({ timeSecond: String(Math.floor(nowMs / 1_000)), timeNano: `${nowMs}000000` });
  if (path === '/v5/market/insurance') return ok(insurance(market));
  const endpoint = ENDPOINTS[path];
  if (endpoint === undefined) return undefined;
  const category = query.get('category') ?? '';
  // Clients that load every market ask for these kinds too; nothing of them is listed here.
  if (endpoint === instruments && ELSEWHERE.has(category)) return ok({ category, list: [], nextPageCursor: '' });
  const result = category === 'linear' ? endpoint(query, market) : 'Illegal category';
  return typeof result === 'string' ? wrong(result) : ok(result);
}

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/v5/market/instruments-info': instruments,
  '/v5/market/tickers': tickers,
  '/v5/market/orderbook': ofContract(25, 1_000, orderbook),
  '/v5/market/kline': candleEndpoint('trades'),
  // Mark and index follow the last price within seconds: over whole minutes their candles are those of the trades.
  '/v5/market/mark-price-kline': candleEndpoint('prices'),
  '/v5/market/index-price-kline': candleEndpoint('prices'),
  '/v5/market/recent-trade': ofContract(500, 1_000, recentTrades),
  '/v5/market/risk-limit': riskLimit,
  '/v5/market/price-limit': priceLimit,
  '/v5/market/funding/history': fundingHistory,
  '/v5/market/open-interest': openInterest,
  '/v5/market/account-ratio': accountRatio,
};

/** What is told to who names no status: since September 2026 also what has yet to open. */
const LISTED = ['Trading', 'PendingOpen'];

function instruments(query: URLSearchParams, market: Market): Result {
  const limit = limitOf(query, 500, 1_000);
  if (limit === undefined) return NO_LIMIT;
  const symbol = query.get('symbol');
  const status = query.get('status');
  const statuses: readonly string[] = status === null ? LISTED : [status];
  const named = market.currentListings().filter((listing) => symbol === null || listing.symbol === symbol);
  if (named.length === 0) return NO_SYMBOL;
  const wanted = named.filter((listing) => {
    const fits = (key: 'symbolType' | 'baseCoin'): boolean => !query.has(key) || query.get(key) === listing[key];
    return statuses.includes(listing.status) && fits('symbolType') && fits('baseCoin');
  });
  // The cursor comes back as it was given, percent-encoded once more or not.
  const cursor = query.get('cursor') ?? '';
  const first = cursor === '' ? 0 : Number(/^page_token(?:=|%3D)(\d+)$/.exec(cursor)?.[1] ?? Number.NaN);
  if (!Number.isInteger(first)) return 'params error: cursor is invalid';
  const next = first + limit < wanted.length ? encodeURIComponent(`page_token=${first + limit}`) : '';
  const list = wanted.slice(first, first + limit).map((listing) => listingRow(listing, market));
  return { category: 'linear', list, nextPageCursor: next };
}

function tickers(query: URLSearchParams, market: Market): Result {
  const listed = market.trading(query.get('symbol') ?? undefined);
  if (listed.length === 0) return NO_SYMBOL;
  const list = listed.map((listing) => {
    const contract = market.contract(listing.symbol);
    const { priceScale, tickScaled } = listing.instrument;
    const still = (): string =>
      paddedPrice(Math.round((listing.price * 10 ** priceScale) / tickScaled), listing.instrument);
    const fields = contract?.ticker.fields(market.nowMs) ?? stillTicker(listing.symbol, still(), market.nowMs);
    const { tickDirection: _, ...row } = fields;
    return {
      ...row,
      predictedDeliveryPrice: '',
      basisRate: '',
      deliveryFeeRate: '',
      deliveryTime: '0',
      basis: '',
      basisRateYear: '',
    };
  });
  return { category: 'linear', list };
}

/** The book as the engine has it; where the 1000-level stream runs, as that stream has published it, with its `u`. */
function orderbook(contract: Contract, limit: number, _query: URLSearchParams, { nowMs }: Market): object {
  const { instrument, matching } = contract;
  const view = contract.view(1_000);
  const levels = SIDES.map((side): LevelText[] => {
    const window = view?.window(side) ?? createWindow(limit);
    if (view === undefined) matching.book.gather(side, window);
    return windowText({ ...window, count: Math.min(limit, window.count) }, instrument);
  });
  return {
    s: instrument.symbol,
    b: levels[BID],
    a: levels[ASK],
    ts: nowMs,
    u: view?.u ?? contract.idleU,
    seq: view?.seq ?? matching.seq,
    cts: view?.cts ?? matching.cts,
  };
}

/** Newest first, prices without padding; candles of prices alone have no volume. */
function candleEndpoint(of: 'trades' | 'prices'): Endpoint {
  return ofContract(200, 1_000, ({ candles, instrument, listing }, limit, query, { nowMs }) => {
    const interval = query.get('interval') ?? '';
    if (!isInterval(interval)) return 'params error: interval is invalid';
    candles.roll(nowMs);
    const edge = (name: string, otherwise: number): number => Number(query.get(name) ?? otherwise);
    const bars = candlesOf(candles, interval, edge('start', 0), edge('end', Infinity));
    // With a start and no end they are counted from there, else from the newest back: clients page through all three alike.
    const isFromStart = query.has('start') && !query.has('end');
    const list = bars
      .slice(...(isFromStart ? [0, limit] : [-limit]))
      .toReversed()
      .map((bar) => {
        const { open, high, low, close, volume, turnover } = candleText(bar, instrument);
        const prices = [String(bar.startMs), open, high, low, close];
        return of === 'trades' ? [...prices, volume, turnover] : prices;
      });
    return { symbol: listing.symbol, category: 'linear', list };
  });
}

function recentTrades({ instrument, trades }: Contract, limit: number): object {
  const list = trades.recent
    .slice(-limit)
    .toReversed()
    .map(({ id, print }) => ({
      execId: id,
      symbol: instrument.symbol,
      price: paddedPrice(print.tick, instrument),
      size: sizeText(print.lots as Lot, instrument),
      side: print.hit === BID ? 'Sell' : 'Buy',
      time: String(print.timeMs),
      isBlockTrade: print.kind === 'block',
      isRPITrade: print.kind === 'rpi',
      seq: String(print.seq),
    }));
  return { category: 'linear', list };
}
