// What do we know of a position that is ours, from the plan of its entry to its end?
import type { Ms } from '../../lib/brand.ts';
import {
  priceText,
  sizeText,
  tickFromDecimal,
  nearestLot,
  nearestTick,
  usdt,
  type Instrument,
} from '../../market/instrument.ts';
import { EARNS, type PositionSide, type Side } from '../../market/side.ts';
import type { StopPrice, TriggerBy } from '../../market/stop-price.ts';
import type { Lot, NotionalUnits, Tick } from '../../market/units.ts';
import type { JsonObject } from '../../order/journal.ts';
import type { ExitReason } from '../close/reason.ts';
import type { ExitRules } from '../watch/rules.ts';

/** The density that the trade is about: what it breaks through, or bounces off. */
export interface Wall {
  readonly side: Side;
  readonly low: Tick;
  readonly high: Tick;
  /** Notional units that rested there at entry. */
  readonly units: number;
}

export interface Trade {
  /** The entry's link id, or one made for a position that was found. */
  readonly id: string;
  readonly symbol: string;
  readonly side: PositionSide;
  /** `recovered`: found at the exchange under an id of ours that no journal of ours knows. */
  readonly strategy: 'breakout' | 'bounce' | 'recovered';
  readonly signalId: string;
  readonly lots: Lot;
  /** Worst price that the entry accepted; post-fill prices are held against it. */
  readonly capTick: Tick;
  readonly wall: Wall | undefined;
  /** Of the hours before, as they stood at entry. */
  readonly extrema: { readonly high: Tick; readonly low: Tick } | undefined;
  /** The stop of the entry: the measure of reward. */
  readonly initialStop: StopPrice;
  /** The required stop: it only ever tightens (I-08). */
  readonly stop: StopPrice;
  /** The tighter stop that is being set, and may be in place already. */
  readonly aim: Tick | undefined;
  /** It has been moved to entry plus costs. */
  readonly isBreakeven: boolean;
  readonly takerFee: number;
  /** As the configuration spells it, no hundredths. */
  readonly leverage: number;
  readonly rules: ExitRules;
  readonly configHash: string;
  /** Where the middle has been farthest in our favour, rounded against us, as far as it is written down. */
  readonly best: Tick | undefined;
  /** Wall time of the first evidence of a fill; 0 before. */
  readonly openedMs: Ms;
  /** The reason of the exit, once it is decided. */
  readonly closing: ExitReason | undefined;
}

/** What a trade from before its rules had these is managed by. */
const LATER_RULES = {
  densityThresholdAbs: 50_000,
  densityThresholdRelative: 3,
  densityThresholdPercent: 5,
  densityShareBandPercent: 1,
  densityGridMinLevels: 4,
  densityRoundMultiplier: 1,
  clusterRangePercent: 0.05,
  clusterMaxLevels: 5,
  densityMinLifetimeMs: 3_000,
};

/** As the journal keeps it: decimals, no ticks. Units of the wall stand there for versions that know nothing of its `usdt`. */
export function tradeBody(trade: Trade, instrument: Instrument): JsonObject {
  const price = (tick: Tick): string => priceText(tick, instrument);
  const span = ({ side, low, high, units }: Wall) => ({ side, low: price(low), high: price(high), units });
  const { wall, extrema, rules } = trade;
  return {
    id: trade.id,
    symbol: trade.symbol,
    side: trade.side,
    strategy: trade.strategy,
    signalId: trade.signalId,
    size: sizeText(trade.lots, instrument),
    cap: price(trade.capTick),
    wall: wall === undefined ? null : { ...span(wall), usdt: usdt(wall.units as NotionalUnits, instrument) },
    extrema: extrema === undefined ? null : { high: price(extrema.high), low: price(extrema.low) },
    initialStop: price(trade.initialStop.tick),
    stop: price(trade.stop.tick),
    stopBy: trade.stop.by,
    aim: trade.aim === undefined ? null : price(trade.aim),
    isBreakeven: trade.isBreakeven,
    takerFee: trade.takerFee,
    leverage: trade.leverage,
    rules: { ...rules },
    configHash: trade.configHash,
    best: trade.best === undefined ? null : price(trade.best),
    openedMs: trade.openedMs,
    closing: trade.closing ?? null,
  };
}

/** The nearest tick that is no better for us: what was paid within a worst price is within it on any grid. */
function worstTick(price: string, side: PositionSide, instrument: Instrument): Tick | undefined {
  const nearest = nearestTick(price, instrument);
  if (nearest === undefined || tickFromDecimal(price, instrument) !== undefined) return nearest;
  const { priceScale, tickScaled } = instrument;
  const beyond = ((Number(price) * 10 ** priceScale) / tickScaled - nearest) * EARNS[side];
  return (beyond > 0 ? nearest + EARNS[side] : nearest) as Tick;
}

/**
 * What lies between the ticks of a coarser grid is the nearest of them, as at the exchange; only of a wall nobody can say where
 * it is shown from then on: it is watched no more. Undefined for what is no decimal.
 */
export function tradeFromBody(body: JsonObject, instrument: Instrument): Trade | undefined {
  const fields = body as unknown as {
    [key in 'id' | 'symbol' | 'signalId' | 'size' | 'cap' | 'initialStop' | 'stop' | 'configHash']: string;
  } & Pick<Trade, 'side' | 'strategy' | 'isBreakeven' | 'takerFee' | 'leverage' | 'rules' | 'openedMs'> & {
      stopBy: TriggerBy;
      closing: ExitReason | null;
      aim?: string | null;
      best?: string | null;
      wall: { side: Side; low: string; high: string; units: number; usdt?: number } | null;
      extrema: { high: string; low: string } | null;
    };
  const price = (text: string): Tick | undefined => nearestTick(text, instrument);
  const stop = price(fields.stop);
  const initialStop = price(fields.initialStop);
  const capTick = worstTick(fields.cap, fields.side, instrument);
  const lots = nearestLot(fields.size, instrument);
  if (stop === undefined || initialStop === undefined || capTick === undefined || lots === undefined) return undefined;
  const low = fields.wall === null ? undefined : tickFromDecimal(fields.wall.low, instrument);
  const high = fields.wall === null ? undefined : tickFromDecimal(fields.wall.high, instrument);
  const extremaHigh = fields.extrema === null ? undefined : price(fields.extrema.high);
  const extremaLow = fields.extrema === null ? undefined : price(fields.extrema.low);
  const { id, symbol, side, strategy, signalId, isBreakeven, takerFee, leverage, rules, configHash, openedMs } = fields;
  return {
    id,
    symbol,
    side,
    strategy,
    signalId,
    isBreakeven,
    takerFee,
    leverage,
    rules: { ...LATER_RULES, ...rules },
    configHash,
    openedMs,
    lots,
    capTick,
    wall:
      fields.wall === null || low === undefined || high === undefined
        ? undefined
        : {
            side: fields.wall.side,
            low,
            high,
            units:
              fields.wall.usdt === undefined
                ? fields.wall.units
                : Math.round(fields.wall.usdt / instrument.notionalUnit),
          },
    extrema:
      extremaHigh === undefined || extremaLow === undefined
        ? undefined
        : {
            high: extremaHigh,
            low: extremaLow,
          },
    initialStop: {
      tick: initialStop,
      by: fields.stopBy,
    },
    stop: {
      tick: stop,
      by: fields.stopBy,
    },
    aim: typeof fields.aim === 'string' ? price(fields.aim) : undefined,
    best: typeof fields.best === 'string' ? price(fields.best) : undefined,
    closing: fields.closing ?? undefined,
  };
}
