// Every path is dead and many are to be closed: who tries which path now? Each in its turn, so that what arrives though no
// answer comes back arrives for all of them, and most orders of a second are left for the path that returns first.
import type { Ms } from '../../lib/brand.ts';
import type { Path } from '../../order/words.ts';

/** Two hosts so often are a quarter of what the exchange takes in a second. */
const TRY_EVERY_MS = 800;
/** Who has not asked for so long does not wait for a turn. */
const ASKED_WITHIN_MS = 300;

interface Waiting {
  askedAt: Ms;
  /** When it last had its turn on each path. */
  readonly triedAt: Map<Path, Ms>;
}

export class Turns {
  readonly #triedAt = new Map<Path, Ms>();
  readonly #waiting = new Map<string, Waiting>();

  /** True once, for the one that has waited longest: it tries the path now. */
  take(path: Path, symbol: string, now: Ms): boolean {
    const own: Waiting = this.#waiting.get(symbol) ?? { askedAt: now, triedAt: new Map() };
    this.#waiting.set(symbol, own);
    own.askedAt = now;
    if (now - (this.#triedAt.get(path) ?? -Infinity) < TRY_EVERY_MS) return false;
    const lastOf = ({ triedAt }: Waiting): number => triedAt.get(path) ?? -Infinity;
    for (const other of this.#waiting.values())
      if (now - other.askedAt <= ASKED_WITHIN_MS && lastOf(other) < lastOf(own)) return false;
    this.#triedAt.set(path, now);
    own.triedAt.set(path, now);
    return true;
  }
}
