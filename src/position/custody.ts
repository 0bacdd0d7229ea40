// Who answers for the trade that is open in one symbol, from the first evidence of a fill to the last of size 0?
import type { Ms } from '../lib/brand.ts';
import { moneyText } from '../market/money.ts';
import { exactSizeText, sizeDecimal, type Size } from '../market/size.ts';
import { EARNS } from '../market/side.ts';
import type { Answer } from '../order/gateway.ts';
import type { Ended } from '../order/journal.ts';
import { isOver } from '../order/state.ts';
import type { Path, PositionReport } from '../order/words.ts';
import { LOSS_COOLDOWN_MS, type LossEvent } from '../risk/losses.ts';
import type { Actor } from './actor.ts';
import type { Core } from './core.ts';
import { averagePrice } from './trade/average-price.ts';
import { FirstEvidence, firstEntry } from './trade/first-evidence.ts';
import { HeldTrade } from './trade/held-trade.ts';
import type { Holding } from './trade/holding.ts';
import { othersFees } from './trade/result.ts';
import { Leaver } from './close/leaver.ts';
import { Lookout } from './watch/lookout.ts';
import { isTaking, type ExitReason } from './close/reason.ts';
import { PROTECT_SOFT_MS } from './stop/protect.ts';
import { StandingStop } from './stop/standing-stop.ts';
import { isLeaving } from './state.ts';
import type { Trade } from './trade/trade.ts';
import { Whereabouts } from './close/whereabouts.ts';

const CLOSE_STUCK_MS = 5_000;
/** The exchange executes a stop within milliseconds, and under load within seconds. */
const PASSED_MS_MAX = 5_000;
/** For how long a closed trade waits for missing executions before it is finished without them; its row is completed when they come. */
const FILLS_LATE_MS = 600_000;
const FILLS_ASKED_MS = 2_000;
/** A close without an answer may still be accepted within this time: no entry before that. */
const CLOSE_ECHO_MS = 8_000;

export class Custody {
  readonly #actor: Actor;
  readonly #core: Core;
  readonly #held: HeldTrade;
  readonly #stop: StandingStop;
  readonly #whereabouts: Whereabouts;
  readonly #evidence: FirstEvidence;
  readonly #lookout: Lookout;
  #leaver: Leaver | undefined;
  #isBare = false;
  /** Its stop stands, and has not fired though the price is beyond it for so long. */
  #isPassed = false;
  /** Number of executions in the row that was stored last. */
  #partsTold = 0;
  #surplusTold = 0;
  #fillsAskedAt: Ms | undefined;

  constructor(actor: Actor, core: Core) {
    this.#actor = actor;
    this.#core = core;
    this.#held = new HeldTrade(core, actor.symbol, actor.ledger);
    this.#stop = new StandingStop(actor, core, this.#held);
    this.#whereabouts = new Whereabouts(core, actor.orders);
    this.#evidence = new FirstEvidence(actor, core, this.#whereabouts);
    this.#lookout = new Lookout(core, actor.symbol, actor.ledger);
  }

  get trade(): Trade | undefined {
    return this.#held.trade;
  }

  /** Not yet flat by the exchange's reports. Executions may still be on their way afterwards. */
  get isOpen(): boolean {
    return this.#held.trade !== undefined && this.#whereabouts.goneAt === undefined;
  }

  get nakedSince(): Ms | undefined {
    return this.#stop.nakedSince;
  }

  get isPlanless(): boolean {
    return this.#evidence.isPlanless;
  }

  get evaluatedAt(): Ms | undefined {
    return this.#lookout.evaluatedAt;
  }

  restore(trade: Trade): void {
    this.#held.restore(trade);
    this.#lookout.restore();
    this.#actor.step('seen-naked');
    if (trade.closing !== undefined) this.#actor.step('emergency');
  }

  leave(reason: ExitReason, isEmergency: boolean): void {
    if (this.#held.trade?.closing === undefined) this.#held.change({ closing: reason });
    // Nothing stands there, as far as is known; should something appear, it is not kept.
    const { holding } = this.#actor;
    if (holding.ours === 0 && this.#whereabouts.unseen(holding) === 0) return;
    const level = isEmergency ? 'warning' : 'info';
    this.#core.tell(level, 'position.leaving', this.#actor.symbol, { reason, isEmergency });
    this.#actor.step(isEmergency ? 'emergency' : 'exit');
  }

  stopAnswered(requestId: number, answer: Answer): void {
    const { trade } = this.#held;
    if (trade !== undefined) this.#stop.answered(trade, requestId, answer);
  }

  closeAnswered(linkId: string, path: Path, answer: Answer): void {
    const isShared = this.#actor.holding.foreign !== 0;
    this.#leaver?.answered(linkId, path, answer);
    // No other report says what became of it; or none in time, before the next close takes what is somebody else's (P7).
    const isUntold = answer.outcome === 'accepted' && !this.#core.isPrivateUp;
    if (isUntold || (isShared && answer.outcome !== 'refused')) this.#actor.readPosition();
  }

  closedNothing(): void {
    this.#leaver?.closedNothing();
  }

  pathReturned(path: Path): boolean {
    this.#leaver?.pathReturned(path);
    return this.#leaver !== undefined;
  }

  /** Takes the newest report of the size. */
  heard(holding: Holding, report: PositionReport, source: 'read' | 'stream'): void {
    this.#whereabouts.heard(holding, report, source);
  }

  /** False where nothing of ours is open. */
  settle(holding: Holding): boolean {
    const opened = this.#held.trade ?? this.#open(holding);
    if (opened === undefined) return false;
    const trade = this.#begun(opened, holding);
    this.#tellRow(trade, holding);
    const isOpposite = holding.ours * EARNS[trade.side] < 0;
    if (!isOpposite) this.#noteStale();
    const unseen = this.#whereabouts.unseen(holding);
    if (holding.ours === 0 && this.#isStrangers(holding)) this.#disown(trade, holding);
    else if (unseen !== 0) this.#settleUnseen(trade, holding, unseen);
    else if (holding.ours === 0) this.#settleGone(trade, holding);
    else if (isOpposite) this.#settleOpposite(trade, holding);
    else this.#settleHeld(trade, holding);
    return this.#held.trade !== undefined;
  }

  /** Exits that time and market ask for, by the strategy. */
  look(): void {
    const { trade } = this.#held;
    if (trade === undefined) return;
    const decision = this.#lookout.look(trade, this.#stop.mayTighten);
    const best = this.#lookout.bestToKeep(trade);
    if (best !== undefined) this.#held.change({ best });
    if (decision.kind === 'exit') this.#actor.leave(decision.reason, false);
    if (decision.kind === 'breakeven') this.#stop.tighten(trade, decision.tick);
  }

  // Its beginning

  #open(holding: Holding): Trade | undefined {
    const trade = this.#evidence.tradeOf(holding);
    if (trade === undefined) return undefined;
    this.#isBare = false;
    this.#isPassed = false;
    this.#surplusTold = 0;
    this.#partsTold = 0;
    this.#held.begin(trade);
    this.#whereabouts.opened();
    const { id, signalId, side, strategy } = trade;
    const { symbol, ledger } = this.#actor;
    const entryPrice = averagePrice(ledger.averageEntry(trade), ledger.contract.instrument);
    // Neither is known of an order that is told to be filled before its executions are.
    const size = holding.exactOurs === 0n ? {} : { size: this.#size(holding.exactOurs) };
    const paid = entryPrice === undefined ? {} : { entryPrice: moneyText(entryPrice) };
    this.#core.tell('info', 'position.opened', symbol, { id, signalId, side, strategy, ...size, ...paid });
    ledger.tellOwn(trade);
    return trade;
  }

  /** An entry may be known to be filled before it is known when: the trade is as old as its first execution (P11). */
  #begun(trade: Trade, holding: Holding): Trade {
    const openedMs = firstEntry(holding)?.timeMs ?? trade.openedMs;
    if (openedMs >= trade.openedMs) return trade;
    this.#held.change({ openedMs });
    return this.#held.trade ?? trade;
  }

  /** A row is told when something is known to be bought for us, until then it may be somebody else's, and anew with each that follows. */
  #tellRow(trade: Trade, { parts }: Holding): void {
    if (parts.length === this.#partsTold || !hasBought(parts)) return;
    this.#partsTold = parts.length;
    this.#actor.ledger.tellOpen(trade);
  }

  /** Our entry is over and nothing was bought by it for us: it has found nothing, or closed what a stranger had there (P09). */
  #isStrangers({ parts }: Holding): boolean {
    const { entry: order } = this.#actor.orders;
    const isKnown = order !== undefined && isOver(order.state) && !this.#actor.ledger.isMissingFills(order);
    return isKnown && !hasBought(parts);
  }

  // Its life

  /** Who was told of a fill does not wait for more than the grace: it is read, given its stop unseen, and closed (P01). */
  #settleUnseen(trade: Trade, holding: Holding, ours: number): void {
    const actor = this.#actor;
    actor.step('seen-naked');
    if (this.#whereabouts.wantsRead) actor.readPosition();
    if (trade.closing !== undefined && actor.state !== 'emergency-closing') this.leave(trade.closing, true);
    else if (!isLeaving(actor.state)) this.#protect(trade, true);
    if (isLeaving(actor.state)) this.#bringHome(this.#held.trade ?? trade, { ...holding, ours });
  }

  #settleHeld(trade: Trade, holding: Holding): void {
    const actor = this.#actor;
    const { report } = actor.ledger;
    const isUnread = report === undefined || report.lots === 0;
    const isTaken = report?.status === 'liquidating' || report?.status === 'deleveraging';
    this.#tellSurplus(holding);
    const isStanding = !isUnread && this.#stop.isStanding(trade, report);
    const current = this.#held.trade ?? trade;
    actor.step(isTaken ? 'taken' : isStanding ? 'seen-protected' : 'seen-naked');
    if (actor.state === 'amending') this.#stop.settleAmending(current);
    if (!isStanding && !isTaken && !isLeaving(actor.state)) this.#protect(current, isUnread || actor.asksWhose());
    if (isStanding && !isTaken && !isLeaving(actor.state)) this.#leavePassed(current);
    if (current.closing !== undefined && !isLeaving(actor.state)) this.leave(current.closing, true);
    if (isLeaving(actor.state)) {
      this.#noteBare(!isUnread && !isStanding && !isTaken);
      this.#isPassed = this.#stop.passedMs(current) >= PASSED_MS_MAX;
      this.#bringHome(this.#held.trade ?? current, holding);
    }
  }

  /** At the first word that what is leaving has no stop any more nothing is waited for. */
  #noteBare(isBare: boolean): void {
    if (isBare && !this.#isBare) this.#leaver?.hurry();
    this.#isBare = isBare;
  }

  /** A stale entry of ours has turned the position round: no stop of ours fits what stands there, so it goes home (I-07). */
  #settleOpposite(trade: Trade, holding: Holding): void {
    if (this.#actor.state !== 'emergency-closing') {
      this.#core.tell('critical', 'position.turned', this.#actor.symbol, {
        id: trade.id,
        size: this.#size(holding.exactOurs),
      });
      this.leave('stop_loss_failed', true);
    }
    this.#bringHome(this.#held.trade ?? trade, holding);
  }

  /** What a stale entry fills goes home: it is no zombie any more when all of it is filled, so that is written down at once. */
  #noteStale(): void {
    if (this.#actor.orders.entry?.state !== 'zombie' || this.#held.trade?.closing !== undefined) return;
    this.#held.change({ closing: 'timeout' });
  }

  #tellSurplus({ foreign, exactForeign }: Holding): void {
    if (foreign !== 0 && foreign !== this.#surplusTold) {
      this.#core.tell('error', 'position.foreign_surplus', this.#actor.symbol, { size: this.#size(exactForeign) });
    }
    this.#surplusTold = foreign;
  }

  /** A stop that does not fire guards nothing (I-07). It may have been executed, untold: that is read first. */
  #leavePassed(trade: Trade): void {
    const passedMs = this.#stop.passedMs(trade);
    // That it was executed may have been told while we stood still (L01).
    if (passedMs < PROTECT_SOFT_MS || this.#core.isDraining) return;
    if (passedMs < PASSED_MS_MAX) {
      if (this.#whereabouts.wantsRead) this.#actor.readPosition();
      return;
    }
    this.#core.tell('critical', 'position.stop_passed', this.#actor.symbol, { passedMs });
    this.leave('stop_loss_failed', true);
  }

  #protect(trade: Trade, isUnread: boolean): void {
    // That the stop stands may have been told while we stood still (L01).
    if (this.#core.isDraining) return;
    if (this.#stop.protect(trade, isUnread)) this.leave('stop_loss_failed', true);
  }

  // Its end

  #bringHome(trade: Trade, holding: Holding): void {
    const actor = this.#actor;
    const core = this.#core;
    // What the last close has taken may have been told while we stood still: another would take what is somebody else's (L01, P7).
    if (core.isDraining && this.#leaver !== undefined) return;
    this.#leaver ??= new Leaver(core);
    const { begunAt = core.now.mono } = this.#leaver;
    if (actor.state === 'closing' && core.now.mono - begunAt >= CLOSE_STUCK_MS) {
      core.tell('critical', 'position.close_stuck', actor.symbol, { size: this.#size(holding.exactOurs) });
      actor.step('emergency');
    }
    const { slot, contract } = actor.ledger;
    // Where no stream tells, or has told, what a person has added, only a whole reading does: an exit waits for it before each close,
    // an emergency before it takes once more of what is shared (P7).
    const isDoubted = !core.isPrivateUp || core.wholeReadingAt < core.soughtAt;
    const isBlind = isDoubted && actor.state === 'closing';
    const isSharing = holding.foreign !== 0;
    const isRepeating = isDoubted && isSharing && this.#leaver.mayHaveTaken;
    const waitsForReading = isBlind || isRepeating;
    const isUnread = waitsForReading && core.wholeReadingAt < this.#leaver.readFrom;
    const sent = this.#leaver.act({
      symbol: actor.symbol,
      slot,
      contract,
      ours: holding.ours,
      isShared: isSharing || isBlind || (isDoubted && this.#isAllKnown(holding)),
      isUntold: isUnread || ((isSharing || isBlind) && actor.ledger.closing.untold > 0),
      taken: isDoubted && isSharing ? this.#takenUnseen(trade, holding) : 0,
      seq: actor.ledger.seq,
      reason: trade.closing ?? 'manual',
      isEmergency: actor.state === 'emergency-closing',
    });
    for (const order of sent) actor.orders.adopt(order);
    if (waitsForReading) core.wantWholeReading(this.#leaver.readFrom);
    if (holding.foreign !== 0 && sent.length === 0) actor.missedInAccount();
  }

  /** By accepted closes, of lots that a person has added to meanwhile: no size shows it. Without a stop that fires it is closed all the same. */
  #takenUnseen({ side }: Trade, { ours, size, executed }: Holding): number {
    const { ledger } = this.#actor;
    const isRaised = (size - executed - ledger.expected) * EARNS[side] > 0;
    const isGuarded = !this.#isBare && !this.#isPassed;
    return isRaised && isGuarded ? Math.min(Math.abs(ours), ledger.closing.accepted) : 0;
  }

  /** Nothing of ours can be there that a close of this number would leave, nor is it too small for one with a number (P10). */
  #isAllKnown({ ours, size, executed }: Holding): boolean {
    const { orders, ledger } = this.#actor;
    const isWhole = orders.entry !== undefined && !orders.isEntryOpen && !ledger.isMissingFills(orders.entry);
    return isWhole && executed === size && Math.abs(ours) >= ledger.contract.lotsMin;
  }

  /** Nothing of ours is left, as far as we know: it is believed on evidence only (P18). */
  #settleGone(trade: Trade, holding: Holding): void {
    const actor = this.#actor;
    const { mono: now } = this.#core.now;
    const { entry: order } = actor.orders;
    if (order !== undefined && !isOver(order.state) && order.state !== 'zombie') return;
    if (!this.#whereabouts.isProvenGone) {
      if (this.#whereabouts.wantsRead) actor.readPosition();
      return;
    }
    const goneAt = this.#whereabouts.noteGone();
    if (!this.#whereabouts.isSeen) this.#stop.protectedNow();
    const isAllFilled = order === undefined || !actor.ledger.isMissingFills(order);
    const isWhole = isAllFilled && holding.executed === holding.size && actor.ledger.isBalanced(trade);
    if (isWhole || now - goneAt >= FILLS_LATE_MS) return this.#finish(trade, holding);
    if (this.#fillsAskedAt !== undefined && now - this.#fillsAskedAt < FILLS_ASKED_MS) return;
    this.#fillsAskedAt = now;
    this.#core.wantWholeReading();
  }

  #finish(trade: Trade, { foreign, parts }: Holding): void {
    const actor = this.#actor;
    const core = this.#core;
    const { symbol } = actor;
    actor.ledger.tellOwn(trade);
    const outcome = actor.ledger.finish(trade);
    actor.hasEnded(outcome);
    const { result, reason, isComplete, atMs: timeMs } = outcome;
    const isTaken = isTaking(reason);
    const untilMs = (timeMs + LOSS_COOLDOWN_MS) as Ms;
    const rest: readonly LossEvent[] = isTaken ? [{ kind: 'rested', symbol, untilMs }] : [];
    if (!isComplete) {
      core.tell('warning', 'trade.incomplete', symbol, {
        id: trade.id,
        in: sizeDecimal(result.entrySize),
        out: sizeDecimal(result.exitSize),
      });
      core.wantWholeReading();
    }
    core.tell(isTaken ? 'error' : 'info', 'position.closed', symbol, {
      id: trade.id,
      signalId: trade.signalId,
      reason,
      net: moneyText(result.net),
    });
    // Fees of our own orders were booked as they came; what an execution of others has closed of ours is known only now.
    this.#release(foreign, actor.ledger.last.ended, [
      { kind: 'booked', amount: result.gross - othersFees(parts, actor.ledger.contract.instrument), timeMs },
      { kind: 'closed', symbol, net: result.net, timeMs },
      ...rest,
    ]);
  }

  /** An entry that was filled has cost its fee, and is over with it; one that has found nothing may still be found to have. */
  #disown(trade: Trade, holding: Holding): void {
    const { foreign, exactForeign } = holding;
    const size = this.#size(exactForeign);
    this.#core.tell('error', 'position.disowned', this.#actor.symbol, { id: trade.id, size });
    if (firstEntry(holding) === undefined) this.#release(foreign, undefined, []);
    else this.#finish(trade, holding);
  }

  /** Ours no more. */
  #release(foreign: number, ended: Ended | undefined, events: readonly LossEvent[]): void {
    const actor = this.#actor;
    const core = this.#core;
    const isEchoing = [...actor.orders.all()].some(({ role, state }) => role !== 'E' && !isOver(state));
    if (isEchoing) actor.opening.restUntil = Math.max(actor.opening.restUntil, core.now.mono + CLOSE_ECHO_MS) as Ms;
    this.#leaver = undefined;
    this.#lookout.forget();
    this.#stop.end();
    this.#whereabouts.forget();
    actor.orders.entry = undefined;
    actor.orders.forgetOld();
    this.#held.end(ended, events);
    actor.step(foreign === 0 ? 'flat' : 'foreign');
  }

  /** Signed: for people. */
  #size(size: Size): string {
    return exactSizeText(size, this.#actor.ledger.contract.instrument);
  }
}

function hasBought(parts: Holding['parts']): boolean {
  return parts.some(({ origin, ours }) => origin === 'entry' && ours > 0n);
}
