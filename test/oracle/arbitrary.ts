// What markets do the property tests trade on? Small seeded ones in which every fate of a wall is frequent.
import fc from 'fast-check';
import type { Side } from '../../src/market/side.ts';
import type { PlainLevel } from './density.ts';
import { playMarket } from './market.ts';
import type { Beat, Move, PlainStep } from './market.ts';
import { DEFAULTS } from './params.ts';
import type { PlainParams } from './params.ts';

export interface PlainSession {
  readonly depth: number;
  readonly instrument: { readonly notionalUnit: number };
  readonly params: PlainParams;
  readonly steps: readonly PlainStep[];
}

export interface PlainBook {
  readonly bids: readonly PlainLevel[];
  readonly asks: readonly PlainLevel[];
  readonly bestBid: number;
  readonly bestAsk: number;
  readonly depth: number;
  readonly instrument: { readonly notionalUnit: number };
  readonly params: PlainParams;
}

const side = fc.constantFrom<Side>(0, 1);
const offset = fc.nat({ max: 14 });
const percent = fc.oneof(fc.constantFrom(2, 3, 10, 11, 50, 90, 100), fc.integer({ min: 1, max: 100 }));
const wallLot = fc.integer({ min: 50, max: 300 });

/** Thresholds of a market of a few dozen ticks: some bite, some do not. */
const params: fc.Arbitrary<PlainParams> = fc
  .record({
    densityThresholdAbs: fc.constantFrom(10_000, 30_000, 50_000),
    densityThresholdRelative: fc.constantFrom(2, 2.5, 3),
    densityThresholdPercent: fc.constantFrom(1, 5, 20),
    densityShareBandPercent: fc.constantFrom(0.5, 1, 5),
    densityGridMinLevels: fc.constantFrom(3, 4),
    densityRoundMultiplier: fc.constantFrom(1, 1, 2),
    clusterRangePercent: fc.constantFrom(0.05, 0.25, 0.5),
    clusterMaxLevels: fc.integer({ min: 2, max: 5 }),
    densityMinLifetimeMs: fc.constantFrom(100, 250),
    densityPeakWindowMs: fc.constantFrom(500, 2_000),
    densityOutOfViewMs: fc.constantFrom(200, 500),
    breakoutWindowMs: fc.constantFrom(150, 300),
  })
  .map((chosen) => ({ ...DEFAULTS, ...chosen }));

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('level' as const), side, offset, lot: fc.nat({ max: 20 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('level' as const), side, offset, lot: wallLot }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('eat' as const),
      side,
      percent,
      when: fc.constantFrom('before', 'before', 'late', 'ahead'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), side, percent }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('refill' as const), side, percent }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('iceberg' as const), side, percent }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('move' as const),
      side,
      ticks: fc.integer({ min: -12, max: 12 }),
      sizePercent: fc.constantFrom(85, 90, 95, 100, 100, 105, 110, 115),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      side,
      offset,
      lots: fc.array(fc.integer({ min: 15, max: 60 }), { minLength: 2, maxLength: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('grid' as const),
      side,
      offset: fc.nat({ max: 4 }),
      step: fc.integer({ min: 1, max: 3 }),
      count: fc.integer({ min: 2, max: 6 }),
      lot: fc.integer({ min: 30, max: 90 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('drift' as const), ticks: fc.integer({ min: -10, max: 10 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('print' as const),
      side,
      lot: fc.integer({ min: 1, max: 40 }),
      as: fc.constantFrom('rpi', 'block', 'late'),
    }),
  },
);

const beat: fc.Arbitrary<Beat> = fc.record({
  moves: fc.array(move, { maxLength: 3 }),
  afterMs: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 5, max: 60 }) },
    { weight: 1, arbitrary: fc.integer({ min: 61, max: 700 }) },
  ),
});

const depth = fc.constantFrom(6, 8, 12, 50);
const instrument = fc.constantFrom({ notionalUnit: 1 }, { notionalUnit: 0.5 });

function sessionOf(beats: fc.Arbitrary<readonly Beat[]>): fc.Arbitrary<PlainSession> {
  return fc
    .record({ depth, instrument, params, beats })
    .map(({ beats: played, ...session }) => ({ ...session, steps: playMarket(played, session.depth) }));
}

const beats = (minLength: number, maxLength: number): fc.Arbitrary<Beat[]> =>
  fc.array(beat, { minLength, maxLength, size: 'max' });

/** A market followed message by message; depth 50 is never full, the others always are. */
export function arbitrarySession(beatsMax = 60): fc.Arbitrary<PlainSession> {
  return sessionOf(beats(1, beatsMax));
}

/** A wall that rests for a while; then the price comes to it, now and then through it. */
const story: fc.Arbitrary<Beat[]> = fc
  .record({
    side,
    offset: fc.integer({ min: 1, max: 7 }),
    lot: fc.integer({ min: 150, max: 300 }),
    quietMs: fc.array(fc.integer({ min: 20, max: 90 }), { minLength: 4, maxLength: 9 }),
    bite: fc.option(percent),
    isBroken: fc.boolean(),
    further: fc.nat({ max: 3 }),
    away: fc.integer({ min: 2, max: 8 }),
  })
  .map(({ side: wall, offset: levels, lot: size, quietMs, bite, isBroken, further, away }) => {
    const step = (afterMs: number, ...moves: Move[]): Beat => ({ moves, afterMs });
    const drift = (ticks: number): Move => ({ kind: 'drift', ticks: wall === 0 ? -ticks : ticks });
    const eat = (share: number): Move => ({ kind: 'eat', side: wall, percent: share, when: 'before' });
    const quiet = quietMs.map((ms) => step(ms));
    return [
      step(10, { kind: 'level', side: wall, offset: levels, lot: size }),
      ...quiet,
      ...(bite === null ? [] : [step(10, eat(bite)), ...quiet.slice(2)]),
      step(20, drift(levels)),
      ...quiet.slice(2),
      ...(isBroken ? [step(10, eat(60)), step(10, eat(100), drift(1 + further))] : []),
      step(30, drift(-away)),
      ...quiet.slice(3),
    ];
  });

/** As `arbitrarySession`, with walls that the price comes to often enough for signals to be frequent. */
export function storiedSession(): fc.Arbitrary<PlainSession> {
  return sessionOf(fc.tuple(beats(0, 6), story, beats(0, 4), story, beats(0, 6)).map((parts) => parts.flat()));
}

const lot = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 25 }) },
  { weight: 3, arbitrary: fc.constantFrom(20, 40, 60, 80) },
  { weight: 2, arbitrary: wallLot },
);
const gap = fc.oneof(
  { weight: 6, arbitrary: fc.constant(1) },
  { weight: 2, arbitrary: fc.integer({ min: 2, max: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(5, 10, 20) },
);
const levelsOutward = fc.array(fc.record({ gap, lot }), { maxLength: 45 });

/** One book at rest, now and then with an empty side, near round prices, with equal sizes and walls. */
export function arbitraryBook(): fc.Arbitrary<PlainBook> {
  return fc
    .record({
      touch: fc.constantFrom(995, 1_000, 1_005, 2_000, 9_990),
      spread: fc.integer({ min: 1, max: 4 }),
      down: levelsOutward,
      up: levelsOutward,
      exact: fc.boolean(),
      ladder: fc.option(
        fc.record({
          offset: fc.nat({ max: 6 }),
          step: fc.integer({ min: 1, max: 9 }),
          count: fc.integer({ min: 2, max: 6 }),
          lot: fc.constantFrom(40, 80, 200),
        }),
      ),
      instrument,
      params,
    })
    .map(({ touch, spread, down, up, exact, ladder, ...rest }) => {
      const outward = (from: number, sign: number, steps: readonly { gap: number; lot: number }[]): PlainLevel[] => {
        const lots = new Map<number, number>();
        let tick = from;
        for (const step of steps) {
          lots.set(tick, step.lot);
          tick += sign * step.gap;
        }
        for (let i = 0; ladder !== null && i < ladder.count; i++) {
          lots.set(from + sign * (ladder.offset + i * ladder.step), ladder.lot);
        }
        const levels = [...lots].map(([at, size]) => ({ tick: at, lot: size }));
        return levels.toSorted((a, b) => (a.tick - b.tick) * sign);
      };
      const bids = outward(touch, -1, down);
      const asks = outward(touch + spread, 1, up);
      const bookDepth = exact ? Math.max(1, bids.length, asks.length) : 50;
      return { bids, asks, bestBid: bids[0]?.tick ?? 0, bestAsk: asks[0]?.tick ?? 0, depth: bookDepth, ...rest };
    });
}
