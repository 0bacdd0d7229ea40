// Is what the engine publishes of its books sound? Levels in order and on the grid, and versions that only grow.
import { EPOCH, GENERATION, SLOT_WORDS, TENANCY, type BookMemory } from '../../src/book/layout.ts';
import type { BookView } from '../../src/book/read.ts';
import { ASK, BID } from '../../src/market/side.ts';
import type { Slot } from '../../src/market/units.ts';

/** Best bid below best ask, and outward from there. */
export function isOrdered({ counts, ticks }: BookView): boolean {
  const [bids, asks] = [counts[BID] as number, counts[ASK] as number];
  if (bids > 0 && asks > 0 && (ticks[BID][0] as number) >= (ticks[ASK][0] as number)) return false;
  for (let i = 1; i < bids; i++) if ((ticks[BID][i] as number) >= (ticks[BID][i - 1] as number)) return false;
  for (let i = 1; i < asks; i++) if ((ticks[ASK][i] as number) <= (ticks[ASK][i - 1] as number)) return false;
  return true;
}

/** A size that is no whole number of steps, or none; undefined where all are (ticks are whole by their kind of array). */
export function oddSize({ counts, lots }: BookView): number | undefined {
  for (const side of [BID, ASK] as const)
    for (let i = 0; i < (counts[side] as number); i++) {
      const size = lots[side][i] as number;
      if (!Number.isSafeInteger(size) || size <= 0) return size;
    }
  return undefined;
}

/** Versions of every slot as they were last seen: between two writes they are even, and none of them ever goes back. */
export class Versions {
  readonly #seen = new Int32Array(3 * 64);

  forget(): void {
    this.#seen.fill(0);
  }

  /** What is wrong with the versions of a slot; undefined for nothing. */
  look({ words }: BookMemory, slot: Slot): string | undefined {
    const at = slot * SLOT_WORDS;
    const [generation, epoch, tenancy] = [GENERATION, EPOCH, TENANCY].map((word) => words[at + word] as number) as [
      number,
      number,
      number,
    ];
    const seen = this.#seen;
    const on = 3 * slot;
    const [g, e, t] = [seen[on] as number, seen[on + 1] as number, seen[on + 2] as number];
    seen[on] = generation;
    seen[on + 1] = epoch;
    seen[on + 2] = tenancy;
    if ((generation & 1) !== 0) return `generation ${generation} while nobody writes`;
    // It counts round; a step is never half of all numbers.
    if (((generation - g) | 0) < 0) return `generation from ${g} to ${generation}`;
    if (epoch < e) return `epoch from ${e} to ${epoch}`;
    return tenancy < t ? `tenancy from ${t} to ${tenancy}` : undefined;
  }
}
