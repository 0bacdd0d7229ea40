// Who trades? One desk: everything that happens comes in as a value with its moment, everything to be done comes out as one.
//
// It holds no clock, no timer and no promise: the same events at the same moments give the same effects.
import type { Ms } from '../lib/brand.ts';
import { sameGrid } from '../market/instrument.ts';
import type { Slot } from '../market/units.ts';
import type { Answer, GatewayEvent } from '../order/gateway.ts';
import type { JournalState } from '../order/journal.ts';
import { ownerOf, parseLinkId } from '../order/link-id.ts';
import type { Fill, Moment, OrderReport, PositionReport } from '../order/words.ts';
import { Actor } from './actor.ts';
import { Commands, KILL } from './commands.ts';
import type { Contract } from './contract.ts';
import { Core, type Asked } from './core.ts';
import type { DeskEffect } from './desk-effect.ts';
import type { DeskEvent, EngineFacts } from './desk-event.ts';
import { accountOf, statusOf, type DeskAccount, type DeskStatus } from './desk-status.ts';
import { Drain } from './drain.ts';
import { offer } from './entering.ts';
import { DRAIN_MS } from './loss.ts';
import { sumOf } from './ledger.ts';
import { LossWatch } from './loss-watch.ts';
import type { DeskOptions } from './options.ts';
import { haltRunaway, reactToRefusal } from './refusal.ts';
import { Reconciler } from './reconciler.ts';
import { openSymbols, rememberedSymbols, restoredOf } from './restore.ts';
import { SymbolSetup } from './symbol-setup.ts';

const WAKE_MS = 100 as Ms;
/** Streams tell of one trade in any order, a moment apart: executions are late when they stay away for longer. */
const LATE_MS_MIN = 1_000 as Ms;
const TIME_WAIT_MS = 3_000;
const SECOND_MS = 1_000;
const CLOCK_OFFSET_MS_MAX = 500;
/** After this the world has to be looked at before anything is believed. */
const GAP_MS = 5_000;
const OVERDUE = 'no answer within the deadline';

const isWord = ({ outcome }: Answer): boolean => outcome === 'accepted' || outcome === 'refused';

export class Desk {
  readonly #core: Core;
  readonly #actors = new Map<string, Actor>();
  readonly #symbols = new Map<Slot, string>();
  readonly #commands: Commands;
  readonly #reconciler: Reconciler;
  readonly #losses: LossWatch;
  readonly #setup: SymbolSetup;
  #startedServerMs = 0 as Ms;
  /** Something of theirs is there, and no list has told their contract yet. */
  readonly #unlisted = new Set<string>();
  /** Monotonic: until then what came while we stood still is being heard. */
  #drainedAt = 0;
  #drain: Drain | undefined;
  #setupAt = 0 as Ms;
  /** Since when executions of something that is open have been missing. */
  #lateSince: Ms | undefined;
  #isStarted = false;
  /** Monotonic: since when it would begin, and only waits for the exchange's time. */
  #readyAt: Ms | undefined;

  constructor(options: DeskOptions, now: Moment) {
    const core = new Core(options, now);
    this.#core = core;
    this.#commands = new Commands(core, () => this.#actors.values());
    this.#losses = new LossWatch(core);
    this.#setup = new SymbolSetup(core);
    this.#reconciler = new Reconciler(core, {
      actor: (symbol) => (core.contracts.has(symbol) ? this.#actor(symbol) : undefined),
      actors: () => this.#actors.values(),
      order: (report) => this.#order(report),
      position: (report) => this.#position(report, 'read'),
      fill: (fill) => this.#fill(fill),
    });
  }

  /** Everything that is to be done about one event, in order. */
  take(event: DeskEvent, moment: Moment): DeskEffect[] {
    const core = this.#core;
    const gap = moment.mono - core.now.mono;
    core.now = { mono: Math.max(moment.mono, core.now.mono) as Ms, wall: moment.wall };
    if (this.#isStarted && gap > GAP_MS) {
      core.tell('error', 'clock.gap', undefined, { gapMs: gap });
      this.#losses.woke(gap);
      this.#drainedAt = core.now.mono + DRAIN_MS;
      this.#reconciler.seek();
    }
    // No deadline is over, and nothing is sent once more, before what came while we stood still is heard (L01, P19).
    if (event.kind === 'time' && core.now.mono < this.#drainedAt) return core.takeEffects();
    this.#dispatch(event);
    if (event.kind !== 'market') this.#conclude();
    return core.takeEffects();
  }

  /** Monotonic: when `time` must be told at the latest, though nothing else happens; undefined: within a second. */
  wakeAt(): Ms | undefined {
    const isUrgent = this.#drain !== undefined || this.#core.permissions.flatten || this.#losses.isNear;
    const isRestless = isUrgent || [...this.#actors.values()].some((actor) => actor.isRestless);
    return isRestless ? ((this.#core.now.mono + WAKE_MS) as Ms) : undefined;
  }

  /** Symbols that must stay watched, with the fast topics: something of theirs is open or under way (X03). */
  held(): ReadonlySet<string> {
    const held = [...this.#actors.values()].filter((actor) => !actor.isIdle).map(({ symbol }) => symbol);
    return new Set([...held, ...this.#unlisted]);
  }

  status(): DeskStatus {
    return statusOf(this.#core, [...this.#actors.values()]);
  }

  account(): DeskAccount {
    return accountOf(this.#core, [...this.#actors.values()]);
  }

  /** What a replay of the journal would give: not to be changed. */
  journal(): JournalState {
    return this.#core.journal;
  }

  #dispatch(event: DeskEvent): void {
    const core = this.#core;
    switch (event.kind) {
      case 'start':
        this.#readyAt ??= core.now.mono;
        return this.#begin();
      case 'gateway':
        this.#losses.hear(event.event);
        return this.#hear(event.event);
      case 'signal':
        if (core.contracts.has(event.symbol))
          offer(core, this.#actor(event.symbol), this.#actors.values(), event.signal);
        return;
      case 'market':
        return this.#market(event.slot);
      case 'time':
        return this.#time();
      case 'synced':
        for (const actor of this.#actors.values()) actor.synced(event.upTo);
        return;
      case 'facts':
        return this.#learn(event.facts);
      case 'command':
        return this.#commands.take(event.command);
      case 'block':
        return core.block(event.reason, event.on, event.sticky);
      case 'contract':
        return this.#contract(event.contract, event.slot);
      case 'unwatched': {
        const symbol = this.#symbols.get(event.slot);
        this.#symbols.delete(event.slot);
        if (symbol !== undefined) core.slots.delete(symbol);
        return;
      }
      case 'stall':
        this.#losses.stalled(event.lastedMs);
        if (event.lastedMs > GAP_MS && this.#isStarted) this.#reconciler.seek();
        return;
      case 'checkpoint':
        return core.checkpoint();
      case 'drain':
        this.#drain ??= new Drain(core, event.policy);
    }
  }

  // Beginning

  /**
   * What is remembered, read and told has the exchange's times, and our calendar may be a day away from them: so nothing begins
   * before the exchange has told its time, unless nobody does (B19).
   */
  #begin(): void {
    const core = this.#core;
    if (this.#isStarted || this.#readyAt === undefined) return;
    if (core.clock === undefined && core.now.mono - this.#readyAt < TIME_WAIT_MS) return;
    this.#isStarted = true;
    this.#startedServerMs = core.serverMs;
    this.#losses.begin();
    core.begin();
    this.#reconciler.begin();
    for (const symbol of rememberedSymbols(core.journal, core.serverMs)) {
      if (core.contracts.has(symbol)) this.#restore(symbol);
      else {
        this.#unlisted.add(symbol);
        core.tell('critical', 'contract.unknown', symbol);
        core.block('contract.unknown', true);
      }
    }
    // Killed, and no word of how that went on: it goes on.
    if (core.isKilled && core.mode.latch === undefined) core.stepMode({ kind: 'emergency', reason: KILL });
    const { haltedFor } = core.options;
    if (haltedFor !== undefined) core.stepMode({ kind: 'halt', reason: haltedFor });
    if (core.isKilled) core.emit({ kind: 'latch', killed: true });
    this.#reconciler.seek();
  }

  #restore(symbol: string, isSeen = false): void {
    const core = this.#core;
    const actor = new Actor(symbol, core, (one, answer) => reactToRefusal(core, one, answer));
    this.#actors.set(symbol, actor);
    const restored = restoredOf(core.journal, symbol, actor.ledger.contract.instrument, core.serverMs, core.now.mono);
    actor.restore(restored, isSeen);
    if (restored.isBroken) actor.contradict('instrument.grid_mismatch');
  }

  #actor(symbol: string): Actor {
    let actor = this.#actors.get(symbol);
    if (actor === undefined) {
      actor = new Actor(symbol, this.#core, (one, answer) => reactToRefusal(this.#core, one, answer));
      this.#actors.set(symbol, actor);
    }
    return actor;
  }

  /** Another grid makes other numbers of the same prices: what is held is read anew, from decimals (P12, B12). */
  #contract(contract: Contract, slot: Slot | undefined): void {
    const core = this.#core;
    const { symbol } = contract.instrument;
    const before = core.contracts.get(symbol);
    core.contracts.set(symbol, contract);
    if (slot !== undefined) {
      core.slots.set(symbol, slot);
      this.#symbols.set(slot, symbol);
    }
    if (this.#unlisted.delete(symbol)) return this.#listed(symbol);
    if (before === undefined || sameGrid(before.instrument, contract.instrument)) return;
    const former = this.#actors.get(symbol);
    this.#actors.delete(symbol);
    if (former?.isIdle !== false) return;
    // An emergency that was under way goes on, whether or not there is a path for readings.
    this.#restore(symbol, !former.awaitsReading);
    this.#actor(symbol).contradict('instrument.grid_mismatch');
    this.#actor(symbol).readPosition();
  }

  /** A list that was read too short has left out what we hold (X02). */
  #listed(symbol: string): void {
    const core = this.#core;
    if (this.#unlisted.size === 0) core.block('contract.unknown', false);
    if (rememberedSymbols(core.journal, core.serverMs).has(symbol)) {
      this.#restore(symbol);
      this.#actor(symbol).readPosition();
      // What was agreed on without it was not the whole account.
      this.#reconciler.seek();
    }
    // Whose it is say executions and stops, which only a deep reading brings along.
    core.wantsDeepReading = true;
  }

  // Hearing

  #hear(event: GatewayEvent): void {
    const core = this.#core;
    switch (event.kind) {
      case 'answer':
      case 'looked-up':
      case 'position-read':
      case 'account-read': {
        const asked = core.answeredTo(event.requestId);
        const isRead = event.kind !== 'answer';
        core.noteAnswer(event.path, isRead ? event.reading.ok : isWord(event.answer));
        if (!isRead && asked?.question === 'create') core.noteOrderAnswer(event.answer);
        return asked === undefined ? undefined : this.#answer(asked, event);
      }
      case 'positions-seen':
        return this.#seeNaked(event.positions);
      // What comes before we remember anything is read when we do.
      case 'order':
        return this.#isStarted ? this.#order(event.report) : undefined;
      case 'fill':
        return this.#isStarted ? this.#fill(event.fill) : undefined;
      case 'position':
        return this.#isStarted ? this.#position(event.report, 'stream') : undefined;
      case 'wallet':
        core.hearWallet(event.report);
        return this.#value();
      case 'link':
        return this.#link(event.link, event.up, event.reason);
      case 'clock': {
        core.hearClock(event.offsetMs);
        this.#begin();
        return core.block('clock', Math.abs(event.offsetMs) > CLOCK_OFFSET_MS_MAX);
      }
      case 'private-alive':
    }
  }

  #answer(asked: Asked, event: Extract<GatewayEvent, { requestId: number }>): void {
    const actor = asked.symbol === undefined ? undefined : this.#actors.get(asked.symbol);
    switch (event.kind) {
      case 'answer':
        if (asked.question === 'set-leverage') actor?.readPosition();
        else actor?.answered(event.requestId, asked, event.answer);
        return;
      case 'looked-up':
        if (event.reading.ok) {
          for (const report of event.reading.value.orders) this.#order(report);
          for (const fill of event.reading.value.fills) this.#fill(fill);
        }
        return actor?.lookedUp(event.linkId, event.reading);
      case 'position-read':
        if (event.reading.ok) this.#checkMode(event.reading.value);
        return actor?.positionRead(event.requestId, asked, event.reading);
      case 'account-read':
        this.#reconciler.read(event.requestId, asked, event.depth, event.reading);
        this.#value();
    }
  }

  #order(report: OrderReport): void {
    this.#checkTwin(report.linkId, report.updatedMs);
    if (this.#isKnown(report.symbol)) this.#actor(report.symbol).onOrder(report);
  }

  #fill(fill: Fill): void {
    if (!this.#isKnown(fill.symbol)) return;
    if (!this.#core.applied.apply(fill.execId)) return;
    this.#checkTwin(fill.linkId, fill.timeMs);
    this.#actor(fill.symbol).onFill(fill);
  }

  #position(report: PositionReport, source: 'read' | 'stream'): void {
    this.#checkMode(report);
    if (this.#isKnown(report.symbol)) this.#actor(report.symbol).onPosition(report, source);
  }

  /** A stop that is missing does not wait until the whole account is read, or for the next reading where this one fails (P01). */
  #seeNaked(positions: readonly PositionReport[]): void {
    for (const report of positions) {
      const actor = this.#actors.get(report.symbol);
      // Of any other size than was held, or was to be: whose it is only the executions say, which come with the whole reading.
      const isAsKnown =
        actor?.isIdle === false && [0, actor.ledger.expected].includes(report.lots - actor.holding.size);
      if (this.#isStarted && isAsKnown && report.stop === undefined) this.#position(report, 'read');
    }
  }

  #isKnown(symbol: string): boolean {
    const isKnown = this.#core.contracts.has(symbol);
    if (isKnown || this.#unlisted.has(symbol)) return isKnown;
    this.#unlisted.add(symbol);
    this.#core.tell('error', 'contract.unknown', symbol);
    return false;
  }

  /** Hedge mode would open a second leg where we mean to close one (O14). */
  #checkMode({ isOneWay, symbol }: PositionReport): void {
    if (isOneWay || this.#core.mode.latch !== undefined) return;
    this.#core.tell('critical', 'account.hedge_mode', symbol);
    this.#core.stepMode({ kind: 'halt', reason: 'hedge_mode' });
  }

  /** An order of our making that we have not made: somebody else runs with our account (R09). */
  #checkTwin(linkId: string, timeMs: Ms): void {
    const core = this.#core;
    if (core.isTwinSeen || ownerOf(linkId, core.options.instance) !== 'twin') return;
    const isOld = core.adopted.has(parseLinkId(linkId)?.instance ?? '') || timeMs < this.#startedServerMs;
    if (isOld) return;
    core.isTwinSeen = true;
    core.tell('critical', 'lease.twin', undefined, { linkId });
    core.block('lease.twin', true, true);
  }

  #link(link: Extract<GatewayEvent, { kind: 'link' }>['link'], up: boolean, reason: string): void {
    const core = this.#core;
    core.tell(up ? 'info' : 'warning', up ? 'link.up' : 'link.down', undefined, { link, reason });
    if (link !== 'private') {
      core.link(link, up);
      if (!up) return;
      for (const actor of this.#actors.values()) actor.pathReturned(link);
      if (link !== 'trade-socket') this.#reconciler.pathReturned(link);
      return;
    }
    // A dial that failed has changed nothing: what was read since the stream ended still holds.
    const isNews = core.isPrivateUp !== up;
    core.isPrivateUp = up;
    core.block('private', !up);
    if (this.#isStarted && isNews) this.#reconciler.seek();
  }

  #learn(facts: Partial<EngineFacts>): void {
    const { facts: known } = this.#core;
    Object.assign(known, facts);
    if (facts.killedByFile === true) this.#commands.kill();
    if (facts.journalWritable !== undefined) this.#core.block('journal', !facts.journalWritable);
  }

  // Time and market

  #market(slot: Slot): void {
    const symbol = this.#symbols.get(slot);
    const actor = symbol === undefined ? undefined : this.#actors.get(symbol);
    if (actor?.trade === undefined) return;
    if (actor.isRestless) actor.settle();
    actor.look();
  }

  #time(): void {
    const core = this.#core;
    if (!this.#isStarted) return this.#begin();
    this.#giveUpOverdue();
    core.unblockExpired();
    core.stepMode({ kind: 'time' });
    for (const actor of this.#actors.values()) {
      if (actor.isIdle) continue;
      actor.settle();
      actor.look();
    }
    this.#judgeLoss();
    if (core.now.mono - this.#setupAt >= SECOND_MS && this.#reconciler.isHeld) {
      this.#setupAt = core.now.mono;
      this.#setup.act((symbol) => this.#actor(symbol));
      this.#value();
    }
    if (core.isCheckpointDue) core.checkpoint();
  }

  /** The gateway owes an answer to everything. What it does not give is a missing one, and no reason to wait. */
  #giveUpOverdue(): void {
    for (const [requestId, { question, depth = 'light', path, symbol, linkId }] of this.#core.overdue()) {
      this.#core.tell('error', 'request.overdue', symbol, { question, path });
      const failed = { ok: false, reason: OVERDUE } as const;
      const base = { requestId, path };
      if (question === 'look-up') this.#hear({ ...base, kind: 'looked-up', linkId: linkId ?? '', reading: failed });
      else if (question === 'read-position') {
        this.#hear({ ...base, kind: 'position-read', symbol: symbol ?? '', reading: failed });
      } else if (question === 'read-account') this.#hear({ ...base, kind: 'account-read', depth, reading: failed });
      else this.#hear({ ...base, kind: 'answer', answer: { outcome: 'unknown', reason: OVERDUE } });
    }
  }

  #judgeLoss(): void {
    const core = this.#core;
    // Also what is only remembered: that nobody says what became of it is the loss itself (P1).
    const held = [...this.#actors.values()].filter(({ isOpen }) => isOpen);
    const loss = this.#losses.judge(held.map(({ symbol, ledger }) => ({ symbol, slot: ledger.slot })));
    const { emergencyCloseAll } = core.options.settings();
    const isLost = loss.kind !== 'none';
    if (isLost && !core.mode.blocks.has('connection_loss')) {
      const what = loss.kind === 'all' ? loss.what : loss.symbols.join(' ');
      core.tell('critical', 'connection.lost', undefined, { what, closes: emergencyCloseAll });
    }
    core.block('connection_loss', isLost);
    if (!isLost || !emergencyCloseAll) return;
    if (loss.kind === 'all') core.stepMode({ kind: 'emergency', reason: 'connection_loss' });
    else for (const symbol of loss.symbols) this.#actors.get(symbol)?.leave('emergency_connection_loss', true);
  }

  /** The day's result against the wallet, as far as marks of now allow it (Y01, Y08). */
  #value(): void {
    const core = this.#core;
    const held = [...this.#actors.values()].map((actor) => actor.unrealised());
    this.#lateSince = held.includes('executions.late') ? (this.#lateSince ?? core.now.mono) : undefined;
    core.block('executions.late', this.#lateSince !== undefined && core.now.mono - this.#lateSince >= LATE_MS_MIN);
    core.block('mark.stale', held.includes('mark.stale'));
    // Which day it is, only the exchange knows.
    if (core.wallet === undefined || core.clock === undefined) return;
    const { balance, unrealised: told } = core.wallet.report;
    const unrealised = sumOf(held);
    const limitPercent = core.options.settings().maxDailyLossPercent;
    core.stepLosses({ kind: 'valued', equity: balance + told, unrealised, limitPercent, timeMs: core.serverMs });
  }

  /** What follows from everything together, after each event. */
  #conclude(): void {
    const core = this.#core;
    if (!this.#isStarted) return this.#drain?.endUnbegun(openSymbols(core.journal));
    const actors = [...this.#actors.values()];
    const count = (is: (actor: Actor) => boolean): number => actors.filter(is).length;
    core.block('orders.unknown', count(({ orders }) => orders.entry?.state === 'unknown') >= 2);
    core.block('liquidations', count(({ state }) => state === 'exchange-closing') >= 2);
    haltRunaway(core);
    if (core.permissions.flatten) this.#flatten(actors);
    this.#commands.act();
    this.#drain?.act(actors);
    this.#reconciler.conclude(false);
    this.#reconciler.act();
  }

  /** Is something of ours in a contract that no list has named yet? Nobody can say that it is flat, or close it. */
  get #isUnlistedOurs(): boolean {
    const open = openSymbols(this.#core.journal);
    return [...this.#unlisted].some((symbol) => open.has(symbol));
  }

  #flatten(actors: readonly Actor[]): void {
    const reason = this.#core.isKilled ? KILL : 'emergency_connection_loss';
    for (const actor of actors) {
      actor.abort();
      actor.leave(reason, true);
    }
    const isOpen =
      this.#isUnlistedOurs || actors.some((actor) => actor.isOpen || actor.orders.isEntryOpen || actor.awaitsReading);
    // That nothing is open is only known once the account was read; the kill stays said until then (Y05).
    if (!isOpen && this.#reconciler.isHeld) this.#core.stepMode({ kind: 'flat' });
  }
}
