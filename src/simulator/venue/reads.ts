// What does an account see when it asks? Newest first, with the exchange's memory, and as late as it was ordered to be.
import type { Client } from './client.ts';
import { livePosition } from './client.ts';
import type { VenueCore } from './core.ts';
import { createPosition } from './live-position.ts';
import { isOpen, snapshot } from './live-order.ts';
import { positionOf, walletOf } from './standing.ts';
import { type Filter, QUERIES, type Query } from './venue.ts';
import type { ClosedTrade, Execution, Order, Position, Transaction, Wallet } from './model.ts';

const CLOSED_MAX = 500;
const UNFILLED_KEPT_MS = 24 * 3_600_000;

interface Row {
  readonly symbol: string | undefined;
  readonly order: Pick<Order, 'id' | 'linkId'> | undefined;
  readonly timeMs: number;
}

function fits({ symbol, order, timeMs }: Row, filter: Filter): boolean {
  return (
    (filter.symbol === undefined || filter.symbol === symbol) &&
    (filter.orderId === undefined || filter.orderId === order?.id) &&
    (filter.linkId === undefined || filter.linkId === order?.linkId) &&
    timeMs >= (filter.fromMs ?? -Infinity) &&
    timeMs <= (filter.toMs ?? Infinity)
  );
}

const ofOrder = (order: Order): Row => ({ symbol: order.instrument.symbol, order, timeMs: order.createdMs });
const ofExecution = ({ instrument, order, timeMs }: Execution): Row => ({ symbol: instrument.symbol, order, timeMs });
const ofClosed = ({ order, updatedMs }: ClosedTrade): Row => ({
  symbol: order.instrument.symbol,
  order,
  timeMs: updatedMs,
});
const ofTransaction = ({ instrument, order, timeMs }: Transaction): Row => ({
  symbol: instrument?.symbol,
  order,
  timeMs,
});

export class Reads {
  readonly #core: VenueCore;
  /** How old everything is that is shown. */
  readonly #lagMs = new Map<Query, number>();

  constructor(core: VenueCore) {
    this.#core = core;
  }

  lag(ms: number, only?: Query): void {
    for (const query of QUERIES) if ((only ?? query) === query) this.#lagMs.set(query, Math.max(0, ms));
  }

  openOrders(client: Client, filter: Filter): Order[] {
    const open = this.#isCurrent('open-orders')
      ? [...client.orders.values()].map(snapshot)
      : client.history.orders.all(this.#seenMs('open-orders'));
    return open.filter((order) => isOpen(order) && fits(ofOrder(order), filter)).toReversed();
  }

  /** Shown beside the open ones: never ahead of them, and where history is behind, an order may be in neither for a while. */
  closedOrders(client: Client, filter: Filter): Order[] {
    const seenMs = Math.min(this.#seenMs('open-orders'), this.#seenMs('past-orders'));
    const closed = client.history.orders
      .all(seenMs)
      .filter((order) => !isOpen(order) && order.updatedMs > client.history.forgottenMs);
    return closed
      .slice(-CLOSED_MAX)
      .filter((order) => fits(ofOrder(order), filter))
      .toReversed();
  }

  orderHistory(client: Client, filter: Filter): Order[] {
    const { nowMs } = this.#core;
    const kept = (order: Order): boolean => order.filledLots > 0 || nowMs - order.updatedMs <= UNFILLED_KEPT_MS;
    return client.history.orders
      .all(this.#seenMs('past-orders'))
      .filter((order) => !isOpen(order) && kept(order) && fits(ofOrder(order), filter))
      .toReversed();
  }

  executions(client: Client, filter: Filter): Execution[] {
    // Those of one millisecond come in no order: that of their ids is none.
    const byTime = (a: Execution, b: Execution): number => b.timeMs - a.timeMs || (a.id < b.id ? -1 : 1);
    return this.#seen(client.history.executions, ofExecution, filter).toSorted(byTime);
  }

  closedTrades(client: Client, filter: Filter): ClosedTrade[] {
    return this.#seen(client.history.closedTrades, ofClosed, filter);
  }

  transactions(client: Client, filter: Filter): Transaction[] {
    return this.#seen(client.history.transactions, ofTransaction, filter);
  }

  positions(client: Client, filter: Filter): Position[] {
    const contract = filter.symbol === undefined ? undefined : this.#core.market.contract(filter.symbol);
    if (filter.symbol !== undefined)
      return contract === undefined ? [] : [this.#position(client, contract.instrument.symbol)];
    const held = [...client.positions.keys()].map((symbol) => this.#position(client, symbol));
    return held.filter(({ lots }) => lots !== 0);
  }

  wallet(client: Client): Wallet {
    const past = this.#isCurrent('wallet') ? undefined : client.history.wallet.at(this.#seenMs('wallet'));
    return past ?? walletOf(this.#core, client);
  }

  #seenMs(query: Query): number {
    return this.#core.nowMs - (this.#lagMs.get(query) ?? 0);
  }

  #isCurrent(query: Query): boolean {
    return this.#seenMs(query) === this.#core.nowMs;
  }

  #position(client: Client, symbol: string): Position {
    const { instrument } = this.#core.contract(symbol);
    const position = livePosition(client, instrument);
    if (this.#isCurrent('positions') || position.createdMs === 0) return positionOf(this.#core, client, position);
    // It had no event by then: there was no position.
    const none = { ...createPosition(instrument), leverage: position.leverage };
    return client.history.positions.at(symbol, this.#seenMs('positions')) ?? positionOf(this.#core, client, none);
  }

  #seen<T>(rows: readonly T[], rowOf: (row: T) => Row, filter: Filter): T[] {
    return rows
      .filter((row) => {
        const seen = rowOf(row);
        return seen.timeMs <= this.#seenMs('fills') && fits(seen, filter);
      })
      .toReversed();
  }
}
