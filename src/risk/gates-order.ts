// Is the order itself one that the exchange takes and the strategy wants? (G14, G15, G25, G32–G34)
import { ASK, BID } from '../market/side.ts';
import { priceText } from '../market/instrument.ts';
import type { Tick } from '../market/units.ts';
import type { FineUnits } from './cost.ts';
import { SLIPPAGE_TICKS_MIN, STOP_TICKS_MIN } from './limits.ts';
import { isWithinPercent } from './percent.ts';
import { ticksAbove, type Judged } from './plan.ts';
import { obstacleAhead } from './room.ts';
import { areCounts } from './sound.ts';
import { costFits, leverageMost } from './stop.ts';

const NO_PLAN = 'no plan';

export function quantity({ plan, contract }: Judged): string | undefined {
  if (plan === undefined || contract === undefined) return 'no quantity';
  const { lots, capTick, entryTick } = plan.size;
  if (lots < contract.lotsMin) return `${lots} lots are below the minimum of ${contract.lotsMin}`;
  // What was opened by one order must be closed by one, and that is a market order.
  const most = Math.min(contract.lotsMaxLimit, contract.lotsMaxMarket);
  if (!(lots <= most)) return `${lots} lots are above the maximum of ${most}`;
  return areCounts(lots, capTick, entryTick) ? undefined : 'off the grid';
}

export function notionalMin({ plan, contract }: Judged): string | undefined {
  if (plan === undefined || contract === undefined) return NO_PLAN;
  return plan.size.notionalLeast * 100n >= contract.notionalMin * 102n ? undefined : 'below the smallest order';
}

export function stop({ plan, contract, symbol, settings }: Judged): string | undefined {
  if (plan === undefined || contract === undefined) return NO_PLAN;
  if (symbol.mark === undefined || symbol.lastTick === undefined) return 'prices unknown';
  const { side, protection, size } = plan;
  const { tick, distance, distanceMax } = protection;
  if (tick < 1) return 'no price left for a stop';
  if (distance > distanceMax) return 'stop_too_wide';
  if (distance < STOP_TICKS_MIN) return 'nearer than two ticks';
  if (ticksAbove(side, symbol.mark.tick, tick) <= 0) return 'on the wrong side of the mark price';
  if (ticksAbove(side, symbol.lastTick, tick) <= 0) return 'on the wrong side of the last price';
  // Filled at its worst price it has a longer way to the same stop.
  const isInside = settings.leverage <= leverageMost(Math.abs(size.capTick - tick), size.capTick, contract);
  return isInside ? undefined : 'too near to liquidation';
}

export function cost({ plan, rules }: Judged): string | undefined {
  if (plan === undefined) return NO_PLAN;
  const { cost: whole, owed, protection, size } = plan;
  const fits = (units: FineUnits): boolean => costFits(units, protection.distance, size.lots, rules.maxCostToStopRatio);
  // The stop was moved away for all of it: what still does not fit asks for one farther than the farthest.
  if (!fits(whole)) return 'stop_too_wide';
  if (owed === undefined) return 'funding unknown';
  return fits(whole + owed) ? undefined : 'cost too large a part of the stop distance with the funding that comes';
}

export function slippageAndSpread({ plan, rules, book }: Judged): string | undefined {
  if (plan === undefined || book === undefined) return NO_PLAN;
  const { size, slippage, spread } = plan;
  if (slippage.isThin) return 'the book shows less than the quantity';
  const lots = BigInt(size.lots);
  const units = BigInt(slippage.units);
  const isSmall =
    units <= BigInt(SLIPPAGE_TICKS_MIN) * lots ||
    isWithinPercent(units, rules.maxSlippagePercent, BigInt(size.entryTick) * lots);
  if (!isSmall) return `slippage of ${slippage.units / size.lots} ticks`;
  const sum = (book.ticks[BID][0] as number) + (book.ticks[ASK][0] as number);
  const isNarrow = isWithinPercent(BigInt(2 * spread), rules.maxSpreadPercent, BigInt(sum));
  return isNarrow ? undefined : `spread of ${spread} ticks`;
}

export function room({ plan, contract, symbol, rules }: Judged): string | undefined {
  if (plan === undefined || contract === undefined) return NO_PLAN;
  if (symbol.counterTicks === undefined) return 'counter densities unknown';
  if (symbol.extrema === undefined) return 'extrema unknown';
  const { high, low } = symbol.extrema;
  if (!areCounts(high, low, ...symbol.counterTicks)) return 'what lies ahead makes no sense';
  const { side, size, protection, cost: whole } = plan;
  const obstacles: readonly Tick[] = [...symbol.counterTicks, side === 'long' ? high : low];
  const { lots, entryTick } = size;
  const found = obstacleAhead(side, entryTick, lots, protection.distance, whole, rules.tpMinRewardRatio, obstacles);
  return found === undefined ? undefined : `the way ends at ${priceText(found, contract.instrument)}`;
}
