// Which densities ahead have stood long enough to be believed? Main times them itself, look by look: no analyzer is asked.
import type { BookView } from '../../book/read.ts';
import type { Ms } from '../../lib/brand.ts';
import { BID } from '../../market/side.ts';
import type { Tick } from '../../market/units.ts';
import { restsAt } from './exit.ts';
import type { Wall } from '../trade/trade.ts';

interface Standing {
  readonly wall: Wall;
  /** Monotonic: of the look that saw it first. */
  readonly since: Ms;
}

/** Under this part of what it was it has gone. */
const GONE_PARTS = 10;

export class CounterWalls {
  #standing: readonly Standing[] = [];

  /** `resting`: what a scan of now has found on one side. Near edges of those found now that have stood for `lifetimeMs`. */
  look(resting: readonly Wall[], view: BookView, lifetimeMs: number, now: Ms): readonly Tick[] {
    const before = this.#standing;
    const found = resting.map((wall): Standing => {
      const same = before.filter((known) => overlaps(known.wall, wall));
      return { wall, since: Math.min(now, ...same.map(({ since }) => since)) as Ms };
    });
    // Once found it is the same one as long as something of it rests, whether or not every look calls it a density.
    const lasting = before.filter(
      ({ wall }) =>
        !resting.some((other) => overlaps(other, wall)) && (restsAt(wall, view) ?? 0) * GONE_PARTS >= wall.units,
    );
    this.#standing = [...found, ...lasting];
    return found.filter(({ since }) => now - since >= lifetimeMs).map(({ wall }) => nearEdge(wall));
  }
}

function overlaps(a: Wall, b: Wall): boolean {
  return a.low <= b.high && b.low <= a.high;
}

function nearEdge({ side, low, high }: Wall): Tick {
  return side === BID ? high : low;
}
