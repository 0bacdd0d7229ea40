// How are the numbers of a report written, in text and on the page?
import type { DensitiesFound, DensityClass, HitRate, SignalCount } from '../../store/read/report-densities.ts';
import type { Figures, Group, Grouping } from '../../store/read/trade-figures.ts';
import type { ReportSpan } from './span.ts';

/** Digits in groups, two behind the point, four where the number is small: `-1 204.25`, `0.0410`. */
export function money(value: number | null): string {
  if (value === null) return '–';
  const digits = Math.abs(value) >= 1 || value === 0 ? 2 : 4;
  const text = value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    signDisplay: 'negative',
  });
  return text.replaceAll(',', ' ');
}

export const count = (value: number): string => value.toLocaleString('en-US').replaceAll(',', ' ');
export const percent = (rate: number | null): string => (rate === null ? '–' : `${(rate * 100).toFixed(1)} %`);
export const factor = (value: number | null): string => (value === null ? '–' : value.toFixed(2));

/** Of which accounts, where not of all. */
export const ofAccounts = (account: string | null): string => (account === null ? '' : ` of accounts ${account}…`);

/** Paper beside real money makes one sum with it. */
export const together = (accounts: readonly string[]): string[] =>
  accounts.length < 2 ? [] : [`Of ${accounts.length} accounts together: ${accounts.join(', ')}.`];

export function span({ from, until }: ReportSpan): string {
  const minute = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
  return `${from === undefined ? 'from the beginning' : minute(from)} to ${minute(until)} UTC`;
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`. */
export function lasting(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${(ms / 1_000).toFixed(1)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor(seconds / 60) % 60} min`;
}

export const TITLES: Readonly<Record<Grouping, string>> = {
  symbol: 'symbol',
  strategy: 'strategy',
  'exit-reason': 'exit reason',
  hour: 'hour of entry, UTC',
  account: 'account',
};

/** What each figure is called, and its text. */
export function figureRows(figures: Figures): readonly (readonly [name: string, text: string])[] {
  const { timeInPositionMs: time } = figures;
  const known = figures.slippageKnown === figures.trades ? '' : ` (of ${figures.slippageKnown} trades)`;
  return [
    ['result after fees and funding', `${money(figures.netProfit)} USDT`],
    ['trades', `${count(figures.trades)}: ${figures.wins} won, ${figures.losses} lost, ${figures.even} even`],
    ['win rate', percent(figures.winRate)],
    ['profit factor', factor(figures.profitFactor)],
    ['expectancy', `${money(figures.expectancy)} USDT a trade`],
    ['average win, largest', `${money(figures.averageWin)}, ${money(figures.largestWin)} USDT`],
    ['average loss, largest', `${money(figures.averageLoss)}, ${money(figures.largestLoss)} USDT`],
    ['maximum drawdown', `${money(figures.maxDrawdown)} USDT`],
    ['longest run of losses', `${figures.consecutiveLossesMax}`],
    ['fees, funding', `${money(figures.fees)}, ${money(figures.funding)} USDT`],
    ['slippage of entries', `${money(figures.slippage)} USDT${figures.slippage === null ? '' : known}`],
    ['volume', `${money(figures.volume)} USDT`],
    [
      'time in position',
      `${lasting(time?.mean)} on average, median ${lasting(time?.median)}, longest ${lasting(time?.longest)}`,
    ],
  ];
}

export const GROUP_HEAD = [
  'trades',
  'win rate',
  'factor',
  'expectancy',
  'result',
  'fees',
  'slippage',
  'drawdown',
  'time',
];

export function groupCells(group: Group): string[] {
  return [
    count(group.trades),
    percent(group.winRate),
    factor(group.profitFactor),
    money(group.expectancy),
    money(group.netProfit),
    money(group.fees),
    money(group.slippage),
    money(group.maxDrawdown),
    lasting(group.timeInPositionMs?.mean),
  ];
}

const CLASS_NAMES: Readonly<Record<number, string>> = {
  0: 'under 100k',
  100_000: '100k – 250k',
  250_000: '250k – 500k',
  500_000: '500k – 1M',
  1_000_000: '1M and more',
};

export const className = (sizeFrom: number): string => CLASS_NAMES[sizeFrom] ?? `from ${sizeFrom}`;

export type Lives = Omit<DensityClass, 'sizeFrom'>;

export const DENSITY_HEAD = [
  'born',
  'ended',
  'mean life',
  'eaten',
  'pulled',
  'moved',
  'absorbed',
  'out of view',
  'unknown',
  'held',
  'eaten of peak',
  'pulled of peak',
];

export function densityCells(lives: Lives): string[] {
  const part = (sum: number): string => percent(lives.peak === 0 ? null : sum / lives.peak);
  return [
    count(lives.births),
    count(lives.ended),
    lasting(lives.lifeMsMean),
    ...Object.values(lives.labels).map(count),
    part(lives.eaten),
    part(lives.pulled),
  ];
}

export const HIT_HEAD = [
  'touched',
  'held',
  'bounce',
  'eaten',
  'crossed',
  'breakout',
  'bounce trades',
  'won',
  'breakout trades',
  'won',
];

const walls = ({ walls: whole, hits, rate }: HitRate): string[] => [count(whole), count(hits), percent(rate)];
const won = ({ trades, wonRate }: HitRate): string[] => [count(trades), percent(wonRate)];

export function hitCells({ bounce, breakout }: Lives): string[] {
  return [...walls(bounce), ...walls(breakout), ...won(bounce), ...won(breakout)];
}

export function lookedAt({ outcome, reason }: Pick<SignalCount, 'outcome' | 'reason'>): string {
  if (outcome === 'signal') return 'signal';
  return reason === '' ? 'a criterion was missing' : `refused: ${reason}`;
}

export const LOOKED_HEAD = ['kind', 'outcome', 'how often'];

export const lookedCells = (one: SignalCount): string[] => [one.kind, lookedAt(one), count(one.told)];

/** A row for each size of densities, and one for all. */
export function byClass({ classes, all }: DensitiesFound, cells: (lives: Lives) => string[]): string[][] {
  return [...classes.map((one) => [className(one.sizeFrom), ...cells(one)]), ['all', ...cells(all)]];
}

/** Every hour of a day: they stand in their order, and none of them is between a best and a worst. */
const GROUPS_MAX = 24;

export const bestAndWorst = (groups: readonly Group[]): readonly Group[] =>
  groups.length > GROUPS_MAX ? [...groups.slice(0, GROUPS_MAX / 2), ...groups.slice(-GROUPS_MAX / 2)] : groups;
