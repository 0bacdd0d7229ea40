// The results of these trades, in USDT, after fees and funding, added up exactly.
import type { Ms } from '../../lib/brand.ts';
import { exact, times, toNumber, type Exact } from '../rows/exact.ts';

/** A finished trade, as much of it as a report needs; decimals as stored. */
export interface ReportTrade {
  readonly account: string;
  readonly tradeId: string;
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly signalType: string;
  readonly exitReason: string;
  readonly entryTime: Ms;
  readonly exitTime: Ms;
  readonly entryPrice: string;
  /** The mid at the decision, where it is known. */
  readonly expectedPrice: string | null;
  readonly positionSize: string;
  readonly notional: string;
  readonly profitLoss: string;
  readonly fees: string;
  readonly funding: string;
}

export interface Figures {
  readonly trades: number;
  readonly wins: number;
  readonly losses: number;
  /** Neither won nor lost. */
  readonly even: number;
  /** Of all trades, from 0 to 1; null without any, as are all means below. */
  readonly winRate: number | null;
  /** Profit of the winners divided by the loss of the losers; null where nothing was lost. */
  readonly profitFactor: number | null;
  /** Average result of a trade. */
  readonly expectancy: number | null;
  readonly netProfit: number;
  readonly grossWin: number;
  /** Positive. */
  readonly grossLoss: number;
  readonly averageWin: number | null;
  /** Positive. */
  readonly averageLoss: number | null;
  readonly largestWin: number;
  /** Positive. */
  readonly largestLoss: number;
  /** Maximum drawdown of the cumulated result, its beginning included; positive. */
  readonly maxDrawdown: number;
  readonly consecutiveLossesMax: number;
  /** Paid for executions. */
  readonly fees: number;
  /** Paid at settlements of funding. */
  readonly funding: number;
  /** What entries cost more than the mid at the decision, over the trades of which that is known. */
  readonly slippage: number | null;
  readonly slippageKnown: number;
  /** Notional at entry. */
  readonly volume: number;
  readonly timeInPositionMs: {
    readonly mean: number;
    readonly median: number;
    readonly longest: number;
    readonly total: number;
  } | null;
}

/** After each trade, in the order of their ends: when, and the sum so far. */
export type Equity = readonly (readonly [at: Ms, sum: number])[];

const add = (values: readonly Exact[]): Exact => values.reduce((sum, value) => sum + value, 0n);
const greatest = (values: readonly Exact[]): Exact => values.reduce((most, value) => (value > most ? value : most), 0n);

/** The amounts of a trade as numbers that can be added. */
interface Counted {
  readonly profitLoss: Exact;
  readonly fees: Exact;
  readonly funding: Exact;
  readonly notional: Exact;
  readonly slippage: Exact | undefined;
}

/** Read once: each trade is counted in the whole and in a group of every kind. */
const COUNTED = new WeakMap<ReportTrade, Counted>();

function countedOf(trade: ReportTrade): Counted {
  const known = COUNTED.get(trade);
  if (known !== undefined) return known;
  const counted = {
    profitLoss: exact(trade.profitLoss),
    fees: exact(trade.fees),
    funding: exact(trade.funding),
    notional: exact(trade.notional),
    slippage: slippageOf(trade),
  };
  COUNTED.set(trade, counted);
  return counted;
}

function slippageOf({ expectedPrice, entryPrice, positionSize, side }: ReportTrade): Exact | undefined {
  if (expectedPrice === null) return undefined;
  const worse = times(exact(entryPrice) - exact(expectedPrice), exact(positionSize));
  return side === 'long' ? worse : -worse;
}

function drawdownOf(results: readonly Exact[]): Exact {
  let sum = 0n;
  let peak = 0n;
  let deepest = 0n;
  for (const result of results) {
    sum += result;
    if (sum > peak) peak = sum;
    if (peak - sum > deepest) deepest = peak - sum;
  }
  return deepest;
}

function longestRun(results: readonly Exact[]): number {
  let run = 0;
  let longest = 0;
  for (const result of results) {
    run = result < 0n ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

function durations(trades: readonly ReportTrade[]): Figures['timeInPositionMs'] {
  if (trades.length === 0) return null;
  const sorted = trades.map(({ entryTime, exitTime }) => exitTime - entryTime).toSorted((a, b) => a - b);
  const total = sorted.reduce((sum, one) => sum + one, 0);
  const middle = ((sorted.at((sorted.length - 1) >> 1) as number) + (sorted.at(sorted.length >> 1) as number)) / 2;
  return { mean: total / sorted.length, median: middle, longest: sorted.at(-1) as number, total };
}

/** `trades` in the order of their ends. */
export function figuresOf(trades: readonly ReportTrade[]): Figures {
  const counted = trades.map(countedOf);
  const results = counted.map(({ profitLoss }) => profitLoss);
  const won = results.filter((result) => result > 0n);
  const lost = results.filter((result) => result < 0n).map((result) => -result);
  const slipped = counted.flatMap(({ slippage }) => slippage ?? []);
  const mean = (sum: Exact, count: number): number | null => (count === 0 ? null : toNumber(sum / BigInt(count)));
  const grossLoss = add(lost);
  return {
    trades: trades.length,
    wins: won.length,
    losses: lost.length,
    even: trades.length - won.length - lost.length,
    winRate: trades.length === 0 ? null : won.length / trades.length,
    profitFactor: grossLoss === 0n ? null : toNumber(add(won)) / toNumber(grossLoss),
    expectancy: mean(add(results), trades.length),
    netProfit: toNumber(add(results)),
    grossWin: toNumber(add(won)),
    grossLoss: toNumber(grossLoss),
    averageWin: mean(add(won), won.length),
    averageLoss: mean(grossLoss, lost.length),
    largestWin: toNumber(greatest(won)),
    largestLoss: toNumber(greatest(lost)),
    maxDrawdown: toNumber(drawdownOf(results)),
    consecutiveLossesMax: longestRun(results),
    fees: toNumber(add(counted.map((one) => one.fees))),
    funding: toNumber(add(counted.map((one) => one.funding))),
    slippage: slipped.length === 0 ? null : toNumber(add(slipped)),
    slippageKnown: slipped.length,
    volume: toNumber(add(counted.map((one) => one.notional))),
    timeInPositionMs: durations(trades),
  };
}

export function equityOf(trades: readonly ReportTrade[]): Equity {
  let sum = 0n;
  return trades.map((trade) => {
    sum += countedOf(trade).profitLoss;
    return [trade.exitTime, toNumber(sum)] as const;
  });
}

export const GROUPINGS = ['symbol', 'strategy', 'exit-reason', 'hour', 'account'] as const;
export type Grouping = (typeof GROUPINGS)[number];

const HOUR_MS = 3_600_000;
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));

const KEYS: Readonly<Record<Grouping, (trade: ReportTrade) => string>> = {
  symbol: (trade) => trade.symbol,
  strategy: (trade) => trade.signalType,
  'exit-reason': (trade) => trade.exitReason,
  // Of the entry, in UTC: when the decision was made.
  hour: (trade) => HOURS[Math.floor(trade.entryTime / HOUR_MS) % 24] as string,
  account: (trade) => trade.account,
};

export interface Group extends Figures {
  readonly key: string;
}

/** Hours in their order, others by what they brought. */
export function groupsOf(trades: readonly ReportTrade[], grouping: Grouping): readonly Group[] {
  const byKey = Map.groupBy(trades, KEYS[grouping]);
  const groups = [...byKey].map(([key, own]): Group => ({ key, ...figuresOf(own) }));
  const byName = (a: Group, b: Group): number => (a.key < b.key ? -1 : 1);
  return groups.toSorted((a, b) => (grouping === 'hour' ? 0 : b.netProfit - a.netProfit) || byName(a, b));
}
