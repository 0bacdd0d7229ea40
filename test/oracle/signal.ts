// Is this the moment to enter, and why not? Strategy 7 and 8 read word for word.
import { BID } from '../../src/market/side.ts';
import type { Side } from '../../src/market/side.ts';
import type { PlainState, PlainTrade } from './life-record.ts';
import { eatenSide } from './life-record.ts';
import type { SignalParams } from './params.ts';
import type { PlainTrend } from './trend.ts';

export interface PlainCriterion {
  readonly name: string;
  readonly value: number | string;
  readonly threshold: number | string;
  readonly passed: boolean;
}

export interface PlainJudgement {
  readonly kind: 'breakout' | 'bounce';
  readonly direction: 'long' | 'short';
  readonly passed: boolean;
  readonly criteria: readonly PlainCriterion[];
}

/** What of a life a signal looks at; a `PlainLife` is one. */
export interface SignalSubject {
  readonly side: Side;
  readonly lowTick: number;
  readonly highTick: number;
  readonly state: PlainState;
  readonly confirmedMs: number | undefined;
  readonly goneSinceMs: number | undefined;
  readonly current: number;
  readonly peak: number;
  readonly eaten: number;
  /** `notional` holds from `fromMs` until the next entry. */
  readonly history: readonly { readonly fromMs: number; readonly notional: number }[];
}

const CHASE_TICKS_MIN = 2;
const TOUCH_TICKS_MIN = 1;
const TOUCH_ARMED = 2;
const TOUCH_ENDS = 1.5;
const FLOW_MS = 5_000;

function judgement(
  kind: PlainJudgement['kind'],
  direction: PlainJudgement['direction'],
  criteria: PlainCriterion[],
): PlainJudgement {
  return { kind, direction, passed: criteria.every((criterion) => criterion.passed), criteria };
}

/** Long through an ask density, short through a bid density. `signalled`: it has given its one signal. */
export function judgeBreakout(
  life: SignalSubject,
  market: { readonly nowMs: number; readonly bestBid: number; readonly bestAsk: number; readonly trend: PlainTrend },
  signalled: boolean,
  params: SignalParams,
): PlainJudgement {
  const { nowMs, bestBid, bestAsk, trend } = market;
  const wanted = life.side === BID ? 'DOWN' : 'UP';
  const eatenPercent = (life.eaten * 100) / life.peak;
  const sinceGone = nowMs - (life.goneSinceMs ?? nowMs);
  const hasMid = bestBid > 0 && bestAsk > 0;
  const far = life.side === BID ? life.lowTick : life.highTick;
  const beyond = ((bestBid + bestAsk) / 2 - far) * (life.side === BID ? -1 : 1);
  const chase = Math.max(CHASE_TICKS_MIN, (params.breakoutMaxChasePercent / 100) * far);
  // What is met exactly is met: no float has a say.
  const isNear =
    BigInt(2 * beyond) * 100_000_000n <= BigInt(Math.round(params.breakoutMaxChasePercent * 2e6)) * BigInt(far);
  return judgement('breakout', life.side === BID ? 'short' : 'long', [
    { name: 'trend', value: trend, threshold: wanted, passed: trend === wanted },
    {
      name: 'erosion',
      value: eatenPercent,
      threshold: params.breakoutErosionPercent,
      passed: life.eaten * 100 >= params.breakoutErosionPercent * life.peak,
    },
    {
      name: 'state',
      value: life.state,
      threshold: 'eroding',
      passed:
        life.confirmedMs !== undefined &&
        (life.state === 'eroding' || (life.state === 'gone' && sinceGone <= params.breakoutWindowMs)),
    },
    {
      name: 'beyond',
      value: hasMid ? beyond : 0,
      threshold: chase,
      passed: hasMid && beyond > 0 && (beyond <= CHASE_TICKS_MIN || isNear),
    },
    { name: 'once', value: signalled ? 1 : 0, threshold: 0, passed: !signalled },
  ]);
}

/** Notional traded into the price range of a density in the last 5 s, per millisecond; retail-improvement and block trades eat nothing. */
export function flowInto(life: SignalSubject, trades: Iterable<PlainTrade>, nowMs: number): number {
  let sum = 0;
  for (const { T, tick, lot, rpi, block, taker } of trades) {
    const hits =
      eatenSide({ T, tick, lot, rpi, block, taker }) === life.side && life.lowTick <= tick && tick <= life.highTick;
    if (hits && !rpi && !block && T > nowMs - FLOW_MS && T <= nowMs) sum += tick * lot;
  }
  return sum / FLOW_MS;
}

/** In ticks: a share of the near price, at most a quarter of what the density's own side shows, at least one tick. */
export function touchTolerance(life: SignalSubject, spanTicks: number, params: SignalParams): number {
  const near = life.side === BID ? life.highTick : life.lowTick;
  return Math.max(TOUCH_TICKS_MIN, Math.min((params.bounceTouchTolerancePercent / 100) * near, spanTicks / 4));
}

/** The touches of one density since it was first confirmed; fed once a scan. */
export class PlainTouch {
  #armed = false;
  #touching = false;
  #signalled = false;
  /** Touches begun. */
  count = 0;

  /** `bestOther` is the best price of the other side, 0 where that is empty. */
  update(life: SignalSubject, bestOther: number, tolerance: number): void {
    if (life.confirmedMs === undefined || bestOther === 0) return;
    const away = distanceToNear(life, bestOther);
    if (away >= TOUCH_ARMED * tolerance) this.#armed = true;
    if (this.#touching && away >= TOUCH_ENDS * tolerance) this.#touching = false;
    if (!this.#touching && this.#armed && away <= tolerance) {
      this.#touching = true;
      this.#signalled = false;
      this.count += 1;
    }
  }

  get touching(): boolean {
    return this.#touching;
  }

  /** One signal a touch. */
  get signalled(): boolean {
    return this.#signalled;
  }

  markSignalled(): void {
    this.#signalled = true;
  }
}

function distanceToNear(life: SignalSubject, bestOther: number): number {
  return life.side === BID ? bestOther - life.highTick : life.lowTick - bestOther;
}

/** The largest deviation from the time-weighted mean over the window, in percent; undefined where the life is younger. */
export function unrest(life: SignalSubject, nowMs: number, windowMs: number): number | undefined {
  const fromMs = nowMs - windowMs;
  const pieces = life.history.map((entry, i) => {
    const end = Math.min(life.history[i + 1]?.fromMs ?? nowMs, nowMs);
    return { notional: entry.notional, ms: end - Math.max(entry.fromMs, fromMs), end, begins: entry.fromMs };
  });
  if (pieces.length === 0 || pieces[0]!.begins > fromMs) return undefined;
  const inWindow = pieces.filter((piece, i) => piece.ms > 0 || i === pieces.length - 1);
  const mean = inWindow.reduce((sum, piece) => sum + piece.notional * piece.ms, 0) / windowMs;
  return (Math.max(...inWindow.map((piece) => Math.abs(piece.notional - mean))) * 100) / mean;
}

/** Long off a bid density, short off an ask density. */
export function judgeBounce(
  life: SignalSubject,
  market: {
    readonly nowMs: number;
    readonly bestBid: number;
    readonly bestAsk: number;
    readonly trend: PlainTrend;
    /** Notional per millisecond into the density, see `flowInto`. */
    readonly flow: number;
    readonly tolerance: number;
  },
  touch: PlainTouch,
  params: SignalParams,
): PlainJudgement {
  const { nowMs, trend, flow, tolerance } = market;
  const bestOther = life.side === BID ? market.bestAsk : market.bestBid;
  const deviation = unrest(life, nowMs, params.bounceStabilityWindowMs);
  const timeToEat = flow === 0 ? Infinity : life.current / flow;
  const forbidden = life.side === BID ? 'DOWN' : 'UP';
  return judgement('bounce', life.side === BID ? 'long' : 'short', [
    { name: 'state', value: life.state, threshold: 'confirmed', passed: life.state === 'confirmed' },
    {
      name: 'touch',
      value: bestOther === 0 ? Infinity : distanceToNear(life, bestOther),
      threshold: tolerance,
      passed: bestOther !== 0 && touch.touching && distanceToNear(life, bestOther) <= tolerance,
    },
    {
      name: 'stable',
      value: deviation ?? Infinity,
      threshold: params.bounceDensityStablePercent,
      passed: deviation !== undefined && deviation <= params.bounceDensityStablePercent,
    },
    {
      name: 'quiet',
      value: timeToEat,
      threshold: params.bounceMinTimeToEatMs,
      passed: timeToEat >= params.bounceMinTimeToEatMs,
    },
    { name: 'trend', value: trend, threshold: `not ${forbidden}`, passed: trend !== forbidden },
    { name: 'once', value: touch.signalled ? 1 : 0, threshold: 0, passed: !touch.signalled },
  ]);
}
