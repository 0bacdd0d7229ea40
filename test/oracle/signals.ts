// What is told of all densities of a symbol, scan by scan? Strategy 5 to 9, with the steps of time in which the engine remembers.
import { BID } from '../../src/market/side.ts';
import type { PlainLevel } from './density.ts';
import { PlainExtrema } from './extrema.ts';
import type { SignalParams, TrendParams } from './params.ts';
import { PlainTouch, touchTolerance, type SignalSubject } from './signal.ts';
import { combineTrends, dayTrend, PlainPressure, rawPressure } from './trend.ts';
import type { PlainTrend } from './trend.ts';

export interface ToldCriterion {
  readonly name: string;
  readonly value: number;
  readonly threshold: number;
  readonly passed: boolean;
}

/** What of a life is looked at here. */
export interface SignalLife extends SignalSubject {
  readonly id: number;
  /** Some of its range can be seen. */
  readonly inView: boolean;
  /** Notional of its typical neighbour when it was last detected. */
  readonly typical: number;
  /** Trades that took from its range since its birth, as they were told. */
  readonly hits: readonly { readonly T: number; readonly notional: number }[];
}

export interface PlainMoment {
  readonly nowMs: number;
  readonly bestBid: number;
  readonly bestAsk: number;
  readonly sides: readonly [readonly PlainLevel[], readonly PlainLevel[]];
  /** Percent; undefined until known. */
  readonly dayChange: number | undefined;
}

export interface PlainTold {
  readonly kind: 'candidate' | 'signal';
  readonly id: number;
  readonly signal: 'breakout' | 'bounce';
  readonly priority: number;
  readonly newTerritory: boolean;
  readonly criteria: readonly ToldCriterion[];
}

const CHASE_TICKS_MIN = 2;
const FLOW_MS = 5_000;
const FLOW_BUCKET_MS = 100;
const STABLE_BUCKETS = 30;
const CANDIDATE_TOLD_MS = 250;
/** A snapshot may be so much older; what lies further ahead was set by a wrong clock. */
const OLDER_MS_MAX = 5_000;

/** 1, ½ or ¼ of agreement as +, of contradiction as −; a flat trend agrees with nothing. */
function agreement(wanted: PlainTrend, trend: PlainTrend, strength: number): number {
  if (trend === 'FLAT') return 0;
  return trend === wanted ? strength : -strength;
}

/** Long through an ask density, short through a bid density. */
function judgeBreakout(
  life: SignalLife,
  { nowMs, bestBid, bestAsk }: Pick<PlainMoment, 'nowMs' | 'bestBid' | 'bestAsk'>,
  trend: PlainTrend,
  strength: number,
  params: SignalParams,
): ToldCriterion[] {
  const wanted = life.side === BID ? 'DOWN' : 'UP';
  const asked = params.breakoutErosionPercent;
  const windowMs = params.breakoutWindowMs;
  const goneForMs = life.state === 'gone' ? nowMs - life.goneSinceMs! : life.state === 'eroding' ? 0 : -1;
  const far = life.side === BID ? life.lowTick : life.highTick;
  const beyond = ((bestBid + bestAsk) / 2 - far) * (life.side === BID ? -1 : 1);
  const chase = Math.max(CHASE_TICKS_MIN, (params.breakoutMaxChasePercent / 100) * far);
  // What is met exactly is met: no float has a say.
  const isNear =
    BigInt(2 * beyond) * 100_000_000n <= BigInt(Math.round(params.breakoutMaxChasePercent * 2e6)) * BigInt(far);
  return [
    { name: 'trend', value: agreement(wanted, trend, strength), threshold: 0.5, passed: trend === wanted },
    {
      name: 'eaten_percent',
      value: (life.eaten * 100) / life.peak,
      threshold: asked,
      passed: asked === 0 ? life.current < life.peak : life.eaten * 100 >= asked * life.peak,
    },
    {
      name: 'gone_for_ms',
      value: goneForMs,
      threshold: windowMs,
      passed: life.state === 'eroding' || (life.state === 'gone' && goneForMs <= windowMs),
    },
    {
      name: 'beyond_ticks',
      value: beyond,
      threshold: chase,
      passed: beyond > 0 && (beyond <= CHASE_TICKS_MIN || isNear),
    },
  ];
}

/** How long it would last at the rate of the last 5 s, counted in whole tenths of a second. */
function timeToEat(life: SignalLife, nowMs: number): number {
  const bucketOf = (ms: number): number => Math.floor(ms / FLOW_BUCKET_MS);
  const newest = Math.max(bucketOf(nowMs), ...life.hits.map(({ T }) => bucketOf(T)));
  const recent = life.hits.filter(({ T }) => bucketOf(T) > newest - FLOW_MS / FLOW_BUCKET_MS);
  const flow = recent.reduce((sum, { notional }) => sum + notional, 0);
  return flow === 0 ? Infinity : (life.current * FLOW_MS) / flow;
}

/**
 * The largest deviation from the mean over the window, in percent. The window is its running thirtieth and the thirty
 * before, its mean that of the sizes at their ends; infinite until the density is old enough to have filled it.
 */
function unrest(life: SignalLife, nowMs: number, windowMs: number): number {
  const stepMs = windowMs / STABLE_BUCKETS;
  const bucketOf = (ms: number): number => Math.floor(ms / stepMs);
  const running = bucketOf(nowMs);
  if (life.history.length === 0 || bucketOf(life.history[0]!.fromMs) > running - STABLE_BUCKETS) return Infinity;
  const held: number[] = [];
  const closing: number[] = [];
  for (let bucket = running - STABLE_BUCKETS; bucket <= running; bucket++) {
    const until = life.history.filter(({ fromMs }) => bucketOf(fromMs) <= bucket);
    const before = until.filter(({ fromMs }) => bucketOf(fromMs) < bucket).slice(-1);
    held.push(...[...before, ...until.filter(({ fromMs }) => bucketOf(fromMs) === bucket)].map((e) => e.notional));
    closing.push(until.at(-1)!.notional);
  }
  const mean = closing.reduce((sum, notional) => sum + notional, 0) / closing.length;
  return (Math.max(...held.map((notional) => Math.abs(notional - mean))) / mean) * 100;
}

const bestOther = (life: SignalLife, { bestBid, bestAsk }: PlainMoment): number =>
  life.side === BID ? bestAsk : bestBid;

function toleranceOf(life: SignalLife, { sides }: PlainMoment, params: SignalParams): number {
  const levels = sides[life.side];
  return touchTolerance(life, Math.abs(levels[0]!.tick - levels.at(-1)!.tick), params);
}

function distanceToNear(life: SignalLife, { bestBid, bestAsk }: PlainMoment): number {
  return life.side === BID ? bestAsk - life.highTick : life.lowTick - bestBid;
}

/** Long off a bid density, short off an ask density. */
function judgeBounce(
  life: SignalLife,
  moment: PlainMoment,
  trend: PlainTrend,
  strength: number,
  isTouching: boolean,
  params: SignalParams,
): ToldCriterion[] {
  const away = distanceToNear(life, moment);
  const tolerance = toleranceOf(life, moment, params);
  const unsteady = unrest(life, moment.nowMs, params.bounceStabilityWindowMs);
  const lasts = timeToEat(life, moment.nowMs);
  const value = agreement(life.side === BID ? 'UP' : 'DOWN', trend, strength);
  const stable = params.bounceDensityStablePercent;
  const lastsMin = params.bounceMinTimeToEatMs;
  return [
    { name: 'touch_ticks', value: away, threshold: tolerance, passed: isTouching && away <= tolerance },
    { name: 'stable_percent', value: unsteady, threshold: stable, passed: unsteady <= stable },
    { name: 'time_to_eat_ms', value: lasts, threshold: lastsMin, passed: lasts >= lastsMin },
    { name: 'trend', value, threshold: 0, passed: value >= 0 },
  ];
}

/** What has been told of one density. */
class PlainFile {
  readonly touch = new PlainTouch();
  readonly passed = new Map<string, string>();
  toldMs = 0;
  hasBroken = false;
}

/** All of one symbol's signals. A scan without both sides judges nothing. */
export class PlainSignals {
  readonly #params: SignalParams & TrendParams & { readonly signalCooldownMs: number };
  readonly #extrema: PlainExtrema;
  readonly #pressure: PlainPressure;
  readonly #files = new Map<number, PlainFile>();
  /** As the last scan in which any level voted has smoothed it. */
  pressure = 0;
  #coolMs = -Infinity;
  #told: PlainTold[] = [];

  constructor(
    params: SignalParams & TrendParams & { readonly signalCooldownMs: number },
    extrema: PlainExtrema = new PlainExtrema(4),
  ) {
    this.#params = params;
    this.#extrema = extrema;
    this.#pressure = new PlainPressure(params);
  }

  /** `lives`: all that have no label, the oldest first. */
  scan(moment: PlainMoment, lives: readonly SignalLife[]): PlainTold[] {
    const { nowMs, bestBid, bestAsk, dayChange } = moment;
    this.#told = [];
    if (bestBid === 0 || bestAsk === 0) return [];
    const tracked = lives.filter((life) => life.state !== 'gone');
    const raw = rawPressure(moment, tracked, this.#params);
    const pressure = this.#pressure.update(nowMs, raw);
    if (raw !== undefined) this.pressure = pressure.value;
    const day = dayChange === undefined ? 'FLAT' : dayTrend(dayChange, this.#params);
    const { trend, strength } = combineTrends(day, pressure.trend);
    for (const life of lives.filter((one) => one.confirmedMs !== undefined && one.inView)) {
      const file = this.#fileOf(life.id);
      // A touch of what is gone is none; while it erodes the price comes and goes all the same.
      if (life.state !== 'gone')
        file.touch.update(life, bestOther(life, moment), toleranceOf(life, moment, this.#params));
      if (life.state === 'confirmed') {
        const isTouching = file.touch.touching;
        const criteria = judgeBounce(life, moment, trend, strength, isTouching, this.#params);
        if (this.#conclude(life, file, 'bounce', criteria, !file.touch.signalled, moment, strength))
          file.touch.markSignalled();
      }
      if (life.state !== 'confirmed' || !file.passed.has('breakout')) {
        const criteria = judgeBreakout(life, moment, trend, strength, this.#params);
        if (this.#conclude(life, file, 'breakout', criteria, !file.hasBroken, moment, strength)) file.hasBroken = true;
      }
    }
    return this.#told;
  }

  /** The touches of a density: how many began, and is one under way? */
  touchesOf(id: number): { readonly touches: number; readonly isTouching: boolean } {
    const touch = this.#files.get(id)?.touch;
    return { touches: touch?.count ?? 0, isTouching: touch?.touching ?? false };
  }

  #fileOf(id: number): PlainFile {
    const file = this.#files.get(id) ?? new PlainFile();
    this.#files.set(id, file);
    return file;
  }

  /** True: a signal. A change of what passes is told as a candidate, of one density at most every quarter of a second. */
  #conclude(
    life: SignalLife,
    file: PlainFile,
    signal: 'breakout' | 'bounce',
    criteria: readonly ToldCriterion[],
    isFirst: boolean,
    { nowMs, bestBid, bestAsk }: PlainMoment,
    strength: number,
  ): boolean {
    const passed = criteria.map((criterion) => (criterion.passed ? '1' : '0')).join('');
    const left = this.#coolMs - nowMs;
    const isCool = left <= 0 || left > this.#params.signalCooldownMs + OLDER_MS_MAX;
    const fires = isFirst && !passed.includes('0') && isCool;
    if (!fires) {
      const before = file.passed.get(signal);
      if (before === passed) return false;
      if (before !== undefined && nowMs - file.toldMs < CANDIDATE_TOLD_MS) return false;
    }
    const isLong = (signal === 'breakout') === (life.side !== BID);
    const newTerritory = this.#extrema.isNewTerritory(isLong ? 'up' : 'down', (bestBid + bestAsk) / 2, nowMs);
    const priority = (newTerritory ? 2 : 1) * strength;
    const kind = fires ? 'signal' : 'candidate';
    this.#told.push({ kind, id: life.id, signal, priority, newTerritory, criteria });
    file.passed.set(signal, passed);
    file.toldMs = nowMs;
    if (fires) this.#coolMs = nowMs + this.#params.signalCooldownMs;
    return fires;
  }
}
