// By which rules is a symbol traded? Those of its strategy, and what its row in `coin_parameters` allows.
import { createHash } from 'node:crypto';
import type { Config } from '../config/schema.ts';
import type { ExitRules, SymbolRules } from '../position/watch/rules.ts';
import type { EntryRules } from '../risk/situation.ts';
import type { CoinParameters } from '../store/read/coin-parameters.ts';

const ENTRY_KEYS = [
  'maxSignalAgeMs',
  'breakoutMaxChasePercent',
  'breakoutMinStopLossPercent',
  'bounceStopLossBehindDensityPercent',
  'maxCostToStopRatio',
  'maxStopPercent',
  'maxSlippagePercent',
  'maxSpreadPercent',
  'maxTickPercent',
  'stopLossTrigger',
  'tpMinRewardRatio',
  'maxHoldingMinutes',
] as const satisfies readonly (keyof EntryRules)[];
const EXIT_KEYS = [
  'stopLossTrigger',
  'stopLossGraceMs',
  'maxHoldingMinutes',
  'breakoutBreakevenProfitPercent',
  'bounceDensityErosionExitPercent',
  'densityThresholdAbs',
  'densityThresholdRelative',
  'densityThresholdPercent',
  'densityShareBandPercent',
  'densityGridMinLevels',
  'densityRoundMultiplier',
  'clusterRangePercent',
  'clusterMaxLevels',
  'densityMinLifetimeMs',
  'tpSlowdownMultiplier',
  'tpSlowdownWindowMs',
  'tpMinMovePercent',
  'tpCounterDensityRangePercent',
  'tpCounterFlowImbalance',
  'tpMinRewardRatio',
] as const satisfies readonly (keyof ExitRules)[];

export function symbolRules(strategy: Config['strategy'], coin: CoinParameters | undefined): SymbolRules {
  const wished = coin?.preferredStrategy ?? 'both';
  return {
    entry: picked(strategy, ENTRY_KEYS),
    exit: picked(strategy, EXIT_KEYS),
    isEnabled: coin?.enabled ?? true,
    breakoutAllowed: wished !== 'bounce',
    bounceAllowed: wished !== 'breakout',
    configHash: createHash('sha256').update(JSON.stringify(strategy)).digest('hex').slice(0, 16),
  };
}

function picked<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}
