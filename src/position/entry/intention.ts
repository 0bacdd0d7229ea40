// What is an approved entry to become? The trade that it opens, as far as it is known before anything is filled.
import type { Ms } from '../../lib/brand.ts';
import { EARNS, OPENS } from '../../market/side.ts';
import type { PositionReport } from '../../order/words.ts';
import type { ApprovedEntry } from '../../risk/gate.ts';
import { STOP_TICKS_MIN } from '../../risk/limits.ts';
import { ticksAtLeast } from '../../risk/percent.ts';
import type { Offer } from '../../risk/situation.ts';
import type { Lot, Tick } from '../../market/units.ts';
import type { Contract } from '../trade/contract.ts';
import type { Extrema } from '../watch/market-port.ts';
import type { SymbolRules } from '../watch/rules.ts';
import type { Intention } from './tracked-order.ts';
import type { Trade } from '../trade/trade.ts';

export function intentionOf(
  linkId: string,
  entry: ApprovedEntry,
  offer: Offer,
  rules: SymbolRules,
  contract: Contract,
  leverage: number,
  extrema: Extrema | undefined,
): Intention {
  const { signal } = offer;
  const trade: Trade = {
    id: linkId,
    symbol: entry.symbol,
    side: entry.position,
    strategy: entry.strategy,
    signalId: entry.signalId,
    lots: entry.lots,
    capTick: entry.capTick,
    wall: { side: signal.side, low: signal.low as Tick, high: signal.high as Tick, units: signal.current },
    extrema,
    initialStop: entry.stop,
    stop: entry.stop,
    isBreakeven: false,
    takerFee: contract.takerFee,
    leverage,
    rules: rules.exit,
    configHash: entry.configHash,
    openedMs: 0 as Ms,
    aim: undefined,
    best: undefined,
    closing: undefined,
  };
  return { trade, notional: entry.notional, approval: { entry, offer } };
}

/**
 * A position under an id of ours that no journal knows: it is managed with the rules of now, by the stop that it has, or
 * one at the farthest distance that the rules allow.
 */
export function recoveredTrade(
  id: string,
  ours: number,
  entryTick: Tick,
  report: PositionReport | undefined,
  rules: SymbolRules,
  contract: Contract,
  now: Ms,
): Trade {
  const side = ours > 0 ? 'long' : 'short';
  const away = Math.max(STOP_TICKS_MIN, ticksAtLeast(rules.entry.maxStopPercent, entryTick));
  const tick = (entryTick - EARNS[side] * away) as Tick;
  const stop = report?.stop ?? { tick, by: rules.exit.stopLossTrigger };
  return {
    id,
    symbol: contract.instrument.symbol,
    side,
    strategy: 'recovered',
    signalId: '',
    lots: Math.abs(ours) as Lot,
    capTick: entryTick,
    wall: undefined,
    extrema: undefined,
    initialStop: stop,
    stop,
    isBreakeven: false,
    takerFee: contract.takerFee,
    leverage: (report?.leverage ?? 0) / 100,
    rules: rules.exit,
    configHash: rules.configHash,
    openedMs: now,
    aim: undefined,
    best: undefined,
    closing: undefined,
  };
}

export function orderSideOf(trade: Trade): 'buy' | 'sell' {
  return OPENS[trade.side];
}
