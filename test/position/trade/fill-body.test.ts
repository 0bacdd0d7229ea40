import { expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import type { Lot, Tick } from '../../../src/market/units.ts';
import type { Fill } from '../../../src/order/words.ts';
import { fillBody, fillFromBody } from '../../../src/position/trade/fill-body.ts';
import { executionRow } from '../../../src/position/trade/result.ts';

const COARSE = createInstrument('BTCUSDT', '0.1', '0.001') as Instrument;
const FINE = createInstrument('BTCUSDT', '0.05', '0.001') as Instrument;

const settled: Fill = {
  symbol: 'BTCUSDT',
  execId: 'e1',
  orderId: 'o1',
  linkId: '',
  kind: 'settlement',
  createType: 'CreateBySettle',
  side: 'sell',
  tick: 651_286 as Tick,
  offGrid: 6_512_855_000_000n,
  lots: 6 as Lot,
  closedLots: 6 as Lot,
  fee: 0n,
  feeRate: '',
  isMaker: false,
  timeMs: 1_786_310_816_621 as Ms,
  seq: 7,
};

test('what was settled between two ticks is kept and reckoned at its own price, not at the nearest tick', () => {
  const row = executionRow(settled, undefined, COARSE);
  expect([row.price, row.value]).toEqual(['65128.55', '390.7713']);
  expect(fillFromBody(fillBody(settled, COARSE), COARSE)).toEqual(settled);
});

test('on a finer grid of later it is an ordinary price; on a coarser one it still has its own', () => {
  const body = fillBody(settled, COARSE);
  expect(fillFromBody(body, FINE)).toEqual({ ...settled, tick: 1_302_571, offGrid: undefined });
  const coarser = createInstrument('BTCUSDT', '10', '0.001') as Instrument;
  expect(executionRow(fillFromBody(body, coarser) as Fill, undefined, coarser).value).toBe('390.7713');
});

test('sizes of before a coarser step stay what they are, in the journal and in the tables', () => {
  const coarser = createInstrument('BTCUSDT', '0.1', '0.01') as Instrument;
  const fill = fillFromBody(fillBody(settled, COARSE), coarser) as Fill;
  expect([fill.lots, fill.closedLots]).toEqual([1, 1]);
  expect(executionRow(fill, undefined, coarser)).toMatchObject({
    size: '0.006',
    closedSize: '0.006',
    value: '390.7713',
  });
  expect(fillFromBody(fillBody(fill, coarser), COARSE)).toEqual({ ...settled, exact: undefined });
});
