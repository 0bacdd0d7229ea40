// How does an order end before it is filled? By its owner's wish, one or many at once, or because the exchange must.
import { type Client, livePosition } from './client.ts';
import { textOf, wordOf, wrong } from './fields.ts';
import type { VenueCore } from './core.ts';
import { isOpen, isProtective, type LiveOrder } from './live-order.ts';
import { end } from './protection.ts';
import { withdraw } from './taker.ts';
import { emitChange } from './events.ts';
import type { Params } from './venue.ts';
import { type Refusal, refusal } from './model.ts';

const GONE_TEXT = 'order not exists or too late to cancel';

/** The open order that a request names; `orderId` wins. */
export function namedOrder(client: Client, params: Params): LiveOrder | Refusal {
  const orderId = textOf(params, 'orderId');
  const linkId = textOf(params, 'orderLinkId');
  if (orderId === undefined && linkId === undefined) return wrong('params error: orderId or orderLinkId is required');
  const symbol = textOf(params, 'symbol');
  if (symbol === undefined) return wrong('params error: symbol invalid');
  const order = orderId === undefined ? client.links.get(linkId ?? '') : client.known.get(orderId);
  if (order === undefined || !isOpen(order) || symbol !== order.instrument.symbol) return refusal(110001, GONE_TEXT);
  return order;
}

/** The engine's turn: what has been filled since the ack stays filled, and is sent a second time. */
export function cancelAccepted(core: VenueCore, client: Client, order: LiveOrder): void {
  if (isOpen(order)) withdrawn(core, client, order, 'CancelByUser', 'EC_PerCancelRequest');
  else if (order.status === 'Filled') core.emitTooLate(order);
}

function withdrawn(core: VenueCore, client: Client, order: LiveOrder, cancelType: string, rejectReason: string): void {
  takeOut(core, client, order, cancelType);
  order.rejectReason = rejectReason;
  emitChange(core, client, order.instrument, [order]);
}

function takeOut(core: VenueCore, client: Client, order: LiveOrder, cancelType: string): void {
  withdraw(core, order);
  end(core, livePosition(client, order.instrument), order, 'Cancelled', cancelType);
}

/** All open orders of a contract, for the exchange's own reasons. */
export function cancelByExchange(
  core: VenueCore,
  client: Client,
  orders: readonly LiveOrder[],
  cancelType: string,
): void {
  for (const order of orders) takeOut(core, client, order, cancelType);
  for (const order of orders) core.emitOrder(client, order, core.group());
}

/** Which open orders cancel-all means. Without a filter these are all, the stops of positions among them. */
export function namedOrders(core: VenueCore, client: Client, params: Params): readonly LiveOrder[] | Refusal {
  if (textOf(params, 'category') !== 'linear') return wrong('params error: category invalid');
  const filter = wordOf(params, 'orderFilter', ['Order', 'StopOrder', 'OpenOrder'] as const, undefined);
  if (typeof filter === 'object') return filter;
  const [symbol, baseCoin, settleCoin] = ['symbol', 'baseCoin', 'settleCoin'].map((key) => textOf(params, key));
  if (symbol === undefined && baseCoin === undefined && settleCoin === undefined)
    return wrong('params error: symbol, baseCoin or settleCoin is required');
  if (symbol !== undefined && core.market.contract(symbol) === undefined) return wrong('params error: symbol invalid');
  const sparesStops = filter === 'StopOrder' && textOf(params, 'stopOrderType') === 'Stop';
  return [...client.orders.values()].filter((order) => {
    const { listing } = core.contract(order.instrument.symbol);
    if (symbol !== undefined && listing.symbol !== symbol) return false;
    if (symbol === undefined && baseCoin !== undefined && listing.baseCoin !== baseCoin) return false;
    if (symbol === undefined && baseCoin === undefined && listing.quoteCoin !== settleCoin) return false;
    const waits = order.status === 'Untriggered';
    if (filter === 'Order') return !waits;
    if (filter === 'StopOrder') return waits && !(sparesStops && isProtective(order));
    return true;
  });
}
