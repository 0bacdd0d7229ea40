// What becomes of an accepted order when the engine takes it up? It walks the book as far as it may; what is left rests there or ends.
import { TOWARD_TOUCH, type Side } from '../../market/side.ts';
import type { Owner } from '../level-queue.ts';
import { TICK_MAX } from './band.ts';
import { clear } from './clearing.ts';
import { type Client, livePosition } from './client.ts';
import type { VenueCore, VenueContract } from './core.ts';
import { closable, type LivePosition } from './live-position.ts';
import type { Instrument } from '../../market/instrument.ts';
import { createOrder, leaves, type LiveOrder } from './live-order.ts';
import { bankruptcyTick } from './margin.ts';
import { part, rateOf } from './money.ts';
import { isFull, isTooLarge } from './order-limits.ts';
import { freeMargin, marginFor, opening, restingSide } from './standing.ts';
import { emitChange, emitFills } from './events.ts';
import type { Execution, Order } from './model.ts';

/** The worst price at which a market order may be filled: the band's edge, or nearer where slippage is bounded. */
export function worstTick(
  core: VenueCore,
  contract: VenueContract,
  order: Pick<LiveOrder, 'side' | 'slippage'>,
): number {
  const [highest, lowest] = core.band.limits(contract, core.nowMs);
  const buys = order.side === 'Buy';
  const edge = buys ? highest : lowest;
  if (order.slippage === undefined) return edge;
  const touch = contract.matching.book.best[buys ? 1 : 0];
  const { type, text } = order.slippage;
  const ticks = type === 'TickSize' ? Number(text) : Number(part(BigInt(touch), rateOf(text)) / 100n);
  return buys ? Math.min(edge, touch + ticks) : Math.max(edge, touch - ticks);
}

/** A market order that no request has asked for. */
export function marketOrder(
  core: VenueCore,
  client: Client,
  instrument: Instrument,
  given: Pick<Order, 'side' | 'lots' | 'createType' | 'reduceOnly'>,
): LiveOrder {
  return createOrder({
    ...given,
    id: core.id(4),
    uid: client.account.uid,
    instrument,
    type: 'Market',
    lastTickOnCreated: core.contract(instrument.symbol).matching.lastTick,
    createdMs: core.nowMs,
  });
}

/** One order on its way into the book. */
interface Taking {
  readonly core: VenueCore;
  readonly client: Client;
  readonly order: LiveOrder;
  readonly contract: VenueContract;
  readonly position: LivePosition;
  /** The side that it meets. */
  readonly hit: Side;
  /** Filled and not been sent yet. */
  executions: Execution[];
  /** The position before those fills. */
  lotsBefore: number;
}

export function execute(core: VenueCore, client: Client, order: LiveOrder): void {
  const contract = core.contract(order.instrument.symbol);
  const position = livePosition(client, order.instrument);
  if (order.type === 'Market') order.tick = worstTick(core, contract, order);
  const hit = restingSide(order.side === 'Buy' ? 'Sell' : 'Buy');
  const taking: Taking = { core, client, order, contract, position, hit, executions: [], lotsBefore: position.lots };
  const crosses = isCrossed(taking);
  const refused = whyRefused(taking, crosses);
  client.orders.set(order.id, order);
  if (refused !== undefined) return finish(taking, refused);
  if (core.variants.newBeforeFill && crosses) {
    order.status = 'New';
    core.emitOrder(client, order, core.group());
  }
  finish(taking, take(taking));
}

const isCrossed = ({ order, contract, hit }: Taking): boolean =>
  (contract.matching.book.best[hit] - order.tick) * TOWARD_TOUCH[hit] >= 0;

interface Ended {
  readonly status: 'Cancelled' | 'Rejected';
  readonly cancelType?: string;
  readonly rejectReason?: string;
}

const NOTHING_THERE: Ended = { status: 'Cancelled', rejectReason: 'EC_NoImmediateQtyToFill' };

function whyRefused(taking: Taking, crosses: boolean): Ended | undefined {
  const { core, client, order, contract, position, hit } = taking;
  if (client.troubles.acks > 0 && order.stopOrderType === '') {
    client.troubles.acks--;
    return { status: core.variants.refusedAfterAck, rejectReason: 'EC_Others' };
  }
  if (order.reduceOnly && closable(position, order.side) === 0)
    return { status: 'Cancelled', cancelType: 'CancelByReduceOnly' };
  if (order.timeInForce === 'PostOnly' && crosses)
    return { status: 'Cancelled', rejectReason: 'EC_PostOnlyWillTakeLiquidity' };
  const { lots, units } = contract.matching.book.ahead(hit, leaves(order), order.tick);
  if (order.timeInForce === 'FOK' && lots < leaves(order))
    return { status: 'Cancelled', rejectReason: 'EC_CancelForNoFullFill' };
  if (order.reduceOnly) return undefined;
  return stillFits(taking, lots, units)
    ? undefined
    : { status: core.variants.refusedAfterAck, rejectReason: 'EC_Others' };
}

/** The ack promised nothing: prices may have moved since, and other orders may have used margin, risk limit or the last place. */
function stillFits({ core, client, order, position }: Taking, lots: number, units: number): boolean {
  const { side, instrument } = order;
  const rests = mayRest(order);
  if (rests && lots < leaves(order) && isFull(client, instrument.symbol)) return false;
  const opens = opening(client, position, order, rests ? leaves(order) : lots);
  if (opens === 0) return true;
  // Rounded up to a whole tick, and for a seller never below what it will really cost.
  const met = lots === 0 ? 0 : Math.ceil(units / lots);
  const tick = Math.max(1, met, rests ? order.tick : 0);
  return (
    !isTooLarge(core, client, order, tick, opens) &&
    marginFor(client, position, tick, opens, side, instrument) <= freeMargin(core, client, order)
  );
}

function mayRest({ type, timeInForce }: LiveOrder): boolean {
  return type === 'Limit' && (timeInForce === 'GTC' || timeInForce === 'PostOnly');
}

function take(taking: Taking): Ended | undefined {
  const { core, client, order, contract, position, hit } = taking;
  const { matching, instrument } = contract;
  const { book } = matching;
  const { side, createType } = order;
  const most = allowance(client, order);
  const limit = book.reach(hit, worstFor(client, position, order));
  let touched = false;
  for (;;) {
    const left = Math.min(most - order.filledLots, order.reduceOnly ? closable(position, side) : Infinity);
    if (left <= 0 || (book.best[hit] - limit) * TOWARD_TOUCH[hit] < 0) break;
    const own = client.orders.get(book.frontOwner(hit)?.id ?? '');
    if (own !== undefined) {
      // The account gets this order's fills so far before anything about its other order.
      if (taking.executions.length > 0)
        emitFills(core, client, instrument, order, taking.executions, taking.lotsBefore);
      taking.executions = [];
      if (order.smpType === 'CancelMaker' || order.smpType === 'CancelBoth') cancelMaker(core, client, own);
      if (order.smpType === 'CancelTaker' || order.smpType === 'CancelBoth')
        return { status: 'Cancelled', cancelType: 'CancelBySmp' };
      if (order.smpType === 'CancelMaker') continue;
    }
    if (!touched) matching.touch(core.nowMs);
    touched = true;
    const lots = Math.min(left, book.frontLots(hit));
    const tick = book.best[hit];
    matching.hit(hit, lots, core.nowMs);
    if (own !== undefined) taking.lotsBefore = position.lots;
    taking.executions.push(
      clear(core, { client, instrument, order, type: 'Trade', side, tick, lots, isMaker: false, createType }),
    );
  }
  if (touched) contract.poke(core.nowMs);
  if (leaves(order) === 0) return undefined;
  if (!mayRest(order) || isCrossed(taking)) return NOTHING_THERE;
  const room = order.reduceOnly ? closable(position, side) : Infinity;
  if (room === 0) return { status: 'Cancelled', cancelType: 'CancelByReduceOnly' };
  if (leaves(order) > room) order.lots = order.filledLots + room;
  restOrder(core, client, order);
  return undefined;
}

/** Lots that it may fill in all; fewer where a partial fill was ordered. */
function allowance(client: Client, order: LiveOrder): number {
  const { troubles } = client;
  if (troubles.parts === 0 || order.stopOrderType !== '') return order.lots;
  troubles.parts--;
  return Math.floor(order.lots * troubles.part);
}

/** A position is never closed beyond the price at which the exchange would take it over. */
function worstFor(client: Client, position: LivePosition, order: LiveOrder): number {
  if (closable(position, order.side) === 0) return order.tick;
  const bankrupt = Math.min(TICK_MAX, bankruptcyTick(position, client.taker));
  return order.side === 'Buy' ? Math.min(order.tick, bankrupt) : Math.max(order.tick, bankrupt);
}

function cancelMaker(core: VenueCore, client: Client, maker: LiveOrder): void {
  withdraw(core, maker);
  maker.status = 'Cancelled';
  maker.cancelType = 'CancelBySmp';
  emitChange(core, client, maker.instrument, [maker]);
}

export function restOrder(core: VenueCore, client: Client, order: LiveOrder): void {
  const { matching } = core.contract(order.instrument.symbol);
  order.own.restingLots = leaves(order);
  order.status = order.filledLots > 0 ? 'PartiallyFilled' : 'New';
  client.orders.set(order.id, order);
  matching.touch(core.nowMs);
  matching.book.rest(restingSide(order.side), order.tick, order, order.own.restingLots);
}

/** Takes a resting order out of the book; one that does not rest stays as it is. */
export function withdraw(core: VenueCore, order: LiveOrder): void {
  const { restingLots } = order.own;
  if (restingLots === 0) return;
  const { matching } = core.contract(order.instrument.symbol);
  matching.touch(core.nowMs);
  matching.book.withdraw(restingSide(order.side), order.tick, order, restingLots);
  order.own.restingLots = 0;
}

function finish({ core, client, order, executions, lotsBefore }: Taking, ended: Ended | undefined): void {
  if (ended !== undefined) {
    order.status = ended.status;
    order.cancelType = ended.cancelType ?? 'UNKNOWN';
    order.rejectReason = ended.rejectReason ?? 'EC_NoError';
  }
  if (executions.length > 0) emitFills(core, client, order.instrument, order, executions, lotsBefore);
  else emitChange(core, client, order.instrument, [order]);
}

/** A taker of whatever kind has filled a client's resting order. */
export function fillMaker(core: VenueCore, owner: Owner, tick: number, lots: number): void {
  const order = owner as LiveOrder;
  const client = core.client(order.uid);
  const { instrument, side, createType } = order;
  const lotsBefore = livePosition(client, instrument).lots;
  order.own.restingLots -= lots;
  const execution = clear(core, {
    client,
    instrument,
    order,
    type: 'Trade',
    side,
    tick,
    lots,
    isMaker: true,
    createType,
  });
  emitFills(core, client, instrument, order, [execution], lotsBefore);
}
