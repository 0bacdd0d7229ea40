// Is every open position supervised? Exits need a live book: an alert is raised where there is none for too long (I-13, P14).
import type { Ms } from '../../lib/brand.ts';
import type { Core } from '../core.ts';
import type { Roster } from '../roster.ts';

/** A book is resynced within seconds; longer silence is a matter of connection loss. */
const BLIND_MS = 10_000;
const DEAD = 'monitor.dead';

export class Supervision {
  readonly #core: Core;
  readonly #roster: Roster;
  /** [symbol] since when it is to be looked at. */
  readonly #since = new Map<string, Ms>();
  #told: ReadonlySet<string> = new Set();

  constructor(core: Core, roster: Roster) {
    this.#core = core;
    this.#roster = roster;
  }

  judge(): void {
    const { mono: now } = this.#core.now;
    const blind = new Set<string>();
    for (const { symbol, isWatched, evaluatedAt } of this.#roster.all()) {
      if (!isWatched) {
        this.#since.delete(symbol);
        continue;
      }
      const since = this.#since.get(symbol) ?? now;
      this.#since.set(symbol, since);
      const blindMs = now - Math.max(since, evaluatedAt ?? since);
      if (blindMs < BLIND_MS) continue;
      blind.add(symbol);
      if (!this.#told.has(symbol)) this.#core.tell('error', DEAD, symbol, { blindMs });
    }
    this.#told = blind;
    this.#core.guard.block(DEAD, blind.size > 0);
  }
}
