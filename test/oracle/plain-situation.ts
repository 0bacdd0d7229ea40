// What does a decision know, as the table of gates sees it? Plain numbers; undefined is "not known".
import type { Instrument } from '../../src/market/instrument.ts';

export interface PlainBook {
  readonly epoch: number;
  readonly tenancy: number;
  readonly trust: number;
  readonly counts: ArrayLike<number>;
  readonly ticks: readonly [ArrayLike<number>, ArrayLike<number>];
  readonly lots: readonly [ArrayLike<number>, ArrayLike<number>];
}

/** All that a decision knows; undefined is "not known". */
export interface PlainSituation {
  readonly now: number;
  readonly exchangeMs: number | undefined;
  readonly offer: {
    readonly signal: {
      readonly signal: string;
      readonly side: number;
      readonly low: number;
      readonly high: number;
      readonly peak: number;
      readonly current: number;
      readonly middle: number;
      readonly epoch: number;
      readonly tenancy: number;
      readonly receivedMs: number;
    };
  };
  readonly settings: Readonly<Record<'positionSizeUsd' | 'maxConcurrentPositions' | 'maxExposurePercent', number>> &
    Readonly<Record<'leverage' | 'maxDailyLossPercent' | 'maxConsecutiveLosses' | 'maxOrdersPerMinute', number>>;
  readonly rules: Readonly<Record<'maxSignalAgeMs' | 'breakoutMaxChasePercent' | 'maxStopPercent', number>> &
    Readonly<Record<'breakoutMinStopLossPercent' | 'bounceStopLossBehindDensityPercent', number>> &
    Readonly<Record<'maxCostToStopRatio' | 'maxSlippagePercent' | 'maxSpreadPercent' | 'maxTickPercent', number>> &
    Readonly<Record<'tpMinRewardRatio' | 'maxHoldingMinutes', number>>;
  readonly system: {
    readonly mode: string | undefined;
    readonly blocks: readonly string[] | undefined;
    readonly killedInMemory: boolean | undefined;
    readonly killedInJournal: boolean | undefined;
    readonly killedByFile: boolean | undefined;
    readonly lockHeld: boolean | undefined;
    readonly twinSeen: boolean | undefined;
    readonly privateUp: boolean | undefined;
    readonly reconciledAt: number | undefined;
    readonly clock: { readonly offsetMs: number; readonly measuredAt: number } | undefined;
    readonly loopLagMs: number | undefined;
    readonly journalWritable: boolean | undefined;
    readonly diskFreeBytes: number | undefined;
    readonly entryTokens: number | undefined;
    readonly maintenance: readonly { readonly fromMs: number; readonly untilMs: number }[] | undefined;
  };
  readonly account: {
    readonly exposure:
      | {
          readonly total: bigint;
          readonly pending: bigint;
          readonly positions: number;
          readonly long: number;
          readonly short: number;
        }
      | undefined;
    readonly wallet: { readonly equity: bigint; readonly free: bigint; readonly readAt: number } | undefined;
    readonly day: { readonly result: bigint; readonly startEquity: bigint; readonly tripped: boolean } | undefined;
    readonly lossesInRow: number | undefined;
    readonly entries: { readonly minute: number; readonly hour: number; readonly day: number } | undefined;
  };
  readonly contract:
    | {
        readonly instrument: Instrument;
        readonly isTrading: boolean;
        readonly isPreListing: boolean;
        readonly deliveryMs: number;
        readonly lotsMin: number;
        readonly lotsMaxMarket: number;
        readonly lotsMaxLimit: number;
        readonly notionalMin: bigint;
        readonly leverageMax: number;
        readonly takerFee: number;
        readonly nextFundingMs: number | undefined;
        readonly fundingIntervalMs: number;
        readonly fundingRate: number | undefined;
        readonly readAt: number;
      }
    | undefined;
  readonly symbol: {
    readonly intent: string | undefined;
    readonly isHeld: boolean | undefined;
    readonly signalUsed: boolean | undefined;
    readonly cooldownUntil: number | undefined;
    readonly rejects: { readonly symbol: number; readonly total: number } | undefined;
    readonly isReduceOnly: boolean | undefined;
    readonly leverage: number | undefined;
    readonly isIsolated: boolean | undefined;
    readonly isOneWay: boolean | undefined;
    readonly isMarginFixed: boolean | undefined;
    readonly isEnabled: boolean | undefined;
    readonly breakoutAllowed: boolean | undefined;
    readonly bounceAllowed: boolean | undefined;
    readonly lastTick: number | undefined;
    readonly mark: { readonly tick: number; readonly readAt: number } | undefined;
    readonly counterTicks: readonly number[] | undefined;
    readonly extrema: { readonly high: number; readonly low: number } | undefined;
  };
  readonly book: PlainBook | undefined;
}
