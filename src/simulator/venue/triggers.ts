// Which waiting orders does the price set off? Last, mark or index; then they meet the book like any other order.
import { isBarred, isLive } from './access.ts';
import { type Client, livePosition } from './client.ts';
import type { Floor, Pit } from './floor.ts';
import { leaves, type LiveOrder } from './live-order.ts';
import { tooManyWaiting } from './order-limits.ts';
import { withinBand } from './order-price.ts';
import { arm, detach, disarm, end } from './protection.ts';
import { remaining } from './resting-orders.ts';
import { execute } from './taker.ts';
import { emitChange } from './events.ts';
import type { Trigger } from './words.ts';

interface Prices {
  readonly last: number;
  /** The lowest and the highest since the last look. */
  readonly low: number;
  readonly high: number;
  readonly mark: number;
  readonly index: number;
}

export function fireTriggers(floor: Floor): void {
  for (const [symbol, waiting] of floor.armed) {
    if (waiting.size === 0 || !isLive(floor, symbol)) continue;
    const prices = look(floor, floor.pit(symbol));
    for (const order of Array.from(waiting)) {
      // What fired before may have cleared it.
      if (!waiting.has(order) || order.trigger === undefined) continue;
      const seen = order.own.trail === undefined ? prices : trail(floor, order, prices);
      if (seen !== undefined && isReached(order.trigger, seen)) fire(floor, order);
    }
  }
}

function look(floor: Floor, { matching, instrument }: Pit): Prices {
  const [low, high] = matching.look();
  return {
    last: matching.lastTick,
    low,
    high,
    mark: floor.markTick(instrument.symbol),
    index: floor.indexTick(instrument.symbol),
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
function trail(floor: Floor, order: LiveOrder, prices: Prices): Prices | undefined {
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
  floor.emitOrder(floor.client(order.uid), order, floor.group());
  return { ...prices, low: prices.last, high: prices.last };
}

function fire(floor: Floor, order: LiveOrder): void {
  const client = floor.client(order.uid);
  const position = livePosition(client, order.instrument);
  disarm(floor, order);
  detach(position, order);
  const { triggered } = floor.variants;
  if (triggered !== 'nothing') emitStatus(floor, client, order, 'Triggered');
  if (triggered === 'Triggered and New') emitStatus(floor, client, order, 'New');
  cancelSibling(floor, client, order);
  if (order.reduceOnly) {
    const lots = remaining(position, order);
    if (lots > 0 && lots < leaves(order)) order.lots = order.filledLots + lots;
  }
  if (isBarred(floor, client, order)) return refuse(floor, client, order, 'EC_InvalidSymbolStatus');
  const { limitTick } = order.own;
  const pit = floor.pit(order.instrument.symbol);
  const tick = order.type === 'Market' ? 0 : withinBand(floor, client, pit, order.side, limitTick);
  if (typeof tick === 'object') return refuse(floor, client, order, 'EC_ReachRiskPriceLimit');
  order.tick = tick;
  execute(floor, client, order);
}

/** What its ack did not promise. */
function refuse(floor: Floor, client: Client, order: LiveOrder, rejectReason: string): void {
  order.status = floor.variants.refusedAfterAck;
  order.rejectReason = rejectReason;
  emitChange(floor, client, order.instrument, [order]);
}

function emitStatus(floor: Floor, client: Client, order: LiveOrder, status: 'Triggered' | 'New'): void {
  order.status = status;
  floor.emitOrder(client, order, floor.group());
}

function cancelSibling(floor: Floor, client: Client, order: LiveOrder): void {
  const { sibling } = order.own;
  if (sibling?.status !== 'Untriggered') return;
  const bySl = order.stopOrderType === 'PartialStopLoss';
  const why = bySl ? 'CancelByOCOTpCanceledBySlTriggered' : 'CancelByOCOSlCanceledByTpTriggered';
  end(floor, livePosition(client, order.instrument), sibling, floor.variants.clearedStop, why);
  floor.emitOrder(client, sibling, floor.group());
}

/** A conditional order begins to wait, unless others have taken the last place since its ack. */
export function startWaiting(floor: Floor, client: Client, order: LiveOrder): void {
  if (tooManyWaiting(client, order.instrument.symbol) !== undefined) return refuse(floor, client, order, 'EC_Others');
  order.status = 'Untriggered';
  arm(floor, client, order);
  emitChange(floor, client, order.instrument, [order]);
}
