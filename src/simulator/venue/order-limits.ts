// Does an order fit? Its least value, the number of orders, the risk limit and the margin of its account.
import { ASK, BID, TOWARD_TOUCH, type Side } from '../../market/side.ts';
import type { ContractRequest } from './access.ts';
import { type Client, ordersOf } from './client.ts';
import { scaledPrice, wrong } from './fields.ts';
import type { VenueCore, VenueContract } from './core.ts';
import { isProtective, type LiveOrder } from './live-order.ts';
import { lotsUpTo, rateOf, valueOf } from './money.ts';
import { exposure, freeMargin, marginFor, opening } from './standing.ts';
import { tierOf } from './tiers.ts';
import { type Order, type Refusal, refusal } from './model.ts';

const ACTIVE_MAX = 500;
const CONDITIONAL_MAX = 10;
const NOTIONAL_MIN = 500_000_000n;

/** The largest order of its type. */
export function lotsMax({ listing, instrument }: VenueContract, type: LiveOrder['type']): number {
  return lotsUpTo(rateOf(type === 'Market' ? listing.maxMktOrderQty : listing.maxOrderQty), instrument);
}

export function belowNotional(
  { core, contract: { matching, instrument } }: ContractRequest,
  { side, type, tick, lots }: Pick<Order, 'side' | 'type' | 'tick' | 'lots'>,
): Refusal | undefined {
  const market = {
    last: matching.lastTick,
    mark: core.markTick(instrument.symbol),
    touch: matching.book.best[side === 'Buy' ? ASK : BID],
  }[core.variants.notionalPrice];
  const value = valueOf(lots * (type === 'Market' ? market : tick), instrument);
  return value < NOTIONAL_MIN ? refusal(110094, 'Order does not meet minimum order value 5USDT') : undefined;
}

export function tooManyWaiting(client: Client, symbol: string): Refusal | undefined {
  const waiting = ordersOf(client, symbol).filter((order) => order.status === 'Untriggered' && !isProtective(order));
  return waiting.length >= CONDITIONAL_MAX
    ? refusal(110009, 'The number of stop orders exceeds maximum limit allowed')
    : undefined;
}

/** No further order may rest. */
export function isFull(client: Client, symbol: string): boolean {
  return ordersOf(client, symbol).filter((order) => order.own.restingLots > 0).length >= ACTIVE_MAX;
}

/** Whether position and orders would be beyond the risk limit of this leverage. */
export function isTooLarge(core: VenueCore, client: Client, order: LiveOrder, tick: number, lots: number): boolean {
  const { instrument, side } = order;
  const { symbol } = instrument;
  const total = exposure(client, symbol, side) + valueOf(tick * lots, instrument);
  const tier = tierOf(core.tiers(symbol), total);
  return total > tier.limit || (client.positions.get(symbol)?.leverage ?? 1_000) > tier.maxLeverage;
}

/** Number of orders, risk limit and margin: what an order that goes to the book must fit into. */
export function overLimits(
  core: VenueCore,
  client: Client,
  contract: VenueContract,
  order: LiveOrder,
): Refusal | undefined {
  const { instrument, side, tick, lots } = order;
  const { symbol } = instrument;
  if (isFull(client, symbol)) return refusal(110020, 'number of active orders greater than 500');
  if (order.reduceOnly) return undefined;
  const position = client.positions.get(symbol);
  const opens = opening(client, position, order, lots);
  if (opens === 0) return undefined;
  const { best } = contract.matching.book;
  const price = order.type === 'Market' ? best[side === 'Buy' ? ASK : BID] : tick;
  if (isTooLarge(core, client, order, price, opens))
    return refusal(110090, 'Order value exceeds the risk limit of this leverage, lower leverage or size');
  const needed = marginFor(client, position, price, opens, side, instrument);
  return needed > freeMargin(core, client, order) ? refusal(110007, 'ab not enough for new order') : undefined;
}

/** A market order with nothing to hit inside of the band, where the exchange says so at once. */
export function checkEmpty(core: VenueCore, contract: VenueContract, order: LiveOrder): Refusal | undefined {
  const { emptyMarketOrder } = core.variants;
  if (order.type !== 'Market' || order.trigger !== undefined || emptyMarketOrder === 'cancelled') return undefined;
  const buys = order.side === 'Buy';
  const hit: Side = buys ? ASK : BID;
  if ((contract.matching.book.best[hit] - order.tick) * TOWARD_TOUCH[hit] >= 0) return undefined;
  const [highest, lowest] = core.band.limits(contract, core.nowMs);
  return emptyMarketOrder === '110118'
    ? refusal(110118, 'No price for a market order: low liquidity')
    : wrong(
        `${buys ? 'buy' : 'sell'}: [${scaledPrice(highest, contract.instrument)},${scaledPrice(lowest, contract.instrument)}] invalid`,
      );
}
