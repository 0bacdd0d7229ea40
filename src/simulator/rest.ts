// What does the exchange answer over REST? Public market data, as V5 answers it.
import { formatDecimal } from '../market/decimal.ts';
import { ASK, BID, SIDES } from '../market/side.ts';
import { type LevelText, windowText } from './book-view.ts';
import type { Candle } from './candles.ts';
import type { Contract } from './contract.ts';
import { createWindow } from './exchange-book.ts';
import { listingRow } from './listing-row.ts';
import type { Market } from './market.ts';
import { candleText, candlesOf } from './public/candle-text.ts';
import { isInterval } from './public/interval.ts';
import { answerFact, type PublicFacts } from './public/rest-facts.ts';
import { stillTicker } from './ticker.ts';

export interface RestAnswer {
  readonly retCode: number;
  readonly retMsg: string;
  readonly result: object;
}

const REFUSED = 10001;

function refuse(retMsg: string): RestAnswer {
  return { retCode: REFUSED, retMsg, result: {} };
}

function ok(result: object): RestAnswer {
  return { retCode: 0, retMsg: 'OK', result };
}

/** A whole number between 1 and `most`; undefined where the text is none. */
function limitOf(query: URLSearchParams, usual: number, most: number): number | undefined {
  const text = query.get('limit');
  if (text === null) return usual;
  const limit = Number(text);
  return Number.isInteger(limit) && limit >= 1 && limit <= most ? limit : undefined;
}

/** Undefined for a path that does not exist. `nowMs` is what the exchange's clock shows. */
export function answerRest(
  path: string,
  query: URLSearchParams,
  market: Market,
  facts: PublicFacts,
  nowMs: number,
): RestAnswer | undefined {
  if (path === '/v5/market/time')
    return ok({ timeSecond: String(Math.floor(nowMs / 1_000)), timeNano: `${nowMs}000000` });
  const answer = ANSWERS[path];
  if (answer === undefined) {
    const fact = answerFact(path, query, market, facts);
    return fact === undefined ? undefined : 'refused' in fact ? refuse(fact.refused) : ok(fact.result);
  }
  const category = query.get('category') ?? '';
  if (category === 'linear') return answer(query, market);
  // Clients that load every market ask for these kinds too; nothing of them is listed here.
  if (answer === instruments && ELSEWHERE.has(category)) return ok({ category, list: [], nextPageCursor: '' });
  return refuse('Illegal category');
}

const ELSEWHERE: ReadonlySet<string> = new Set(['spot', 'inverse', 'option']);

const ANSWERS: Readonly<Record<string, (query: URLSearchParams, market: Market) => RestAnswer>> = {
  '/v5/market/instruments-info': instruments,
  '/v5/market/tickers': tickers,
  '/v5/market/orderbook': orderbook,
  '/v5/market/kline': kline,
  '/v5/market/recent-trade': recentTrades,
};

function instruments(query: URLSearchParams, market: Market): RestAnswer {
  const limit = limitOf(query, 500, 1_000);
  if (limit === undefined) return refuse('params error: limit is invalid');
  const symbol = query.get('symbol');
  const status = query.get('status') ?? 'Trading';
  const named = market.currentListings().filter((listing) => symbol === null || listing.symbol === symbol);
  if (named.length === 0) return refuse('params error: symbol invalid');
  const wanted = named.filter((listing) => {
    const fits = (key: 'symbolType' | 'baseCoin'): boolean => !query.has(key) || query.get(key) === listing[key];
    return listing.status === status && fits('symbolType') && fits('baseCoin');
  });
  // The cursor comes back as it was given, percent-encoded once more or not.
  const cursor = query.get('cursor') ?? '';
  const first = cursor === '' ? 0 : Number(/^page_token(?:=|%3D)(\d+)$/.exec(cursor)?.[1] ?? Number.NaN);
  if (!Number.isInteger(first)) return refuse('params error: cursor is invalid');
  const page = wanted.slice(first, first + limit);
  const next = first + limit < wanted.length ? encodeURIComponent(`page_token=${first + limit}`) : '';
  const list = page.map((listing) =>
    listingRow(listing, market.listings.findIndex(({ symbol: name }) => name === listing.symbol) + 1, market.startMs),
  );
  return ok({ category: 'linear', list, nextPageCursor: next });
}

function tickers(query: URLSearchParams, market: Market): RestAnswer {
  const symbol = query.get('symbol');
  const listed = market
    .currentListings()
    .filter((listing) => listing.status === 'Trading' && (symbol === null || listing.symbol === symbol));
  if (listed.length === 0) return refuse('params error: symbol invalid');
  const list = listed.map((listing) => {
    const contract = market.contract(listing.symbol);
    const { priceScale, tickScaled } = listing.instrument;
    const still = (): string =>
      formatDecimal(Math.round((listing.price * 10 ** priceScale) / tickScaled) * tickScaled, priceScale);
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
  return ok({ category: 'linear', list });
}

function traded(query: URLSearchParams, market: Market): Contract | undefined {
  return market.contract(query.get('symbol') ?? '');
}

/** The book as the engine has it; where the 1000-level stream runs, as that stream has told it, with its `u`. */
function orderbook(query: URLSearchParams, market: Market): RestAnswer {
  const contract = traded(query, market);
  const limit = limitOf(query, 25, 1_000);
  if (contract === undefined) return refuse('params error: symbol invalid');
  if (limit === undefined) return refuse('params error: limit is invalid');
  const { instrument, matching } = contract;
  const view = contract.view(1_000);
  const levels = SIDES.map((side): LevelText[] => {
    const window = view?.window(side) ?? createWindow(limit);
    if (view === undefined) matching.book.gather(side, window);
    return windowText({ ...window, count: Math.min(limit, window.count) }, instrument);
  });
  return ok({
    s: instrument.symbol,
    b: levels[BID],
    a: levels[ASK],
    ts: market.nowMs,
    u: view?.u ?? contract.idleU,
    seq: view?.seq ?? matching.seq,
    cts: view?.cts ?? matching.cts,
  });
}

/** Kline prices come without padding. */
function candleRow(candle: Candle, { instrument }: Contract): string[] {
  const { open, high, low, close, volume, turnover } = candleText(candle, instrument);
  return [String(candle.startMs), open, high, low, close, volume, turnover];
}

function kline(query: URLSearchParams, market: Market): RestAnswer {
  const contract = traded(query, market);
  const limit = limitOf(query, 200, 1_000);
  const interval = query.get('interval') ?? '';
  if (contract === undefined) return refuse('params error: symbol invalid');
  if (limit === undefined) return refuse('params error: limit is invalid');
  if (!isInterval(interval)) return refuse('params error: interval is invalid');
  contract.candles.roll(market.nowMs);
  const edge = (name: string, otherwise: number): number => Number(query.get(name) ?? otherwise);
  const bars = candlesOf(contract.candles, interval, edge('start', 0), edge('end', Infinity));
  // With a start and no end the oldest are given, else the newest; newest first in any case.
  const chosen = query.has('start') && !query.has('end') ? bars.slice(0, limit) : bars.slice(-limit);
  const list = chosen.toReversed().map((bar) => candleRow(bar, contract));
  return ok({ symbol: contract.listing.symbol, category: 'linear', list });
}

function recentTrades(query: URLSearchParams, market: Market): RestAnswer {
  const contract = traded(query, market);
  const limit = limitOf(query, 500, 1_000);
  if (contract === undefined) return refuse('params error: symbol invalid');
  if (limit === undefined) return refuse('params error: limit is invalid');
  const { tickScaled, priceScale, lotScaled, lotScale, symbol } = contract.instrument;
  const list = contract.trades.recent
    .slice(-limit)
    .toReversed()
    .map(({ id, print }) => ({
      execId: id,
      symbol,
      price: formatDecimal(print.tick * tickScaled, priceScale),
      size: formatDecimal(print.lots * lotScaled, lotScale),
      side: print.hit === BID ? 'Sell' : 'Buy',
      time: String(print.timeMs),
      isBlockTrade: print.kind === 'block',
      isRPITrade: print.kind === 'rpi',
      seq: String(print.seq),
    }));
  return ok({ category: 'linear', list });
}
