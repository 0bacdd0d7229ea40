// What does the page hear of what has happened? Signals, ends of densities, trades, fills, log lines, equity.

export interface CriterionView {
  readonly name: string;
  readonly value: number | null;
  readonly threshold: number | null;
  readonly passed: boolean;
}

/** Told again under the same `id` when its verdict is known. */
export interface SignalView {
  readonly id: string;
  readonly atMs: number;
  readonly symbol: string;
  readonly kind: 'breakout' | 'bounce';
  readonly direction: 'long' | 'short';
  /** `candidate`: a criterion failed; `refused`: all held, yet it was not traded; `offered`: not judged yet, or nothing is traded. */
  readonly outcome: 'candidate' | 'offered' | 'refused' | 'ordered';
  /** Why it was refused, and the words of the gate. */
  readonly refusal: string | undefined;
  readonly detail: string;
  readonly life: number;
  readonly side: 'bid' | 'ask';
  /** Ticks. */
  readonly price: number;
  readonly mid: number;
  readonly priority: number;
  readonly relative: number;
  readonly criteria: readonly CriterionView[];
}

/** A confirmed density is no more. */
export interface EndingView {
  readonly id: number;
  readonly atMs: number;
  readonly symbol: string;
  readonly side: 'bid' | 'ask';
  readonly low: number;
  readonly high: number;
  readonly price: number;
  readonly label: string;
  readonly firstSeenMs: number;
  readonly peak: number;
  readonly eaten: number;
  readonly pulled: number;
  readonly refilled: number;
  readonly touches: number;
}

/** Told again under the same `id` with its result. Prices are decimals, money USDT. */
export interface TradeView {
  readonly id: string;
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly strategy: string;
  readonly signalId: string;
  readonly entryMs: number;
  readonly entryPrice: number;
  readonly size: string;
  /** Of the entry; null where the database does not tell it. */
  readonly stop: number | null;
  readonly exitMs: number | undefined;
  readonly exitPrice: number | undefined;
  /** Funding that was paid is in it, and what was received lessens it, USDT. */
  readonly fees: number;
  readonly profit: number | undefined;
  readonly profitPercent: number | undefined;
  readonly exitReason: string | undefined;
}

export interface FillView {
  readonly id: string;
  readonly tradeId: string | undefined;
  readonly atMs: number;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly price: number;
  readonly size: string;
  readonly kind: string;
}

export interface ToldView {
  readonly atMs: number;
  readonly level: 'info' | 'warning' | 'error' | 'critical';
  readonly name: string;
  readonly symbol: string | undefined;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** One line of the log; `fields` are those besides time, level, event and symbol. */
export interface LogView {
  readonly atMs: number;
  readonly level: string;
  readonly event: string;
  readonly symbol: string | undefined;
  readonly fields: string;
}

/** [wall ms, USDT] */
export type EquityPoint = readonly [atMs: number, equity: number];

/** As they happen, ten times a second at most; the first one of a socket holds the recent past. */
export interface Happened {
  readonly kind: 'happened';
  readonly signals: readonly SignalView[];
  readonly endings: readonly EndingView[];
  readonly trades: readonly TradeView[];
  readonly fills: readonly FillView[];
  readonly told: readonly ToldView[];
  readonly log: readonly LogView[];
  readonly equity: readonly EquityPoint[];
}
