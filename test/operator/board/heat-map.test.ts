// Do the rows of the map follow the price and fit the book, without jumping about?
import { expect, test } from 'vitest';
import { CHANGE_BUY, CHANGE_RPI_BUY, CHANGE_RPI_SELL, CHANGE_SELL } from '../../../src/book/layout.ts';
import { createView, type BookView } from '../../../src/book/read.ts';
import { LIVE, SUSPECT, type Trust } from '../../../src/book/trust.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import type { Slot } from '../../../src/market/units.ts';
import { HeatMap } from '../../../src/operator/board/heat-map.ts';
import { COLUMNS_KEPT, readColumns, usdtOf, type Column } from '../../../src/operator/page/protocol-columns.ts';
import { createTape, TRADES } from '../../../src/tape/layout.ts';
import { addTrade } from '../../../src/tape/write.ts';

const SLOT = 0 as Slot;
const SOL = createInstrument('SOLUSDT', '0.01', '0.1') as Instrument;
const tape = createTape(1);

/** 100 levels a side, so many ticks apart, on both sides of a mid. */
function book(mid: number, apart = 2, trust: Trust = LIVE): BookView {
  const view = createView();
  view.depth = 200;
  view.trust = trust;
  for (const side of [0, 1] as const) {
    view.counts[side] = 100;
    for (let i = 0; i < 100; i++) {
      view.ticks[side][i] = mid + (side === 0 ? -1 : 1) * (1 + i * apart);
      view.lots[side][i] = 10;
    }
  }
  return view;
}

const mapOf = (view: BookView): HeatMap => new HeatMap(SLOT, SOL, 1, 1, view, tape);

let number = 0;
function columnOf(map: HeatMap, view: BookView): Column {
  map.add(view, tape, ++number, 0);
  return readColumns(map.message(1).buffer as ArrayBuffer)?.columns[0] as Column;
}

test('a price that trembles leaves the rows where they are, one that wanders off takes them with it', () => {
  const map = mapOf(book(20_000));
  const row = map.bucketTicks;
  const baseOf = (rows: number): number => columnOf(map, book(20_000 + rows * row)).baseRow;
  const first = baseOf(0);
  expect([baseOf(40), baseOf(-40), baseOf(0)]).toEqual([first, first, first]);
  expect(baseOf(41)).toBe(first + 41);
  expect(baseOf(2), 'from where they are now').toBe(first + 41);
  expect(baseOf(0)).toBe(first);
});

test.each([
  ['wider', 8],
  ['narrower', 0.5],
])('a book that for ten seconds is much %s than its rows is laid anew, not one that is so for a moment', (_, part) => {
  const map = mapOf(book(200_000, 4));
  const other = book(200_000, 4 * part);
  if (part < 1) for (const side of [0, 1] as const) other.counts[side] = 20;
  for (let i = 0; i < 99; i++) map.add(other, tape, i, 0);
  expect(map.isMisfit).toBe(false);
  map.add(book(200_000, 4), tape, 99, 0);
  for (let i = 100; i < 199; i++) map.add(other, tape, i, 0);
  expect(map.isMisfit).toBe(false);
  map.add(other, tape, 199, 0);
  expect(map.isMisfit).toBe(true);
});

test('a book that is not to be believed says nothing about how large the rows should be', () => {
  const map = mapOf(book(200_000, 4));
  for (let i = 0; i < 200; i++) map.add(book(200_000, 32, SUSPECT), tape, i, 0);
  expect(map.isMisfit).toBe(false);
});

test('each row holds what rests in its ticks now, and a side that is taken away leaves none of it', () => {
  const view = book(20_000);
  const map = mapOf(view);
  const restsIn = ({ cells }: Column): number => cells.reduce((sum, cell) => sum + usdtOf(cell), 0);
  const ticks = [...view.ticks[0].subarray(0, 100), ...view.ticks[1].subarray(0, 100)];
  const seen = (sides: readonly number[]): number => sides.reduce((sum, tick) => sum + tick * 10 * SOL.notionalUnit, 0);
  expect(restsIn(columnOf(map, view)) / seen(ticks)).toBeCloseTo(1, 3);
  view.counts[1] = 0;
  const half = columnOf(map, view);
  expect(restsIn(half) / seen(ticks.slice(0, 100))).toBeCloseTo(1, 3);
  expect([half.bid, half.ask]).toEqual([19_999, 0]);
});

test('where one side is gone and the price runs off, what is still within the rows is shown', () => {
  const map = mapOf(book(20_000));
  const view = book(20_000 + 120 * map.bucketTicks);
  view.counts[1] = 0;
  const { cells } = columnOf(map, view);
  expect(cells.filter((cell) => cell > 0).length).toBeGreaterThan(50);
});

test.each([
  ['of which all is near', book(20_000), 2],
  ['of which nearly all is near, the rest far away', book(200_000, 100), 50],
  ['with more room on one side', Object.assign(book(20_000, 6), { counts: new Int32Array([100, 3]) }), 5],
  ['of one tick’s distance', book(20_000, 1), 1],
])('the rows of a book %s are so many ticks high that they hold it', (_, view, ticks) => {
  expect(mapOf(view).bucketTicks).toBe(ticks);
});

test('of more trades between two columns than are kept those are told that are kept, each once', () => {
  const traded = createTape(1);
  const map = new HeatMap(SLOT, SOL, 1, 1, book(20_000), traded);
  for (let i = 0; i < TRADES + 100; i++) addTrade(traded, SLOT, new Float64Array([i]), 0, 20_001, 1, true, CHANGE_BUY);
  map.add(book(20_000), traded, 0, 0);
  const told = readColumns(map.message(1).buffer as ArrayBuffer)?.columns[0]?.trades;
  expect(told).toHaveLength(1);
  expect((told?.[0]?.usdt as number) / (TRADES * 20_001 * SOL.notionalUnit)).toBeCloseTo(1, 3);
});

test('a column tells when it was, of which map it is, the touch, and how far the book reaches where that is known', () => {
  const view = book(20_000);
  const map = new HeatMap(SLOT, SOL, 1, 77, view, tape);
  map.add(view, tape, 5, 1_764_072_000_123);
  view.depth = 100;
  view.trust = SUSPECT;
  map.add(view, tape, 6, 1_764_072_000_223);
  const message = readColumns(map.message(2).buffer as ArrayBuffer);
  expect(message?.stream).toBe(77);
  const touch = { baseRow: 20_000 / map.bucketTicks - 100, bid: 19_999, ask: 20_001 };
  expect(message?.columns).toMatchObject([
    { number: 5, atMs: 1_764_072_000_123, ...touch, lowest: -(2 ** 31), highest: 2 ** 31 - 1, trust: LIVE },
    { number: 6, atMs: 1_764_072_000_223, ...touch, lowest: 19_801, highest: 20_199, trust: SUSPECT },
  ]);
});

test('what was bought and what was sold at a price since the last column is told apart, each with its sum', () => {
  const traded = createTape(2);
  const slot = 1 as Slot;
  const print = (tick: number, lots: number, kind: number): void =>
    addTrade(traded, slot, new Float64Array([0]), 0, tick, lots, true, kind);
  print(20_009, 1, CHANGE_BUY); // before anybody looked
  const map = new HeatMap(slot, SOL, 1, 1, book(20_000), traded);
  print(20_001, 30, CHANGE_BUY);
  print(20_001, 500, CHANGE_SELL);
  print(20_002, 7_000, CHANGE_RPI_SELL);
  print(20_001, 20, CHANGE_RPI_BUY);
  map.add(book(20_000), traded, 0, 0);
  map.add(book(20_000), traded, 1, 0);
  const columns = readColumns(map.message(2).buffer as ArrayBuffer)?.columns;
  const told = columns?.map(({ trades }) =>
    trades.map(({ tick, side, usdt }) => [tick, side, Number(usdt.toPrecision(2))]),
  );
  expect(told).toEqual([
    [
      [20_001, 'buy', 1_000],
      [20_001, 'sell', 10_000],
      [20_002, 'sell', 140_000],
    ],
    [],
  ]);
});

test('of a long look back as many columns are told as are kept, the oldest first', () => {
  const map = mapOf(book(20_000));
  for (let i = 1; i <= COLUMNS_KEPT + 5; i++) map.add(book(20_000), tape, i, 0);
  const numbers = (asked: number) =>
    readColumns(map.message(asked).buffer as ArrayBuffer)?.columns.map((column) => column.number);
  expect(numbers(10_000)).toEqual(Array.from({ length: COLUMNS_KEPT }, (_, i) => i + 6));
  expect(numbers(2)).toEqual([COLUMNS_KEPT + 4, COLUMNS_KEPT + 5]);
});
