// What has been lost today, and in a row? (G21, G22; the day is UTC)
import type { Ms } from '../lib/brand.ts';
import { moneyFromDecimal, moneyText, type Money } from '../market/money.ts';
import { isBelowPercent } from './percent.ts';

const DAY_MS = 86_400_000;
/** The cooldown of a symbol after a loss, and after the exchange has taken a position in it. */
export const LOSS_COOLDOWN_MS = 300_000;

export interface LossState {
  /** Days since 1970. */
  readonly day: number;
  /** At the day's beginning, as the first reading within it and what had been booked by then say. */
  readonly startEquity: Money | undefined;
  /** Results, fees and funding booked today. */
  readonly realised: Money;
  /** The day's limit was reached: it stays so until the day ends, whatever open positions do. */
  readonly tripped: boolean;
  readonly inRow: number;
  /** [symbol] exchange time until which it rests. */
  readonly cooldowns: ReadonlyMap<string, Ms>;
}

/** All times are the exchange's. */
export type LossEvent =
  /** Money came in or, negative, went out: a fill's result less its fee, a funding. */
  | { readonly kind: 'booked'; readonly amount: Money; readonly timeMs: Ms }
  /** A position is flat, with its whole result after fees and funding. */
  | { readonly kind: 'closed'; readonly symbol: string; readonly net: Money; readonly timeMs: Ms }
  /** A symbol gets a cooldown, after a reject for instance. */
  | { readonly kind: 'rested'; readonly symbol: string; readonly untilMs: Ms }
  /** The wallet was read; `unrealised` undefined where a mark price is too old to tell (Y08). */
  | {
      readonly kind: 'valued';
      readonly equity: Money;
      readonly unrealised: Money | undefined;
      readonly limitPercent: number;
      readonly timeMs: Ms;
    }
  /** The operator has seen it. The day's loss is not forgotten, the losses in a row are. */
  | { readonly kind: 'resumed' };

export interface DayLoss {
  /** Realised and unrealised, fees and funding. */
  readonly result: Money;
  readonly startEquity: Money;
  readonly tripped: boolean;
}

/** Days since 1970. */
export function dayOf(timeMs: Ms): number {
  return Math.floor(timeMs / DAY_MS);
}

export function initialLosses(timeMs: Ms): LossState {
  return {
    day: dayOf(timeMs),
    startEquity: undefined,
    realised: 0n,
    tripped: false,
    inRow: 0,
    cooldowns: new Map(),
  };
}

export function stepLosses(before: LossState, event: LossEvent): LossState {
  // Late executions of yesterday belong to yesterday.
  switch (event.kind) {
    case 'booked': {
      const state = onDayOf(before, event.timeMs);
      return dayOf(event.timeMs) < state.day ? state : { ...state, realised: state.realised + event.amount };
    }
    case 'closed': {
      const state = onDayOf(before, event.timeMs);
      const isLoss = event.net < 0n;
      const isLate = dayOf(event.timeMs) < state.day;
      const inRow = isLate ? state.inRow : isLoss ? state.inRow + 1 : 0;
      const untilMs = (event.timeMs + LOSS_COOLDOWN_MS) as Ms;
      return { ...(isLoss ? rested(state, event.symbol, untilMs) : state), inRow };
    }
    case 'rested':
      return rested(before, event.symbol, event.untilMs);
    case 'valued': {
      const state = onDayOf(before, event.timeMs);
      // The wallet already contains what was realised today before its first reading.
      const startEquity = state.startEquity ?? event.equity - state.realised;
      // What is open may have earned what was lost: while nobody can tell nothing is entered, and nothing is said of the day (Y08).
      // But of one that is valued for the first time what was lost counts alone: a lost journal may have known that it had tripped (Y06).
      if (event.unrealised === undefined && state.startEquity !== undefined) return state;
      const loss = -(state.realised + (event.unrealised ?? 0n));
      const isOver = loss > 0n && !isBelowPercent(loss, event.limitPercent, startEquity);
      return { ...state, startEquity, tripped: state.tripped || isOver };
    }
    case 'resumed':
      return { ...before, inRow: 0 };
  }
}

/** The day's result that the gate judges; undefined where it cannot be valued. */
export function dayLossOf(state: LossState, unrealised: Money | undefined): DayLoss | undefined {
  if (state.startEquity === undefined || unrealised === undefined) return undefined;
  return { result: state.realised + unrealised, startEquity: state.startEquity, tripped: state.tripped };
}

/** A new day resets the loss and the streak. The day never goes back. */
function onDayOf(state: LossState, timeMs: Ms): LossState {
  const day = dayOf(timeMs);
  if (day <= state.day) return state;
  const cooldowns = new Map([...state.cooldowns].filter(([, until]) => until > timeMs));
  return { day, startEquity: undefined, realised: 0n, tripped: false, inRow: 0, cooldowns };
}

function rested(state: LossState, symbol: string, untilMs: Ms): LossState {
  const until = Math.max(untilMs, state.cooldowns.get(symbol) ?? 0) as Ms;
  return { ...state, cooldowns: new Map(state.cooldowns).set(symbol, until) };
}

export interface LossRecord {
  readonly day: number;
  readonly startEquity: string | null;
  readonly realised: string;
  readonly tripped: boolean;
  readonly inRow: number;
  readonly cooldowns: readonly (readonly [string, number])[];
}

export function lossesToRecord(state: LossState): LossRecord {
  return {
    day: state.day,
    startEquity: state.startEquity === undefined ? null : moneyText(state.startEquity),
    realised: moneyText(state.realised),
    tripped: state.tripped,
    inRow: state.inRow,
    cooldowns: [...state.cooldowns],
  };
}

/** Undefined for a record that is none: without its counters nothing is entered. */
export function lossesFromRecord(record: LossRecord): LossState | undefined {
  const realised = moneyFromDecimal(record.realised);
  const startEquity = record.startEquity === null ? undefined : moneyFromDecimal(record.startEquity);
  if (realised === undefined || (record.startEquity !== null && startEquity === undefined)) return undefined;
  return {
    day: record.day,
    startEquity,
    realised,
    tripped: record.tripped,
    inRow: record.inRow,
    cooldowns: new Map(record.cooldowns as readonly (readonly [string, Ms])[]),
  };
}
