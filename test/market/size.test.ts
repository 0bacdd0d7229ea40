// Is a size that lies between two steps kept to its last digit, and is what is left of a position never nothing?
import { expect, test } from 'vitest';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import {
  exactSizeText,
  isOnStep,
  lotsOfSize,
  nearestLots,
  sizeDecimal,
  sizeFromDecimal,
  sizeOf,
  sizesFromDecimals,
  type Size,
} from '../../src/market/size.ts';

/** In steps of half a coin. */
const half = createInstrument('HALFUSDT', '0.01', '0.5') as Instrument;
const size = (text: string): Size => sizeFromDecimal(text) as Size;

test('a size is read as it is printed to the twenty-second digit, and anything else is no size', () => {
  expect(['1.30', '0', '1000', '0.0000000000000000000001'].map((text) => sizeDecimal(size(text)))).toEqual([
    '1.3',
    '0',
    '1000',
    '0.0000000000000000000001',
  ]);
  for (const text of ['', '-1', '1.', '.5', '01', '1e5', ' 1', '0.00000000000000000000001'])
    expect(sizeFromDecimal(text), text).toBeUndefined();
});

test('lots are so many steps, and a size between two is the nearest of them, at least one for any but nothing', () => {
  expect(sizeOf(-3, half)).toBe(-size('1.5'));
  const finest = createInstrument('FINEUSDT', '0.01', '0.0000000000000000000001') as Instrument;
  expect(sizeOf(7, finest)).toBe(7n);
  const sizes = [size('1.5'), size('1.74'), size('1.75'), size('0.01'), 0n, -size('0.01'), -size('1.76')];
  expect(sizes.map((one) => nearestLots(one, half))).toEqual([3, 3, 4, 1, 0, -1, -4]);
  expect(sizes.slice(0, 3).map((one) => lotsOfSize(one, half))).toEqual([3, 3.48, 3.5]);
  const tenth = createInstrument('TENTHUSDT', '0.01', '0.1') as Instrument;
  expect(lotsOfSize(size('1.9'), tenth), 'no float is divided: it would be 19.000000000000004').toBe(19);
  expect(sizes.slice(0, 2).map((one) => isOnStep(one, half))).toEqual([true, false]);
});

test('on the step a size is told as the exchange prints it, between two to its last digit, with its sign', () => {
  const told = [size('2'), -size('2'), size('1.74'), -size('0.740'), 0n].map((one) => exactSizeText(one, half));
  expect(told).toEqual(['2.0', '-2.0', '1.74', '-0.74', '0.0']);
});

test('of an execution the lots are told, and the sizes themselves where one of the two lies between the steps', () => {
  expect(sizesFromDecimals('1.5', '0.5', half)).toEqual({ lots: 3, closedLots: 1 });
  const exact = (bought: string, closed: string) => ({ exact: { size: size(bought), closed: size(closed) } });
  expect(sizesFromDecimals('1.5', '0.6', half)).toEqual({ lots: 3, closedLots: 1, ...exact('1.5', '0.6') });
  expect(sizesFromDecimals('1.3', '0', half)).toEqual({ lots: 3, closedLots: 0, ...exact('1.3', '0') });
  expect([sizesFromDecimals('-1', '0', half), sizesFromDecimals('1', '', half)]).toEqual([undefined, undefined]);
});
