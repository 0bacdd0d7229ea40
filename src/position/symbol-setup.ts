// Is each watched symbol set up as the configuration wants it? One that is not known, or not right, is asked about in turn.
import type { Ms } from '../lib/brand.ts';
import type { Actor } from './actor.ts';
import type { Core } from './core.ts';

const AT_ONCE = 2;
const AGAIN_MS = 10_000;

export class SymbolSetup {
  readonly #core: Core;
  readonly #askedAt = new Map<string, Ms>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Once a second: reads positions that were never read, sets leverages that differ. */
  act(actorOf: (symbol: string) => Actor): void {
    const core = this.#core;
    const { mono: now } = core.now;
    const wanted = core.options.settings().leverage;
    let asked = 0;
    for (const symbol of core.slots.keys()) {
      if (asked >= AT_ONCE) return;
      const before = this.#askedAt.get(symbol);
      const actor = actorOf(symbol);
      const { report } = actor.ledger;
      const isRight = report?.leverage === wanted * 100;
      if (isRight || !actor.isIdle || (before !== undefined && now - before < AGAIN_MS)) continue;
      this.#askedAt.set(symbol, now);
      asked++;
      if (report === undefined) actor.readPosition();
      else core.ask({ kind: 'set-leverage', symbol, leverage: wanted }, core.restPath, symbol);
    }
  }
}
