// Which stop-loss and take-profit does a request name, and may they stand there?
import type { ContractRequest } from './access.ts';
import { scaledPrice, tickIn, wordOf, wrong } from './fields.ts';
import type { VenueCore, VenueContract } from './core.ts';
import { isRefusal, type OrderSide, type Protection, type Refusal, refusal, type TriggerBy } from './model.ts';

export const TRIGGERS = ['LastPrice', 'MarkPrice', 'IndexPrice'] as const;
const SHORT = { stopLoss: 'sl', takeProfit: 'tp' } as const;
const NAMES = { stopLoss: 'StopLoss', takeProfit: 'TakeProfit' } as const;

type TpslMode = 'Full' | 'Partial';

export interface Protections {
  readonly stopLoss: Protection | undefined;
  readonly takeProfit: Protection | undefined;
  readonly tpslMode: TpslMode;
}

export function priceOfTrigger(core: VenueCore, { matching, instrument }: VenueContract, by: TriggerBy): number {
  if (by === 'LastPrice') return matching.lastTick;
  return by === 'MarkPrice' ? core.markTick(instrument.symbol) : core.indexTick(instrument.symbol);
}

/** What is attached to an order of `side`; checked against its own limit where it has one, else against the trigger's price. */
export function readProtection(
  request: ContractRequest,
  side: OrderSide,
  limitTick: number | undefined,
): Protections | Refusal {
  const { core, contract, params } = request;
  const tpslMode = wordOf(params, 'tpslMode', ['Full', 'Partial'] as const, 'Full' as const);
  if (typeof tpslMode === 'object') return tpslMode;
  const levels = readLevels(request, tpslMode, side, ({ by }) => limitTick ?? priceOfTrigger(core, contract, by));
  if (isRefusal(levels)) return levels;
  return { stopLoss: givenOf(levels.stopLoss), takeProfit: givenOf(levels.takeProfit), tpslMode };
}

export const LEVELS = ['takeProfit', 'stopLoss'] as const;
/** 'none' where it is to be removed ("0"), undefined where it is not mentioned. */
type Level = Protection | 'none' | undefined;
export type Levels = Readonly<Record<(typeof LEVELS)[number], Level>>;

export const givenOf = (level: Level): Protection | undefined => (level === 'none' ? undefined : level);

/** Both levels that a request names, checked one after the other against the price that `baseOf` says. */
export function readLevels(
  request: ContractRequest,
  tpslMode: TpslMode,
  side: OrderSide,
  baseOf: (level: Protection) => number,
  kinds: readonly (keyof Levels)[] = LEVELS,
): Levels | Refusal {
  const levels: Record<keyof Levels, Level> = { takeProfit: undefined, stopLoss: undefined };
  for (const kind of kinds) {
    const level = readLevel(request, kind, tpslMode);
    if (level !== undefined && level !== 'none') {
      if (isRefusal(level)) return level;
      const misplaced = wrongSide(request.contract, kind, side, level, baseOf(level));
      if (misplaced !== undefined) return misplaced;
    }
    levels[kind] = level;
  }
  return levels;
}

function readLevel({ contract, params }: ContractRequest, kind: keyof Levels, tpslMode: TpslMode): Level | Refusal {
  const tick = tickIn(params, kind, contract.instrument);
  if (tick === undefined) return undefined;
  if (typeof tick === 'object') return tick;
  if (tick === 0) return 'none';
  const short = SHORT[kind];
  const by = wordOf(params, `${short}TriggerBy`, TRIGGERS, 'LastPrice' as const);
  if (typeof by === 'object') return by;
  const type = wordOf(params, `${short}OrderType`, ['Market', 'Limit'] as const, 'Market' as const);
  if (typeof type === 'object') return type;
  if (type === 'Market') return { tick, by, limitTick: undefined };
  if (tpslMode === 'Full') return refusal(110060, 'Limit take profit and stop loss need the Partial mode');
  const limitTick = tickIn(params, `${short}LimitPrice`, contract.instrument);
  if (limitTick === undefined || limitTick === 0) return wrong(`params error: ${short}LimitPrice invalid`);
  return typeof limitTick === 'object' ? limitTick : { tick, by, limitTick };
}

/** A long's stop lies below, its take-profit above; a short's the other way round. */
function wrongSide(
  contract: VenueContract,
  kind: keyof Levels,
  side: OrderSide,
  { tick, by }: Protection,
  base: number,
): Refusal | undefined {
  const below = (kind === 'stopLoss') === (side === 'Buy');
  if (below ? tick < base : tick > base) return undefined;
  const prices = [tick, base].map((price) => scaledPrice(price, contract.instrument));
  const should = below ? 'should lower than' : 'should greater than';
  return wrong(`${NAMES[kind]}:${prices[0]} set for ${side} position ${should} base_price:${prices[1]}??${by}`);
}
