// Why is a request refused, in the exchange's own codes and texts?
import { notionalOf } from '../market/money.ts';
import { CLOSES, OPENS, type OrderSide, type PositionSide } from '../market/side.ts';
import type { StopPrice } from '../market/stop-price.ts';
import type { Lot, Tick } from '../market/units.ts';
import { refusalClassOf } from '../order/answer.ts';
import type { Answer } from '../order/gateway.ts';
import type { OutboundOrder } from '../order/words.ts';
import type { Account } from './account.ts';
import { part, type PaperContract } from './contract.ts';
import { closable, marginFor, type Holding } from './holding.ts';
import type { Prices } from './prices.ts';

export type Refused = Extract<Answer, { outcome: 'refused' }>;
export type Entry = Extract<OutboundOrder, { role: 'E' }>;

/** Of the class that the exchange's code and words have. */
export function refused(code: number, text: string): Refused {
  return { outcome: 'refused', class: refusalClassOf(code, text), code, text };
}

export const NOT_LIVE = refused(110074, 'This contract is not live');
export const OFF_GRID = refused(10001, 'params error: price invalid');
export const DUPLICATE = refused(110072, 'OrderLinkedID is duplicate');
export const NO_ORDER = refused(110001, 'order not exists or too late to cancel');
export const NO_POSITION = refused(110017, 'current position is zero, cannot fix reduce-only order qty');
export const NO_STOP_FOR_NOTHING = refused(10001, 'can not set tp/sl/ts for zero position');
export const STOP_NOT_MODIFIED = refused(34040, 'not modified');
export const LEVERAGE_NOT_MODIFIED = refused(110043, 'leverage not modified');
export const LEVERAGE_INVALID = refused(10001, 'leverage invalid');
export const POOR = refused(110007, 'ab not enough for new order');
const NO_QUANTITY = refused(10001, 'Qty invalid');
const TOO_FEW = refused(10001, 'The number of contracts exceeds minimum limit allowed');
const TOO_MANY = refused(10001, 'The number of contracts exceeds maximum limit allowed');
const TOO_CHEAP = refused(110094, 'Order does not meet minimum order value 5USDT');

export const sideOpenedBy = (side: OrderSide): PositionSide => (side === OPENS.long ? 'long' : 'short');

/** A long's stop lies below the price that sets it off, a short's above. */
export function isMisplaced({ tick }: StopPrice, side: PositionSide, base: number): boolean {
  return side === 'long' ? tick >= base : tick <= base;
}

export function misplaced({ tick, by }: StopPrice, side: PositionSide, base: number): Refused {
  const [name, should] = side === 'long' ? ['Buy', 'lower'] : ['Sell', 'greater'];
  return refused(10001, `StopLoss:${tick} set for ${name} position should ${should} than base_price:${base}??${by}`);
}

export function whyNoEntry(
  order: Entry,
  contract: PaperContract,
  account: Account,
  holding: Holding,
  prices: Prices,
  touch: Tick | undefined,
): Refused | undefined {
  const { side, lots, capTick, stop } = order;
  if (!Number.isSafeInteger(lots) || lots < 1) return NO_QUANTITY;
  if (lots < contract.lotsMin) return TOO_FEW;
  if (lots > lotsMax(order, contract)) return TOO_MANY;
  if (notionalOf(capTick, lots, contract.instrument) < contract.notionalMin) return TOO_CHEAP;
  const opened = sideOpenedBy(side);
  const base = order.type === 'limit' ? capTick : prices.now(contract, stop.by);
  if (base !== undefined && isMisplaced(stop, opened, base)) return misplaced(stop, opened, base);
  // A seller may be filled above the cap, never above the touch: what it will cost at most.
  const dearest = side === CLOSES.long ? (Math.max(capTick, touch ?? 0) as Tick) : capTick;
  const opens = (lots - Math.min(lots, closable(holding, side))) as Lot;
  const value = notionalOf(dearest, opens, contract.instrument);
  const { takerFee } = account.terms;
  const needed = marginFor(value, holding.leverage, opened, takerFee) + part(value, takerFee);
  return opens > 0 && needed > account.free() ? POOR : undefined;
}

/** The lots of an order that only reduces: cut to the position, or why there are none. */
export function reducible(
  order: Extract<OutboundOrder, { role: 'C' | 'X' }>,
  contract: PaperContract,
  holding: Holding,
): Lot | Refused {
  const { side, lots } = order;
  const most = closable(holding, side);
  const limit = lotsMax(order, contract);
  if (most === 0) return NO_POSITION;
  if (lots === 'all') return Math.min(most, limit) as Lot;
  if (!Number.isSafeInteger(lots) || lots < 1) return NO_QUANTITY;
  return lots > limit ? TOO_MANY : (Math.min(lots, most) as Lot);
}

function lotsMax({ type }: OutboundOrder, { lotsMaxMarket, lotsMaxLimit }: PaperContract): Lot {
  return type === 'market' ? lotsMaxMarket : lotsMaxLimit;
}
