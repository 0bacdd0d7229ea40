// What does the writer do where one frame decides? Each rule on the smallest book that shows it.
import { expect, test } from 'vitest';
import { TICK_MAX, type Grid } from '../../src/book/grid.ts';
import {
  CHANGE_ASK,
  CHANGE_BID,
  CHANGE_BUY,
  CHANGE_CAPACITY,
  CHANGE_STRIDE,
  CHANGES_AT,
  SLOT_NUMBERS,
  CHANGE_LOST,
  CHANGE_RPI_SELL,
  createBooks,
  EPOCH,
  GENERATION,
  MESSAGE,
  SLOT_WORDS,
  TENANCY,
  TRUNCATED,
} from '../../src/book/layout.ts';
import { createView, readBook, type BookView } from '../../src/book/read.ts';
import { createStaging } from '../../src/book/staging.ts';
import { LIVE, readTrust, STALE, SUSPECT, SYNCING } from '../../src/book/trust.ts';
import { APPLIED, BookWriter, CROSSED, OFF_THE_GRID } from '../../src/book/write.ts';
import type { Slot } from '../../src/market/units.ts';
import { ChangeReader } from './change-reader.ts';
import { inspectSide, viewSide } from './plain-sides.ts';
import { stage, type PlainLevel } from './staged-frame.ts';

const SLOT = 1 as Slot;
const GRID: Grid = { priceScale: 2, tickScaled: 5, lotScale: 1, lotScaled: 2 };
const TIMES = new Float64Array([1_000, 1_001, 1_002]);
const bid = (tick: number, lot: number): PlainLevel => ({ side: 0, tick, lot });
const ask = (tick: number, lot: number): PlainLevel => ({ side: 1, tick, lot });

function open(depth = 50) {
  const memory = createBooks(3);
  const writer = new BookWriter(memory);
  const changes = new ChangeReader(memory, SLOT);
  const staging = createStaging();
  writer.attach(SLOT, depth);
  changes.read();
  let u = 0;
  const apply = (snapshot: boolean, levels: readonly PlainLevel[], edit?: () => void) => {
    stage(staging, GRID, { snapshot, u: ++u, levels });
    edit?.();
    return snapshot ? writer.applySnapshot(SLOT, GRID, staging) : writer.applyDelta(SLOT, GRID, staging);
  };
  return {
    memory,
    writer,
    changes,
    staging,
    snapshot: (levels: readonly PlainLevel[], edit?: () => void) => apply(true, levels, edit),
    delta: (levels: readonly PlainLevel[], edit?: () => void) => apply(false, levels, edit),
    view(): BookView {
      const view = createView();
      expect(readBook(memory, SLOT, view)).toBe(true);
      for (const side of [0, 1] as const) expect(inspectSide(memory, SLOT, side).faults).toEqual([]);
      return view;
    },
    word: (offset: number) => memory.words[SLOT * SLOT_WORDS + offset],
  };
}

test('B15: in one frame the last of two equal prices wins, and zero for an absent level is nothing', () => {
  const book = open();
  book.snapshot([bid(100, 5), bid(100, 7), ask(102, 1), ask(102, 0), ask(103, 4)]);
  expect(book.delta([bid(90, 0), ask(200, 0), ask(104, 3), ask(104, 0), ask(104, 6)])).toBe(APPLIED);
  const view = book.view();
  expect(viewSide(view, 0)).toEqual([[100, 7]]);
  expect(viewSide(view, 1)).toEqual([
    [103, 4],
    [104, 6],
  ]);
});

test('B13: a thousand levels ten ticks apart are all there, also when the price has gone through most of them', () => {
  const book = open(1_000);
  const tick = (i: number): number => 100_000 - 10 * i;
  book.snapshot([ask(100_001, 1), ...Array.from({ length: 1_000 }, (_, i) => bid(tick(i), 5))]);
  for (let i = 0; i < 700; i++) expect(book.delta([bid(tick(i), 0), bid(tick(1_000 + i), 5)])).toBe(APPLIED);
  expect(book.word(TRUNCATED)).toBe(0);
  expect(viewSide(book.view(), 0)).toEqual(Array.from({ length: 1_000 }, (_, i) => [tick(700 + i), 5]));
});

test('B13: what falls out of a book for want of room is told like every other change, and is in no sum', () => {
  const book = open(1_000);
  const sparse = (first: number, count: number): PlainLevel[] =>
    Array.from({ length: count }, (_, i) => bid(first - 60 * i, 5));
  book.snapshot(sparse(100_000, 1_000));
  book.changes.read();
  // Within one message there is more beyond the window than there is room for.
  book.delta(sparse(90_030, 400));
  expect(book.word(TRUNCATED)).toBe(1);
  book.changes.read();
  expect(book.changes).toMatchObject({ losses: 1, faults: [] });
  expect(book.changes.side(0)).toEqual(viewSide(book.view(), 0));
  // The same where the price leaves a whole window of levels behind it.
  book.snapshot([...Array.from({ length: 1_500 }, (_, i) => bid(50_000 - i, 5)), bid(60_000, 5)]);
  expect(book.view().counts[0]).toBe(1_000);
});

test('B06: a book is judged crossed only after both of its sides; locked is crossed', () => {
  const book = open();
  expect(book.snapshot([bid(100, 1), ask(101, 1)])).toBe(APPLIED);
  expect(book.delta([bid(102, 1), ask(101, 0), ask(103, 1)])).toBe(APPLIED);
  expect(book.delta([bid(103, 1)])).toBe(CROSSED);
  expect(readTrust(book.memory, SLOT)).toBe(SUSPECT);
  expect(book.snapshot([bid(100, 1), ask(101, 1)])).toBe(APPLIED);
  expect(readTrust(book.memory, SLOT)).toBe(LIVE);
});

test('B21: a side may run empty and come back anywhere', () => {
  const book = open();
  book.snapshot([bid(100, 1), ask(101, 1)]);
  expect(book.delta([bid(100, 0)])).toBe(APPLIED);
  expect(book.writer.bestTick(SLOT, 0)).toBe(0);
  expect(book.changes.read().at(-1)).toMatchObject({ best: [0, 101], worst: [0, 101] });
  expect(book.delta([bid(90_000, 2), ask(101, 0), ask(90_001, 3)])).toBe(APPLIED);
  expect(book.writer.bestTick(SLOT, 0)).toBe(90_000);
  book.snapshot([]);
  expect([...book.view().counts]).toEqual([0, 0]);
  expect([...book.view().totals]).toEqual([0, 0]);
});

test.each([
  ['a price of zero', () => [bid(0, 1)]],
  ['a price beyond the largest tick', () => [bid(TICK_MAX + 1, 1)]],
  ['a price off the tick', () => [bid(100.2, 1)]],
  ['a size off the step', () => [bid(100, 1.5)]],
  ['a sum that no integer holds', () => [bid(TICK_MAX, 2 ** 30)]],
])('B11 B12: %s is refused: the book is suspect until the next snapshot, and then exact', (_name, levels) => {
  for (const first of [true, false]) {
    const book = open();
    book.snapshot([bid(98, 3), ask(TICK_MAX, 1)]);
    const bad = [bid(99, 1), ...levels(), bid(97, 5)];
    expect(first ? book.snapshot([...bad, ask(TICK_MAX, 1)]) : book.delta(bad)).toBe(OFF_THE_GRID);
    expect(readTrust(book.memory, SLOT)).toBe(SUSPECT);
    expect(book.snapshot([bid(98, 4), ask(101, 2)])).toBe(APPLIED);
    const view = book.view();
    expect(view.trust).toBe(LIVE);
    expect([...view.totals]).toEqual([98 * 4, 101 * 2]);
    book.changes.read();
    expect(book.changes.faults).toEqual([]);
    expect(book.changes.side(0)).toEqual([[98, 4]]);
  }
});

test.each([32, 64, 95, 96])(
  'the farthest level that goes leaves the one at %s, best and farthest, wherever that lies',
  (tick) => {
    const book = open();
    book.snapshot([bid(tick, 5), bid(20, 1), ask(101, 5)]);
    book.delta([bid(20, 0)]);
    expect(book.changes.read().at(-1)).toMatchObject({ best: [tick, 101], worst: [tick, 101] });
    // A side that moves away in one message: what was all of it goes last.
    book.delta([bid(tick - 30, 1), bid(tick, 0), bid(100, 1), bid(tick - 30, 0)]);
    expect(book.changes.read().at(-1)).toMatchObject({ best: [100, 101], worst: [100, 101] });
  },
);

test('sizes and prices spelled with fewer or more decimals than the grid are the same levels', () => {
  const book = open();
  book.snapshot([bid(200, 5), ask(202, 10)], () => {
    // 10.00 as 10, and 1.0 as 1.0000
    book.staging.priceDigits[0] = 10;
    book.staging.priceDecimals[0] = 0;
    book.staging.sizeDigits[0] = 10_000;
    book.staging.sizeDecimals[0] = 4;
  });
  const view = book.view();
  expect(viewSide(view, 0)).toEqual([[200, 5]]);
  expect(book.delta([bid(200, 0)], () => (book.staging.sizeDecimals[0] = 7))).toBe(APPLIED);
  expect(book.view().counts[0]).toBe(0);
});

test('a message closes with its number, its stamps and the trades before it, in their order', () => {
  const book = open();
  book.snapshot([bid(100, 5), ask(101, 5)]);
  book.changes.read();
  book.writer.addTrade(SLOT, CHANGE_BUY, 101, 2, TIMES, 0);
  book.writer.addTrade(SLOT, CHANGE_RPI_SELL, 100, 1, TIMES, 1);
  book.delta([bid(100, 4), bid(99, 1), ask(101, 3)]);
  book.writer.addTrade(SLOT, CHANGE_BUY, 101, 3, TIMES, 2);
  book.delta([ask(101, 0), ask(102, 9)]);
  const [first, second] = book.changes.read();
  expect(first).toMatchObject({
    u: 2,
    message: 2,
    reset: false,
    best: [100, 101],
    worst: [99, 101],
    entries: [
      [CHANGE_BUY, 101, 2, 1_000],
      [CHANGE_RPI_SELL, 100, 1, 1_001],
      [CHANGE_BID, 100, 5, 4],
      [CHANGE_BID, 99, 0, 1],
      [CHANGE_ASK, 101, 5, 3],
    ],
  });
  expect(second).toMatchObject({ u: 3, message: 3, best: [100, 102] });
  expect(second?.entries).toEqual([
    [CHANGE_BUY, 101, 3, 1_002],
    [CHANGE_ASK, 101, 3, 0],
    [CHANGE_ASK, 102, 0, 9],
  ]);
});

test('B05: a snapshot in mid-stream begins a new epoch and tells only what differs, behind a reset', () => {
  const book = open();
  book.snapshot([bid(100, 5), bid(99, 1), ask(101, 5)]);
  book.changes.read();
  const epoch = book.word(EPOCH) as number;
  book.snapshot([bid(100, 5), bid(98, 2), ask(101, 6)]);
  expect(book.word(EPOCH)).toBe(epoch + 1);
  const [close] = book.changes.read();
  expect(close?.reset).toBe(true);
  expect(close?.entries.toSorted((a, b) => (a[0] as number) - (b[0] as number))).toEqual([
    [CHANGE_BID, 99, 1, 0],
    [CHANGE_BID, 98, 0, 2],
    [CHANGE_ASK, 101, 5, 6],
  ]);
});

test('a topic of another depth takes over with its snapshot, in one write', () => {
  const book = open(50);
  book.snapshot([bid(100, 5)]);
  const before = book.word(GENERATION) as number;
  stage(book.staging, GRID, { snapshot: true, u: 9, levels: [bid(100, 5), bid(99, 1)] });
  book.writer.applySnapshot(SLOT, GRID, book.staging, 200);
  expect(book.word(GENERATION)).toBe(before + 2);
  expect(book.view()).toMatchObject({ depth: 200 });
  book.snapshot([bid(100, 5)]);
  expect(book.view()).toMatchObject({ depth: 200 });
});

test('B05: the deepest book resynchronised loses no message: the ring has room for what really differs', () => {
  const book = open(1_000);
  const deep = (lot: number) =>
    Array.from({ length: 1_000 }, (_, i) => [bid(5_000 - i, 1 + (i % 7)), ask(5_001 + i, lot)]).flat();
  book.snapshot(deep(3));
  expect(book.changes.read()).toHaveLength(1);
  book.snapshot(deep(4));
  const [close] = book.changes.read();
  expect(book.changes.losses).toBe(1); // the one of the new symbol
  expect(close?.entries).toHaveLength(1_000);
  expect(book.changes.side(1)).toEqual(viewSide(book.view(), 1));
});

test('the ring gives way only when it is really full, a trade without room is a loss too, and nothing unread is written over', () => {
  for (let trades = CHANGE_CAPACITY - 16; trades <= CHANGE_CAPACITY + 4; trades++) {
    const book = open();
    book.snapshot([bid(100, 5), ask(101, 5)]);
    book.changes.read();
    for (let i = 0; i < trades; i++) book.writer.addTrade(SLOT, CHANGE_BUY, i + 1, 1, TIMES, 0);
    expect(book.word(CHANGE_LOST)).toBe(trades <= CHANGE_CAPACITY - 3 ? 0 : 1);
    book.delta([bid(100, 6), bid(99, 1)]);
    // Two changes and three entries of the close have to fit beside them, and one place stays free.
    const fits = trades <= CHANGE_CAPACITY - 6;
    expect(book.word(CHANGE_LOST)).toBe(fits ? 0 : 1);
    const told = book.changes.read().flatMap(({ entries }) => entries.map(([, tick]) => tick));
    expect(told).toEqual(fits ? [...Array.from({ length: trades }, (_, i) => i + 1), 100, 99] : []);
    book.delta([bid(100, 7)]);
    expect(book.changes.read()).toHaveLength(1);
    expect(book.changes.faults).toEqual([]);
    expect(book.changes.side(0)).toEqual([
      [100, 7],
      [99, 1],
    ]);
  }
});

test('a ring that is read in time keeps to its first places, and goes round where its reader lags behind', () => {
  const book = open();
  const from = SLOT * SLOT_NUMBERS + CHANGES_AT;
  const ring = book.memory.numbers.subarray(from, from + CHANGE_CAPACITY * CHANGE_STRIDE);
  book.snapshot([bid(100, 5), ask(101, 5)]);
  book.changes.read();
  ring.fill(-1);
  const used = (): number => ring.findLastIndex((number) => number !== -1) + 1;
  for (let lot = 6; lot < 6 + 2 * CHANGE_CAPACITY; lot++) {
    book.delta([bid(100, lot)]);
    book.changes.read();
  }
  expect(used()).toBe(4 * CHANGE_STRIDE);
  for (let lot = 6; lot < 6 + 2 * CHANGE_CAPACITY; lot++) {
    const { head } = book.changes;
    book.delta([bid(100, lot)]);
    book.changes.read(head);
  }
  expect(used()).toBe(ring.length);
  expect(book.changes).toMatchObject({ losses: 1, faults: [] });
});

test('a slot given to another symbol is empty, under a new epoch and tenancy, and old changes are lost', () => {
  const book = open();
  book.snapshot([bid(100, 5), ask(101, 5)]);
  const [epoch, tenancy] = [book.word(EPOCH) as number, book.word(TENANCY) as number];
  book.writer.detach(SLOT);
  expect(readTrust(book.memory, SLOT)).toBe(0);
  book.writer.attach(SLOT, 200);
  const view = book.view();
  expect(view).toMatchObject({ epoch: epoch + 2, tenancy: tenancy + 2, trust: SYNCING, depth: 200 });
  expect([...view.counts, ...view.totals, ...view.stamps.subarray(0, MESSAGE - 2)]).toEqual(Array(8).fill(0));
  expect(book.word(CHANGE_LOST)).toBe(1);
});

test('the generation is even between any two calls, and every call moves it', () => {
  const book = open();
  const steps = [
    () => book.snapshot([bid(100, 5)]),
    () => book.delta([bid(100, 6)]),
    () => book.delta([bid(0, 1)]),
    () => book.writer.setTrust(SLOT, STALE),
    () => book.writer.detach(SLOT),
  ];
  for (const step of steps) {
    const before = book.word(GENERATION) as number;
    step();
    expect(book.word(GENERATION)).toBe(before + 2);
  }
});

test('a neighbour slot never feels what happens beside it', () => {
  const book = open(1_000);
  const rest = () => [0, 2].map((slot) => book.memory.words.slice(slot * SLOT_WORDS, (slot + 1) * SLOT_WORDS).join());
  const before = rest();
  book.snapshot(Array.from({ length: 900 }, (_, i) => [bid(900_000 - i * 97, 1), ask(900_001 + i * 89, 2)]).flat());
  for (let i = 1; i < 40; i++) book.delta([bid(900_000 + i * 5_000, 1), ask(900_001 + i * 5_000, 1)]);
  expect(rest()).toEqual(before);
});
