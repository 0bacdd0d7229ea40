// What else may everybody ask? Risk tiers, price limits, funding, mark price candles, interest, the insurance pool.
import { formatDecimal } from '../../market/decimal.ts';
import { priceText } from '../../market/instrument.ts';
import type { Tick } from '../../market/units.ts';
import type { Contract } from '../contract.ts';
import type { Market } from '../market.ts';
import type { Venue } from '../venue/venue.ts';
import { MONEY_DECIMALS, type Money } from '../venue/words.ts';
import { candleText, candlesOf, plainText } from './candle-text.ts';
import { isInterval } from './interval.ts';

export type PublicFacts = Pick<Venue, 'priceLimits' | 'riskTiers' | 'fundingHistory'>;

/** A refusal is its text: they all carry the code of a wrong parameter. */
export type FactAnswer = { readonly result: object } | { readonly refused: string };

type Ask = (query: URLSearchParams, market: Market, facts: PublicFacts) => FactAnswer;

const TIER_SYMBOLS_MAX = 15;
const INTEREST_MS: Readonly<Record<string, number>> = {
  '5min': 300_000,
  '15min': 900_000,
  '30min': 1_800_000,
  '1h': 3_600_000,
  '4h': 14_400_000,
  '1d': 86_400_000,
};
const NO_SYMBOL: FactAnswer = { refused: 'params error: symbol invalid' };
const NO_LIMIT: FactAnswer = { refused: 'params error: limit is invalid' };

const FACTS: Readonly<Record<string, Ask>> = {
  '/v5/market/risk-limit': riskLimit,
  '/v5/market/price-limit': priceLimit,
  '/v5/market/funding/history': fundingHistory,
  '/v5/market/mark-price-kline': pricesOnly,
  '/v5/market/index-price-kline': pricesOnly,
  '/v5/market/open-interest': openInterest,
  '/v5/market/account-ratio': accountRatio,
};

/** Undefined for a path that is none of these. */
export function answerFact(
  path: string,
  query: URLSearchParams,
  market: Market,
  facts: PublicFacts,
): FactAnswer | undefined {
  if (path === '/v5/market/insurance') return insurance(market);
  const ask = FACTS[path];
  if (ask === undefined) return undefined;
  return query.get('category') === 'linear' ? ask(query, market, facts) : { refused: 'Illegal category' };
}

const contractOf = (query: URLSearchParams, market: Market): Contract | undefined =>
  market.contract(query.get('symbol') ?? '');

function limitOf(query: URLSearchParams, usual: number, most: number): number | undefined {
  const limit = Number(query.get('limit') ?? usual);
  return Number.isInteger(limit) && limit >= 1 && limit <= most ? limit : undefined;
}

function moneyText(amount: Money): string {
  return plainText(Number(amount), MONEY_DECIMALS);
}

/** A hundredth of a percent each: 50 → `0.005`. */
const shareText = (basis: number): string => plainText(basis, 4);

function riskLimit(query: URLSearchParams, market: Market, facts: PublicFacts): FactAnswer {
  const symbol = query.get('symbol');
  const symbols = market.contracts.map(({ listing }) => listing.symbol);
  if (symbol !== null && !symbols.includes(symbol)) return NO_SYMBOL;
  const first = Number(query.get('cursor') ?? 0);
  if (!Number.isInteger(first) || first < 0) return { refused: 'params error: cursor is invalid' };
  const page = symbol === null ? symbols.slice(first, first + TIER_SYMBOLS_MAX) : [symbol];
  const list = page.flatMap((name) =>
    facts.riskTiers(name).map((tier, index) => ({
      id: tier.id,
      symbol: name,
      riskLimitValue: moneyText(tier.limit),
      maintenanceMargin: shareText(tier.maintenanceBasis),
      initialMargin: shareText(tier.initialBasis),
      isLowestRisk: index === 0 ? 1 : 0,
      maxLeverage: formatDecimal(tier.maxLeverage, 2),
      mmDeduction: index === 0 ? '' : moneyText(tier.deduction),
    })),
  );
  const next = symbol === null && first + TIER_SYMBOLS_MAX < symbols.length ? String(first + TIER_SYMBOLS_MAX) : '';
  return { result: { category: 'linear', list, nextPageCursor: next } };
}

function priceLimit(query: URLSearchParams, market: Market, facts: PublicFacts): FactAnswer {
  const contract = contractOf(query, market);
  if (contract === undefined) return NO_SYMBOL;
  const { symbol } = contract.listing;
  const [buyLmt, sellLmt] = facts.priceLimits(symbol).map((tick) => priceText(tick as Tick, contract.instrument));
  return { result: { symbol, buyLmt, sellLmt, ts: String(market.nowMs) } };
}

function fundingHistory(query: URLSearchParams, market: Market, facts: PublicFacts): FactAnswer {
  const contract = contractOf(query, market);
  const limit = limitOf(query, 200, 200);
  if (contract === undefined) return NO_SYMBOL;
  if (limit === undefined) return NO_LIMIT;
  const { symbol } = contract.listing;
  const from = Number(query.get('startTime') ?? 0);
  const to = Number(query.get('endTime') ?? Infinity);
  const list = facts
    .fundingHistory(symbol)
    .filter(({ timeMs }) => timeMs >= from && timeMs <= to)
    .toSorted((a, b) => b.timeMs - a.timeMs)
    .slice(0, limit)
    .map(({ rate, timeMs }) => ({ symbol, fundingRate: rate, fundingRateTimestamp: String(timeMs) }));
  return { result: { category: 'linear', list } };
}

/** Mark and index follow the last price within seconds: over whole minutes their candles are those of the trades. */
function pricesOnly(query: URLSearchParams, market: Market): FactAnswer {
  const contract = contractOf(query, market);
  const limit = limitOf(query, 200, 1_000);
  const interval = query.get('interval') ?? '';
  if (contract === undefined) return NO_SYMBOL;
  if (limit === undefined) return NO_LIMIT;
  if (!isInterval(interval)) return { refused: 'params error: interval is invalid' };
  contract.candles.roll(market.nowMs);
  const from = Number(query.get('start') ?? 0);
  const to = Number(query.get('end') ?? Infinity);
  const list = candlesOf(contract.candles, interval, from, to)
    .slice(-limit)
    .toReversed()
    .map((candle) => {
      const { open, high, low, close } = candleText(candle, contract.instrument);
      return [String(candle.startMs), open, high, low, close];
    });
  return { result: { symbol: contract.listing.symbol, category: 'linear', list } };
}

function openInterest(query: URLSearchParams, market: Market): FactAnswer {
  const contract = contractOf(query, market);
  const limit = limitOf(query, 50, 200);
  const stepMs = INTEREST_MS[query.get('intervalTime') ?? ''];
  if (contract === undefined) return NO_SYMBOL;
  if (limit === undefined) return NO_LIMIT;
  if (stepMs === undefined) return { refused: 'params error: intervalTime is invalid' };
  const interest = contract.ticker.fields(market.nowMs)['openInterest'];
  const last = Math.floor(market.nowMs / stepMs) * stepMs;
  const list = Array.from({ length: limit }, (_, i) => ({
    openInterest: interest,
    timestamp: String(last - i * stepMs),
  }));
  return { result: { symbol: contract.listing.symbol, category: 'linear', list, nextPageCursor: '' } };
}

/** Anonymous participants are as many on either side. */
function accountRatio(query: URLSearchParams, market: Market): FactAnswer {
  const contract = contractOf(query, market);
  const limit = limitOf(query, 50, 500);
  const stepMs = INTEREST_MS[query.get('period') ?? ''];
  if (contract === undefined) return NO_SYMBOL;
  if (limit === undefined) return NO_LIMIT;
  if (stepMs === undefined) return { refused: 'params error: period is invalid' };
  const { symbol } = contract.listing;
  const last = Math.floor(market.nowMs / stepMs) * stepMs;
  const list = Array.from({ length: limit }, (_, i) => ({
    symbol,
    buyRatio: '0.5',
    sellRatio: '0.5',
    timestamp: String(last - i * stepMs),
  }));
  return { result: { list, nextPageCursor: '' } };
}

function insurance(market: Market): FactAnswer {
  const symbols = market.contracts.map(({ listing }) => listing.symbol).join(',');
  const pool = { coin: 'USDT', symbols, balance: '100000000', value: '100000000' };
  return { result: { updatedTime: String(market.startMs), list: [pool] } };
}
