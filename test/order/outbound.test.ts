// Can anything leave that was not approved, or that could add to what is held?
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { EARNS, type OrderSide, type PositionSide } from '../../src/market/side.ts';
import type { Lot, Slot, Tick } from '../../src/market/units.ts';
import type { GatewayRequest } from '../../src/order/gateway.ts';
import {
  ENTRY_WINDOW_MS,
  entryOrder,
  reducingOrder,
  REDUCE_WINDOW_MS,
  type Reduction,
} from '../../src/order/outbound.ts';
import type { OutboundOrder } from '../../src/order/words.ts';
import { decide, type ApprovedEntry, type EntryTerms } from '../../src/risk/gate.ts';
import { situationOf } from '../risk/situations.ts';

/** As the gates approve it: the first of the random situations that they let through. */
function approvedEntry(from = 1): ApprovedEntry {
  for (let seed = from; ; seed++) {
    const verdict = decide(situationOf(seed, []));
    if (verdict.kind === 'approved') return verdict.entry;
  }
}

const signs: Readonly<Record<OrderSide, 1 | -1>> = { buy: 1, sell: -1 };

describe('an entry', () => {
  test('leaves as it was approved, with its stop and its worst price, and can be accepted for two seconds', () => {
    for (let seed = 1; seed < 200; seed += 10) {
      const { slot, symbol, side, lots, type, capTick, stop } = approvedEntry(seed);
      const terms = { slot, symbol, side, lots, type, capTick, stop };
      const order = entryOrder(approvedEntry(seed), 'd1-test-0-5-E');
      expect(order).toEqual({ ...terms, role: 'E', linkId: 'd1-test-0-5-E', recvWindowMs: 2_000 });
    }
    expect(ENTRY_WINDOW_MS).toBe(2_000);
  });

  test('P2: has its stop on the side where it loses', () => {
    for (let seed = 1; seed < 200; seed += 10) {
      const { side, capTick, stop } = entryOrder(approvedEntry(seed), 'd1-test-0-5-E');
      expect((capTick - stop.tick) * signs[side]).toBeGreaterThan(0);
    }
  });
});

describe('I-11: what reduces', () => {
  const reductions: fc.Arbitrary<Reduction> = fc.record({
    role: fc.constantFrom('C', 'X'),
    linkId: fc.constant('d1-test-0-6-C'),
    slot: fc.constant(0 as Slot),
    symbol: fc.constant('SOLUSDT'),
    lots: fc.oneof(
      fc.constant('all' as const),
      fc.integer({ min: 1, max: 1e6 }) as fc.Arbitrary<number> as fc.Arbitrary<Lot>,
    ),
    capTick: fc.option(fc.integer({ min: 1, max: 1e6 }) as fc.Arbitrary<number> as fc.Arbitrary<Tick>, {
      nil: undefined,
    }),
  });

  test('goes against the position, at the market or at the edge of the band, and carries no stop', () => {
    fc.assert(
      fc.property(fc.constantFrom<PositionSide>('long', 'short'), reductions, (position, reduction) => {
        const order = reducingOrder(position, reduction);
        expect(signs[order.side] * EARNS[position]).toBe(-1);
        expect(order).toEqual({
          ...reduction,
          side: order.side,
          type: reduction.capTick === undefined ? 'market' : 'limit',
          recvWindowMs: 5_000,
        });
      }),
    );
    expect(REDUCE_WINDOW_MS).toBe(5_000);
  });
});

describe('an order that no gate has approved', () => {
  const approved = approvedEntry();
  const terms: EntryTerms = structuredClone(approved);
  const whole = entryOrder(approved, 'd1-test-0-5-E');

  test('does not compile as an entry', () => {
    const entry = (from: ApprovedEntry): string => entryOrder(from, 'd1-test-0-5-E').symbol;
    expect(entry(approved)).toBe(approved.symbol);
    // @ts-expect-error the terms of an approval are none
    expect(entry(terms)).toBe(terms.symbol);
    // @ts-expect-error nor are they with another size
    expect(entry({ ...terms, lots: 1 as Lot })).toBe(terms.symbol);
    // @ts-expect-error nor with a mark of one's own
    expect(entry({ ...terms, approval: true })).toBe(terms.symbol);
  });

  test('does not compile as what the gateway is handed', () => {
    const { linkId, slot, symbol, side, lots, type, capTick, stop } = whole;
    const bare = {
      role: 'E',
      linkId,
      slot,
      symbol,
      side,
      lots,
      type,
      capTick,
      stop,
      recvWindowMs: 2_000 as Ms,
    } as const;
    // @ts-expect-error what has all its fields is not yet made of an approval
    const order: OutboundOrder = bare;
    // @ts-expect-error nor is it when it is asked for
    const request: GatewayRequest = { requestId: 1, path: 'rest-1', kind: 'create', order: bare };
    // @ts-expect-error a copy of an order that is one, with another size, is none
    // oxlint-disable-next-line typescript/no-misused-spread -- the mark is what gets lost by it
    const larger: OutboundOrder = { ...whole, lots: 9 as Lot };
    expect([order, request, larger]).toHaveLength(3);
  });

  test('does not compile as what reduces, though it says that it is an entry', () => {
    const reduction = {
      linkId: 'd1-test-0-6-C',
      slot: 0 as Slot,
      symbol: 'SOLUSDT',
      lots: 1 as Lot,
      capTick: undefined,
    };
    // @ts-expect-error an entry is no reduction
    expect(reducingOrder('long', { ...reduction, role: 'E' }).side).toBe('sell');
    // @ts-expect-error and a stop is not sent as an order
    expect(reducingOrder('long', { ...reduction, role: 'S' }).side).toBe('sell');
    expect(reducingOrder('long', { ...reduction, role: 'C' }).side).toBe('sell');
  });
});
