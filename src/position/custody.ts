// Who answers for the trade that is open in one symbol, from the first evidence of a fill to the last of size 0?
import type { Ms } from '../lib/brand.ts';
import { moneyText, type Money } from '../market/money.ts';
import { EARNS } from '../market/side.ts';
import type { Tick } from '../market/units.ts';
import type { Answer } from '../order/gateway.ts';
import type { Ended } from '../order/journal.ts';
import { isOver } from '../order/state.ts';
import type { Fill, Path, PositionReport } from '../order/words.ts';
import type { Actor } from './actor.ts';
import type { Average } from './breakeven.ts';
import type { Core } from './core.ts';
import { isTimedOut } from './exit.ts';
import { GoneEvidence } from './gone.ts';
import type { Holding } from './holding.ts';
import { recoveredTrade } from './intention.ts';
import { Leaver } from './leaver.ts';
import { Watch } from './monitor.ts';
import { isBreached, isTighter, standingOf } from './protect.ts';
import type { ExitReason } from './reason.ts';
import { isLeaving } from './state.ts';
import { StopKeeper, type Guarded } from './stop-keeper.ts';
import { tradeBody, type Trade } from './trade.ts';

/** What is delisted is left so long before it is settled: by then nobody is there to trade with (P13). */
const DELIVERY_MS = 86_400_000;
const CLOSE_STUCK_MS = 5_000;
/** Executions may be this late before the trade is finished without them; its row is then completed when they come. */
const FILLS_LATE_MS = 600_000;
const FILLS_ASKED_MS = 2_000;
/** So long readings may show what was before an entry. */
const VIEW_LATE_MS = 60_000;
/** A close that nobody answered for may still be accepted: nothing is entered before that is over. */
const CLOSE_ECHO_MS = 8_000;

export class Custody {
  /** What stands there is left as soon as it is recovered: it was being left before its numbers lost their meaning. */
  closing: ExitReason | undefined;
  readonly #actor: Actor;
  readonly #core: Core;
  readonly #gone = new GoneEvidence();
  #trade: Trade | undefined;
  #stop: StopKeeper;
  #leaver: Leaver | undefined;
  #watch: Watch | undefined;
  #isBreakevenGivenUp = false;
  #isNakedTold = false;
  #isBare = false;
  /** The exchange has shown it as a position. */
  #isSeen = false;
  /** Executions in the row that was told last. */
  #partsTold = 0;
  #surplusTold = 0;
  /** Since when something of ours is known of which neither a plan nor a reading says where its stop belongs. */
  #planlessAt: Ms | undefined;
  #goneAt: Ms | undefined;
  #fillsAskedAt: Ms | undefined;

  constructor(actor: Actor, core: Core) {
    this.#actor = actor;
    this.#core = core;
    this.#stop = new StopKeeper(core);
  }

  get trade(): Trade | undefined {
    return this.#trade;
  }

  /** Not yet flat by the exchange's word; executions may still be on their way when it is. */
  get isOpen(): boolean {
    return this.#trade !== undefined && this.#goneAt === undefined;
  }

  get nakedSince(): Ms | undefined {
    return this.#stop.nakedSince;
  }

  get isPlanless(): boolean {
    return this.#planlessAt !== undefined;
  }

  get evaluatedAt(): Ms | undefined {
    return this.#watch?.evaluatedAt;
  }

  restore(trade: Trade): void {
    this.#trade = trade;
    if (trade.aim !== undefined) this.#stop.wasUnderWay({ ...trade.stop, tick: trade.aim });
    this.#actor.step('seen-naked');
    if (trade.closing === undefined) return;
    this.#leaver = new Leaver(this.#core);
    this.#actor.step('emergency');
  }

  leave(reason: ExitReason, isEmergency: boolean): void {
    if (this.#trade?.closing === undefined) this.#change({ closing: reason });
    // Nothing stands there, as far as is known; should something appear, it is not kept.
    const { holding } = this.#actor;
    if (holding.ours === 0 && this.#unseen(holding) === 0) return;
    const level = isEmergency ? 'warning' : 'info';
    this.#core.tell(level, 'position.leaving', this.#actor.symbol, { reason, isEmergency });
    this.#leaver ??= new Leaver(this.#core);
    this.#actor.step(isEmergency ? 'emergency' : 'exit');
  }

  stopAnswered(requestId: number, answer: Answer): void {
    this.#stop.answered(requestId, answer, this.#actor.symbol);
  }

  closeAnswered(linkId: string, path: Path, answer: Answer): void {
    this.#leaver?.answered(linkId, path, answer);
    // Nobody else tells what became of it.
    if (answer.outcome === 'accepted' && !this.#core.isPrivateUp) this.#actor.readPosition();
  }

  foundNothing(): void {
    this.#leaver?.foundNothing();
  }

  pathReturned(path: Path): boolean {
    this.#leaver?.pathReturned(path);
    return this.#leaver !== undefined;
  }

  /** The newest word about the size. */
  heard({ ours, parts }: Holding, report: PositionReport, source: 'read' | 'stream'): void {
    if (ours !== 0) {
      this.#isSeen = true;
      this.#gone.reset();
      this.#goneAt = undefined;
    }
    // A view that does not contain a fill we know of says nothing about what is left after it.
    else if (parts.every(({ fill }) => fill.seq <= report.seq) && this.#isAfterEntry(report)) this.#gone.add(source);
  }

  /** Nor does one from before an entry that is told to be filled. The exchange's own disagreement is borne for so long. */
  #isAfterEntry({ seq }: PositionReport): boolean {
    const { entry } = this.#actor.orders;
    if (entry === undefined || entry.filled === 0 || seq > entry.baselineSeq) return true;
    return this.#core.now.mono - entry.changedAt >= VIEW_LATE_MS;
  }

  /** False where nothing of ours is open. */
  settle(holding: Holding): boolean {
    const opened = this.#trade ?? this.#open(holding);
    if (opened === undefined) return false;
    const trade = this.#begun(opened, holding);
    this.#tellRow(trade, holding);
    const isOpposite = holding.ours * EARNS[trade.side] < 0;
    if (!isOpposite) this.#noteStale();
    const unseen = this.#unseen(holding);
    if (holding.ours === 0 && this.#isStrangers(holding)) this.#disown(trade, holding);
    else if (unseen !== 0) this.#settleUnseen(trade, holding, unseen);
    else if (holding.ours === 0) this.#settleGone(trade, holding);
    else if (isOpposite) this.#settleOpposite(trade, holding);
    else this.#settleHeld(trade, holding);
    return this.#trade !== undefined;
  }

  /** What the market says of it, by the strategy. */
  look(): void {
    const trade = this.#trade;
    const core = this.#core;
    const { mono: now } = core.now;
    if (trade === undefined) return;
    if (isTimedOut(trade.openedMs, core.serverMs, trade.rules.maxHoldingMinutes))
      return this.#actor.leave('timeout', false);
    const { ledger } = this.#actor;
    const { deliveryMs } = ledger.contract;
    if (deliveryMs !== 0 && deliveryMs - core.serverMs < DELIVERY_MS) return this.#actor.leave('settlement', false);
    const entry = ledger.averageEntry(trade);
    if (entry === undefined) return;
    if (this.#isBeyondCap(trade, entry)) return this.#actor.leave('stop_loss_failed', false);
    this.#watch ??= new Watch((now - (core.serverMs - trade.openedMs)) as Ms, now);
    const mayTighten = this.#actor.state === 'protected' && !this.#isBreakevenGivenUp;
    const { view, options } = core;
    const decision = this.#watch.look(trade, entry, ledger.slot, view, options.market, mayTighten, now);
    if (decision.kind === 'exit') this.#actor.leave(decision.reason, false);
    if (decision.kind === 'breakeven' && this.#stop.tighten(this.#guarded(trade), decision.tick)) {
      this.#change({ aim: decision.tick });
      this.#actor.step('tighten');
    }
  }

  /** A market order's bound is counted from the exchange's own touch: beyond ours the stop is farther away than was approved (O28). */
  #isBeyondCap({ id, side, strategy, capTick }: Trade, { units, lots }: Average): boolean {
    const beyond = (units - capTick * lots) * EARNS[side];
    if (beyond <= 0 || strategy === 'recovered') return false;
    this.#core.tell('error', 'entry.beyond_cap', this.#actor.symbol, { id, average: units / lots, cap: capTick });
    return true;
  }

  #guarded(trade: Trade): Guarded {
    const { symbol, ledger } = this.#actor;
    return { symbol, slot: ledger.slot, side: trade.side, stop: trade.stop, graceMs: trade.rules.stopLossGraceMs };
  }

  #change(change: Partial<Trade>): void {
    if (this.#trade === undefined) return;
    this.#trade = { ...this.#trade, ...change };
    const { symbol, ledger } = this.#actor;
    this.#core.record({
      kind: 'POSITION',
      body: { symbol, trade: tradeBody(this.#trade, ledger.contract.instrument) },
    });
  }

  // Its beginning

  /** The first evidence that something of ours stands there, or stood, makes it a trade. */
  #open(holding: Holding): Trade | undefined {
    const core = this.#core;
    const { symbol, orders, ledger } = this.#actor;
    const order = orders.entry;
    if (holding.ours === 0 && (order === undefined || order.filled === 0)) {
      this.#planlessAt = undefined;
      return undefined;
    }
    const first = firstEntry(holding);
    const openedMs = first?.timeMs ?? core.serverMs;
    if (order?.intention === undefined) {
      const rules = core.options.rules(symbol) ?? core.anyRules;
      const { report } = ledger;
      const isUnread = report === undefined || report.lots === 0;
      this.#planlessAt ??= core.now.mono;
      // Its stop is not known from a plan: it is read before anything is set. One that it came with may stand nearer than any
      // that we would choose (I-08), so where nobody tells nothing is set, and beyond the grace it is not kept (I-07).
      const isOverdue = holding.ours !== 0 && core.now.mono - this.#planlessAt >= (rules?.exit.stopLossGraceMs ?? 0);
      if (rules === undefined || (isUnread && !isOverdue)) {
        if (this.#gone.wantsRead(core.now.mono)) this.#actor.readPosition();
        return undefined;
      }
      const entryTick = (first?.tick ?? Math.round(ledger.reportedEntry)) as Tick;
      const id = first?.linkId ?? `recovered-${symbol}-${openedMs}`;
      const recovered = recoveredTrade(id, holding.ours, entryTick, report, rules, ledger.contract, openedMs);
      this.#trade = { ...recovered, closing: this.closing ?? (isUnread ? 'stop_loss_failed' : undefined) };
      core.tell('critical', 'position.recovered', symbol, { id, lots: holding.ours });
    } else this.#trade = { ...order.intention.trade, openedMs };
    this.closing = undefined;
    this.#planlessAt = undefined;
    this.#stop = new StopKeeper(core);
    this.#isBreakevenGivenUp = false;
    this.#isNakedTold = false;
    this.#isBare = false;
    this.#surplusTold = 0;
    this.#change({});
    const { id, signalId, side, strategy } = this.#trade;
    core.tell('info', 'position.opened', symbol, { id, signalId, side, strategy, lots: holding.ours });
    this.#partsTold = 0;
    return this.#trade;
  }

  /** An entry may be known to be filled before it is known when: the trade is as old as its first execution (P11). */
  #begun(trade: Trade, holding: Holding): Trade {
    const openedMs = firstEntry(holding)?.timeMs ?? trade.openedMs;
    if (openedMs >= trade.openedMs) return trade;
    this.#change({ openedMs });
    return this.#trade ?? trade;
  }

  /** A row is told when an execution of ours is known, until then it may be somebody else's, and anew with each that follows. */
  #tellRow(trade: Trade, { parts }: Holding): void {
    if (parts.length === this.#partsTold || !parts.some(({ origin }) => origin === 'entry')) return;
    this.#partsTold = parts.length;
    this.#actor.ledger.tellOpen(trade);
  }

  /** Our entry is over and nothing of it was filled: what appeared beside it was a stranger's. */
  #isStrangers({ parts }: Holding): boolean {
    const { entry: order } = this.#actor.orders;
    const isEmpty = order !== undefined && isOver(order.state) && order.filled === 0;
    return isEmpty && !parts.some(({ origin }) => origin === 'entry');
  }

  /** Signed lots that our entry's own report alone tells of: no execution and no position has come, and no proof that nothing is left. */
  #unseen({ ours, parts }: Holding): number {
    const { entry: order } = this.#actor.orders;
    if (ours !== 0 || order === undefined || this.#isSeen || this.#gone.isComplete) return 0;
    return parts.some(({ origin }) => origin === 'entry') ? 0 : order.filled * order.sign;
  }

  // Its life

  /** Who was told of a fill does not wait for more than the grace: it is read, given its stop unseen, and closed (P01). */
  #settleUnseen(trade: Trade, holding: Holding, ours: number): void {
    const actor = this.#actor;
    actor.step('seen-naked');
    if (this.#gone.wantsRead(this.#core.now.mono)) actor.readPosition();
    if (trade.closing !== undefined) this.leave(trade.closing, true);
    else if (!isLeaving(actor.state)) this.#protect(trade, true);
    if (isLeaving(actor.state)) this.#bringHome(this.#trade ?? trade, { ...holding, ours });
  }

  #settleHeld(trade: Trade, holding: Holding): void {
    const actor = this.#actor;
    const { report } = actor.ledger;
    const isUnread = report === undefined || report.lots === 0;
    const isTaken = report?.status === 'liquidating' || report?.status === 'deleveraging';
    this.#tellSurplus(holding.foreign);
    const isStanding = !isUnread && this.#readStop(trade, report);
    const current = this.#trade ?? trade;
    actor.step(isTaken ? 'taken' : isStanding ? 'seen-protected' : 'seen-naked');
    if (actor.state === 'amending') this.#settleAmending(current);
    if (!isStanding && !isTaken && !isLeaving(actor.state)) this.#protect(current, isUnread || actor.asksWhose());
    if (current.closing !== undefined && !isLeaving(actor.state)) this.leave(current.closing, true);
    if (isLeaving(actor.state)) {
      this.#noteBare(!isUnread && !isStanding && !isTaken);
      this.#bringHome(this.#trade ?? current, holding);
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
      this.#core.tell('critical', 'position.turned', this.#actor.symbol, { id: trade.id, lots: holding.ours });
      this.leave('stop_loss_failed', true);
    }
    this.#bringHome(this.#trade ?? trade, holding);
  }

  /** What a stale entry fills goes home: it is no zombie any more when all of it is filled, so that is written down at once. */
  #noteStale(): void {
    if (this.#actor.orders.entry?.state !== 'zombie' || this.#trade?.closing !== undefined) return;
    this.#change({ closing: 'timeout' });
  }

  #tellSurplus(foreign: number): void {
    if (foreign !== 0 && foreign !== this.#surplusTold) {
      this.#core.tell('error', 'position.foreign_surplus', this.#actor.symbol, { lots: foreign });
    }
    this.#surplusTold = foreign;
  }

  /** Does the stop stand, by the exchange's word? A tighter one, whoever has set it, is kept. */
  #readStop(trade: Trade, { stop: seen }: PositionReport): boolean {
    const { symbol } = this.#actor;
    const target = this.#stop.target ?? (trade.aim === undefined ? undefined : { ...trade.stop, tick: trade.aim });
    const isAmended = target !== undefined && ['right', 'tighter'].includes(standingOf(seen, target, trade.side));
    const standing = standingOf(seen, trade.stop, trade.side);
    if (isAmended && seen !== undefined) {
      this.#stop.amended();
      this.#change({ stop: seen, aim: undefined, isBreakeven: true });
      this.#core.tell('info', 'position.breakeven', symbol, { stop: seen.tick });
      if (this.#actor.state === 'amending') this.#actor.step('amended');
    } else if (standing === 'tighter' && seen !== undefined) {
      this.#core.tell('warning', 'position.sl_changed_externally', symbol, { from: trade.stop.tick, to: seen.tick });
      this.#change({ stop: seen, aim: undefined });
    } else if (
      standing === 'other-trigger' &&
      seen !== undefined &&
      isTighter(seen.tick, trade.stop.tick, trade.side)
    ) {
      // What sets it off is put right, where it waits is kept: after a crash we may have forgotten that it was tightened (I-08).
      this.#change({ stop: { ...seen, by: trade.stop.by } });
    }
    if (standing !== 'right' && standing !== 'tighter') return false;
    if (this.#stop.nakedSince !== undefined || this.#actor.state === 'opening') {
      this.#core.tell('info', 'position.protected', symbol, { stop: seen?.tick ?? 0 });
    }
    this.#isNakedTold = false;
    this.#stop.protectedNow();
    return true;
  }

  #protect(trade: Trade, isUnread: boolean): void {
    if (!isUnread && !this.#isNakedTold) {
      this.#isNakedTold = true;
      this.#core.tell('critical', 'position.unprotected', this.#actor.symbol, { stop: trade.stop.tick });
    }
    const { market } = this.#core.options;
    const { slot } = this.#actor.ledger;
    const price = trade.stop.by === 'last' ? market.last(slot) : market.mark(slot)?.tick;
    // The exchange's own stop may be about to trigger: only one that is known to be missing can be too late.
    const isTooLate = !isUnread && isBreached(trade.stop.tick, price, trade.side);
    const action = this.#stop.naked(this.#guarded(trade), isUnread, isTooLate);
    if (action === 'close') this.leave('stop_loss_failed', true);
  }

  #settleAmending(trade: Trade): void {
    if (!this.#stop.amending(this.#guarded(trade))) return;
    this.#isBreakevenGivenUp = true;
    this.#core.tell('error', 'position.breakeven_failed', this.#actor.symbol, { stop: trade.stop.tick });
    this.#stop.amended();
    this.#change({ aim: undefined });
    this.#actor.step('amended');
  }

  // Its end

  #bringHome(trade: Trade, holding: Holding): void {
    const actor = this.#actor;
    const core = this.#core;
    this.#leaver ??= new Leaver(core);
    if (actor.state === 'closing' && core.now.mono - this.#leaver.startedAt >= CLOSE_STUCK_MS) {
      core.tell('critical', 'position.close_stuck', actor.symbol, { lots: holding.ours });
      actor.step('emergency');
    }
    const { slot, contract } = actor.ledger;
    const sent = this.#leaver.act({
      symbol: actor.symbol,
      slot,
      contract,
      ours: holding.ours,
      isShared: holding.foreign !== 0,
      reason: trade.closing ?? 'manual',
      isEmergency: actor.state === 'emergency-closing',
    });
    for (const order of sent) actor.orders.adopt(order);
  }

  /** Nothing of ours is left, as far as we know: it is believed on evidence only (P18). */
  #settleGone(trade: Trade, holding: Holding): void {
    const actor = this.#actor;
    const { mono: now } = this.#core.now;
    const { entry: order } = actor.orders;
    if (order !== undefined && !isOver(order.state) && order.state !== 'zombie') return;
    if (!this.#gone.isComplete) {
      if (this.#gone.wantsRead(now)) actor.readPosition();
      return;
    }
    this.#goneAt ??= now;
    if (!this.#isSeen) this.#stop.protectedNow();
    const isAllFilled = order === undefined || !actor.ledger.isMissingFills(order);
    const isWhole = isAllFilled && holding.executed === holding.size && actor.ledger.isBalanced(trade);
    if (isWhole || now - this.#goneAt >= FILLS_LATE_MS) return this.#finish(trade, holding);
    if (this.#fillsAskedAt !== undefined && now - this.#fillsAskedAt < FILLS_ASKED_MS) return;
    this.#fillsAskedAt = now;
    this.#core.wantsDeepReading = true;
  }

  #finish(trade: Trade, { foreign, parts }: Holding): void {
    const actor = this.#actor;
    const core = this.#core;
    const { symbol } = actor;
    const { result, reason, isComplete, atMs: timeMs } = actor.ledger.finish(trade);
    // Fees of our own orders were booked as they came; that an execution of somebody else closed ours is known only now.
    core.stepLosses({ kind: 'booked', amount: result.gross - strangersFees(parts), timeMs });
    core.stepLosses({ kind: 'closed', symbol, net: result.net, timeMs });
    if (!isComplete) {
      core.tell('warning', 'trade.incomplete', symbol, { id: trade.id, in: result.entryLots, out: result.exitLots });
      core.wantsDeepReading = true;
    }
    core.tell('info', 'position.closed', symbol, {
      id: trade.id,
      signalId: trade.signalId,
      reason,
      net: moneyText(result.net),
    });
    this.#release(foreign, actor.ledger.ended);
  }

  #disown(trade: Trade, { foreign }: Holding): void {
    this.#core.tell('error', 'position.disowned', this.#actor.symbol, { id: trade.id, lots: foreign });
    this.#release(foreign, undefined);
  }

  /** Ours no more. */
  #release(foreign: number, ended: Ended | undefined): void {
    const actor = this.#actor;
    const core = this.#core;
    const isEchoing = [...actor.orders.all()].some(({ role, state }) => role !== 'E' && !isOver(state));
    if (isEchoing) actor.restUntil = Math.max(actor.restUntil, core.now.mono + CLOSE_ECHO_MS) as Ms;
    this.#trade = undefined;
    this.#leaver = undefined;
    this.#watch = undefined;
    this.#stop = new StopKeeper(core);
    this.#gone.reset();
    this.#isSeen = false;
    this.#goneAt = undefined;
    actor.orders.entry = undefined;
    actor.orders.forgetOld();
    core.record({
      kind: 'POSITION',
      body: { symbol: actor.symbol, trade: null, ...(ended === undefined ? {} : { ended }) },
    });
    actor.step(foreign === 0 ? 'flat' : 'foreign');
  }
}

function strangersFees(parts: Holding['parts']): Money {
  const theirs = parts.filter(({ origin, ourLots }) => origin === 'stranger' && ourLots > 0);
  return theirs.reduce((sum, { fill, ourLots }) => sum + (fill.fee * BigInt(ourLots)) / BigInt(fill.lots), 0n);
}

function firstEntry({ parts }: Holding): Fill | undefined {
  return parts.find(({ origin }) => origin === 'entry')?.fill;
}
