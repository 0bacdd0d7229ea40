// Where does the price go? It ranges between walls, and now and then it goes for one: to break it or to turn before it.
import type { Rng } from '../lib/rng.ts';
import { ASK, BID, SIDES, TOWARD_TOUCH, opposite, type Side } from '../market/side.ts';
import type { Flow } from './flow.ts';
import type { Matching } from './matching.ts';
import type { Planter } from './planter.ts';
import type { Profile } from './profile.ts';
import type { Wall, Walls } from './walls.ts';

type Purpose = 'eat' | 'nibble' | 'bounce';

/** One move of the price toward a wall. */
interface Script {
  readonly purpose: Purpose;
  readonly target: Wall;
  readonly from: number;
  phase: 'prepare' | 'approach' | 'work' | 'leave';
  /** Where the fair price is heading. */
  goal: number;
  /** When the present phase may go on. */
  at: number;
  /** A walk that takes longer is given up. */
  until: number;
  /** Ticks a second. */
  readonly speed: number;
  /** Lots the takers mean to hit in all. */
  appetite: number;
  readonly sliceLots: number;
}

const PLANT_GAP_MS = 2_400;
const CONFIRMING_MS = 4_600;
const MARGIN = 3;
const WALK_MS_MAX = 14_000;
/** So far from where the day began the trend turns back: one that went on would take the price to nought by the evening. */
const TREND_REACH = 0.1;

export class Director {
  #script: Script | undefined;
  #anchor: number;
  #plantAt: number;
  #scriptAt: number;
  #last: number;
  #isCalm = false;
  #trend: Side;
  readonly #matching: Matching;
  readonly #walls: Walls;
  readonly #flow: Flow;
  readonly #planter: Planter;
  readonly #profile: Profile;
  readonly #rng: Rng;

  constructor(
    matching: Matching,
    walls: Walls,
    flow: Flow,
    planter: Planter,
    profile: Profile,
    startMs: number,
    rng: Rng,
  ) {
    this.#matching = matching;
    this.#walls = walls;
    this.#flow = flow;
    this.#planter = planter;
    this.#profile = profile;
    this.#rng = rng;
    this.#anchor = flow.fair;
    this.#last = startMs;
    this.#trend = profile.trendSide;
    this.#plantAt = startMs + rng.exponential(PLANT_GAP_MS);
    this.#scriptAt = startMs + 2_000 + rng.below(14_000);
    for (let i = 0; i < 3; i++) planter.plantAny(SIDES, startMs, startMs);
  }

  /** How lively the market is: more while the price is on its way. */
  get excited(): boolean {
    return this.#script !== undefined && this.#script.phase !== 'prepare';
  }

  /** Which way takers lean, −1 … 1. */
  get drift(): number {
    if (this.#script === undefined || this.#script.phase === 'prepare') return 0;
    return Math.sign(this.#script.goal - this.#flow.fair);
  }

  /** From now on there are no plans: no wall comes or goes by itself, and the price stays where it is put. */
  calm(): void {
    this.#isCalm = true;
    this.#script = undefined;
  }

  get isCalm(): boolean {
    return this.#isCalm;
  }

  /** Somebody from outside has moved the price by so many ticks: plans are off, and the market ranges where it is now. */
  shift(ticks: number): void {
    this.#flow.fair += ticks;
    this.#finish(this.#last);
  }

  /** Moves walls and the fair price on to `now` (flow time), which the exchange stamps `timeMs`. */
  step(now: number, timeMs: number): void {
    const seconds = (now - this.#last) / 1_000;
    this.#last = now;
    if (this.#isCalm) return;
    this.#planter.tend(now, timeMs);
    if (now >= this.#plantAt) {
      this.#plantAt = now + this.#rng.exponential(PLANT_GAP_MS);
      this.#planter.plantAny(this.#openSides(), now, timeMs);
    }
    if (this.#script === undefined) {
      this.#range(seconds);
      if (now >= this.#scriptAt) this.#begin(now, timeMs);
    } else {
      this.#play(this.#script, seconds, now, timeMs);
    }
  }

  /** Nothing is planted in the way of a move, nor where a move will leave it out of sight. */
  #openSides(): readonly Side[] {
    return this.#script === undefined ? SIDES : [];
  }

  #range(seconds: number): void {
    const { openTick } = this.#profile;
    const noise = openTick * 0.00018 * Math.sqrt(seconds);
    this.#anchor += noise * 0.7 * this.#rng.normal();
    this.#flow.fair += (this.#anchor - this.#flow.fair) * 0.4 * seconds + noise * this.#rng.normal();
    this.#confine();
    this.#anchor = Math.max(
      this.#flow.fair - openTick * 0.0007,
      Math.min(this.#flow.fair + openTick * 0.0007, this.#anchor),
    );
  }

  /** No wall is touched by accident, and none is lost from sight. */
  #confine(): void {
    const { reach } = this.#profile;
    let low = 1;
    let high = Infinity;
    for (const wall of this.#walls.live) {
      if (wall.decoy === 'edge') continue;
      const far = wall.ticks.at(-1) as number;
      if (wall.side === ASK) low = Math.max(low, far - reach);
      else high = Math.min(high, far + reach);
    }
    this.#flow.fair = Math.max(low, Math.min(high, this.#flow.fair));
    this.#keepOff();
  }

  #keepOff(target?: Wall): void {
    for (const wall of this.#walls.live) {
      const near = wall.ticks[0] as number;
      const margin = wall === target ? 0 : MARGIN;
      if (wall.side === ASK) this.#flow.fair = Math.min(this.#flow.fair, near - this.#flow.spread - margin);
      else this.#flow.fair = Math.max(this.#flow.fair, near + margin);
    }
  }

  #begin(now: number, timeMs: number): void {
    const { openTick, reach, stride } = this.#profile;
    const gone = this.#flow.fair / openTick - 1;
    if (Math.abs(gone) > TREND_REACH) this.#trend = gone > 0 ? BID : ASK;
    const dice = this.#rng.next();
    const purpose: Purpose = dice < 0.5 ? 'eat' : dice < 0.65 ? 'nibble' : 'bounce';
    const withTrend = this.#rng.next() < (purpose === 'eat' ? 0.8 : 0.35);
    const side: Side = withTrend ? this.#trend : opposite(this.#trend);
    const [nearest, farthest] = purpose === 'bounce' ? [reach * 0.8, reach * 0.92] : [9 * stride, 22 * stride];
    const target =
      this.#standing(side, nearest, purpose === 'bounce' ? reach : reach * 0.6) ??
      this.#planter.plantTarget(side, nearest, farthest, timeMs);
    if (target === undefined) {
      this.#scriptAt = now + 1_500;
      return;
    }
    target.next = 'stay';
    target.nextAt = Infinity;
    const wallTick = target.ticks[0] as number;
    const lots = this.#walls.lots(target);
    if (purpose === 'eat' && this.#rng.next() < 0.35)
      target.reserve = Math.round(lots * (0.15 + 0.8 * this.#rng.next()));
    const appetite =
      purpose === 'eat' ? Infinity : purpose === 'nibble' ? Math.ceil(lots * (0.15 + 0.22 * this.#rng.next())) : 0;
    this.#script = {
      purpose,
      target,
      from: this.#flow.fair,
      phase: 'prepare',
      goal: purpose === 'bounce' ? wallTick + TOWARD_TOUCH[side] * this.#turningDistance() : wallTick,
      at: now + Math.max(900, CONFIRMING_MS - (timeMs - target.bornMs)),
      until: Infinity,
      speed: openTick * (0.0005 + 0.0004 * this.#rng.next()),
      appetite,
      sliceLots: Math.ceil((lots + target.reserve) / (6 + this.#rng.below(22))),
    };
    this.#clearTheWay(this.#script, now);
  }

  /** A wall of its own that already stands there. */
  #standing(side: Side, nearest: number, farthest: number): Wall | undefined {
    const best = this.#matching.book.best[side];
    return this.#walls.live.find((wall) => {
      const distance = (best - (wall.ticks[0] as number)) * TOWARD_TOUCH[side];
      const free = wall.decoy === null && wall.ticks.length === 1 && wall.next !== 'move';
      return free && wall.side === side && distance >= nearest && distance <= farthest;
    });
  }

  /** Where a bounce turns: well inside the distance that counts as a touch. */
  #turningDistance(): number {
    const { openTick, reach } = this.#profile;
    return Math.max(
      2,
      Math.round(Math.min(openTick * 0.002, (reach / 0.83) * 0.25) * (0.35 + 0.25 * this.#rng.next())),
    );
  }

  /** Walls in the way, and those the move would leave out of sight, are withdrawn before it starts. */
  #clearTheWay(script: Script, now: number): void {
    const { side } = script.target;
    const targetTick = script.target.ticks[0] as number;
    const { reach } = this.#profile;
    for (const wall of this.#walls.live) {
      if (wall === script.target || wall.decoy === 'edge') continue;
      const first = wall.ticks[0] as number;
      const inTheWay = wall.side === side && (first - targetTick) * TOWARD_TOUCH[side] > 0;
      const leftBehind = wall.side !== side && Math.abs((wall.ticks.at(-1) as number) - script.goal) > reach * 1.06;
      if (!inTheWay && !leftBehind) continue;
      wall.next = 'pull';
      wall.nextAt = Math.min(wall.nextAt, now + 200 + this.#rng.below(2_200));
    }
  }

  #play(script: Script, seconds: number, now: number, timeMs: number): void {
    const { target } = script;
    if (script.phase === 'prepare') {
      this.#range(seconds);
      if (now < script.at || this.#blocked(script)) return;
      script.phase = 'approach';
      script.until = now + WALK_MS_MAX;
      return;
    }
    if (script.phase !== 'leave' && !this.#walls.live.includes(target)) this.#afterWall(script, now);
    if (script.phase === 'work') return this.#work(script, now, timeMs);
    if (!this.#walk(script, seconds, now)) return;
    if (script.phase === 'approach' && now < script.until) {
      script.phase = 'work';
      script.at = now + (script.purpose === 'bounce' ? 700 + this.#rng.below(1_500) : 0);
    } else {
      this.#finish(now);
    }
  }

  #blocked(script: Script): boolean {
    const { side } = script.target;
    const tick = script.target.ticks[0] as number;
    return this.#walls.live.some(
      (wall) => wall.side === side && ((wall.ticks[0] as number) - tick) * TOWARD_TOUCH[side] > 0,
    );
  }

  /** Toward the goal; true when it is reached, or when another wall keeps it out of reach too long. */
  #walk(script: Script, seconds: number, now: number): boolean {
    const { target, phase } = script;
    const atWall = phase === 'approach' && script.purpose !== 'bounce' && target.side === ASK;
    const goal = script.goal - (atWall ? this.#flow.spread : 0);
    const noise = this.#profile.openTick * 0.0001 * Math.sqrt(seconds) * this.#rng.normal();
    const step = script.speed * seconds;
    const left = goal - this.#flow.fair;
    this.#flow.fair = Math.abs(left) <= step ? goal : this.#flow.fair + Math.sign(left) * step + noise;
    this.#keepOff(target);
    return Math.abs(this.#flow.fair - goal) < 1 || now >= script.until;
  }

  #work(script: Script, now: number, timeMs: number): void {
    if (now < script.at) return;
    if (script.appetite <= 0) {
      if (script.purpose === 'nibble') this.#walls.pull(script.target, 1, timeMs);
      return this.#turnBack(script, now);
    }
    const { side } = script.target;
    const tick = script.target.ticks[0] as number;
    script.at = now + 60 + this.#rng.exponential(160);
    const lots = Math.min(script.appetite, Math.ceil(script.sliceLots * Math.exp(0.5 * this.#rng.normal())));
    const before = this.#walls.lots(script.target);
    const inFront = this.#inFront(side, tick);
    this.#matching.take(side, inFront + lots, tick, timeMs);
    if (!this.#walls.live.includes(script.target)) return this.#afterWall(script, now);
    const eaten = before - this.#walls.lots(script.target);
    script.appetite -= eaten;
    const refill = Math.min(script.target.reserve, Math.round(eaten * (0.4 + 0.6 * this.#rng.next())));
    script.target.reserve -= refill;
    this.#walls.add(script.target, refill, timeMs);
  }

  #inFront(side: Side, tick: number): number {
    const { book } = this.#matching;
    let lots = 0;
    for (let at = book.best[side]; (at - tick) * TOWARD_TOUCH[side] > 0; at -= TOWARD_TOUCH[side]) lots += book.at(at);
    return lots;
  }

  #turnBack(script: Script, now: number): void {
    script.phase = 'leave';
    script.until = now + WALK_MS_MAX;
    script.goal = script.from;
    if (script.purpose === 'bounce' && this.#rng.next() < 0.6) {
      script.target.next = 'pull';
      script.target.nextAt = now + 6_000 + this.#rng.exponential(12_000);
    }
  }

  /** The wall has gone: the price goes through, but not far, and not into the next one. */
  #afterWall(script: Script, now: number): void {
    const { side } = script.target;
    const outward = -TOWARD_TOUCH[side];
    const { openTick } = this.#profile;
    script.phase = 'leave';
    script.until = now + WALK_MS_MAX;
    const through = Math.max(2, Math.round(openTick * (0.0006 + 0.0005 * this.#rng.next())));
    script.goal = (script.target.ticks[0] as number) + outward * through;
  }

  #finish(now: number): void {
    this.#script = undefined;
    this.#anchor = this.#flow.fair;
    this.#scriptAt = now + 2_500 + this.#rng.exponential(4_500);
    for (const wall of this.#walls.live) {
      if (wall.decoy === 'edge' || wall.nextAt !== Infinity) continue;
      const far = wall.ticks.at(-1) as number;
      const lost = Math.abs(far - this.#matching.book.best[wall.side]) > this.#profile.reach * 1.1;
      if (!lost) continue;
      wall.next = 'pull';
      wall.nextAt = now + 200 + this.#rng.below(1_500);
    }
  }
}
