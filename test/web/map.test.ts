// Does the map remember the right columns, keep its labels apart and draw lines at round prices?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Column } from '../../src/operator/page/protocol-columns.ts';
import { Columns } from '../../src/web/map/columns.ts';
import { MapPlace } from '../../src/web/map/place.ts';
import type { Watching } from '../../src/operator/page/protocol-market.ts';
import { msAt, roundStep, spread, tickAt, timeStep, xOf, yOf, type Scale } from '../../src/web/scale.ts';

const ROWS = 8;
const watching = { bucketTicks: 2 } as Watching;

function column(number: number, changes: Partial<Column> = {}): Column {
  const cells = new Uint16Array(ROWS).fill(number);
  const base = { atMs: 1_000 + 100 * number, number, baseRow: 10, bid: 26, ask: 27, lowest: 20, highest: 35, trust: 2 };
  return { ...base, cells, trades: [], ...changes };
}

function filled(...numbers: number[]): Columns {
  const columns = new Columns(10, ROWS, 2, 100);
  for (const number of numbers) columns.take(column(number));
  return columns;
}

test('the newest columns are kept and the oldest are forgotten', () => {
  const columns = filled(...Array.from({ length: 25 }, (_, i) => 100 + i));
  expect([columns.oldest, columns.newest]).toEqual([115, 124]);
  expect([columns.has(114), columns.has(115), columns.has(124), columns.has(125)]).toEqual([false, true, true, false]);
});

test('a lost tenth of a second looks like the one before it, a lost second is not made up', () => {
  const short = filled(100, 103);
  expect([101, 102].map((number) => short.has(number))).toEqual([true, true]);
  expect(short.cells[short.place(102) * ROWS]).toBe(100);
  expect(short.at[short.place(102)]).toBe(1_000 + 100 * 102);
  const long = filled(100, 108);
  expect([101, 104, 107].map((number) => long.has(number))).toEqual([false, false, false]);
});

test('two columns of one tenth of a second show the later book and the trades of both; one told twice counts once', () => {
  const columns = filled(100);
  const trade = { tick: 30, usdt: 50, side: 'buy' } as const;
  columns.take(column(101, { trades: [trade] }));
  const later = column(101, { atMs: 11_150, bid: 28, trades: [{ ...trade, tick: 34, usdt: 150 }] });
  columns.take(later);
  columns.take(later);
  const i = columns.place(101);
  expect([columns.bid[i], columns.traded[2 * i], columns.tradedTick[2 * i]]).toEqual([28, 200, 33]);
});

test('a side that is empty has no part in the mid nor in the way of the price', () => {
  const columns = filled(100);
  columns.take(column(101, { bid: 40, ask: 44 }));
  columns.take(column(102, { bid: 0, ask: 90 }));
  expect(columns.middle).toBe(84);
  expect(columns.path(100)).toEqual({ low: 26, high: 44 });
});

test('the way of the price is in view, and the mid is never at the edge', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 1, maxLength: 9 }), (moves) => {
      const columns = new Columns(10, ROWS, 2, 100);
      const place = new MapPlace();
      place.fit(800, 400, 10);
      let bid = 10_000;
      moves.forEach((move, i) => {
        bid += move;
        columns.take(column(i, { bid, ask: bid + 1 }));
        for (let frames = 0; frames < 40; frames++) place.lowRow(columns, watching);
      });
      const low = place.lowRow(columns, watching);
      const row = bid / 2;
      expect(row).toBeGreaterThan(low + 0.15 * place.rows);
      expect(row).toBeLessThan(low + 0.85 * place.rows);
      const path = columns.path(0);
      expect((path?.low ?? 0) / 2).toBeGreaterThanOrEqual(low);
      expect((path?.high ?? 0) / 2).toBeLessThanOrEqual(low + place.rows);
    }),
  );
});

test('a map that a person has moved stays where it is until it is told to follow', () => {
  const columns = filled(1);
  const place = new MapPlace();
  const before = place.lowRow(columns, watching);
  place.pan(20);
  columns.take(column(2, { bid: 60, ask: 61 }));
  expect(place.lowRow(columns, watching)).toBe(before + 20);
  place.follow();
  for (let frames = 0; frames < 60; frames++) place.lowRow(columns, watching);
  expect(Math.abs(place.lowRow(columns, watching) + place.rows / 2 - 30)).toBeLessThan(place.rows / 4);
  place.pan(20);
  place.forget();
  expect(place.lowRow(filled(1), watching), 'that of another symbol begins anew').toBe(before);
});

test('a map that was moved, and then zoomed beyond what is at hand, shows what there is around the price until the server has answered', () => {
  const columns = new Columns(10, ROWS, 2, 100);
  columns.take(column(1, { bid: 60_000, ask: 60_001 }));
  const place = new MapPlace();
  place.lowRow(columns, watching);
  place.pan(20);
  place.rows = 400;
  expect(place.zoomPrice(-1, 1)).toBe(2);
  expect(place.lowRow(columns, watching)).toBe(30_000 - place.rows / 2);
});

test('a map that is held still follows nothing until it is let go', () => {
  const place = new MapPlace();
  const before = place.lowRow(filled(1), watching);
  const moved = new Columns(10, ROWS, 2, 100);
  moved.take(column(2, { bid: 60, ask: 61 }));
  place.isHeld = true;
  expect(place.lowRow(moved, watching)).toBe(before);
  place.isHeld = false;
  for (let frames = 0; frames < 60; frames++) place.lowRow(moved, watching);
  expect(Math.abs(place.lowRow(moved, watching) - before - 17)).toBeLessThan(2);
});

/** Rows that show once the price has gone so many of them. */
function rowsAfter(place: MapPlace, rows: number): number {
  const columns = new Columns(10, ROWS, 2, 100);
  columns.take(column(1, { bid: 1_000, ask: 1_000 }));
  columns.take(column(2, { bid: 1_000 + 2 * rows, ask: 1_000 + 2 * rows }));
  place.lowRow(columns, watching);
  return place.rows;
}

test('more rows show as soon as the way of the price needs them, fewer again only when it needs far fewer', () => {
  const place = new MapPlace();
  place.fit(800, 360, 10);
  expect([0, 67, 68, 90, 91, 65, 60, 59, 0, 241, 1_000].map((rows) => rowsAfter(place, rows))).toEqual([
    112, 112, 150, 150, 200, 200, 200, 112, 112, 400, 400,
  ]);
});

test('as many columns show as the plot has room for, of a young map only those that there are', () => {
  const shown = (width: number, height: number, known: number): number => {
    const place = new MapPlace();
    place.fit(width, height, known);
    return place.shown;
  };
  expect([0, 75, 76, 400, 900, 5_000].map((known) => shown(800, 400, known))).toEqual([75, 75, 150, 450, 900, 900]);
  expect([100, 300, 600].map((width) => shown(width, 400, 900))).toEqual([75, 300, 600]);
  expect([shown(49, 400, 10), shown(800, 49, 10)], 'a plot that is not laid out yet says nothing').toEqual([900, 900]);
});

test('price and time are zoomed step by step to their ends, where the other zoom of the server goes on, and stay as chosen', () => {
  const place = new MapPlace();
  const rows = (steps: 1 | -1, count: number) =>
    Array.from({ length: count }, () => [place.zoomPrice(steps, 1), place.rows]);
  expect(rows(-1, 5)).toEqual([
    [1, 150],
    [1, 200],
    [1, 280],
    [1, 400],
    [2, 112],
  ]);
  expect(rows(1, 4)).toEqual([
    [1, 80],
    [1, 56],
    [1, 40],
    [0, 112],
  ]);
  place.rows = 40;
  expect([place.zoomPrice(1, 0), place.rows], 'there is nothing finer').toEqual([0, 40]);
  place.rows = 400;
  expect([place.zoomPrice(-1, 2), place.rows], 'there is nothing wider').toEqual([2, 400]);
  const times = (steps: 1 | -1, count: number) =>
    Array.from({ length: count }, () => (place.zoomTime(steps), place.shown));
  expect(times(1, 7)).toEqual([600, 450, 300, 225, 150, 75, 75]);
  expect(times(-1, 7)).toEqual([150, 225, 300, 450, 600, 900, 900]);
  place.zoomTime(1);
  place.fit(100, 400, 10);
  expect(rowsAfter(place, 0)).toBe(400);
  expect(place.shown).toBe(600);
  place.showAll();
  expect([place.rows, place.shown]).toEqual([200, 900]);
});

test('labels never lie on each other and stay in the plot as long as they fit', () => {
  const tops = fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { maxLength: 14 });
  fc.assert(
    fc.property(tops, (wanted) => {
      const labels = spread(
        wanted.map((at) => ({ item: undefined, at, y: 0 })),
        28,
        0,
        400,
      );
      for (const [i, label] of labels.entries()) {
        expect(label.y).toBeGreaterThanOrEqual(14 - 1e-9);
        expect(label.y).toBeLessThanOrEqual(386 + 1e-9);
        expect((labels[i + 1]?.y ?? Infinity) - label.y).toBeGreaterThanOrEqual(28 - 1e-9);
      }
    }),
  );
});

test('a place on the plot and its price and time are the same thing', () => {
  const scale: Scale = {
    left: 0,
    top: 0,
    width: 900,
    height: 600,
    low: 8_000,
    high: 8_200,
    fromMs: 1_000,
    toMs: 91_000,
  };
  expect(tickAt(scale, yOf(scale, 8_123))).toBeCloseTo(8_123, 9);
  expect(msAt(scale, xOf(scale, 45_600))).toBeCloseTo(45_600, 9);
  expect(yOf(scale, 8_200)).toBe(0);
});

test('lines are at round prices and times, and not too many', () => {
  expect([roundStep(7.5, 10), roundStep(0.0093, 5), roundStep(240, 6)]).toEqual([1, 0.002, 50]);
  expect([timeStep(90_000, 6), timeStep(30_000, 3)]).toEqual([15_000, 10_000]);
});
