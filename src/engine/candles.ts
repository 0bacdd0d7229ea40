// What does an answer of candles say of each minute?
import type { Kline } from '../bybit/rest/rest-rows.ts';
import type { Candle } from '../record/entry.ts';
import { MINUTE_MS } from '../tape/layout.ts';

export function candlesOf(klines: readonly Kline[]): readonly Candle[] {
  return klines.map(({ start, high, low }) => ({ minute: Math.floor(start / MINUTE_MS), high, low }));
}
