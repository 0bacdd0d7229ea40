// Does every code mean what the list of failure modes (11) says, and is what stands in no list in doubt?
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAmbiguous, refusalClassOf } from '../../src/order/answer.ts';
import type { Answer, RefusalClass } from '../../src/order/gateway.ts';
import { eventOfAnswer } from '../../src/position/entry/tracked-order.ts';

const CODES: readonly (readonly [number, RefusalClass])[] = [
  [110_025, 'ok-noop'],
  [110_026, 'ok-noop'],
  [110_027, 'ok-noop'],
  [110_043, 'ok-noop'],
  [34_040, 'ok-noop'],
  [429, 'ambiguous'],
  [10_000, 'ambiguous'],
  [10_006, 'ambiguous'],
  [10_014, 'ambiguous'],
  [10_016, 'ambiguous'],
  [10_019, 'ambiguous'],
  [10_403, 'ambiguous'],
  [10_429, 'ambiguous'],
  [20_003, 'ambiguous'],
  [20_006, 'ambiguous'],
  [110_072, 'duplicate'],
  [10_002, 'clock'],
  [-1, 'clock'],
  [10_003, 'auth'],
  [10_004, 'auth'],
  [10_005, 'auth'],
  [10_007, 'auth'],
  [10_010, 'auth'],
  [33_004, 'auth'],
  [10_008, 'account'],
  [10_009, 'account'],
  [10_024, 'account'],
  [10_027, 'account'],
  [10_028, 'account'],
  [110_066, 'symbol-block'],
  [3_200_403, 'account'],
  [110_004, 'funds'],
  [110_006, 'funds'],
  [110_007, 'funds'],
  [110_012, 'funds'],
  [110_014, 'funds'],
  [110_044, 'funds'],
  [110_045, 'funds'],
  [110_051, 'funds'],
  [110_052, 'funds'],
  [110_053, 'funds'],
  [110_001, 'gone'],
  [110_008, 'gone'],
  [110_010, 'gone'],
  [110_017, 'flat-hint'],
  [110_033, 'flat-hint'],
  [110_034, 'flat-hint'],
  [10_029, 'symbol-block'],
  [30_228, 'symbol-block'],
  [110_005, 'symbol-block'],
  [110_022, 'symbol-block'],
  [110_023, 'symbol-block'],
  [110_042, 'symbol-block'],
  [110_063, 'symbol-block'],
  [110_074, 'symbol-block'],
  [110_095, 'symbol-block'],
  [110_096, 'symbol-block'],
  [110_097, 'symbol-block'],
  [110_098, 'symbol-block'],
  [110_099, 'symbol-block'],
  [110_100, 'symbol-block'],
  [110_103, 'symbol-block'],
  [110_123, 'symbol-block'],
  [110_124, 'symbol-block'],
  [110_125, 'symbol-block'],
  [110_126, 'symbol-block'],
  [110_132, 'symbol-block'],
  [110_134, 'symbol-block'],
  [110_009, 'limits'],
  [110_011, 'limits'],
  [110_013, 'limits'],
  [110_016, 'limits'],
  [110_020, 'limits'],
  [110_021, 'limits'],
  [110_039, 'limits'],
  [110_040, 'limits'],
  [110_046, 'limits'],
  [110_061, 'limits'],
  [110_085, 'limits'],
  [110_086, 'limits'],
  [110_089, 'limits'],
  [110_090, 'limits'],
  [110_094, 'limits'],
  [3_400_139, 'limits'],
  [110_003, 'price'],
  [110_092, 'price'],
  [110_093, 'price'],
  [110_118, 'price'],
  [110_120, 'price'],
  [110_121, 'price'],
  [30_208, 'price'],
  [30_209, 'price'],
  [10_001, 'param'],
  [110_032, 'param'],
];

/** May what was asked for have happened all the same? A class more does not compile without its row. */
const IN_DOUBT: Readonly<Record<RefusalClass, boolean>> = {
  'ok-noop': false,
  ambiguous: true,
  duplicate: true,
  clock: false,
  auth: false,
  account: false,
  funds: false,
  gone: false,
  'flat-hint': false,
  'symbol-block': false,
  limits: false,
  price: false,
  param: false,
};

describe('a code', () => {
  test.each(CODES)('%i is of the class %s', (code, group) => {
    expect(refusalClassOf(code, '')).toBe(group);
  });

  test('has one row, and every class has one', () => {
    expect(new Set(CODES.map(([code]) => code)).size).toBe(CODES.length);
    expect(new Set(CODES.map(([, group]) => group))).toEqual(new Set(Object.keys(IN_DOUBT)));
  });

  test('O03: that stands in no list is ambiguous, whatever its text', () => {
    const listed = new Set(CODES.map(([code]) => code));
    const unlisted = fc.oneof(fc.integer({ min: -10, max: 4_000_000 }), fc.integer({ min: 109_990, max: 110_130 }));
    fc.assert(
      fc.property(
        unlisted.filter((code) => !listed.has(code)),
        fc.oneof(fc.string(), fc.constantFrom('zero position', 'StopLoss', 'not modified', 'OK')),
        (code, text) => {
          expect(refusalClassOf(code, text)).toBe('ambiguous');
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('the text decides only where one code has several meanings', () => {
  test.each<[string, RefusalClass]>([
    ['can not set tp/sl/ts for zero position', 'flat-hint'],
    ['current position is zero, cannot fix reduce-only order qty', 'flat-hint'],
    ['StopLoss:324000000 set for Buy position should lower than base_price:161600000??LastPrice', 'price'],
    ['TakeProfit:15 set for Sell position should lower than base_price:16??MarkPrice', 'price'],
    ['buy: [55998000,47634000] invalid', 'price'],
    ['7c9e6679-7425-40de-944b-e07fc1f90ae7 sell: [1,2] invalid', 'price'],
    ['Qty invalid', 'param'],
    ['params error: side invalid', 'param'],
    ['params error: price invalid', 'param'],
    ['params error: stopLoss invalid', 'param'],
    ['', 'param'],
    ['symbol is not supported HUSDT', 'symbol-block'],
  ])('10001 with %j is of the class %s', (text, group) => {
    expect(refusalClassOf(10_001, text)).toBe(group);
  });

  test('a code that has one meaning keeps it, whatever its text says', () => {
    const unequivocal = CODES.filter(([, group]) => group !== 'param');
    for (const [code, group] of unequivocal) {
      for (const text of ['zero position', 'StopLoss base_price', 'buy: [1] invalid']) {
        expect([code, refusalClassOf(code, text)]).toEqual([code, group]);
      }
    }
  });
});

describe('what an answer tells an order', () => {
  test.each(Object.entries(IN_DOUBT))('refused with the class %s, its fate is open: %s', (group, isInDoubt) => {
    const refused: Answer = { outcome: 'refused', class: group as RefusalClass, code: 1, text: '' };
    expect(isAmbiguous(group as RefusalClass)).toBe(isInDoubt);
    expect(eventOfAnswer(refused)).toBe(isInDoubt ? 'unanswered' : 'refused');
  });

  test.each<[Answer]>([
    [{ outcome: 'unknown', reason: 'timeout' }],
    [{ outcome: 'unknown', reason: 'HTTP 502' }],
    [{ outcome: 'unknown', reason: 'not JSON' }],
  ])('O01, O03: no answer is no refusal: %j', (answer) => {
    expect(eventOfAnswer(answer)).toBe('unanswered');
  });

  test('an acceptance is one, and so is that the bytes never left', () => {
    expect(eventOfAnswer({ outcome: 'accepted', orderId: 'o-1' })).toBe('accepted');
    expect(eventOfAnswer({ outcome: 'not-sent', reason: 'path down' })).toBe('not-sent');
  });
});
