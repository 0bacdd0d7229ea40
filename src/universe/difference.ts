// Which symbols must be added and removed to get from the previous members to the new ones?
import type { Ms } from '../lib/brand.ts';

/** A watched symbol, and since when. */
export interface Member {
  readonly symbol: string;
  /** Monotonic. */
  readonly since: Ms;
  /** The last list, or the last figures of the day, did not name it: one answer that lacks it must not end a symbol. */
  readonly isMissing: boolean;
}

export type Members = ReadonlyMap<string, Member>;

export interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** In the order of `next` for what is added, in the order of `before` for what is removed. */
export function difference(before: Members, next: Members): Difference {
  return {
    added: [...next.keys()].filter((symbol) => !before.has(symbol)),
    removed: [...before.keys()].filter((symbol) => !next.has(symbol)),
  };
}
