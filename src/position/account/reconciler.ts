// Does the exchange agree with what we know? The account is read at the start, regularly, and whenever there is doubt.
import type { Ms } from '../../lib/brand.ts';
import { moneyText, type Money } from '../../market/money.ts';
import type { AccountReading, Reading } from '../../order/gateway.ts';
import { ownerOf, parseLinkId } from '../../order/link-id.ts';
import { isOver } from '../../order/state.ts';
import type { Fill, OrderReport, Path } from '../../order/words.ts';
import { dayOf } from '../../risk/losses.ts';
import type { Mode } from '../../risk/mode.ts';
import type { Actor } from '../actor.ts';
import type { Asked, Core } from '../core.ts';
import {
  APART_MS,
  besideOf,
  currentFills,
  digestOf,
  findingsOf,
  readingAnew,
  readingAsked,
  readingDone,
  readingDue,
  seekReadings,
  Suspicions,
  type Finding,
  type Readings,
} from './reconcile.ts';
import { inOrder, isPayment, reportedSize } from '../trade/holding.ts';
import { pastTrades, type PastTrade } from '../trade/past.ts';
import { refuseKey } from '../entry/refusal.ts';
import type { Reports } from '../reports.ts';
import { executionRow } from '../trade/result.ts';
import type { Roster } from '../roster.ts';
import { isLeaving } from '../state.ts';

const SINCE_SLACK_MS = 600_000;
/**
 * Without a journal executions of a whole day are looked through, and of half a day before it, when what ended in it was opened;
 * with one those of so long, however old what it remembers is.
 */
const FIRST_SINCE_MS = 129_600_000;
const SINCE_MS_MAX = 90 * 86_400_000;
/** Of so long they can be read in time on any account. */
const SINCE_MS_SURE = 7 * 86_400_000;

/** A run that was in one of these had read its account whole: what another instance has there since is not ours. */
const RECONCILED: ReadonlySet<unknown> = new Set<Mode>(['ACTIVE', 'REDUCE_ONLY']);

interface Born {
  readonly atMs: Ms;
  readonly hasRead?: boolean;
}

export class Reconciler {
  readonly #core: Core;
  readonly #roster: Roster;
  readonly #reports: Reports;
  readonly #suspicions = new Suspicions();
  #readings: Readings;
  /** The reading under way. Answers to earlier requests no longer count. */
  #requestId: number | undefined;
  #path: Path | undefined;
  /** Server time up to which executions are known. */
  #sinceMs = 0 as Ms;
  #isFirst = true;
  readonly #isHeir: boolean;
  /** Server time at which this journal began, empty; 0 where nobody knows. */
  #bornMs = 0 as Ms;
  /** Nothing has been read since then: what the first reading shows was there before. */
  #isNewborn = false;
  /** Executions that the stream has told before the first reading, which alone says what they ended, and what of them is booked. */
  readonly #early = new Map<string, { readonly fill: Fill; readonly booked: Money }>();
  /** Paid for something of ours that is no trade yet: until it is, nobody can say by which. */
  #payments: readonly Fill[] = [];
  /** Contracts that no list had told when the account was first read: what is said of them is heard for the first time later. */
  readonly #unheard = new Set<string>();

  constructor(core: Core, roster: Roster, reports: Reports) {
    this.#core = core;
    this.#roster = roster;
    this.#reports = reports;
    this.#readings = seekReadings(core.now.mono);
    const { orders, trades, finished, mode } = core.options.recovered;
    const isBlank = [orders, trades, finished].every((memories) => Object.keys(memories).length === 0);
    this.#isHeir = isBlank && !RECONCILED.has(mode?.['mode']);
  }

  /** From which moment on executions are asked for: the oldest that something remembered hangs on. */
  begin(): void {
    const { orders, trades, applied } = this.#core.options.recovered;
    const { serverMs } = this.#core;
    this.#bornMs = this.#birth(serverMs);
    const opened = Object.values(trades).flatMap(({ openedMs }) => (Number(openedMs) > 0 ? [Number(openedMs)] : []));
    const known = [...opened, ...Object.values(orders).map(({ at }) => at), ...Object.values(applied)];
    const from = known.length === 0 ? serverMs - FIRST_SINCE_MS : Math.min(...known, serverMs);
    this.#sinceMs = Math.max(from, serverMs - SINCE_MS_MAX) as Ms;
  }

  #birth(serverMs: Ms): Ms {
    const core = this.#core;
    const born = core.journal.counters['born'] as Born | undefined;
    this.#isNewborn = this.#isHeir && born?.hasRead !== true;
    if (born !== undefined || !this.#isHeir) return born?.atMs ?? (0 as Ms);
    this.#noteBorn({ atMs: serverMs, hasRead: false });
    return serverMs;
  }

  #noteBorn(state: Born): void {
    this.#core.record({ kind: 'COUNTERS', body: { name: 'born', state: { ...state } } }, true);
  }

  get isHeld(): boolean {
    return this.#readings.phase === 'held';
  }

  /** Starts over: two readings must agree before there are entries. */
  seek(): void {
    this.#core.reconciledAt = undefined;
    this.#core.soughtAt = this.#core.now.mono;
    this.#readings = seekReadings(this.#core.now.mono);
    this.#core.guard.stepMode({ kind: 'reconcile' });
  }

  /** A host answers again: what is out over a dead one is asked anew, what is out over the other one goes on. */
  pathReturned(path: Path): void {
    const isLost = this.#path === path || this.#path === undefined || !this.#core.paths.isUp(this.#path);
    if (isLost) this.#readings = readingAnew(this.#readings, this.#core.now.mono);
  }

  /** Requests the reading that is due. */
  act(): void {
    if (this.#payments.length > 0) this.#hearPayments();
    const core = this.#core;
    const { mono: now } = core.now;
    const facts = {
      now,
      isPrivateUp: core.isPrivateUp,
      isUrgent: core.guard.permissions.flatten,
      wantedFrom: core.wantedFrom,
      walletReadAt: core.wallet?.readAt,
      isFirst: this.#isFirst,
    };
    const depth = readingDue(this.#readings, facts);
    if (depth === undefined) return;
    this.#readings = readingAsked(this.#readings, depth, now);
    const sinceMs = Math.max(0, this.#sinceMs - SINCE_SLACK_MS) as Ms;
    const question = { kind: 'read-account', ...(depth === 'light' ? { depth } : { depth, sinceMs }) } as const;
    this.#path = core.restPath;
    this.#requestId = core.ask(question, this.#path, undefined);
  }

  read(requestId: number, asked: Asked, depth: 'light' | 'deep', reading: Reading<AccountReading>): void {
    const core = this.#core;
    const { mono: now } = core.now;
    if (requestId !== this.#requestId) return;
    if (!reading.ok) {
      core.tell('warning', 'account.unread', undefined, { depth, reason: reading.reason });
      // Refused from the start on, it ends the run.
      if (reading.isKeyRefused === true && !this.#isFirst) refuseKey(core, undefined, { text: reading.reason });
      this.#readings = readingDone(this.#readings, undefined, now);
      // What is older may have been too much: what is open waits for this reading.
      if (depth === 'deep') this.#sinceMs = Math.max(this.#sinceMs, core.serverMs - SINCE_MS_SURE) as Ms;
      return;
    }
    const { value } = reading;
    if (value.wallet !== undefined) core.hearWallet(value.wallet);
    this.#payments = [...this.#payments, ...this.#hearFills(value)];
    this.#claim(value);
    for (const report of value.openOrders) this.#reports.order(report, 'read');
    for (const report of value.positions) this.#reports.position(report, 'read');
    this.#hearPayments();
    core.beside = besideOf(value, (symbol) => this.#roster.ofListed(symbol) !== undefined);
    this.#explain(value);
    const findings = this.#judge(value);
    if (depth === 'deep') this.#heardDeep(value, asked);
    this.#readings = readingDone(this.#readings, digestOf(value), now);
    const doubted = new Set(findings.map(({ symbol }) => symbol));
    for (const actor of this.#roster.all()) {
      if (!doubted.has(actor.symbol)) actor.reconciled();
      // A close may have waited for it.
      if (actor.isRestless) actor.settle();
    }
    // Executions may be missing for ever; what nobody can value for it keeps entries off by itself. Where they cannot
    // be read, nothing is entered (P1).
    const isWhole = this.isHeld && this.#readings.failures === 0;
    this.conclude(isWhole && findings.every(({ kind }) => kind === 'missing-executions'));
  }

  /** Whole, agreed, and no question open: what was meant by RECONCILING is over. */
  conclude(isFresh: boolean): void {
    const core = this.#core;
    if (!this.isHeld || !core.isPrivateUp) return;
    if (core.guard.mode.mode === 'RECONCILING') {
      if ([...this.#roster.all()].some((actor) => isQuestion(actor))) return;
      core.reconciledAt = core.now.mono;
      core.guard.stepMode({ kind: 'reconciled' });
      core.checkpoint();
    } else if (isFresh) core.reconciledAt = core.now.mono;
  }

  #heardDeep({ positions, fills = [] }: AccountReading, { at, serverMs }: Asked): void {
    this.#core.wholeReadingAt = at;
    for (const { symbol } of [...positions, ...fills]) {
      if (this.#roster.ofListed(symbol) !== undefined) this.#unheard.delete(symbol);
      else if (this.#isFirst) this.#unheard.add(symbol);
    }
    this.#isFirst = false;
    if (this.#isNewborn) this.#noteBorn({ atMs: this.#bornMs, hasRead: true });
    this.#isNewborn = false;
    this.#sinceMs = serverMs;
  }

  #isFirstOf(symbol: string): boolean {
    return this.#isFirst || this.#unheard.has(symbol);
  }

  /** An execution of the stream, to be called before it is booked: until the first reading it is kept for that too. */
  foretold(fill: Fill): void {
    const actor = this.#roster.ofListed(fill.symbol);
    if (actor === undefined || this.#isBegun(actor) || this.#core.applied.has(fill.execId)) return;
    this.#early.set(fill.execId, { fill, booked: isPayment(fill) ? 0n : actor.ledger.costOf(fill) });
  }

  #isBegun(actor: Actor): boolean {
    return actor.trade !== undefined || actor.orders.entry !== undefined || !this.#isFirstOf(actor.symbol);
  }

  /** What was executed before the position of now began is only written down; what was paid for it since waits until it is known. */
  #hearFills({ fills, positions }: AccountReading): Fill[] {
    if (fills === undefined) return [];
    const early = [...this.#early.values()].map(({ fill }) => fill);
    const waiting = new Set(this.#payments.map(({ execId }) => execId));
    const isNew = ({ execId }: Fill): boolean => !this.#core.applied.has(execId) && !waiting.has(execId);
    const fresh = [...fills.filter(isNew), ...early];
    const past: PastTrade[] = [];
    const payments: Fill[] = [];
    for (const symbol of new Set(fresh.map((fill) => fill.symbol))) {
      const actor = this.#roster.ofListed(symbol);
      if (actor === undefined) continue;
      const own = inOrder(fresh.filter((fill) => fill.symbol === symbol));
      const { instrument } = actor.ledger.contract;
      const report = positions.find((one) => one.symbol === symbol);
      const size = report === undefined ? 0n : reportedSize(report, instrument);
      const current = new Set(this.#isBegun(actor) ? own : currentFills(own, size, instrument));
      const history: Fill[] = [];
      const [first] = current;
      for (const fill of own) {
        if (current.has(fill) || actor.ledger.last.lateOf(fill) !== undefined) {
          this.#adoptTwin(fill.linkId, symbol, fill.timeMs);
          this.#reports.fill(fill);
        } else if (isPayment(fill) && first !== undefined && fill.timeMs >= first.timeMs) payments.push(fill);
        else {
          this.#chronicle(fill, actor);
          history.push(fill);
        }
      }
      past.push(...pastTrades(history, instrument));
    }
    this.#recall(past);
    this.#early.clear();
    return payments;
  }

  #hearPayments(): void {
    this.#payments = this.#payments.filter((payment) => {
      const actor = this.#roster.ofListed(payment.symbol);
      if (actor === undefined) return false;
      const { trade, ledger } = actor;
      const isOfTrade = trade !== undefined || ledger.last.lateOf(payment) !== undefined;
      if (!isOfTrade && ledger.holding.ours !== 0) return true;
      if (isOfTrade) this.#reports.fill(payment);
      else this.#chronicle(payment, actor);
      return false;
    });
  }

  /** What was lost today is lost today also where no journal says so any more (R19, Y06). */
  #recall(trades: readonly PastTrade[]): void {
    const core = this.#core;
    const today = trades.filter(({ endedMs }) => dayOf(endedMs) >= dayOf(core.serverMs));
    if (today.length === 0) return;
    for (const { symbol, net, endedMs: timeMs, execIds } of today.sort((a, b) => a.endedMs - b.endedMs)) {
      const booked = execIds.reduce((sum, execId) => sum + (this.#early.get(execId)?.booked ?? 0n), 0n);
      core.guard.book({ kind: 'PAST', body: { symbol, execIds } }, [
        { kind: 'booked', amount: net + booked, timeMs },
        { kind: 'closed', symbol, net, timeMs },
      ]);
    }
    const net = moneyText(today.reduce((sum, trade) => sum + trade.net, 0n));
    core.tell('warning', 'trades.recalled', undefined, { trades: today.length, net });
  }

  /** What moves the wallet beside the positions, as a transfer does, or trades that nobody tells of, somebody is told of (I-18). */
  #explain({ wallet, positions }: AccountReading): void {
    if (wallet === undefined) return;
    const listed = positions.filter(({ symbol }) => this.#roster.ofListed(symbol) !== undefined);
    const change = this.#core.equity.read(wallet.balance, listed, this.#core.now.mono);
    if (change === undefined) return;
    const fields = { change: moneyText(change), balance: moneyText(wallet.balance) };
    this.#core.tell('error', 'equity.unexplained', undefined, fields);
  }

  #chronicle(fill: Fill, actor: Actor): void {
    const core = this.#core;
    if (!core.applied.apply(fill.execId)) return;
    const { instrument } = actor.ledger.contract;
    core.equity.heard(fill, instrument);
    this.#reports.checkMaker(fill);
    core.emit({ kind: 'execution', row: executionRow(fill, undefined, instrument) });
  }

  /** A position whose stop an order of ours has brought with it is ours, though no execution within reach says so. */
  #claim({ positions, openOrders }: AccountReading): void {
    for (const report of positions) {
      const actor = this.#roster.ofListed(report.symbol);
      if (report.lots === 0 || actor === undefined || !actor.isIdle) continue;
      const stop = openOrders.find(
        (order) => order.symbol === report.symbol && order.isStopLoss && parseLinkId(order.parentLinkId)?.role === 'E',
      );
      if (stop === undefined) continue;
      // The stop of our trade stays with what a person still holds when ours has gone home: that is not ours (P7).
      if (this.#core.journal.finished[report.symbol]?.trade['id'] === stop.parentLinkId) continue;
      this.#adoptTwin(stop.parentLinkId, report.symbol);
      if (!this.#isTwins(stop.parentLinkId)) actor.opening.claim(stop.parentLinkId, report.lots);
    }
  }

  /**
   * Ids of another instance that were executed before this journal began are ours, from before our state was lost; so is what
   * its first reading shows, for the exchange's clock may have gone back since, and what is without a time of its own and was
   * there when we came with nothing in memory. Whoever remembers what he has done has met another engine (R07, R09).
   */
  #adoptTwin(linkId: string, symbol: string, atMs?: Ms): void {
    const parts = parseLinkId(linkId);
    const isThere = atMs === undefined ? this.#isHeir && this.#isFirstOf(symbol) : this.#isNewborn;
    const isOld = isThere || (atMs !== undefined && atMs < this.#bornMs);
    if (isOld && parts !== undefined && this.#isTwins(linkId)) this.#core.adopted.add(parts.instance);
  }

  #isTwins(linkId: string): boolean {
    const { options, adopted } = this.#core;
    return ownerOf(linkId, options) === 'twin' && !adopted.has(parseLinkId(linkId)?.instance ?? '');
  }

  #judge(reading: AccountReading): Finding[] {
    const { mono: now } = this.#core.now;
    const known = [...this.#roster.all()]
      .filter((actor) => !actor.isIdle || actor.awaitsReading)
      .map((actor) => {
        const { size, executed } = actor.holding;
        const isRelevant = actor.trade !== undefined && !isLeaving(actor.state);
        const { symbol, trafficAt } = actor;
        return { symbol, size, executed: isRelevant ? executed : size, trafficAt };
      });
    for (const actor of this.#roster.all()) {
      if (actor.awaitsReading && !reading.positions.some(({ symbol }) => symbol === actor.symbol))
        actor.missedInAccount();
    }
    const isLive = (order: OrderReport): boolean => {
      if (ownerOf(order.linkId, this.#core.options) !== 'ours') return true;
      const tracked = this.#roster.ofListed(order.symbol)?.orders.find(order.linkId);
      return tracked !== undefined && !isOver(tracked.state);
    };
    const findings = findingsOf(known, reading, isLive, now);
    const keys = new Set<string>();
    for (const finding of findings) {
      const key = keyOf(finding);
      keys.add(key);
      this.#react(finding, this.#suspicions.seenMs(key, now));
    }
    this.#suspicions.keep(keys);
    return findings;
  }

  #react(finding: Finding, seenMs: number | undefined): void {
    const isConfirmed = seenMs !== undefined && seenMs >= APART_MS;
    const actor = this.#roster.ofListed(finding.symbol);
    const core = this.#core;
    switch (finding.kind) {
      case 'not-listed':
        actor?.missedInAccount();
        return;
      case 'other-size':
        if (isConfirmed) actor?.rebase(finding.report);
        return;
      case 'missing-executions':
        // Asked for at once, and once; what is not found then comes with the regular readings, or never.
        if (seenMs === undefined) core.wantWholeReading();
        else if (isConfirmed && this.#suspicions.isNew(keyOf(finding))) {
          core.tell('warning', 'position.executions_missing', finding.symbol);
        }
        return;
      case 'open-entry': {
        const { linkId } = finding.order;
        core.tell('error', 'order.open_unexpected', finding.symbol, { linkId });
        core.ask({ kind: 'cancel', symbol: finding.symbol, linkId }, core.restPath, finding.symbol, linkId);
      }
    }
  }
}

function keyOf(finding: Finding): string {
  const { kind, symbol } = finding;
  if (kind === 'other-size') return `${symbol} ${finding.report.lots}`;
  return kind === 'open-entry' ? `${symbol} ${finding.order.linkId}` : `${symbol} ${kind}`;
}

/** Something that must be settled before anything is entered. */
function isQuestion(actor: Actor): boolean {
  const { entry } = actor.orders;
  // One that was accepted is doubted for minutes: it keeps its own symbol meanwhile, as it does without a restart.
  if (actor.awaitsReading || (entry?.state === 'unknown' && entry.orderId === '')) return true;
  return actor.trade !== undefined && actor.nakedSince !== undefined && !isLeaving(actor.state);
}
