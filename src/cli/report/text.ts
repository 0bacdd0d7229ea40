// How does a person read a report on a terminal?
import type { DensitiesFound } from '../../store/read/report-densities.ts';
import type { Figures, Group, Grouping } from '../../store/read/trade-figures.ts';
import {
  bestAndWorst,
  byClass,
  densityCells,
  DENSITY_HEAD,
  figureRows,
  groupCells,
  GROUP_HEAD,
  HIT_HEAD,
  hitCells,
  lookedCells,
  LOOKED_HEAD,
  ofAccounts,
  span,
  TITLES,
  together,
} from './format.ts';
import type { ReportSpan } from './span.ts';

export interface TradesReport extends Figures {
  /** Only of accounts whose name begins so; null for all. */
  readonly account: string | null;
  /** Whose trades these are. */
  readonly accounts: readonly string[];
  readonly open: number;
  readonly by: Readonly<Partial<Record<Grouping, readonly Group[]>>>;
}

const SYMBOLS_MAX = 24;

/** Numbers to the right; to the left the first column, and those named in `words`. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  words: readonly string[] = [],
): string[] {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)));
  const pad = (cell: string, i: number): string =>
    i === 0 || words.includes(head[i] as string)
      ? cell.padEnd(widths[i] as number)
      : cell.padStart(widths[i] as number);
  return [head, ...rows].map((row) => `  ${row.map(pad).join('  ')}`.trimEnd());
}

export function figureLines(rows: ReturnType<typeof figureRows>): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
}

function groupLines(grouping: Grouping, groups: readonly Group[]): string[] {
  const shown = bestAndWorst(groups);
  const left = groups.length - shown.length;
  return [
    '',
    `By ${TITLES[grouping]}`,
    ...table(
      [TITLES[grouping], ...GROUP_HEAD],
      shown.map((group) => [group.key, ...groupCells(group)]),
    ),
    ...(left > 0 ? [`  (the best and the worst; ${left} between them are in --csv and --json)`] : []),
  ];
}

export function tradesText(report: TradesReport, of: ReportSpan): string {
  const whose = ofAccounts(report.account);
  const open = `${report.open} ${report.open === 1 ? 'position' : 'positions'}${whose} ${report.open === 1 ? 'is' : 'are'} open now.`;
  if (report.trades === 0) return `No trade${whose} ended ${span(of)}. ${open}\n`;
  const lines = [
    `Trades${whose} that ended ${span(of)}`,
    ...together(report.accounts),
    '',
    ...figureLines(figureRows(report)),
    '',
    open,
    ...Object.entries(report.by).flatMap(([grouping, groups]) => groupLines(grouping as Grouping, groups)),
  ];
  return `${lines.join('\n')}\n`;
}

export function densitiesText(found: DensitiesFound, of: ReportSpan): string {
  if (found.all.births + found.all.ended === 0) return `No density was confirmed or ended ${span(of)}.\n`;
  const busiest = found.symbols.toSorted((a, b) => b.births - a.births).slice(0, SYMBOLS_MAX);
  const lines = [
    `Confirmed densities ${span(of)}, by the USDT of their peak`,
    ...table(['peak', ...DENSITY_HEAD], byClass(found, densityCells)),
    '',
    'Hit rates: of touched walls those that held, of eaten ones those that the price went through, and trades that won',
    ...table(['peak', ...HIT_HEAD], byClass(found, hitCells)),
    '',
    'Looked at',
    ...table(LOOKED_HEAD, found.signals.map(lookedCells), ['outcome']),
    '',
    `By symbol${found.symbols.length > busiest.length ? `, the ${busiest.length} with most` : ''}`,
    ...table(
      ['symbol', ...DENSITY_HEAD],
      busiest.map((one) => [one.symbol, ...densityCells(one)]),
    ),
  ];
  return `${lines.join('\n')}\n`;
}
