// Do closes always find their part of the rate, and does the account keep within the exchange's?
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { EMPTY_LANES, take, tokensOf, type Lane, type Lanes } from '../../src/order/lanes.ts';

/** A second of the exchange's, and what the way there may shorten it by: 1,050 in the gateway, and not held up there. */
const SECOND_MS = 1_100;
const LANES = ['entry', 'reduce', 'emergency'] as const;

interface Sent {
  readonly at: number;
  readonly lane: Lane;
}

/** Orders that leave when they may: at each moment as many want to as are asked for. */
function sentOf(wishes: readonly (readonly [number, Lane])[]): { readonly sent: Sent[]; readonly lanes: Lanes } {
  let lanes = EMPTY_LANES;
  let now = 0;
  const sent: Sent[] = [];
  for (const [pause, lane] of wishes) {
    now += pause;
    if (tokensOf(lanes, lane, now as Ms) < 1) continue;
    lanes = take(lanes, lane, now as Ms);
    sent.push({ at: now, lane });
  }
  return { sent, lanes };
}

const wishes = fc.array(
  fc.tuple(
    fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 400 }),
      fc.constantFrom(SECOND_MS - 1, SECOND_MS, SECOND_MS + 1),
    ),
    fc.constantFrom<Lane>(...LANES),
  ),
  { maxLength: 120 },
);

/** Of the second that ends at `now`. */
const within = (sent: readonly Sent[], now: number, lanes: readonly Lane[]): number =>
  sent.filter(({ at, lane }) => at > now - SECOND_MS && at <= now && lanes.includes(lane)).length;

describe('in any second', () => {
  test('I-15: no more than five entries leave, no more than five calm closes, and no more than ten in all', () => {
    fc.assert(
      fc.property(wishes, (all) => {
        const { sent } = sentOf(all);
        for (const { at, lane } of sent) {
          expect(within(sent, at, LANES)).toBeLessThanOrEqual(10);
          expect(within(sent, at, ['entry'])).toBeLessThanOrEqual(5);
          // Calm closes do not go where emergencies have been before them.
          expect(lane === 'reduce' ? within(sent, at, ['reduce']) : 0).toBeLessThanOrEqual(5);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('five closes can leave, however many entries wanted to', () => {
    fc.assert(
      fc.property(wishes, fc.integer({ min: 0, max: 2_000 }), (all, pause) => {
        const { sent, lanes } = sentOf(all.map(([at]) => [at, 'entry']));
        const now = (sent.at(-1)?.at ?? 0) + pause;
        expect(tokensOf(lanes, 'reduce', now as Ms)).toBe(5);
        expect(tokensOf(lanes, 'emergency', now as Ms)).toBe(10 - within(sent, now, ['entry']));
      }),
    );
  });

  test('tokens are what the orders of that second have left of them', () => {
    fc.assert(
      fc.property(wishes, fc.integer({ min: 0, max: 1_500 }), (all, pause) => {
        const { sent, lanes } = sentOf(all);
        const now = (sent.at(-1)?.at ?? 0) + pause;
        const entries = within(sent, now, ['entry']);
        const closes = within(sent, now, ['reduce', 'emergency']);
        expect(tokensOf(lanes, 'emergency', now as Ms)).toBe(10 - entries - closes);
        expect(tokensOf(lanes, 'reduce', now as Ms)).toBe(5 - closes);
        // What closes have taken of the entries' lane, entries do not have.
        expect(tokensOf(lanes, 'entry', now as Ms)).toBe(Math.min(5 - entries, 10 - entries - closes));
      }),
      { numRuns: 500 },
    );
  });
});

describe('in an emergency', () => {
  const burst = (lane: Lane, count: number): Lanes =>
    Array.from({ length: count }).reduce<Lanes>((lanes) => take(lanes, lane, 0 as Ms), EMPTY_LANES);

  test('ten closes leave at once, and then no entry does', () => {
    const lanes = burst('emergency', 10);
    expect(tokensOf(lanes, 'emergency', 0 as Ms)).toBe(0);
    expect(tokensOf(lanes, 'entry', 0 as Ms)).toBe(0);
    expect(tokensOf(lanes, 'reduce', 0 as Ms)).toBe(-5);
  });

  test('closes take what entries have left of their lane', () => {
    const lanes = take(burst('emergency', 7), 'entry', 0 as Ms);
    expect(tokensOf(lanes, 'entry', 0 as Ms)).toBe(2);
    expect(tokensOf(lanes, 'emergency', 0 as Ms)).toBe(2);
  });

  test('a lane is whole again a second later, and not before', () => {
    const lanes = burst('emergency', 10);
    expect(LANES.map((lane) => tokensOf(lanes, lane, (SECOND_MS - 1) as Ms))).toEqual([0, -5, 0]);
    expect(LANES.map((lane) => tokensOf(lanes, lane, SECOND_MS as Ms))).toEqual([5, 5, 10]);
  });

  test('what has left more than a second ago is forgotten', () => {
    expect(take(burst('emergency', 10), 'entry', SECOND_MS as Ms)).toEqual({ entries: [SECOND_MS], reduces: [] });
  });
});
