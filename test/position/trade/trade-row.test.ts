// What does a trade's row say of what it brought?
import { expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import type { Tick } from '../../../src/market/units.ts';
import { tradeRow, type Result } from '../../../src/position/trade/result.ts';
import type { Trade } from '../../../src/position/trade/trade.ts';

const TRADE = { id: 'x', symbol: 'BNBUSDT', side: 'short', initialStop: { tick: 6_962 as Tick }, rules: {} } as Trade;
const BNB = createInstrument('BNBUSDT', '0.10', '0.01') as Instrument;

test.each([
  ['20.787', '0.0431706', 2_078_700_000n, 4_317_060n, '0.2077'],
  ['20.787', '-0.0431706', 2_078_700_000n, -4_317_060n, '-0.2077'],
  ['20', '-0.01', 2_000_000_000n, -1_000_000n, '-0.05'],
  ['nothing', '0.01', 0n, 1_000_000n, '0'],
])('of %s USDT %s are its percent to the nearest fourth decimal', (_, __, entryValue, net, percent) => {
  const whole = { entryMs: undefined, entrySize: 1n, exitSize: 1n, exitValue: entryValue, fees: 0n, funding: 0n };
  const result = { ...whole, entryValue, gross: net, net } as unknown as Result;
  const row = tradeRow(TRADE, result, { atMs: 2 as Ms, reason: 'timeout' }, BNB);
  expect(row.profitLossPercent).toBe(percent);
});
