// How does a report look as a page? One file: no script, no font, nothing from a network.
import type { DensitiesFound } from '../../store/read/report-densities.ts';
import type { Equity, Group, Grouping, ReportTrade } from '../../store/read/trade-figures.ts';
import {
  bestAndWorst,
  byClass,
  count,
  densityCells,
  DENSITY_HEAD,
  factor,
  figureRows,
  groupCells,
  GROUP_HEAD,
  HIT_HEAD,
  hitCells,
  lookedCells,
  LOOKED_HEAD,
  money,
  ofAccounts,
  percent,
  span,
  TITLES,
  together,
} from './format.ts';
import type { ReportSpan } from './span.ts';
import { bars, countBars, curve, escaped, type Bar } from './svg.ts';
import type { TradesReport } from './text.ts';

const BINS = 24;

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2330; --dim: #5d6778; --line: #d9dee6; --card: #f5f7fa; --page: #fff;
  --good: #15803d; --bad: #b91c1c; --curve: #1d4ed8; --fall: #b91c1c22; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf1; --dim: #9aa5b8; --line: #333d4d; --card: #1a212c;
  --page: #11161d; --good: #4ade80; --bad: #f87171; --curve: #7aa7ff; --fall: #f8717133; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px 20px 64px; max-width: 1040px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; margin: 0; } h2 { font-size: 17px; margin: 36px 0 8px; } p { margin: 4px 0; color: var(--dim); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px; margin: 20px 0; }
.tile { background: var(--card); border-radius: 8px; padding: 10px 14px; }
.tile b { display: block; font-size: 20px; font-variant-numeric: tabular-nums; } .tile span { color: var(--dim); font-size: 13px; }
svg { width: 100%; height: auto; display: block; } .wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 10px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--dim); font-weight: 500; } th:first-child, td:first-child { text-align: left; }
.grid { stroke: var(--line); } .zero { stroke: var(--dim); } .tick { fill: var(--dim); font-size: 12px; }
.line { fill: none; stroke: var(--curve); stroke-width: 2; stroke-linejoin: round; } .fall { fill: var(--fall); }
.good { fill: var(--good); color: var(--good); } .bad { fill: var(--bad); color: var(--bad); }
.plain { fill: var(--curve); }
td:first-child:nth-last-child(2), td:last-child:nth-child(2) { white-space: normal; }
@media screen and (max-width: 900px) { svg { min-width: 880px; } }
@media print { body { max-width: none; } }`;

function page(title: string, about: readonly string[], body: readonly string[]): string {
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escaped(title)}</h1>`,
    ...about.map((line) => `<p>${escaped(line)}</p>`),
    ...body,
    '</body></html>',
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  const body = rows.map((cells) => row(cells, 'td')).join('');
  return `<div class="wide"><table><thead>${row(head, 'th')}</thead><tbody>${body}</tbody></table></div>`;
}

const section = (title: string, ...inner: readonly string[]): string =>
  inner.every((one) => one === '') ? '' : `<section><h2>${escaped(title)}</h2>${inner.join('')}</section>`;

function tile(name: string, text: string, value = 0): string {
  const kind = value === 0 ? '' : ` class="${value < 0 ? 'bad' : 'good'}"`;
  return `<div class="tile"><b${kind}>${escaped(text)}</b><span>${escaped(name)}</span></div>`;
}

function barOf({ key, netProfit, trades, winRate }: Group): Bar {
  const about = `${key}: ${money(netProfit)} USDT, ${trades} trades, ${percent(winRate)} won`;
  return { name: key, value: netProfit, about, tone: netProfit < 0 ? 'bad' : 'good' };
}

/** How many trades brought about so much? Losses and gains never share a bar. */
export function distribution(trades: readonly Pick<ReportTrade, 'profitLoss'>[]): Bar[] {
  const results = trades.map(({ profitLoss }) => Number(profitLoss));
  const reach = Math.max(...results.map(Math.abs), Number.MIN_VALUE);
  const width = (2 * reach) / BINS;
  const counts = Array.from({ length: BINS }, () => 0);
  for (const result of results) {
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor((result + reach) / width)));
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts.map((value, i) => {
    const [from, to] = [(i - BINS / 2) * width, (i + 1 - BINS / 2) * width];
    const about = `${value} trades from ${money(from)} to ${money(to)} USDT`;
    return { name: money(from), value, about, tone: i < BINS / 2 ? 'bad' : 'good' };
  });
}

function groupSection(grouping: Grouping, groups: readonly Group[]): string {
  const title = `Result by ${TITLES[grouping]}`;
  const rows = groups.map((group) => [group.key, ...groupCells(group)]);
  return section(title, bars(title, bestAndWorst(groups).map(barOf)), table([TITLES[grouping], ...GROUP_HEAD], rows));
}

export function tradesHtml(
  report: TradesReport,
  of: ReportSpan,
  drawn: { readonly equity: Equity; readonly trades: readonly ReportTrade[] },
): string {
  const about = [
    `Trades${ofAccounts(report.account)} that ended ${span(of)}; money in USDT after fees and funding.`,
    ...together(report.accounts),
    `${report.open} open now.`,
  ];
  return page('Plotnost: trades', about, [
    '<div class="tiles">',
    tile('result', money(report.netProfit), report.netProfit),
    tile('trades', count(report.trades)),
    tile('win rate', percent(report.winRate)),
    tile('profit factor', factor(report.profitFactor)),
    tile('expectancy', money(report.expectancy), report.expectancy ?? 0),
    tile('maximum drawdown', money(report.maxDrawdown)),
    '</div>',
    section('Sum of results', curve('Sum of results over time', drawn.equity)),
    section(
      'Results of single trades',
      drawn.trades.length === 0 ? '' : countBars('How many trades brought how much', distribution(drawn.trades)),
    ),
    section('Figures', table(['figure', 'value'], figureRows(report))),
    ...Object.entries(report.by).map(([grouping, groups]) => groupSection(grouping as Grouping, groups)),
  ]);
}

export function densitiesHtml(found: DensitiesFound, of: ReportSpan): string {
  const hours = Map.groupBy(found.hours, ({ hour }) => new Date(hour).toISOString().slice(11, 13));
  const births = [...hours]
    .map(([name, own]) => ({ name, value: own.reduce((sum, one) => sum + one.births, 0) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((bar) => ({ ...bar, about: `${bar.value} born from ${bar.name}:00 UTC on` }));
  const labels = Object.entries(found.all.labels).map(([label, value]) => {
    const name = label.replaceAll('_', ' ');
    return { name, value, about: `${value} ended as ${name}` };
  });
  return page(
    'Plotnost: densities',
    [`Confirmed densities ${span(of)}, by the USDT of their peak.`],
    [
      '<div class="tiles">',
      tile('born', count(found.all.births)),
      tile('ended', count(found.all.ended)),
      tile('touched walls that held', percent(found.all.bounce.rate)),
      tile('eaten walls that broke', percent(found.all.breakout.rate)),
      tile('bounce trades won', percent(found.all.bounce.wonRate)),
      tile('breakout trades won', percent(found.all.breakout.wonRate)),
      '</div>',
      section('How they ended', countBars('How they ended', labels)),
      section('Lives', table(['peak', ...DENSITY_HEAD], byClass(found, densityCells))),
      section('Hit rates', table(['peak', ...HIT_HEAD], byClass(found, hitCells))),
      section('Born by hour of the day, UTC', countBars('Born by hour of the day', births)),
      section('Looked at', table(LOOKED_HEAD, found.signals.map(lookedCells))),
      section(
        'By symbol',
        table(
          ['symbol', ...DENSITY_HEAD],
          found.symbols.map((one) => [one.symbol, ...densityCells(one)]),
        ),
      ),
    ],
  );
}
