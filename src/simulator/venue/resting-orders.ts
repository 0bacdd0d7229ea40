// What becomes of resting orders when their position shrinks? Those that may only reduce are cut; others lose their cover.
import { type Client, ordersOf } from './client.ts';
import type { VenueCore } from './core.ts';
import { closable, type LivePosition } from './live-position.ts';
import { leaves, type LiveOrder } from './live-order.ts';
import { freeMargin, restingSide } from './standing.ts';

/** Resting orders that may only reduce are cut to what is left of the position; what was cut or cancelled. */
export function cutReduceOnly(core: VenueCore, client: Client, position: LivePosition): LiveOrder[] {
  const { symbol } = position.instrument;
  const { book } = core.contract(symbol).matching;
  const cut: LiveOrder[] = [];
  const left = { Buy: closable(position, 'Buy'), Sell: closable(position, 'Sell') };
  for (const order of ordersOf(client, symbol)) {
    if (!order.reduceOnly || order.own.restingLots === 0) continue;
    const excess = order.own.restingLots - left[order.side];
    left[order.side] = Math.max(0, -excess);
    if (excess <= 0) continue;
    book.withdraw(restingSide(order.side), order.tick, order, excess);
    order.own.restingLots -= excess;
    cut.push(order);
    if (order.own.restingLots > 0) {
      order.lots -= excess;
    } else {
      order.status = 'Cancelled';
      order.cancelType = 'CancelByReduceOnly';
    }
  }
  return cut;
}

/**
 * Orders that were to close the position reserved nothing; now they would open one. What the account's free margin cannot
 * carry is cancelled, the latest first.
 */
export function shedUncovered(core: VenueCore, client: Client, position: LivePosition): LiveOrder[] {
  const shed: LiveOrder[] = [];
  const { symbol } = position.instrument;
  const { book } = core.contract(symbol).matching;
  for (const order of ordersOf(client, symbol).toReversed()) {
    if (freeMargin(core, client) >= 0n) break;
    const { restingLots } = order.own;
    if (restingLots === 0 || order.reduceOnly) continue;
    book.withdraw(restingSide(order.side), order.tick, order, restingLots);
    order.own.restingLots = 0;
    order.status = 'Cancelled';
    order.cancelType = 'CancelByAdmin';
    shed.push(order);
  }
  return shed;
}

/** Lots of a partial order that are not spoken for yet: they may be fewer by the time it triggers. */
export function remaining(position: LivePosition | undefined, order: LiveOrder): number {
  return Math.min(leaves(order), closable(position, order.side));
}
