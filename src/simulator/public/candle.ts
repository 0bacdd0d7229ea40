// When does a candle begin and end, what is in it, and how is it printed? Minutes from the epoch, weeks on Mondays, months on the first.
import type { Instrument } from '../../market/instrument.ts';
import type { Candle, Candles } from '../candles.ts';
import { plainPrice, quantityText } from '../gateway/spelling.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** The epoch was a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

const MINUTES: Readonly<Record<string, number>> = {
  1: 1,
  3: 3,
  5: 5,
  15: 15,
  30: 30,
  60: 60,
  120: 120,
  240: 240,
  360: 360,
  720: 720,
  D: 1_440,
};

export function isInterval(interval: string): boolean {
  return Object.hasOwn(MINUTES, interval) || interval === 'W' || interval === 'M';
}

/** Start of the candle that holds `ms`. */
export function candleStart(interval: string, ms: number): number {
  if (interval === 'M') {
    const date = new Date(ms);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  }
  const [width, offset] = interval === 'W' ? [7 * DAY_MS, FIRST_MONDAY_MS] : [(MINUTES[interval] ?? 1) * MINUTE_MS, 0];
  return Math.floor((ms - offset) / width) * width + offset;
}

/** Start of the candle after the one that begins at `startMs`. */
export function candleAfter(interval: string, startMs: number): number {
  if (interval === 'M') {
    const date = new Date(startMs);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  }
  return startMs + (interval === 'W' ? 7 * DAY_MS : (MINUTES[interval] ?? 1) * MINUTE_MS);
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

type CandleText = Readonly<Record<'open' | 'high' | 'low' | 'close' | 'volume' | 'turnover', string>>;

/** Prices and sizes without padding: `77.31`, never `77.310`. */
export function candleText(candle: Candle, instrument: Instrument): CandleText {
  return {
    open: plainPrice(candle.open, instrument),
    high: plainPrice(candle.high, instrument),
    low: plainPrice(candle.low, instrument),
    close: plainPrice(candle.close, instrument),
    volume: quantityText(candle.volume, instrument),
    turnover: String(Number((candle.turnover * instrument.notionalUnit).toFixed(4))),
  };
}
