// What does the desk get once, when it is created?
import type { JournalState } from '../order/journal.ts';
import type { TradingSettings } from '../risk/situation.ts';
import type { MarketPort } from './watch/market-port.ts';
import type { SymbolRules } from './watch/rules.ts';

/** The configuration that is not a symbol's. */
export interface DeskSettings extends TradingSettings {
  readonly connectionLossTimeoutMs: number;
  /** False: a lost connection alerts and ends entries, and closes nothing. */
  readonly emergencyCloseAll: boolean;
}

export interface DeskOptions {
  /** Of the state directory, and the number of its journal: see `order/link-id.ts`. */
  readonly instance: string;
  readonly epoch: number;
  readonly settings: () => DeskSettings;
  /** The rules in force for a symbol now; undefined for one that is not watched. */
  readonly rules: (symbol: string) => SymbolRules | undefined;
  readonly market: MarketPort;
  /** The journal, replayed. */
  readonly recovered: JournalState;
  /** By a restart in a crash loop, or what else the engine knows before it begins. */
  readonly haltedFor: string | undefined;
}
