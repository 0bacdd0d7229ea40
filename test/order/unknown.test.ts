// When may an order that nobody answered for be given up, and what has to be heard of it until then?
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { ENTRY_WINDOW_MS } from '../../src/order/outbound.ts';
import { nextOrderState, type OrderEvent, type OrderState } from '../../src/order/state.ts';
import { accepted, doubt, weigh, type Evidence } from '../../src/order/unknown.ts';

const SENT = 1_786_310_820_000;
/** Server time of sending, the window of the signature, three seconds. */
const FENCE = SENT + 2_000 + 3_000;
const BASELINE = 0;

interface Heard {
  /** Since it was sent: of the answer. The question left `lasted` before. */
  readonly at: number;
  readonly lasted: number;
  readonly what: 'nothing' | 'found' | 'failed';
  readonly lots: number | undefined;
}

const nothing = (at: number, over: Partial<Heard> = {}): Heard => {
  return { at, lasted: 0, what: 'nothing', lots: BASELINE, ...over };
};

function evidenceOf({ at, lasted, what, lots }: Heard): Evidence {
  if (what !== 'nothing') return { kind: what };
  return { kind: 'nothing-found', askedServerMs: (SENT + at - lasted) as Ms, positionLots: lots };
}

/** Which of them proves it absent; −1 if none does. */
function provenBy(heard: readonly Heard[]): number {
  let known = doubt(SENT as Ms, ENTRY_WINDOW_MS, BASELINE);
  return heard.findIndex((one) => {
    const { doubt: next, isAbsent } = weigh(known, evidenceOf(one), one.at as Ms);
    known = next;
    return isAbsent;
  });
}

/** The same, by looking back from each answer: three that count, none of them within 3 s of another, nothing against them. */
function plainlyProvenBy(heard: readonly Heard[]): number {
  return heard.findIndex((_, last) => {
    const against = heard.slice(0, last + 1).findLastIndex(({ at, lasted, what, lots }) => {
      const isAfterFence = SENT + at - lasted >= FENCE;
      return what === 'found' || (what === 'nothing' && isAfterFence && lots !== BASELINE);
    });
    const counted: number[] = [];
    for (const { at, lasted, what } of heard.slice(against + 1, last + 1)) {
      const isEarly = counted.length > 0 && at - (counted.at(-1) as number) < 3_000;
      if (what === 'nothing' && SENT + at - lasted >= FENCE && !isEarly) counted.push(at);
    }
    return counted.length >= 3;
  });
}

describe('O04: an accepted order may be invisible for minutes', () => {
  test.each<[string, readonly Heard[], number]>([
    ['three negatives three seconds apart after the fence', [nothing(5_000), nothing(8_000), nothing(11_000)], 2],
    ['the same a millisecond before it', [nothing(4_999), nothing(7_999), nothing(10_999)], -1],
    [
      'a question from before it, though the answer came after',
      [nothing(5_100, { lasted: 200 }), nothing(8_100), nothing(11_100)],
      -1,
    ],
    ['two negatives', [nothing(5_000), nothing(60_000)], -1],
    ['a hundred within three seconds', Array.from({ length: 100 }, (_, i) => nothing(5_000 + i * 29)), -1],
    [
      'three, one of them too early after the last',
      [nothing(5_000), nothing(7_999), nothing(8_000), nothing(11_000)],
      3,
    ],
    ['a position that has grown', [nothing(5_000), nothing(8_000), nothing(11_000, { lots: 4 })], -1],
    [
      'a position that has grown in between',
      [nothing(5_000), nothing(8_000, { lots: 4 }), nothing(11_000), nothing(14_000)],
      -1,
    ],
    [
      'a position of which nothing is known',
      [nothing(5_000), nothing(8_000), nothing(11_000, { lots: undefined })],
      -1,
    ],
  ])('%s', (_, heard, by) => {
    expect(provenBy(heard)).toBe(by);
  });

  test.each(['found', 'failed'] as const)('a look-up that %s is no negative', (what) => {
    const other = { ...nothing(11_000), what };
    expect(provenBy([nothing(5_000), nothing(8_000), other])).toBe(-1);
    const later = [nothing(5_000), nothing(8_000), other, nothing(14_000)];
    expect(provenBy(later)).toBe(what === 'failed' ? 3 : -1);
  });

  test('what is proven is what an obvious count of the answers proves', () => {
    const heard = fc
      .array(
        fc.record({
          pause: fc.constantFrom(0, 500, 2_999, 3_000, 3_001, 9_000),
          lasted: fc.constantFrom(0, 40, 2_500),
          what: fc.constantFrom('nothing', 'nothing', 'nothing', 'nothing', 'found', 'failed'),
          lots: fc.constantFrom(BASELINE, BASELINE, BASELINE, BASELINE, 4, undefined),
        }),
        { maxLength: 14 },
      )
      .map((all) => {
        let at = 0;
        return all.map(({ pause, ...rest }): Heard => ({ ...rest, at: (at += pause) }));
      });
    const proven = { yes: 0, no: 0 };
    fc.assert(
      fc.property(heard, (all) => {
        const by = provenBy(all);
        expect(by).toBe(plainlyProvenBy(all));
        proven[by < 0 ? 'no' : 'yes']++;
      }),
      { numRuns: 3_000 },
    );
    expect(Math.min(proven.yes, proven.no)).toBeGreaterThan(100);
  });

  test('of what was accepted the fence lies ten minutes behind its acceptance, and what was not found before does not count', () => {
    const sent = { ...doubt(SENT as Ms, ENTRY_WINDOW_MS, 3), negatives: 2 };
    const fenceMs = SENT + 700 + 600_000;
    expect(accepted(sent, (SENT + 700) as Ms)).toEqual({ ...sent, fenceMs, negatives: 0 });
  });

  test('R14: the fence is a time of the exchange, and lies three seconds beyond the window of the signature', () => {
    expect(doubt(SENT as Ms, ENTRY_WINDOW_MS, 3)).toMatchObject({ fenceMs: FENCE, baselineLots: 3, negatives: 0 });
  });
});

/** Where a story of words leads an order that was sent. */
function after(...events: readonly OrderEvent[]): OrderState | 'violation' {
  return events.reduce<OrderState | 'violation'>(
    (state, event) => (state === 'violation' ? state : (nextOrderState(state, event) ?? 'violation')),
    'sent',
  );
}

describe('an entry that was sent', () => {
  test.each<[string, readonly OrderEvent[], OrderState | 'violation']>([
    ['O01: a timeout leaves its fate open', ['unanswered'], 'unknown'],
    ['O01: and it is never sent again', ['unanswered', 'handed-over'], 'violation'],
    ['O01: nor after it was proven absent', ['unanswered', 'proven-absent', 'handed-over'], 'violation'],
    ['O01: the late acceptance ends the doubt', ['unanswered', 'accepted'], 'acked'],
    ['O01: the late refusal ends it too', ['unanswered', 'refused'], 'rejected'],
    ['O02: accepted, and rejected afterwards', ['accepted', 'rejected'], 'rejected'],
    ['O02: accepted, and cancelled without a fill', ['accepted', 'cancelled'], 'cancelled'],
    ['O03: an ambiguous code is no refusal', ['unanswered', 'unanswered', 'filled-all'], 'filled'],
    ['O04: proven absent, it rises by a fill', ['unanswered', 'proven-absent', 'filled-some'], 'zombie'],
    ['O04: proven absent, it rises by the late acceptance', ['unanswered', 'proven-absent', 'accepted'], 'zombie'],
    ['O04: accepted and lost by the exchange, it is proven absent', ['accepted', 'proven-absent'], 'absent'],
    ['O04: what was told of cannot be proven absent', ['accepted', 'resting', 'proven-absent'], 'violation'],
    ['O04: proven absent after all, it rises by a fill', ['accepted', 'proven-absent', 'filled-some'], 'zombie'],
    ['O04: nor what was never in doubt', ['proven-absent'], 'violation'],
    ['O06: filled in part, then cancelled', ['accepted', 'filled-some', 'cancelled'], 'cancelled'],
    ['O07: the fill comes before the answer', ['filled-all', 'accepted'], 'filled'],
    ['O07: a part of it comes before the answer', ['filled-some', 'accepted', 'filled-all'], 'filled'],
    ['O07: the fill comes, and the answer never does', ['filled-some', 'unanswered'], 'partial'],
    [
      'W13: it is told twice that it is filled, the second time as cancelled',
      ['filled-all', 'filled-all', 'cancelled'],
      'filled',
    ],
    ['W13: that it rests is told after it was filled', ['accepted', 'filled-some', 'resting'], 'partial'],
    ['R14: a restart in doubt leaves it in doubt', ['unanswered', 'restarted'], 'unknown'],
    ['R02: a restart before the answer', ['restarted'], 'unknown'],
    ['R02: and it is found by its id', ['restarted', 'filled-all'], 'filled'],
  ])('%s', (_, events, state) => {
    expect(after(...events)).toBe(state);
  });

  test('R01: a restart before it was sent leaves its fate open, and it is not sent', () => {
    for (const state of ['draft', 'journaled'] as const) expect(nextOrderState(state, 'restarted')).toBe('unknown');
    expect(nextOrderState('unknown', 'handed-over')).toBeUndefined();
  });

  test('I-06: what is not on the disk is not handed over', () => {
    expect(nextOrderState('draft', 'handed-over')).toBeUndefined();
  });
});
