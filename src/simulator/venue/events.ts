// In which order does an account get the events of what happened? Fills and orders, then position and wallet, then the new stops.
import type { Instrument } from '../../market/instrument.ts';
import { type Client, livePosition } from './client.ts';
import type { VenueCore } from './core.ts';
import type { LiveOrder } from './live-order.ts';
import { followPosition } from './protection.ts';
import { cutReduceOnly, shedUncovered } from './resting-orders.ts';
import type { Execution } from './model.ts';

/** A matching event of one order: what it filled, and everything that follows from it. */
export function emitFills(
  core: VenueCore,
  client: Client,
  instrument: Instrument,
  order: LiveOrder | undefined,
  executions: readonly Execution[],
  lotsBefore: number,
): void {
  const { cleared, changed } = followPosition(core, client, instrument, order, lotsBefore);
  const position = livePosition(client, instrument);
  const cut = [...cutReduceOnly(core, client, position), ...shedUncovered(core, client, position)];
  const matched = core.group();
  for (const execution of executions) core.emitExecution(client, execution, matched);
  for (const stop of cleared) core.emitOrder(client, stop, matched);
  if (order !== undefined) core.emitOrder(client, order, matched);
  const before = core.variants.stopTold === 'before position';
  if (before) emitOrders(core, client, changed);
  const state = core.group();
  core.emitPosition(client, instrument, state);
  core.emitWallet(client, instrument, state);
  if (!before) emitOrders(core, client, changed);
  // Where a stop could not be set, the position is sent once more, without it.
  if (changed.some(({ status }) => status === 'Rejected')) core.emitPosition(client, instrument, core.group());
  if (cut.length > 0) emitChange(core, client, instrument, cut);
}

/** Orders that changed without a fill; their position is sent too, even unchanged. */
export function emitChange(
  core: VenueCore,
  client: Client,
  instrument: Instrument,
  orders: readonly LiveOrder[],
): void {
  emitOrders(core, client, orders);
  core.emitPosition(client, instrument, core.group());
}

function emitOrders(core: VenueCore, client: Client, orders: readonly LiveOrder[]): void {
  for (const order of orders) core.emitOrder(client, order, core.group());
}
