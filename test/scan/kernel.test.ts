// Does the kernel keep its books while its memory grows, and is it what its sources give?
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { VIEW_LEVELS_MAX } from '../../src/book/read.ts';
import { compileKernel } from '../../src/lib/assembly.ts';
import { createRng } from '../../src/lib/rng.ts';
import { ScanKernel, Side } from '../../src/scan/kernel/kernel.ts';
import { CHANGES_MAX, FULL, SPARE_PLACES, STRANGE, TAKEN } from '../../src/scan/kernel/layout.ts';
import { recipe } from '../../src/scan/kernel/recipe.ts';

type Change = readonly [side: 0 | 1, tick: number, old: number, lot: number];

function take(kernel: ScanKernel, [bids, asks]: readonly [Side, Side], changes: readonly Change[]): number {
  for (const [i, change] of changes.entries()) kernel.changes.set(change, 4 * i);
  return kernel.call.takeAll(bids.at, asks.at, changes.length);
}

function shown({ ticks, units, from, end }: Side): (readonly [tick: number, lot: number])[] {
  return Array.from({ length: end - from }, (_, i) => {
    const tick = ticks[from + i] as number;
    return [tick, (units[from + i] as number) / tick];
  });
}

/** Nearest the touch first. */
function sorted(levels: ReadonlyMap<number, number>, side: 0 | 1): (readonly [tick: number, lot: number])[] {
  return [...levels].toSorted(([a], [b]) => (side === 0 ? b - a : a - b));
}

test('the kernel in the tree is the one that its source makes', async () => {
  const kept = readFileSync(recipe.binary);
  expect(Buffer.from(await compileKernel(recipe)).equals(kept), 'scan.wasm is old: npm run kernel').toBe(true);
});

test.each([1, 5, 50, 300])('%i levels a side come, change and go as in a map, and their sums with them', (depth) => {
  const kernel = new ScanKernel();
  const { sides } = kernel.createBook(depth);
  const plain = [new Map<number, number>(), new Map<number, number>()] as const;
  const rng = createRng(depth);
  for (let message = 0; message < 3_000; message++) {
    const changes: Change[] = [];
    for (let i = rng.below(CHANGES_MAX); i >= 0; i--) {
      const side = rng.below(2) as 0 | 1;
      const tick = 1_000 + rng.below(2 * depth) + Math.floor(message / 10);
      const old = plain[side].get(tick) ?? 0;
      const lot = rng.next() < 0.5 || (old === 0 && plain[side].size >= depth) ? 0 : 1 + rng.below(9);
      if (lot === old) continue;
      if (lot === 0) plain[side].delete(tick);
      else plain[side].set(tick, lot);
      changes.push([side, tick, old, lot]);
    }
    expect(take(kernel, sides, changes)).toBe(TAKEN);
    for (const side of [0, 1] as const) {
      const { at, from, end } = sides[side];
      const levels = sorted(plain[side], side);
      expect(shown(sides[side])).toEqual(levels);
      const some = rng.below(levels.length + 1);
      const notional = levels.slice(0, some).reduce((sum, [tick, lot]) => sum + tick * lot, 0);
      expect(kernel.call.notionalBefore(at, from + some)).toBe(notional);
      const tick = 1_000 + rng.below(2 * depth) + Math.floor(message / 10);
      const place = levels.findIndex(([other]) => (side === 0 ? other <= tick : other >= tick));
      expect(kernel.call.placeOf(at, tick, from)).toBe(place < 0 ? end : from + place);
    }
  }
});

test('a change of another book is strange, and a side can be full', () => {
  const kernel = new ScanKernel();
  const { sides } = kernel.createBook(1);
  expect(take(kernel, sides, [[1, 500, 3, 4]])).toBe(STRANGE);
  expect(
    take(kernel, sides, [
      [1, 500, 0, 4],
      [1, 500, 3, 0],
    ]),
  ).toBe(STRANGE);
  for (let tick = 501; tick < 500 + SPARE_PLACES; tick++) expect(take(kernel, sides, [[1, tick, 0, 1]])).toBe(TAKEN);
  expect(take(kernel, sides, [[1, 2_000, 0, 1]])).toBe(FULL);
  expect(shown(sides[1])).toHaveLength(SPARE_PLACES);
});

test('books keep what they hold while the memory grows, and a dropped one is given out again', () => {
  const kernel = new ScanKernel();
  const books = Array.from({ length: 40 }, (_, i) => {
    const sides = kernel.createSides(i % 2 === 0 ? 50 : VIEW_LEVELS_MAX);
    const [bids, asks] = sides;
    const book = [new Side(kernel, bids), new Side(kernel, asks)] as const;
    take(kernel, book, [
      [0, 100 + i, 0, 7 + i],
      [1, 200 + i, 0, 9 + i],
    ]);
    return { sides, book };
  });
  for (const [i, { book }] of books.entries()) {
    expect(shown(book[0])).toEqual([[100 + i, 7 + i]]);
    expect(shown(book[1])).toEqual([[200 + i, 9 + i]]);
  }
  const dropped = books[1]?.sides;
  if (dropped === undefined) throw new Error('unreachable: there are forty');
  kernel.dropSides(dropped);
  expect(kernel.createSides(50)).not.toEqual(dropped);
  expect(kernel.createSides(VIEW_LEVELS_MAX)).toEqual(dropped);
});
