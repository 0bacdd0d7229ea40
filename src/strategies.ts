// By which numbers is each symbol judged? Those of the configuration, overridden by its row in the table `coin_parameters`.
import type { Config } from './config/schema.ts';
import { strategyFor } from './config/symbol-strategy.ts';
import type { Slot } from './market/units.ts';
import { PARAMS_AT, SLOT_NUMBERS } from './scan/layout.ts';
import { writeParams } from './scan/params.ts';
import type { AnalysisMemory } from './scan/workspace.ts';
import type { CoinParameters } from './store/read/coin-parameters.ts';
import { setLookback } from './tape/write.ts';
import type { Tenant } from './tenants.ts';

export interface StrategiesOptions {
  readonly memory: AnalysisMemory;
  readonly present: ReadonlyMap<Slot, Tenant>;
  /** As configured now. */
  readonly configured: () => Config['strategy'];
  /** A row whose values are not valid. It changes nothing. */
  readonly onRefused: (symbol: string, errors: readonly string[]) => void;
}

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
    return own.ok ? own.strategy : configured;
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
    tenant.strategy = kept.ok ? kept.strategy : configured();
    writeParams(memory.lives.numbers, slot * SLOT_NUMBERS + PARAMS_AT, tenant.strategy, tenant.instrument);
    setLookback(memory.tape, slot, Math.round(tenant.strategy.tpLocalExtremaHours * 60));
  }

  applyAll(): void {
    for (const [slot, tenant] of this.#options.present) this.apply(slot, tenant);
  }

  /** Takes over the rows of the table. Returns the symbols whose book range is another one now. */
  takeRows(rows: ReadonlyMap<string, CoinParameters>): readonly string[] {
    if (rows === this.#rows) return [];
    this.#rows = rows;
    const before = new Map(
      [...this.#options.present.values()].map((tenant) => [tenant, tenant.strategy.bookRangePercent]),
    );
    this.applyAll();
    return [...before]
      .filter(([{ strategy }, range]) => strategy.bookRangePercent !== range)
      .map(([{ instrument }]) => instrument.symbol);
  }
}
