// Which symbol is in which slot, and which were there before?
import type { Config } from '../config/schema.ts';
import { assert } from '../lib/assert.ts';
import type { Instrument } from '../market/instrument.ts';
import type { Slot } from '../market/units.ts';
import type { CoinParameters } from '../store/read/coin-parameters.ts';

/** One symbol's stay in a slot. */
export interface Tenant {
  readonly tenancy: number;
  readonly instrument: Instrument;
  strategy: Config['strategy'];
  coin: CoinParameters | undefined;
  /** Of its newest valid row. */
  overrides: CoinParameters['overrides'];
  /** Monotonic: when its book is stored next. */
  snapshotAt: number;
  /** Its candles have been read. */
  hasCandles: boolean;
}

/** Late events about a former tenant can be attributed for this many changes of its slot. */
const KEPT = 8;

export class Tenants {
  readonly present = new Map<Slot, Tenant>();
  readonly #all: readonly Tenant[][];

  constructor(slots: number) {
    this.#all = Array.from({ length: slots }, (): Tenant[] => []);
  }

  move(slot: Slot, tenant: Tenant): void {
    const former = this.#all[slot] as Tenant[];
    former.push(tenant);
    if (former.length > KEPT) former.shift();
    this.present.set(slot, tenant);
  }

  find(slot: number, tenancy: number): Tenant | undefined {
    return (this.#all[slot] as Tenant[]).find((one) => one.tenancy === tenancy);
  }

  /** The tenant of the slot when the event happened. */
  of({ slot, tenancy }: { readonly slot: number; readonly tenancy: number }): Tenant {
    const tenant = this.find(slot, tenancy);
    assert(tenant !== undefined, `slot ${slot} had a tenant ${tenancy}`);
    return tenant;
  }
}
