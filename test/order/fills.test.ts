// Is every execution counted once, whatever the order in which it comes, and however often?
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppliedFills, raiseFilled } from '../../src/order/fills.ts';

const ids = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', '__proto__', ''), { maxLength: 40 });

describe('W13, D09: an execution', () => {
  test('is applied the first time it comes, and never again', () => {
    fc.assert(
      fc.property(ids, ids, (before, come) => {
        const fills = new AppliedFills(before);
        const seen = [...before];
        for (const execId of come) {
          expect(fills.has(execId)).toBe(seen.includes(execId));
          expect(fills.apply(execId)).toBe(!seen.includes(execId));
          expect(fills.has(execId)).toBe(true);
          seen.push(execId);
        }
      }),
    );
  });

  test('adds up to the same in any order, with any repeats', () => {
    const stream = fc
      .uniqueArray(fc.record({ execId: fc.uuid(), lots: fc.integer({ min: 1, max: 50 }) }), {
        selector: ({ execId }) => execId,
        maxLength: 12,
      })
      .chain((fills) =>
        fc.record({
          fills: fc.constant(fills),
          come: fc
            .array(fc.nat({ max: 3 }), { minLength: fills.length, maxLength: fills.length })
            .map((repeats) =>
              fills.flatMap((fill, i) => Array.from({ length: 1 + (repeats[i] as number) }, () => fill)),
            )
            .chain((all) => fc.shuffledSubarray(all, { minLength: all.length })),
        }),
      );
    fc.assert(
      fc.property(stream, ({ fills, come }) => {
        const applied = new AppliedFills();
        const sum = come.reduce((lots, fill) => (applied.apply(fill.execId) ? lots + fill.lots : lots), 0);
        expect(sum).toBe(fills.reduce((lots, fill) => lots + fill.lots, 0));
      }),
    );
  });

  test('is forgotten only when twenty thousand have come after it', () => {
    const fills = new AppliedFills(['first', 'second']);
    for (let i = 0; i < 19_998; i++) expect(fills.apply(`x-${i}`)).toBe(true);
    expect([fills.has('first'), fills.has('second')]).toEqual([true, true]);
    expect(fills.apply('one more')).toBe(true);
    expect([fills.has('first'), fills.has('second')]).toEqual([false, true]);
    expect(fills.apply('one more')).toBe(false);
  });
});

describe('I-12: the filled size of an order', () => {
  test('never falls, and is the most that was told of it, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 90 }), { maxLength: 30 }), (told) => {
        let known = 0;
        for (const lots of told) {
          const next = raiseFilled(known, lots, 90);
          expect(next).toBeGreaterThanOrEqual(known);
          known = next as number;
        }
        expect(known).toBe(Math.max(0, ...told));
      }),
    );
  });

  test('above what was ordered is a contradiction, also where less was known before', () => {
    expect(raiseFilled(3, 10, 9)).toBeUndefined();
    expect(raiseFilled(9, 9, 9)).toBe(9);
    expect(raiseFilled(0, 0, 0)).toBe(0);
  });

  test('of an order for whatever is held has no bound', () => {
    expect(raiseFilled(3, 1_000_000, undefined)).toBe(1_000_000);
    expect(raiseFilled(1_000_000, 3, undefined)).toBe(1_000_000);
  });
});
