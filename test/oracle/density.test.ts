// Does the plain reading of strategy 2 draw each line where the words draw it?
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createInstrument } from '../../src/market/instrument.ts';
import { ASK, BID } from '../../src/market/side.ts';
import type { Side } from '../../src/market/side.ts';
import { arbitraryBook } from './arbitrary.ts';
import { findPlainly, gridMembers, judgeLevels, median, trailingZeros } from './density.ts';
import type { PlainDensity, PlainLevel } from './density.ts';
import { DEFAULTS } from './params.ts';
import type { DensityParams } from './params.ts';

const unit = { notionalUnit: 1 };
/** Far from any threshold but the one under test. */
const lax: DensityParams = {
  ...DEFAULTS,
  densityThresholdAbs: 1,
  densityThresholdPercent: 0.001,
  densityShareBandPercent: 50,
};

/** Levels one tick apart from 1 001 outward; odd sizes, so that no two levels form a grid. */
function bids(...lots: number[]): PlainLevel[] {
  return lots.map((lot, i) => ({ tick: 1_001 - i, lot }));
}

function find(levels: readonly PlainLevel[], params: DensityParams, depth = 50, side: Side = BID): PlainDensity[] {
  const bestAsk = side === BID ? 1_002 : (levels[0]?.tick ?? 0);
  const bestBid = side === BID ? (levels[0]?.tick ?? 0) : 1_001;
  return findPlainly(levels, bestBid, bestAsk, side, depth, unit, params);
}

const ticksOf = (found: readonly PlainDensity[]): number[] => found.map((density) => density.tick);

test('the worked example: one density, at 50000, on the bid side', () => {
  const instrument = createInstrument('XUSDT', '10', '1')!;
  const levels = [
    { tick: 5_000, lot: 100_000 },
    { tick: 4_999, lot: 20_000 },
    { tick: 4_998, lot: 15_000 },
  ];
  const found = findPlainly(levels, 5_000, 5_001, BID, 50, instrument, DEFAULTS);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ side: BID, kind: 'single', tick: 5_000, notional: 500_000_000, first: 0, last: 0 });
});

describe('absolute', () => {
  const levels = bids(10, 11, 100, 12, 13);
  const wall = 999 * 100;
  test.each([
    [wall - 1, 1, true],
    [wall, 1, true],
    [wall + 1, 1, false],
    [wall * 0.01, 0.01, true],
    // Half a unit over counts as a whole one: thresholds are rounded up.
    [wall * 0.5 + 0.25, 0.5, false],
  ])('threshold %d USDT at %d USDT a unit: dense %s', (densityThresholdAbs, notionalUnit, dense) => {
    const verdicts = judgeLevels(levels, 1_001, 1_002, 50, { notionalUnit }, { ...lax, densityThresholdAbs });
    expect(verdicts.map((verdict) => verdict.dense)).toEqual([false, false, dense, false, false]);
  });
});

describe('relative', () => {
  const tick = 1_000;
  const around = (lot: number, neighbours: number[]): PlainLevel[] => [
    { tick, lot },
    ...neighbours.map((size, i) => ({ tick: tick + 1 + i, lot: size })),
  ];
  test('three times the median of an odd number of neighbours is enough, a little less is not', () => {
    const neighbours = [20, 30, 200];
    const typical = 1_002 * 30;
    expect(judge(around(100, neighbours)).typical).toBe(typical);
    expect(judge(around(91, neighbours)).relative).toBe(91 * tick >= 3 * typical);
    expect(judge(around(91, neighbours)).relative).toBe(true);
    expect(judge(around(90, neighbours)).relative).toBe(false);
  });
  test('the typical of an even number is the mean of the middle two', () => {
    expect(judge(around(100, [10, 20, 30, 400])).typical).toBe((1_002 * 20 + 1_003 * 30) / 2);
  });
  test('one neighbour proves nothing', () => {
    expect(judge(around(1_000, [1])).relative).toBe(false);
    expect(judge(around(1_000, [1, 2])).relative).toBe(true);
  });
  test('only the five nearest on each side are asked, wherever the band ends', () => {
    const far = around(60, [10, 11, 12, 13, 14, 9_000, 9_001]);
    expect(judge(far).typical).toBe(1_003 * 12);
    expect(judge(far, { ...lax, densityShareBandPercent: 0.1 }).typical).toBe(1_003 * 12);
  });
  function judge(levels: readonly PlainLevel[], params = lax) {
    return judgeLevels(levels, 999, 1_000, 50, unit, params)[0]!;
  }
});

describe('share', () => {
  // 100 × 1000 of a total of 100 000 + 19 × 100 000 = 5 %.
  const side = [{ tick: 1_000, lot: 100 }, ...Array.from({ length: 19 }, (_, i) => ({ tick: 1_600 + i * i, lot: 0 }))];
  const weighted = side.map((level, i) => (i === 0 ? level : { ...level, lot: 100_000 / level.tick }));
  const share = (extra: number): boolean => {
    const levels = [...weighted, { tick: 1_001, lot: extra / 1_001 }];
    return judgeLevels(levels, 0, 1_000, 50, unit, { ...lax, densityThresholdPercent: 5 })[0]!.share;
  };
  test('five percent of the side is enough, a unit more elsewhere is too much', () => {
    expect(share(0)).toBe(true);
    expect(share(1)).toBe(false);
  });
  test('what lies outside the band is neither counted nor a candidate', () => {
    // Mid 1000: the band of 1 % ends at 990 and 1010.
    const levels = [
      { tick: 999, lot: 10 },
      { tick: 990, lot: 100 },
      { tick: 989, lot: 5_000 },
      { tick: 988, lot: 12 },
    ];
    const verdicts = judgeLevels(levels, 999, 1_001, 50, unit, DEFAULTS);
    expect(verdicts.map((verdict) => verdict.inBand)).toEqual([true, true, false, false]);
    expect(verdicts[0]!.total).toBe(999 * 10 + 990 * 100);
    expect(verdicts[2]).toMatchObject({ absolute: true, relative: true, share: true, dense: false });
  });
  test('without the other side there is no mid: the share is of the whole side', () => {
    const levels = [
      { tick: 999, lot: 10 },
      { tick: 500, lot: 1_000 },
      { tick: 499, lot: 11 },
    ];
    const verdicts = judgeLevels(levels, 999, 0, 50, unit, DEFAULTS);
    expect(verdicts[0]!.total).toBe(999 * 10 + 500 * 1_000 + 499 * 11);
    expect(verdicts[1]!.dense).toBe(true);
  });
});

describe('grid', () => {
  const ladder = (step: number, count: number, lot = 100): PlainLevel[] => {
    const span = step * count + 6;
    const ladderAt = new Set(Array.from({ length: count }, (_, i) => 1_000 - i * step));
    return Array.from({ length: span }, (_, i) => ({ tick: 1_003 - i, lot: 1 + (i % 7) })).map((level) =>
      ladderAt.has(level.tick) ? { ...level, lot } : level,
    );
  };
  test('four equal sizes at equal steps are a ladder, three are densities', () => {
    expect(find(ladder(6, 4), lax)).toEqual([]);
    expect(ticksOf(find(ladder(6, 3), lax))).toEqual([1_000, 994, 988]);
    expect(ticksOf(find(ladder(6, 4), { ...lax, densityGridMinLevels: 5 }))).toHaveLength(4);
  });
  test('a step may span twenty levels, not twenty-one', () => {
    expect(find(ladder(20, 4), lax)).toEqual([]);
    expect(find(ladder(21, 4), lax)).toHaveLength(4);
  });
  test('the chain counts in both directions, and only the very same size at the very same step', () => {
    const levels = ladder(6, 4);
    const at = levels.findIndex((level) => level.tick === 988);
    expect(gridMembers(levels, at)).toBe(4);
    const broken = levels.map((level) => (level.tick === 994 ? { ...level, lot: 101 } : level));
    expect(gridMembers(broken, at)).toBe(2);
    const shifted = levels.map((level) => (level.tick === 994 ? { ...level, lot: 4 } : level));
    expect(gridMembers(shifted, at)).toBe(2);
  });
  test('a level of a ladder is no part of a cluster', () => {
    const levels = bids(10, 60, 60, 60, 60, 11, 12, 13, 14, 15);
    const clustered = { ...lax, clusterRangePercent: 1, densityThresholdAbs: 70_000 };
    expect(find(levels, clustered)).toEqual([]);
    expect(find(levels, { ...clustered, densityGridMinLevels: 5 })).toMatchObject([
      { kind: 'cluster', first: 1, last: 4 },
    ]);
  });
});

describe('the last visible level', () => {
  const levels = bids(10, 11, 12, 13, 900);
  test('of a side as long as its topic is deep is no density', () => {
    expect(ticksOf(find(levels, lax, 5))).toEqual([]);
    expect(ticksOf(find(levels, lax, 50))).toEqual([997]);
  });
  test('is no end of a cluster either', () => {
    const wall = bids(10, 13, 12, 11, 40, 45);
    const params = { ...lax, densityThresholdAbs: 50_000 };
    expect(find(wall, params, 6)).toEqual([]);
    expect(find(wall, params, 50)).toMatchObject([{ kind: 'cluster', lowTick: 996, highTick: 997 }]);
  });
});

describe('round prices', () => {
  test.each([
    [1, 0],
    [10, 1],
    [1_000, 3],
    [1_001_000, 3],
  ])('%d ends in %d zeros', (tick, zeros) => expect(trailingZeros(tick)).toBe(zeros));

  const around = (lot: number): PlainLevel[] => [
    { tick: 1_001, lot: 10 },
    { tick: 1_000, lot },
    { tick: 999, lot: 11 },
  ];
  test('two zeros more than the neighbours raise what is asked', () => {
    const strict = { ...lax, densityRoundMultiplier: 2 };
    const [found] = find(around(70), strict);
    expect(found).toMatchObject({ tick: 1_000, round: true });
    expect(find(around(60), strict)).toEqual([]);
    expect(find(around(60), lax)).toMatchObject([{ round: true }]);
  });
  test('they raise it for a cluster too: a neighbour helps no round price past what is asked', () => {
    // At 1 000 are 3.8 times its typical neighbour, on the two levels together 4.6 times theirs.
    const levels = bids(38, 49, 5, 13, 6, 14);
    const asked = (densityRoundMultiplier: number): object[] => find(levels, { ...lax, densityRoundMultiplier });
    expect(asked(1)).toMatchObject([{ kind: 'single', tick: 1_000, round: true }]);
    expect(asked(1.5)).toMatchObject([{ kind: 'cluster', tick: 1_000, round: true }]);
    expect(asked(1.6)).toEqual([]);
  });
  test('one zero more is nothing special', () => {
    const levels = around(60).map((level) => ({ ...level, tick: level.tick - 10 }));
    expect(find(levels, { ...lax, densityRoundMultiplier: 2 })).toMatchObject([{ tick: 990, round: false }]);
  });
  test('among prices that all end in zeros it takes two more', () => {
    const levels = around(60).map((level) => ({ ...level, tick: level.tick * 100 }));
    expect(judgeLevels(levels, 0, 0, 50, unit, lax)[1]).toMatchObject({ tick: 100_000, round: true, dense: true });
    const tens = [
      { tick: 1_010, lot: 10 },
      { tick: 1_000, lot: 60 },
      { tick: 990, lot: 11 },
      { tick: 800, lot: 12 },
    ];
    expect(judgeLevels(tens, 0, 0, 50, unit, lax).map((verdict) => verdict.round)).toEqual([false, true, false, false]);
    expect(judgeLevels(tens.slice(1), 0, 0, 50, unit, lax)[0]!.round).toBe(false);
  });
});

describe('clusters', () => {
  const plain = bids(10, 11, 35, 36, 12, 13, 14);
  test('neighbours that are dense only together', () => {
    expect(find(plain, { ...lax, densityThresholdAbs: 50_000, densityThresholdRelative: 2.9 })).toMatchObject([
      { kind: 'cluster', first: 2, last: 3, highTick: 999, lowTick: 998, tick: 998, notional: 999 * 35 + 998 * 36 },
    ]);
  });
  test('are judged by their mean level', () => {
    const typical = 997 * 12;
    const mean = (999 * 35 + 998 * 36) / 2;
    const params = { ...lax, densityThresholdAbs: 50_000 };
    expect(find(plain, { ...params, densityThresholdRelative: mean / typical - 1e-9 })).toMatchObject([{ typical }]);
    expect(find(plain, { ...params, densityThresholdRelative: mean / typical + 1e-9 })).toEqual([]);
  });
  test('need their sum over the absolute threshold and the share', () => {
    const sum = 999 * 35 + 998 * 36;
    const params = { ...lax, densityThresholdRelative: 2.9 };
    expect(find(plain, { ...params, densityThresholdAbs: sum })).toHaveLength(1);
    expect(find(plain, { ...params, densityThresholdAbs: sum + 1 })).toEqual([]);
    const total = plain.reduce((all, level) => all + level.tick * level.lot, 0);
    expect(find(plain, { ...params, densityThresholdPercent: (sum * 100) / total - 1e-9 })).toHaveLength(1);
    expect(find(plain, { ...params, densityThresholdPercent: (sum * 100) / total + 1e-9 })).toEqual([]);
  });
  test('may span two ticks however cheap the instrument, and the range in percent where that is more', () => {
    const spread = (distance: number): PlainLevel[] => [
      { tick: 1_003, lot: 10 },
      { tick: 1_000, lot: 38 },
      { tick: 1_000 - distance, lot: 37 },
      { tick: 990, lot: 11 },
      { tick: 989, lot: 12 },
      { tick: 988, lot: 13 },
    ];
    const params = { ...lax, densityThresholdAbs: 50_000 };
    expect(find(spread(2), params)).toHaveLength(1);
    expect(find(spread(3), params)).toEqual([]);
    expect(find(spread(3), { ...params, clusterRangePercent: 0.3 })).toHaveLength(1);
    expect(find(spread(4), { ...params, clusterRangePercent: 0.3 })).toEqual([]);
  });
  test('have at most so many levels, and no ordinary level at an end', () => {
    const wide = bids(10, 11, 40, 41, 42, 43, 12, 13, 14, 15, 16);
    const params = { ...lax, clusterRangePercent: 1, densityThresholdRelative: 2.5, densityThresholdAbs: 90_000 };
    expect(find(wide, params)).toMatchObject([{ first: 2, last: 5 }]);
    expect(find(wide, { ...params, clusterMaxLevels: 3 })).toMatchObject([{ first: 3, last: 5, kind: 'cluster' }]);
  });
  test('contain no level that is a density alone', () => {
    const levels = bids(10, 11, 20, 90, 21, 12, 13, 14);
    expect(find(levels, { ...lax, clusterRangePercent: 1 })).toMatchObject([{ kind: 'single', tick: 998 }]);
  });
  test('lie within the band with every level', () => {
    const levels = [
      { tick: 999, lot: 10 },
      { tick: 991, lot: 40 },
      { tick: 989, lot: 41 },
      { tick: 980, lot: 11 },
      { tick: 979, lot: 12 },
    ];
    const params = { ...lax, densityThresholdAbs: 60_000 };
    expect(findPlainly(levels, 999, 1_001, BID, 50, unit, params)).toHaveLength(1);
    expect(findPlainly(levels, 999, 1_001, BID, 50, unit, { ...params, densityShareBandPercent: 1 })).toEqual([]);
  });
  test('of two that overlap the larger sum is kept, of equal ones the nearer', () => {
    const params = { ...lax, densityThresholdRelative: 2.5, clusterMaxLevels: 2 };
    const near = [
      { tick: 2_000, lot: 10 },
      { tick: 1_200, lot: 30 },
      { tick: 1_199, lot: 31 },
      { tick: 1_198, lot: 32 },
      { tick: 1_000, lot: 11 },
      { tick: 999, lot: 12 },
      { tick: 998, lot: 13 },
    ];
    expect(findPlainly(near, 0, 0, BID, 50, unit, { ...params, densityThresholdAbs: 40_000 })).toMatchObject([
      { first: 2, last: 3 },
    ]);
    // 1199 × 1200 on both sides of the middle level: the two sums are the same.
    const lots = [1_198 * 36, 1_200 * 36, 1_200 * 36];
    const equal = [1_200, 1_199, 1_198].map((tick, i) => ({ tick, lot: lots[i]! }));
    const tied = [
      { tick: 2_000, lot: 11_000 },
      ...equal,
      { tick: 1_000, lot: 11_001 },
      { tick: 999, lot: 11_002 },
      { tick: 998, lot: 11_003 },
    ];
    expect(equal[0]!.tick * equal[0]!.lot).toBe(equal[2]!.tick * equal[2]!.lot);
    expect(findPlainly(tied, 0, 0, BID, 50, unit, { ...params, densityThresholdAbs: 60_000_000 })).toMatchObject([
      { first: 1, last: 2 },
    ]);
  });
  test('are priced at their largest level, the nearer of equal ones', () => {
    const levels = [
      { tick: 1_300, lot: 11_000 },
      { tick: 1_200, lot: 30 * 1_199 },
      { tick: 1_199, lot: 30 * 1_200 },
      { tick: 1_000, lot: 12_100 },
      { tick: 999, lot: 13_200 },
    ];
    const params = { ...lax, densityThresholdAbs: 60_000_000 };
    expect(findPlainly(levels, 0, 0, BID, 50, unit, params)).toMatchObject([{ kind: 'cluster', tick: 1_200 }]);
    const farther = levels.map((level) => (level.tick === 1_199 ? { ...level, lot: level.lot + 1 } : level));
    expect(findPlainly(farther, 0, 0, BID, 50, unit, params)).toMatchObject([{ kind: 'cluster', tick: 1_199 }]);
  });
});

test('bids and asks are judged alike: a mirrored book has mirrored densities', () => {
  const mirror = 20_000;
  fc.assert(
    fc.property(arbitraryBook(), ({ bids: side, bestBid, bestAsk, depth, instrument, params }) => {
      // Sizes that keep each notional under the mirrored price, and a band and range that do not depend on price.
      const flat = { ...params, densityShareBandPercent: 1e6, clusterRangePercent: 0, densityRoundMultiplier: 1 };
      const scaled = side.map(({ tick, lot }) => ({ tick, lot: lot * (mirror - tick) }));
      const mirrored = side.map(({ tick, lot }) => ({ tick: mirror - tick, lot: lot * tick }));
      const best = [bestBid, bestAsk] as const;
      const found = findPlainly(scaled, best[0], best[1], BID, depth, instrument, flat);
      const other = findPlainly(mirrored, mirror - best[1], mirror - best[0], ASK, depth, instrument, flat);
      // A grid is a matter of exact lots, which the scaling changes on either side alike only where it leaves them unequal.
      if (side.some((_, i) => gridMembers(scaled, i) > 2 || gridMembers(mirrored, i) > 2)) return;
      expect(other.map(({ first, last, notional }) => ({ first, last, notional }))).toEqual(
        found.map(({ first, last, notional }) => ({ first, last, notional })),
      );
    }),
  );
});

test('what is found overlaps nothing else that is found and passes what it was asked', () => {
  fc.assert(
    fc.property(arbitraryBook(), (book) => {
      for (const side of [BID, ASK] as const) {
        const levels = side === BID ? book.bids : book.asks;
        const { bestBid, bestAsk, depth, instrument, params } = book;
        const found = findPlainly(levels, bestBid, bestAsk, side, depth, instrument, params);
        for (const [i, density] of found.entries()) {
          const run = levels.slice(density.first, density.last + 1);
          expect(density.notional).toBe(run.reduce((sum, level) => sum + level.tick * level.lot, 0));
          expect(density.notional * instrument.notionalUnit).toBeGreaterThanOrEqual(params.densityThresholdAbs);
          expect(density.last - density.first < params.clusterMaxLevels).toBe(true);
          expect(density.kind === 'single').toBe(density.first === density.last);
          expect(run.some((level) => level.tick === density.tick)).toBe(true);
          expect(found[i - 1]?.last ?? -1).toBeLessThan(density.first);
        }
      }
    }),
  );
});

test('the random books hold singles, clusters, ladders, round prices and last levels', () => {
  const seen = { single: 0, cluster: 0, grid: 0, round: 0, last: 0, outOfBand: 0, none: 0 };
  for (const book of fc.sample(arbitraryBook(), { numRuns: 500, seed: 1 })) {
    const { bids: levels, bestBid, bestAsk, depth, instrument, params } = book;
    const found = findPlainly(levels, bestBid, bestAsk, BID, depth, instrument, params);
    const verdicts = judgeLevels(levels, bestBid, bestAsk, depth, instrument, params);
    const passing = verdicts.filter((verdict) => verdict.absolute && verdict.relative && verdict.share);
    seen.none += found.length === 0 ? 1 : 0;
    for (const density of found) seen[density.kind] += 1;
    seen.grid += passing.filter((verdict) => verdict.grid).length;
    seen.round += passing.filter((verdict) => verdict.round).length;
    seen.last += passing.filter((verdict) => verdict.lastVisible).length;
    seen.outOfBand += passing.filter((verdict) => !verdict.inBand).length;
  }
  expect(Object.entries(seen).filter(([, count]) => count <= 10)).toEqual([]);
});

test('the median of nothing is nothing', () => {
  expect(median([])).toBeUndefined();
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});
