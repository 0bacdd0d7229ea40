// What has happened of late? The recent past for a page that has just come, and what is new for those that are there.
import type { Happening } from '../port.ts';
import { endingView, fillView, isEnding, logView, signalView, tradeView } from './happened.ts';
import type { EquityPoint, Happened, SignalView, ToldView, TradeView } from '../page/protocol-events.ts';

const EQUITY_MS = 30_000;
/** Of those that come between two looks; a page cannot show more, and what is above is in the log and the database. */
const NEW_MAX = 200;

/** Of one USDT, as the exchange counts: sums of them are exact. */
const UNITS = 100_000_000;

type List = keyof Omit<Happened, 'kind'>;

/** How many of each are kept. */
const KEPT: Readonly<Record<List, number>> = {
  signals: 300,
  endings: 500,
  trades: 500,
  fills: 500,
  told: 200,
  log: 300,
  equity: 2_880,
};
const LISTS = Object.keys(KEPT) as List[];

type Lists = { -readonly [K in List]: Happened[K][number][] };

const emptyLists = (): Lists => ({ signals: [], endings: [], trades: [], fills: [], told: [], log: [], equity: [] });

export class Recent {
  readonly #past = emptyLists();
  #fresh = emptyLists();
  readonly #startedMs: number;
  readonly #closed = new Map<string, number>();
  /** By trade: what of the sum is its own, in units. */
  readonly #profits = new Map<string, number>();
  #profit = 0;

  /** `startedMs`: of this run. What was closed before it a restart tells once more. */
  constructor(startedMs: number) {
    this.#startedMs = startedMs;
  }

  /** By exit reason. */
  get tradesClosed(): ReadonlyMap<string, number> {
    return this.#closed;
  }

  /** Of the trades that were closed in this run, USDT. */
  get profit(): number {
    return this.#profit / UNITS;
  }

  take(happening: Happening): void {
    switch (happening.kind) {
      case 'analysis':
        if (isEnding(happening)) this.#add('endings', endingView(happening));
        else if (happening.event.signal !== 'none') this.#add('signals', signalView(happening));
        break;
      case 'verdict':
        this.#judge(happening);
        break;
      case 'trade':
        this.#trade(tradeView(happening.row));
        break;
      case 'execution':
        this.#add('fills', fillView(happening.row));
        break;
      case 'told': {
        const { atMs, level, name, symbol, fields } = happening;
        this.#add('told', { atMs, level, name, symbol, fields } satisfies ToldView);
        break;
      }
      case 'log':
        this.#add('log', logView(happening));
        break;
    }
  }

  /** The equity now; kept when it has changed and half a minute is over. */
  equity(atMs: number, usdt: number): void {
    const points = this.#past.equity;
    // Where the calendar was set back: else there would be no point until it has come so far again.
    while ((points.at(-1)?.[0] ?? 0) > atMs) points.pop();
    const last = points.at(-1);
    if (last !== undefined && (atMs - last[0] < EQUITY_MS || last[1] === usdt)) return;
    this.#add('equity', [atMs, usdt] satisfies EquityPoint);
  }

  /**
   * Trades of former runs, oldest first; those of this run that are among them are known better already, but for what was closed
   * before the thread was started again.
   */
  earlier(trades: readonly TradeView[]): void {
    for (const trade of trades) if (!this.#profits.has(trade.id)) this.#count(trade);
    const known = new Set(this.#past.trades.map(({ id }) => id));
    this.#past.trades.unshift(...trades.filter(({ id }) => !known.has(id)));
    this.#past.trades.splice(0, this.#past.trades.length - KEPT.trades);
    // Pages that are there already hear all of them, in this order.
    this.#fresh.trades = [...this.#past.trades];
  }

  /** All that is kept. */
  past(): Happened {
    return { kind: 'happened', ...this.#past };
  }

  /** What came since the last call; undefined where nothing did. */
  fresh(): Happened | undefined {
    if (LISTS.every((list) => this.#fresh[list].length === 0)) return undefined;
    const happened: Happened = { kind: 'happened', ...this.#fresh };
    this.#fresh = emptyLists();
    return happened;
  }

  #add<K extends List>(list: K, item: Happened[K][number]): void {
    const past = this.#past[list] as Happened[K][number][];
    const fresh = this.#fresh[list] as Happened[K][number][];
    past.push(item);
    if (past.length > KEPT[list]) past.shift();
    fresh.push(item);
    if (fresh.length > NEW_MAX) fresh.shift();
  }

  /** The signal is told once more, now with what became of it. */
  #judge({ signalId, refusal, detail }: Extract<Happening, { kind: 'verdict' }>): void {
    const place = this.#past.signals.findLastIndex(({ id }) => id === signalId);
    const before = this.#past.signals[place];
    if (before === undefined) return;
    const judged: SignalView = { ...before, outcome: refusal === undefined ? 'ordered' : 'refused', refusal, detail };
    this.#past.signals.splice(place, 1);
    this.#add('signals', judged);
  }

  #trade(trade: TradeView): void {
    const place = this.#past.trades.findLastIndex(({ id }) => id === trade.id);
    if (place >= 0) this.#past.trades.splice(place, 1);
    this.#add('trades', trade);
    this.#count(trade);
  }

  #count({ id, exitReason, exitMs, profit = 0 }: TradeView): void {
    if (exitReason === undefined || (exitMs ?? 0) < this.#startedMs) return;
    const told = this.#profits.get(id);
    const units = Math.round(profit * UNITS);
    this.#profits.set(id, units);
    this.#profit += units - (told ?? 0);
    if (told === undefined) this.#closed.set(exitReason, (this.#closed.get(exitReason) ?? 0) + 1);
  }
}
