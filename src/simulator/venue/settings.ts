// Which settings may an account change? Leverage, margin of a position, modes: refused where they would break what is open.
import { type Client, livePosition } from './client.ts';
import { textOf, wrong } from './fields.ts';
import type { VenueCore } from './core.ts';
import type { LivePosition } from './live-position.ts';
import { isDue } from './liquidation.ts';
import { rateFromText } from './money.ts';
import { requestOf } from './access.ts';
import { exposure, freeMargin, positionOf } from './standing.ts';
import { tierOf } from './tiers.ts';
import { DONE, type Done, type Params } from './venue.ts';
import { isRefusal, type MarginMode, type Position, type Refusal, refusal } from './model.ts';

/** Decimal text in hundredths; undefined for more decimals, or no number. */
function hundredths(text: string | undefined): number | undefined {
  const rate = text === undefined ? undefined : rateFromText(text);
  return rate === undefined || rate % 1_000_000n !== 0n ? undefined : Number(rate / 1_000_000n);
}

export function setLeverage(core: VenueCore, client: Client, params: Params): Done | Refusal {
  const { marginMode } = client.account;
  if (marginMode === 'REGULAR_MARGIN') return refusal(110036, 'Cross margin mode does not allow leverage changes');
  if (marginMode === 'PORTFOLIO_MARGIN')
    return refusal(110038, 'Portfolio margin mode does not allow leverage changes');
  const request = requestOf(core, client, params);
  if (isRefusal(request)) return request;
  const { instrument, listing } = request.contract;
  const buy = hundredths(textOf(params, 'buyLeverage'));
  if (buy === undefined || buy !== hundredths(textOf(params, 'sellLeverage')))
    return wrong('params error: buyLeverage must be equal to sellLeverage');
  if (buy < 100 || buy > listing.maxLeverage * 100) return wrong('leverage invalid');
  const position = livePosition(client, instrument);
  if (position.leverage === buy) return refusal(110043, 'leverage not modified');
  const { symbol } = instrument;
  const used = [exposure(client, symbol, 'Buy'), exposure(client, symbol, 'Sell')] as const;
  const tier = tierOf(core.tiers(symbol), used[0] > used[1] ? used[0] : used[1]);
  if (buy > tier.maxLeverage) return refusal(110013, 'cannot set leverage due to risk limit');
  const before = position.leverage;
  position.leverage = buy;
  const refused = wouldBreak(core, client, position);
  if (refused !== undefined) {
    position.leverage = before;
    return refused;
  }
  core.emitPosition(client, instrument, core.group());
  return DONE;
}

/** Whether the account as it now stands lacks margin, or its position would be liquidated at once. */
function wouldBreak(core: VenueCore, client: Client, position: LivePosition): Refusal | undefined {
  if (freeMargin(core, client) < 0n) return refusal(110012, 'Insufficient available balance');
  return isDue(core, position) ? refusal(110011, 'Any adjustments made will trigger immediate liquidation') : undefined;
}

export function addMargin(core: VenueCore, client: Client, params: Params): Position | Refusal {
  const request = requestOf(core, client, params);
  if (isRefusal(request)) return request;
  const { instrument } = request.contract;
  const text = textOf(params, 'margin') ?? '';
  const margin = /^-?\d+(\.\d{1,4})?$/.test(text) ? rateFromText(text) : undefined;
  if (margin === undefined) return wrong('params error: margin invalid');
  if (margin === 0n) return refusal(110027, 'Margin is not modified');
  const position = livePosition(client, instrument);
  if (position.lots === 0) return refusal(110033, 'There is no position, margin cannot be set');
  if (margin > 0n && margin > freeMargin(core, client))
    return refusal(110014, 'Available balance not enough to add margin');
  if (position.extraMargin + margin < 0n)
    return refusal(110011, 'Any adjustments made will trigger immediate liquidation');
  position.extraMargin += margin;
  const refused = wouldBreak(core, client, position);
  if (refused !== undefined) {
    position.extraMargin -= margin;
    return refused;
  }
  const group = core.group();
  core.emitPosition(client, instrument, group);
  core.emitWallet(client, instrument, group);
  return positionOf(core, client, position);
}

export function setAutoAddMargin(core: VenueCore, client: Client, params: Params): Done | Refusal {
  const request = requestOf(core, client, params);
  if (isRefusal(request)) return request;
  const { instrument } = request.contract;
  const wanted = textOf(params, 'autoAddMargin');
  if (wanted !== '0' && wanted !== '1') return wrong('params error: autoAddMargin invalid');
  livePosition(client, instrument).autoAddMargin = wanted === '1';
  core.emitPosition(client, instrument, core.group());
  return DONE;
}

const hasPosition = (client: Client): boolean => [...client.positions.values()].some(({ lots }) => lots !== 0);

export function switchMode(client: Client, params: Params): Done | Refusal {
  if (textOf(params, 'category') !== 'linear') return wrong('params error: category invalid');
  const mode = textOf(params, 'mode');
  if (mode !== '0' && mode !== '3') return wrong('params error: mode invalid');
  const positionMode = mode === '0' ? 'one-way' : 'hedge';
  if (positionMode === client.account.positionMode) return refusal(110025, 'Position mode is not modified');
  if (hasPosition(client)) return refusal(110024, 'You have an existing position, so position mode cannot be switched');
  if (client.orders.size > 0)
    return refusal(110028, 'You have existing open orders, so position mode cannot be switched');
  client.account = { ...client.account, positionMode };
  return DONE;
}

const MARGIN_MODES: readonly MarginMode[] = ['ISOLATED_MARGIN', 'REGULAR_MARGIN', 'PORTFOLIO_MARGIN'];

export function setMarginMode(client: Client, params: Params): Done | Refusal {
  const mode = MARGIN_MODES.find((known) => known === textOf(params, 'setMarginMode'));
  if (mode === undefined) return wrong('params error: setMarginMode invalid');
  if (mode === client.account.marginMode) return refusal(110026, 'Cross/isolated margin mode is not modified');
  if (hasPosition(client) || client.orders.size > 0)
    return refusal(3400045, 'Set margin mode failed: there are open positions or orders');
  client.account = { ...client.account, marginMode: mode };
  return DONE;
}

export function setLimitPriceAction(client: Client, params: Params): Done | Refusal {
  const modify = textOf(params, 'modifyEnable');
  if (modify !== 'true' && modify !== 'false') return wrong('params error: modifyEnable invalid');
  client.account = { ...client.account, movesLimitOrders: modify === 'true' };
  return DONE;
}
