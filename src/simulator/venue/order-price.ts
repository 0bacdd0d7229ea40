// At which prices does an order want to trade? Its limit, its trigger and its slippage, and whether they may stand there.
import { ASK, BID, type Side } from '../../market/side.ts';
import { createWindow } from '../exchange-book.ts';
import type { ContractRequest } from './access.ts';
import type { Client } from './client.ts';
import { scaledPrice, textOf, tickIn, wordOf, wrong } from './fields.ts';
import type { VenueCore, VenueContract } from './core.ts';
import { rateFromText } from './money.ts';
import { priceOfTrigger, TRIGGERS } from './protection-request.ts';
import type { Params } from './venue.ts';
import { type OrderSide, type Refusal, refusal, type Slippage, type Trigger } from './model.ts';

export function readTrigger(request: ContractRequest): Trigger | undefined | Refusal {
  const { contract, params } = request;
  const tick = tickIn(params, 'triggerPrice', contract.instrument);
  if (tick === undefined || tick === 0) return undefined;
  if (typeof tick === 'object') return tick;
  const by = wordOf(params, 'triggerBy', TRIGGERS, 'LastPrice' as const);
  if (typeof by === 'object') return by;
  const direction = textOf(params, 'triggerDirection');
  if (direction !== '1' && direction !== '2') return wrong('params error: triggerDirection invalid');
  const trigger: Trigger = { tick, by, direction: direction === '1' ? 1 : 2 };
  return wrongTrigger(request, trigger) ?? trigger;
}

export function wrongTrigger(
  { core, contract }: ContractRequest,
  { tick, by, direction }: Trigger,
): Refusal | undefined {
  const current = priceOfTrigger(core, contract, by);
  const texts = `${scaledPrice(tick, contract.instrument)}] ${direction === 1 ? '<=' : '>='} current[${scaledPrice(current, contract.instrument)}]??${by}`;
  if (direction === 1 && tick <= current) return refusal(110092, `expect Rising, but trigger_price[${texts}`);
  if (direction === 2 && tick >= current) return refusal(110093, `expect Falling, but trigger_price[${texts}`);
  return undefined;
}

export function readSlippage(params: Params, type: string, conditional: boolean): Slippage | undefined | Refusal {
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

export function readTick({ contract, params }: ContractRequest, side: OrderSide): number | Refusal {
  const { instrument, matching } = contract;
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
  return tick < 1 ? refusal(110003, 'Order price is out of permissible range') : tick;
}

/** A price beyond the band is moved to its edge, unless the account wants to hear of it. */
export function withinBand(
  core: VenueCore,
  client: Client,
  contract: VenueContract,
  side: OrderSide,
  tick: number,
): number | Refusal {
  const [highest, lowest] = core.band.limits(contract, core.nowMs);
  const beyond = side === 'Buy' ? tick > highest : tick < lowest;
  if (!beyond) return tick;
  if (!client.account.movesLimitOrders) return refusal(110003, 'Order price is out of permissible range');
  return side === 'Buy' ? highest : lowest;
}
