// What does the journal say of one symbol? Its decimals, on the grid of now.
import type { Ms } from '../../lib/brand.ts';
import { nearestLot, type Instrument } from '../../market/instrument.ts';
import { moneyFromDecimal } from '../../market/money.ts';
import { EARNS } from '../../market/side.ts';
import type { FinishedMemory, JournalState, JsonObject, OrderMemory } from '../../order/journal.ts';
import { isOver } from '../../order/state.ts';
import { ABSENT_BLOCK_MS, FENCE_SLACK_MS, ZOMBIE_WATCH_MS } from '../../order/unknown.ts';
import type { Fill } from '../../order/words.ts';
import { fillFromBody } from './fill-body.ts';
import type { Finished } from './last-trade.ts';
import { trackOrder, type TrackedOrder } from '../entry/tracked-order.ts';
import { tradeFromBody, type Trade } from './trade.ts';

export interface Restored {
  readonly trade: Trade | undefined;
  readonly fills: readonly Fill[];
  readonly orders: readonly TrackedOrder[];
  /** The order that is being filled, or has opened what is held. */
  readonly entry: TrackedOrder | undefined;
  readonly finished: Finished | undefined;
  /** Monotonic: nothing is entered before. */
  readonly restUntil: Ms;
  /** Something is there that the grid of now cannot express (P12). */
  readonly isBroken: boolean;
}

/** Symbols of which the journal remembers something that still matters. */
export function rememberedSymbols({ trades, orders, finished }: JournalState, serverMs: Ms): Set<string> {
  const recent = Object.values(orders).filter(({ at }) => serverMs - at < ZOMBIE_WATCH_MS);
  return new Set([...Object.keys(trades), ...Object.keys(finished), ...recent.map(({ order }) => order.symbol)]);
}

/** Symbols in which something of ours is open, or may be: an order that is not over. */
export function openSymbols({ trades, orders }: JournalState): Set<string> {
  const pending = Object.values(orders).filter(({ state }) => !isOver(state));
  return new Set([...Object.keys(trades), ...pending.map(({ order }) => order.symbol)]);
}

/** `serverMs` and `now`: the same moment, at the exchange and on the monotonic clock. */
export function restoredOf(
  journal: JournalState,
  symbol: string,
  instrument: Instrument,
  serverMs: Ms,
  now: Ms,
): Restored {
  const body = journal.trades[symbol];
  const trade = body === undefined ? undefined : tradeFromBody(body, instrument);
  const bodies = journal.fills[symbol] ?? {};
  const fills = fillsOf(bodies, instrument);
  const finished = finishedOf(journal.finished[symbol], instrument);
  const memories = Object.values(journal.orders).filter(
    ({ order, at }) => order.symbol === symbol && serverMs - at < ZOMBIE_WATCH_MS,
  );
  const orders = memories.map((memory) => orderOf(memory, instrument, now));
  const entryId = memories.findLast((memory) => isOpenEntry(memory, trade, fills, finished))?.order.linkId;
  const entry = orders.find(({ linkId }) => linkId === entryId);
  const isBroken = (body !== undefined && trade === undefined) || fills.length < Object.keys(bodies).length;
  const absentMs = memories.filter(({ state }) => state === 'absent').map(({ at }) => at);
  const restUntil = Math.max(0, ...absentMs.map((at) => now + at + ABSENT_BLOCK_MS - serverMs)) as Ms;
  return { trade, fills, orders, entry, finished, restUntil, isBroken };
}

/** The record that made it a trade may be the one that was lost. */
function isOpenEntry(
  { order, state, filled, at }: OrderMemory,
  trade: Trade | undefined,
  fills: readonly Fill[],
  finished: Finished | undefined,
): boolean {
  if (order.role !== 'E' || finished?.trade.id === order.linkId) return false;
  if (order.linkId === trade?.id) return true;
  // Nobody may have told that a stale entry is over: one that is older than the end of the last trade has ended with it.
  if (state === 'zombie') return at >= (finished?.atMs ?? 0);
  if (!isOver(state)) return true;
  if (trade !== undefined) return false;
  const isFilled = Number(filled) > 0 || fills.some(({ linkId }) => linkId === order.linkId);
  return isFilled && at >= (finished?.atMs ?? 0);
}

function fillsOf(bodies: Readonly<Record<string, JsonObject>>, instrument: Instrument): Fill[] {
  const fills = Object.values(bodies).map((body) => fillFromBody(body, instrument));
  return fills.filter((fill) => fill !== undefined);
}

function finishedOf(memory: FinishedMemory | undefined, instrument: Instrument): Finished | undefined {
  const trade = memory === undefined ? undefined : tradeFromBody(memory.trade, instrument);
  if (memory === undefined || trade === undefined) return undefined;
  const fills = new Map(fillsOf(memory.fills, instrument).map((fill) => [fill.execId, fill]));
  return { trade, fills, atMs: memory.atMs as Ms, seq: memory.seq };
}

function orderOf(memory: OrderMemory, instrument: Instrument, now: Ms): TrackedOrder {
  const { order, state, orderId, fenceMs, at } = memory;
  const plan = order.plan === null ? undefined : tradeFromBody(order.plan, instrument);
  const lots = order.size === 'all' ? undefined : nearestLot(order.size, instrument);
  const intention =
    plan === undefined
      ? undefined
      : { trade: plan, notional: moneyFromDecimal(order.notional) ?? 0n, approval: undefined };
  const sign = order.role === 'E' && plan !== undefined ? EARNS[plan.side] : 0;
  const tracked = trackOrder(order.linkId, order.role, sign, lots, intention, now);
  tracked.state = state;
  tracked.orderId = orderId;
  tracked.baselineSeq = order.baselineSeq;
  tracked.filled = nearestLot(memory.filled, instrument) ?? 0;
  // Written and perhaps sent: from the moment of its record it could have been on its way.
  const fence = fenceMs > 0 ? fenceMs : at + order.recvWindowMs + FENCE_SLACK_MS;
  tracked.doubt = { fenceMs: fence as Ms, baselineLots: 0, negatives: 0, negativeAt: 0 as Ms };
  return tracked;
}
