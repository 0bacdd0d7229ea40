// What does a client want to order? One request's fields, checked one after another as the exchange checks them.
import { ASK, BID, type Side } from '../../market/side.ts';
import { lotFromDecimal } from '../../market/instrument.ts';
import { TOWARD_TOUCH } from '../../market/side.ts';
import { createWindow } from '../exchange-book.ts';
import { TICK_MAX } from './band.ts';
import { type Client, ordersOf } from './client.ts';
import { flagOf, lotsIn, scaledPrice, textOf, tickIn, wordOf, wrong } from './fields.ts';
import type { Floor, Pit } from './floor.ts';
import { closable } from './holding.ts';
import { createOrder, isProtective, type LiveOrder } from './live-order.ts';
import { rateFromText, valueOf } from './money.ts';
import { priceOfTrigger, readProtection } from './protection-request.ts';
import { exposure, freeMargin, marginFor } from './standing.ts';
import { tierOf } from './tiers.ts';
import { worstTick } from './taker.ts';
import type { Params } from './venue.ts';
import { isRefusal, type OrderSide, type Refusal, refusal, type Slippage, type Trigger } from './words.ts';

const ACTIVE_MAX = 500;
const CONDITIONAL_MAX = 10;
const NOTIONAL_MIN = 500_000_000n;
const LINK_MAX = 36;
const TRIGGERS = ['LastPrice', 'MarkPrice', 'IndexPrice'] as const;
const SIDES = ['Buy', 'Sell'] as const;

export const FLAT_TEXT = 'current position is zero, cannot fix reduce-only order qty';

/** The contract that a request is about, if this account may do anything there at all. */
export function pitOf(floor: Floor, client: Client, params: Params): Pit | Refusal {
  if (textOf(params, 'category') !== 'linear') return wrong('params error: category invalid');
  const symbol = textOf(params, 'symbol') ?? '';
  const pit = floor.pits.contract(symbol);
  if (pit === undefined) {
    const listed = floor.pits.listings.some((listing) => listing.symbol === symbol);
    return listed ? refusal(110074, 'This contract is not live') : wrong('params error: symbol invalid');
  }
  if (floor.statuses.get(symbol) === 'closed') return refusal(110074, 'This contract is not live');
  const { marginMode, positionMode } = client.account;
  if (positionMode === 'hedge') return refusal(110029, 'Hedge mode is not supported');
  if (marginMode === 'REGULAR_MARGIN') return refusal(110015, 'The position is in cross_margin');
  if (marginMode === 'PORTFOLIO_MARGIN') return refusal(110015, 'The position is in portfolio margin');
  return pit;
}

/** Whether an entry may be made there: 110023 and its like. */
function entryRefusal(floor: Floor, client: Client, symbol: string): Refusal | undefined {
  const status = floor.statuses.get(symbol);
  if (status === 'reduce-only') return refusal(110023, 'This contract only supports position reduction operation');
  if (status === 'delisting')
    return refusal(110042, 'Only position reduction orders are allowed in the pre-delivery status');
  if (client.holdings.get(symbol)?.isReduceOnly === true)
    return refusal(110023, 'Currently you can only reduce your position on this contract');
  return undefined;
}

export function readOrder(floor: Floor, client: Client, params: Params): LiveOrder | Refusal {
  const pit = pitOf(floor, client, params);
  if (isRefusal(pit)) return pit;
  const { instrument, listing, matching } = pit;
  const { symbol } = instrument;
  const reduceOnly = flagOf(params, 'reduceOnly');
  const closeOnTrigger = flagOf(params, 'closeOnTrigger');
  const holding = client.holdings.get(symbol);
  if (holding?.status === 'Liq') return refusal(110005, 'Position status error');

  const side = wordOf(params, 'side', SIDES, undefined);
  if (side === undefined) return wrong('params error: side invalid');
  if (typeof side === 'object') return side;
  const type = wordOf(params, 'orderType', ['Market', 'Limit'] as const, undefined);
  if (type === undefined) return wrong('params error: orderType invalid');
  if (typeof type === 'object') return type;
  const closes = reduceOnly || closeOnTrigger;
  const entry = closes ? undefined : entryRefusal(floor, client, symbol);
  if (entry !== undefined && closable(holding, side) === 0) return entry;
  const given = wordOf(params, 'timeInForce', ['GTC', 'IOC', 'FOK', 'PostOnly'] as const, 'GTC' as const);
  if (textOf(params, 'timeInForce') === 'RPI') return refusal(110119, 'RPI orders are not allowed');
  if (typeof given === 'object') return given;
  const smpType = wordOf(
    params,
    'smpType',
    ['None', 'CancelMaker', 'CancelTaker', 'CancelBoth'] as const,
    'None' as const,
  );
  if (typeof smpType === 'object') return smpType;
  if ((textOf(params, 'positionIdx') ?? '0') !== '0') return wrong('position idx not match position mode');

  const lots = readLots(
    pit,
    params,
    type,
    closes && reduceOnly && closeOnTrigger ? Math.abs(holding?.lots ?? 0) : undefined,
  );
  if (typeof lots === 'object') return lots;
  const trigger = readTrigger(floor, pit, params);
  if (trigger !== undefined && isRefusal(trigger)) return trigger;
  const slippage = readSlippage(params, type, trigger !== undefined);
  if (slippage !== undefined && isRefusal(slippage)) return slippage;
  const tick = type === 'Market' ? worstTick(floor, pit, { side, slippage }) : readTick(pit, params, side);
  if (typeof tick === 'object') return tick;
  const notional =
    reduceOnly && floor.variants.reduceOnlyBelowNotional === 'accepted'
      ? undefined
      : belowNotional(floor, pit, side, type, tick, lots);
  if (notional !== undefined) return notional;
  const limited = type === 'Market' ? tick : withinBand(floor, client, pit, side, tick, trigger !== undefined);
  if (typeof limited === 'object') return limited;
  const linkId = readLinkId(client, params);
  if (typeof linkId === 'object') return linkId;
  if (reduceOnly && trigger === undefined && closable(holding, side) === 0)
    return refusal(110017, holding === undefined || holding.lots === 0 ? FLAT_TEXT : 'Reduce-only rule not satisfied');
  const protection = readProtection(floor, pit, params, side, type === 'Limit' ? limited : undefined);
  if (isRefusal(protection)) return protection;
  const protects = protection.stopLoss !== undefined || protection.takeProfit !== undefined;
  if (protects && reduceOnly) return refusal(110057, 'Reduce-only orders cannot carry take profit or stop loss');
  if (protects && slippage !== undefined && floor.variants.slippageWithProtection === 'refused')
    return wrong('params error: slippageTolerance invalid');

  const order = createOrder({
    id: floor.id(4),
    uid: client.account.uid,
    linkId,
    instrument,
    side,
    type,
    timeInForce: type === 'Market' ? 'IOC' : given,
    tick: trigger !== undefined && type === 'Market' ? 0 : limited,
    lots: reduceOnly && trigger === undefined ? Math.min(lots, closable(holding, side)) : lots,
    stopOrderType: trigger === undefined ? '' : 'Stop',
    trigger,
    ...protection,
    tpslMode: protects ? protection.tpslMode : undefined,
    reduceOnly: reduceOnly || closeOnTrigger,
    closeOnTrigger,
    slippage,
    smpType,
    lastTickOnCreated: matching.lastTick,
    createdMs: floor.nowMs,
  });
  return (
    (trigger === undefined ? overLimits(floor, client, pit, order) : tooManyWaiting(client, symbol)) ??
    checkEmpty(floor, pit, order, listing.symbol) ??
    order
  );
}

/** `whole` is what "0" stands for; undefined where "0" means nothing. */
function readLots(pit: Pit, params: Params, type: 'Market' | 'Limit', whole: number | undefined): number | Refusal {
  const { instrument, listing } = pit;
  const most = lotFromDecimal(type === 'Market' ? listing.maxMktOrderQty : listing.maxOrderQty, instrument) ?? 0;
  const lots = lotsIn(params, 'qty', instrument);
  if (lots === undefined) {
    const text = textOf(params, 'qty') ?? '';
    const tiny = /^\d+(\.\d+)?$/.test(text) && Number(text) > 0 && Number(text) < Number(listing.qtyStep);
    return wrong(tiny ? 'The number of contracts exceeds minimum limit allowed' : 'Qty invalid');
  }
  if (lots === 0) {
    if (whole === undefined) return wrong('Qty invalid');
    return whole === 0 ? refusal(110017, FLAT_TEXT) : Math.min(whole, most);
  }
  return lots > most ? wrong('The number of contracts exceeds maximum limit allowed') : lots;
}

function readTrigger(floor: Floor, pit: Pit, params: Params): Trigger | undefined | Refusal {
  const tick = tickIn(params, 'triggerPrice', pit.instrument);
  if (tick === undefined || tick === 0) return undefined;
  if (typeof tick === 'object') return tick;
  const by = wordOf(params, 'triggerBy', TRIGGERS, 'LastPrice' as const);
  if (typeof by === 'object') return by;
  const direction = textOf(params, 'triggerDirection');
  if (direction !== '1' && direction !== '2') return wrong('params error: triggerDirection invalid');
  const trigger: Trigger = { tick, by, direction: direction === '1' ? 1 : 2 };
  return wrongTrigger(floor, pit, trigger) ?? trigger;
}

export function wrongTrigger(floor: Floor, pit: Pit, { tick, by, direction }: Trigger): Refusal | undefined {
  const current = priceOfTrigger(floor, pit, by);
  const texts = `${scaledPrice(tick, pit.instrument)}] ${direction === 1 ? '<=' : '>='} current[${scaledPrice(current, pit.instrument)}]??${by}`;
  if (direction === 1 && tick <= current) return refusal(110092, `expect Rising, but trigger_price[${texts}`);
  if (direction === 2 && tick >= current) return refusal(110093, `expect Falling, but trigger_price[${texts}`);
  return undefined;
}

function readSlippage(params: Params, type: string, conditional: boolean): Slippage | undefined | Refusal {
  const kind = wordOf(params, 'slippageToleranceType', ['TickSize', 'Percent'] as const, undefined);
  if (kind === undefined) return undefined;
  if (typeof kind === 'object') return textOf(params, 'slippageToleranceType') === 'UNKNOWN' ? undefined : kind;
  if (type !== 'Market' || conditional) return wrong('params error: slippageTolerance invalid');
  const text = textOf(params, 'slippageTolerance') ?? '';
  if (kind === 'TickSize') {
    const ticks = Number(text);
    if (!/^\d{1,5}$/.test(text) || ticks < 1 || ticks > 10_000)
      return refusal(110108, 'Slippage tolerance in ticks must be between 1 and 10000');
  } else {
    const percent = rateFromText(text);
    if (percent === undefined || percent < 1_000_000n || percent > 1_000_000_000n || percent % 1_000_000n !== 0n)
      return refusal(110109, 'Slippage tolerance in percent must be between 0.01 and 10');
  }
  return { type: kind, text };
}

function readTick(pit: Pit, params: Params, side: OrderSide): number | Refusal {
  const { instrument, matching } = pit;
  const bbo = wordOf(params, 'bboSideType', ['Queue', 'Counterparty'] as const, undefined);
  if (typeof bbo === 'object') return bbo;
  if (bbo !== undefined) {
    const level = Number(textOf(params, 'bboLevel') ?? '1');
    if (!Number.isInteger(level) || level < 1 || level > 5) return wrong('params error: bboLevel invalid');
    const own: Side = side === 'Buy' ? BID : ASK;
    const window = createWindow(level);
    matching.book.gather(bbo === 'Queue' ? own : ((1 - own) as Side), window);
    return window.ticks[window.count - 1] ?? matching.lastTick;
  }
  const tick = tickIn(params, 'price', instrument);
  if (tick === undefined) return wrong('params error: price invalid');
  if (typeof tick === 'object') return tick;
  return tick < 1 || tick > TICK_MAX ? refusal(110003, 'Order price is out of permissible range') : tick;
}

function belowNotional(
  floor: Floor,
  pit: Pit,
  side: OrderSide,
  type: string,
  tick: number,
  lots: number,
): Refusal | undefined {
  const { matching, instrument } = pit;
  const market = {
    last: matching.lastTick,
    mark: floor.markTick(instrument.symbol),
    touch: matching.book.best[side === 'Buy' ? ASK : BID],
  }[floor.variants.notionalPrice];
  const value = valueOf(lots * (type === 'Market' ? market : tick), instrument);
  return value < NOTIONAL_MIN ? refusal(110094, 'Order does not meet minimum order value 5USDT') : undefined;
}

/** A price beyond the band is moved to its edge, unless the account wants to hear of it. */
export function withinBand(
  floor: Floor,
  client: Client,
  pit: Pit,
  side: OrderSide,
  tick: number,
  waits: boolean,
): number | Refusal {
  if (waits) return tick;
  const [highest, lowest] = floor.band.limits(pit, floor.nowMs);
  const beyond = side === 'Buy' ? tick > highest : tick < lowest;
  if (!beyond) return tick;
  if (!client.account.movesLimitOrders) return refusal(110003, 'Order price is out of permissible range');
  return side === 'Buy' ? highest : lowest;
}

function readLinkId(client: Client, params: Params): string | Refusal {
  const linkId = textOf(params, 'orderLinkId') ?? '';
  if (linkId.length > LINK_MAX) return wrong('order link id is longer than 45');
  if (!/^[\w-]*$/.test(linkId)) return wrong('params error: orderLinkId invalid');
  return linkId !== '' && client.links.has(linkId) ? refusal(110072, 'OrderLinkedID is duplicate') : linkId;
}

function tooManyWaiting(client: Client, symbol: string): Refusal | undefined {
  const waiting = ordersOf(client, symbol).filter((order) => order.status === 'Untriggered' && !isProtective(order));
  return waiting.length >= CONDITIONAL_MAX
    ? refusal(110009, 'The number of stop orders exceeds maximum limit allowed')
    : undefined;
}

/** Number of orders, risk limit and margin: what an order that goes to the book must fit into. */
export function overLimits(floor: Floor, client: Client, pit: Pit, order: LiveOrder): Refusal | undefined {
  const { instrument, side, tick, lots } = order;
  const { symbol } = instrument;
  const active = ordersOf(client, symbol).filter((other) => other.own.restingLots > 0);
  if (active.length >= ACTIVE_MAX) return refusal(110020, 'number of active orders greater than 500');
  if (order.reduceOnly) return undefined;
  const holding = client.holdings.get(symbol);
  const opens = Math.max(0, lots - closable(holding, side));
  if (opens === 0) return undefined;
  const { best } = pit.matching.book;
  const price = order.type === 'Market' ? best[side === 'Buy' ? ASK : BID] : tick;
  const tiers = floor.tiers(symbol);
  const total = exposure(client, symbol, side) + valueOf(price * opens, instrument);
  const tier = tierOf(tiers, total);
  if (total > tier.limit || (holding?.leverage ?? 1_000) > tier.maxLeverage)
    return refusal(110090, 'Order value exceeds the risk limit of this leverage, lower leverage or size');
  const needed = marginFor(client, holding, price, opens, side, instrument);
  return needed > freeMargin(floor, client, order) ? refusal(110007, 'ab not enough for new order') : undefined;
}

function checkEmpty(floor: Floor, pit: Pit, order: LiveOrder, symbol: string): Refusal | undefined {
  const { emptyMarketOrder } = floor.variants;
  if (order.type !== 'Market' || order.trigger !== undefined || emptyMarketOrder === 'cancelled') return undefined;
  const buys = order.side === 'Buy';
  const hit: Side = buys ? ASK : BID;
  if ((pit.matching.book.best[hit] - order.tick) * TOWARD_TOUCH[hit] >= 0) return undefined;
  const [highest, lowest] = floor.band.limits(floor.pit(symbol), floor.nowMs);
  return emptyMarketOrder === '110118'
    ? refusal(110118, 'No price for a market order: low liquidity')
    : wrong(
        `${buys ? 'buy' : 'sell'}: [${scaledPrice(highest, pit.instrument)},${scaledPrice(lowest, pit.instrument)}] invalid`,
      );
}
