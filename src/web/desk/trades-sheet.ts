// What came of it? The equity curve, the sums, and every trade with its reason to end.
import uPlot from 'uplot';
import type { EquityPoint, TradeView } from '../../operator/page/protocol-events.ts';
import { el, headOf, setAttribute, setText } from '../element.ts';
import { average, clock, day, duration, gain, moment, signedPercent, usd, words } from '../format.ts';
import { Rows } from '../rows.ts';
import type { Colours } from '../theme.ts';

const SHOWN_MAX = 100;
const HEADS = ['Closed', 'Symbol', 'Strategy', 'Entry → exit', 'Profit', 'Held', 'Reason'];

export class TradesSheet {
  readonly panel = el('div.sheet.results');
  readonly #rows: Rows<TradeView, HTMLTableRowElement>;
  readonly #chartBox = el('div.chart', { role: 'img', 'aria-label': 'Equity curve' });
  readonly #sums: Rows<readonly [string, string, string], HTMLElement>;
  readonly #empty = el('div.empty', {}, 'No trade yet');
  readonly #young = el('div.empty', {}, 'The curve begins with the second point');
  #chart: uPlot | undefined;
  #equity: readonly EquityPoint[] = [];
  #colours: Colours;
  #now = 0;

  constructor(colours: Colours, onChoose: (symbol: string) => void) {
    this.#colours = colours;
    const sums = el('dl.sums', { 'aria-label': 'Result' });
    this.#sums = new Rows(sums, {
      key: ([name]) => name,
      create: ([name]) => el('div', {}, el('dt', {}, name), el('dd')),
      update: (row, [, value, tone]) => {
        setText(row.lastElementChild as HTMLElement, value);
        (row.lastElementChild as HTMLElement).className = tone;
      },
    });
    const list = el('tbody');
    const table = el('table.list', { 'aria-label': 'Trades, newest first' }, headOf(HEADS), list);
    this.panel.append(
      el('div.curve', {}, sums, this.#young, this.#chartBox),
      el('div.trades', { role: 'region', 'aria-label': 'Trades', tabindex: 0 }, table, this.#empty),
    );
    this.#rows = new Rows(list, {
      key: ({ id }) => id,
      create: (trade) => createTrade(trade, onChoose),
      update: (row, trade) => updateTrade(row, trade, this.#now),
    });
    new ResizeObserver(() => this.#resize()).observe(this.#chartBox);
  }

  recolour(colours: Colours): void {
    this.#colours = colours;
    this.#chart?.destroy();
    this.#chart = undefined;
    this.#drawCurve();
  }

  /** `now`: of the engine. */
  show(trades: readonly TradeView[], equity: readonly EquityPoint[], now: number): void {
    this.#now = now;
    const newest = trades.toSorted((a, b) => endOf(b) - endOf(a) || b.entryMs - a.entryMs);
    this.#rows.show(newest.slice(0, SHOWN_MAX));
    this.#empty.hidden = trades.length > 0;
    this.#sums.show(sumsOf(trades));
    this.#equity = equity;
    this.#young.hidden = equity.length > 1;
    this.#drawCurve();
  }

  #drawCurve(): void {
    const { width, height } = this.#chartBox.getBoundingClientRect();
    if (this.#equity.length < 2 || width < 80 || height < 50) return;
    const data: uPlot.AlignedData = [this.#equity.map(([ms]) => ms / 1_000), this.#equity.map(([, value]) => value)];
    if (this.#chart === undefined) this.#chart = new uPlot(this.#options(width, height), data, this.#chartBox);
    else this.#chart.setData(data);
    const first = this.#equity[0]?.[1] ?? 0;
    const last = this.#equity.at(-1)?.[1] ?? 0;
    setAttribute(
      this.#chartBox,
      'aria-label',
      `Equity curve: ${usd(first)} to ${usd(last)} USDT, ${gain(last - first)}`,
    );
  }

  #resize(): void {
    const { width, height } = this.#chartBox.getBoundingClientRect();
    if (this.#chart === undefined) return this.#drawCurve();
    if (width > 80 && height > 50) this.#chart.setSize({ width: Math.floor(width), height: Math.floor(height) });
  }

  #options(width: number, height: number): uPlot.Options {
    const { soft, line, accent } = this.#colours;
    const font = '11px "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif';
    const axis: uPlot.Axis = { stroke: soft, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
    return {
      width: Math.floor(width),
      height: Math.floor(height),
      legend: { show: false },
      padding: [8, 12, 0, 0],
      cursor: { y: false, points: { size: 6 } },
      scales: { y: { range: (_, low, high) => rangeOf(low, high) } },
      axes: [
        {
          ...axis,
          size: 22,
          gap: 2,
          values: (_, splits) =>
            splits.map((at) =>
              clock(at * 1_000, splits.length > 1 && (splits[1] as number) - (splits[0] as number) < 60),
            ),
        },
        { ...axis, size: 62, values: (_, splits) => splits.map((value) => usd(value, decimalsOf(splits))) },
      ],
      series: [{}, { stroke: accent, width: 1.6, fill: withAlpha(accent), points: { show: false } }],
    };
  }
}

/** A flat curve is a line in the middle, not noise over the whole height. */
function rangeOf(low: number, high: number): [number, number] {
  const room = Math.max((high - low) * 0.12, Math.abs(high) * 0.0002, 0.01);
  return [low - room, high + room];
}

function decimalsOf(splits: readonly number[]): number {
  const step = Math.abs((splits[1] ?? 1) - (splits[0] ?? 0));
  return step >= 1 ? 0 : step >= 0.1 ? 1 : 2;
}

function withAlpha(colour: string): string {
  return colour.replace('rgb(', 'rgba(').replace(')', ', 0.12)');
}

function sumsOf(trades: readonly TradeView[]): (readonly [string, string, string])[] {
  const closed = trades
    .filter((trade) => trade.profit !== undefined)
    .toSorted((a, b) => endOf(a) - endOf(b) || (a.id < b.id ? -1 : 1));
  const profits = closed.map((trade) => trade.profit as number);
  const net = profits.reduce((sum, profit) => sum + profit, 0);
  const won = profits.filter((profit) => profit > 0);
  const gains = won.reduce((sum, profit) => sum + profit, 0);
  const losses = gains - net;
  const fees = closed.reduce((sum, trade) => sum + trade.fees, 0);
  // Of the results, as in a report: the equity is told once a minute, and what fell and rose between is not in it.
  let sum = 0;
  let peak = 0;
  let drawdown = 0;
  for (const profit of profits) {
    sum += profit;
    peak = Math.max(peak, sum);
    drawdown = Math.max(drawdown, peak - sum);
  }
  const [first] = closed;
  const rate = closed.length === 0 ? '–' : `${Math.round((won.length / closed.length) * 100)} % of ${closed.length}`;
  return [
    ['Net', gain(net), net > 0 ? 'gain' : net < 0 ? 'loss' : ''],
    ['Won', rate, ''],
    ['Profit factor', losses > 0 ? (gains / losses).toFixed(2) : '–', ''],
    ['Fees, funding', usd(fees), ''],
    ['Drawdown', usd(drawdown), ''],
    // Of so many as the engine keeps: a report may count more.
    ['Since', first === undefined ? '–' : `${day(endOf(first))} ${clock(endOf(first))}`, ''],
  ];
}

/** What is open comes before all that is closed. */
function endOf({ exitMs = Number.MAX_SAFE_INTEGER }: TradeView): number {
  return exitMs;
}

function createTrade(trade: TradeView, onChoose: (symbol: string) => void): HTMLTableRowElement {
  const name = el('button.name', { type: 'button', title: `Show ${trade.symbol} on the map` }, trade.symbol);
  name.addEventListener('click', () => onChoose(trade.symbol));
  const numbers = Array.from({ length: 3 }, () => el('td.number'));
  return el('tr', {}, el('td.soft'), el('td', {}, name, ' ', el('span')), el('td'), ...numbers, el('td'));
}

function updateTrade(row: HTMLTableRowElement, trade: TradeView, now: number): void {
  const [closed, symbol, strategy, prices, profit, held, reason] = [...row.cells] as HTMLElement[];
  if (closed === undefined || symbol === undefined || strategy === undefined || prices === undefined) return;
  if (profit === undefined || held === undefined || reason === undefined) return;
  const end = trade.exitMs;
  setText(closed, end === undefined ? 'open' : moment(end, now));
  setAttribute(closed, 'title', `opened ${day(trade.entryMs)} ${clock(trade.entryMs)}`);
  const way = symbol.lastElementChild as HTMLElement;
  setText(way, trade.side === 'long' ? '▲ long' : '▼ short');
  way.className = trade.side === 'long' ? 'gain' : 'loss';
  setText(strategy, trade.strategy);
  const exit = trade.exitPrice === undefined ? '' : ` → ${average(trade.exitPrice)}`;
  setText(prices, `${average(trade.entryPrice)}${exit}`);
  setText(profit, trade.profit === undefined ? '–' : `${gain(trade.profit)} (${signedPercent(trade.profitPercent)})`);
  profit.className = `number ${(trade.profit ?? 0) > 0 ? 'gain' : (trade.profit ?? 0) < 0 ? 'loss' : ''}`;
  setText(held, duration(end === undefined ? undefined : end - trade.entryMs));
  setText(reason, trade.exitReason === undefined ? '' : words(trade.exitReason));
  setAttribute(reason, 'title', `fees and funding ${usd(trade.fees, 4)} USDT`);
}
