// How many entries went out lately, and how many orders were rejected in a row? (G23, G24, I-15)
import type { Ms } from '../lib/brand.ts';
import { REJECTS_SYMBOL_MAX, REJECTS_TOTAL_MAX, type Limits } from './limits.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

export interface EntryCounts {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
}

export interface RejectCounts {
  /** In a row, of the symbol and of all. */
  readonly symbol: number;
  readonly total: number;
}

export interface RateState {
  /** Monotonic times of the last entry and of those of the 24 h before it, oldest first. */
  readonly sent: readonly Ms[];
  readonly rejects: ReadonlyMap<string, number>;
  readonly rejectsTotal: number;
}

export type RateEvent =
  | { readonly kind: 'sent' }
  | { readonly kind: 'rejected'; readonly symbol: string }
  | { readonly kind: 'accepted'; readonly symbol: string }
  /** The operator has seen why. */
  | { readonly kind: 'resumed' };

export const INITIAL_RATES: RateState = { sent: [], rejects: new Map(), rejectsTotal: 0 };

export function stepRates(state: RateState, event: RateEvent, now: Ms): RateState {
  switch (event.kind) {
    case 'sent':
      return { ...state, sent: [...state.sent.filter((at) => now - at < DAY_MS), now] };
    case 'rejected': {
      const { symbol } = event;
      const rejects = new Map(state.rejects).set(symbol, (state.rejects.get(symbol) ?? 0) + 1);
      return { ...state, rejects, rejectsTotal: state.rejectsTotal + 1 };
    }
    case 'accepted': {
      if (state.rejectsTotal === 0 && !state.rejects.has(event.symbol)) return state;
      const rejects = new Map(state.rejects);
      rejects.delete(event.symbol);
      return { ...state, rejects, rejectsTotal: 0 };
    }
    case 'resumed':
      return { ...state, rejects: new Map(), rejectsTotal: 0 };
  }
}

/** `leaving`: approved, and not sent yet. */
export function entryCounts(state: RateState, now: Ms, leaving = 0): EntryCounts {
  const within = (length: number): number => leaving + state.sent.filter((at) => now - at < length).length;
  return { minute: within(MINUTE_MS), hour: within(HOUR_MS), day: within(DAY_MS) };
}

/** Which limit of entries is reached, in words; undefined for none (G23). */
export function rateReached(
  { minute, hour, day }: EntryCounts,
  { entriesPerMinuteMax, entriesPerHourMax, entriesPerDayMax }: Limits,
): string | undefined {
  if (!(minute < entriesPerMinuteMax)) return `${minute} entries in a minute`;
  if (!(hour < entriesPerHourMax)) return `${hour} entries in an hour`;
  return day < entriesPerDayMax ? undefined : `${day} entries in a day`;
}

export function rejectCounts(state: RateState, symbol: string): RejectCounts {
  return { symbol: state.rejects.get(symbol) ?? 0, total: state.rejectsTotal };
}

/** The breaker of I-15: what runs away is halted (`risk.runaway`), by a symbol or by all together. */
export function runawayOf(state: RateState): string | undefined {
  if (state.rejectsTotal >= REJECTS_TOTAL_MAX) return `${state.rejectsTotal} rejects in a row`;
  const worst = [...state.rejects].find(([, count]) => count >= REJECTS_SYMBOL_MAX);
  return worst === undefined ? undefined : `${worst[1]} rejects in a row of ${worst[0]}`;
}

export interface RateRecord {
  /** Of each entry at the moment of writing, in whole ms: monotonic time begins anew with each process. */
  readonly agesMs: readonly number[];
  readonly rejects: readonly (readonly [string, number])[];
  readonly rejectsTotal: number;
}

export function ratesToRecord(state: RateState, now: Ms): RateRecord {
  const agesMs = state.sent.map((at) => Math.floor(now - at));
  return { agesMs, rejects: [...state.rejects], rejectsTotal: state.rejectsTotal };
}

/** `elapsedMs` of wall time since it was written; a clock that went back makes nothing older. */
export function ratesFromRecord(record: RateRecord, now: Ms, elapsedMs: number): RateState {
  const elapsed = Math.max(0, elapsedMs);
  return {
    sent: record.agesMs.map((age) => (now - age - elapsed) as Ms),
    rejects: new Map(record.rejects),
    rejectsTotal: record.rejectsTotal,
  };
}
