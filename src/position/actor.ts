// What goes on in one symbol? Everything that concerns its orders and its position passes through here, one after another.
import type { Ms } from '../lib/brand.ts';
import { priceText, sizeText } from '../market/instrument.ts';
import { moneyText } from '../market/money.ts';
import { EARNS } from '../market/side.ts';
import type { Lot } from '../market/units.ts';
import type { Answer, LookUp, Reading } from '../order/gateway.ts';
import { entryOrder, ENTRY_WINDOW_MS } from '../order/outbound.ts';
import { isOver } from '../order/state.ts';
import { ABSENT_BLOCK_MS, accepted, doubt } from '../order/unknown.ts';
import type { Fill, OrderReport, Path, PositionReport } from '../order/words.ts';
import { lastLook } from '../risk/gates-market.ts';
import type { Asked, Core } from './core.ts';
import { Custody } from './custody.ts';
import { fillBody } from './trade/fill-body.ts';
import { isPayment, type Holding } from './trade/holding.ts';
import { Inquiry } from './entry/inquiry.ts';
import { orderSideOf } from './entry/intention.ts';
import { Ledger } from './trade/ledger.ts';
import { OwnOrders } from './entry/own-orders.ts';
import type { ExitReason } from './close/reason.ts';
import type { Restored } from './trade/restore.ts';
import { isLeaving, nextPositionState, type PositionEvent, type PositionState } from './state.ts';
import {
  eventOfAnswer,
  eventOfReport,
  noteFilled,
  trackOrder,
  type Intention,
  type TrackedOrder,
} from './entry/tracked-order.ts';
import { tradeBody, type Trade } from './trade/trade.ts';

const CLEAN_APART_MS = 3_000;
const READ_APART_MS = 1_000;
/** A reading without an answer after this may be lost: another one is requested over the next path. */
const READ_LATE_MS = 500;
/** Refused by the order's own report, after its request was accepted, or not answered: beside the classes of answers. */
const REPORTED = 'reported';
/** In an emergency after a start, the longest wait for the first reading: closes may have a path where reads have none. */
const UNREAD_MS = 1_000;

export type Refused = Extract<Answer, { outcome: 'refused' }>;
/** Called when an entry was refused. The desk decides, because it may concern more than one symbol. */
export type OnRefused = (actor: Actor, answer: Refused) => void;

export class Actor {
  readonly symbol: string;
  readonly orders: OwnOrders;
  readonly ledger: Ledger;
  /** Monotonic: until then nothing is entered, because the exchange has said that it takes no entries in this symbol. */
  blockedUntil = 0 as Ms;
  /** Monotonic: no entry before. */
  restUntil = 0 as Ms;
  /** Monotonic: when anything about this symbol last arrived. */
  trafficAt = 0 as Ms;
  readonly #core: Core;
  readonly #onRefused: OnRefused;
  readonly #inquiry: Inquiry;
  readonly #custody: Custody;
  #state: PositionState = 'flat';
  #entrySeq = 0;
  #cleanAt: Ms | undefined;
  /** Signed lots that no execution explains. */
  #unexplained = { lots: 0, since: 0 as Ms };
  /** Restored from the journal and not yet confirmed by the exchange: nothing is concluded before that. */
  #awaitsReading = false;
  #restoredAt = 0 as Ms;
  /** When the position was last requested, by which request if it has no answer yet, and whether another one is wanted after it. */
  #readAt = -Infinity;
  #reading: number | undefined;
  #wantsReading = false;

  constructor(symbol: string, core: Core, onRefused: OnRefused) {
    this.symbol = symbol;
    this.#core = core;
    this.#onRefused = onRefused;
    const instrument = () => this.ledger.contract.instrument;
    this.orders = new OwnOrders(core, symbol, instrument, ({ linkId, state }, event) => {
      core.tell('error', 'order.illegal_transition', symbol, { linkId, state, event });
      this.#quarantine();
    });
    this.ledger = new Ledger(core, symbol, this.orders);
    this.#inquiry = new Inquiry(core, symbol);
    this.#custody = new Custody(this, core);
  }

  get state(): PositionState {
    return this.#state;
  }

  get trade(): Trade | undefined {
    return this.#custody.trade;
  }

  get isOpen(): boolean {
    return this.#custody.isOpen;
  }

  get holding(): Holding {
    return this.ledger.holding;
  }

  /** Monotonic: since when the required stop has been missing or unconfirmed. */
  get nakedSince(): Ms | undefined {
    return this.#custody.nakedSince;
  }

  /** Are time and market to be checked for a reason to exit? */
  get isWatched(): boolean {
    const isCalm = this.#state === 'protected' || this.#state === 'amending';
    return isCalm && !this.#awaitsReading && this.#core.guard.permissions.discretionary;
  }

  get evaluatedAt(): Ms | undefined {
    return this.#custody.evaluatedAt;
  }

  get isIdle(): boolean {
    return (
      this.trade === undefined && this.orders.entry === undefined && this.#state === 'flat' && this.holding.size === 0
    );
  }

  /** Something is under way that may have to act on time alone. */
  get isRestless(): boolean {
    const isSettled = this.#state === 'flat' || this.#state === 'protected' || this.#state === 'foreign';
    return !isSettled || this.orders.isEntryOpen || this.#custody.isPlanless;
  }

  get awaitsReading(): boolean {
    return this.#awaitsReading;
  }

  // Commands

  /** Takes an approved entry: its intention is written to disk, and nothing is sent before it is there. */
  submit(linkId: string, intention: Intention): void {
    const { trade, notional } = intention;
    const order = trackOrder(linkId, 'E', EARNS[trade.side], trade.lots, intention, this.#core.now.mono);
    order.baselineSeq = this.ledger.report?.seq ?? -1;
    this.orders.adopt(order);
    this.orders.entry = order;
    const { instrument } = this.ledger.contract;
    const body = {
      ...({ linkId, symbol: this.symbol, role: 'E', side: orderSideOf(trade) } as const),
      size: sizeText(trade.lots, instrument),
      notional: moneyText(notional),
      recvWindowMs: ENTRY_WINDOW_MS,
      baseline: '0',
      baselineSeq: order.baselineSeq,
      plan: tradeBody(trade, instrument),
    };
    this.#entrySeq = this.#core.record({ kind: 'INTENT', body }, true);
  }

  /** The journal is on disk up to this record: after a last look at the market the entry is sent or dropped. */
  synced(upTo: number): void {
    const order = this.orders.entry;
    if (order?.state !== 'draft' || upTo < this.#entrySeq || order.intention?.approval === undefined) return;
    const core = this.#core;
    this.orders.advance(order, 'synced');
    const { entry } = order.intention.approval;
    const refusal = this.#lastRefusal(order.intention);
    if (refusal !== undefined) {
      this.orders.advance(order, 'expired', refusal.denied);
      const { denied: reason, detail } = refusal;
      core.tell('info', 'entry.aborted', this.symbol, { linkId: order.linkId, reason, detail });
      return this.settle();
    }
    const path: Path = core.paths.isUp('trade-socket') ? 'trade-socket' : core.restPath;
    core.ask({ kind: 'create', order: entryOrder(entry, order.linkId) }, path, this.symbol, order.linkId);
    // Written after sending. A restart finds the intention in either case, and asks the exchange what became of it.
    order.doubt = doubt(core.serverMs, ENTRY_WINDOW_MS, this.holding.size);
    core.leaves('entry');
    core.guard.stepRates({ kind: 'sent' });
    core.record({ kind: 'SENT', body: { linkId: order.linkId, fenceMs: order.doubt.fenceMs } });
    this.orders.advance(order, 'handed-over', '', false);
    this.step('entry-sent');
    const { signalId, lots, capTick, stop } = entry;
    const { instrument } = this.ledger.contract;
    const [cap, stopPrice] = [priceText(capTick, instrument), priceText(stop.tick, instrument)];
    const sent = { linkId: order.linkId, signalId, path, size: sizeText(lots, instrument), cap, stop: stopPrice };
    core.tell('info', 'entry.sent', this.symbol, sent);
  }

  #lastRefusal({ approval }: Intention): { readonly denied: string; readonly detail: string } | undefined {
    const { guard, options, now, view } = this.#core;
    const { mode, permissions, isKilled } = guard;
    const rules = options.rules(this.symbol)?.entry;
    if (!permissions.entries || isKilled) return { denied: 'G01 mode', detail: `mode is ${mode.mode}` };
    if (this.#core.tokens('entry') < 1) return { denied: 'G28 rate_lane', detail: 'no order left in the entry lane' };
    if (this.holding.size !== 0) return { denied: 'G18 positions', detail: 'the symbol has a position' };
    if (rules === undefined || approval === undefined) return { denied: 'G31 symbol_enabled', detail: 'not watched' };
    const live = options.market.readBook(this.ledger.slot, view) ? view : undefined;
    return lastLook(approval.offer, live, rules, now.mono);
  }

  /** Closes the position. The first reason is kept; an emergency overrides what is under way. */
  leave(reason: ExitReason, isEmergency: boolean): void {
    if (this.trade === undefined) return;
    if (this.#state === 'emergency-closing' || (this.#state === 'closing' && !isEmergency)) return;
    this.#custody.leave(reason, isEmergency);
    this.settle();
  }

  /** Drops an entry that has not been sent yet. */
  abort(): void {
    if (this.orders.entry?.state !== 'draft') return;
    this.orders.advance(this.orders.entry, 'expired');
    this.settle();
  }

  pathReturned(path: Path): void {
    if (this.#custody.pathReturned(path)) this.settle();
  }

  // Reports of the exchange

  answered(requestId: number, asked: Asked, answer: Answer): void {
    if (asked.question === 'set-stop') this.#custody.stopAnswered(requestId, answer);
    const order = this.orders.find(asked.linkId);
    if (order !== undefined && asked.question === 'create') {
      if (answer.outcome === 'accepted') order.orderId = answer.orderId;
      if (order.role === 'E') this.#entryAnswered(order, answer);
      else this.#closeAnswered(order, asked.path, answer);
    }
    this.settle();
  }

  #closeAnswered(order: TrackedOrder, path: Path, answer: Answer): void {
    this.orders.advance(order, eventOfAnswer(answer));
    this.#custody.closeAnswered(order.linkId, path, answer);
    if (answer.outcome !== 'refused') return;
    const { class: group, code, text } = answer;
    // It may be flat already (O20): that is verified by a reading.
    if (group === 'flat-hint') this.readPosition();
    this.#core.tell('warning', 'close.refused', this.symbol, { linkId: order.linkId, class: group, code, text });
  }

  #entryAnswered(order: TrackedOrder, answer: Answer): void {
    const core = this.#core;
    const { linkId, state: before } = order;
    const why =
      answer.outcome === 'refused' ? `${answer.code} ${answer.text}` : 'reason' in answer ? answer.reason : '';
    this.orders.advance(order, eventOfAnswer(answer), why);
    if (order.state === before) return;
    if (order.state === 'acked' && order.doubt !== undefined) order.doubt = accepted(order.doubt, core.serverMs);
    if (order.state === 'unknown') core.tell('error', 'order.unknown', this.symbol, { linkId, why });
    if (order.state !== 'rejected' || answer.outcome !== 'refused') return;
    core.tell('warning', 'order.rejected', this.symbol, { linkId, class: answer.class, why });
    this.#onRefused(this, answer);
  }

  onOrder(report: OrderReport, source: 'read' | 'stream'): void {
    if (source === 'stream') this.trafficAt = this.#core.now.mono;
    const order = this.orders.find(report.linkId);
    if (order === undefined) return;
    if (report.orderId !== '') order.orderId = report.orderId;
    if (!noteFilled(order, report.filledLots)) {
      this.contradict('I-12', {
        linkId: order.linkId,
        filled: this.#sizeText(report.filledLots),
      });
    }
    const event = eventOfReport(report);
    const before = order.state;
    if (event !== undefined) this.orders.advance(order, event, report.rejectReason);
    if (order.state !== before) this.#noteTaken(order, report.rejectReason);
    if (order.state !== before && order.role !== 'E' && order.state === 'cancelled' && order.filled === 0) {
      this.#custody.foundNothing();
    }
    this.settle();
  }

  /** A new execution; the desk has removed repetitions. */
  onFill(fill: Fill): void {
    const core = this.#core;
    const { ledger, symbol } = this;
    const { instrument } = ledger.contract;
    this.trafficAt = core.now.mono;
    const late = ledger.lateOf(fill);
    const order = this.orders.find(fill.linkId);
    // After a start, executions arrive before the position has been read, and make it a trade.
    const { entry } = this.orders;
    const isFilled = entry !== undefined && (entry.filled > 0 || ledger.executedBy(entry) > 0);
    const executed = isFilled && !ledger.isClosed ? entry.linkId : undefined;
    const heldId = this.trade?.id ?? (isPayment(fill) ? executed : ledger.entryOf(fill));
    const tradeId = late?.id ?? heldId;
    const isOurs =
      late !== undefined || isPayment(fill) ? tradeId !== undefined : this.orders.originOf(fill) !== 'stranger';
    const amount = (late === undefined ? 0n : ledger.complete(fill)) - ledger.costOf(fill);
    core.guard.book(
      {
        kind: 'EXEC',
        body: { symbol, execId: fill.execId, fill: fillBody(fill, instrument), isLate: late !== undefined },
      },
      isOurs ? [{ kind: 'booked', amount, timeMs: fill.timeMs }] : [],
    );
    const isLeft = isPayment(fill) && !isOurs;
    if (late === undefined && !isLeft) ledger.add(fill);
    const isOfTrade = late !== undefined || ledger.isOfTrade(fill);
    ledger.tell(fill, isOfTrade ? tradeId : undefined);
    if (!isOurs)
      core.tell('warning', 'order.foreign', symbol, {
        execId: fill.execId,
        side: fill.side,
        size: sizeText(fill.lots, instrument),
      });
    if (late !== undefined) return;
    if (isLeft) return ledger.leave(fill);
    if (order !== undefined) {
      order.orderId ||= fill.orderId;
      this.#noteExecuted(order);
    }
    this.settle();
  }

  #noteExecuted(order: TrackedOrder): void {
    const executed = this.ledger.executedBy(order);
    if (!noteFilled(order, executed)) {
      this.contradict('I-12', { linkId: order.linkId, executed: this.#sizeText(executed) });
    }
    const isWhole = order.lots !== undefined && executed >= order.lots;
    const before = order.state;
    this.orders.advance(order, isWhole ? 'filled-all' : 'filled-some');
    if (order.state !== before) this.#noteTaken(order);
  }

  /** An order that was accepted for processing may still be rejected: only its outcome says whether it was taken. */
  #noteTaken({ linkId, role, state, filled }: TrackedOrder, why = ''): void {
    const core = this.#core;
    if (state === 'rejected') {
      core.countRefusal(REPORTED);
      core.tell('warning', 'order.rejected', this.symbol, { linkId, class: REPORTED, why });
    }
    if (role !== 'E') return;
    if (state === 'cancelled' && filled === 0) core.tell('info', 'entry.unfilled', this.symbol, { linkId, why });
    core.guard.stepRates({ kind: state === 'rejected' ? 'rejected' : 'accepted', symbol: this.symbol });
  }

  onPosition(report: PositionReport, source: 'read' | 'stream'): void {
    if (source === 'stream') this.trafficAt = this.#core.now.mono;
    if (!this.ledger.hear(report)) return;
    this.#awaitsReading = false;
    this.#custody.heard(this.holding, report, source);
    this.settle();
  }

  /** The answer to a look-up that the desk or this actor requested. */
  positionRead(requestId: number, asked: Asked, reading: Reading<PositionReport>): void {
    if (requestId === this.#reading) this.#reading = undefined;
    if (reading.ok) this.onPosition(reading.value, 'read');
    const { entry } = this.orders;
    // What others have traded meanwhile says nothing about our order.
    const lots = reading.ok ? reading.value.lots - this.ledger.strangeLots(entry, reading.value.seq) : 'failed';
    if (this.#inquiry.positionRead(lots, asked.serverMs, entry)) this.#proveAbsent();
    this.settle();
    if (this.#reading === undefined && this.#wantsReading) this.readPosition();
  }

  /** Called after the reports and fills of the reading were taken one by one. */
  lookedUp(linkId: string, reading: Reading<LookUp>): void {
    const isFound = reading.ok && reading.value.orders.length + reading.value.fills.length > 0;
    const look = !reading.ok ? 'failed' : isFound ? 'found' : 'nothing';
    if (this.#inquiry.lookedUp(linkId, look, this.orders.entry)) this.#proveAbsent();
    this.settle();
  }

  #proveAbsent(): void {
    const order = this.orders.entry;
    if (order === undefined) return;
    this.orders.advance(order, 'proven-absent');
    this.restUntil = (this.#core.now.mono + ABSENT_BLOCK_MS) as Ms;
    this.#core.tell('warning', 'order.absent', this.symbol, { linkId: order.linkId });
  }

  /** A reading of the account does not contain this position. Only a reading of the position itself, with its seq, is evidence. */
  missedInAccount(): void {
    if (this.trade === undefined && this.holding.size === 0 && !this.#awaitsReading) return;
    // When many are closed at once, each is read only as often as it is reported: reads are rate-limited too.
    if (this.#core.now.mono - this.#readAt >= READ_APART_MS) this.readPosition();
  }

  /** Two readings agree on something that we do not know. */
  rebase(report: PositionReport): void {
    this.#core.tell('error', 'position.rebased', this.symbol, {
      from: this.#sizeText(this.holding.size),
      to: this.#sizeText(report.lots),
    });
    this.ledger.rebase(report);
    this.#custody.heard(this.holding, this.ledger.report ?? report, 'read');
    this.settle();
  }

  /** A position that an order of ours has made, by its stop's word, and no execution within reach. */
  claim(linkId: string, lots: number): void {
    if (this.trade !== undefined || this.orders.entry !== undefined) return;
    const known = this.orders.find(linkId);
    if (known !== undefined) {
      // The entry was believed absent: its plan still holds.
      noteFilled(known, Math.min(Math.abs(lots), known.lots ?? Infinity));
      this.orders.advance(known, 'filled-all');
      this.orders.entry ??= known;
      return this.settle();
    }
    this.orders.entry = this.#filledEntry(linkId, lots);
    this.settle();
  }

  /** Of which neither plan nor execution is known. */
  #filledEntry(linkId: string, lots: number): TrackedOrder {
    const order = trackOrder(linkId, 'E', lots > 0 ? 1 : -1, Math.abs(lots), undefined, this.#core.now.mono);
    order.state = 'filled';
    order.filled = Math.abs(lots);
    this.orders.adopt(order);
    return order;
  }

  /** One at a time, because reads are rate-limited too: one that is wanted meanwhile follows after the answer. */
  readPosition(): void {
    const now = this.#core.now.mono;
    this.#wantsReading = this.#reading !== undefined && now - this.#readAt < READ_LATE_MS;
    if (this.#wantsReading) return;
    this.#readAt = now;
    this.#reading = this.#core.ask({ kind: 'read-position', symbol: this.symbol }, this.#core.restPath, this.symbol);
  }

  /** A reconciliation agreed with this actor; two in a row end a quarantine. */
  reconciled(): void {
    if (this.#state !== 'quarantined') return;
    const now = this.#core.now.mono;
    const { ours, foreign, size, executed } = this.holding;
    const isClean = size === executed || (ours === 0 && this.trade === undefined);
    const since = isClean ? (this.#cleanAt ?? now) : undefined;
    this.#cleanAt = since;
    if (since === undefined || now - since < CLEAN_APART_MS) return;
    if (ours === 0) this.step(foreign === 0 ? 'proven-flat' : 'proven-foreign');
    else this.step(this.nakedSince === undefined ? 'proven-protected' : 'proven-naked');
    this.settle();
  }

  // Time and market

  /** Does whatever the present state requires. Safe to call at any time, any number of times. */
  settle(): void {
    if (this.#awaitsReading && !this.#isPressed) return;
    const order = this.orders.entry;
    if (order !== undefined) this.#inquiry.act(order, this.ledger.isMissingFills(order));
    if (this.#custody.settle(this.holding)) return;
    if (order !== undefined && isOver(order.state) && order.filled === 0) {
      this.step('entry-over');
      this.orders.entry = undefined;
      this.orders.forgetOld();
    }
    const { size, foreign } = this.holding;
    if (this.trade === undefined && this.orders.entry === undefined) this.asksWhose();
    if (foreign !== 0 && this.orders.entry === undefined && this.#state !== 'foreign') {
      this.#core.tell('warning', 'position.foreign', this.symbol, { size: this.#sizeText(foreign) });
      this.step('foreign');
    } else if (this.#state === 'foreign' && size === 0) this.step('flat');
    if (this.orders.entry === undefined && this.ledger.isClosed) {
      this.ledger.archive();
      this.#core.record({ kind: 'POSITION', body: { symbol: this.symbol, trade: null } });
    }
  }

  /**
   * What no execution explains may be of an entry that was believed absent, or a stranger's (O04, P7): that is asked at once,
   * and once. True until a whole reading that was asked for since then has come.
   */
  asksWhose(): boolean {
    const core = this.#core;
    const { size, executed } = this.holding;
    const isAsMeant = size - executed === this.ledger.expected;
    const lots = isAsMeant ? 0 : size - executed;
    if (lots !== this.#unexplained.lots) {
      this.#unexplained = { lots, since: core.now.mono };
      if (lots !== 0) core.wantsDeepReading = true;
    }
    return lots !== 0 && core.wholeReadingAt < this.#unexplained.since;
  }

  /** Closes whatever is there: a close can only reduce. */
  get #isPressed(): boolean {
    return this.#state === 'emergency-closing' && this.#core.now.mono - this.#restoredAt >= UNREAD_MS;
  }

  /** Book or tape have changed, or a second has passed. */
  look(): void {
    if (this.isWatched) this.#custody.look();
  }

  /** Of the open trade, all that is not booked yet. */
  unrealised(): ReturnType<Ledger['unrealised']> {
    return this.trade === undefined ? 0n : this.ledger.unrealised(this.trade);
  }

  /** `isSeen`: the exchange has reported the position since this process began, and the actor goes on from there. */
  restore({ trade, closing, fills, orders, entry, finished, restUntil }: Restored, isSeen = false): void {
    this.restUntil = restUntil;
    if (finished !== undefined) this.ledger.restoreFinished(finished);
    for (const fill of fills) this.ledger.add(fill);
    for (const order of orders) {
      this.orders.adopt(order);
      if (!isOver(order.state)) this.orders.advance(order, 'restarted', 'restart');
    }
    const isToldOf = entry !== undefined || this.holding.parts.some(({ origin }) => origin === 'entry');
    // What was claimed has left nothing in the journal but its trade.
    this.orders.entry =
      trade === undefined || isToldOf ? entry : this.#filledEntry(trade.id, trade.lots * EARNS[trade.side]);
    this.#restoredAt = this.#core.now.mono;
    this.#awaitsReading = !isSeen && (trade !== undefined || entry !== undefined);
    if (trade === undefined && entry !== undefined) this.step('entry-sent');
    if (trade !== undefined) this.#custody.restore(trade);
    else this.#custody.wasClosing(closing);
    this.ledger.tellAgain(trade);
  }

  // For the parts of the actor

  step(event: PositionEvent): void {
    const next = nextPositionState(this.#state, event);
    if (next === undefined) {
      this.#core.tell('error', 'position.illegal_transition', this.symbol, { state: this.#state, event });
      return this.#quarantine();
    }
    if (next === this.#state) return;
    this.#core.tell('info', 'position.state', this.symbol, { from: this.#state, to: next, on: event });
    this.#state = next;
  }

  contradict(what: string, fields: Readonly<Record<string, string | number>> = {}): void {
    this.#core.tell('error', 'position.contradiction', this.symbol, { what, ...fields });
    this.#quarantine();
  }

  /** Of lots, signed as they are: for people. */
  #sizeText(lots: number): string {
    return sizeText(lots as Lot, this.ledger.contract.instrument);
  }

  #quarantine(): void {
    this.#cleanAt = undefined;
    if (this.#state === 'quarantined' || isLeaving(this.#state)) return;
    this.#core.tell('critical', 'position.quarantined', this.symbol, { from: this.#state });
    this.#state = 'quarantined';
  }
}
