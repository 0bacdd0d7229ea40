// Does every candidate and signal, with the value and threshold of each criterion, follow from the densities as strategy 5 to 9 say?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnalysisEvent, Criterion } from '../../src/scan/event.ts';
import { storiedSession, type PlainSession } from '../oracle/arbitrary.ts';
import { PlainExtrema, type PlainBar } from '../oracle/extrema.ts';
import type { PlainLevel } from '../oracle/density.ts';
import { eatenSide, sumNotional, type PlainMessage, type PlainTrade } from '../oracle/life-record.ts';
import { isHidden, lotsInRange } from '../oracle/life.ts';
import type { PlainParams } from '../oracle/params.ts';
import { PlainSignals, type ToldCriterion, type PlainTold, type SignalLife } from '../oracle/signals.ts';
import { FastMarket, type FastLife } from '../scan/fast-market.ts';

interface Scene {
  readonly session: PlainSession;
  readonly params: PlainParams & { readonly signalCooldownMs: number };
  readonly dayChange: number | null;
  readonly bars: readonly PlainBar[];
}

/** Thresholds under which a market of two seconds has signals of both kinds. */
const chosen = fc.record({
  trendMinChangePercent: fc.constant(3),
  trendPressureRangePercent: fc.constantFrom(0.3, 0.5, 2),
  trendPressureHalflifeMs: fc.constantFrom(50, 2_000),
  trendMinImbalance: fc.constantFrom(0.2, 0.6),
  breakoutErosionPercent: fc.constantFrom(0, 30, 90),
  breakoutMaxChasePercent: fc.constantFrom(0.15, 1),
  bounceTouchTolerancePercent: fc.constantFrom(0.05, 0.2, 0.3),
  bounceStabilityWindowMs: fc.constantFrom(60, 300),
  bounceDensityStablePercent: fc.constantFrom(1, 10, 40),
  bounceMinTimeToEatMs: fc.constantFrom(0, 1_000, 30_000),
  signalCooldownMs: fc.constantFrom(0, 0, 200, 1_000),
});

const bar = (startMs: number): fc.Arbitrary<PlainBar> =>
  fc
    .record({ low: fc.integer({ min: 990, max: 1_010 }), width: fc.nat({ max: 8 }) })
    .map(({ low, width }) => ({ startMs, low, high: low + width }));

/** The session begins in the seventeenth minute; the klines end there, or a minute before. */
const bars = fc
  .tuple(bar(780_000), bar(840_000), bar(900_000), fc.option(bar(960_000)))
  .map((all) => all.filter((one) => one !== null));

const scene: fc.Arbitrary<Scene> = fc
  .record({ session: storiedSession(), chosen, dayChange: fc.constantFrom(-5, -3, 0, 3, 5, null), bars })
  .map(({ session, chosen: numbers, dayChange, bars: seeds }) => ({
    session,
    params: { ...session.params, ...numbers },
    dayChange,
    bars: seeds,
  }));

/** Remembers what the signals look back at: sizes, as if each life had always had its extent of now, and trades since birth. */
class Pasts {
  readonly #depth: number;
  #lives = new Map<number, SignalLife & { readonly lots: ReadonlyMap<number, number> }>();

  constructor(depth: number) {
    this.#depth = depth;
  }

  /** A trade is read with the message after it, by the lives of the scan before. */
  trade(trade: PlainTrade): void {
    if (trade.rpi || trade.block) return;
    for (const life of this.#lives.values()) {
      if (life.side !== eatenSide(trade) || trade.tick < life.lowTick || trade.tick > life.highTick) continue;
      const hits = [...life.hits, { T: trade.T, notional: trade.tick * trade.lot }];
      this.#lives.set(life.id, { ...life, hits });
    }
  }

  scanned(now: readonly FastLife[], { cts, sides }: PlainMessage): SignalLife[] {
    const subjects = now.map((life) => {
      const before = this.#lives.get(life.id);
      const levels = sides[life.side];
      const isSame = before?.lowTick === life.lowTick && before.highTick === life.highTick;
      const stood = before === undefined ? new Map<number, number>() : this.#lotsNow(before, levels);
      const more = isSame || before === undefined ? 0 : life.current - sumNotional(stood);
      const past = (before?.history ?? []).map((one) => ({ ...one, notional: Math.max(0, one.notional + more) }));
      const history = [...past, { fromMs: cts, notional: life.current }];
      const lots = isSame ? stood : lotsInRange(levels, life.lowTick, life.highTick);
      return { ...life, history, hits: before?.hits ?? [], lots };
    });
    this.#lives = new Map(subjects.map((life) => [life.id, life]));
    return subjects;
  }

  /** What stands in the extent that a life had; what cannot be seen is as it was seen last. */
  #lotsNow(
    life: SignalLife & { readonly lots: ReadonlyMap<number, number> },
    levels: readonly PlainLevel[],
  ): Map<number, number> {
    const lots = lotsInRange(levels, life.lowTick, life.highTick);
    for (const [tick, before] of life.lots) if (isHidden(levels, this.#depth, life.side, tick)) lots.set(tick, before);
    return lots;
  }
}

/** Twelve digits: the plain reading divides in another order. */
const number = (value: number): number => Number(value.toPrecision(12)) + 0;
const criterion = ({ name, value, threshold, passed }: Criterion | ToldCriterion): object => {
  return { name, value: number(value), threshold: number(threshold), passed };
};

function told(events: readonly AnalysisEvent[]): object[] {
  return events
    .filter(({ kind }) => kind === 'candidate' || kind === 'signal')
    .map(({ kind, life, signal, priority, newTerritory, middle, criteria }) => {
      return { kind, id: life, signal, priority, newTerritory, middle, criteria: criteria.map(criterion) };
    });
}

const open = ({ session, params }: Scene): FastMarket =>
  new FastMarket(session.depth, session.instrument.notionalUnit, params);

/** `wrong`: the message whose time lies an hour ahead. `unheard`: of every message is told first where there is no room. */
function play(one: Scene, wrong?: number, fast = open(one), unheard = false): (PlainTold & { u: number })[] {
  const { session, params, dayChange, bars: seeds } = one;
  const extrema = new PlainExtrema(4);
  const plain = new PlainSignals(params, extrema);
  const pasts = new Pasts(session.depth);
  const all: (PlainTold & { u: number })[] = [];
  fast.bars(seeds);
  extrema.seed(seeds);
  if (dayChange !== null) fast.dayChange(dayChange);
  for (const step of session.steps) {
    if (step.kind === 'trade') {
      fast.trade(step.trade);
      pasts.trade(step.trade);
      if (!step.trade.block) extrema.trade(step.trade.T, step.trade.tick);
      continue;
    }
    const { u } = step.message;
    const message = u === wrong ? { ...step.message, cts: step.message.cts + 3_600_000 } : step.message;
    fast.take(message);
    if (unheard) fast.scanUnheard();
    const events = fast.scan();
    const lives = fast.lives();
    const subjects = pasts.scanned(lives, message);
    const moment = { ...message, nowMs: message.cts, dayChange: dayChange ?? undefined };
    const expected = plain.scan(moment, subjects);
    const middle = message.bestBid + message.bestAsk;
    const asTold = expected.map((one) => ({ ...one, middle, criteria: one.criteria.map(criterion) }));
    expect(told(events), `message ${message.u}`).toEqual(asTold);
    expect(fast.pressure, `pressure after ${message.u}`).toBeCloseTo(plain.pressure, 9);
    for (const { id, touches, isTouching } of lives)
      expect({ touches, isTouching }, `touches of ${id}`).toEqual(plain.touchesOf(id));
    all.push(...expected.map((one) => ({ ...one, u })));
  }
  return all;
}

test('candidates and signals are those of the plain reading', () => {
  fc.assert(
    fc.property(scene, (one) => void play(one)),
    { numRuns: 150 },
  );
});

test('a candidate or a signal that found no room is told by the next scan', () => {
  fc.assert(
    fc.property(scene, (one) => void play(one, undefined, open(one), true)),
    { numRuns: 60, seed: 2 },
  );
});

test('a signal at a time from the future keeps no later one back', () => {
  let later = 0;
  for (const one of fc.sample(scene, { numRuns: 300, seed: 2 })) {
    const slow = { ...one, params: { ...one.params, signalCooldownMs: 1_000 } };
    const first = play(slow).find(({ kind }) => kind === 'signal');
    if (first === undefined) continue;
    const signals = play(slow, first.u).filter(({ kind }) => kind === 'signal');
    if (signals.some(({ u }) => u === first.u)) later += signals.filter(({ u }) => u > first.u).length;
  }
  expect(later).toBeGreaterThan(0);
});

test('another symbol in the same place is judged by its own market alone', () => {
  fc.assert(
    fc.property(scene, (one) => {
      const slow = { ...one, params: { ...one.params, signalCooldownMs: 1_000 } };
      const fast = open(slow);
      const first = play(slow, undefined, fast);
      fast.replace();
      expect(play(slow, undefined, fast)).toHaveLength(first.length);
    }),
    { numRuns: 60, seed: 2 },
  );
});

test('every kind of candidate and signal is frequent in these markets', () => {
  const counts = { candidate: { breakout: 0, bounce: 0 }, signal: { breakout: 0, bounce: 0 } };
  let newTerritories = 0;
  for (const one of fc.sample(scene, { numRuns: 100, seed: 1 })) {
    for (const { kind, signal, newTerritory } of play(one)) {
      counts[kind][signal] += 1;
      if (newTerritory) newTerritories += 1;
    }
  }
  const { candidate, signal } = counts;
  const least = Math.min(
    candidate.breakout,
    candidate.bounce,
    10 * signal.breakout,
    10 * signal.bounce,
    newTerritories,
  );
  expect(least, JSON.stringify(counts)).toBeGreaterThanOrEqual(20);
});
