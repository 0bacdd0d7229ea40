// What is one order while it lives? The shared type, which the venue alone writes, and what only the venue knows of it.
import type { Order, OrderStatus, Protection } from './model.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A trailing stop's distance, and the price from which on it trails. */
export interface Trail {
  readonly ticks: number;
  readonly activeTick: number | undefined;
  isActive: boolean;
}

export interface LiveOrder extends Mutable<Order> {
  readonly own: {
    /** Lots in the book. */
    restingLots: number;
    /** The other one of a partial pair: one cancels the other. */
    sibling: LiveOrder | undefined;
    trail: Trail | undefined;
    /** Price at which it starts once triggered; 0 for a market order. */
    limitTick: number;
    seq: number;
  };
}

type Required = 'id' | 'uid' | 'instrument' | 'side' | 'type' | 'lots' | 'createdMs';

export function createOrder(given: Pick<Order, Required> & Partial<Order>): LiveOrder {
  return {
    linkId: '',
    parentLinkId: '',
    timeInForce: given.type === 'Market' ? 'IOC' : 'GTC',
    tick: 0,
    filledLots: 0,
    filledUnits: 0,
    fee: 0n,
    closedPnl: 0n,
    status: 'New',
    stopOrderType: '',
    createType: 'CreateByUser',
    cancelType: 'UNKNOWN',
    rejectReason: 'EC_NoError',
    trigger: undefined,
    stopLoss: undefined,
    takeProfit: undefined,
    tpslMode: undefined,
    reduceOnly: false,
    closeOnTrigger: false,
    slippage: undefined,
    smpType: 'None',
    lastTickOnCreated: 0,
    updatedMs: given.createdMs,
    ...given,
    own: { restingLots: 0, sibling: undefined, trail: undefined, limitTick: given.tick ?? 0, seq: 0 },
  };
}

/** The order as it is now, for those who read later. */
export function snapshot(order: LiveOrder): Order {
  const { own: _, ...words } = order;
  return words;
}

const OPEN: readonly OrderStatus[] = ['New', 'PartiallyFilled', 'Untriggered', 'Triggered'];

export function isOpen({ status }: Pick<Order, 'status'>): boolean {
  return OPEN.includes(status);
}

/** Does it protect a position? */
export function isProtective({ stopOrderType }: Pick<Order, 'stopOrderType'>): boolean {
  return stopOrderType !== '' && stopOrderType !== 'Stop';
}

export function leaves({ lots, filledLots }: Pick<Order, 'lots' | 'filledLots'>): number {
  return lots - filledLots;
}

/** A protective order's own level as its position shows it. */
export function protectionOf(order: LiveOrder | undefined): Protection | undefined {
  if (order?.trigger === undefined) return undefined;
  const { tick, by } = order.trigger;
  return { tick, by, limitTick: order.own.limitTick === 0 ? undefined : order.own.limitTick };
}
