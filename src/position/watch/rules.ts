// By which of the strategy's numbers is an open position managed? Those in force at its entry, to its end (I-20).
import type { TriggerBy } from '../../market/stop-price.ts';
import type { EntryRules } from '../../risk/situation.ts';
import type { DensityParams } from '../../scan/params.ts';

export interface ExitRules extends DensityParams {
  readonly stopLossTrigger: TriggerBy;
  readonly stopLossGraceMs: number;
  readonly maxHoldingMinutes: number;
  readonly breakoutBreakevenProfitPercent: number;
  readonly bounceDensityErosionExitPercent: number;
  readonly densityMinLifetimeMs: number;
  readonly tpSlowdownMultiplier: number;
  readonly tpSlowdownWindowMs: number;
  readonly tpMinMovePercent: number;
  readonly tpCounterDensityRangePercent: number;
  readonly tpCounterFlowImbalance: number;
  readonly tpMinRewardRatio: number;
}

/** All that the desk asks the strategy about one symbol. */
export interface SymbolRules {
  readonly entry: EntryRules;
  readonly exit: ExitRules;
  readonly isEnabled: boolean;
  readonly breakoutAllowed: boolean;
  readonly bounceAllowed: boolean;
  /** Of everything above, as the journal and every trade keep it. */
  readonly configHash: string;
}
