// Who trades? One desk: events come in as values with their moment, effects go out as values.
//
// It holds no clock, no timer and no promise: the same events at the same moments give the same effects.
import type { Ms } from '../lib/brand.ts';
import type { Slot } from '../market/units.ts';
import type { GatewayEvent } from '../order/gateway.ts';
import type { JournalState } from '../order/journal.ts';
import type { Moment } from '../order/words.ts';
import { DISK_FREE_MIN } from '../risk/limits.ts';
import type { Actor } from './actor.ts';
import { Commands, KILL } from './commands.ts';
import type { Contract } from './trade/contract.ts';
import { Core } from './core.ts';
import type { DeskEffect } from './desk-effect.ts';
import type { DeskEvent, EngineFacts } from './desk-event.ts';
import { accountOf, statusOf, type DeskAccount, type DeskStatus } from './desk-status.ts';
import { Drain } from './close/drain.ts';
import { Emergency } from './close/emergency.ts';
import { offer } from './entry/entering.ts';
import { Hearing } from './hearing.ts';
import { DRAIN_MS, STALL_MS_MIN } from './account/loss.ts';
import { LossWatch } from './account/loss-watch.ts';
import type { DeskOptions } from './options.ts';
import { Reconciler } from './account/reconciler.ts';
import { haltRunaway } from './entry/refusal.ts';
import { Reports } from './reports.ts';
import { openSymbols } from './trade/restore.ts';
import { Roster } from './roster.ts';
import { Supervision } from './watch/supervision.ts';
import { SymbolSetup } from './account/symbol-setup.ts';
import { Valuation } from './trade/valuation.ts';

const WAKE_MS = 100 as Ms;
const TIME_WAIT_MS = 3_000;
const SECOND_MS = 1_000;
const CLOCK_OFFSET_MS_MAX = 500;
/** After a pause this long, everything must be reconciled before it is trusted. */
const GAP_MS = 5_000;

export class Desk {
  readonly #core: Core;
  readonly #roster: Roster;
  readonly #losses: LossWatch;
  readonly #setup: SymbolSetup;
  readonly #valuation: Valuation;
  readonly #commands: Commands;
  readonly #reconciler: Reconciler;
  readonly #hearing: Hearing;
  readonly #emergency: Emergency;
  readonly #supervision: Supervision;
  #wakeAt: Ms | undefined;
  /** What arrived has been given its time since deadlines were last judged: a loop that is late again and again judges them all the same. */
  #hasDrained = false;
  #drain: Drain | undefined;
  #setupAt = 0 as Ms;
  /** Monotonic: since when it would begin, and only waits for the exchange's time. */
  #readyAt: Ms | undefined;

  constructor(options: DeskOptions, now: Moment) {
    const core = new Core(options, now);
    const roster = new Roster(core);
    const reports = new Reports(core, roster);
    this.#core = core;
    this.#roster = roster;
    this.#losses = new LossWatch(core);
    this.#setup = new SymbolSetup(core);
    this.#valuation = new Valuation(core, roster);
    this.#commands = new Commands(core, roster);
    this.#reconciler = new Reconciler(core, roster, reports);
    this.#hearing = new Hearing(core, roster, reports, this.#reconciler, this.#valuation);
    this.#supervision = new Supervision(core, roster);
    this.#emergency = new Emergency(core, roster, this.#losses, this.#reconciler);
  }

  /** Everything that is to be done about one event, in order. */
  take(event: DeskEvent, moment: Moment): DeskEffect[] {
    const core = this.#core;
    // While a machine is suspended its monotonic clock stands still; only the calendar goes on (L06).
    const gap = Math.max(moment.mono - core.now.mono, moment.wall - core.now.wall);
    const lateMs = moment.mono - (this.#wakeAt ?? core.now.mono + SECOND_MS);
    core.now = moment;
    if ((gap > GAP_MS || lateMs >= STALL_MS_MIN) && !this.#hasDrained) {
      this.#hasDrained = true;
      core.drainedAt = (core.now.mono + DRAIN_MS) as Ms;
    }
    if (core.isBegun && gap > GAP_MS) {
      core.tell('error', 'clock.gap', undefined, { gapMs: gap });
      this.#reconciler.seek();
    }
    // What arrived while we stood still is read first: before that no deadline has passed and nothing is repeated (L01, P19).
    const isLook = event.kind === 'time' || event.kind === 'market';
    if (!isLook || !core.isDraining) {
      this.#dispatch(event);
      if (event.kind === 'time') this.#hasDrained = false;
      if (event.kind !== 'market') this.#conclude();
    }
    this.#wakeAt = this.#nextWake();
    return core.takeEffects();
  }

  /** Monotonic: the latest moment for the next `time` event if nothing else happens; undefined: within a second. */
  wakeAt(): Ms | undefined {
    return this.#wakeAt;
  }

  #nextWake(): Ms | undefined {
    const isUrgent = this.#drain !== undefined || this.#core.guard.permissions.flatten || this.#losses.isNear;
    const isRestless = isUrgent || [...this.#roster.all()].some((actor) => actor.isRestless);
    return isRestless ? ((this.#core.now.mono + WAKE_MS) as Ms) : undefined;
  }

  /** Symbols that must stay watched, with the fast topics: a position is open or an order pending (X03). */
  held(): ReadonlySet<string> {
    return this.#roster.held();
  }

  status(): DeskStatus {
    return statusOf(this.#core, [...this.#roster.all()], this.#roster.unread);
  }

  account(): DeskAccount {
    return accountOf(this.#core, [...this.#roster.all()]);
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
        return this.#hear(event.event);
      case 'signal': {
        const actor = this.#roster.ofListed(event.symbol);
        return actor === undefined ? undefined : offer(core, actor, this.#roster.all(), event.signal);
      }
      case 'market':
        return this.#market(event.slot);
      case 'time':
        return this.#time();
      case 'synced':
        for (const actor of this.#roster.all()) actor.opening.synced(event.upTo);
        return;
      case 'facts':
        return this.#learn(event.facts);
      case 'command':
        return this.#commands.take(event.command);
      case 'block':
        // What the process has found out about itself is seen by nobody who does not look: somebody has to be called.
        if (event.on && !core.guard.mode.blocks.has(event.reason)) core.tell('error', event.reason, undefined);
        return core.guard.block(event.reason, event.on, event.sticky);
      case 'contract':
        return this.#contract(event.contract, event.slot);
      case 'unwatched':
        return this.#roster.unwatched(event.slot);
      case 'stall':
        this.#losses.stalled(event.lastedMs);
        if (event.lastedMs > GAP_MS && core.isBegun) this.#reconciler.seek();
        return;
      case 'checkpoint':
        return core.checkpoint();
      case 'drain':
        this.#drain ??= new Drain(core, event.policy);
    }
  }

  /**
   * What is remembered, read and told has the exchange's times, and our calendar may be a day away from them: so nothing begins
   * before the exchange has told its time, unless nobody does (B19).
   */
  #begin(): void {
    const core = this.#core;
    if (core.isBegun || this.#readyAt === undefined) return;
    if (core.clock === undefined && core.now.mono - this.#readyAt < TIME_WAIT_MS) return;
    core.begin();
    this.#losses.begin();
    this.#reconciler.begin();
    this.#roster.begin();
    // A kill was recorded, but not its end: it goes on.
    if (core.guard.isKilled && core.guard.mode.latch === undefined)
      core.guard.stepMode({ kind: 'emergency', reason: KILL });
    const { haltedFor } = core.options;
    if (haltedFor !== undefined) core.guard.stepMode({ kind: 'halt', reason: haltedFor });
    if (core.guard.isKilled) core.emit({ kind: 'latch', killed: true });
    this.#reconciler.seek();
  }

  #contract(contract: Contract, slot: Slot | undefined): void {
    if (this.#roster.contract(contract, slot)) this.#reconciler.seek();
  }

  #hear(event: GatewayEvent): void {
    this.#losses.hear(event);
    this.#hearing.hear(event);
    if (event.kind !== 'clock') return;
    this.#begin();
    this.#core.guard.block('clock', Math.abs(event.offsetMs) > CLOCK_OFFSET_MS_MAX);
  }

  #learn(facts: Partial<EngineFacts>): void {
    const { facts: known } = this.#core;
    Object.assign(known, facts);
    if (facts.killedByFile === true) this.#commands.kill();
    if (facts.journalWritable !== undefined) this.#core.guard.block('journal', !facts.journalWritable);
    // The same rule as gate G29, which reports it only when there is a signal.
    if (facts.diskFreeBytes !== undefined) this.#core.guard.block('disk', facts.diskFreeBytes <= DISK_FREE_MIN);
  }

  #market(slot: Slot): void {
    const actor = this.#roster.ofSlot(slot);
    if (actor?.trade === undefined) return;
    if (actor.isRestless) actor.settle();
    actor.look();
  }

  #time(): void {
    const core = this.#core;
    if (!core.isBegun) return this.#begin();
    this.#hearing.giveUpOverdue();
    core.guard.unblockExpired();
    core.guard.stepMode({ kind: 'time' });
    for (const actor of this.#roster.all()) {
      if (actor.isIdle) continue;
      actor.settle();
      actor.look();
    }
    this.#supervision.judge();
    this.#emergency.judgeLoss();
    if (core.now.mono - this.#setupAt >= SECOND_MS && this.#reconciler.isHeld) {
      this.#setupAt = core.now.mono;
      this.#setup.act((symbol) => this.#roster.of(symbol));
      this.#valuation.value();
    }
    if (core.isCheckpointDue) core.checkpoint();
  }

  /** What follows from everything together, after each event. */
  #conclude(): void {
    const core = this.#core;
    if (!core.isBegun) return this.#drain?.endUnbegun(openSymbols(core.journal));
    const actors = [...this.#roster.all()];
    const count = (is: (actor: Actor) => boolean): number => actors.filter(is).length;
    core.guard.block('orders.unknown', count(({ orders }) => orders.entry?.state === 'unknown') >= 2);
    core.guard.block('liquidations', count(({ isTaken }) => isTaken) >= 2);
    haltRunaway(core);
    this.#emergency.flatten();
    this.#commands.act();
    this.#drain?.act(actors);
    this.#reconciler.conclude(false);
    this.#reconciler.act();
  }
}
