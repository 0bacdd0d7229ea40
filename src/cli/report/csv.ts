// How does a spreadsheet read a report?
import type { DensitiesFound } from '../../store/read/report-densities.ts';
import type { Figures } from '../../store/read/trade-figures.ts';
import type { Lives } from './format.ts';
import type { TradesReport } from './text.ts';

const CSV_FIGURES = [
  'trades',
  'wins',
  'losses',
  'even',
  'winRate',
  'profitFactor',
  'expectancy',
  'netProfit',
  'grossWin',
  'grossLoss',
  'averageWin',
  'averageLoss',
  'largestWin',
  'largestLoss',
  'maxDrawdown',
  'consecutiveLossesMax',
  'fees',
  'funding',
  'slippage',
  'slippageKnown',
  'volume',
] as const satisfies readonly (keyof Figures)[];

/** As RFC 4180 wants it; a cell that a spreadsheet would take for a formula is made a text. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return cells
    .map((cell) => {
      if (typeof cell !== 'string') return cell === null ? '' : String(cell);
      const safe = /^[=+@\t\r-]/.test(cell) ? `'${cell}` : cell;
      return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
    })
    .join(',');
}

export function tradesCsv(report: TradesReport): string {
  const line = (grouping: string, key: string, figures: Figures): string => {
    const time = figures.timeInPositionMs;
    const values = CSV_FIGURES.map((name) => figures[name]);
    return csvLine([grouping, key, ...values, time?.mean ?? null, time?.median ?? null, time?.total ?? null]);
  };
  const lines = [
    csvLine(['by', 'key', ...CSV_FIGURES, 'meanTimeInPositionMs', 'medianTimeInPositionMs', 'totalTimeInPositionMs']),
    line('all', '', report),
    ...Object.entries(report.by).flatMap(([grouping, groups]) => groups.map((one) => line(grouping, one.key, one))),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

export function densitiesCsv(found: DensitiesFound): string {
  const line = (by: string, key: string, lives: Lives): string =>
    csvLine([
      by,
      key,
      lives.births,
      lives.ended,
      lives.lifeMsMean,
      ...Object.values(lives.labels),
      lives.peak,
      lives.eaten,
      lives.pulled,
      lives.refilled,
      ...[lives.bounce, lives.breakout].flatMap((rate) => [
        rate.walls,
        rate.hits,
        rate.rate,
        rate.trades,
        rate.won,
        rate.wonRate,
      ]),
    ]);
  const rates = ['bounce', 'breakout'].flatMap((kind) =>
    ['Walls', 'Hits', 'Rate', 'Trades', 'Won', 'WonRate'].map((name) => `${kind}${name}`),
  );
  const lines = [
    csvLine([
      'by',
      'key',
      'births',
      'ended',
      'lifeMsMean',
      ...Object.keys(found.all.labels),
      'peak',
      'eatenUsdt',
      'pulledUsdt',
      'refilledUsdt',
      ...rates,
    ]),
    line('all', '', found.all),
    ...found.classes.map((one) => line('size', String(one.sizeFrom), one)),
    ...found.symbols.map((one) => line('symbol', one.symbol, one)),
  ];
  return `${lines.join('\r\n')}\r\n`;
}
