// By which numbers is a symbol judged? Configuration, turned once into the instrument's own integer units.
import type { Instrument } from '../market/instrument.ts';

/** Those by which a book is searched. */
export interface DensityParams {
  readonly densityThresholdAbs: number; // USDT
  readonly densityThresholdRelative: number; // times the neighbours' median
  readonly densityThresholdPercent: number; // of the side within the band
  readonly densityShareBandPercent: number; // of the mid
  readonly densityGridMinLevels: number;
  readonly densityRoundMultiplier: number;
  readonly clusterRangePercent: number;
  readonly clusterMaxLevels: number;
}

/** The keys of strategy section 15 that detection, lives and signals need; percentages are percentages. */
export interface ScanParams extends DensityParams {
  readonly densityMinLifetimeMs: number;
  readonly densityPeakWindowMs: number;
  readonly densityOutOfViewMs: number;
  readonly breakoutErosionPercent: number;
  readonly breakoutWindowMs: number;
  readonly breakoutMaxChasePercent: number;
  readonly bounceTouchTolerancePercent: number;
  readonly bounceStabilityWindowMs: number;
  readonly bounceDensityStablePercent: number;
  readonly bounceMinTimeToEatMs: number;
  readonly trendMinChangePercent: number;
  readonly trendPressureRangePercent: number;
  readonly trendPressureHalflifeMs: number;
  readonly trendMinImbalance: number;
  readonly signalCooldownMs: number;
}

// One symbol's numbers in shared memory: an index for each.
export const P_ABS_UNITS = 0;
export const P_RELATIVE = 1;
export const P_SHARE_PERCENT = 2;
export const P_BAND_PERCENT = 3;
export const P_GRID_LEVELS = 4;
export const P_ROUND_MULTIPLIER = 5;
export const P_CLUSTER_PERCENT = 6;
export const P_CLUSTER_LEVELS = 7;
export const P_LIFETIME_MS = 8;
export const P_PEAK_MS = 9;
export const P_OUT_OF_VIEW_MS = 10;
export const P_ERODED_PERCENT = 11;
export const P_BREAKOUT_MS = 12;
export const P_CHASE_PERCENT = 13;
export const P_TOUCH_PERCENT = 14;
export const P_STABLE_MS = 15;
export const P_STABLE_PERCENT = 16;
export const P_EAT_MS = 17;
export const P_CHANGE_PERCENT = 18;
export const P_PRESSURE_PERCENT = 19;
export const P_PRESSURE_MS = 20;
export const P_IMBALANCE = 21;
export const P_COOLDOWN_MS = 22;
/** Whole cache lines. */
export const P_NUMBERS = 24;

/** Runs longer than this are never looked at, whatever the configuration says. */
export const CLUSTER_LEVELS_MAX = 16;

/** The smallest whole number of notional units that is at least `usdt`. */
export function unitsAtLeast(usdt: number, instrument: Instrument): number {
  const scale = 10 ** (instrument.priceScale + instrument.lotScale);
  const exact = (usdt * scale) / (instrument.tickScaled * instrument.lotScaled);
  const nearest = Math.round(exact);
  // A threshold that is whole units but for the last bit of the division must not be pushed up by one.
  return Math.abs(exact - nearest) <= nearest * 1e-12 ? nearest : Math.ceil(exact);
}

/** Writes one symbol's numbers; readers see them at their next scan. */
export function writeParams(out: Float64Array, at: number, params: ScanParams, instrument: Instrument): void {
  writeDensityParams(out, at, params, instrument);
  out[at + P_LIFETIME_MS] = params.densityMinLifetimeMs;
  out[at + P_PEAK_MS] = params.densityPeakWindowMs;
  out[at + P_OUT_OF_VIEW_MS] = params.densityOutOfViewMs;
  out[at + P_ERODED_PERCENT] = params.breakoutErosionPercent;
  out[at + P_BREAKOUT_MS] = params.breakoutWindowMs;
  out[at + P_CHASE_PERCENT] = params.breakoutMaxChasePercent;
  out[at + P_TOUCH_PERCENT] = params.bounceTouchTolerancePercent;
  out[at + P_STABLE_MS] = params.bounceStabilityWindowMs;
  out[at + P_STABLE_PERCENT] = params.bounceDensityStablePercent;
  out[at + P_EAT_MS] = params.bounceMinTimeToEatMs;
  out[at + P_CHANGE_PERCENT] = params.trendMinChangePercent;
  out[at + P_PRESSURE_PERCENT] = params.trendPressureRangePercent;
  out[at + P_PRESSURE_MS] = params.trendPressureHalflifeMs;
  out[at + P_IMBALANCE] = params.trendMinImbalance;
  out[at + P_COOLDOWN_MS] = params.signalCooldownMs;
}

export function writeDensityParams(out: Float64Array, at: number, params: DensityParams, instrument: Instrument): void {
  out[at + P_ABS_UNITS] = unitsAtLeast(params.densityThresholdAbs, instrument);
  out[at + P_RELATIVE] = params.densityThresholdRelative;
  out[at + P_SHARE_PERCENT] = params.densityThresholdPercent;
  out[at + P_BAND_PERCENT] = params.densityShareBandPercent;
  out[at + P_GRID_LEVELS] = params.densityGridMinLevels;
  out[at + P_ROUND_MULTIPLIER] = params.densityRoundMultiplier;
  out[at + P_CLUSTER_PERCENT] = params.clusterRangePercent;
  out[at + P_CLUSTER_LEVELS] = Math.min(CLUSTER_LEVELS_MAX, params.clusterMaxLevels);
}
