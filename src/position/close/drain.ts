// How does the desk end? In-flight orders resolved, every stop read back; or everything closed, by the operator's policy.
import type { Ms } from '../../lib/brand.ts';
import type { Actor } from '../actor.ts';
import type { Core } from '../core.ts';
import type { DrainPolicy } from '../desk-event.ts';

const GRACE_MS = 20_000;

export class Drain {
  readonly #core: Core;
  readonly #policy: DrainPolicy;
  readonly #startedAt: Ms;
  #isDone = false;

  constructor(core: Core, policy: DrainPolicy) {
    this.#core = core;
    this.#policy = policy;
    this.#startedAt = core.now.mono;
    core.guard.stepMode({ kind: 'drain' });
  }

  act(actors: readonly Actor[]): void {
    if (this.#isDone) return;
    const core = this.#core;
    for (const actor of actors) {
      actor.opening.abort();
      if (this.#policy === 'flatten') actor.leave('shutdown', true);
    }
    const elapsed = core.now.mono - this.#startedAt;
    const left = actors.flatMap((actor) => this.#whatIsLeft(actor));
    if (left.length > 0 && elapsed < GRACE_MS) return;
    core.checkpoint();
    this.#end(left);
  }

  /** Nothing was begun, because the exchange has not answered yet. Positions from before stay as they were. */
  endUnbegun(remembered: Iterable<string>): void {
    if (!this.#isDone) this.#end([...remembered].map((symbol) => `${symbol} unread`));
  }

  #end(left: readonly string[]): void {
    const core = this.#core;
    this.#isDone = true;
    core.tell(left.length === 0 ? 'info' : 'error', 'desk.drained', undefined, { left: left.join(', ') });
    core.guard.stepMode({ kind: 'stopped' });
    core.emit({ kind: 'drained', left });
  }

  #whatIsLeft(actor: Actor): readonly string[] {
    const { symbol, orders } = actor;
    // Whether one that nobody tells of is filled is not known, however long it is waited for.
    if (orders.isEntryOpen) return [`${symbol} entry ${orders.entry?.state}`];
    if (!actor.isOpen) return [];
    if (this.#policy === 'flatten') return [`${symbol} ${actor.state}`];
    return actor.state === 'protected' && actor.nakedSince === undefined ? [] : [`${symbol} ${actor.state}`];
  }
}
