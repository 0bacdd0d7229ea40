// How far may a configuration go? These bounds are code: a setting can lower a limit, none can lift it.
import { moneyFromNumber, type Money } from '../market/money.ts';
import type { EntryRules, TradingSettings } from './situation.ts';

export const BOUNDS = {
  positionSizeUsd: 100_000,
  maxConcurrentPositions: 100,
  maxExposurePercent: 100,
  maxDailyLossPercent: 20,
  maxConsecutiveLosses: 20,
  maxOrdersPerMinute: 300,
  maxSignalAgeMs: 5_000,
  breakoutMaxChasePercent: 2,
  maxStopPercent: 5,
  maxSlippagePercent: 1,
  maxSpreadPercent: 1,
  maxTickPercent: 1,
} as const;

export const CLOCK_OFFSET_MS_MAX = 500;
export const CLOCK_AGE_MS_MAX = 120_000;
/** A light reconciliation runs every 10 s. */
export const RECONCILED_AGE_MS_MAX = 15_000;
export const LOOP_LAG_MS_MAX = 250;
export const DELISTING_MS_MIN = 72 * 3_600_000;
export const CONTRACT_AGE_MS_MAX = 3_600_000;
export const MARK_AGE_MS_MAX = 10_000;
/** Between last and mark price, and between the last print and the mid. */
export const DEVIATION_PERCENT_MAX = 1;
export const WALLET_AGE_MS_MAX = 30_000;
export const FUNDING_MS_MIN = 120_000;
/** The exchange takes seconds to settle a funding: an entry meanwhile may still be charged. */
export const FUNDING_SETTLED_MS = 10_000;
export const MAINTENANCE_MS_MIN = 600_000;
export const DISK_FREE_MIN = 2 ** 30;
export const REJECTS_SYMBOL_MAX = 3;
export const REJECTS_TOTAL_MAX = 10;
/** Distance to the stop and both fees, of equity. */
export const TRADE_RISK_PERCENT_MAX = 1;
/** Of the distance to liquidation (I-08). */
export const LIQUIDATION_SHARE_PERCENT = 80;
export const STOP_TICKS_MIN = 2;
export const SLIPPAGE_TICKS_MIN = 1;

/** Positions of one side fall with the market together: at most this part of them may be on the same side. */
const SAME_SIDE_PERCENT = 75;
/** A minute's limit may be used up in so many minutes of an hour, and of a day. */
const FULL_MINUTES_HOUR = 10;
const FULL_MINUTES_DAY = 60;

export interface Limits {
  readonly positionSize: Money;
  readonly orderNotionalMax: Money;
  readonly exposurePercentMax: number;
  readonly positionsMax: number;
  readonly sameSideMax: number;
  readonly dailyLossPercentMax: number;
  readonly lossesInRowMax: number;
  readonly entriesPerMinuteMax: number;
  readonly entriesPerHourMax: number;
  readonly entriesPerDayMax: number;
}

export function limitsOf(settings: TradingSettings): Limits {
  const positionsMax = Math.min(settings.maxConcurrentPositions, BOUNDS.maxConcurrentPositions);
  const perMinute = Math.min(settings.maxOrdersPerMinute, BOUNDS.maxOrdersPerMinute);
  const positionSize = moneyFromNumber(settings.positionSizeUsd);
  const boundSize = moneyFromNumber(BOUNDS.positionSizeUsd);
  return {
    positionSize,
    orderNotionalMax: positionSize < boundSize ? positionSize : boundSize,
    exposurePercentMax: Math.min(settings.maxExposurePercent, BOUNDS.maxExposurePercent),
    positionsMax,
    sameSideMax: Math.ceil((positionsMax * SAME_SIDE_PERCENT) / 100),
    dailyLossPercentMax: Math.min(settings.maxDailyLossPercent, BOUNDS.maxDailyLossPercent),
    lossesInRowMax: Math.min(settings.maxConsecutiveLosses, BOUNDS.maxConsecutiveLosses),
    entriesPerMinuteMax: perMinute,
    entriesPerHourMax: perMinute * FULL_MINUTES_HOUR,
    entriesPerDayMax: perMinute * FULL_MINUTES_DAY,
  };
}

export function rulesWithin(rules: EntryRules): EntryRules {
  return {
    ...rules,
    maxSignalAgeMs: Math.min(rules.maxSignalAgeMs, BOUNDS.maxSignalAgeMs),
    breakoutMaxChasePercent: Math.min(rules.breakoutMaxChasePercent, BOUNDS.breakoutMaxChasePercent),
    maxStopPercent: Math.min(rules.maxStopPercent, BOUNDS.maxStopPercent),
    maxSlippagePercent: Math.min(rules.maxSlippagePercent, BOUNDS.maxSlippagePercent),
    maxSpreadPercent: Math.min(rules.maxSpreadPercent, BOUNDS.maxSpreadPercent),
    maxTickPercent: Math.min(rules.maxTickPercent, BOUNDS.maxTickPercent),
  };
}
