// What was paid on average, where prices of before a coarser grid lie between its ticks?
import { expect, test } from 'vitest';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import { moneyText } from '../../../src/market/money.ts';
import { sizeOf } from '../../../src/market/size.ts';
import type { Lot, Tick } from '../../../src/market/units.ts';
import type { Fill } from '../../../src/order/words.ts';
import { averageOf, averagePrice } from '../../../src/position/trade/average-price.ts';
import type { Origin } from '../../../src/position/trade/holding.ts';
import { oneFill } from '../../order/one-fill.ts';

const COARSE = createInstrument('SOLUSDT', '0.01', '0.1') as Instrument;

const part = (origin: Origin, lots: number, own: Partial<Fill>) => ({
  fill: oneFill({ lots: lots as Lot, ...own }),
  origin,
  ours: sizeOf(lots, COARSE),
  beside: 0n,
});

test('P12: what was bought between two ticks of now was bought there, and not at the nearer one; what was sold of it changes nothing', () => {
  const parts = [
    part('entry', 30, { tick: 7_732 as Tick, offGrid: 7_731_500_000n }),
    part('entry', 10, { tick: 7_733 as Tick }),
    part('close', 20, { tick: 7_900 as Tick, side: 'sell' }),
  ];
  expect(moneyText(averagePrice(averageOf(parts, COARSE), COARSE) ?? 0n)).toBe('77.31875');
  expect(averageOf(parts.slice(2), COARSE)).toBeUndefined();
});
