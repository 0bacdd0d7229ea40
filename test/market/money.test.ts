import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import {
  isPriced,
  moneyFromDecimal,
  moneyFromNumber,
  moneyText,
  notionalOf,
  percentOf,
  priceOf,
  worthOf,
  worthOfSize,
} from '../../src/market/money.ts';
import { sizeFromDecimal, type Size } from '../../src/market/size.ts';
import type { Lot, Tick } from '../../src/market/units.ts';

const sol = createInstrument('SOLUSDT', '0.010', '0.1', 3) as Instrument;

test('three tenths of a coin at 65.01 are worth 19.503', () => {
  expect(moneyText(notionalOf(6_501 as Tick, 3 as Lot, sol))).toBe('19.503');
  expect(moneyText(priceOf(6_501 as Tick, sol))).toBe('65.01');
  expect(moneyText(worthOf(6_501_000_000n, 3 as Lot, sol))).toBe('19.503');
  expect(moneyText(worthOfSize(6_501_000_000n, sizeFromDecimal('0.3') as Size))).toBe('19.503');
});

test('where a tick and a step are several units of their last digit, both count', () => {
  const coarse = createInstrument('COARSEUSDT', '0.50', '10', 2) as Instrument;
  expect(moneyText(priceOf(3 as Tick, coarse))).toBe('1.5');
  expect(moneyText(notionalOf(3 as Tick, 2 as Lot, coarse))).toBe('30');
  expect(moneyText(worthOf(moneyFromNumber(1.5), 2 as Lot, coarse))).toBe('30');
});

test('a configured sum is so many USDT, and nothing has no sign', () => {
  expect([0.1, 0.29].map(moneyFromNumber)).toEqual([10_000_000n, 29_000_000n]);
  expect(moneyText(moneyFromNumber(-0.05))).toBe('-0.05');
  expect(moneyText(0n)).toBe('0');
});

test('a price is a whole number of units, or nothing can be traded at it', () => {
  const priced = ['0.50', '0.00000001', '0.00000005', '0.000000001', '0.000000125'].map((tick) =>
    isPriced(createInstrument('XUSDT', tick, '1') as Instrument),
  );
  expect(priced).toEqual([true, true, true, false, false]);
});

test('a grid finer than a unit of money costs the whole unit, never nothing', () => {
  const fine = createInstrument('FINEUSDT', '0.0000001', '0.001') as Instrument;
  expect(notionalOf(1 as Tick, 1 as Lot, fine)).toBe(1n);
  expect(notionalOf(1 as Tick, -1 as Lot, fine)).toBe(-1n);
  expect(notionalOf(12_345 as Tick, 100 as Lot, fine)).toBe(12_345n);
});

test('a percentage of the configuration is taken exactly', () => {
  expect(percentOf(moneyFromNumber(10_000), 0.055)).toBe(moneyFromNumber(5.5));
  expect(percentOf(moneyFromNumber(100), 0.57)).toBe(moneyFromNumber(0.57));
  // Times a million it is 2009999.9999999998.
  expect(percentOf(moneyFromNumber(100), 2.01)).toBe(moneyFromNumber(2.01));
  expect(percentOf(1n, 0.01)).toBe(1n);
});

test('money is read from an exchange’s text as it is printed, and anything else is no money', () => {
  expect(moneyFromDecimal('-0.00000001')).toBe(-1n);
  expect(moneyFromDecimal('0')).toBe(0n);
  for (const text of ['', '-', '1e5', '+1', '01', '1.', '.5', 'NaN', ' 1']) {
    expect(moneyFromDecimal(text), text).toBeUndefined();
  }
  fc.assert(fc.property(fc.bigInt(-(10n ** 20n), 10n ** 20n), (money) => moneyFromDecimal(moneyText(money)) === money));
});
