// How does an order change while it rests or waits? What is asked is checked at once and done at the engine's turn.
import { type ContractRequest, entryRefusal } from './access.ts';
import type { Client } from './client.ts';
import { lotsIn, textOf, tickIn, wordOf, wrong } from './fields.ts';
import type { VenueCore } from './core.ts';
import { isOpen, isProtective, leaves, type LiveOrder } from './live-order.ts';
import { givenOf, readLevels, TRIGGERS } from './protection-request.ts';
import { belowNotional, lotsMax, overLimits } from './order-limits.ts';
import { withinBand, wrongTrigger } from './order-price.ts';
import { restingSide } from './standing.ts';
import { execute, withdraw } from './taker.ts';
import { emitChange } from './events.ts';
import { isRefusal, type Protection, type Refusal, refusal, type Trigger } from './model.ts';

export interface Amendment {
  readonly lots: number;
  readonly tick: number;
  readonly trigger: Trigger | undefined;
  readonly stopLoss: Protection | undefined;
  readonly takeProfit: Protection | undefined;
}

const UNCHANGED_TEXT = 'The order remains unchanged as the parameters entered match the existing ones.';

export function readAmendment(request: ContractRequest, order: LiveOrder): Amendment | Refusal {
  const { core, client, contract, params } = request;
  const { instrument } = contract;
  const lots = textOf(params, 'qty') === undefined ? order.lots : lotsIn(params, 'qty', instrument);
  if (lots === undefined || lots === 0 || lots <= order.filledLots) return wrong('Qty invalid');
  if (lots > lotsMax(contract, order.type)) return wrong('The number of contracts exceeds maximum limit allowed');
  const barred = lots > order.lots && !order.reduceOnly ? entryRefusal(core, client, instrument.symbol) : undefined;
  if (barred !== undefined) return barred;
  const tick = readTick(request, order);
  if (typeof tick === 'object') return tick;
  const trigger = readTrigger(request, order);
  if (trigger !== undefined && isRefusal(trigger)) return trigger;
  const base = tick === 0 ? contract.matching.lastTick : tick;
  const kinds = ['stopLoss', 'takeProfit'] as const;
  const named = readLevels(request, order.tpslMode ?? 'Full', order.side, () => base, kinds);
  if (isRefusal(named)) return named;
  const [stopLoss, takeProfit] = kinds.map((kind) => (named[kind] === undefined ? order[kind] : givenOf(named[kind])));
  const amendment = { lots, tick, trigger, stopLoss, takeProfit };
  if (same(order, amendment)) return wrong(UNCHANGED_TEXT);
  const small = order.reduceOnly ? undefined : belowNotional(request, { ...order, tick, lots });
  if (small !== undefined) return small;
  if (order.status === 'Untriggered') return amendment;
  // In place of the old order: its own reserve is free again.
  const others = new Map(client.orders);
  others.delete(order.id);
  const grown = { ...order, lots: lots - order.filledLots, tick };
  return overLimits(core, { ...client, orders: others }, contract, grown) ?? amendment;
}

function readTick({ core, client, contract, params }: ContractRequest, order: LiveOrder): number | Refusal {
  const waits = order.status === 'Untriggered';
  const current = waits ? order.own.limitTick : order.tick;
  const tick = tickIn(params, 'price', contract.instrument);
  if (tick === undefined || order.type === 'Market') return current;
  if (typeof tick === 'object') return tick;
  if (tick === 0) return refusal(110003, 'Order price is out of permissible range');
  return waits ? tick : withinBand(core, client, contract, order.side, tick);
}

function readTrigger(request: ContractRequest, order: LiveOrder): Trigger | undefined | Refusal {
  const { contract, params } = request;
  if (order.trigger === undefined) return undefined;
  const tick = tickIn(params, 'triggerPrice', contract.instrument) ?? order.trigger.tick;
  if (typeof tick === 'object') return tick;
  const by = wordOf(params, 'triggerBy', TRIGGERS, order.trigger.by);
  if (typeof by === 'object') return by;
  if (tick === order.trigger.tick && by === order.trigger.by) return order.trigger;
  if (tick === 0) return wrong('params error: triggerPrice invalid');
  const trigger = { ...order.trigger, tick, by };
  return wrongTrigger(request, trigger) ?? trigger;
}

function same(order: LiveOrder, { lots, tick, trigger, stopLoss, takeProfit }: Amendment): boolean {
  const current = order.status === 'Untriggered' ? order.own.limitTick : order.tick;
  const equal = (a: Protection | undefined, b: Protection | undefined): boolean =>
    a?.tick === b?.tick && a?.by === b?.by && a?.limitTick === b?.limitTick;
  return (
    lots === order.lots &&
    tick === current &&
    trigger?.tick === order.trigger?.tick &&
    trigger?.by === order.trigger?.by &&
    equal(stopLoss, order.stopLoss) &&
    equal(takeProfit, order.takeProfit)
  );
}

export function amendAccepted(core: VenueCore, client: Client, order: LiveOrder, amendment: Amendment): void {
  if (!isOpen(order)) {
    if (order.status === 'Filled') core.emitTooLate(order);
    return;
  }
  const { lots, tick, trigger, stopLoss, takeProfit } = amendment;
  order.stopLoss = stopLoss;
  order.takeProfit = takeProfit;
  if ((stopLoss ?? takeProfit) !== undefined) order.tpslMode ??= 'Full';
  if (order.status === 'Untriggered') {
    order.trigger = trigger;
    order.own.limitTick = tick;
    if (order.type === 'Limit') order.tick = tick;
    if (!isProtective(order) || order.tpslMode === 'Partial') order.lots = lots;
    return emitChange(core, client, order.instrument, [order]);
  }
  // Filled further while the amendment was on its way: less than that it cannot be.
  const target = Math.max(lots, order.filledLots + 1);
  if (tick === order.tick && target === order.lots) return emitChange(core, client, order.instrument, [order]);
  if (tick === order.tick && target < order.lots) return shrink(core, client, order, target);
  withdraw(core, order);
  order.lots = target;
  order.tick = tick;
  order.own.limitTick = tick;
  return execute(core, client, order);
}

function shrink(core: VenueCore, client: Client, order: LiveOrder, lots: number): void {
  const { matching } = core.contract(order.instrument.symbol);
  const gone = order.lots - lots;
  matching.touch(core.nowMs);
  matching.book.withdraw(restingSide(order.side), order.tick, order, gone);
  order.own.restingLots -= gone;
  order.lots = lots;
  if (leaves(order) === 0) order.status = 'Filled';
  emitChange(core, client, order.instrument, [order]);
}
