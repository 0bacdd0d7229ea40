// Which levels of a book does a look over REST accuse? (B18)
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agree, compareBooks, Look, type Finding, type WrongLevel } from '../../../src/bybit/feed/audit.ts';
import type { BookCopy, BookSide } from '../../../src/bybit/frames/ingest-port.ts';
import type { RestBook } from '../../../src/bybit/rest/rest-rows.ts';
import { ASK, BID, isBetter, SIDES, type Side } from '../../../src/market/side.ts';
import type { Lot, Tick } from '../../../src/market/units.ts';
import { sideFromPairs } from '../plain-ingest.ts';

type Levels = ReadonlyMap<Tick, Lot>;
type Sides = readonly [Levels, Levels];

const RUNS = 2_000;

/** From the touch outward, as many as a topic of that depth shows. */
function shown(levels: Levels, side: Side, depth: number): BookSide {
  return sideFromPairs([...levels].sort(([a], [b]) => (isBetter(side, a, b) ? -1 : 1)).slice(0, depth));
}

const sidesOf = (sides: Sides, depth: number) =>
  [shown(sides[BID], BID, depth), shown(sides[ASK], ASK, depth)] as const;
const copyOf = (seq: number, sides: Sides, depth: number): BookCopy => ({ seq, sides: sidesOf(sides, depth) });
const restOf = (seq: number, sides: Sides, depth: number): RestBook => ({
  seq,
  sides: sidesOf(sides, depth),
});

/** The rule in sets and maps: every tick that any of the three shows, unless one of them does not look so far. */
function plainly(rest: RestBook, before: BookCopy, after: BookCopy, depth: number): Finding {
  const wrong: WrongLevel[] = [];
  let compared = 0;
  for (const side of SIDES) {
    const books = [rest.sides[side], before.sides[side], after.sides[side]].map(
      ({ ticks, lots }) => new Map([...ticks].map((tick, i) => [tick as Tick, lots[i] as Lot])),
    );
    const edges = books.filter((book) => book.size === depth).map((book) => [...book.keys()].at(-1) as Tick);
    for (const tick of new Set(books.flatMap((book) => [...book.keys()]))) {
      if (edges.some((edge) => isBetter(side, edge, tick))) continue;
      compared++;
      const [theirs, was, became] = books.map((book) => book.get(tick) ?? (0 as Lot)) as [Lot, Lot, Lot];
      if (was === became && theirs !== was) wrong.push({ side, tick, rest: theirs, ours: was });
    }
  }
  return wrong.length === 0 ? { kind: 'equal', compared } : { kind: 'wrong', compared, levels: wrong };
}

const byPlace = (a: WrongLevel, b: WrongLevel): number => a.side - b.side || a.tick - b.tick;
const sorted = (finding: Finding): Finding =>
  finding.kind === 'wrong' ? { ...finding, levels: finding.levels.toSorted(byPlace) } : finding;

/** A side with a few ticks between its levels, and how it stood in each of the three books. */
const anySide = (from: number): fc.Arbitrary<readonly [Levels, Levels, Levels]> =>
  fc
    .uniqueArray(
      fc.record({
        tick: fc.integer({ min: from, max: from + 40 }),
        lots: fc.oneof(
          fc.integer({ min: 0, max: 3 }).map((lot) => [lot, lot, lot]),
          fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)),
        ),
      }),
      { selector: ({ tick }) => tick, maxLength: 30 },
    )
    .map((levels) => {
      const book = (i: number): Levels =>
        new Map(levels.flatMap(({ tick, lots }) => (lots[i] === 0 ? [] : [[tick as Tick, lots[i] as Lot] as const])));
      return [book(0), book(1), book(2)];
    });

test('three books of any levels, full or not: the same levels are accused as by sets and maps', () => {
  let accused = 0;
  fc.assert(
    fc.property(anySide(100), anySide(141), fc.integer({ min: 1, max: 30 }), (bids, asks, depth) => {
      const rest = restOf(5, [bids[0], asks[0]], depth);
      const before = copyOf(4, [bids[1], asks[1]], depth);
      const after = copyOf(6, [bids[2], asks[2]], depth);
      const finding = compareBooks(rest, before, after, depth);
      if (finding.kind === 'wrong') accused++;
      expect(sorted(finding)).toEqual(sorted(plainly(rest, before, after, depth)));
    }),
    { numRuns: RUNS },
  );
  expect(accused).toBeGreaterThan(RUNS / 10);
});

const level = (tick: number, lot: number) => [tick as Tick, lot as Lot] as const;
const asks: Levels = new Map([level(101, 7)]);

test('a level that changed meanwhile may have had any size, one that stood still may not', () => {
  const before: Sides = [new Map([level(100, 5), level(99, 8)]), asks];
  const after: Sides = [new Map([level(100, 6), level(99, 8)]), asks];
  const judged = (bids: Levels) =>
    compareBooks(restOf(5, [bids, asks], 50), copyOf(4, before, 50), copyOf(6, after, 50), 50);
  expect(judged(new Map([level(100, 9), level(99, 8)]))).toEqual({ kind: 'equal', compared: 3 });
  expect(judged(new Map([level(100, 5), level(99, 1)]))).toEqual({
    kind: 'wrong',
    compared: 3,
    levels: [{ side: BID, tick: 99, rest: 1, ours: 8 }],
  });
});

test('a look waits until the stream has come as far as the answer, and says so where the answer is older than all it kept', () => {
  const book: Sides = [new Map([level(100, 5)]), asks];
  const look = new Look(copyOf(10, book, 50), 50);
  expect(look.judge(restOf(9, book, 50), false)).toEqual({ kind: 'unknown' });
  expect(look.judge(restOf(12, book, 50), false)).toBeUndefined();
  look.add(copyOf(11, book, 50));
  expect(look.judge(restOf(12, book, 50), false)).toBeUndefined();
  look.add(copyOf(13, book, 50));
  expect(look.judge(restOf(12, book, 50), false)).toEqual({ kind: 'equal', compared: 2 });
});

test('a look at a book that changes without end keeps its newest 256 copies, and an answer that is older than those proves nothing', () => {
  const book: Sides = [new Map([level(100, 5)]), asks];
  const look = new Look(copyOf(10, book, 50), 50);
  for (let seq = 11; seq < 266; seq++) look.add(copyOf(seq, book, 50));
  expect(look.judge(restOf(10, book, 50), false)).toEqual({ kind: 'equal', compared: 2 });
  look.add(copyOf(266, book, 50));
  expect(look.judge(restOf(10, book, 50), false)).toEqual({ kind: 'unknown' });
});

test('a book that has told nothing new for as long as a look waits is compared as it stands', () => {
  const look = new Look(copyOf(10, [new Map([level(100, 5)]), asks], 50), 50);
  const rest = restOf(12, [new Map([level(100, 6)]), asks], 50);
  expect(look.judge(rest, false)).toBeUndefined();
  const wrong = { side: BID, tick: 100, rest: 6, ours: 5 };
  expect(look.judge(rest, true)).toEqual({ kind: 'wrong', compared: 2, levels: [wrong] });
});

test('two looks accuse a book of the same level, or of more than a tenth of its levels each, and of nothing else', () => {
  const wrong = (side: Side, ...ticks: number[]): Finding => ({
    kind: 'wrong',
    compared: 20,
    levels: ticks.map((tick) => ({ side, tick: tick as Tick, rest: 1 as Lot, ours: 2 as Lot })),
  });
  expect([
    agree(wrong(BID, 90), wrong(BID, 89, 90)),
    agree(wrong(BID, 90, 91), wrong(BID, 88, 89)),
    agree(wrong(BID, 90), wrong(ASK, 90)),
    agree(wrong(BID, 90, 91, 92), wrong(ASK, 101, 102, 103)),
    agree(wrong(BID, 90, 91, 92), wrong(ASK, 101)),
    agree({ kind: 'equal', compared: 20 }, wrong(BID, 90)),
    agree(wrong(BID, 90), { kind: 'equal', compared: 20 }),
  ]).toEqual([true, false, false, true, false, false, false]);
});
