// Can this configuration trade at all? Asked at start, before anything is promised. (strategy 11)
import { moneyFromNumber, moneyText, notionalOf, ONE_USDT, percentOf, type Money } from '../market/money.ts';
import type { Lot, Tick } from '../market/units.ts';
import { RESTS_PERCENT } from '../signal/offer.ts';
import { notionalWithin } from './gates-account.ts';
import { BOUNDS, LIQUIDATION_SHARE_PERCENT, STOP_TICKS_MIN } from './limits.ts';
import { isWithinPercent, ticksAtLeast } from './percent.ts';
import { capOf, lotsWithin } from './sizing.ts';
import type { ContractFacts, EntryRules, TradingSettings } from './situation.ts';
import { leverageMost } from './stop.ts';

export interface SettingFault {
  /** As the configuration names it, in camelCase. */
  readonly section: 'trading' | 'strategy' | 'safety';
  readonly key: string;
  readonly message: string;
}

/** Of one strategy, the file's or one symbol's. */
export type StartRules = EntryRules & {
  readonly breakoutBreakevenProfitPercent: number;
  readonly bounceDensityErosionExitPercent: number;
  readonly clusterRangePercent: number;
  readonly densityShareBandPercent: number;
  readonly stopLossGraceMs: number;
  readonly tpSlowdownWindowMs: number;
  readonly maxHoldingMinutes: number;
};

/** What the exchange charges takers by default, in percent: two fees are the least a trade costs. */
export const TAKER_FEE_PERCENT = 0.055;
const MINUTE = 60_000;
const CENT = ONE_USDT / 100n;

/** Rules, the file's or one symbol's, that are sound alone and contradict each other. */
export function settingFaults(
  { leverage }: Pick<TradingSettings, 'leverage'>,
  rules: StartRules,
  takerFeePercent = TAKER_FEE_PERCENT,
): SettingFault[] {
  const faults: SettingFault[] = [];
  const say = (key: keyof StartRules, message: string): unknown => faults.push({ section: 'strategy', key, message });
  // An entry lies in front of its density, and its spread is paid beside the fees: what meets the farthest stop exceeds it.
  for (const key of ['breakoutMinStopLossPercent', 'bounceStopLossBehindDensityPercent'] as const) {
    if (rules[key] >= rules.maxStopPercent) {
      say(
        key,
        `must be below strategy.max_stop_percent (${rules.maxStopPercent}): the way from the entry to the density is part of the stop’s`,
      );
    }
  }
  const fees = 2 * takerFeePercent;
  const feeStop = fees / rules.maxCostToStopRatio;
  if (fees >= rules.maxStopPercent) {
    say(
      'maxStopPercent',
      `fees of both ways (${plain(fees)} %) are all that a stop may cost: every signal would be refused; ` +
        `give more than ${plain(feeStop)}`,
    );
  } else if (feeStop >= rules.maxStopPercent) {
    say(
      'maxCostToStopRatio',
      `fees of ${plain(fees)} % need a stop ${plain(feeStop)} % away, and max_stop_percent is ${rules.maxStopPercent}: ` +
        `every signal would be refused; give more than ${plain(fees / rules.maxStopPercent)}`,
    );
  }
  if (rules.breakoutBreakevenProfitPercent <= fees) {
    say(
      'breakoutBreakevenProfitPercent',
      `must be above the fees of both ways (${plain(fees)} %): the stop would move beyond the price`,
    );
  }
  const eaten = 100 - RESTS_PERCENT;
  if (rules.bounceDensityErosionExitPercent <= eaten) {
    say(
      'bounceDensityErosionExitPercent',
      `must be above ${eaten}: a bounce is entered while ${RESTS_PERCENT} % of its density rest, and would be closed at once`,
    );
  }
  if (rules.clusterRangePercent > rules.densityShareBandPercent) {
    say(
      'clusterRangePercent',
      `must not be above strategy.density_share_band_percent (${rules.densityShareBandPercent}): levels outside the band are none of a density’s`,
    );
  }
  const heldMs = rules.maxHoldingMinutes * MINUTE;
  if (rules.stopLossGraceMs > heldMs) {
    say(
      'stopLossGraceMs',
      `must not be above strategy.max_holding_minutes (${heldMs} ms): ` +
        'a position would be closed for its age before its stop need stand',
    );
  }
  if (2 * rules.tpSlowdownWindowMs > heldMs) {
    say(
      'tpSlowdownWindowMs',
      `must not be above half of strategy.max_holding_minutes (${heldMs} ms): ` +
        'a position would be closed for its age before two windows have passed, and none for slowing down',
    );
  }
  // Were the maintenance rate nothing, liquidation would be 100 % ÷ leverage away: it is nearer, never farther.
  const farthest = LIQUIDATION_SHARE_PERCENT / leverage;
  if (rules.maxStopPercent > farthest) {
    faults.push({
      section: 'trading',
      key: 'leverage',
      message:
        `at ${leverage} × a stop may be ${plain(farthest)} % away before liquidation is too near, and ` +
        `strategy.max_stop_percent is ${rules.maxStopPercent}: give at most ${Math.floor(LIQUIDATION_SHARE_PERCENT / rules.maxStopPercent)}`,
    });
  }
  return faults;
}

export interface Candidate {
  readonly symbol: string;
  readonly contract: Pick<
    ContractFacts,
    'instrument' | 'lotsMin' | 'lotsMaxLimit' | 'lotsMaxMarket' | 'notionalMin' | 'leverageMax' | 'takerFee'
  >;
  /** A recent price. */
  readonly tick: Tick;
  /** Those in force for it. */
  readonly rules: Pick<
    EntryRules,
    | 'maxSlippagePercent'
    | 'maxTickPercent'
    | 'maxCostToStopRatio'
    | 'breakoutMinStopLossPercent'
    | 'bounceStopLossBehindDensityPercent'
  >;
}

export interface StartCheck {
  /** Reasons not to start, each with its remedy. */
  readonly faults: readonly SettingFault[];
  readonly warnings: readonly SettingFault[];
  /** `size_below_minimum`: their smallest order is larger than a position. With the size that each needs. */
  readonly tooSmall: ReadonlyMap<string, Money>;
}

/** `equity` undefined before the wallet was read: then what depends on it is not judged. */
export function startCheck(
  settings: TradingSettings & { readonly emergencyCloseAll: boolean },
  candidates: readonly Candidate[],
  equity: Money | undefined,
): StartCheck {
  const faults: SettingFault[] = [];
  const warnings: SettingFault[] = [];
  const size = moneyFromNumber(settings.positionSizeUsd);
  const needs = candidates
    .map((candidate) => ({ symbol: candidate.symbol, least: smallestSize(candidate) }))
    .sort((a, b) => (a.least < b.least ? -1 : a.least > b.least ? 1 : a.symbol < b.symbol ? -1 : 1));
  const tooSmall = new Map(needs.filter(({ least }) => least > size).map(({ symbol, least }) => [symbol, least]));
  const [cheapest, dearest] = [needs[0], needs.at(-1)];
  const say = (into: SettingFault[], key: string, message: string): unknown =>
    into.push({ section: 'trading', key, message });
  if (cheapest !== undefined && dearest !== undefined && tooSmall.size > 0) {
    const sizes = `${cents(cheapest.least)} for the cheapest (${cheapest.symbol}), ${cents(dearest.least)} for all (${dearest.symbol})`;
    if (tooSmall.size === needs.length) {
      const text = `no watched symbol can be traded with ${settings.positionSizeUsd} USDT: give at least ${sizes}`;
      say(faults, 'positionSizeUsd', text);
    } else {
      const text = `${tooSmall.size} of ${needs.length} watched symbols need more (size_below_minimum): ${sizes}`;
      say(warnings, 'positionSizeUsd', text);
    }
  }
  // Of a coin whose tick is too coarse nothing is traded at any leverage.
  const most = candidates
    .filter(({ tick, rules }) => isWithinPercent(1n, rules.maxTickPercent, BigInt(tick)))
    .map((candidate) => ({ symbol: candidate.symbol, times: leverageFor(candidate) }))
    .sort((a, b) => b.times - a.times || (a.symbol < b.symbol ? -1 : 1));
  const [farthest, nearest] = [most[0], most.at(-1)];
  const overdone = most.filter(({ times }) => times < settings.leverage).length;
  if (farthest !== undefined && nearest !== undefined && overdone > 0) {
    const remedy = `give at most ${nearest.times} for all (${nearest.symbol})`;
    const text = `at ${settings.leverage} × even the nearest stop is too near to liquidation`;
    if (overdone === most.length) {
      const all = `${text} for every watched symbol: ${remedy}, ${farthest.times} for one (${farthest.symbol})`;
      say(faults, 'leverage', all);
    } else say(warnings, 'leverage', `${text} for ${overdone} of ${most.length} watched symbols: ${remedy}`);
  }
  if (!settings.emergencyCloseAll) {
    warnings.push({
      section: 'safety',
      key: 'emergencyCloseAll',
      message: 'false: a lost connection alerts and ends entries, and closes nothing',
    });
  }
  if (equity !== undefined) {
    const share = Math.min(settings.maxExposurePercent, BOUNDS.maxExposurePercent);
    const cap = percentOf(equity, share);
    const all = size * BigInt(settings.maxConcurrentPositions);
    if (size > cap) {
      const percent = `${settings.maxExposurePercent} % of ${cents(equity)} USDT is ${moneyText(cap)}`;
      const needed = equity > 0n ? Number((size * 100_000n + equity - 1n) / equity) / 1_000 : Infinity;
      const most = percentOf(equity, BOUNDS.maxExposurePercent);
      const isPoor = most <= 0n || (cheapest !== undefined && most < cheapest.least);
      const remedy =
        needed <= BOUNDS.maxExposurePercent
          ? `give at least ${plain(needed)}`
          : isPoor
            ? `the account needs at least ${cents(moneyFromNumber((settings.positionSizeUsd * 100) / share))} USDT for it`
            : `lower trading.position_size_usd to at most ${moneyText(most)}`;
      say(
        faults,
        'maxExposurePercent',
        `${percent}: less than one position of ${settings.positionSizeUsd} USDT; ${remedy}`,
      );
    } else if (all > cap) {
      const text = `${settings.maxConcurrentPositions} × ${settings.positionSizeUsd} USDT exceed max_exposure_percent: ${cap / size} fit`;
      say(warnings, 'maxConcurrentPositions', text);
    }
    // Of several contracts the one with the lowest fee; as long as none is known, without any.
    const fees = candidates.map(({ contract }) => contract.takerFee);
    const within = notionalWithin(equity, settings.leverage, fees.length === 0 ? 0 : Math.min(...fees));
    if (size <= cap && size > within) {
      const text =
        `at ${settings.leverage} × the margin of ${settings.positionSizeUsd} USDT and its fees, with a fifth to spare, are more than ` +
        `${cents(equity)} USDT: lower it to at most ${moneyText(within - (within % CENT))}, or raise trading.leverage`;
      say(faults, 'positionSizeUsd', text);
    }
  }
  return { faults, warnings, tooSmall };
}

/** The smallest position_size_usd with which both a long and a short pass G14 and G15 at this price. */
export function smallestSize({ contract, tick, rules }: Candidate): Money {
  const { instrument, lotsMin, notionalMin } = contract;
  const dearer = capOf('long', tick, rules.maxSlippagePercent);
  const cheaper = Math.max(1, capOf('short', tick, rules.maxSlippagePercent)) as Tick;
  const wanted = (notionalMin * 102n + 99n) / 100n;
  let lots = Math.max(lotsMin, lotsWithin(wanted, cheaper, instrument)) as Lot;
  if (notionalOf(cheaper, lots, instrument) < wanted) lots = (lots + 1) as Lot;
  return notionalOf(dearer, lots, instrument);
}

/** With more, not even the nearest stop that its costs allow would pass G25. */
function leverageFor({ contract, tick, rules }: Candidate): number {
  const behind = Math.min(rules.breakoutMinStopLossPercent, rules.bounceStopLossBehindDensityPercent);
  const percent = Math.max(behind, (200 * contract.takerFee) / rules.maxCostToStopRatio);
  const worst = capOf('long', tick, rules.maxSlippagePercent);
  return leverageMost(worst - tick + Math.max(STOP_TICKS_MIN, ticksAtLeast(percent, tick)), worst, contract);
}

/** Rounded up: what is told must be enough. */
function cents(money: Money): string {
  return moneyText(((money + CENT - 1n) / CENT) * CENT);
}

/** For people: three digits behind the point at most. */
function plain(number: number): string {
  return String(Math.ceil(number * 1_000 - 1e-9) / 1_000);
}
