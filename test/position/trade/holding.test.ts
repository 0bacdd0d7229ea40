// Whose are the lots, where ours and a person's stand in one symbol, and which word of them is the later one? (P07, P09)
import { expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import { sizeOf } from '../../../src/market/size.ts';
import type { Lot, Tick } from '../../../src/market/units.ts';
import type { Fill, PositionReport } from '../../../src/order/words.ts';
import { holdingOf, inOrder, isNewer, type Origin } from '../../../src/position/trade/holding.ts';
import { oneFill } from '../../order/one-fill.ts';

const SOL = createInstrument('SOLUSDT', '0.01', '0.1') as Instrument;

/** Signed lots, one after another. */
function held(...deals: readonly (readonly [Origin, number])[]): { readonly ours: number; readonly foreign: number } {
  const origins = new Map<string, Origin>();
  const fills = deals.map(([origin, lots], i): Fill => {
    origins.set(`x-${i}`, origin);
    return oneFill({ execId: `x-${i}`, seq: i, side: lots > 0 ? 'buy' : 'sell', lots: Math.abs(lots) as Lot });
  });
  const { ours, foreign } = holdingOf(fills, undefined, 0, ({ execId }) => origins.get(execId) ?? 'stranger', SOL);
  return { ours, foreign };
}

test.each<[Origin, number, number]>([
  ['stranger', 5, 0],
  ['close', 2, 3],
  ['exchange', 2, 3],
])(
  'P07: three lots are sold of five of ours and three of a person’s, by %s: ours are %i, his %i',
  (by, ours, foreign) => {
    expect(held(['entry', 5], ['stranger', 3], [by, -3])).toEqual({ ours, foreign });
  },
);

test.each([
  ['nothing of ours was closing: his is gone first', 0, { ours: 5, foreign: 0 }],
  ['a close of ours may have taken it', 3, { ours: 2, foreign: 3 }],
  ['a close of ours may have taken a part of it', 1, { ours: 4, foreign: 1 }],
])('P07: of five lots of ours and three of a person’s five are reported, and %s', (_, closing, left) => {
  const fills = [5, 3].map((lots, i) => oneFill({ execId: `x-${i}`, seq: i, side: 'buy', lots: lots as Lot }));
  const report = { lots: 5, seq: 9 } as PositionReport;
  const origin = ({ execId }: Fill): Origin => (execId === 'x-0' ? 'entry' : 'stranger');
  expect(holdingOf(fills, report, 0, origin, SOL, closing)).toMatchObject(left);
});

test('P07: our entry closes what a person holds on the other side before it opens anything of ours', () => {
  expect(held(['stranger', -3], ['entry', 5])).toEqual({ ours: 2, foreign: 0 });
  expect(held(['stranger', -3], ['entry', 2])).toEqual({ ours: 0, foreign: -1 });
});

test('P07: of one moment, what a person’s order has closed of ours at its first price comes before what it opens at its second', () => {
  const deal = (execId: string, side: Fill['side'], lots: number, closedLots: number): Fill =>
    oneFill({ execId, seq: 2, side, lots: lots as Lot, closedLots: closedLots as Lot });
  const parts = (fills: readonly Fill[]): unknown =>
    holdingOf(fills, undefined, 0, ({ execId }) => (execId === 'ours' ? 'entry' : 'stranger'), SOL).parts.map(
      ({ fill, ours }) => [fill.execId, ours / sizeOf(1, SOL)],
    );
  const turned = [deal('a', 'sell', 15, 0), deal('b', 'sell', 38, 20), deal('c', 'sell', 5, 5)];
  expect(parts([...turned, { ...deal('ours', 'buy', 25, 0), seq: 1 }])).toEqual([
    ['ours', 25n],
    ['c', 5n],
    ['b', 20n],
    ['a', 0n],
  ]);
  expect(parts([deal('a', 'sell', 25, 25), deal('ours', 'buy', 25, 0)])).toEqual([
    ['ours', 25n],
    ['a', 25n],
  ]);
});

test.each([
  ['sell', [102, 101, 100]],
  ['buy', [100, 101, 102]],
] as const)(
  'P07: of what one order to %s has closed of ours and of a person’s, the better prices were ours',
  (side, first) => {
    const closed = [101, 100, 102].map((tick, i) =>
      oneFill({ execId: `x-${i}`, seq: 2, side, tick: tick as Tick, lots: 5 as Lot, closedLots: 5 as Lot }),
    );
    expect(inOrder(closed).map(({ tick }) => tick)).toEqual(first);
  },
);

test('fills of both sides in one moment stand in one order, in whatever order they were told', () => {
  const deal = (execId: string, side: Fill['side'], closedLots: number): Fill =>
    oneFill({ execId, side, lots: 2 as Lot, closedLots: closedLots as Lot });
  const [a, b, c] = [deal('a', 'buy', 2), deal('b', 'sell', 1), deal('c', 'buy', 0)] as const;
  const told = [
    [a, b, c],
    [a, c, b],
    [b, a, c],
    [b, c, a],
    [c, a, b],
    [c, b, a],
  ].map((fills) =>
    inOrder(fills)
      .map(({ execId }) => execId)
      .join(''),
  );
  expect(new Set(told).size).toBe(1);
});

test('W13: of two words about a position the one of the higher number is the later, whatever their times; of one number, the later time', () => {
  const word = (seq: number, updatedMs: number) => ({ seq, updatedMs: updatedMs as Ms }) as PositionReport;
  expect([isNewer(word(6, 9), word(5, 10)), isNewer(word(5, 10), word(6, 9))]).toEqual([true, false]);
  expect([isNewer(word(5, 10), word(5, 9)), isNewer(word(5, 9), word(5, 10))]).toEqual([true, false]);
});
