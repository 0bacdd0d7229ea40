// Which levels of a side are densities? Strategy 2 read word for word: the slow answer that the fast one must equal.
import type { Side } from '../../src/market/side.ts';
import type { DensityParams } from './params.ts';

export interface PlainLevel {
  readonly tick: number;
  readonly lot: number;
}

/** What strategy 2 asks of one level, with every number that decided. */
export interface PlainVerdict {
  readonly tick: number;
  readonly notional: number;
  /** Median of the up to 5 + 5 neighbours; undefined with fewer than two. */
  readonly typical: number | undefined;
  readonly total: number;
  readonly inBand: boolean;
  readonly round: boolean;
  readonly grid: boolean;
  readonly lastVisible: boolean;
  readonly absolute: boolean;
  readonly relative: boolean;
  readonly share: boolean;
  readonly dense: boolean;
}

export interface PlainDensity {
  readonly side: Side;
  readonly kind: 'single' | 'cluster';
  /** Indexes from the touch outward. */
  readonly first: number;
  readonly last: number;
  readonly lowTick: number;
  readonly highTick: number;
  /** The price: that of the largest level, the one nearer the touch where two are equal. */
  readonly tick: number;
  readonly notional: number;
  readonly typical: number;
  readonly total: number;
  /** Of the level at `tick`. */
  readonly round: boolean;
}

export const NEIGHBOURS = 5;
const GRID_STEP_LEVELS_MAX = 20;
const CLUSTER_TICKS_MIN = 2;

export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const upper = sorted[Math.floor(sorted.length / 2)]!;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]!;
  return (lower + upper) / 2;
}

/** The up to five levels before index `first` and the up to five after index `last`. */
export function neighbours<T>(items: readonly T[], first: number, last: number): T[] {
  return [...items.slice(Math.max(0, first - NEIGHBOURS), first), ...items.slice(last + 1, last + 1 + NEIGHBOURS)];
}

/** Undefined with fewer than two neighbours: the relative test then fails. */
function typicalAround(notionals: readonly number[], first: number, last: number): number | undefined {
  const around = neighbours(notionals, first, last);
  return around.length < 2 ? undefined : median(around);
}

export function trailingZeros(tick: number): number {
  return /0*$/.exec(String(tick))![0].length;
}

export function withinPercentOfMid(tick: number, percent: number, bestBid: number, bestAsk: number): boolean {
  const bothBests = bestBid + bestAsk;
  return Math.abs(2 * tick - bothBests) * 100 <= percent * bothBests;
}

/** The longest chain of the very same size at equal price steps through `index`, for any step. */
export function gridMembers(levels: readonly PlainLevel[], index: number): number {
  const origin = levels[index]!;
  const indexOf = new Map(levels.map((level, at) => [level.tick, at]));
  const chain = (step: number): number => {
    let members = 0;
    let at = index;
    for (;;) {
      const next = indexOf.get(levels[at]!.tick + step);
      if (next === undefined || levels[next]!.lot !== origin.lot || Math.abs(next - at) > GRID_STEP_LEVELS_MAX) break;
      members += 1;
      at = next;
    }
    return members;
  };
  const alike = levels.filter((level) => level.lot === origin.lot && level.tick !== origin.tick);
  const steps = new Set(alike.map((level) => Math.abs(level.tick - origin.tick)));
  return Math.max(1, ...[...steps].map((step) => 1 + chain(step) + chain(-step)));
}

/** Judges every level of a side alone. A best price of 0 means that its side is empty: then there is no mid and no band. */
export function judgeLevels(
  levels: readonly PlainLevel[],
  bestBid: number,
  bestAsk: number,
  depth: number,
  instrument: { readonly notionalUnit: number },
  params: DensityParams,
): PlainVerdict[] {
  const hasMid = bestBid > 0 && bestAsk > 0;
  const inBand = (level: PlainLevel): boolean =>
    !hasMid || withinPercentOfMid(level.tick, params.densityShareBandPercent, bestBid, bestAsk);
  const notionals = levels.map((level) => level.tick * level.lot);
  const total = levels.filter(inBand).reduce((sum, level) => sum + level.tick * level.lot, 0);
  const absMin = Math.ceil(params.densityThresholdAbs / instrument.notionalUnit);
  const zeros = levels.map((level) => trailingZeros(level.tick));

  return levels.map((level, i) => {
    const notional = notionals[i]!;
    const typical = typicalAround(notionals, i, i);
    const zerosAround = median(neighbours(zeros, i, i));
    const round = zerosAround !== undefined && zeros[i]! >= 2 + zerosAround;
    const factor = params.densityThresholdRelative * (round ? params.densityRoundMultiplier : 1);
    const verdict = {
      tick: level.tick,
      notional,
      typical,
      total,
      round,
      inBand: inBand(level),
      grid: gridMembers(levels, i) >= params.densityGridMinLevels,
      lastVisible: levels.length === depth && i === levels.length - 1,
      absolute: notional >= absMin,
      relative: typical !== undefined && notional >= factor * typical,
      share: notional * 100 >= params.densityThresholdPercent * total,
    };
    const passes = verdict.absolute && verdict.relative && verdict.share;
    return { ...verdict, dense: passes && verdict.inBand && !verdict.grid && !verdict.lastVisible };
  });
}

function clusterAt(
  verdicts: readonly PlainVerdict[],
  first: number,
  last: number,
  instrument: { readonly notionalUnit: number },
  params: DensityParams,
): Omit<PlainDensity, 'side'> | undefined {
  const run = verdicts.slice(first, last + 1);
  const a = run[0]!;
  const b = run.at(-1)!;
  const range = Math.max(CLUSTER_TICKS_MIN, (params.clusterRangePercent / 100) * a.tick);
  if (Math.abs(a.tick - b.tick) > range) return undefined;
  if (run.some((level) => level.dense || level.grid || level.lastVisible || !level.inBand)) return undefined;

  const notionals = verdicts.map((level) => level.notional);
  const typical = typicalAround(notionals, first, last);
  if (typical === undefined || a.notional <= typical || b.notional <= typical) return undefined;
  const sum = run.reduce((total, level) => total + level.notional, 0);
  if (sum < Math.ceil(params.densityThresholdAbs / instrument.notionalUnit)) return undefined;
  if (sum * 100 < params.densityThresholdPercent * a.total) return undefined;

  const largest = Math.max(...run.map((level) => level.notional));
  const at = run.find((level) => level.notional === largest)!;
  const factor = params.densityThresholdRelative * (at.round ? params.densityRoundMultiplier : 1);
  if (sum / run.length < factor * typical) return undefined;
  return {
    kind: 'cluster',
    first,
    last,
    lowTick: Math.min(a.tick, b.tick),
    highTick: Math.max(a.tick, b.tick),
    tick: at.tick,
    notional: sum,
    typical,
    total: a.total,
    round: at.round,
  };
}

/** Every density of one side, from the touch outward. */
export function findPlainly(
  levels: readonly PlainLevel[],
  bestBid: number,
  bestAsk: number,
  side: Side,
  depth: number,
  instrument: { readonly notionalUnit: number },
  params: DensityParams,
): PlainDensity[] {
  const verdicts = judgeLevels(levels, bestBid, bestAsk, depth, instrument, params);
  const found: Omit<PlainDensity, 'side'>[] = [];
  for (const [i, { dense, tick, notional, typical, total, round }] of verdicts.entries()) {
    if (!dense) continue;
    const numbers = { tick, notional, typical: typical!, total, round };
    found.push({ kind: 'single', first: i, last: i, lowTick: tick, highTick: tick, ...numbers });
  }

  const runs: Omit<PlainDensity, 'side'>[] = [];
  for (let first = 0; first < levels.length; first++) {
    for (let last = first + 1; last < levels.length && last - first < params.clusterMaxLevels; last++) {
      const run = clusterAt(verdicts, first, last, instrument, params);
      if (run !== undefined) runs.push(run);
    }
  }
  runs.sort((a, b) => b.notional - a.notional || a.first - b.first || a.last - b.last);
  for (const run of runs) {
    if (!found.some((other) => run.first <= other.last && other.first <= run.last)) found.push(run);
  }
  return found.toSorted((a, b) => a.first - b.first).map((density) => ({ side, ...density }));
}
