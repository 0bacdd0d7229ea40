// What is known at the moment of a decision? One immutable snapshot; `undefined` means "not known".
import type { BookView } from '../book/read.ts';
import type { Ms } from '../lib/brand.ts';
import type { Instrument } from '../market/instrument.ts';
import type { Money } from '../market/money.ts';
import type { TriggerBy } from '../market/stop-price.ts';
import type { Lot, Slot, Tick } from '../market/units.ts';
import type { AnalysisEvent } from '../scan/event.ts';
import type { Exposure } from './exposure.ts';
import type { DayLoss } from './losses.ts';
import type { Mode } from './mode.ts';
import type { EntryCounts, RejectCounts } from './rates.ts';

/** A signal that asks for an order. */
export interface Offer {
  readonly signalId: string;
  readonly slot: Slot;
  readonly symbol: string;
  readonly signal: AnalysisEvent;
  /** Of the parameters in force: those with which the position lives to its end (I-20). */
  readonly configHash: string;
}

/** What the configuration says of all symbols together: its sections trading and safety fit. */
export interface TradingSettings {
  readonly positionSizeUsd: number;
  readonly maxConcurrentPositions: number;
  readonly maxExposurePercent: number;
  readonly leverage: number;
  readonly entryOrder: 'ioc_limit' | 'market';
  readonly maxDailyLossPercent: number;
  readonly maxConsecutiveLosses: number;
  readonly maxOrdersPerMinute: number;
}

/** What the strategy in force for the symbol says of entries. */
export interface EntryRules {
  readonly maxSignalAgeMs: number;
  readonly breakoutMaxChasePercent: number;
  readonly breakoutMinStopLossPercent: number;
  readonly bounceStopLossBehindDensityPercent: number;
  readonly maxCostToStopRatio: number;
  readonly maxStopPercent: number;
  readonly maxSlippagePercent: number;
  readonly maxSpreadPercent: number;
  readonly maxTickPercent: number;
  readonly stopLossTrigger: TriggerBy;
  readonly tpMinRewardRatio: number;
  readonly maxHoldingMinutes: number;
}

export interface SystemFacts {
  readonly mode: Mode | undefined;
  /** Names of the block set. */
  readonly blocks: readonly string[] | undefined;
  readonly killedInMemory: boolean | undefined;
  readonly killedInJournal: boolean | undefined;
  readonly killedByFile: boolean | undefined;
  readonly lockHeld: boolean | undefined;
  readonly twinSeen: boolean | undefined;
  readonly privateUp: boolean | undefined;
  /** When the last whole reconciliation since the private stream came up was finished. */
  readonly reconciledAt: Ms | undefined;
  readonly clock: { readonly offsetMs: number; readonly measuredAt: Ms } | undefined;
  /** The worst of the last 5 s. */
  readonly loopLagMs: number | undefined;
  readonly journalWritable: boolean | undefined;
  readonly diskFreeBytes: number | undefined;
  /** Entries that the lane has room for now. */
  readonly entryTokens: number | undefined;
  /** Exchange times of every maintenance that is under way or announced. */
  readonly maintenance: readonly { readonly fromMs: Ms; readonly untilMs: Ms }[] | undefined;
}

export interface AccountFacts {
  readonly exposure: Exposure | undefined;
  readonly wallet: { readonly equity: Money; readonly free: Money; readonly readAt: Ms } | undefined;
  readonly day: DayLoss | undefined;
  readonly lossesInRow: number | undefined;
  readonly entries: EntryCounts | undefined;
}

export interface ContractFacts {
  readonly instrument: Instrument;
  readonly isTrading: boolean;
  readonly isPreListing: boolean;
  /** Exchange time of its delisting; 0 for a perpetual that is to stay. */
  readonly deliveryMs: Ms;
  readonly lotsMin: Lot;
  readonly lotsMaxMarket: Lot;
  readonly lotsMaxLimit: Lot;
  readonly notionalMin: Money;
  /** Hundredths. */
  readonly leverageMax: number;
  /** As a fraction of the notional. */
  readonly takerFee: number;
  /** Exchange time. */
  readonly nextFundingMs: Ms | undefined;
  readonly fundingIntervalMs: Ms;
  /** Of the next funding: what longs pay, as a fraction. */
  readonly fundingRate: number | undefined;
  readonly readAt: Ms;
}

export interface SymbolFacts {
  readonly intent: 'none' | 'live' | 'unknown' | undefined;
  /** Any position, ours or not, or one that is being opened. */
  readonly isHeld: boolean | undefined;
  readonly signalUsed: boolean | undefined;
  /** 0 where nothing is to be waited for. */
  readonly cooldownUntil: Ms | undefined;
  readonly rejects: RejectCounts | undefined;
  readonly isReduceOnly: boolean | undefined;
  /** Hundredths, as the exchange says. */
  readonly leverage: number | undefined;
  readonly isIsolated: boolean | undefined;
  readonly isOneWay: boolean | undefined;
  readonly isMarginFixed: boolean | undefined;
  readonly isEnabled: boolean | undefined;
  readonly breakoutAllowed: boolean | undefined;
  readonly bounceAllowed: boolean | undefined;
  readonly lastTick: Tick | undefined;
  readonly mark: { readonly tick: Tick; readonly readAt: Ms } | undefined;
  /** Prices, nearest the touch, of all confirmed densities of the side that a price in our favour runs into. */
  readonly counterTicks: readonly Tick[] | undefined;
  /** Of the closed minutes looked back over. */
  readonly extrema: { readonly high: Tick; readonly low: Tick } | undefined;
}

/** Ages are measured from `now`, which is monotonic as all `…At` are; `…Ms` are exchange times. */
export interface Situation {
  readonly now: Ms;
  readonly exchangeMs: Ms | undefined;
  readonly offer: Offer;
  readonly settings: TradingSettings;
  readonly rules: EntryRules;
  readonly system: SystemFacts;
  readonly account: AccountFacts;
  readonly contract: ContractFacts | undefined;
  readonly symbol: SymbolFacts;
  /** The live book; undefined where no whole copy could be had. */
  readonly book: BookView | undefined;
}
