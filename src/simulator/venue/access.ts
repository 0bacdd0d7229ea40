// May this account do anything in this contract at all? Its own modes, and what the exchange allows there now.
import type { Client } from './client.ts';
import { textOf, wrong } from './fields.ts';
import type { VenueCore, VenueContract } from './core.ts';
import type { LiveOrder } from './live-order.ts';
import { opening } from './standing.ts';
import type { Params } from './venue.ts';
import { type Refusal, refusal } from './model.ts';

/** One request of one account about one contract. */
export interface ContractRequest {
  readonly core: VenueCore;
  readonly client: Client;
  readonly contract: VenueContract;
  readonly params: Params;
}

/** Does anybody trade there? Where it is suspended positions and their stops stand all the same. */
export function isLive(core: VenueCore, symbol: string): boolean {
  const status = core.statuses.get(symbol);
  return status !== 'closed' && status !== 'suspended';
}

/** The request with its contract, if this account may do anything there at all. */
export function requestOf(core: VenueCore, client: Client, params: Params): ContractRequest | Refusal {
  if (textOf(params, 'category') !== 'linear') return wrong('params error: category invalid');
  const symbol = textOf(params, 'symbol') ?? '';
  const contract = core.market.contract(symbol);
  if (contract === undefined) {
    const listed = core.market.listings.some((listing) => listing.symbol === symbol);
    return listed ? refusal(110074, 'This contract is not live') : wrong('params error: symbol invalid');
  }
  if (!isLive(core, symbol)) return refusal(110074, 'This contract is not live');
  const { marginMode, positionMode } = client.account;
  if (positionMode === 'hedge') return refusal(110029, 'Hedge mode is not supported');
  if (marginMode === 'REGULAR_MARGIN') return refusal(110015, 'The position is in cross_margin');
  if (marginMode === 'PORTFOLIO_MARGIN') return refusal(110015, 'The position is in portfolio margin');
  return { core, client, contract, params };
}

/** Whether an entry may be made there: 110023 and its like. */
export function entryRefusal(core: VenueCore, client: Client, symbol: string): Refusal | undefined {
  const status = core.statuses.get(symbol);
  if (status === 'reduce-only') return refusal(110023, 'This contract only supports position reduction operation');
  if (status === 'delisting')
    return refusal(110042, 'Only position reduction orders are allowed in the pre-delivery status');
  if (status === 'unsigned')
    return refusal(110126, 'You must sign the required agreement before trading this contract.');
  if (client.positions.get(symbol)?.isReduceOnly === true)
    return refusal(110023, 'Currently you can only reduce your position on this contract');
  return undefined;
}

/** Whether any of an order would open a position where none may be opened. */
export function isBarred(core: VenueCore, client: Client, order: LiveOrder): boolean {
  const { symbol } = order.instrument;
  const enters = !order.reduceOnly && opening(client, client.positions.get(symbol), order, order.lots) > 0;
  return enters && entryRefusal(core, client, symbol) !== undefined;
}
