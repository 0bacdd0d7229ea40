// Where do orders go? To the exchange over its wires, or to paper against the live books: the desk sees no difference.
import type { BookMemory } from '../book/layout.ts';
import { createView, readBook } from '../book/read.ts';
import type { Budget } from '../bybit/budget.ts';
import { createBybitGateway } from '../bybit/gateway/gateway.ts';
import type { SetupReading } from '../bybit/gateway/setup.ts';
import type { Wires } from '../bybit/gateway/wires.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Rng } from '../lib/rng.ts';
import type { Instrument } from '../market/instrument.ts';
import { moneyFromNumber } from '../market/money.ts';
import { TAKES, type OrderSide } from '../market/side.ts';
import type { Slot, Tick } from '../market/units.ts';
import type { OnGatewayEvent, OrderGateway } from '../order/gateway.ts';
import type { PaperContract } from '../paper/contract.ts';
import { createPaperGateway } from '../paper/gateway.ts';
import type { TapeMemory } from '../tape/layout.ts';

/** What a venue sees of the engine. */
export interface VenueRoom {
  readonly books: BookMemory;
  readonly tape: TapeMemory;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  /** Of every contract that was listed. */
  readonly instrumentOf: (symbol: string) => Instrument | undefined;
  /** Of a watched symbol. */
  readonly paperContractOf: (symbol: string) => PaperContract | undefined;
}

export interface OpenVenue {
  readonly gateway: OrderGateway;
  /** Book, tape or a fact of a slot have changed. */
  readonly moved?: (slot: Slot) => void;
  /** What the start checks of the account; absent where there is no account to check. */
  readonly readSetup?: () => Promise<SetupReading>;
}

export type Venue = (room: VenueRoom, onEvent: OnGatewayEvent) => OpenVenue;

export interface ExchangeVenueOptions {
  readonly wires: (serverNow: () => number) => Wires;
  readonly connects: Budget;
  readonly calls: Budget;
}

export function exchangeVenue(options: ExchangeVenueOptions): Venue {
  return ({ books, instrumentOf, clock, rng, log }, onEvent) => {
    const view = createView();
    const touchOf = (slot: Slot, side: OrderSide): Tick | undefined => {
      const of = TAKES[side];
      if (slot < 0 || !readBook(books, slot, view) || view.counts[of] === 0) return undefined;
      return view.ticks[of][0] as Tick;
    };
    const gateway = createBybitGateway({ ...options, instrumentOf, touchOf }, clock, rng, log, onEvent);
    return { gateway, readSetup: () => gateway.readSetup([]) };
  };
}

export function paperVenue(paper: Config['paper'], leverage: number): Venue {
  return ({ books, tape, paperContractOf, clock, rng }, onEvent) => {
    const { latencyMsMin, latencyMsMax, takerFeePercent, startingBalanceUsd } = paper;
    const gateway = createPaperGateway(
      {
        balance: moneyFromNumber(startingBalanceUsd),
        leverage: leverage * 100,
        latencyMsMin,
        latencyMsMax,
        takerFeePercent,
        contractOf: paperContractOf,
      },
      books,
      tape,
      clock,
      rng,
      onEvent,
    );
    return { gateway, moved: (slot) => gateway.moved(slot) };
  };
}
