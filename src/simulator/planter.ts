// Where do walls come from? Large participants who place them, hold, trim, move and withdraw them on their own time.
import type { Rng } from '../lib/rng.ts';
import { TOWARD_TOUCH, type Side } from '../market/side.ts';
import { createWindow, type Window } from './exchange-book.ts';
import type { Matching } from './matching.ts';
import type { Profile } from './profile.ts';
import { type Thresholds, typicalAround, viewSide } from './window-ratio.ts';
import type { Wall, Walls } from './walls.ts';

const GAP = 11;
const CLEAR_MAX = 6;
const NEAR = 6;

export class Planter {
  readonly #matching: Matching;
  readonly #walls: Walls;
  readonly #profile: Profile;
  readonly #thresholds: Thresholds;
  readonly #unit: number;
  readonly #rng: Rng;
  readonly #window: Window;

  constructor(matching: Matching, walls: Walls, profile: Profile, thresholds: Thresholds, unit: number, rng: Rng) {
    this.#matching = matching;
    this.#walls = walls;
    this.#profile = profile;
    this.#thresholds = thresholds;
    this.#unit = unit;
    this.#rng = rng;
    this.#window = createWindow(profile.homeDepth);
  }

  /** One more object in the book: a wall that means it, or a decoy. */
  plantAny(sides: readonly Side[], now: number, timeMs: number): void {
    const side = sides[this.#rng.below(sides.length)];
    if (side === undefined) return;
    const dice = this.#rng.next();
    if (dice < 0.11) this.#flicker(side, now, timeMs);
    else if (dice < 0.19) this.#grid(side, now, timeMs);
    else if (dice < 0.27) this.#edge(side, now, timeMs);
    else if (dice < 0.36) this.#halfPulled(side, now, timeMs);
    else if (this.#walls.live.filter((wall) => wall.decoy === null).length < CLEAR_MAX)
      this.#ordinary(side, now, timeMs);
  }

  /** A wall for a price move to meet; undefined where there is no room. */
  plantTarget(side: Side, nearest: number, farthest: number, timeMs: number): Wall | undefined {
    const tick = this.#room(side, nearest, farthest, GAP, timeMs);
    return tick === undefined
      ? undefined
      : this.#walls.plant(side, [tick], this.#lots(side, tick, this.#clearRatio()), null, timeMs);
  }

  /** Walls whose time has come do what their owners meant to do. */
  tend(now: number, timeMs: number): void {
    for (const wall of this.#walls.standing()) {
      if (wall.decoy === 'edge' && this.#isInSight(wall)) this.#walls.pull(wall, 1, timeMs);
      else if (wall.nextAt <= now) this.#act(wall, now, timeMs);
    }
  }

  #act(wall: Wall, now: number, timeMs: number): void {
    const due = wall.next;
    wall.next = 'stay';
    wall.nextAt = Infinity;
    if (due === 'pull') {
      const steps = wall.ticks.length === 1 && wall.decoy === null && this.#rng.next() < 0.3;
      if (!steps) return this.#walls.pull(wall, 1, timeMs);
      this.#walls.pull(wall, 0.3 + 0.4 * this.#rng.next(), timeMs);
      this.#plan(wall, 'pull', now + 100 + this.#rng.below(300));
    } else if (due === 'half') {
      this.#walls.pull(wall, 0.5, timeMs);
      this.#plan(wall, 'pull', now + 5_000 + this.#rng.exponential(9_000));
    } else if (due === 'top-up') {
      this.#walls.add(wall, Math.round(this.#walls.lots(wall) * (0.08 + 0.25 * this.#rng.next())), timeMs);
      this.#plan(wall, 'pull', now + 4_000 + this.#rng.exponential(9_000));
    } else if (due === 'move') {
      this.#move(wall, now, timeMs);
    }
  }

  #plan(wall: Wall, next: Wall['next'], nextAt: number): void {
    wall.next = next;
    wall.nextAt = nextAt;
  }

  #move(wall: Wall, now: number, timeMs: number): void {
    const from = wall.ticks[0] as number;
    const best = this.#matching.book.best[wall.side];
    const step = (3 + this.#rng.below(6)) * (this.#rng.next() < 0.5 ? 1 : -1);
    const others = this.#walls.live.filter((other) => other.side === wall.side && other !== wall);
    for (const tick of [from + step, from - step]) {
      const distance = (best - tick) * TOWARD_TOUCH[wall.side];
      if (distance < 4 || distance > this.#profile.reach) continue;
      if (others.some((other) => other.ticks.some((at) => Math.abs(at - tick) < GAP))) continue;
      const lots = Math.max(1, Math.round(this.#walls.lots(wall) * (0.97 + 0.06 * this.#rng.next())));
      const moved = this.#walls.plant(wall.side, [tick], lots, null, timeMs);
      this.#fate(moved, now);
      return this.#walls.pull(wall, 1, timeMs, moved.id);
    }
    this.#plan(wall, 'pull', now + 500 + this.#rng.below(2_000));
  }

  #fate(wall: Wall, now: number): void {
    const dice = this.#rng.next();
    if (dice < 0.28) return;
    if (dice < 0.34) return this.#plan(wall, 'top-up', now + 4_000 + this.#rng.exponential(4_000));
    const lasts = 5_500 + 5_500 * Math.exp(0.6 * this.#rng.normal());
    this.#plan(wall, dice < 0.6 ? 'pull' : 'move', now + lasts);
  }

  #ordinary(side: Side, now: number, timeMs: number): void {
    const { reach, stride } = this.#profile;
    const tick = this.#room(side, NEAR * stride, reach * 0.72, GAP, timeMs);
    if (tick === undefined) return;
    if (this.#rng.next() < 0.07) return this.#cluster(side, tick, now, timeMs);
    const grey = this.#rng.next() < 0.08;
    const ratio = grey ? 0.82 + 0.36 * this.#rng.next() : this.#clearRatio();
    this.#fate(this.#walls.plant(side, [tick], this.#lots(side, tick, ratio), null, timeMs), now);
  }

  /** Three neighbours, none of them a wall alone. */
  #cluster(side: Side, first: number, now: number, timeMs: number): void {
    const ticks = [0, 1, 2].map((i) => first - TOWARD_TOUCH[side] * i);
    const wall = this.#walls.plant(side, ticks, this.#lots(side, first, 0.48 + 0.2 * this.#rng.next()), null, timeMs);
    if (this.#rng.next() < 0.7) this.#plan(wall, 'pull', now + 6_000 + this.#rng.exponential(12_000));
  }

  #flicker(side: Side, now: number, timeMs: number): void {
    const tick = this.#room(side, NEAR * this.#profile.stride, this.#profile.reach * 0.9, GAP, timeMs);
    if (tick === undefined) return;
    const wall = this.#walls.plant(side, [tick], this.#lots(side, tick, this.#clearRatio()), 'flicker', timeMs);
    this.#plan(wall, 'pull', now + 350 + this.#rng.below(2_150));
  }

  #grid(side: Side, now: number, timeMs: number): void {
    const levels = 6 + this.#rng.below(3);
    const step = 2 + this.#rng.below(2);
    const { reach, stride } = this.#profile;
    const first = this.#room(side, NEAR * stride, reach * 0.4, GAP, timeMs);
    if (first === undefined) return this.#flicker(side, now, timeMs);
    const ticks = Array.from({ length: levels }, (_, i) => first - TOWARD_TOUCH[side] * step * i);
    if (!ticks.every((tick) => this.#walls.isFree(side, tick, GAP, timeMs))) return this.#flicker(side, now, timeMs);
    const wall = this.#walls.plant(side, ticks, this.#lots(side, first, 1 + 0.5 * this.#rng.next()), 'grid', timeMs);
    this.#plan(wall, 'pull', now + 3_500 + this.#rng.exponential(7_000));
  }

  #edge(side: Side, now: number, timeMs: number): void {
    const tick = this.#lastVisible(side);
    if (!this.#walls.isFree(side, tick, 3, timeMs)) return this.#flicker(side, now, timeMs);
    const wall = this.#walls.plant(side, [tick], this.#lots(side, tick, this.#clearRatio()), 'edge', timeMs);
    this.#plan(wall, 'pull', now + 2_500 + this.#rng.exponential(6_000));
  }

  /** An edge wall is gone before the window comes nearer and shows it as more than its last level. */
  #isInSight(wall: Wall): boolean {
    const tick = wall.ticks[0] as number;
    return (this.#lastVisible(wall.side) - tick) * TOWARD_TOUCH[wall.side] < 0;
  }

  #lastVisible(side: Side): number {
    this.#matching.book.gather(side, this.#window);
    return this.#window.ticks[this.#window.count - 1] as number;
  }

  #halfPulled(side: Side, now: number, timeMs: number): void {
    const tick = this.#room(side, NEAR * this.#profile.stride, this.#profile.reach * 0.72, GAP, timeMs);
    if (tick === undefined) return;
    const ratio = 1.3 + 0.6 * this.#rng.next();
    const wall = this.#walls.plant(side, [tick], this.#lots(side, tick, ratio), 'half-pulled', timeMs);
    this.#plan(wall, 'half', now + 1_000 + this.#rng.exponential(6_000));
  }

  #clearRatio(): number {
    return 1.35 * Math.exp(Math.min(1.3, Math.abs(0.55 * this.#rng.normal())));
  }

  /** A free tick between two distances from the touch. */
  #room(side: Side, nearest: number, farthest: number, gap: number, timeMs: number): number | undefined {
    for (let attempt = 0; attempt < 5; attempt++) {
      const distance = Math.round(nearest + (farthest - nearest) * this.#rng.next());
      const tick = this.#matching.book.best[side] - TOWARD_TOUCH[side] * distance;
      if (this.#walls.isFree(side, tick, gap, timeMs)) return tick;
    }
    return undefined;
  }

  /** The size with which a level at `tick` is `ratio` times over its highest threshold, on the window people look at. */
  #lots(side: Side, tick: number, ratio: number): number {
    const { book } = this.#matching;
    book.gather(side, this.#window);
    const mid = (book.best[0] + book.best[1]) / 2;
    const view = viewSide(this.#window, mid, this.#unit, this.#thresholds.bandPercent);
    const { ticks, count } = this.#window;
    let index = 0;
    while (index < count - 1 && ((ticks[index] as number) - tick) * TOWARD_TOUCH[side] > 0) index++;
    const typical = (typicalAround(this.#window, index, index) ?? 0) * this.#thresholds.relative;
    const share = this.#thresholds.percent / 100;
    const byShare = (share * view.total) / (1 - Math.min(0.9, share * ratio));
    const units = Math.max(this.#thresholds.abs / this.#unit, typical, byShare) * ratio;
    return Math.max(1, Math.round(units / tick));
  }
}
