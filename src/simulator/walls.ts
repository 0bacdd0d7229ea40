// Which walls stand in one contract's book, and where does their size go?
import { assert } from '../lib/assert.ts';
import type { Side } from '../market/side.ts';
import type { Matching } from './matching.ts';

export type Ending = 'eaten' | 'pulled' | 'moved' | 'held';
export type Decoy = 'flicker' | 'grid' | 'edge' | 'half-pulled';

export interface Wall {
  readonly id: number;
  readonly side: Side;
  /** One tick, the ticks of a cluster, or those of a grid; from the touch outward. */
  readonly ticks: readonly number[];
  readonly decoy: Decoy | null;
  readonly bornMs: number;
  /** In units of tick × lot. */
  readonly initial: number;
  eaten: number;
  pulled: number;
  refilled: number;
  movedTo: number | null;
  /** What its owner means to do next, and when (flow time). */
  next: 'stay' | 'pull' | 'move' | 'half' | 'top-up';
  nextAt: number;
  /** Size its owner still holds back and adds as the wall is eaten, in lots. */
  reserve: number;
  /** `[cts, ratio, inView]` at every change worth telling. */
  readonly view: [number, number, 0 | 1][];
}

export interface EndedWall {
  readonly wall: Wall;
  readonly ending: Ending;
  readonly endedMs: number;
}

/** A price remembered after its wall has gone, so that no other wall there looks like the same one moved. */
interface Ghost {
  readonly side: Side;
  readonly tick: number;
  readonly untilMs: number;
}

const GHOST_MS = 4_500;

export class Walls {
  readonly live: Wall[] = [];
  /** When the last of those that stand no longer ended. */
  endedMs = 0;
  readonly #at = new Map<number, Wall>();
  #ghosts: Ghost[] = [];
  readonly #matching: Matching;
  readonly #nextId: () => number;
  readonly #onEnd: (ended: EndedWall) => void;

  constructor(matching: Matching, nextId: () => number, onEnd: (ended: EndedWall) => void) {
    this.#matching = matching;
    this.#nextId = nextId;
    this.#onEnd = onEnd;
  }

  /** Is a planted level at this price? Ordinary orders stay away from it. */
  has(tick: number): boolean {
    return this.#at.has(tick);
  }

  plant(side: Side, ticks: readonly number[], lots: number, decoy: Decoy | null, timeMs: number): Wall {
    let initial = 0;
    for (const tick of ticks) {
      assert(!this.#at.has(tick), 'two walls at one price');
      this.#matching.rest(side, tick, lots);
      initial += tick * lots;
    }
    this.#matching.touch(timeMs);
    const wall: Wall = {
      id: this.#nextId(),
      side,
      ticks,
      decoy,
      bornMs: timeMs,
      initial,
      eaten: 0,
      pulled: 0,
      refilled: 0,
      movedTo: null,
      next: 'stay',
      nextAt: Infinity,
      reserve: 0,
      view: [],
    };
    this.live.push(wall);
    for (const tick of ticks) this.#at.set(tick, wall);
    return wall;
  }

  /** The walls that stand now, as a list that stays what it is while they fall. */
  standing(): Wall[] {
    return this.live.slice();
  }

  lots(wall: Wall): number {
    let sum = 0;
    for (const tick of wall.ticks) if (this.#at.get(tick) === wall) sum += this.#matching.book.anonymous(tick);
    return sum;
  }

  /** Takes `share` of every level of the wall away; 1 ends it. */
  pull(wall: Wall, share: number, timeMs: number, movedTo: number | null = null): void {
    this.#matching.touch(timeMs);
    for (const tick of wall.ticks) {
      if (this.#at.get(tick) !== wall) continue;
      const resting = this.#matching.book.anonymous(tick);
      const gone = share === 1 ? resting : Math.floor(resting * share);
      this.#matching.rest(wall.side, tick, resting - gone);
      wall.pulled += gone * tick;
      if (resting === gone) this.#at.delete(tick);
    }
    wall.movedTo = movedTo;
    this.#settle(wall, timeMs);
  }

  add(wall: Wall, lots: number, timeMs: number): void {
    const tick = wall.ticks[0] as number;
    if (lots <= 0 || this.#at.get(tick) !== wall) return;
    this.#matching.touch(timeMs);
    this.#matching.rest(wall.side, tick, this.#matching.book.anonymous(tick) + lots);
    wall.refilled += lots * tick;
  }

  /** A taker has just consumed `lots` at a planted price. */
  filled(tick: number, lots: number, timeMs: number): void {
    const wall = this.#at.get(tick);
    if (wall === undefined) return;
    wall.eaten += lots * tick;
    if (this.#matching.book.anonymous(tick) > 0) return;
    this.#at.delete(tick);
    this.#settle(wall, timeMs);
  }

  /** Is `tick` at least `gap` ticks away from every wall of this side, also from those just gone? */
  isFree(side: Side, tick: number, gap: number, timeMs: number): boolean {
    this.#ghosts = this.#ghosts.filter((ghost) => ghost.untilMs > timeMs);
    const far = (other: number): boolean => Math.abs(other - tick) >= gap;
    return (
      this.live.every((wall) => wall.side !== side || wall.ticks.every(far)) &&
      this.#ghosts.every((ghost) => ghost.side !== side || far(ghost.tick))
    );
  }

  #settle(wall: Wall, timeMs: number): void {
    if (wall.ticks.some((tick) => this.#at.get(tick) === wall)) return;
    const at = this.live.indexOf(wall);
    assert(at >= 0, 'a wall ends twice');
    this.live.splice(at, 1);
    this.endedMs = timeMs;
    for (const tick of wall.ticks) this.#ghosts.push({ side: wall.side, tick, untilMs: timeMs + GHOST_MS });
    const ending = wall.movedTo !== null ? 'moved' : wall.eaten > wall.pulled ? 'eaten' : 'pulled';
    this.#onEnd({ wall, ending, endedMs: timeMs });
  }
}
