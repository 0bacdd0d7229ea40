// Do the grids of the exchange turn its prices and sizes into whole numbers and back?
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createInstrument,
  lotFromDecimal,
  nearestLot,
  nearestTick,
  priceText,
  sameGrid,
  sizeText,
  tickFromDecimal,
  usdt,
  usdtText,
  type Instrument,
} from '../../src/market/instrument.ts';
import { ASK, BID, isBetter, opposite } from '../../src/market/side.ts';
import type { Lot, NotionalUnits, Tick } from '../../src/market/units.ts';

interface Row {
  readonly symbol: string;
  readonly priceScale: string;
  readonly priceFilter: { readonly tickSize: string; readonly minPrice: string; readonly maxPrice: string };
  readonly lotSizeFilter: { readonly qtyStep: string; readonly maxOrderQty: string };
}

function realRows(): Row[] {
  const file = new URL('../real/bybit/rest_instruments-info_linear_2026-08-09.json.gz', import.meta.url);
  return (JSON.parse(gunzipSync(readFileSync(file)).toString()) as { result: { list: Row[] } }).result.list;
}

const create = (...texts: [string, string, string, number?]): Instrument => createInstrument(...texts) as Instrument;

test('every real instrument has a grid on which its own limits lie, and its prices print as it prints them', () => {
  const rows = realRows();
  expect(rows).toHaveLength(800);
  const faults = rows.filter(({ symbol, priceScale, priceFilter, lotSizeFilter }) => {
    const instrument = createInstrument(symbol, priceFilter.tickSize, lotSizeFilter.qtyStep, Number(priceScale));
    if (instrument === undefined) return true;
    const low = tickFromDecimal(priceFilter.minPrice, instrument);
    const high = tickFromDecimal(priceFilter.maxPrice, instrument);
    const largest = lotFromDecimal(lotSizeFilter.maxOrderQty, instrument);
    return (
      low === undefined ||
      high === undefined ||
      low < 1 ||
      high <= low ||
      high > 0x3fffffff ||
      largest === undefined ||
      largest < 1 ||
      tickFromDecimal(priceText(high, instrument), instrument) !== high ||
      priceText(low, instrument).split('.')[1]?.length !== (Number(priceScale) || undefined) ||
      lotFromDecimal(sizeText(largest, instrument), instrument) !== largest
    );
  });
  expect(faults.map(({ symbol }) => symbol)).toEqual([]);
});

test.each([
  ['0.10', '0.001', 2, '65114.20', 651_142, '6.054', 6_054],
  ['0.010', '0.1', 3, '77.300', 7_730, '1290.2', 12_902],
  ['0.05', '0.5', undefined, '12.35', 247, '4.5', 9],
  ['0.0000010', '100', 7, '0.0123450', 12_345, '1200', 12],
  ['1', '1', undefined, '4000', 4_000, '7', 7],
])('tick %s and step %s', (tickSize, step, scale, price, tick, size, lot) => {
  const instrument = create('X', tickSize, step, scale);
  expect([tickFromDecimal(price, instrument), lotFromDecimal(size, instrument)]).toEqual([tick, lot]);
  expect([priceText(tick as Tick, instrument), sizeText(lot as Lot, instrument)]).toEqual([price, size]);
  expect(usdt((tick * lot) as NotionalUnits, instrument)).toBeCloseTo(Number(price) * Number(size), 6);
});

test('padding does not matter, and what lies off the grid is nothing', () => {
  const instrument = create('X', '0.05', '0.5');
  expect(['12.3500000', '12.35'].map((text) => tickFromDecimal(text, instrument))).toEqual([247, 247]);
  expect(['12.36', '12.3501', '', 'x', '-12.35', '1e1'].map((text) => tickFromDecimal(text, instrument))).toEqual(
    Array(6).fill(undefined),
  );
  expect(['4.25', '0.50', '0', '0.000'].map((text) => lotFromDecimal(text, instrument))).toEqual([undefined, 1, 0, 0]);
});

test('a size of billions is exact however many zeros are printed behind it', () => {
  const instrument = create('X', '0.05', '1');
  expect(lotFromDecimal('123456789012.00000000', instrument)).toBe(123_456_789_012);
});

test('what lies between two ticks is the nearest one, and never nothing', () => {
  const instrument = create('X', '0.05', '10');
  const texts = ['12.35', '12.37', '12.38', '0.01', '0', '12.350000001', '1e1', ''];
  expect(texts.map((text) => nearestTick(text, instrument))).toEqual([247, 247, 248, 1, 0, 247, undefined, undefined]);
  expect(['14', '16', '1', '0'].map((text) => nearestLot(text, instrument))).toEqual([1, 2, 1, 0]);
  // Padded to eight decimals it has more digits than are exact.
  expect(nearestLot('14000056.00000000', instrument)).toBe(1_400_006);
});

test('what a density is worth is stored exactly, however small it is', () => {
  expect(usdtText(247 as NotionalUnits, create('X', '0.05', '10'))).toBe('123.50');
  expect(usdtText(3 as NotionalUnits, create('X', '0.001', '0.5'))).toBe('0.0015');
  expect(usdtText(7 as NotionalUnits, create('X', '1', '10'))).toBe('70');
});

test('any tick and lot of any grid come back from their texts', () => {
  const step = fc.constantFrom('1', '0.5', '0.25', '0.1', '0.05', '0.001', '0.0000025', '10', '1000');
  fc.assert(
    fc.property(step, step, fc.integer({ min: 1, max: 2 ** 30 }), (tickSize, qtyStep, n) => {
      const instrument = create('X', tickSize, qtyStep);
      return (
        tickFromDecimal(priceText(n as Tick, instrument), instrument) === n &&
        lotFromDecimal(sizeText(n as Lot, instrument), instrument) === n
      );
    }),
  );
});

test('grids are the same whatever their spelling; nonsense has none', () => {
  expect(sameGrid(create('A', '0.10', '1.0', 1), create('B', '0.1', '1'))).toBe(true);
  expect(sameGrid(create('A', '0.10', '1'), create('A', '0.5', '1'))).toBe(false);
  expect(sameGrid(create('A', '0.10', '1'), create('A', '0.10', '10'))).toBe(false);
  expect(sameGrid(create('A', '0.1', '1'), create('A', '0.01', '1')), 'a tick ten times finer').toBe(false);
  expect(sameGrid(create('A', '0.1', '1'), create('A', '0.1', '0.1')), 'a step ten times finer').toBe(false);
  expect(sameGrid(create('A', '0.001', '1', 2), create('A', '0.001', '1')), 'a scale that is too coarse').toBe(true);
  for (const [tick, step] of [
    ['0', '1'],
    ['0.00', '1'],
    ['1', '0'],
    ['x', '1'],
    ['1', ''],
    ['-1', '1'],
  ] as const)
    expect(createInstrument('X', tick, step)).toBeUndefined();
});

test('a bid is better when higher, an ask when lower', () => {
  expect([
    isBetter(BID, 2 as Tick, 1 as Tick),
    isBetter(ASK, 2 as Tick, 1 as Tick),
    isBetter(BID, 1 as Tick, 1 as Tick),
  ]).toEqual([true, false, false]);
  expect([opposite(BID), opposite(ASK)]).toEqual([ASK, BID]);
});
