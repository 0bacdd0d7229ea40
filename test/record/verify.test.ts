// Is the verifier a second opinion, and does it count what it sees?
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { Verifier } from '../../src/record/verify.ts';
import { bookFrame, type TestLevel } from './recorded.ts';

const BIDS: TestLevel[] = [
  ['99.5', '3'],
  ['99', '1'],
];
const ASKS: TestLevel[] = [['100', '2']];

test('it shares no code with the engine', async () => {
  const source = await readFile(new URL('../../src/record/verify.ts', import.meta.url), 'utf8');
  expect(source).not.toMatch(/\bimport\b|\brequire\b/);
});

test('a level that differs is one difference, until it agrees again', () => {
  const verifier = new Verifier();
  verifier.check(bookFrame('snapshot', 1, BIDS, ASKS), BIDS, ASKS);
  expect(verifier).toMatchObject({ checked: 1, differences: 0 });
  const wrong: TestLevel[] = [['99.5', '4'], BIDS[1] as TestLevel];
  for (const u of [2, 3]) verifier.check(bookFrame('delta', u, [], []), wrong, ASKS);
  expect(verifier).toMatchObject({ checked: 3, differences: 1 });
  verifier.check(bookFrame('delta', 4, [], []), BIDS, ASKS);
  verifier.check(bookFrame('delta', 5, [], []), wrong, ASKS);
  expect(verifier).toMatchObject({ checked: 5, differences: 2 });
  expect(verifier.examples[0]).toEqual({
    topic: 'orderbook.50.SOLUSDT',
    u: 2,
    side: 'bid',
    price: '99.5',
    exchange: '3',
    engine: '4',
  });
});

test('what differed before a snapshot and does so still is no other difference', () => {
  const verifier = new Verifier();
  const wrong: TestLevel[] = [['99.5', '4'], BIDS[1] as TestLevel];
  for (const u of [1, 7]) verifier.check(bookFrame('snapshot', u, BIDS, ASKS), wrong, ASKS);
  expect(verifier).toMatchObject({ checked: 2, differences: 1 });
});

test('all differences are counted, and the first ten are shown', () => {
  const verifier = new Verifier();
  const levels = Array.from({ length: 12 }, (_, i): TestLevel => [`${99 - i}`, '1']);
  verifier.check(bookFrame('snapshot', 1, levels, []), [], []);
  expect(verifier.differences).toBe(12);
  expect(verifier.examples.map(({ price }) => price)).toEqual(levels.slice(0, 10).map(([price]) => price));
});

test('a missing level, one too many and a wrong order are differences; padding is none', () => {
  const check = (bids: TestLevel[], asks: TestLevel[]): number => {
    const verifier = new Verifier();
    verifier.check(bookFrame('snapshot', 1, BIDS, ASKS), bids, asks);
    return verifier.differences;
  };
  expect(
    check(
      [
        ['99.50', '3.0'],
        ['99.00', '1'],
      ],
      [['100.0', '2']],
    ),
  ).toBe(0);
  expect(check([BIDS[0] as TestLevel], ASKS)).toBe(1);
  expect(check(BIDS, [...ASKS, ['101', '1']])).toBe(1);
  expect(check(BIDS.toReversed(), ASKS)).toBe(1);
  expect(check([BIDS[0] as TestLevel, ...BIDS], ASKS)).toBe(1);
  expect(check(BIDS, [...ASKS, ...ASKS])).toBe(1);
});

test('a book applied over a hole differs in every level', () => {
  const verifier = new Verifier();
  verifier.check(bookFrame('snapshot', 1, BIDS, ASKS), BIDS, ASKS);
  verifier.check(bookFrame('delta', 3, [], []), BIDS, ASKS);
  expect(verifier.differences).toBe(3);
  const nothing = new Verifier();
  nothing.check(bookFrame('delta', 1, [], []), BIDS, ASKS);
  expect(nothing.differences, 'over nothing too').toBe(3);
});

test('a snapshot is the whole book, also where its number is the next', () => {
  const verifier = new Verifier();
  verifier.check(bookFrame('snapshot', 1, BIDS, ASKS), BIDS, ASKS);
  verifier.check(bookFrame('snapshot', 2, BIDS.slice(1), ASKS), BIDS.slice(1), ASKS);
  expect(verifier).toMatchObject({ checked: 2, differences: 0 });
});

test.each([
  ['bid', 200, -1],
  ['ask', 200, 1],
] as const)('what a delta pushes out of the topic on the side %s is gone for good', (side, touch, outward) => {
  const verifier = new Verifier();
  const check = (type: 'snapshot' | 'delta', u: number, told: TestLevel[], engine: TestLevel[]): void =>
    side === 'bid'
      ? verifier.check(bookFrame(type, u, told, []), engine, [])
      : verifier.check(bookFrame(type, u, [], told), [], engine);
  const deep = Array.from({ length: 50 }, (_, i): TestLevel => [`${touch + i * outward}`, '1']);
  const nearer = `${touch - outward}`;
  check('snapshot', 1, deep, deep);
  check('delta', 2, [[nearer, '1']], [[nearer, '1'], ...deep.slice(0, 49)]);
  check('delta', 3, [[nearer, '0']], deep.slice(0, 49));
  expect(verifier).toMatchObject({ checked: 3, differences: 0 });
  check('delta', 4, [], deep);
  expect(verifier.examples).toMatchObject([{ side, price: deep[49]?.[0], exchange: undefined, engine: '1' }]);
});
