// What does the page remember of what happened? The newest of each kind, one of each id.
import type {
  EndingView,
  EquityPoint,
  FillView,
  Happened,
  LogView,
  SignalView,
  ToldView,
  TradeView,
} from '../operator/page/protocol-events.ts';

const SIGNALS_MAX = 300;
const ENDINGS_MAX = 600;
const TRADES_MAX = 500;
const FILLS_MAX = 500;
const LINES_MAX = 600;
const EQUITY_MAX = 4_000;

export class Kept {
  /** Newest last. */
  readonly signals: SignalView[] = [];
  readonly endings: EndingView[] = [];
  readonly trades: TradeView[] = [];
  readonly fills: FillView[] = [];
  readonly told: ToldView[] = [];
  readonly log: LogView[] = [];
  readonly equity: EquityPoint[] = [];
  /** Grows with every change. */
  revision = 0;

  take(happened: Happened): void {
    for (const signal of happened.signals) put(this.signals, signal, (one) => one.id === signal.id, SIGNALS_MAX);
    for (const trade of happened.trades) {
      const at = this.trades.findLastIndex(({ id }) => id === trade.id);
      // Those of former runs are told late, and behind them once more those of this one, which are newer.
      if (at >= 0) this.trades.splice(at, 1);
      this.trades.push(trade);
    }
    cut(this.trades, TRADES_MAX);
    for (const fill of happened.fills) put(this.fills, fill, (one) => one.id === fill.id, FILLS_MAX);
    for (const ending of happened.endings) {
      const isSame = (one: EndingView): boolean => one.id === ending.id && one.symbol === ending.symbol;
      put(this.endings, ending, isSame, ENDINGS_MAX);
    }
    append(this.told, happened.told, LINES_MAX);
    append(this.log, happened.log, LINES_MAX);
    for (const point of happened.equity) {
      // One that is told again, or that a calendar has dated ahead which was set back since.
      while ((this.equity.at(-1)?.[0] ?? 0) >= point[0]) this.equity.pop();
      this.equity.push(point);
    }
    cut(this.equity, EQUITY_MAX);
    this.revision++;
  }

  /** Another socket tells the recent past anew. */
  forget(): void {
    for (const list of [this.signals, this.endings, this.trades, this.fills, this.told, this.log, this.equity]) {
      list.length = 0;
    }
    this.revision++;
  }
}

function put<T>(list: T[], item: T, isSame: (one: T) => boolean, max: number): void {
  const at = list.findLastIndex(isSame);
  if (at >= 0) list[at] = item;
  else list.push(item);
  cut(list, max);
}

function append<T>(list: T[], items: readonly T[], max: number): void {
  for (const item of items) list.push(item);
  cut(list, max);
}

function cut<T>(list: T[], max: number): void {
  if (list.length > max) list.splice(0, list.length - max);
}
