// How are decisions carried out? The desk decides; this class performs its effects and reports back what happens.
//
// The same code serves the exchange, paper and replays: what differs comes in as ports.
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Slot } from '../market/units.ts';
import type { OnGatewayEvent, OrderGateway } from '../order/gateway.ts';
import type { JournalRecord, JournalState } from '../order/journal.ts';
import type { Contract } from '../position/trade/contract.ts';
import type { DeskEffect } from '../position/desk-effect.ts';
import type { Command, DeskEvent, DrainPolicy, EngineFacts } from '../position/desk-event.ts';
import { Desk } from '../position/desk.ts';
import type { DeskAccount, DeskStatus } from '../position/desk-status.ts';
import type { DeskOptions } from '../position/options.ts';
import type { ExecutionRow, TradeRow } from '../position/trade/result.ts';
import type { AnalysisEvent } from '../scan/event.ts';

type Effect<Kind extends DeskEffect['kind']> = Extract<DeskEffect, { kind: Kind }>;
export type Told = Effect<'told'>;
export type Verdict = Effect<'verdict'>;

export interface CommandAnswer {
  readonly accepted: boolean;
  readonly text: string;
}

export interface TraderPorts {
  readonly clock: Clock;
  readonly openGateway: (onEvent: OnGatewayEvent) => OrderGateway;
  /** Writes a record. The caller reports by `synced` when it is on disk. */
  readonly append: (record: JournalRecord, sync: boolean) => void;
  /** The kill latch on disk. */
  readonly latch: (killed: boolean) => void;
  readonly onTrade: (row: TradeRow, revision: number) => void;
  readonly onExecution: (row: ExecutionRow) => void;
  readonly onTold: (told: Told) => void;
  /** The set of symbols with an open position or a pending order has changed: these stay watched, with the fast topics (X03). */
  readonly onHeld: (held: ReadonlySet<string>) => void;
  /** The exchange contradicts its own list of contracts, which should be read again. */
  readonly onListDoubted: () => void;
  /** An operator said `resume`: earlier crashes and damaged journal files no longer count. */
  readonly onResumed: () => void;
}

export type TraderOptions = DeskOptions & { readonly slots: number };

const SECOND = 1_000 as Ms;

export class Trader {
  readonly gateway: OrderGateway;
  readonly #desk: Desk;
  readonly #ports: TraderPorts;
  readonly #ticking: Timer;
  readonly #isHeld: Uint8Array;
  readonly #slots = new Map<string, Slot>();
  #held: ReadonlySet<string> = new Set();
  #wake: Timer | undefined;
  #wakeAt = Infinity;
  #verdict: Verdict | undefined;
  #answer: Effect<'command-answer'> | undefined;
  #drained: ((left: readonly string[]) => void) | undefined;
  #syncedTo: number;
  #writing: { readonly seq: number; readonly resolve: () => void }[] = [];
  #isClosed = false;

  constructor(options: TraderOptions, ports: TraderPorts) {
    this.#ports = ports;
    this.#isHeld = new Uint8Array(options.slots);
    this.#syncedTo = options.recovered.seq;
    this.#desk = new Desk(options, { mono: ports.clock.monotonic(), wall: ports.clock.wall() });
    this.gateway = ports.openGateway((event) => this.take({ kind: 'gateway', event }));
    this.#ticking = ports.clock.every(SECOND, () => this.take({ kind: 'time' }));
  }

  /** Begins to reconcile. Before that, the contract of every symbol in the journal must be known. */
  start(): void {
    this.take({ kind: 'start' });
  }

  contract(contract: Contract, slot: Slot | undefined): void {
    if (slot !== undefined) this.#slots.set(contract.instrument.symbol, slot);
    this.#markHeld();
    this.take({ kind: 'contract', contract, slot });
  }

  unwatched(slot: Slot): void {
    for (const [symbol, of] of this.#slots) if (of === slot) this.#slots.delete(symbol);
    this.#markHeld();
    this.take({ kind: 'unwatched', slot });
  }

  /** Returns whether the signal became an order, or why it was refused. */
  offer(symbol: string, signal: AnalysisEvent): Verdict | undefined {
    this.#verdict = undefined;
    this.take({ kind: 'signal', symbol, signal });
    return this.#verdict;
  }

  /** Hot: once per frame. Book, tape or a fact of the slot have changed. */
  moved(slot: Slot): void {
    if (this.#isHeld[slot] === 1) this.take({ kind: 'market', slot });
  }

  facts(facts: Partial<EngineFacts>): void {
    this.take({ kind: 'facts', facts });
  }

  block(reason: string, on: boolean, sticky = false): void {
    this.take({ kind: 'block', reason, on, sticky });
  }

  synced(upTo: number): void {
    this.take({ kind: 'synced', upTo });
    this.#syncedTo = upTo;
    for (const { seq, resolve } of this.#writing) if (seq <= upTo) resolve();
    this.#writing = this.#writing.filter(({ seq }) => seq > upTo);
  }

  /** Resolves when every record so far is on disk. */
  written(): Promise<void> {
    const { seq } = this.#desk.journal();
    return new Promise((resolve) => {
      if (seq <= this.#syncedTo) resolve();
      else this.#writing.push({ seq, resolve });
    });
  }

  stalled(lastedMs: Ms): void {
    this.take({ kind: 'stall', lastedMs });
  }

  command(command: Command): CommandAnswer {
    this.#answer = undefined;
    this.take({ kind: 'command', command });
    return this.#answer ?? { accepted: false, text: 'the engine has ended' };
  }

  /** Resolves when every position is closed, or protected, by policy; or, when time runs out, with the symbols that are not. */
  drain(policy: DrainPolicy): Promise<readonly string[]> {
    return new Promise((resolve) => {
      this.#drained = resolve;
      this.take({ kind: 'drain', policy });
    });
  }

  status(): DeskStatus {
    return this.#desk.status();
  }

  account(): DeskAccount {
    return this.#desk.account();
  }

  held(): ReadonlySet<string> {
    return this.#held;
  }

  /** What a replay of the journal would give. Read only. */
  journal(): JournalState {
    return this.#desk.journal();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#ticking.cancel();
    this.#wake?.cancel();
    await this.gateway.close();
  }

  take(event: DeskEvent): void {
    if (this.#isClosed) return;
    const { clock } = this.#ports;
    const effects = this.#desk.take(event, { mono: clock.monotonic(), wall: clock.wall() });
    for (const effect of effects) this.#carryOut(effect);
    if (event.kind === 'command' && event.command.kind === 'resume') {
      const { accepted, isRepeat } = this.#answer ?? { accepted: false, isRepeat: false };
      if (accepted && !isRepeat) this.#ports.onResumed();
    }
    if (event.kind !== 'market' || effects.length > 0) this.#noteHeld();
    this.#sleep();
  }

  #carryOut(effect: DeskEffect): void {
    const ports = this.#ports;
    switch (effect.kind) {
      case 'request':
        return this.gateway.send(effect.request);
      case 'record':
        return ports.append(effect.record, effect.sync);
      case 'trade':
        return ports.onTrade(effect.row, effect.revision);
      case 'execution':
        return ports.onExecution(effect.row);
      case 'told':
        return ports.onTold(effect);
      case 'latch':
        return ports.latch(effect.killed);
      case 'list-doubted':
        return ports.onListDoubted();
      case 'verdict':
        this.#verdict = effect;
        return;
      case 'command-answer':
        this.#answer = effect;
        return;
      case 'drained':
        this.#drained?.(effect.left);
    }
  }

  #noteHeld(): void {
    const held = this.#desk.held();
    if (held.size === this.#held.size && [...held].every((symbol) => this.#held.has(symbol))) return;
    this.#held = held;
    this.#markHeld();
    this.#ports.onHeld(held);
  }

  #markHeld(): void {
    this.#isHeld.fill(0);
    for (const symbol of this.#held) {
      const slot = this.#slots.get(symbol);
      if (slot !== undefined) this.#isHeld[slot] = 1;
    }
  }

  /** Sets the timer for the moment at which the desk next needs to know the time. */
  #sleep(): void {
    const at = this.#desk.wakeAt() ?? Infinity;
    if (at >= this.#wakeAt) return;
    this.#wake?.cancel();
    this.#wakeAt = at;
    this.#wake = this.#ports.clock.after(Math.max(0, at - this.#ports.clock.monotonic()) as Ms, () => {
      this.#wake = undefined;
      this.#wakeAt = Infinity;
      this.take({ kind: 'time' });
    });
  }
}
