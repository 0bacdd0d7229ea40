// How is one symbol looked at by itself? A real actor on a real core, without a market, and all that it wants done.
import type { Ms } from '../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import { moneyFromNumber } from '../../src/market/money.ts';
import type { Lot, Slot } from '../../src/market/units.ts';
import { emptyJournal } from '../../src/order/journal.ts';
import type { OrderEvent, OrderState } from '../../src/order/state.ts';
import type { Role } from '../../src/order/words.ts';
import { Actor } from '../../src/position/actor.ts';
import { Core } from '../../src/position/core.ts';
import type { DeskEffect } from '../../src/position/desk-effect.ts';
import type { MarketPort } from '../../src/position/watch/market-port.ts';
import { trackOrder, type TrackedOrder } from '../../src/position/entry/tracked-order.ts';
import { SETTINGS, WALL } from '../position/desk-room.ts';

export const SYMBOL = 'SOLUSDT';
export const BEGUN = 1_000 as Ms;
export const NOW = 2_000 as Ms;

const NO_MARKET: MarketPort = {
  readBook: () => false,
  heardAt: () => NOW,
  isDeaf: () => false,
  mark: () => undefined,
  last: () => undefined,
  extrema: () => undefined,
  imbalance: () => undefined,
  densities: () => undefined,
  resting: () => undefined,
};

export class OneSymbol {
  readonly actor: Actor;
  readonly #core: Core;

  constructor() {
    const options = { instance: 'test', epoch: 0, settings: () => SETTINGS, rules: () => undefined };
    const moment = { mono: NOW, wall: WALL as Ms };
    this.#core = new Core({ ...options, market: NO_MARKET, recovered: emptyJournal(), haltedFor: undefined }, moment);
    this.#core.contracts.set(SYMBOL, {
      instrument: createInstrument(SYMBOL, '0.01', '0.1') as Instrument,
      isTrading: true,
      isPreListing: false,
      deliveryMs: 0 as Ms,
      lotsMin: 1 as Lot,
      lotsMaxMarket: 5_000 as Lot,
      lotsMaxLimit: 9_000 as Lot,
      notionalMin: moneyFromNumber(5),
      leverageMax: 10_000,
      takerFee: 0.00055,
      nextFundingMs: undefined,
      fundingIntervalMs: 288e5 as Ms,
      fundingRate: 0.0001,
      bandRatio: 0.05,
      readAt: NOW,
    });
    this.#core.slots.set(SYMBOL, 0 as Slot);
    this.actor = new Actor(SYMBOL, this.#core);
  }

  /** An order of ours of nine lots that is as far as that. */
  order(state: OrderState, role: Role = 'E'): TrackedOrder {
    const order = trackOrder(`d1-test-0-5-${role}`, role, role === 'E' ? 1 : 0, 9, undefined, BEGUN);
    order.state = state;
    this.actor.orders.adopt(order);
    return order;
  }

  /** An engine whose orders were there before us. */
  adopt(instance: string): void {
    this.#core.adopted.add(instance);
  }

  /** What the actor itself writes before the bytes leave is not written by the step. */
  tell(order: TrackedOrder, event: OrderEvent): void {
    this.actor.orders.advance(order, event, '', event !== 'handed-over');
  }

  /** All that is wanted since the last look: journal records by kind, and events by name. */
  wanted(): { readonly records: readonly string[]; readonly told: readonly string[] } {
    const effects: readonly DeskEffect[] = this.#core.takeEffects();
    return {
      records: effects.flatMap((effect) => (effect.kind === 'record' ? [effect.record.kind] : [])),
      told: effects.flatMap((effect) => (effect.kind === 'told' ? [effect.name] : [])),
    };
  }
}
