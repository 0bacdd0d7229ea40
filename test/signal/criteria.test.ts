// Does a density give a reason to enter exactly when strategy 7 and 8 say so?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import * as layout from '../../src/scan/layout.ts';
import { writeParams } from '../../src/scan/params.ts';
import { followTouch, judgeBounce, touchTolerance } from '../../src/signal/bounce.ts';
import { judgeBreakout } from '../../src/signal/breakout.ts';
import { noteFlow, timeToEat } from '../../src/scan/life.ts';
import { createJudgement } from '../../src/signal/criteria.ts';
import {
  flowInto,
  judgeBounce as judgeBouncePlainly,
  judgeBreakout as judgeBreakoutPlainly,
  PlainTouch,
  touchTolerance as touchTolerancePlainly,
  type SignalSubject,
} from '../oracle/signal.ts';
import { DEFAULTS } from '../oracle/params.ts';
import type { PlainTrend } from '../oracle/trend.ts';
import { scanParams } from '../scan/plain-params.ts';

const SEED = Number(process.env['PLOTNOST_SEED'] ?? 20_261_126);
const INSTRUMENT = createInstrument('XUSDT', '1', '1') as Instrument;
const LIFE = 64;
const STATES = { forming: 1, confirmed: 2, eroding: 3, gone: 4 } as const;
const TRENDS = { UP: [2, 4], DOWN: [-2, -4], FLAT: [0, 0] } as const;

const percentages = fc.record({
  breakoutErosionPercent: fc.constantFrom(1, 29, 30, 57),
  breakoutWindowMs: fc.constantFrom(100, 3_000),
  breakoutMaxChasePercent: fc.constantFrom(0.05, 0.15, 0.35, 1),
  bounceTouchTolerancePercent: fc.constantFrom(0.05, 0.2, 1),
});

const market = fc.record({
  side: fc.constantFrom<0 | 1>(0, 1),
  low: fc.integer({ min: 980, max: 1_020 }),
  levels: fc.nat({ max: 4 }),
  state: fc.constantFrom('confirmed' as const, 'eroding' as const, 'gone' as const),
  goneFor: fc.constantFrom(0, 99, 100, 101, 2_999, 3_000, 3_001),
  peak: fc.integer({ min: 1, max: 1_000 }),
  eaten: fc.integer({ min: 0, max: 1_200 }),
  bestBid: fc.integer({ min: 975, max: 1_024 }),
  spread: fc.integer({ min: 1, max: 4 }),
  trend: fc.constantFrom<PlainTrend>('UP', 'DOWN', 'FLAT'),
  isStrong: fc.boolean(),
  params: percentages,
});

/** The mid is 3.5 ticks beyond: 0.35 % of its price, of which a division makes a little less. */
const AT_ITS_REACH = {
  side: 1,
  low: 1_000,
  levels: 0,
  state: 'eroding',
  goneFor: 0,
  peak: 100,
  eaten: 50,
  bestBid: 1_003,
  spread: 1,
  trend: 'UP',
  isStrong: true,
  params: {
    breakoutErosionPercent: 30,
    breakoutWindowMs: 3_000,
    breakoutMaxChasePercent: 0.35,
    bounceTouchTolerancePercent: 0.2,
  },
} as const;

/** One record of shared memory with the parameters before it. */
function record(subject: SignalSubject, params: typeof DEFAULTS): Float64Array {
  const past = LIFE + layout.LIFE_STRIDE;
  const numbers = new Float64Array(past + layout.PAST_STRIDE + layout.FLOW_STRIDE);
  numbers[LIFE + layout.L_PAST] = past;
  numbers[LIFE + layout.L_FLOW] = past + layout.PAST_STRIDE;
  writeParams(numbers, 0, scanParams(params), INSTRUMENT);
  numbers[LIFE + layout.L_SIDE] = subject.side;
  numbers[LIFE + layout.L_LOW] = subject.lowTick;
  numbers[LIFE + layout.L_HIGH] = subject.highTick;
  numbers[LIFE + layout.L_STATE] = STATES[subject.state];
  numbers[LIFE + layout.L_CONFIRMED] = subject.confirmedMs ?? 0;
  numbers[LIFE + layout.L_GONE_AT] = subject.goneSinceMs ?? 0;
  numbers[LIFE + layout.L_CURRENT] = subject.current;
  numbers[LIFE + layout.L_PEAK] = subject.peak;
  numbers[LIFE + layout.L_EATEN] = subject.eaten;
  numbers[LIFE + layout.L_UNSTEADY] = -1;
  return numbers;
}

test('a breakout has the very criteria of strategy 7', () => {
  fc.assert(
    fc.property(market, (m) => {
      const params = { ...DEFAULTS, ...m.params };
      const now = 1_000_000;
      const subject: SignalSubject = {
        side: m.side,
        lowTick: m.low,
        highTick: m.low + m.levels,
        state: m.state,
        confirmedMs: 1,
        goneSinceMs: m.state === 'gone' ? now - m.goneFor : undefined,
        current: Math.max(0, m.peak - m.eaten),
        peak: m.peak,
        eaten: m.eaten,
        history: [],
      };
      const bestAsk = m.bestBid + m.spread;
      const plain = judgeBreakoutPlainly(
        subject,
        { nowMs: now, bestBid: m.bestBid, bestAsk, trend: m.trend },
        false,
        params,
      );
      const out = createJudgement();
      const trend = TRENDS[m.trend][m.isStrong ? 1 : 0];
      judgeBreakout(record(subject, params), LIFE, 0, m.bestBid + bestAsk, trend, Float64Array.of(now), out);
      const passed = ['trend', 'erosion', 'state', 'beyond'].map(
        (name) => plain.criteria.find((c) => c.name === name)?.passed,
      );
      expect([0, 1, 2, 3].map((i) => (out.mask & (1 << i)) !== 0)).toEqual(passed);
      expect(out.values[3]).toBe(plain.criteria.find((c) => c.name === 'beyond')?.value);
      expect(out.thresholds[3]).toBeCloseTo(Number(plain.criteria.find((c) => c.name === 'beyond')?.threshold), 9);
    }),
    { numRuns: 5_000, seed: SEED, examples: [[AT_ITS_REACH]] },
  );
});

test('touches of a bid and of an ask begin, end and count as strategy 8 says', () => {
  const walk = fc.record({
    side: fc.constantFrom<0 | 1>(0, 1),
    span: fc.constantFrom(0, 3, 40, 400),
    distances: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 40 }),
    trend: fc.constantFrom<PlainTrend>('UP', 'DOWN', 'FLAT'),
    params: percentages,
  });
  fc.assert(
    fc.property(walk, ({ side, span, distances, trend, params: chosen }) => {
      const params = { ...DEFAULTS, ...chosen };
      const near = 1_000;
      const subject: SignalSubject = {
        side,
        lowTick: near,
        highTick: near,
        state: 'confirmed',
        confirmedMs: 1,
        goneSinceMs: undefined,
        current: 100,
        peak: 100,
        eaten: 0,
        history: [],
      };
      const numbers = record(subject, params);
      const touch = new PlainTouch();
      const tolerance = touchTolerancePlainly(subject, span, params);
      expect(touchTolerance(params.bounceTouchTolerancePercent, near, span)).toBeCloseTo(tolerance, 9);
      for (const distance of distances) {
        const opposite = side === 0 ? near + distance : near - distance;
        touch.update(subject, opposite, tolerance);
        followTouch(numbers, LIFE, 0, opposite, span);
        const out = createJudgement();
        judgeBounce(numbers, LIFE, 0, opposite, span, TRENDS[trend][0], Float64Array.of(1_000), out);
        const quiet = { nowMs: 1_000, bestBid: side === 0 ? 0 : opposite, bestAsk: side === 0 ? opposite : 0, trend };
        const plain = judgeBouncePlainly(subject, { ...quiet, flow: 0, tolerance }, touch, params);
        const passes = (name: string) => plain.criteria.find((c) => c.name === name)?.passed;
        expect([(out.mask & 1) !== 0, (out.mask & 8) !== 0]).toEqual([passes('touch'), passes('trend')]);
        expect(numbers[LIFE + layout.L_TOUCHES]).toBe(touch.count);
      }
    }),
    { numRuns: 3_000, seed: SEED },
  );
});

test('the time to eat a density is its size over what traded into it in the last five seconds', () => {
  const trade = fc.record({ before: fc.integer({ min: 0, max: 9_000 }), lot: fc.integer({ min: 1, max: 20 }) });
  fc.assert(
    fc.property(fc.array(trade, { maxLength: 30 }), fc.integer({ min: 1, max: 100_000 }), (trades, current) => {
      const now = 1_000_099; // the end of a bucket: there the engine's fifty buckets are five seconds to the millisecond
      const subject: SignalSubject = {
        side: 1,
        lowTick: 100,
        highTick: 100,
        state: 'confirmed',
        confirmedMs: 1,
        goneSinceMs: undefined,
        current,
        peak: current,
        eaten: 0,
        history: [],
      };
      const numbers = record(subject, DEFAULTS);
      const told = trades
        .toSorted((a, b) => b.before - a.before)
        .map(({ before, lot }) => ({
          T: now - before,
          taker: 'buy' as const,
          tick: 100,
          lot,
          rpi: false,
          block: false,
        }));
      for (const { T, tick, lot } of told) noteFlow(numbers, LIFE, Float64Array.of(0, tick, lot, T), 0);
      const flow = flowInto(subject, told, now);
      const lasts = new Float64Array(1);
      timeToEat(numbers, LIFE, Float64Array.of(now), lasts, 0);
      expect(lasts[0]).toBeCloseTo(flow === 0 ? Infinity : current / flow, 6);
    }),
    { numRuns: 2_000, seed: SEED },
  );
});

/** A bid of a thousand lots at 100 to which asks have come, as the engine holds it. */
function touched(current: number): Float64Array {
  const numbers = record(
    {
      side: 0,
      lowTick: 100,
      highTick: 100,
      state: 'confirmed',
      confirmedMs: 1,
      goneSinceMs: undefined,
      current,
      peak: 100_000,
      eaten: 0,
      history: [],
    },
    DEFAULTS,
  );
  // Measured in this tenth of a second already.
  numbers[LIFE + layout.L_STABLE_BUCKET] = 10_000;
  numbers[LIFE + layout.L_UNSTEADY] = 0;
  return numbers;
}

function passedOf(numbers: Float64Array, criterion: number): boolean {
  const out = createJudgement();
  judgeBounce(numbers, LIFE, 0, 101, 40, 0, Float64Array.of(1_000_000), out);
  return (out.mask & (1 << criterion)) !== 0;
}

test('a density that strays a tenth from its mean is stable, one that strays farther is not', () => {
  const strays = (percent: number): boolean => {
    const numbers = touched(100_000);
    numbers[LIFE + layout.L_UNSTEADY] = percent;
    return passedOf(numbers, 1);
  };
  expect([strays(9.999), strays(10), strays(10.001)]).toEqual([true, true, false]);
});

test('a density that the present flow would eat in half a minute is quiet, one that it would eat sooner is not', () => {
  const lasts = (current: number): boolean => {
    const numbers = touched(current);
    // Ten thousand in five seconds: sixty thousand last for thirty.
    noteFlow(numbers, LIFE, Float64Array.of(0, 100, 100, 999_900), 0);
    return passedOf(numbers, 2);
  };
  expect([lasts(60_001), lasts(60_000), lasts(59_999)]).toEqual([true, true, false]);
});

test('where no eaten part is asked of a breakout, a density need only have become smaller', () => {
  const erodes = (current: number, breakoutErosionPercent: number): boolean => {
    const numbers = touched(current);
    writeParams(numbers, 0, scanParams({ ...DEFAULTS, breakoutErosionPercent }), INSTRUMENT);
    const out = createJudgement();
    judgeBreakout(numbers, LIFE, 0, 199, 0, Float64Array.of(1_000_000), out);
    return (out.mask & 2) !== 0;
  };
  expect([erodes(100_000, 0), erodes(99_999, 0), erodes(99_999, 1)]).toEqual([false, true, false]);
});
