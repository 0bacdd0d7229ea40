// What is stored of the day of a coin?
import { expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import type { Usdt } from '../../../src/market/units.ts';
import { marketStatRows } from '../../../src/store/rows/market-rows.ts';

test('a coin that has no last price is ranked and stored without one, and not refused by the database as no number', () => {
  const day = { symbol: 'DOGEUSDT', change: 0.01, turnover: 1 as Usdt, turnoverText: '1', lastPriceText: '' };
  const [row] = marketStatRows([{ day, rank: 3, watched: true }], 7 as Ms);
  expect(row).toEqual({
    table: 'market_stats',
    symbol: 'DOGEUSDT',
    volume24h: '1',
    priceChange24hPercent: 1,
    isActive: true,
    rank: 3,
    updatedAt: 7,
  });
});
