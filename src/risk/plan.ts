// Which order would this situation become? Computed once, before the gates judge it.
import { ASK, BID, EARNS, OPENS, type OrderSide, type PositionSide } from '../market/side.ts';
import type { AnalysisEvent } from '../scan/event.ts';
import { costOf, walk, type FineUnits, type Walk } from './cost.ts';
import { fundingOwed } from './funding.ts';
import { limitsOf, rulesWithin, type Limits } from './limits.ts';
import type { EntryRules, Situation } from './situation.ts';
import { sizeOf, type Size } from './sizing.ts';
import { isSound, isSoundSignal } from './sound.ts';
import { protect, type Protection } from './stop.ts';

export interface EntryPlan {
  readonly side: PositionSide;
  readonly order: OrderSide;
  readonly size: Size;
  readonly spread: number;
  readonly slippage: Walk;
  readonly cost: FineUnits;
  /** Funding that may be due while it is held; undefined where nobody knows. */
  readonly owed: FineUnits | undefined;
  readonly protection: Protection;
}

/** A situation with everything that follows from it; settings and rules are those within the bounds of the code. */
export interface Judged extends Situation {
  readonly rules: EntryRules;
  readonly limits: Limits;
  /** Undefined without a book of two sides, a contract or a quantity: gates that need it refuse. */
  readonly plan: EntryPlan | undefined;
}

/** Through an ask and off a bid is up. */
export function positionSideOf(signal: AnalysisEvent): PositionSide {
  return (signal.signal === 'breakout') === (signal.side === ASK) ? 'long' : 'short';
}

export function judged(situation: Situation): Judged {
  const rules = rulesWithin(situation.rules);
  const limits = limitsOf(situation.settings);
  return { ...situation, rules, limits, plan: planOf(situation, rules, limits) };
}

function planOf(
  { offer, book, contract, exchangeMs }: Situation,
  rules: EntryRules,
  limits: Limits,
): EntryPlan | undefined {
  if (book === undefined || contract === undefined) return undefined;
  if (book.counts[BID] === 0 || book.counts[ASK] === 0) return undefined;
  const { signal } = offer;
  if (!isSound(contract) || !isSoundSignal(signal)) return undefined;
  const side = positionSideOf(signal);
  const order = OPENS[side];
  const [bid, ask] = [book.ticks[BID][0] as number, book.ticks[ASK][0] as number];
  const touch = (side === 'long' ? ask : bid) as Size['entryTick'];
  const size = sizeOf(side, touch, rules.maxSlippagePercent, limits.positionSize, contract.instrument);
  if (size.lots === 0) return undefined;
  const slippage = walk(book, order, size.lots);
  const cost = costOf(touch, size.lots, contract.takerFee, ask - bid, slippage);
  const holdingMs = rules.maxHoldingMinutes * 60_000;
  const owed =
    exchangeMs === undefined ? undefined : fundingOwed(side, touch, size.lots, contract, exchangeMs, holdingMs);
  const protection = protect(side, signal, touch, size.lots, cost + (owed ?? 0n), {
    behindPercent:
      signal.signal === 'breakout' ? rules.breakoutMinStopLossPercent : rules.bounceStopLossBehindDensityPercent,
    maxStopPercent: rules.maxStopPercent,
    maxCostToStopRatio: rules.maxCostToStopRatio,
  });
  return { side, order, size, spread: ask - bid, slippage, cost, owed, protection };
}

/** Ticks that a price may still fall, or rise for a short, until it is `tick`. */
export function ticksAbove(side: PositionSide, price: number, tick: number): number {
  return EARNS[side] * (price - tick);
}
