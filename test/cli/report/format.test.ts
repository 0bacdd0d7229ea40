// Does each number of a report stand under its own name, in its own unit?
import { expect, test } from 'vitest';
import { densitiesCsv } from '../../../src/cli/report/csv.ts';
import {
  className,
  densityCells,
  DENSITY_HEAD,
  figureRows,
  groupCells,
  GROUP_HEAD,
  HIT_HEAD,
  hitCells,
  lasting,
  lookedAt,
} from '../../../src/cli/report/format.ts';
import { tradesHtml } from '../../../src/cli/report/html.ts';
import { densitiesText } from '../../../src/cli/report/text.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import type { DensityClass } from '../../../src/store/read/report-densities.ts';
import type { Figures } from '../../../src/store/read/trade-figures.ts';

const FIGURES: Figures = {
  trades: 1_204,
  wins: 2,
  losses: 3,
  even: 4,
  winRate: 0.051,
  profitFactor: 6.123,
  expectancy: -7,
  netProfit: -8_000,
  grossWin: 9,
  grossLoss: 10,
  averageWin: 11,
  averageLoss: 12,
  largestWin: 13,
  largestLoss: 14,
  maxDrawdown: 15,
  consecutiveLossesMax: 16,
  fees: 17,
  funding: -0.18,
  slippage: 19,
  slippageKnown: 20,
  volume: 21,
  timeInPositionMs: { mean: 22_000, median: 23_000, longest: 24_000, total: 25_000 },
};

test('each figure of the trades is told by its name, and where nothing is known a dash', () => {
  expect(figureRows(FIGURES).map(([name, text]) => `${name}: ${text}`)).toEqual([
    'result after fees and funding: -8 000.00 USDT',
    'trades: 1 204: 2 won, 3 lost, 4 even',
    'win rate: 5.1 %',
    'profit factor: 6.12',
    'expectancy: -7.00 USDT a trade',
    'average win, largest: 11.00, 13.00 USDT',
    'average loss, largest: 12.00, 14.00 USDT',
    'maximum drawdown: 15.00 USDT',
    'longest run of losses: 16',
    'fees, funding: 17.00, -0.1800 USDT',
    'slippage of entries: 19.00 USDT (of 20 trades)',
    'volume: 21.00 USDT',
    'time in position: 22.0 s on average, median 23.0 s, longest 24.0 s',
  ]);
  const unknown = { ...FIGURES, profitFactor: null, slippage: null, slippageKnown: 0, timeInPositionMs: null };
  const told = Object.fromEntries(figureRows(unknown));
  expect([told['profit factor'], told['slippage of entries'], told['time in position']]).toEqual([
    '–',
    '– USDT',
    '– on average, median –, longest –',
  ]);
  expect(Object.fromEntries(figureRows({ ...FIGURES, trades: 20 }))['slippage of entries']).toBe('19.00 USDT');
  const cells = groupCells({ key: 'x', ...FIGURES });
  expect(GROUP_HEAD.map((name, i) => `${name} ${cells[i]}`)).toEqual([
    'trades 1 204',
    'win rate 5.1 %',
    'factor 6.12',
    'expectancy -7.00',
    'result -8 000.00',
    'fees 17.00',
    'slippage 19.00',
    'drawdown 15.00',
    'time 22.0 s',
  ]);
});

const LIVES: DensityClass = {
  sizeFrom: 0,
  births: 1_001,
  ended: 2,
  labels: { eaten: 3, pulled: 4, moved: 5, absorbed: 6, out_of_view: 7, unknown: 8, held: 9 },
  lifeMsMean: 59_960,
  peak: 1_000,
  eaten: 110,
  pulled: 120,
  refilled: 130,
  bounce: { walls: 14, hits: 15, rate: 0.16, trades: 17, won: 18, wonRate: 0.19 },
  breakout: { walls: 20, hits: 21, rate: null, trades: 23, won: 24, wonRate: 0.25 },
};

test('each count of the densities stands under its title, in text and for spreadsheets', () => {
  const cells = densityCells(LIVES);
  expect(DENSITY_HEAD.map((name, i) => `${name} ${cells[i]}`)).toEqual([
    'born 1 001',
    'ended 2',
    'mean life 1 min 0 s',
    'eaten 3',
    'pulled 4',
    'moved 5',
    'absorbed 6',
    'out of view 7',
    'unknown 8',
    'held 9',
    'eaten of peak 11.0 %',
    'pulled of peak 12.0 %',
  ]);
  expect(densityCells({ ...LIVES, peak: 0 }).slice(-2)).toEqual(['–', '–']);
  const hits = hitCells(LIVES);
  expect(HIT_HEAD.map((name, i) => `${name} ${hits[i]}`)).toEqual([
    'touched 14',
    'held 15',
    'bounce 16.0 %',
    'eaten 20',
    'crossed 21',
    'breakout –',
    'bounce trades 17',
    'won 19.0 %',
    'breakout trades 23',
    'won 25.0 %',
  ]);
  const csv = densitiesCsv({
    all: LIVES,
    classes: [{ ...LIVES, sizeFrom: 250_000 }],
    symbols: [{ ...LIVES, symbol: 'SOLUSDT' }],
    hours: [],
    signals: [],
  });
  const numbers = '1001,2,59960,3,4,5,6,7,8,9,1000,110,120,130,14,15,0.16,17,18,0.19,20,21,,23,24,0.25';
  expect(csv.split('\r\n').slice(1)).toEqual([
    `all,,${numbers}`,
    `size,250000,${numbers}`,
    `symbol,SOLUSDT,${numbers}`,
    '',
  ]);
  expect(csv.split('\r\n')[0]).toBe(
    'by,key,births,ended,lifeMsMean,eaten,pulled,moved,absorbed,out_of_view,unknown,held,peak,eatenUsdt,pulledUsdt,refilledUsdt,' +
      'bounceWalls,bounceHits,bounceRate,bounceTrades,bounceWon,bounceWonRate,' +
      'breakoutWalls,breakoutHits,breakoutRate,breakoutTrades,breakoutWon,breakoutWonRate',
  );
});

test('sizes, lengths and outcomes have words', () => {
  expect([0, 100_000, 250_000, 500_000, 1_000_000].map(className)).toEqual([
    'under 100k',
    '100k – 250k',
    '250k – 500k',
    '500k – 1M',
    '1M and more',
  ]);
  expect([null, 0, 59_499, 59_500, 3_599_499, 3_599_500, 90_061_000].map(lasting)).toEqual([
    '–',
    '0.0 s',
    '59.5 s',
    '1 min 0 s',
    '59 min 59 s',
    '1 h 0 min',
    '25 h 1 min',
  ]);
  expect([
    lookedAt({ outcome: 'signal', reason: '' }),
    lookedAt({ outcome: 'candidate', reason: '' }),
    lookedAt({ outcome: 'candidate', reason: 'stale' }),
  ]).toEqual(['signal', 'a criterion was missing', 'refused: stale']);
});

test('of more symbols than a terminal shows those with most densities are told, and an end alone is told too', () => {
  const of = { from: undefined, until: 0 as Ms };
  const symbols = Array.from({ length: 25 }, (_, births) => ({ ...LIVES, births, symbol: `S${births}USDT` }));
  const found = { all: LIVES, classes: [], symbols, hours: [], signals: [] };
  const [, told = ''] = densitiesText(found, of).split('By symbol, the 24 with most\n');
  expect([...told.matchAll(/S(\d+)USDT/g)].map(([, births]) => Number(births))).toEqual(
    Array.from({ length: 24 }, (_, i) => 24 - i),
  );
  const all = { ...LIVES, births: 0, ended: 1 };
  expect(densitiesText({ ...found, all, symbols: [] }, of)).toMatch(/By symbol\n/);
  expect(densitiesText({ ...found, all: { ...all, ended: 0 }, symbols: [] }, of)).toMatch(/^No density was/);
});

test('on the page a loss is no gain to the eye', () => {
  const figures = (netProfit: number, expectancy: number | null) =>
    tradesHtml(
      { ...FIGURES, netProfit, expectancy, account: null, accounts: [], open: 0, by: {} },
      { from: undefined, until: 0 as Ms },
      { equity: [], trades: [] },
    );
  expect(figures(-8_000, -7)).toMatch(/<b class="bad">-8 000\.00<.*\n[^]*<b class="bad">-7\.00</);
  expect(figures(8_000, 7)).toMatch(/<b class="good">8 000\.00<.*\n[^]*<b class="good">7\.00</);
  expect(figures(0, null)).toMatch(/<b>0\.00<.*\n[^]*<b>–</);
});
