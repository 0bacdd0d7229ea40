// In which symbols do we act? One actor each, made when it is first needed, and anew where the grid changes; and in which is
// something of which no list has told the contract yet.
import type { Slot } from '../market/units.ts';
import { sameGrid } from '../market/instrument.ts';
import { Actor } from './actor.ts';
import type { Contract } from './trade/contract.ts';
import type { Core } from './core.ts';
import { openSymbols, rememberedSymbols, restoredOf } from './trade/restore.ts';

export class Roster {
  readonly #core: Core;
  readonly #actors = new Map<string, Actor>();
  readonly #symbols = new Map<Slot, string>();
  /** Symbols with a position or an order whose contract no list has named yet. */
  readonly #unlisted = new Set<string>();

  constructor(core: Core) {
    this.#core = core;
  }

  all(): Iterable<Actor> {
    return this.#actors.values();
  }

  /** Undefined where nothing has happened in the symbol yet. */
  find(symbol: string): Actor | undefined {
    return this.#actors.get(symbol);
  }

  ofSlot(slot: Slot): Actor | undefined {
    const symbol = this.#symbols.get(slot);
    return symbol === undefined ? undefined : this.#actors.get(symbol);
  }

  /** Of a contract that is known. */
  of(symbol: string): Actor {
    return this.#actors.get(symbol) ?? this.#add(symbol);
  }

  /** Undefined where no list has named its contract. */
  ofListed(symbol: string): Actor | undefined {
    return this.#core.contracts.has(symbol) ? this.of(symbol) : undefined;
  }

  /** As `ofListed`, of a symbol in which something is there: it stays watched until a list names it, and is told. */
  concerned(symbol: string): Actor | undefined {
    const actor = this.ofListed(symbol);
    if (actor === undefined && !this.#unlisted.has(symbol)) {
      this.#unlisted.add(symbol);
      this.#core.tell('error', 'contract.unknown', symbol);
    }
    return actor;
  }

  /** Symbols that must stay watched: a position is open or an order pending (X03). */
  held(): ReadonlySet<string> {
    const held = [...this.#actors.values()].filter((actor) => !actor.isIdle).map(({ symbol }) => symbol);
    return new Set([...held, ...this.#unlisted]);
  }

  /** Is something of ours in a contract that no list has named yet? Nobody can say that it is flat, or close it. */
  get isOursUnlisted(): boolean {
    return this.#unlistedOf(openSymbols(this.#core.journal)).length > 0;
  }

  /** In these something of ours is, or may be, by the journal's word alone: before the beginning in all, then where no list has named the contract. */
  get unread(): readonly string[] {
    const { isBegun, journal } = this.#core;
    if (isBegun && this.#unlisted.size === 0) return [];
    const open = openSymbols(journal);
    return isBegun ? this.#unlistedOf(open) : [...open];
  }

  #unlistedOf(open: ReadonlySet<string>): string[] {
    return [...this.#unlisted].filter((symbol) => open.has(symbol));
  }

  /** What the journal remembers. */
  begin(): void {
    const core = this.#core;
    for (const symbol of rememberedSymbols(core.journal, core.serverMs)) {
      if (core.contracts.has(symbol)) this.#restore(symbol);
      else {
        this.#unlisted.add(symbol);
        core.tell(openSymbols(core.journal).has(symbol) ? 'critical' : 'warning', 'contract.unknown', symbol);
      }
    }
    // What was over before its contract was taken off the list keeps nobody from entering another one.
    core.guard.block('contract.unknown', this.isOursUnlisted);
  }

  /**
   * Another grid makes other numbers of the same prices: what is held is read anew, from decimals (P12, B12). True where the
   * contract of something remembered is told only now: what was agreed on without it was not the whole account.
   */
  contract(contract: Contract, slot: Slot | undefined): boolean {
    const core = this.#core;
    const { symbol } = contract.instrument;
    const before = core.contracts.get(symbol);
    core.contracts.set(symbol, contract);
    if (slot !== undefined) {
      core.slots.set(symbol, slot);
      this.#symbols.set(slot, symbol);
    }
    if (this.#unlisted.delete(symbol)) return this.#listed(symbol);
    if (before !== undefined && !sameGrid(before.instrument, contract.instrument)) this.#regrid(symbol);
    return false;
  }

  unwatched(slot: Slot): void {
    const symbol = this.#symbols.get(slot);
    this.#symbols.delete(slot);
    if (symbol !== undefined) this.#core.slots.delete(symbol);
  }

  #regrid(symbol: string): void {
    const former = this.#actors.get(symbol);
    if (former === undefined) return;
    // An emergency that was under way goes on, whether or not there is a path for readings.
    const actor = this.#restore(symbol, former);
    if (former.isIdle) return;
    actor.contradict('instrument.grid_mismatch');
    actor.readPosition();
  }

  /** A list that was read too short has left out what we hold (X02). */
  #listed(symbol: string): boolean {
    const core = this.#core;
    if (!this.isOursUnlisted) core.guard.block('contract.unknown', false);
    // Whose it is say executions and stops, which only a deep reading brings along.
    core.wantWholeReading();
    if (!rememberedSymbols(core.journal, core.serverMs).has(symbol)) return false;
    this.#restore(symbol).readPosition();
    return true;
  }

  #restore(symbol: string, former?: Actor): Actor {
    const core = this.#core;
    const actor = this.#add(symbol);
    const restored = restoredOf(core.journal, symbol, actor.ledger.contract.instrument, core.serverMs, core.now.mono);
    actor.restore(restored, former);
    if (restored.isBroken) actor.contradict('instrument.grid_mismatch');
    return actor;
  }

  #add(symbol: string): Actor {
    const actor = new Actor(symbol, this.#core);
    this.#actors.set(symbol, actor);
    return actor;
  }
}
