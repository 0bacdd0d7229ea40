// What does a client want to order? One request's fields, checked one after another as the exchange checks them.
import { type ContractRequest, entryRefusal, requestOf } from './access.ts';
import type { Client } from './client.ts';
import { flagOf, lotsIn, textOf, wordOf, wrong } from './fields.ts';
import type { VenueCore } from './core.ts';
import { closable } from './live-position.ts';
import { createOrder, type LiveOrder } from './live-order.ts';
import { belowNotional, checkEmpty, lotsMax, overLimits, tooManyWaiting } from './order-limits.ts';
import { readSlippage, readTick, readTrigger, withinBand } from './order-price.ts';
import { type Protections, readProtection } from './protection-request.ts';
import { hasPartialRoom, TOO_MANY_PARTIALS } from './protection.ts';
import { worstTick } from './taker.ts';
import type { Params } from './venue.ts';
import {
  isRefusal,
  type OrderSide,
  type Refusal,
  refusal,
  type Slippage,
  type SmpType,
  type TimeInForce,
  type Trigger,
} from './model.ts';

const LINK_MAX = 36;
const FLAT_TEXT = 'current position is zero, cannot fix reduce-only order qty';

interface Kind {
  readonly side: OrderSide;
  readonly type: 'Market' | 'Limit';
  readonly timeInForce: TimeInForce;
  readonly smpType: SmpType;
  readonly reduceOnly: boolean;
  readonly closeOnTrigger: boolean;
}

interface Price {
  readonly tick: number;
  readonly trigger: Trigger | undefined;
  readonly slippage: Slippage | undefined;
}

export function readOrder(core: VenueCore, client: Client, params: Params): LiveOrder | Refusal {
  const request = requestOf(core, client, params);
  if (isRefusal(request)) return request;
  const { contract } = request;
  const { symbol } = contract.instrument;
  const kind = readKind(params);
  if (isRefusal(kind)) return kind;
  const closes = closable(client.positions.get(symbol), kind.side);
  const barred = kind.reduceOnly ? undefined : entryRefusal(core, client, symbol);
  if (barred !== undefined && closes === 0) return barred;
  if ((textOf(params, 'positionIdx') ?? '0') !== '0') return wrong('position idx not match position mode');
  const lots = readLots(request, kind);
  if (typeof lots === 'object') return lots;
  if (barred !== undefined && lots > closes) return barred;
  const price = readPrice(request, kind, lots);
  if (isRefusal(price)) return price;
  const linkId = readLinkId(client, params);
  if (typeof linkId === 'object') return linkId;
  if (kind.reduceOnly && price.trigger === undefined && closes === 0)
    return refusal(110017, isFlat(client, symbol) ? FLAT_TEXT : 'Reduce-only rule not satisfied');
  const protection = readAttached(request, kind, price);
  if (isRefusal(protection)) return protection;
  const { trigger, tick, slippage } = price;
  const order = createOrder({
    ...kind,
    ...protection,
    id: core.id(4),
    uid: client.account.uid,
    linkId,
    instrument: contract.instrument,
    tick: trigger !== undefined && kind.type === 'Market' ? 0 : tick,
    lots: kind.reduceOnly && trigger === undefined ? Math.min(lots, closes) : lots,
    stopOrderType: trigger === undefined ? '' : 'Stop',
    trigger,
    slippage,
    lastTickOnCreated: contract.matching.lastTick,
    createdMs: core.nowMs,
  });
  const over = trigger === undefined ? overLimits(core, client, contract, order) : tooManyWaiting(client, symbol);
  return over ?? checkEmpty(core, contract, order) ?? order;
}

function isFlat(client: Client, symbol: string): boolean {
  return (client.positions.get(symbol)?.lots ?? 0) === 0;
}

function readKind(params: Params): Kind | Refusal {
  const side = wordOf(params, 'side', ['Buy', 'Sell'] as const, undefined) ?? wrong('params error: side invalid');
  if (typeof side === 'object') return side;
  const type =
    wordOf(params, 'orderType', ['Market', 'Limit'] as const, undefined) ?? wrong('params error: orderType invalid');
  if (typeof type === 'object') return type;
  if (textOf(params, 'timeInForce') === 'RPI') return refusal(110119, 'RPI orders are not allowed');
  const given = wordOf(params, 'timeInForce', ['GTC', 'IOC', 'FOK', 'PostOnly'] as const, 'GTC' as const);
  if (typeof given === 'object') return given;
  const smpTypes = ['None', 'CancelMaker', 'CancelTaker', 'CancelBoth'] as const;
  const smpType = wordOf(params, 'smpType', smpTypes, 'None' as const);
  if (typeof smpType === 'object') return smpType;
  const closeOnTrigger = flagOf(params, 'closeOnTrigger');
  return {
    side,
    type,
    timeInForce: type === 'Market' ? 'IOC' : given,
    smpType,
    reduceOnly: flagOf(params, 'reduceOnly') || closeOnTrigger,
    closeOnTrigger,
  };
}

/** "0" closes the whole position, where the order may do nothing else. */
function readLots({ client, contract, params }: ContractRequest, kind: Kind): number | Refusal {
  const { instrument, listing } = contract;
  const most = lotsMax(contract, kind.type);
  const lots = lotsIn(params, 'qty', instrument);
  if (lots === undefined) {
    const text = textOf(params, 'qty') ?? '';
    const tiny = /^\d+(\.\d+)?$/.test(text) && Number(text) > 0 && Number(text) < Number(listing.qtyStep);
    return wrong(tiny ? 'The number of contracts exceeds minimum limit allowed' : 'Qty invalid');
  }
  if (lots > most) return wrong('The number of contracts exceeds maximum limit allowed');
  if (lots > 0) return lots;
  if (!flagOf(params, 'reduceOnly') || !kind.closeOnTrigger) return wrong('Qty invalid');
  const whole = closable(client.positions.get(instrument.symbol), kind.side);
  return whole === 0 ? refusal(110017, FLAT_TEXT) : Math.min(whole, most);
}

function readPrice(request: ContractRequest, { side, type, reduceOnly }: Kind, lots: number): Price | Refusal {
  const { core, client, contract, params } = request;
  const trigger = readTrigger(request);
  if (trigger !== undefined && isRefusal(trigger)) return trigger;
  const slippage = readSlippage(params, type, trigger !== undefined);
  if (slippage !== undefined && isRefusal(slippage)) return slippage;
  const tick = type === 'Market' ? worstTick(core, contract, { side, slippage }) : readTick(request, side);
  if (typeof tick === 'object') return tick;
  const small = reduceOnly ? undefined : belowNotional(request, { side, type, tick, lots });
  if (small !== undefined) return small;
  const isFree = type === 'Market' || trigger !== undefined;
  const limited = isFree ? tick : withinBand(core, client, contract, side, tick);
  return typeof limited === 'object' ? limited : { tick: limited, trigger, slippage };
}

function readLinkId(client: Client, params: Params): string | Refusal {
  const linkId = textOf(params, 'orderLinkId') ?? '';
  if (linkId.length > LINK_MAX) return wrong('order link id is longer than 45');
  if (!/^[\w-]*$/.test(linkId)) return wrong('params error: orderLinkId invalid');
  return linkId !== '' && client.links.has(linkId) ? refusal(110072, 'OrderLinkedID is duplicate') : linkId;
}

function readAttached(
  request: ContractRequest,
  { side, type, reduceOnly }: Kind,
  { tick, trigger }: Price,
): (Omit<Protections, 'tpslMode'> & { readonly tpslMode: Protections['tpslMode'] | undefined }) | Refusal {
  const protection = readProtection(request, side, type === 'Limit' ? tick : trigger?.tick);
  if (isRefusal(protection)) return protection;
  if (protection.stopLoss === undefined && protection.takeProfit === undefined)
    return { ...protection, tpslMode: undefined };
  const { stopLoss, takeProfit, tpslMode } = protection;
  const count = [stopLoss, takeProfit].filter((level) => level !== undefined).length;
  if (tpslMode === 'Partial' && !hasPartialRoom(request.client, request.contract.instrument.symbol, count))
    return TOO_MANY_PARTIALS;
  if (reduceOnly) return refusal(110057, 'Reduce-only orders cannot carry take profit or stop loss');
  return protection;
}
