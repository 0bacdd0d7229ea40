// Which numbers does the plain reading of the strategy need? The keys of strategy 15, as config hands them out.

export interface DensityParams {
  readonly densityThresholdAbs: number;
  readonly densityThresholdRelative: number;
  readonly densityThresholdPercent: number;
  readonly densityShareBandPercent: number;
  readonly densityGridMinLevels: number;
  readonly densityRoundMultiplier: number;
  readonly clusterRangePercent: number;
  readonly clusterMaxLevels: number;
}

export interface LifeParams {
  readonly densityMinLifetimeMs: number;
  readonly densityPeakWindowMs: number;
  readonly densityOutOfViewMs: number;
  readonly breakoutWindowMs: number;
}

export interface TrendParams {
  readonly trendMinChangePercent: number;
  readonly trendPressureRangePercent: number;
  readonly trendPressureHalflifeMs: number;
  readonly trendMinImbalance: number;
}

export interface SignalParams {
  readonly breakoutErosionPercent: number;
  readonly breakoutWindowMs: number;
  readonly breakoutMaxChasePercent: number;
  readonly bounceTouchTolerancePercent: number;
  readonly bounceStabilityWindowMs: number;
  readonly bounceDensityStablePercent: number;
  readonly bounceMinTimeToEatMs: number;
}

export type PlainParams = DensityParams & LifeParams & TrendParams & SignalParams;

export const DEFAULTS: PlainParams = {
  densityThresholdAbs: 50_000,
  densityThresholdRelative: 3,
  densityThresholdPercent: 5,
  densityShareBandPercent: 1,
  densityGridMinLevels: 4,
  densityRoundMultiplier: 1,
  clusterRangePercent: 0.05,
  clusterMaxLevels: 5,
  densityMinLifetimeMs: 3_000,
  densityPeakWindowMs: 60_000,
  densityOutOfViewMs: 60_000,
  breakoutWindowMs: 3_000,
  trendMinChangePercent: 3,
  trendPressureRangePercent: 0.5,
  trendPressureHalflifeMs: 2_000,
  trendMinImbalance: 0.2,
  breakoutErosionPercent: 30,
  breakoutMaxChasePercent: 0.15,
  bounceTouchTolerancePercent: 0.2,
  bounceStabilityWindowMs: 3_000,
  bounceDensityStablePercent: 10,
  bounceMinTimeToEatMs: 30_000,
};
