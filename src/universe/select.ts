// Which instruments do we watch from now on? (strategy, section 10)
import type { Ms } from '../lib/brand.ts';
import type { Usdt } from '../market/units.ts';
import { difference } from './difference.ts';
import type { Difference, Member, Members } from './difference.ts';
import { isEligible, watchable } from './listing.ts';
import type { DayChange, ListedInstrument, ListingRules } from './listing.ts';

export interface UniverseRules extends ListingRules {
  readonly topGainersCount: number;
  readonly topLosersCount: number;
  /** Turnover of 24 hours in USDT. */
  readonly min24hVolume: Usdt;
  readonly minDwellMs: Ms;
  /** `auto` ranks, `all` takes every perpetual that passes the listing rules, a list is watched as it stands. */
  readonly symbols: 'auto' | 'all' | readonly string[];
  /** Places in shared memory: never more members than this. */
  readonly slots: number;
}

export interface Market {
  readonly listed: ReadonlyMap<string, ListedInstrument>;
  readonly days: ReadonlyMap<string, DayChange>;
}

export interface Ranked {
  readonly day: DayChange;
  /** 1-based place by change among these. */
  readonly rank: number;
  readonly watched: boolean;
}

export interface Selection extends Difference {
  readonly members: Members;
  /** Every eligible symbol and every member, best change first. */
  readonly ranked: readonly Ranked[];
  /** Named by the pinned list or held, but not in the market's list: nothing to watch. */
  readonly unknown: readonly string[];
  /** Chosen, but without a place in memory. */
  readonly crowdedOut: readonly string[];
}

/** May it be entered? What a person holds stays watched whatever it is, and for a while after: that makes it none of ours. */
export function isWanted(listed: ListedInstrument, rules: UniverseRules, exchangeNow: Ms): boolean {
  if (typeof rules.symbols === 'string') return isEligible(listed, rules, exchangeNow);
  return watchable(listed) && rules.symbols.includes(listed.instrument.symbol);
}

const HYSTERESIS = 1.25;

const byTurnover = (a: DayChange, b: DayChange): number => b.turnover - a.turnover;

/** How near the top a symbol is, in multiples of the places of its list: at most 1 is chosen, up to 1.25 may stay. */
function standings(eligible: readonly DayChange[], rules: UniverseRules): Map<string, number> {
  const gainers = [...eligible].sort((a, b) => b.change - a.change || byTurnover(a, b));
  const top = new Set(gainers.slice(0, rules.topGainersCount));
  const losers = eligible.filter((day) => !top.has(day)).sort((a, b) => a.change - b.change || byTurnover(a, b));
  const best = new Map<string, number>();
  const place = (days: readonly DayChange[], count: number): void => {
    days.forEach((day, index) => {
      const standing = (index + 1) / count;
      best.set(day.symbol, Math.min(standing, best.get(day.symbol) ?? Infinity));
    });
  };
  place(gainers, rules.topGainersCount);
  place(losers, rules.topLosersCount);
  return best;
}

function eligibleDays(market: Market, rules: UniverseRules, exchangeNow: Ms): DayChange[] {
  return [...market.days.values()].filter((day) => {
    const listed = market.listed.get(day.symbol);
    return listed !== undefined && day.turnover >= rules.min24hVolume && isEligible(listed, rules, exchangeNow);
  });
}

/** Symbols in order of claim to a place: the held, then the chosen, then members that may stay a while. */
function claims(before: Members, market: Market, rules: UniverseRules, eligible: DayChange[], now: Ms): string[] {
  if (rules.symbols === 'all') {
    const named = new Set(eligible.map((day) => day.symbol));
    const mostTraded = [...eligible].sort(byTurnover).map((day) => day.symbol);
    return [...[...before.keys()].filter((symbol) => named.has(symbol)), ...mostTraded];
  }
  if (rules.symbols !== 'auto') {
    return rules.symbols.filter((symbol) => {
      const listed = market.listed.get(symbol);
      return listed !== undefined && watchable(listed);
    });
  }
  const standing = standings(eligible, rules);
  const order = [...standing.entries()].sort((a, b) => a[1] - b[1]).map(([symbol]) => symbol);
  const chosen = order.filter((symbol) => (standing.get(symbol) as number) <= 1);
  const staying = order.filter((symbol) => {
    const member = before.get(symbol);
    const place = standing.get(symbol) as number;
    return member !== undefined && place <= HYSTERESIS && now - member.since < rules.minDwellMs;
  });
  return [...chosen, ...staying];
}

/** Nothing says that it is none of ours: one answer may have left it out, so it stays for one more reading (X02). */
function isForgotten({ symbol, isMissing }: Member, market: Market, rules: UniverseRules, exchangeNow: Ms): boolean {
  const listed = market.listed.get(symbol);
  if (isMissing) return false;
  return listed === undefined || (!market.days.has(symbol) && isWanted(listed, rules, exchangeNow));
}

/** `held` have a position or an order: they never leave. `now` is monotonic (dwell), `exchangeNow` dates listings. */
export function select(
  before: Members,
  market: Market,
  held: ReadonlySet<string>,
  rules: UniverseRules,
  now: Ms,
  exchangeNow: Ms,
): Selection {
  const all = rules.symbols === 'all' ? { ...rules, min24hVolume: 0 as Usdt } : rules;
  const eligible = eligibleDays(market, all, exchangeNow);
  const forgotten = [...before.values()].filter((member) => isForgotten(member, market, rules, exchangeNow));
  const kept = [...held].filter((symbol) => before.has(symbol) || market.listed.has(symbol));
  const wanted = new Set([
    ...kept,
    ...forgotten.map((member) => member.symbol),
    ...claims(before, market, rules, eligible, now),
  ]);
  const placed = [...wanted].slice(0, Math.max(rules.slots, kept.length));
  const members = new Map<string, Member>();
  for (const symbol of placed) {
    const isMissing = !market.listed.has(symbol) || !market.days.has(symbol);
    members.set(symbol, { symbol, since: before.get(symbol)?.since ?? now, isMissing });
  }
  const pinned = typeof rules.symbols === 'string' ? [] : rules.symbols;
  const shown = new Set([...eligible.map((day) => day.symbol), ...members.keys()]);
  return {
    ...difference(before, members),
    members,
    ranked: [...market.days.values()]
      .filter((day) => shown.has(day.symbol))
      .sort((a, b) => b.change - a.change || byTurnover(a, b))
      .map((day, index) => ({ day, rank: index + 1, watched: members.has(day.symbol) })),
    unknown: [...new Set([...pinned, ...held])].filter((symbol) => !wanted.has(symbol)),
    crowdedOut: [...wanted].slice(placed.length),
  };
}
