// In which order does an account hear what happened? Fills and orders, then position and wallet, then the new stops.
import type { Instrument } from '../../market/instrument.ts';
import { type Client, holdingOf } from './client.ts';
import type { Floor } from './floor.ts';
import type { LiveOrder } from './live-order.ts';
import { followPosition } from './protection.ts';
import { cutReduceOnly, shedUncovered } from './resting-orders.ts';
import type { Execution } from './words.ts';

/** A matching event of one order: what it filled, and everything that follows from it. */
export function tellFills(
  floor: Floor,
  client: Client,
  instrument: Instrument,
  order: LiveOrder | undefined,
  executions: readonly Execution[],
  lotsBefore: number,
): void {
  const { cleared, changed } = followPosition(floor, client, instrument, order, lotsBefore);
  const holding = holdingOf(client, instrument);
  const cut = [...cutReduceOnly(floor, client, holding), ...shedUncovered(floor, client, holding)];
  const matched = floor.group();
  for (const execution of executions) floor.tellExecution(client, execution, matched);
  for (const stop of cleared) floor.tellOrder(client, stop, matched);
  if (order !== undefined) floor.tellOrder(client, order, matched);
  const before = floor.variants.stopTold === 'before position';
  if (before) tellOrders(floor, client, changed);
  const state = floor.group();
  floor.tellPosition(client, instrument, state);
  floor.tellWallet(client, instrument, state);
  if (!before) tellOrders(floor, client, changed);
  // Of a stop that could not be set the position says so after it has said that it is there.
  if (changed.some(({ status }) => status === 'Rejected')) floor.tellPosition(client, instrument, floor.group());
  if (cut.length > 0) tellChange(floor, client, instrument, cut);
}

/** Orders that changed without a fill; the position is told too, even unchanged. */
export function tellChange(floor: Floor, client: Client, instrument: Instrument, orders: readonly LiveOrder[]): void {
  tellOrders(floor, client, orders);
  floor.tellPosition(client, instrument, floor.group());
}

function tellOrders(floor: Floor, client: Client, orders: readonly LiveOrder[]): void {
  for (const order of orders) floor.tellOrder(client, order, floor.group());
}
