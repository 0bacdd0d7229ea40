// Does every name find its own slot and no other, however symbols come and go?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HASH_SEED, hashByte, NO_SLOT, Routes } from '../../../src/bybit/frames/routes.ts';
import { NAME_BYTES_MAX } from '../../../src/book/kernel-places.ts';
import type { Slot } from '../../../src/market/units.ts';

function find(routes: Routes, symbol: string): number {
  const bytes = Buffer.from(`..${symbol}"`);
  let hash = HASH_SEED;
  for (const byte of Buffer.from(symbol)) hash = hashByte(hash, byte);
  return routes.find(bytes, 2, bytes.length - 1, hash);
}

const name = fc.string({ unit: fc.constantFrom('A', 'B', '1', 'é'), minLength: 1, maxLength: 6 });

test('a full table of names agrees with a map through any order of coming and going', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ name, add: fc.boolean() }), { maxLength: 60, size: 'max' }), (steps) => {
      const routes = new Routes(16);
      const map = new Map<string, Slot>();
      for (const [i, step] of steps.entries()) {
        if (step.add && map.size < 16) {
          map.set(step.name, i as Slot);
          routes.add(step.name, i as Slot);
        } else {
          map.delete(step.name);
          routes.remove(step.name);
        }
        for (const { name: any } of steps)
          if (find(routes, any) !== (map.get(any) ?? NO_SLOT) || routes.slotOf(any) !== map.get(any)) return false;
      }
      return true;
    }),
    { numRuns: 300 },
  );
});

test('eight hundred symbols of the exchange each find their slot, and their neighbours in spelling find none', () => {
  const routes = new Routes(1_024);
  const symbols = Array.from(
    { length: 800 },
    (_, i) => `${i % 3 === 0 ? '1000' : ''}C${i.toString(36).toUpperCase()}USDT`,
  );
  for (const [slot, symbol] of symbols.entries()) routes.add(symbol, slot as Slot);
  expect(symbols.map((symbol) => find(routes, symbol))).toEqual(symbols.map((_, slot) => slot));
  expect(
    symbols.filter((symbol) => find(routes, `${symbol}C`) !== NO_SLOT || find(routes, symbol.slice(1, -1)) !== NO_SLOT),
  ).toEqual([]);
});

test('a name that no topic could carry is a bug of the caller', () => {
  const routes = new Routes(1);
  expect(() => routes.add('', 0 as Slot)).toThrow(/too long/);
  expect(() => routes.add('X'.repeat(NAME_BYTES_MAX + 1), 0 as Slot)).toThrow(/too long/);
  routes.add('X'.repeat(NAME_BYTES_MAX), 0 as Slot);
  expect(find(routes, 'X'.repeat(NAME_BYTES_MAX))).toBe(0);
});
