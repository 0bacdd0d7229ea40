import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import {
  moneyFromDecimal,
  moneyFromNumber,
  moneyText,
  notionalOf,
  percentOf,
  priceOf,
  worthOf,
} from '../../src/market/money.ts';
import type { Lot, Tick } from '../../src/market/units.ts';

const sol = createInstrument('SOLUSDT', '0.010', '0.1', 3) as Instrument;

test('three tenths of a coin at 65.01 are worth 19.503', () => {
  expect(moneyText(notionalOf(6_501 as Tick, 3 as Lot, sol))).toBe('19.503');
  expect(moneyText(priceOf(6_501 as Tick, sol))).toBe('65.01');
  expect(moneyText(worthOf(6_501_000_000n, 3 as Lot, sol))).toBe('19.503');
});

test('a grid finer than a unit of money costs the whole unit, never nothing', () => {
  const fine = createInstrument('FINEUSDT', '0.0000001', '0.001') as Instrument;
  expect(notionalOf(1 as Tick, 1 as Lot, fine)).toBe(1n);
  expect(notionalOf(1 as Tick, -1 as Lot, fine)).toBe(-1n);
});

test('a percentage of the configuration is taken exactly', () => {
  expect(percentOf(moneyFromNumber(10_000), 0.055)).toBe(moneyFromNumber(5.5));
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
