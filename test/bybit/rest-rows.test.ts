// What does the answer to a question for a book have to be, to be believed? (B18)
import { expect, test } from 'vitest';
import { bookFrom, listedFrom } from '../../src/bybit/rest-rows.ts';
import { Routes } from '../../src/bybit/routes.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { Slot } from '../../src/market/units.ts';

const INSTRUMENT = createInstrument('SOLUSDT', '0.010', '0.1', 3) as Instrument;
const answer = (b: readonly string[][], a: readonly string[][], seq: unknown = 7) => ({
  s: 'SOLUSDT',
  b,
  a,
  seq,
  cts: 9,
});
const ASKS = [['77.310', '2.5']];

test('its levels become ticks and lots from the touch outward', () => {
  const book = bookFrom(
    answer(
      [
        ['77.300', '12.5'],
        ['77.290', '4.0'],
      ],
      ASKS,
    ),
    INSTRUMENT,
  );
  expect(book).toEqual({
    sides: [
      { ticks: Int32Array.of(7_730, 7_729), lots: Float64Array.of(125, 40) },
      { ticks: Int32Array.of(7_731), lots: Float64Array.of(25) },
    ],
    seq: 7,
    cts: 9,
  });
});

test.each([
  [
    'bids that go up',
    answer(
      [
        ['77.290', '4.0'],
        ['77.300', '12.5'],
      ],
      ASKS,
    ),
  ],
  [
    'one price twice',
    answer(
      [
        ['77.300', '4.0'],
        ['77.300', '12.5'],
      ],
      ASKS,
    ),
  ],
  [
    'asks that go down',
    answer(
      [],
      [
        ['77.320', '1.0'],
        ['77.310', '1.0'],
      ],
    ),
  ],
  ['a book without its sequence', answer([], ASKS, 'soon')],
  ['no book at all', 'Too many visits'],
])('%s is no book', (_, told) => {
  expect(bookFrom(told, INSTRUMENT)).toBeUndefined();
});

test.each([
  ['77.305', '4.0'],
  ['77.300', '4.05'],
  ['1e2', '4.0'],
  ['99999999999.990', '4.0'],
])('B12: a bid of %s × %s lies on no grid of ours', (price, size) => {
  expect(bookFrom(answer([[price, size]], ASKS), INSTRUMENT)).toBe('off-grid');
});

test('a contract with a name for which there is no room is not listed: every one that is can be watched', () => {
  const named = (symbol: string) =>
    listedFrom({ symbol, priceFilter: { tickSize: '0.01' }, lotSizeFilter: { qtyStep: '1' }, priceScale: '2' });
  const names = [
    'X'.repeat(32),
    'X'.repeat(33),
    '币安人生USDT',
    '一二三四五六七八九USDT',
    '一二三四五六七八九十USDT',
    '',
  ];
  const listed = names.flatMap((name) => named(name)?.instrument.symbol ?? []);
  expect(listed).toEqual(['X'.repeat(32), '币安人生USDT', '一二三四五六七八九USDT']);
  const routes = new Routes(8);
  for (const [slot, name] of listed.entries()) routes.add(name, slot as Slot);
  expect(listed.map((name) => routes.slotOf(name))).toEqual([0, 1, 2]);
});

test('a coin whose tick is finer than a unit of money is watched, and has no terms to be traded by', () => {
  const row = (tickSize: string, priceScale: string): object => ({
    symbol: '10000SATSUSDT',
    priceScale,
    priceFilter: { tickSize },
    lotSizeFilter: {
      maxOrderQty: '410000000',
      minOrderQty: '100',
      qtyStep: '100',
      maxMktOrderQty: '82000000',
      minNotionalValue: '5',
    },
    leverageFilter: { maxLeverage: '12.50' },
    riskParameters: { priceLimitRatioX: '0.15' },
    fundingInterval: 240,
  });
  const isTraded = (tick: string, scale: string): unknown => listedFrom(row(tick, scale))?.terms !== undefined;
  expect([isTraded('0.00000001', '8'), isTraded('0.000000010', '9')]).toEqual([true, true]);
  expect([isTraded('0.000000001', '9'), listedFrom(row('0.000000001', '9'))?.instrument.priceScale]).toEqual([
    false,
    9,
  ]);
});
