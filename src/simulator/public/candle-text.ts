// How are candles summed up and printed? Prices and sizes without padding, as klines have them.
import { formatDecimal, trimDecimal } from '../../market/decimal.ts';
import type { Instrument } from '../../market/instrument.ts';
import type { Candle, Candles } from '../candles.ts';
import { candleStart } from './interval.ts';

/** `77.31`, never `77.310`. */
export function plainText(mantissa: number, decimals: number): string {
  const trimmed = trimDecimal({ mantissa, decimals });
  return formatDecimal(trimmed.mantissa, trimmed.decimals);
}

/** Candles of an interval whose start lies within `[fromMs, toMs]`, oldest first. */
export function candlesOf(candles: Candles, interval: string, fromMs: number, toMs: number): Candle[] {
  const merged: Candle[] = [];
  for (const bar of candles.bars) {
    const startMs = candleStart(interval, bar.startMs);
    const last = merged.at(-1);
    if (last === undefined || last.startMs !== startMs) {
      merged.push({ ...bar, startMs });
      continue;
    }
    last.high = Math.max(last.high, bar.high);
    last.low = Math.min(last.low, bar.low);
    last.close = bar.close;
    last.volume += bar.volume;
    last.turnover += bar.turnover;
  }
  return merged.filter(({ startMs }) => startMs >= fromMs && startMs <= toMs);
}

export interface CandleText {
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly turnover: string;
}

export function candleText(candle: Candle, instrument: Instrument): CandleText {
  const { tickScaled, priceScale, lotScaled, lotScale, notionalUnit } = instrument;
  const price = (tick: number): string => plainText(tick * tickScaled, priceScale);
  return {
    open: price(candle.open),
    high: price(candle.high),
    low: price(candle.low),
    close: price(candle.close),
    volume: plainText(candle.volume * lotScaled, lotScale),
    turnover: String(Number((candle.turnover * notionalUnit).toFixed(4))),
  };
}
