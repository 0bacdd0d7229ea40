// Who says what tick and lot are, and what is believed when nobody does?
import { expect, test } from 'vitest';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import { filed, Instruments, readInstruments } from '../../src/record/instruments.ts';
import { bookFrame, REAL, REAL_INSTRUMENTS, useDirectory } from './recorded.ts';

const directory = useDirectory();
const recorded = createInstrument('SOLUSDT', '0.010', '0.1', 3) as Instrument;
const listed = filed(createInstrument('SOLUSDT', '0.05', '1') as Instrument);
const snapshot = bookFrame(
  'snapshot',
  1,
  [
    ['99.50', '3.0'],
    ['99.45', '20.5'],
  ],
  [['100.00', '4.0']],
);

test('the recording goes before the file, the file before a guess', () => {
  const known = new Instruments(new Map([['SOLUSDT', listed]]));
  known.learn(recorded);
  expect(known.resolve('SOLUSDT', snapshot)).toEqual({ source: 'recording', instrument: recorded, refined: 0 });
  const fromFile = new Instruments(new Map([['SOLUSDT', listed]]));
  expect(fromFile.resolve('SOLUSDT', snapshot)).toEqual({ ...listed, source: 'file', refined: 0 });
  expect(new Instruments().resolve('SOLUSDT', snapshot)?.source).toBe('derived');
});

test('a guess is the largest plain step that every printed number is a multiple of, with the decimals that are printed', () => {
  const known = new Instruments();
  known.resolve('SOLUSDT', snapshot);
  expect(known.report()).toEqual({ SOLUSDT: { source: 'derived', tickSize: '0.05', qtyStep: '0.5', refined: 0 } });
  const alone = new Instruments();
  alone.resolve('SOLUSDT', bookFrame('snapshot', 1, [['0.07050', '700']], [['0.07120', '1400']]));
  expect(alone.report()['SOLUSDT']).toMatchObject({ tickSize: '0.00010', qtyStep: '100' });
  const even = new Instruments();
  even.resolve('SOLUSDT', bookFrame('snapshot', 1, [['0.25', '2']], [['0.50', '4']]));
  expect(even.report()['SOLUSDT']).toMatchObject({ tickSize: '0.05', qtyStep: '2' });
});

test('a guess becomes finer when something is printed off it; what the recording says stays', () => {
  const known = new Instruments();
  known.resolve('SOLUSDT', snapshot);
  const finer = bookFrame('delta', 2, [['99.461', '3.0']], []);
  expect(known.refine('SOLUSDT', finer)).toMatchObject({ refined: 1 });
  expect(known.report()['SOLUSDT']).toEqual({ source: 'derived', tickSize: '0.001', qtyStep: '0.5', refined: 1 });
  expect(known.refine('SOLUSDT', finer)).toBeUndefined();
  known.learn(recorded);
  expect(known.refine('SOLUSDT', finer)).toBeUndefined();
});

test('one printed number says nothing about a step', () => {
  for (const side of [[], [['99.5', '0']]] as const) {
    const known = new Instruments();
    expect(known.resolve('SOLUSDT', bookFrame('snapshot', 1, [...side], []))).toBeUndefined();
    expect(known.report()).toEqual({});
  }
});

test('the answer of the exchange is read whole; anything else is refused with the remedy', async () => {
  const instruments = await readInstruments(REAL_INSTRUMENTS);
  expect(instruments.size).toBe(800);
  expect(instruments.get('BTCUSDT')).toEqual(filed(createInstrument('BTCUSDT', '0.10', '0.001', 2) as Instrument));
  await expect(readInstruments(REAL)).rejects.toThrow(/instruments-info/);
  await expect(readInstruments(await directory.write('empty.json', '{}'))).rejects.toThrow(/holds no instruments/);
  await expect(readInstruments(directory.path('none'))).rejects.toMatchObject({ code: 'missing' });
});

test('a row without a symbol, a tick, a step or a scale is left out, and the list may stand alone', async () => {
  const row = {
    symbol: 'SOLUSDT',
    priceScale: '3',
    priceFilter: { tickSize: '0.010' },
    lotSizeFilter: { qtyStep: '0.1' },
  };
  const list = [
    null,
    { ...row, symbol: 7 },
    { ...row, symbol: 'A', priceFilter: {} },
    { ...row, symbol: 'B', lotSizeFilter: { qtyStep: 0.1 } },
    ...['-1', '1.5', '16', 'x'].map((priceScale) => ({ ...row, symbol: `C${priceScale}`, priceScale })),
    row,
  ];
  const instruments = await readInstruments(await directory.write('list.json', JSON.stringify({ list })));
  expect([...instruments]).toEqual([['SOLUSDT', filed(recorded)]]);
  const none = await directory.write('none.json', JSON.stringify({ list: list.slice(0, -1) }));
  await expect(readInstruments(none)).rejects.toThrow(/holds no instruments/);
});

test('what the recording says of a symbol in use counts from then on, whatever was guessed', () => {
  const known = new Instruments();
  known.resolve('SOLUSDT', snapshot);
  expect(known.learn(recorded)).toBe(true);
  expect(known.learn(recorded)).toBe(false);
  expect([known.sourceOf('SOLUSDT'), known.sourceOf('XUSDT')]).toEqual(['recording', 'derived']);
  expect(known.resolve('SOLUSDT', snapshot)).toMatchObject({ source: 'recording', instrument: recorded });
});

test('of a text that is no book nothing is guessed', () => {
  expect(new Instruments().resolve('SOLUSDT', '{"topic":"orderbook')).toBeUndefined();
});
