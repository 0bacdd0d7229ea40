// How did densities live and end, and how often did what is hoped for of them come? Read from the hourly sums.
import type pg from 'pg';
import type { Ms } from '../../lib/brand.ts';
import { atOneMoment } from './one-moment.ts';
import { BEGINNING, type Span } from './report.ts';

const HOUR_MS = 3_600_000;

/** Lives, by what they were worth at their peak. */
export interface DensityClass {
  /** USDT from which the class begins. */
  readonly sizeFrom: number;
  readonly births: number;
  readonly ended: number;
  /** How the ended ones ended. */
  readonly labels: Readonly<Record<string, number>>;
  readonly lifeMsMean: number | null;
  /** USDT of the ended ones. */
  readonly peak: number;
  readonly eaten: number;
  readonly pulled: number;
  readonly refilled: number;
  readonly bounce: HitRate;
  readonly breakout: HitRate;
}

/** Of walls and of trades: how often what was hoped for came. */
export interface HitRate {
  /** Touched walls (bounce), eaten walls (breakout). */
  readonly walls: number;
  /** Of them: the price never went beyond (bounce), went beyond (breakout). */
  readonly hits: number;
  readonly rate: number | null;
  readonly trades: number;
  readonly won: number;
  readonly wonRate: number | null;
}

export interface SignalCount {
  readonly kind: 'breakout' | 'bounce';
  readonly outcome: 'signal' | 'candidate';
  /** Empty: a signal, or a candidate that missed a criterion. */
  readonly reason: string;
  readonly told: number;
}

export interface DensitiesFound {
  readonly all: Omit<DensityClass, 'sizeFrom'>;
  readonly classes: readonly DensityClass[];
  readonly symbols: readonly (Omit<DensityClass, 'sizeFrom'> & { readonly symbol: string })[];
  readonly hours: readonly { readonly hour: Ms; readonly births: number; readonly ended: number }[];
  readonly signals: readonly SignalCount[];
}

const LABELS = ['eaten', 'pulled', 'moved', 'absorbed', 'out_of_view', 'unknown', 'held'] as const;
const SUMS = [
  'births',
  'ended',
  'life_ms',
  'peak',
  'eaten',
  'pulled',
  'refilled',
  'touched',
  'touched_held',
  'eaten_crossed',
  'bounce_trades',
  'bounce_won',
  'breakout_trades',
  'breakout_won',
  ...LABELS.map((label) => `${label}_lives`),
];

/** Once over the hours, summed in four ways. */
const DENSITIES = `
  SELECT CASE WHEN grouping(size_from) = 0 THEN 'class' WHEN grouping(symbol) = 0 THEN 'symbol'
              WHEN grouping(hour) = 0 THEN 'hour' ELSE 'all' END AS kind,
         size_from, symbol, hour, ${SUMS.map((sum) => `coalesce(sum(${sum}), 0)::float8 AS ${sum}`).join(', ')}
  FROM densities_hourly WHERE hour >= $1 AND hour < $2
  GROUP BY GROUPING SETS ((size_from), (symbol), (hour), ()) ORDER BY size_from, symbol, hour`;

const SIGNALS = `
  SELECT kind, outcome, reason, sum(told)::float8 AS told FROM signals_hourly WHERE hour >= $1 AND hour < $2
  GROUP BY kind, outcome, reason ORDER BY kind, outcome DESC, told DESC, reason`;

type Sums = Readonly<Record<string, number>>;
interface SumRow {
  readonly kind: 'class' | 'symbol' | 'hour' | 'all';
  readonly size_from: number;
  readonly symbol: string;
  readonly hour: Date;
}

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

function hitRate(sums: Sums, kind: 'bounce' | 'breakout', walls: string, hits: string): HitRate {
  const of = (name: string): number => sums[name] ?? 0;
  const trades = of(`${kind}_trades`);
  const won = of(`${kind}_won`);
  const rate = share(of(hits), of(walls));
  return { walls: of(walls), hits: of(hits), rate, trades, won, wonRate: share(won, trades) };
}

function livesOf(sums: Sums): Omit<DensityClass, 'sizeFrom'> {
  const of = (name: string): number => sums[name] ?? 0;
  return {
    births: of('births'),
    ended: of('ended'),
    labels: Object.fromEntries(LABELS.map((label) => [label, of(`${label}_lives`)])),
    lifeMsMean: share(of('life_ms'), of('ended')),
    peak: of('peak'),
    eaten: of('eaten'),
    pulled: of('pulled'),
    refilled: of('refilled'),
    bounce: hitRate(sums, 'bounce', 'touched', 'touched_held'),
    breakout: hitRate(sums, 'breakout', 'eaten_lives', 'eaten_crossed'),
  };
}

/** By whole hours: the one in which the span begins counts in full. */
export async function readDensities(connection: pg.ClientConfig, { from, until }: Span): Promise<DensitiesFound> {
  return atOneMoment(connection, async (client) => {
    const begin = from === undefined ? BEGINNING : new Date(Math.floor(from / HOUR_MS) * HOUR_MS);
    const span = [begin, new Date(until)];
    const { rows } = await client.query<SumRow & Sums>(DENSITIES, span);
    const { rows: signals } = await client.query<SignalCount>(SIGNALS, span);
    const of = (kind: SumRow['kind']) => rows.filter((row) => row.kind === kind);
    return {
      all: livesOf(of('all')[0] ?? {}),
      classes: of('class').map((row) => ({ sizeFrom: row.size_from, ...livesOf(row) })),
      symbols: of('symbol').map((row) => ({ symbol: row.symbol, ...livesOf(row) })),
      hours: of('hour').map((row) => ({
        hour: row.hour.getTime() as Ms,
        births: row['births'] ?? 0,
        ended: row['ended'] ?? 0,
      })),
      signals,
    };
  });
}
