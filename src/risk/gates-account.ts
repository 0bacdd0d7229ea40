// Can the account bear one more position? (G16–G21, G23, G26)
import { ONE_USDT, type Money } from '../market/money.ts';
import { FINE, roundTripFees } from './cost.ts';
import { TRADE_RISK_PERCENT_MAX, WALLET_AGE_MS_MAX } from './limits.ts';
import { fractionParts, isBelowPercent, isWithinPercent } from './percent.ts';
import type { Judged } from './plan.ts';
import { rateReached } from './rates.ts';

const NO_PLAN = 'no plan';
const NO_EXPOSURE = 'exposure unknown';
const NO_WALLET = 'wallet unknown';

export function orderNotional({ plan, limits }: Judged): string | undefined {
  if (plan === undefined) return NO_PLAN;
  return plan.size.notional <= limits.orderNotionalMax ? undefined : 'above the largest order';
}

export function exposure({ plan, account, limits }: Judged): string | undefined {
  if (plan === undefined) return NO_PLAN;
  if (account.exposure === undefined) return NO_EXPOSURE;
  if (account.wallet === undefined) return NO_WALLET;
  const after = account.exposure.total + plan.size.notional;
  const isWithin = isWithinPercent(after, limits.exposurePercentMax, account.wallet.equity);
  return isWithin ? undefined : `above ${limits.exposurePercentMax} % of equity`;
}

export function positions({ account, symbol, limits }: Judged): string | undefined {
  if (account.exposure === undefined) return NO_EXPOSURE;
  if (symbol.isHeld !== false) return symbol.isHeld ? 'the symbol has a position' : 'position unknown';
  const { positions: count } = account.exposure;
  return count + 1 <= limits.positionsMax ? undefined : `${count} positions`;
}

export function sameSide({ plan, account, limits }: Judged): string | undefined {
  if (plan === undefined) return NO_PLAN;
  if (account.exposure === undefined) return NO_EXPOSURE;
  const count = account.exposure[plan.side];
  return count + 1 <= limits.sameSideMax ? undefined : `${count} positions are ${plan.side}`;
}

export function margin({ plan, account, settings, contract, now }: Judged): string | undefined {
  if (plan === undefined || contract === undefined) return NO_PLAN;
  if (account.exposure === undefined) return NO_EXPOSURE;
  if (account.wallet === undefined) return NO_WALLET;
  const { free, readAt } = account.wallet;
  if (!(now - readAt < WALLET_AGE_MS_MAX)) return `wallet read ${now - readAt} ms ago`;
  const most = notionalWithin(free, settings.leverage, contract.takerFee);
  return account.exposure.pending + plan.size.notional <= most ? undefined : 'not enough free margin';
}

/** The largest position whose margin and fees of both ways, with a fifth to spare, are within the free margin. */
export function notionalWithin(free: Money, leverage: number, takerFee: number): Money {
  const times = BigInt(leverage);
  return (free * times * FINE * 10n) / ((FINE + 2n * fractionParts(takerFee) * times) * 12n);
}

export function dailyLoss({ account, limits }: Judged): string | undefined {
  if (account.day === undefined) return 'the day’s result is unknown';
  const { result, startEquity, tripped } = account.day;
  if (tripped) return 'the day’s limit was reached';
  return isBelowPercent(-result, limits.dailyLossPercentMax, startEquity) ? undefined : 'the day’s limit is reached';
}

export function entryRate({ account, limits }: Judged): string | undefined {
  return account.entries === undefined ? 'entries unknown' : rateReached(account.entries, limits);
}

/** From the worst entry to the stop, and both fees. */
export function tradeRisk({ plan, contract, account }: Judged): string | undefined {
  if (plan === undefined || contract === undefined) return NO_PLAN;
  if (account.wallet === undefined) return NO_WALLET;
  const { lots, capTick } = plan.size;
  const ticks = Math.abs(capTick - plan.protection.tick);
  const fine = BigInt(ticks) * BigInt(lots) * FINE + roundTripFees(capTick, lots, contract.takerFee);
  // Exact, for a tick of a lot may be worth less than the least unit of money.
  const { tickScaled, lotScaled, priceScale, lotScale } = contract.instrument;
  const risk = fine * BigInt(tickScaled) * BigInt(lotScaled) * ONE_USDT;
  const equity = account.wallet.equity * FINE * 10n ** BigInt(priceScale + lotScale);
  const isWithin = isWithinPercent(risk, TRADE_RISK_PERCENT_MAX, equity);
  return isWithin ? undefined : `stop and fees risk more than ${TRADE_RISK_PERCENT_MAX} % of equity`;
}
