// Are orders spelt as the exchange wants them, on its grid, and never so that they could open what should close?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leverageText, orderFields, tradingStopFields } from '../../../src/bybit/gateway/outbound.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { createInstrument, type Instrument, lotFromDecimal, tickFromDecimal } from '../../../src/market/instrument.ts';
import type { Lot, Slot, Tick } from '../../../src/market/units.ts';
import type { OutboundOrder } from '../../../src/order/words.ts';

const SOL = createInstrument('SOLUSDT', '0.010', '0.1', 3) as Instrument;
const PEPE = createInstrument('1000PEPEUSDT', '0.0000010', '100', 7) as Instrument;
const PLAIN = /^(0|[1-9]\d*)(\.\d+)?$/;

type Change = Readonly<Record<string, unknown>>;
const entry = (change: Change = {}): OutboundOrder & { readonly role: 'E' } =>
  ({
    role: 'E',
    linkId: 'd1-a-1-1-E',
    slot: 0 as Slot,
    symbol: 'SOLUSDT',
    side: 'buy',
    lots: 13 as Lot,
    type: 'limit',
    capTick: 7_740 as Tick,
    stop: { tick: 7_653 as Tick, by: 'mark' },
    recvWindowMs: 2_000 as Ms,
    ...change,
  }) as unknown as OutboundOrder & { readonly role: 'E' };
const close = (change: Change = {}): OutboundOrder => {
  const { stop: _, ...order } = entry();
  return { ...order, role: 'C', side: 'sell', capTick: undefined, type: 'market', ...change } as OutboundOrder;
};

test('an entry is an immediate limit at its cap with its stop attached (P2)', () => {
  expect(orderFields(entry(), SOL, undefined)).toEqual({
    category: 'linear',
    symbol: 'SOLUSDT',
    side: 'Buy',
    positionIdx: 0,
    orderLinkId: 'd1-a-1-1-E',
    qty: '1.3',
    orderType: 'Limit',
    price: '77.400',
    timeInForce: 'IOC',
    stopLoss: '76.530',
    tpslMode: 'Full',
    slTriggerBy: 'MarkPrice',
  });
});

test.each([
  ['buy', 7_740, 7_731, '9'],
  ['buy', 7_732, 7_731, '1'],
  ['sell', 7_700, 7_731, '31'],
  ['buy', 7_731 + 20_000, 7_731, '10000'],
])('a market entry to %s at most at %i from %i is bounded by %s ticks', (side, capTick, touch, ticks) => {
  expect(orderFields(entry({ type: 'market', side, capTick }), SOL, touch as Tick)).toMatchObject({
    orderType: 'Market',
    slippageToleranceType: 'TickSize',
    slippageTolerance: ticks,
    stopLoss: '76.530',
  });
});

test('a market entry without a touch, or with a cap that is not beyond it, does not leave', () => {
  expect(orderFields(entry({ type: 'market' }), SOL, undefined)).toContain('no touch');
  expect(orderFields(entry({ type: 'market' }), SOL, 7_740 as Tick)).toContain('not beyond');
});

test('every close only reduces, and carries no stop (I-11)', () => {
  for (const role of ['C', 'X']) {
    for (const change of [
      {},
      { lots: 'all' },
      { type: 'limit', capTick: 7_300 },
      { lots: 'all', type: 'limit', capTick: 1 },
    ]) {
      const fields = orderFields(close({ role, ...change }), SOL, undefined);
      expect(fields).toMatchObject({ reduceOnly: true });
      expect(fields).not.toHaveProperty('stopLoss');
    }
  }
});

test('the close of a part makes no room for itself: whatever else rests stays', () => {
  expect(orderFields(close({ lots: 4 }), SOL, undefined)).not.toHaveProperty('closeOnTrigger');
});

test('the whole position is closed by size 0, and only with room made for it', () => {
  expect(orderFields(close({ lots: 'all' }), SOL, undefined)).toMatchObject({
    qty: '0',
    reduceOnly: true,
    closeOnTrigger: true,
    orderType: 'Market',
  });
});

test('a close at the end of the band is an immediate limit', () => {
  expect(orderFields(close({ type: 'limit', capTick: 7_344 }), SOL, undefined)).toMatchObject({
    orderType: 'Limit',
    price: '73.440',
    timeInForce: 'IOC',
    qty: '1.3',
  });
});

test.each([
  ['no size', { lots: 0 }],
  ['a negative size', { lots: -1 }],
  ['half a lot', { lots: 0.5 }],
  ['no number', { lots: Number.NaN }],
  ['a size that is not exact', { lots: 2 ** 53 }],
  ['a price between two ticks', { capTick: 7_740.5 }],
  ['no price', { capTick: 0 }],
  ['a negative price', { capTick: -5 }],
  ['no stop', { stop: { tick: 0, by: 'mark' } }],
  ['a link id that is too long', { linkId: 'x'.repeat(37) }],
  ['a link id of other characters', { linkId: 'd1 a' }],
])('an entry with %s does not leave (I-14, O29)', (_, change) => {
  expect(typeof orderFields(entry(change), SOL, undefined)).toBe('string');
});

test.each([
  ['no size', { lots: 0 }],
  ['half a lot', { lots: 0.5 }],
  ['no price', { type: 'limit', capTick: 0 }],
  ['a price between two ticks', { lots: 'all', type: 'limit', capTick: 7_300.5 }],
])('a close with %s does not leave either (I-14)', (_, change) => {
  expect(typeof orderFields(close(change), SOL, undefined)).toBe('string');
});

test.each([{ lots: 2 ** 50 }, { capTick: 2 ** 50 }, { stop: { tick: 2 ** 50, by: 'mark' } }])(
  'what could be printed with an exponent only does not leave: %o (O29)',
  (change) => {
    const coarse = createInstrument('SOLUSDT', '1000000', '1000000', 0) as Instrument;
    expect(orderFields(entry(change), coarse, undefined)).toContain('no plain decimal');
  },
);

test('numbers that leave are plain and come back as the same ticks and lots (I-14)', () => {
  const grid = fc.constantFrom(SOL, PEPE);
  const ticks = fc.integer({ min: 1, max: 100_000_000 });
  fc.assert(
    fc.property(grid, ticks, ticks, fc.integer({ min: 1, max: 1_000_000_000 }), (instrument, cap, stop, lots) => {
      const order = entry({ capTick: cap, stop: { tick: stop, by: 'last' }, lots });
      const fields = orderFields(order, instrument, undefined) as Record<string, string>;
      for (const name of ['qty', 'price', 'stopLoss']) expect(fields[name]).toMatch(PLAIN);
      expect(lotFromDecimal(fields['qty'] as string, instrument)).toBe(lots);
      expect(tickFromDecimal(fields['price'] as string, instrument)).toBe(cap);
      expect(tickFromDecimal(fields['stopLoss'] as string, instrument)).toBe(stop);
    }),
  );
});

test('the stop of a position is set whole, in place, with its trigger named (P23)', () => {
  expect(tradingStopFields({ tick: 7_700 as Tick, by: 'last' }, SOL)).toEqual({
    category: 'linear',
    symbol: 'SOLUSDT',
    positionIdx: 0,
    stopLoss: '77.000',
    tpslMode: 'Full',
    slTriggerBy: 'LastPrice',
  });
  expect(typeof tradingStopFields({ tick: 0 as Tick, by: 'last' }, SOL)).toBe('string');
});

test.each([
  [1_000, '10'],
  [1_250, '12.5'],
  [101, '1.01'],
  [10_000, '100'],
])('leverage of %i hundredths is spelt %s', (hundredths, text) => {
  expect(leverageText(hundredths)).toBe(text);
});
