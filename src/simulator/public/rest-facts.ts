// What else may everybody ask? Risk tiers, price limits, funding, interest, the insurance pool.
import { decimalText, formatDecimal } from '../../market/decimal.ts';
import { priceText } from '../../market/instrument.ts';
import type { Tick } from '../../market/units.ts';
import type { Contract } from '../contract.ts';
import { moneyText } from '../gateway/spelling.ts';
import type { Market } from '../market.ts';
import { contractOf, type Endpoint, NO_SYMBOL, ofContract, type Result } from './endpoint.ts';

const TIER_SYMBOLS_MAX = 15;
const STEP_MS: Readonly<Record<string, number>> = {
  '5min': 300_000,
  '15min': 900_000,
  '30min': 1_800_000,
  '1h': 3_600_000,
  '4h': 14_400_000,
  '1d': 86_400_000,
};

/** A hundredth of a percent each: 50 → `0.005`. */
const shareText = (basis: number): string => decimalText(BigInt(basis), 4);

export function riskLimit(query: URLSearchParams, { contracts, venue }: Market): Result {
  const symbol = query.get('symbol');
  const symbols = contracts.map(({ listing }) => listing.symbol);
  if (symbol !== null && !symbols.includes(symbol)) return NO_SYMBOL;
  const first = Number(query.get('cursor') ?? 0);
  if (!Number.isInteger(first) || first < 0) return 'params error: cursor is invalid';
  const page = symbol === null ? symbols.slice(first, first + TIER_SYMBOLS_MAX) : [symbol];
  const list = page.flatMap((name) =>
    venue.riskTiers(name).map((tier, index) => ({
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
  return { category: 'linear', list, nextPageCursor: next };
}

export function priceLimit(query: URLSearchParams, market: Market): Result {
  const contract = contractOf(query, market);
  if (contract === undefined) return NO_SYMBOL;
  const { symbol } = contract.listing;
  const limits = market.venue.priceLimits(symbol);
  const [buyLmt, sellLmt] = limits.map((tick) => priceText(tick as Tick, contract.instrument));
  return { symbol, buyLmt, sellLmt, ts: String(market.nowMs) };
}

export const fundingHistory: Endpoint = ofContract(200, 200, ({ listing: { symbol } }, limit, query, { venue }) => {
  const from = Number(query.get('startTime') ?? 0);
  const to = Number(query.get('endTime') ?? Infinity);
  const list = venue
    .fundingHistory(symbol)
    .filter(({ timeMs }) => timeMs >= from && timeMs <= to)
    .toSorted((a, b) => b.timeMs - a.timeMs)
    .slice(0, limit)
    .map(({ rate, timeMs }) => ({ symbol, fundingRate: rate, fundingRateTimestamp: String(timeMs) }));
  return { category: 'linear', list };
});

/** One row for each step of time that the parameter `name` names, newest first. */
function perStep(
  name: 'intervalTime' | 'period',
  most: number,
  rows: (contract: Contract, timestamps: readonly string[], market: Market) => object,
): Endpoint {
  return ofContract(50, most, (contract, limit, query, market) => {
    const stepMs = STEP_MS[query.get(name) ?? ''];
    if (stepMs === undefined) return `params error: ${name} is invalid`;
    const last = Math.floor(market.nowMs / stepMs) * stepMs;
    const timestamps = Array.from({ length: limit }, (_, i) => String(last - i * stepMs));
    return rows(contract, timestamps, market);
  });
}

export const openInterest = perStep('intervalTime', 200, ({ listing, ticker }, timestamps, { nowMs }) => {
  const interest = ticker.fields(nowMs)['openInterest'];
  const list = timestamps.map((timestamp) => ({ openInterest: interest, timestamp }));
  return { symbol: listing.symbol, category: 'linear', list, nextPageCursor: '' };
});

/** Anonymous participants are as many on either side. */
export const accountRatio = perStep('period', 500, ({ listing: { symbol } }, timestamps) => ({
  list: timestamps.map((timestamp) => ({ symbol, buyRatio: '0.5', sellRatio: '0.5', timestamp })),
  nextPageCursor: '',
}));

export function insurance({ contracts, startMs }: Market): object {
  const symbols = contracts.map(({ listing }) => listing.symbol).join(',');
  const pool = { coin: 'USDT', symbols, balance: '100000000', value: '100000000' };
  return { updatedTime: String(startMs), list: [pool] };
}
