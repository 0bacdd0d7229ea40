// In which place of a ring does a bucket fall?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { remainder } from '../../src/lib/remainder.ts';

test('the remainder is that of the language, up to the last whole number', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: Number.MAX_SAFE_INTEGER - 100_000 }),
      fc.integer({ min: 1, max: 100_000 }),
      (number, length) => {
        expect(remainder(number, length)).toBe(number % length);
        // One below a multiple: a quotient rounded up would fall out of the ring.
        const below = number - (number % length) + length - 1;
        expect(remainder(below, length)).toBe(length - 1);
      },
    ),
    { numRuns: 2_000 },
  );
});
