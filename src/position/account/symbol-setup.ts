// Is each watched symbol set up as the configuration wants it? One that is not known, or not right, is asked about in turn.
import type { Ms } from '../../lib/brand.ts';
import type { Actor } from '../actor.ts';
import type { Core } from '../core.ts';

const AT_ONCE = 2;
const AGAIN_MS = 10_000;

export class SymbolSetup {
  readonly #core: Core;
  readonly #askedAt = new Map<string, Ms>();

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * Once a second: reads positions that were never read, sets leverages that differ. Whoever was asked about longest ago goes
   * first: of a contract that allows less than is wanted the exchange refuses it for ever.
   */
  act(actorOf: (symbol: string) => Actor): void {
    const core = this.#core;
    const { mono: now } = core.now;
    const leverage = core.options.settings().leverage * 100;
    const askedAt = (symbol: string): number => this.#askedAt.get(symbol) ?? -Infinity;
    const inTurn = [...core.slots.keys()]
      .filter((symbol) => now - askedAt(symbol) >= AGAIN_MS)
      .sort((a, b) => (askedAt(a) < askedAt(b) ? -1 : askedAt(a) > askedAt(b) ? 1 : 0));
    let asked = 0;
    for (const symbol of inTurn) {
      if (asked >= AT_ONCE) return;
      const actor = actorOf(symbol);
      const { report } = actor.ledger;
      const isRight = report?.leverage === leverage;
      if (isRight || !actor.isIdle) continue;
      this.#askedAt.set(symbol, now);
      asked++;
      if (report === undefined) actor.readPosition();
      else core.ask({ kind: 'set-leverage', symbol, leverage }, core.restPath, symbol);
    }
  }
}
