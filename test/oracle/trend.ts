// Which way does the market lean? Strategy 5 read word for word.
import { SIDES } from '../../src/market/side.ts';
import { withinPercentOfMid } from './density.ts';
import type { PlainLevel } from './density.ts';
import type { PlainLife, PlainMessage } from './life-record.ts';
import type { TrendParams } from './params.ts';

export type PlainTrend = 'UP' | 'DOWN' | 'FLAT';
/** A density with the typical notional of its neighbours, as the last scan that detected it saw them. */
export type TrackedRange = Pick<PlainLife, 'side' | 'lowTick' | 'highTick'> & { readonly typical: number };

export function dayTrend(changePercent: number, params: TrendParams): PlainTrend {
  if (changePercent >= params.trendMinChangePercent) return 'UP';
  return changePercent <= -params.trendMinChangePercent ? 'DOWN' : 'FLAT';
}

/** What a level votes with: inside a tracked density the typical notional around that density, never its own. */
function vote({ tick, lot }: PlainLevel, tracked: readonly TrackedRange[]): number {
  const density = tracked.find((range) => range.lowTick <= tick && tick <= range.highTick);
  return density === undefined ? tick * lot : density.typical;
}

/** `(B − A) / (B + A)` around the mid; undefined where there is no mid or no level to vote. */
export function rawPressure(
  { sides, bestBid, bestAsk }: Pick<PlainMessage, 'sides' | 'bestBid' | 'bestAsk'>,
  tracked: readonly TrackedRange[],
  params: TrendParams,
): number | undefined {
  if (bestBid === 0 || bestAsk === 0) return undefined;
  const [bids, asks] = SIDES.map((side) => {
    const own = tracked.filter((range) => range.side === side);
    return sides[side]
      .filter(({ tick }) => withinPercentOfMid(tick, params.trendPressureRangePercent, bestBid, bestAsk))
      .reduce((sum, level) => sum + vote(level, own), 0);
  }) as [number, number];
  return bids + asks === 0 ? undefined : (bids - asks) / (bids + asks);
}

/** Exponential smoothing by time: after one half-life half of the old value is left. The first value stands as it is; time that goes back is no time. */
export class PlainPressure {
  readonly #params: TrendParams;
  #smoothed: number | undefined;
  #at = 0;

  constructor(params: TrendParams) {
    this.#params = params;
  }

  /** A moment without levels is `FLAT` and leaves the memory alone. */
  update(nowMs: number, raw: number | undefined): { readonly value: number; readonly trend: PlainTrend } {
    if (raw === undefined) return { value: 0, trend: 'FLAT' };
    const kept = 0.5 ** (Math.max(0, nowMs - this.#at) / this.#params.trendPressureHalflifeMs);
    this.#smoothed = raw + ((this.#smoothed ?? raw) - raw) * kept;
    this.#at = nowMs;
    return { value: this.#smoothed, trend: this.#trend(this.#smoothed) };
  }

  #trend(value: number): PlainTrend {
    if (value >= this.#params.trendMinImbalance) return 'UP';
    return value <= -this.#params.trendMinImbalance ? 'DOWN' : 'FLAT';
  }
}

export function combineTrends(
  day: PlainTrend,
  pressure: PlainTrend,
): { readonly trend: PlainTrend; readonly strength: number } {
  if (day === pressure) return day === 'FLAT' ? { trend: 'FLAT', strength: 0.25 } : { trend: day, strength: 1 };
  if (day === 'FLAT') return { trend: pressure, strength: 0.5 };
  if (pressure === 'FLAT') return { trend: day, strength: 0.5 };
  return { trend: 'FLAT', strength: 0.25 };
}
