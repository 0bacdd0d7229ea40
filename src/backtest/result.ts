// What did a backtest bring? Trades, executions, figures, what was refused, and one hash that two runs must agree on.
import { createHash } from 'node:crypto';
import type { ExecutionRow, TradeRow } from '../position/trade/result.ts';
import type { AnalysisEvent } from '../scan/event.ts';
import { figuresOf, groupsOf, type Figures, type Group, type ReportTrade } from '../store/read/trade-figures.ts';
import type { Told } from '../engine/trader.ts';

/** A trade that had not ended where the recording did, and could not be closed at its last book. */
export interface OpenTrade {
  readonly id: string;
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly size: string;
  readonly entryPrice: string;
}

export interface TradesResult {
  readonly figures: Figures;
  readonly byExitReason: readonly Group[];
  readonly bySymbol: readonly Group[];
  readonly trades: readonly TradeRow[];
  readonly executions: readonly ExecutionRow[];
  readonly openAtEnd: readonly OpenTrade[];
  /** Signals that were looked at, those that became orders, and why the others did not. */
  readonly signals: number;
  readonly entries: number;
  readonly refused: Readonly<Record<string, number>>;
  /** What made the desk refuse, the last time that it did. */
  readonly refusedFor: Readonly<Record<string, string>>;
  /** Of candidates that were no signal: which criterion failed, how often. */
  readonly missing: Readonly<Record<string, number>>;
  /** Warnings and worse of the desk, counted. */
  readonly told: Readonly<Record<string, number>>;
  /** Of all trades and executions. */
  readonly tradesSha256: string;
}

const ACCOUNT = 'backtest';

export class TradeTally {
  readonly #trades = new Map<string, TradeRow>();
  readonly #executions: ExecutionRow[] = [];
  readonly #refused = new Map<string, number>();
  readonly #refusedFor: Record<string, string> = {};
  readonly #missing = new Map<string, number>();
  /** Of signals that became orders, by their id: the mid at the decision. */
  readonly #mids = new Map<string, string>();
  readonly #told = new Map<string, number>();
  #signals = 0;
  #entries = 0;

  /** A later telling of the same trade stands for the earlier ones. */
  trade(row: TradeRow): void {
    this.#trades.set(row.id, row);
  }

  execution(row: ExecutionRow): void {
    this.#executions.push(row);
  }

  candidate({ signal, criteria }: AnalysisEvent): void {
    for (const { name, passed } of criteria) if (!passed) count(this.#missing, `${signal} ${name}`);
  }

  /** `mid`: at the decision. */
  offered(signalId: string, mid: string, refusal: string | undefined, detail: string): void {
    this.#signals++;
    if (refusal === undefined) {
      this.#entries++;
      this.#mids.set(signalId, mid);
      return;
    }
    count(this.#refused, refusal);
    if (detail !== '') this.#refusedFor[refusal] = detail;
  }

  told(name: string, level: Told['level']): void {
    if (level !== 'info') count(this.#told, name);
  }

  end(): TradesResult {
    const trades = [...this.#trades.values()];
    const ended = trades
      .flatMap((row) => endedOf(row, this.#mids.get(row.signalId)))
      .sort((a, b) => a.exitTime - b.exitTime || (a.tradeId < b.tradeId ? -1 : 1));
    const hash = createHash('sha256');
    for (const row of [...trades, ...this.#executions]) hash.update(`${JSON.stringify(row)}\n`);
    return {
      figures: figuresOf(ended),
      byExitReason: groupsOf(ended, 'exit-reason'),
      bySymbol: groupsOf(ended, 'symbol'),
      trades,
      executions: this.#executions,
      openAtEnd: trades
        .filter(({ exitMs }) => exitMs === undefined)
        .map(({ id, symbol, side, size, entryPrice }) => ({ id, symbol, side, size, entryPrice })),
      signals: this.#signals,
      entries: this.#entries,
      refused: mostFirst(this.#refused),
      refusedFor: this.#refusedFor,
      missing: mostFirst(this.#missing),
      told: mostFirst(this.#told),
      tradesSha256: hash.digest('hex'),
    };
  }
}

function endedOf(row: TradeRow, expectedPrice: string | undefined): readonly ReportTrade[] {
  const { exitMs: exitTime, exitReason, profitLoss } = row;
  if (exitTime === undefined || exitReason === undefined || profitLoss === undefined) return [];
  const { id: tradeId, symbol, side, signalType, entryMs: entryTime, entryPrice, size, notional, fees, funding } = row;
  return [
    {
      account: ACCOUNT,
      tradeId,
      symbol,
      side,
      signalType,
      exitReason,
      entryTime,
      exitTime,
      entryPrice,
      expectedPrice: expectedPrice ?? null,
      positionSize: size,
      notional,
      profitLoss,
      fees,
      funding,
    },
  ];
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function mostFirst(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1)));
}
