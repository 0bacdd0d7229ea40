// Which waiting orders does the price set off? Last, mark or index; then they meet the book like any other order.
import { isBarred, isLive } from './access.ts';
import { type Client, livePosition } from './client.ts';
import type { VenueCore, VenueContract } from './core.ts';
import { leaves, type LiveOrder } from './live-order.ts';
import { tooManyWaiting } from './order-limits.ts';
import { withinBand } from './order-price.ts';
import { arm, detach, disarm, end } from './protection.ts';
import { remaining } from './resting-orders.ts';
import { execute } from './taker.ts';
import { emitChange } from './events.ts';
import type { Trigger } from './model.ts';

interface Prices {
  readonly last: number;
  /** The lowest and the highest since the last look. */
  readonly low: number;
  readonly high: number;
  readonly mark: number;
  readonly index: number;
}

export function fireTriggers(core: VenueCore): void {
  for (const [symbol, waiting] of core.armed) {
    if (waiting.size === 0 || !isLive(core, symbol)) continue;
    const prices = look(core, core.contract(symbol));
    for (const order of Array.from(waiting)) {
      // What fired before may have cleared it.
      if (!waiting.has(order) || order.trigger === undefined) continue;
      const seen = order.own.trail === undefined ? prices : trail(core, order, prices);
      if (seen !== undefined && isReached(order.trigger, seen)) fire(core, order);
    }
  }
}

function look(core: VenueCore, { matching, instrument }: VenueContract): Prices {
  const [low, high] = matching.look();
  return {
    last: matching.lastTick,
    low,
    high,
    mark: core.markTick(instrument.symbol),
    index: core.indexTick(instrument.symbol),
  };
}

function isReached({ by, direction, tick }: Trigger, { low, high, mark, index }: Prices): boolean {
  const price = by === 'MarkPrice' ? mark : by === 'IndexPrice' ? index : direction === 1 ? high : low;
  return direction === 1 ? price >= tick : price <= tick;
}

/**
 * A trailing stop follows the best price since it became active, at its distance. The prices that may trigger it: none while
 * it sleeps, and where it has just moved only the last one, because the others may have come before the best.
 */
function trail(core: VenueCore, order: LiveOrder, prices: Prices): Prices | undefined {
  const { trail: trailing } = order.own;
  const { trigger } = order;
  if (trailing === undefined || trigger === undefined) return undefined;
  const falls = trigger.direction === 2;
  const best = falls ? prices.high : prices.low;
  const { activeTick } = trailing;
  if (!trailing.isActive && activeTick !== undefined)
    trailing.isActive = falls ? best >= activeTick : best <= activeTick;
  if (!trailing.isActive) return undefined;
  const tick = falls ? best - trailing.ticks : best + trailing.ticks;
  if (falls ? tick <= trigger.tick : tick >= trigger.tick) return prices;
  order.trigger = { ...trigger, tick: Math.max(1, tick) };
  core.emitOrder(core.client(order.uid), order, core.group());
  return { ...prices, low: prices.last, high: prices.last };
}

function fire(core: VenueCore, order: LiveOrder): void {
  const client = core.client(order.uid);
  const position = livePosition(client, order.instrument);
  disarm(core, order);
  detach(position, order);
  const { triggered } = core.variants;
  if (triggered !== 'nothing') emitStatus(core, client, order, 'Triggered');
  if (triggered === 'Triggered and New') emitStatus(core, client, order, 'New');
  cancelSibling(core, client, order);
  if (order.reduceOnly) {
    const lots = remaining(position, order);
    if (lots > 0 && lots < leaves(order)) order.lots = order.filledLots + lots;
  }
  if (isBarred(core, client, order)) return refuse(core, client, order, 'EC_InvalidSymbolStatus');
  const { limitTick } = order.own;
  const contract = core.contract(order.instrument.symbol);
  const tick = order.type === 'Market' ? 0 : withinBand(core, client, contract, order.side, limitTick);
  if (typeof tick === 'object') return refuse(core, client, order, 'EC_ReachRiskPriceLimit');
  order.tick = tick;
  execute(core, client, order);
}

/** What its ack did not promise. */
function refuse(core: VenueCore, client: Client, order: LiveOrder, rejectReason: string): void {
  order.status = core.variants.refusedAfterAck;
  order.rejectReason = rejectReason;
  emitChange(core, client, order.instrument, [order]);
}

function emitStatus(core: VenueCore, client: Client, order: LiveOrder, status: 'Triggered' | 'New'): void {
  order.status = status;
  core.emitOrder(client, order, core.group());
}

function cancelSibling(core: VenueCore, client: Client, order: LiveOrder): void {
  const { sibling } = order.own;
  if (sibling?.status !== 'Untriggered') return;
  const bySl = order.stopOrderType === 'PartialStopLoss';
  const why = bySl ? 'CancelByOCOTpCanceledBySlTriggered' : 'CancelByOCOSlCanceledByTpTriggered';
  end(core, livePosition(client, order.instrument), sibling, core.variants.clearedStop, why);
  core.emitOrder(client, sibling, core.group());
}

/** A conditional order begins to wait, unless others have taken the last place since its ack. */
export function startWaiting(core: VenueCore, client: Client, order: LiveOrder): void {
  if (tooManyWaiting(client, order.instrument.symbol) !== undefined) return refuse(core, client, order, 'EC_Others');
  order.status = 'Untriggered';
  arm(core, client, order);
  emitChange(core, client, order.instrument, [order]);
}
