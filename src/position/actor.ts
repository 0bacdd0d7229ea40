// What goes on in one symbol? Everything that concerns its orders and its position passes through here, one after another.
import type { Ms } from '../lib/brand.ts';
import { sizeText } from '../market/instrument.ts';
import type { Lot } from '../market/units.ts';
import type { Answer, Reading } from '../order/gateway.ts';
import { isOver } from '../order/state.ts';
import type { Fill, OrderReport, Path, PositionReport } from '../order/words.ts';
import type { Asked, Core } from './core.ts';
import { Custody } from './custody.ts';
import { fillBody, fillTexts } from './trade/fill-body.ts';
import { isPayment, type Holding } from './trade/holding.ts';
import type { Outcome } from './trade/last-trade.ts';
import { Ledger } from './trade/ledger.ts';
import { Opening } from './entry/opening.ts';
import { OwnOrders } from './entry/own-orders.ts';
import { forcedReason, isTaking, type ExitReason } from './close/reason.ts';
import type { Restored } from './trade/restore.ts';
import { isLeaving, nextPositionState, type PositionEvent, type PositionState } from './state.ts';
import { eventOfAnswer, eventOfReport, noteFilled, type TrackedOrder } from './entry/tracked-order.ts';
import type { Trade } from './trade/trade.ts';

const CLEAN_APART_MS = 3_000;
/** A cascade takes one position after the other, each within milliseconds. */
const TAKEN_MS = 600_000;
const READ_APART_MS = 1_000;
/** A reading without an answer after this may be lost: another one is requested over the next path. */
const READ_LATE_MS = 500;
/** Refused by the order's own report, after its request was accepted, or not answered: beside the classes of answers. */
const REPORTED = 'reported';
/** In an emergency after a start, the longest wait for the first reading: closes may have a path where reads have none. */
const UNREAD_MS = 1_000;

export class Actor {
  readonly symbol: string;
  readonly orders: OwnOrders;
  readonly ledger: Ledger;
  readonly opening: Opening;
  /** Monotonic: when anything about this symbol last arrived. */
  trafficAt = 0 as Ms;
  readonly #core: Core;
  readonly #custody: Custody;
  #state: PositionState = 'flat';
  #cleanAt: Ms | undefined;
  /** Signed lots that no execution explains. */
  #unexplained = { lots: 0, since: 0 as Ms };
  /** Restored from the journal and not yet confirmed by the exchange: nothing is concluded before that. */
  #awaitsReading = false;
  #restoredAt = 0 as Ms;
  /** Exchange time: a restart does not end the time of a wave. */
  #takenMs = -Infinity;
  /** When the position was last requested, by which request if it has no answer yet, and whether another one is wanted after it. */
  #readAt = -Infinity;
  #reading: number | undefined;
  #wantsReading = false;

  constructor(symbol: string, core: Core) {
    this.symbol = symbol;
    this.#core = core;
    const instrument = () => this.ledger.contract.instrument;
    this.orders = new OwnOrders(core, symbol, instrument, ({ linkId, state }, event) => {
      core.tell('error', 'order.illegal_transition', symbol, { linkId, state, event });
      this.#quarantine();
    });
    this.ledger = new Ledger(core, symbol, this.orders);
    this.opening = new Opening(this, core);
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

  /** The exchange takes the position away, or did a short while ago: liquidation or ADL (P06). */
  get isTaken(): boolean {
    return this.#state === 'exchange-closing' || this.#core.serverMs - this.#takenMs < TAKEN_MS;
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
    const { guard, wholeReadingAt, soughtAt } = this.#core;
    const isCalm = this.#state === 'protected' || this.#state === 'amending';
    // After a doubt it is read first whether it is still there, and whose it is (P7).
    return isCalm && !this.#awaitsReading && guard.permissions.discretionary && wholeReadingAt >= soughtAt;
  }

  get evaluatedAt(): Ms | undefined {
    return this.#custody.evaluatedAt;
  }

  get isIdle(): boolean {
    const isBlank = this.trade === undefined && this.orders.entry === undefined && !this.#custody.isPlanless;
    return isBlank && this.#state === 'flat' && this.holding.size === 0;
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

  /** Closes the position. The first reason is kept; an emergency overrides what is under way. */
  leave(reason: ExitReason, isEmergency: boolean): void {
    if (this.trade === undefined) return;
    if (this.#state === 'emergency-closing' || (this.#state === 'closing' && !isEmergency)) return;
    this.#custody.leave(reason, isEmergency);
    this.settle();
  }

  /** A trade has ended so, now or before a restart. */
  hasEnded({ reason, atMs }: Outcome): void {
    if (isTaking(reason)) this.#takenMs = Math.max(this.#takenMs, atMs);
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
      if (order.role === 'E') this.opening.answered(order, answer);
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
    const isInVain = (order.state === 'cancelled' || order.state === 'rejected') && order.filled === 0;
    if (order.state !== before && order.role !== 'E' && isInVain) this.#custody.closedNothing();
    this.settle();
  }

  /** A new execution; the desk has removed repetitions. */
  onFill(fill: Fill): void {
    const core = this.#core;
    const { ledger, symbol } = this;
    const { instrument } = ledger.contract;
    this.trafficAt = core.now.mono;
    const late = ledger.last.lateOf(fill);
    const order = this.orders.find(fill.linkId);
    // After a start, executions arrive before the position has been read, and make it a trade.
    const { entry } = this.orders;
    const isFilled = entry !== undefined && (entry.filled > 0 || ledger.executedBy(entry) > 0);
    const executed = isFilled && !ledger.isClosed ? entry.linkId : undefined;
    const heldId = this.trade?.id ?? (isPayment(fill) ? executed : ledger.entryOf(fill));
    const tradeId = late?.id ?? heldId;
    const isOurs =
      late !== undefined || isPayment(fill) ? tradeId !== undefined : this.orders.originOf(fill) !== 'stranger';
    const amount = (late === undefined ? 0n : ledger.last.complete(fill)) - ledger.costOf(fill);
    core.guard.book(
      {
        kind: 'EXEC',
        body: { symbol, execId: fill.execId, fill: fillBody(fill, instrument), isLate: late !== undefined },
      },
      isOurs ? [{ kind: 'booked', amount, timeMs: fill.timeMs }] : [],
    );
    const taking = forcedReason(fill);
    if (heldId !== undefined && taking !== undefined && isTaking(taking)) {
      const { execId, side, size, price } = fillTexts(fill, instrument);
      core.tell('error', 'position.taken', symbol, { id: heldId, by: taking, execId, side, size, price });
    }
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
    if (state !== 'rejected') core.closedInRow.clear();
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
    this.opening.positionRead(reading, asked.serverMs);
    this.settle();
    if (this.#reading === undefined && this.#wantsReading) this.readPosition();
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
    if (order !== undefined) this.opening.inquire(order);
    if (this.#custody.settle(this.holding)) return;
    if (order !== undefined) this.opening.conclude(order);
    const { size, foreign } = this.holding;
    if (this.trade === undefined && this.orders.entry === undefined) this.asksWhose();
    if (foreign !== 0 && this.orders.entry === undefined && this.#state !== 'foreign') {
      this.#core.tell('warning', 'position.foreign', this.symbol, { size: this.#sizeText(foreign) });
      this.step('foreign');
    } else if (this.#state === 'foreign' && size === 0) this.step('flat');
    // What was ours, and no trade before it was over, is one as soon as there are rules for it: its loss counts too (R19).
    if (this.orders.entry === undefined && this.ledger.isClosed && !this.#custody.isPlanless) {
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
      if (lots !== 0) core.wantWholeReading();
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

  /** `former`: whose symbol is on another grid now, and who has told how its last trade ended; undefined: the process has just begun. */
  restore({ trade, fills, orders, entry, finished, restUntil }: Restored, former?: Actor): void {
    this.ledger.last.restore(finished);
    for (const fill of fills) this.ledger.add(fill);
    for (const order of orders) {
      this.orders.adopt(order);
      if (!isOver(order.state)) this.orders.advance(order, 'restarted', 'restart');
    }
    this.opening.restore(trade, entry, restUntil);
    this.#restoredAt = this.#core.now.mono;
    this.#awaitsReading = former?.awaitsReading !== false && (trade !== undefined || entry !== undefined);
    if (trade !== undefined) this.#custody.restore(trade);
    if (former === undefined) {
      const outcome = this.ledger.tellLast();
      if (outcome !== undefined) this.hasEnded(outcome);
    } else {
      // What a symbol rests for has nothing to do with its grid.
      this.opening.restUntil = former.opening.restUntil;
      this.opening.blockedUntil = former.opening.blockedUntil;
      this.#takenMs = former.#takenMs;
    }
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
