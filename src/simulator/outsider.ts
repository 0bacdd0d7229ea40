// What can somebody do to a contract who is in nobody's plan? Push its price, put up walls, take them away.
import { ASK, BID, SIDES, TOWARD_TOUCH, type Side } from '../market/side.ts';
import type { Director } from './director.ts';
import type { Flow } from './flow.ts';
import type { Matching } from './matching.ts';
import type { Profile } from './profile.ts';
import type { Walls } from './walls.ts';

/** Well within what the book holds on either side. */
const PUSH_TICKS_MAX = 2_000;
const TAKE_ALL = Number.MAX_SAFE_INTEGER;

export class Outsider {
  readonly #matching: Matching;
  readonly #walls: Walls;
  readonly #flow: Flow;
  readonly #director: Director;
  readonly #profile: Profile;

  constructor(matching: Matching, walls: Walls, flow: Flow, director: Director, profile: Profile) {
    this.#matching = matching;
    this.#walls = walls;
    this.#flow = flow;
    this.#director = director;
    this.#profile = profile;
  }

  /** Takes everything up to `ticks` beyond the touch (negative: downward), walls and all; the price stays there. */
  push(ticks: number, nowMs: number): void {
    const { book } = this.#matching;
    const { best } = book;
    const side = ticks > 0 ? ASK : BID;
    const bound = Math.min(PUSH_TICKS_MAX, Math.floor(best[BID] * 0.3));
    // Push after push, and the other side stays where it is until time passes: at some price there is no room for both.
    const limit = book.reach(side, best[side] + Math.max(-bound, Math.min(bound, ticks)));
    const by = limit - best[side];
    this.#matching.take(side, TAKE_ALL, limit, nowMs);
    // A wall that the move leaves out of sight would hold the price back.
    for (const wall of this.#walls.standing())
      if (Math.abs((wall.ticks[0] as number) - limit) > this.#profile.reach * 0.9) this.#walls.pull(wall, 1, nowMs);
    this.#director.shift(by);
  }

  /** False where a wall stands at that price already. */
  plantWall(side: Side, distanceTicks: number, usdt: number, nowMs: number): boolean {
    const tick = this.#matching.book.best[side] - TOWARD_TOUCH[side] * distanceTicks;
    if (this.#walls.has(tick)) return false;
    this.#walls.plant(side, [tick], this.#flow.lotsFor(usdt, tick), null, nowMs);
    return true;
  }

  /** Every wall goes, and from now on nobody moves the price or takes anything, except who does it from outside. */
  calm(nowMs: number): void {
    for (const side of SIDES) this.pullWalls(side, nowMs);
    this.#director.calm();
  }

  /** How many walls of a side were withdrawn. */
  pullWalls(side: Side, nowMs: number): number {
    const standing = this.#walls.standing().filter((wall) => wall.side === side);
    for (const wall of standing) this.#walls.pull(wall, 1, nowMs);
    return standing.length;
  }
}
