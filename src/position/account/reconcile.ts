// When is the account read, and what does a reading say that we do not know? (failure-modes 8)
import type { Ms } from '../../lib/brand.ts';
import type { Instrument } from '../../market/instrument.ts';
import type { Size } from '../../market/size.ts';
import type { AccountReading } from '../../order/gateway.ts';
import { parseLinkId } from '../../order/link-id.ts';
import type { Fill, OrderReport, PositionReport } from '../../order/words.ts';
import type { Exposed } from '../../risk/exposure.ts';
import { inOrder, isPayment, signedSize } from '../trade/holding.ts';

export const LIGHT_EVERY_MS = 10_000;
export const DEEP_EVERY_MS = 60_000;
/** Without the private stream, only readings bring fills. */
const BLIND_EVERY_MS = 2_000;
/** And while everything is being closed. */
const URGENT_EVERY_MS = 300;
const RETRY_MS = 1_000;
/** How long a whole reading waits that has failed so often in a row. From the second time on a light one comes first: that may succeed. */
const DEEP_RETRY_MS = [1_000, 2_000, 4_000, 8_000, LIGHT_EVERY_MS] as const;
const WALLET_AGE_MS_MAX = 20_000;
export const APART_MS = 3_000;
const TRAFFIC_MS = 2_000;

/** `sought`: two readings that agree are needed before anything is believed; `held`: they were had. */
export interface Readings {
  readonly phase: 'sought' | 'held';
  readonly digest: string | undefined;
  readonly out: 'light' | 'deep' | undefined;
  readonly notBefore: Ms;
  /** When any was last asked for; never where deep ones have failed since. */
  readonly lightAt: Ms;
  readonly deepAt: Ms;
  /** Deep ones in a row, and when the next may follow. */
  readonly failures: number;
  readonly deepNotBefore: Ms;
}

const NEVER = -Infinity as Ms;

export function seekReadings(now: Ms): Readings {
  return {
    phase: 'sought',
    digest: undefined,
    out: undefined,
    notBefore: now,
    lightAt: now,
    deepAt: now,
    failures: 0,
    deepNotBefore: now,
  };
}

export interface ReadingFacts {
  readonly now: Ms;
  readonly isPrivateUp: boolean;
  readonly isUrgent: boolean;
  /** A whole one is wanted that is asked for then or later. */
  readonly wantedFrom: Ms;
  readonly walletReadAt: Ms | undefined;
  /** None has come yet: only whole ones say what is ours. */
  readonly isFirst: boolean;
}

/** Which reading is due now; undefined for none. */
export function readingDue(state: Readings, facts: ReadingFacts): 'light' | 'deep' | undefined {
  const { now } = facts;
  const isWanted = facts.wantedFrom > state.deepAt;
  if (state.out !== undefined || now < state.notBefore || (isWanted && now < facts.wantedFrom)) return undefined;
  // Without the private stream, deep readings still bring executions, and prove that nothing is left (P17).
  const blindEvery = facts.isUrgent ? URGENT_EVERY_MS : BLIND_EVERY_MS;
  const isLightDue = now - state.lightAt >= (facts.isPrivateUp ? LIGHT_EVERY_MS : blindEvery);
  const walletAge = facts.walletReadAt === undefined ? Infinity : now - facts.walletReadAt;
  const isDeepDue =
    state.phase === 'sought'
      ? facts.isPrivateUp || isLightDue
      : isWanted || now - state.deepAt >= DEEP_EVERY_MS || walletAge >= WALLET_AGE_MS_MAX;
  const isOwed = state.lightAt === NEVER && !facts.isFirst;
  const isRested = facts.isFirst || facts.isUrgent || now >= state.deepNotBefore;
  if (isDeepDue && isRested && !isOwed) return 'deep';
  return isLightDue && !facts.isFirst ? 'light' : undefined;
}

export function readingAsked(state: Readings, depth: 'light' | 'deep', now: Ms): Readings {
  return { ...state, out: depth, lightAt: now, deepAt: depth === 'deep' ? now : state.deepAt };
}

/** A reading under way may be lost on the dead path: it is requested again, in full. */
export function readingAnew(state: Readings, now: Ms): Readings {
  const deepAt = state.out === undefined ? state.deepAt : NEVER;
  return { ...state, out: undefined, notBefore: now, deepAt, deepNotBefore: now };
}

/** `digest` undefined: it failed, and says nothing: a whole one is still due. */
export function readingDone(state: Readings, digest: string | undefined, now: Ms): Readings {
  const isDeep = state.out === 'deep';
  if (digest === undefined) {
    const failed = { ...state, out: undefined, notBefore: (now + RETRY_MS) as Ms };
    if (!isDeep) return failed;
    const wait = DEEP_RETRY_MS[Math.min(state.failures, DEEP_RETRY_MS.length - 1)] as number;
    const lightAt = state.failures === 0 ? state.lightAt : NEVER;
    return { ...failed, lightAt, deepAt: NEVER, failures: state.failures + 1, deepNotBefore: (now + wait) as Ms };
  }
  const done = { ...state, out: undefined, notBefore: now, ...(isDeep ? { failures: 0, deepNotBefore: now } : {}) };
  if (state.phase === 'held' || !isDeep) return done;
  return state.digest === digest ? { ...done, phase: 'held', digest } : { ...done, digest };
}

/** What others have in the account that no actor sees: positions in contracts that are not listed, and orders that rest (P7). */
export function besideOf({ positions, openOrders }: AccountReading, isListed: (symbol: string) => boolean): Exposed[] {
  const held = positions
    .filter(({ symbol }) => !isListed(symbol))
    .map(({ symbol, lots, entryValue }) => ({ symbol, isLong: lots > 0, notional: entryValue }));
  const resting = openOrders
    .filter((order) => !order.reduceOnly && !isOfOurs(order))
    .map(({ symbol, side, resting: notional }) => ({ symbol, isLong: side === 'buy', notional }));
  return [...held, ...resting].map(({ symbol, isLong, notional }) => ({
    symbol,
    side: isLong ? 'long' : 'short',
    notional,
    state: 'foreign',
  }));
}

/** What two readings must agree on: all that is held, and our orders. A person's, or another bot's, may change all the time (P7). */
export function digestOf({ positions, openOrders }: AccountReading): string {
  const held = positions
    .filter(({ lots }) => lots !== 0)
    .map(({ symbol, lots, stop }) => `${symbol} ${lots} ${stop?.tick ?? ''} ${stop?.by ?? ''}`);
  const orders = openOrders
    .filter(isOfOurs)
    .map(({ orderId, status, lots, filledLots }) => `${orderId} ${status} ${lots} ${filledLots}`);
  return [...held.sort(), ...orders.sort()].join('\n');
}

/** By an engine of ours, or the protection that came with such an order. */
function isOfOurs({ linkId, parentLinkId }: OrderReport): boolean {
  return [linkId, parentLinkId].some((id) => parseLinkId(id) !== undefined);
}

/** What is known of one symbol, beside the reading. */
export interface Known {
  readonly symbol: string;
  readonly size: number;
  readonly executed: number;
  readonly trafficAt: Ms;
}

export type Finding =
  /** We hold something of which the reading knows nothing. */
  | { readonly kind: 'not-listed'; readonly symbol: string }
  /** The reading's size is another, and not because it is newer. */
  | { readonly kind: 'other-size'; readonly symbol: string; readonly report: PositionReport }
  /** The sizes agree, but the executions that we know do not add up to them (I-09). */
  | { readonly kind: 'missing-executions'; readonly symbol: string }
  /** An entry of ours rests open that we hold for over, or do not know. */
  | { readonly kind: 'open-entry'; readonly symbol: string; readonly order: OrderReport };

/** Asked after the reading's reports were heard. `isLive`: an entry of ours that may still be open. */
export function findingsOf(
  known: readonly Known[],
  reading: AccountReading,
  isLive: (order: OrderReport) => boolean,
  now: Ms,
): Finding[] {
  const rows = new Map(reading.positions.map((report) => [report.symbol, report]));
  const findings: Finding[] = [];
  for (const { symbol, size, executed, trafficAt } of known) {
    const report = rows.get(symbol);
    const isQuiet = now - trafficAt >= TRAFFIC_MS;
    if (report === undefined && size !== 0) findings.push({ kind: 'not-listed', symbol });
    else if (report !== undefined && report.lots !== size && isQuiet)
      findings.push({ kind: 'other-size', symbol, report });
    else if (executed !== size && isQuiet) findings.push({ kind: 'missing-executions', symbol });
  }
  for (const order of reading.openOrders) {
    if (!order.reduceOnly && !order.isStopLoss && !isLive(order)) {
      findings.push({ kind: 'open-entry', symbol: order.symbol, order });
    }
  }
  return findings;
}

/** A finding counts only when it is seen again, at least 3 s later. */
export class Suspicions {
  readonly #since = new Map<string, Ms>();
  readonly #told = new Set<string>();

  /** For how long it has been seen; undefined: it is now, for the first time. */
  seenMs(key: string, now: Ms): number | undefined {
    const since = this.#since.get(key);
    if (since === undefined) this.#since.set(key, now);
    return since === undefined ? undefined : now - since;
  }

  /** Once for as long as it lasts. */
  isNew(key: string): boolean {
    const isNew = !this.#told.has(key);
    this.#told.add(key);
    return isNew;
  }

  /** What was not seen again is forgotten. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#since.keys()) if (!keys.has(key)) this.#since.delete(key);
    for (const key of this.#told) if (!keys.has(key)) this.#told.delete(key);
  }
}

/** Of all executions that are within reach those that the position of now is made of; earlier ones are history. */
export function currentFills(fills: readonly Fill[], size: Size, instrument: Instrument): readonly Fill[] {
  const sorted = inOrder(fills.filter((fill) => !isPayment(fill)));
  let left = size;
  let from = sorted.length;
  while (left !== 0n && from > 0) left -= signedSize(sorted[--from] as Fill, instrument);
  return sorted.slice(from);
}
