// Is a signal still good when main reads it? (strategy 9)
import { expect, test } from 'vitest';
import { createView, type BookView } from '../../src/book/read.ts';
import { LIVE, STALE } from '../../src/book/trust.ts';
import type { Ms } from '../../src/lib/brand.ts';
import type { AnalysisEvent } from '../../src/scan/event.ts';
import { inOrder, refusalOf } from '../../src/signal/offer.ts';

const RULES = { maxSignalAgeMs: 500, breakoutMaxChasePercent: 0.15 };
const NOW = 10_000 as Ms;

/** Bids and asks as [tick, lots] from the touch outward; behind them stands what an older copy has left. */
function book(bids: [number, number][], asks: [number, number][]): BookView {
  const view = createView();
  for (const side of [0, 1] as const) {
    view.ticks[side].fill(1_000);
    view.lots[side].fill(5_000);
  }
  view.epoch = 3;
  view.tenancy = 2;
  view.trust = LIVE;
  for (const [side, levels] of [bids, asks].entries()) {
    view.counts[side as 0 | 1] = levels.length;
    for (const [i, [tick, lot]] of levels.entries()) {
      view.ticks[side as 0 | 1][i] = tick;
      view.lots[side as 0 | 1][i] = lot;
    }
  }
  return view;
}

const BOUNCE = {
  signal: 'bounce',
  epoch: 3,
  tenancy: 2,
  receivedMs: 9_900,
  side: 0,
  low: 1_000,
  high: 1_000,
  current: 500_000,
  peak: 500_000,
} as AnalysisEvent;
const BREAKOUT = { ...BOUNCE, signal: 'breakout', side: 1, low: 1_000, high: 1_001, current: 0 } as AnalysisEvent;

test('a bounce is offered while the density rests with seven tenths of what was seen', () => {
  expect(
    refusalOf(
      BOUNCE,
      book(
        [
          [1_001, 1],
          [1_000, 350],
        ],
        [[1_002, 1]],
      ),
      NOW,
      RULES,
    ),
  ).toBeUndefined();
  expect(
    refusalOf(
      BOUNCE,
      book(
        [
          [1_001, 1],
          [1_000, 349],
        ],
        [[1_002, 1]],
      ),
      NOW,
      RULES,
    ),
  ).toBe('weakened');
});

test('seven tenths are of what the scan saw, not of what the density once was', () => {
  const shrunk = { ...BOUNCE, current: 300_000, peak: 500_000 };
  const rests = (lots: number): BookView => book([[1_000, lots]], [[1_002, 1]]);
  expect([210, 209].map((lots) => refusalOf(shrunk, rests(lots), NOW, RULES))).toEqual([undefined, 'weakened']);
});

test('a breakout is offered while the level stays empty and the mid is beyond, within the chase', () => {
  expect(refusalOf(BREAKOUT, book([[1_001, 1]], [[1_002, 1]]), NOW, RULES)).toBeUndefined();
  expect(refusalOf(BREAKOUT, book([[1_000, 1]], [[1_001, 50]]), NOW, RULES)).toBe('refilled');
  expect(refusalOf(BREAKOUT, book([[1_000, 1]], [[1_002, 1]]), NOW, RULES)).toBe('out-of-reach');
  // Two ticks are always within reach; 0.15 % of 1001 is less.
  expect(refusalOf(BREAKOUT, book([[1_002, 1]], [[1_004, 1]]), NOW, RULES)).toBeUndefined();
  expect(refusalOf(BREAKOUT, book([[1_003, 1]], [[1_004, 1]]), NOW, RULES)).toBe('out-of-reach');
});

test.each([
  [0.35, 1_000, 3.5],
  [0.7, 1_000, 7],
  [1.4, 1_000, 14],
  [0.35, 1_001, 3.5],
  [0.15, 1_000, 2],
])('of a reach of %f percent of %d the mid may be %f ticks beyond it, and no half tick more', (percent, far, most) => {
  const signal = { ...BREAKOUT, low: far, high: far } as AnalysisEvent;
  const refusalAt = (beyond: number): string | undefined => {
    const bid = Math.floor(far + beyond) - (beyond % 1 === 0 ? 1 : 0);
    return refusalOf(signal, book([[bid, 1]], [[2 * (far + beyond) - bid, 1]]), NOW, {
      ...RULES,
      breakoutMaxChasePercent: percent,
    });
  };
  expect([most, most + 0.5].map(refusalAt)).toEqual([undefined, 'out-of-reach']);
});

test('a breakout downward has its far price below, and reach is measured from there', () => {
  const short = { ...BREAKOUT, side: 0, low: 999, high: 1_000 } as AnalysisEvent;
  expect(refusalOf(short, book([[998, 1]], [[999, 1]]), NOW, RULES)).toBeUndefined();
  expect(refusalOf(short, book([[998, 1]], [[1_000, 1]]), NOW, RULES)).toBe('out-of-reach');
  expect(refusalOf(short, book([[996, 1]], [[998, 1]]), NOW, RULES)).toBeUndefined();
  expect(refusalOf(short, book([[996, 1]], [[997, 1]]), NOW, RULES)).toBe('out-of-reach');
});

test('where ticks are fine reach is 0.15 % of the price, to the tick', () => {
  const signal = { ...BREAKOUT, low: 20_000, high: 20_000, peak: 20_000_000 } as AnalysisEvent;
  expect(refusalOf(signal, book([[20_029, 1]], [[20_031, 1]]), NOW, RULES)).toBeUndefined();
  expect(refusalOf(signal, book([[20_030, 1]], [[20_031, 1]]), NOW, RULES)).toBe('out-of-reach');
});

test('with a tenth of its peak a broken density is back; what stands before or behind its prices is not it', () => {
  const signal = { ...BREAKOUT, low: 1_001, high: 1_001, peak: 1_001_000 } as AnalysisEvent;
  const rests = (lots: number): BookView =>
    book(
      [[1_001, 1]],
      [
        [1_001, lots],
        [1_003, 5_000],
      ],
    );
  expect(refusalOf(signal, rests(99), NOW, RULES)).not.toBe('refilled');
  expect(refusalOf(signal, rests(100), NOW, RULES)).toBe('refilled');
  const around = book(
    [
      [1_001, 5_000],
      [1_000, 349],
      [999, 5_000],
    ],
    [[1_002, 1]],
  );
  expect(refusalOf(BOUNCE, around, NOW, RULES)).toBe('weakened');
});

test('nothing is offered from a book that is not live, is another one, or is half empty', () => {
  const stale = book([[1_000, 500]], [[1_002, 1]]);
  stale.trust = STALE;
  expect(refusalOf(BOUNCE, stale, NOW, RULES)).toBe('not-live');
  expect(refusalOf(BOUNCE, book([[1_000, 500]], []), NOW, RULES)).toBe('not-live');
  expect(refusalOf({ ...BOUNCE, side: 1 }, book([], [[1_000, 500]]), NOW, RULES)).toBe('not-live');
  const resynced = book([[1_000, 500]], [[1_002, 1]]);
  resynced.epoch = 4;
  expect(refusalOf(BOUNCE, resynced, NOW, RULES)).toBe('other-epoch');
  const taken = book([[1_000, 500]], [[1_002, 1]]);
  taken.tenancy = 3;
  expect(refusalOf(BOUNCE, taken, NOW, RULES)).toBe('other-epoch');
});

test('a signal of half a second ago is good, one of longer ago is stale', () => {
  const view = book([[1_000, 500]], [[1_002, 1]]);
  expect(refusalOf({ ...BOUNCE, receivedMs: 9_500 }, view, NOW, RULES)).toBeUndefined();
  expect(refusalOf({ ...BOUNCE, receivedMs: 9_499 }, view, NOW, RULES)).toBe('stale');
});

test('priority goes first, then the density that stands out more, then the name', () => {
  const signal = (symbol: string, priority: number, relative: number) => ({
    symbol,
    event: { priority, relative } as AnalysisEvent,
  });
  const batch = [signal('C', 1, 3), signal('B', 1, 3), signal('D', 1, 9), signal('A', 0.5, 99), signal('E', 2, 1)];
  expect(inOrder(batch).map(({ symbol }) => symbol)).toEqual(['E', 'D', 'B', 'C', 'A']);
});
