// What has the exchange said of one symbol since it was last flat, and what does it add up to? Executions, and the newest report.
import { notionalOf, priceOf, worthOf, worthOfSize, type Money } from '../../market/money.ts';
import { EARNS } from '../../market/side.ts';
import { nearestLots } from '../../market/size.ts';
import type { Lot, Slot } from '../../market/units.ts';
import { isOver } from '../../order/state.ts';
import { ZOMBIE_WATCH_MS } from '../../order/unknown.ts';
import type { Fill, PositionReport } from '../../order/words.ts';
import type { Exposed } from '../../risk/exposure.ts';
import type { Average } from '../watch/breakeven.ts';
import { averageOf, ticksOf } from './average-price.ts';
import type { Contract } from './contract.ts';
import type { Core } from '../core.ts';
import { fillBody } from './fill-body.ts';
import { holdingOf, isNewer, isPayment, signedSize, sizesOf, type Holding } from './holding.ts';
import type { OwnOrders } from '../entry/own-orders.ts';
import { lastExit, LastTrade, type Outcome } from './last-trade.ts';
import { executionRow, isStrangersPayment, othersFees, ownPayment, resultOf, tradeRow } from './result.ts';
import { comingLots, type TrackedOrder } from '../entry/tracked-order.ts';
import type { Trade } from './trade.ts';

/** Why an open position has no result, as what keeps entries off: an old mark, or executions that have not come yet. */
type Unvalued = 'mark.stale' | 'executions.late';

const MARK_AGE_MS_MAX = 10_000;
const NOTHING: Holding = { ours: 0, foreign: 0, size: 0, exactOurs: 0n, exactForeign: 0n, parts: [], executed: 0 };

export class Ledger {
  report: PositionReport | undefined;
  /** The trade before the one that is open. */
  readonly last: LastTrade;
  readonly #core: Core;
  readonly #symbol: string;
  readonly #orders: OwnOrders;
  readonly #fills = new Map<string, Fill>();
  readonly #funding = new Map<string, Fill>();
  /** Executions that were told with no trade. */
  readonly #tradeless = new Set<string>();
  /** What was there until it was last flat, and seemed to be nobody's. */
  #archived: readonly Fill[] = [];

  constructor(core: Core, symbol: string, orders: OwnOrders) {
    this.#core = core;
    this.#symbol = symbol;
    this.#orders = orders;
    this.last = new LastTrade(core, orders, () => this.contract.instrument);
  }

  get contract(): Contract {
    const contract = this.#core.contracts.get(this.#symbol);
    if (contract === undefined) throw new Error(`no contract of ${this.#symbol}`);
    return contract;
  }

  get slot(): Slot {
    return this.#core.slots.get(this.#symbol) ?? (-1 as Slot);
  }

  get holding(): Holding {
    if (this.#fills.size === 0 && (this.report === undefined || this.report.lots === 0)) return NOTHING;
    return holdingOf(
      this.#fills.values(),
      this.report,
      this.expected,
      (fill) => this.#orders.originOf(fill),
      this.contract.instrument,
      this.closing.seen,
    );
  }

  /** Of what is known of the size: the newest report, or the newest execution where none has come since the start. */
  get seq(): number {
    return this.report?.seq ?? Math.max(-1, ...[...this.#fills.values()].map(({ seq }) => seq));
  }

  /**
   * Lots that closes of what is open now may have taken: `seen` in the newest report, or `untold` as they have left since;
   * `accepted` of either, with no whole reading since then.
   */
  get closing(): { readonly seen: number; readonly untold: number; readonly accepted: number } {
    const seq = this.report?.seq ?? -1;
    let first = Infinity;
    for (const fill of this.#fills.values()) first = Math.min(first, fill.seq);
    let [seen, untold, accepted] = [0, 0, 0];
    for (const order of this.#orders.all()) {
      if (order.role === 'E' || order.baselineSeq < first) continue;
      const lots = comingLots(order, this.executedBy(order));
      if (order.baselineSeq < seq) seen += lots;
      else untold += lots;
      const isHeard = order.state !== 'sent' && order.state !== 'unknown';
      if (isHeard && order.changedAt >= this.#core.wholeReadingAt) accepted += lots;
    }
    return { seen, untold, accepted };
  }

  add(fill: Fill): void {
    (isPayment(fill) ? this.#funding : this.#fills).set(fill.execId, fill);
    if (this.#archived.length > 0 && this.#orders.originOf(fill) === 'entry') this.#recall(fill);
  }

  /** As long as an absent entry is watched. */
  #keep(fills: readonly Fill[]): void {
    const since = this.#core.serverMs - ZOMBIE_WATCH_MS;
    this.#archived = [...this.#archived, ...fills].filter(({ timeMs }) => timeMs > since);
  }

  /** A payment that seems to be for a stranger's position. */
  leave(fill: Fill): void {
    this.#keep([fill]);
  }

  /**
   * An entry that was believed absent has been executed: what was closed and paid after it, by the exchange or by us, was its own
   * (O04); what a person has traded beside it stays his, and says how much of that was not.
   */
  #recall({ seq, timeMs, linkId }: Fill): void {
    const core = this.#core;
    const isIts = (fill: Fill): boolean => (isPayment(fill) ? fill.timeMs >= timeMs : fill.seq > seq);
    for (const fill of this.#archived.filter(isIts)) {
      (isPayment(fill) ? this.#funding : this.#fills).set(fill.execId, fill);
      const { instrument } = this.contract;
      // The journal had closed it with what seemed to be nobody's: the next start has to find it with this trade.
      core.guard.book(
        {
          kind: 'EXEC',
          body: { symbol: this.#symbol, execId: fill.execId, fill: fillBody(fill, instrument), isLate: false },
        },
        isPayment(fill) ? [{ kind: 'booked', amount: -this.costOf(fill), timeMs: fill.timeMs }] : [],
      );
      this.tell(fill, this.#orders.originOf(fill) === 'stranger' && !isPayment(fill) ? undefined : linkId);
    }
    this.#archived = this.#archived.filter((fill) => !isIts(fill));
  }

  /** False for one that says what is older than what is known. */
  hear(report: PositionReport): boolean {
    if (this.report !== undefined && !isNewer(report, this.report)) return false;
    this.report = report;
    return true;
  }

  executedBy(order: TrackedOrder): number {
    const { instrument } = this.contract;
    let sum = 0n;
    for (const fill of this.#fills.values()) if (fill.linkId === order.linkId) sum += sizesOf(fill, instrument).size;
    return nearestLots(sum, instrument);
  }

  /** Signed lots of executions after the order's baseline and up to a seq that are not of this order. */
  strangeLots(order: TrackedOrder | undefined, seq: number): number {
    const { instrument } = this.contract;
    let sum = 0n;
    for (const fill of this.#fills.values()) {
      const isSince = fill.seq > (order?.baselineSeq ?? -1) && fill.seq <= seq;
      if (fill.linkId !== order?.linkId && isSince) sum += signedSize(fill, instrument);
    }
    return nearestLots(sum, instrument);
  }

  /** Is it told that more was filled than the executions that have come? */
  isMissingFills(order: TrackedOrder): boolean {
    return order.filled > this.executedBy(order);
  }

  /** Do the executions say where everything has gone that they say was bought? */
  isBalanced(trade: Trade): boolean {
    const { entrySize, exitSize } = resultOf(trade, this.holding.parts, [], this.contract.instrument);
    return entrySize > 0n && entrySize === exitSize;
  }

  /** Signed lots that our entry may still be found to have filled. */
  get expected(): number {
    const { entry } = this.#orders;
    return entry === undefined ? 0 : comingLots(entry, this.executedBy(entry)) * entry.sign;
  }

  // The trade's account

  /** Average of our entry's executions; of the exchange's word where there are none. */
  averageEntry(trade: Trade): Average | undefined {
    const average = averageOf(this.holding.parts, this.contract.instrument);
    if (average !== undefined) return average;
    const tick = this.reportedEntry;
    return tick > 0 ? { units: tick * trade.lots, lots: trade.lots } : undefined;
  }

  /** In ticks, not on the grid; 0 where unknown. */
  get reportedEntry(): number {
    return ticksOf(this.report?.entryPrice ?? 0n, this.contract.instrument);
  }

  /**
   * Of what is ours at the mark, with what its partial exits have brought and what those by no order of ours have cost, which is
   * all that is booked at its end; or why nobody can say.
   */
  unrealised(trade: Trade): Money | Unvalued {
    const { ours, exactOurs, parts } = this.holding;
    const mark = this.#core.options.market.mark(this.slot);
    const isKnown = mark !== undefined && this.#core.now.mono - mark.readAt <= MARK_AGE_MS_MAX;
    if (ours !== 0 && !isKnown) return 'mark.stale';
    const { instrument } = this.contract;
    const size = exactOurs < 0n ? -exactOurs : exactOurs;
    const held = mark === undefined ? 0n : worthOfSize(priceOf(mark.tick, instrument), size);
    const { entryValue, exitValue, entrySize, exitSize } = resultOf(trade, parts, [], instrument);
    const earns = BigInt(EARNS[trade.side]);
    const isCounted = entrySize - exitSize === size;
    if (isCounted) return (exitValue + held - entryValue) * earns - othersFees(parts, instrument);
    // Of what no execution has told yet the exchange itself says what it was bought for.
    const told = this.report?.entryPrice ?? 0n;
    if (entrySize > 0n || told === 0n) return 'executions.late';
    return (held - worthOfSize(told, size)) * earns;
  }

  /** What parts of it that are closed already have brought, and cost by no order of ours: booked at its end. */
  realised(trade: Trade): Money {
    const { instrument } = this.contract;
    const { parts } = this.holding;
    return resultOf(trade, parts, [], instrument).gross - othersFees(parts, instrument);
  }

  /** Everything of this symbol that counts as exposure. */
  exposed(trade: Trade | undefined): Exposed[] {
    const found: Exposed[] = [];
    const { ours, foreign } = this.holding;
    const add = (lots: number, state: 'open' | 'foreign'): unknown =>
      lots === 0
        ? undefined
        : found.push({ symbol: this.#symbol, side: lots > 0 ? 'long' : 'short', notional: this.#worth(lots), state });
    if (trade !== undefined) add(ours, 'open');
    add(foreign, 'foreign');
    const { entry: order } = this.#orders;
    if (order?.intention === undefined) return found;
    const { trade: plan, notional } = order.intention;
    const left = BigInt(this.#awaited(order, plan.lots, ours));
    if (left === 0n) return found;
    const state = order.state === 'unknown' ? 'unknown' : 'in-flight';
    found.push({ symbol: this.#symbol, side: plan.side, notional: (notional * left) / BigInt(plan.lots), state });
    return found;
  }

  /** Lots of an entry that are not in `ours` yet. One that is over is told to be filled before anything else tells of it. */
  #awaited(order: TrackedOrder, planned: number, ours: number): number {
    const executed = this.executedBy(order);
    if (!isOver(order.state)) return planned - Math.min(planned, executed);
    return ours === 0 ? comingLots(order, executed) : 0;
  }

  #worth(lots: number): Money {
    const { instrument } = this.contract;
    const mark = this.#core.options.market.mark(this.slot)?.tick;
    const size = Math.abs(lots) as Lot;
    return mark === undefined
      ? worthOf(this.report?.entryPrice ?? 0n, size, instrument)
      : notionalOf(mark, size, instrument);
  }

  // Its end

  tellOpen(trade: Trade): void {
    const { instrument } = this.contract;
    const result = resultOf(trade, this.holding.parts, [...this.#funding.values()], instrument);
    this.#core.tellTrade(tradeRow(trade, result, undefined, instrument));
  }

  /** Tells the result and counts from nothing again; what comes late completes the row. */
  finish(trade: Trade): Outcome {
    const atMs = lastExit(this.holding.parts, trade)?.fill.timeMs ?? this.#core.serverMs;
    const seq = Math.max(this.report?.seq ?? -1, ...[...this.#fills.values()].map((fill) => fill.seq));
    const fills = new Map([...this.#fills, ...this.#funding]);
    this.archive();
    this.#archived = [];
    return this.last.end({ trade, fills, atMs, seq });
  }

  /** Nothing stands there, and the newest report knows of every fill: they are history. */
  get isClosed(): boolean {
    const { report } = this;
    const isCovered = report !== undefined && [...this.#fills.values()].every(({ seq }) => seq <= report.seq);
    return this.#fills.size > 0 && isCovered && this.holding.size === 0;
  }

  /** What was read twice, whatever was told before: it is taken as the newest. */
  rebase(report: PositionReport): void {
    const seq = Math.max(report.seq, this.report?.seq ?? -1, ...[...this.#fills.values()].map((fill) => fill.seq));
    this.report = { ...report, seq };
  }

  archive(): void {
    this.#keep([...this.#fills.values()]);
    this.#fills.clear();
    this.#funding.clear();
    this.#tradeless.clear();
  }

  /**
   * What was told just before the process ended may never have come to its table: each row is told once more (R03, D09). How the
   * last trade ended, if it is remembered: what is open follows with `tellAgain`.
   */
  tellLast(): Outcome | undefined {
    const finished = this.last.tellAgain();
    const { parts } = this.last;
    for (const fill of finished?.fills.values() ?? [])
      this.tell(fill, this.isOfTrade(fill, parts) ? finished?.trade.id : undefined);
    return finished;
  }

  /** What is open: executions that are told with no trade now are told with it when it is known. */
  tellAgain(trade: Trade | undefined): void {
    for (const fill of [...this.#fills.values(), ...this.#funding.values()])
      this.tell(fill, this.isOfTrade(fill) ? (trade?.id ?? this.entryOf(fill)) : undefined);
  }

  /** With the trade that it belongs to, as far as that is known. */
  tell(fill: Fill, tradeId: string | undefined): void {
    if (tradeId === undefined) this.#tradeless.add(fill.execId);
    else this.#tradeless.delete(fill.execId);
    this.#core.emit({ kind: 'execution', row: executionRow(fill, tradeId, this.contract.instrument) });
  }

  /** What was told before it was known to belong to this trade. */
  tellOwn({ id }: Trade): void {
    for (const { fill } of this.holding.parts)
      if (this.#tradeless.has(fill.execId) && this.isOfTrade(fill)) this.tell(fill, id);
  }

  /**
   * What a person has bought and sold beside ours, or was paid for, is of no trade; our entry, which has cost its fee, is of its own
   * whatever it closed (P7).
   */
  isOfTrade(fill: Fill, parts = this.holding.parts): boolean {
    if (isPayment(fill)) return !isStrangersPayment(fill, parts, this.contract.instrument);
    const part = parts.find(({ fill: { execId } }) => execId === fill.execId);
    return part !== undefined && (part.ours > 0n || part.origin === 'entry');
  }

  /** The order of entry that it was executed by, if it was one of ours. */
  entryOf({ linkId }: Fill): string | undefined {
    return this.#orders.find(linkId)?.role === 'E' ? linkId : undefined;
  }

  /** What is booked of the fill when it is told: our order's fee, our part of a payment; what it has closed is booked at the end. */
  costOf(fill: Fill): Money {
    const origin = this.#orders.originOf(fill);
    if (!isPayment(fill)) return origin === 'entry' || origin === 'close' ? fill.fee : 0n;
    const { parts } = this.last.lateOf(fill) === undefined ? this.holding : this.last;
    return ownPayment(fill, parts, this.contract.instrument);
  }
}

/** Undefined where one of them has no result. */
export function sumOf(results: readonly (Money | Unvalued)[]): Money | undefined {
  return results.reduce<Money | undefined>(
    (sum, one) => (sum === undefined || typeof one === 'string' ? undefined : sum + one),
    0n,
  );
}
