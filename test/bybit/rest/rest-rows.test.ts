// What does the answer to a question for a book have to be, to be believed? (B18)
import { expect, test } from 'vitest';
import { bookFrom, dayFrom, klineFrom, listedFrom } from '../../../src/bybit/rest/rest-rows.ts';
import { Routes } from '../../../src/bybit/frames/routes.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import type { Slot } from '../../../src/market/units.ts';

const INSTRUMENT = createInstrument('SOLUSDT', '0.010', '0.1', 3) as Instrument;
const answer = (b: readonly string[][], a: readonly string[][], seq: unknown = 7) => ({
  s: 'SOLUSDT',
  b,
  a,
  seq,
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
  ['a book without bids', { ...answer([], ASKS), b: undefined }],
  ['a book without asks', { ...answer([], ASKS), a: undefined }],
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
])('B12: a bid or an ask of %s × %s lies on no grid of ours', (price, size) => {
  expect(bookFrom(answer([[price, size]], ASKS), INSTRUMENT)).toBe('off-grid');
  expect(bookFrom(answer([], [[price, size]]), INSTRUMENT)).toBe('off-grid');
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

const LISTED = {
  symbol: 'SOLUSDT',
  contractType: 'LinearPerpetual',
  status: 'Trading',
  quoteCoin: 'USDT',
  settleCoin: 'USDT',
  symbolType: 'innovation',
  isPreListing: false,
  launchTime: '1634256000000',
  deliveryTime: '1786320000000',
  priceScale: '3',
  leverageFilter: { maxLeverage: '12.50' },
  priceFilter: { tickSize: '0.010' },
  lotSizeFilter: {
    minOrderQty: '0.2',
    maxOrderQty: '79770.0',
    maxMktOrderQty: '5000.0',
    qtyStep: '0.1',
    minNotionalValue: '5',
  },
  riskParameters: { priceLimitRatioX: '0.03' },
  fundingInterval: 480,
};
const without = (path: string): object => {
  const row = structuredClone(LISTED) as unknown as Record<string, unknown>;
  const [first = '', second] = path.split('.');
  if (second === undefined) row[first] = '';
  else (row[first] as Record<string, unknown>)[second] = '';
  return row;
};

test('what may be ordered of a contract, until when it is traded and how often it is funded', () => {
  expect(listedFrom(LISTED)).toEqual({
    instrument: INSTRUMENT,
    contractType: 'LinearPerpetual',
    status: 'Trading',
    quoteCoin: 'USDT',
    settleCoin: 'USDT',
    symbolType: 'innovation',
    isPreListing: false,
    launchTime: 1_634_256_000_000,
    deliveryTime: 1_786_320_000_000,
    terms: {
      lotsMin: 2,
      lotsMaxLimit: 797_700,
      lotsMaxMarket: 50_000,
      notionalMin: 500_000_000n,
      leverageMax: 1_250,
      bandRatio: 0.03,
      fundingIntervalMs: 28_800_000,
    },
  });
});

test('a contract that does not say when it began or ends is old and goes on, and its leverage is read to the hundredth', () => {
  expect(listedFrom(without('launchTime'))).toMatchObject({ launchTime: 0, deliveryTime: 1_786_320_000_000 });
  expect(listedFrom(without('deliveryTime'))).toMatchObject({ deliveryTime: 0 });
  // As floats, a hundred times 8.2 is less than 820.
  const { terms } = listedFrom({ ...LISTED, leverageFilter: { maxLeverage: '8.20' } }) ?? {};
  expect(terms?.leverageMax).toBe(820);
});

test('a coin whose tick is finer than a unit of money is watched, and has no terms to be traded by', () => {
  const listed = (tickSize: string, priceScale: string) =>
    listedFrom({ ...LISTED, symbol: '10000SATSUSDT', priceScale, priceFilter: { tickSize } });
  const isTraded = (tick: string, scale: string): unknown => listed(tick, scale)?.terms !== undefined;
  expect([isTraded('0.00000001', '8'), isTraded('0.000000010', '9')]).toEqual([true, true]);
  expect([isTraded('0.000000001', '9'), listed('0.000000001', '9')?.instrument.priceScale]).toEqual([false, 9]);
});

test.each([
  'lotSizeFilter.minOrderQty',
  'lotSizeFilter.maxOrderQty',
  'lotSizeFilter.maxMktOrderQty',
  'lotSizeFilter.minNotionalValue',
  'leverageFilter.maxLeverage',
  'riskParameters.priceLimitRatioX',
  'fundingInterval',
])('a contract that is listed without its %s is watched and has no terms to be traded by (X07)', (path) => {
  expect(listedFrom(without(path))).toMatchObject({ instrument: INSTRUMENT, terms: undefined });
});

test.each(['priceFilter.tickSize', 'lotSizeFilter.qtyStep', 'symbol'])(
  'a row without its %s is none, and harms none of the others (X07)',
  (path) => expect(listedFrom(without(path))).toBeUndefined(),
);

const DAY = {
  symbol: 'SOLUSDT',
  price24hPcnt: '-0.0312',
  turnover24h: '123456789.5',
  lastPrice: '77.310',
  nextFundingTime: '1786320000000',
  fundingRate: '-0.0001',
};

test('a day is read with its funding, and without change or turnover it is none', () => {
  expect(dayFrom(DAY)).toEqual({
    symbol: 'SOLUSDT',
    change: -0.0312,
    turnover: 123_456_789.5,
    turnoverText: '123456789.5',
    lastPriceText: '77.310',
    nextFundingMs: 1_786_320_000_000,
    fundingRateText: '-0.0001',
  });
  const odd = ['symbol', 'price24hPcnt', 'turnover24h'].map((name) => dayFrom({ ...DAY, [name]: '' }));
  expect(odd).toEqual([undefined, undefined, undefined]);
  expect(['', '--', 'UNKNOWN'].map((lastPrice) => dayFrom({ ...DAY, lastPrice })?.lastPriceText)).toEqual(['', '', '']);
  expect(dayFrom({ ...DAY, nextFundingTime: '99999999999999999999' })?.nextFundingMs).toBeUndefined();
});

test('a candle without its time, or with a price that is none, is none', () => {
  const candle = ['1786310820000', '77.30', '77.40', '77.20', '77.31', '1', '77'];
  expect(klineFrom(candle, INSTRUMENT)).toEqual({
    start: 1_786_310_820_000,
    high: 7_740,
    low: 7_720,
  });
  for (const i of [0, 2, 3]) expect(klineFrom(candle.with(i, ''), INSTRUMENT)).toBeUndefined();
});
