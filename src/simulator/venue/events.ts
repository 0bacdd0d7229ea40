// In which order does an account get the events of what happened? Fills and orders, then position and wallet, then the new stops.
import type { Instrument } from '../../market/instrument.ts';
import { type Client, livePosition } from './client.ts';
import type { Floor } from './floor.ts';
import type { LiveOrder } from './live-order.ts';
import { followPosition } from './protection.ts';
import { cutReduceOnly, shedUncovered } from './resting-orders.ts';
import type { Execution } from './words.ts';

/** A matching event of one order: what it filled, and everything that follows from it. */
export function emitFills(
  floor: Floor,
  client: Client,
  instrument: Instrument,
  order: LiveOrder | undefined,
  executions: readonly Execution[],
  lotsBefore: number,
): void {
  const { cleared, changed } = followPosition(floor, client, instrument, order, lotsBefore);
  const position = livePosition(client, instrument);
  const cut = [...cutReduceOnly(floor, client, position), ...shedUncovered(floor, client, position)];
  const matched = floor.group();
  for (const execution of executions) floor.emitExecution(client, execution, matched);
  for (const stop of cleared) floor.emitOrder(client, stop, matched);
  if (order !== undefined) floor.emitOrder(client, order, matched);
  const before = floor.variants.stopTold === 'before position';
  if (before) emitOrders(floor, client, changed);
  const state = floor.group();
  floor.emitPosition(client, instrument, state);
  floor.emitWallet(client, instrument, state);
  if (!before) emitOrders(floor, client, changed);
  // Where a stop could not be set, the position is sent once more, without it.
  if (changed.some(({ status }) => status === 'Rejected')) floor.emitPosition(client, instrument, floor.group());
  if (cut.length > 0) emitChange(floor, client, instrument, cut);
}

/** Orders that changed without a fill; their position is sent too, even unchanged. */
export function emitChange(floor: Floor, client: Client, instrument: Instrument, orders: readonly LiveOrder[]): void {
  emitOrders(floor, client, orders);
  floor.emitPosition(client, instrument, floor.group());
}

function emitOrders(floor: Floor, client: Client, orders: readonly LiveOrder[]): void {
  for (const order of orders) floor.emitOrder(client, order, floor.group());
}
