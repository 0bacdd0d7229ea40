// By which numbers is each symbol judged? Those of the configuration, overridden by its row in the table `coin_parameters`.
import type { Config } from '../config/schema.ts';
import { strategyFor, type Configured } from '../config/symbol-strategy.ts';
import type { Slot } from '../market/units.ts';
import { PARAMS_AT, SLOT_NUMBERS } from '../scan/layout.ts';
import { writeParams } from '../scan/params.ts';
import type { AnalysisMemory } from '../scan/workspace.ts';
import type { CoinParameters } from '../store/read/coin-parameters.ts';
import { setLookback } from '../tape/write.ts';
import type { Tenant } from './tenants.ts';

export interface StrategiesOptions {
  readonly memory: AnalysisMemory;
  readonly present: ReadonlyMap<Slot, Tenant>;
  /** As configured now. */
  readonly configured: () => Configured;
  /** A row whose values are not valid. It changes nothing. */
  readonly onRefused: (symbol: string, errors: readonly string[]) => void;
}

/** Symbols for which the feed has more to do. */
export interface ChangedStrategies {
  /** Their book range is another one. */
  readonly ranges: readonly string[];
  /** They look back farther. */
  readonly lookbacks: readonly string[];
}

const UNCHANGED: ChangedStrategies = { ranges: [], lookbacks: [] };

export class Strategies {
  readonly #options: StrategiesOptions;
  #rows: ReadonlyMap<string, CoinParameters> = new Map();

  constructor(options: StrategiesOptions) {
    this.#options = options;
  }

  /** Of a symbol that is not attached yet. A row that is not valid is reported once it is. */
  before(symbol: string): Config['strategy'] {
    const configured = this.#options.configured();
    const own = strategyFor(configured, this.#rows.get(symbol)?.overrides ?? {});
    return own.ok ? own.strategy : configured.strategy;
  }

  /** Writes the parameters of one slot into shared memory, where the analysis reads them. */
  apply(slot: Slot, tenant: Tenant): void {
    const { memory, configured, onRefused } = this.#options;
    const { symbol } = tenant.instrument;
    tenant.coin = this.#rows.get(symbol);
    const overrides = tenant.coin?.overrides ?? {};
    const own = strategyFor(configured(), overrides);
    if (own.ok) tenant.overrides = overrides;
    else onRefused(symbol, own.errors);
    // A refused row leaves the previous overrides in force, applied to the configuration of now.
    const kept = own.ok ? own : strategyFor(configured(), tenant.overrides);
    tenant.strategy = kept.ok ? kept.strategy : configured().strategy;
    writeParams(memory.lives.numbers, slot * SLOT_NUMBERS + PARAMS_AT, tenant.strategy, tenant.instrument);
    setLookback(memory.tape, slot, Math.round(tenant.strategy.tpLocalExtremaHours * 60));
  }

  /** Writes those of every slot anew. */
  applyAll(): ChangedStrategies {
    const before = [...this.#options.present].map(([slot, tenant]) => ({ slot, tenant, was: tenant.strategy }));
    for (const { slot, tenant } of before) this.apply(slot, tenant);
    const where = (isSo: (now: Config['strategy'], was: Config['strategy']) => boolean): readonly string[] =>
      before.filter(({ tenant, was }) => isSo(tenant.strategy, was)).map(({ tenant }) => tenant.instrument.symbol);
    return {
      ranges: where((now, was) => now.bookRangePercent !== was.bookRangePercent),
      lookbacks: where((now, was) => now.tpLocalExtremaHours > was.tpLocalExtremaHours),
    };
  }

  /** Takes over the rows of the table. */
  takeRows(rows: ReadonlyMap<string, CoinParameters>): ChangedStrategies {
    if (rows === this.#rows) return UNCHANGED;
    this.#rows = rows;
    return this.applyAll();
  }
}
