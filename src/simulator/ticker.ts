// What does the day look like for one contract? The fields of the ticker, in full and as what has changed.
import { sizeText, type Instrument } from '../market/instrument.ts';
import { ASK, BID } from '../market/side.ts';
import type { Lot } from '../market/units.ts';
import type { Candles } from './candles.ts';
import type { Frame } from './frame-writer.ts';
import { paddedPrice } from './gateway/spelling.ts';
import type { Matching } from './matching.ts';

const HOUR_MS = 3_600_000;
const DAY_REFRESH_MS = 1_000;

export type TickerFields = Record<string, string>;

export interface TickerTerms {
  readonly fundingMinutes: number;
  readonly fundingRate: string;
  readonly openInterestLots: number;
}

export class Ticker {
  readonly #instrument: Instrument;
  readonly #matching: Matching;
  readonly #candles: Candles;
  readonly #terms: TickerTerms;
  #fundingRate: string;
  #day: ReturnType<Candles['day']>;
  #dayMs: number;
  #sent: TickerFields = {};

  constructor(instrument: Instrument, matching: Matching, candles: Candles, terms: TickerTerms, nowMs: number) {
    this.#instrument = instrument;
    this.#matching = matching;
    this.#candles = candles;
    this.#terms = terms;
    this.#fundingRate = terms.fundingRate;
    this.#day = candles.day();
    this.#dayMs = nowMs;
  }

  get fundingRate(): string {
    return this.#fundingRate;
  }

  setFundingRate(rate: string): void {
    this.#fundingRate = rate;
  }

  fields(nowMs: number): TickerFields {
    this.#refresh(nowMs);
    const { lotScaled, lotScale, notionalUnit } = this.#instrument;
    const { lastTick, book } = this.#matching;
    const mark = this.#matching.mark.at(lastTick, nowMs);
    const price = (tick: number): string => paddedPrice(Math.round(tick), this.#instrument);
    const size = (lots: number): string => sizeText(lots as Lot, this.#instrument);
    const { first, hourAgo, high, low, volume, turnover } = this.#day;
    const interest = this.#terms.openInterestLots;
    const interestUsdt = (interest * mark * notionalUnit).toFixed(2);
    const fundingMs = this.#terms.fundingMinutes * 60_000;
    return {
      symbol: this.#instrument.symbol,
      tickDirection: this.#matching.prints.at(-1)?.uptick ?? 'ZeroPlusTick',
      price24hPcnt: ((lastTick - first) / first).toFixed(6),
      lastPrice: price(lastTick),
      prevPrice24h: price(first),
      highPrice24h: price(Math.max(high, lastTick)),
      lowPrice24h: price(Math.min(low, lastTick)),
      prevPrice1h: price(hourAgo),
      markPrice: price(mark),
      indexPrice: price(this.#matching.mark.indexTick(lastTick, nowMs)),
      openInterest: size(interest),
      openInterestValue: interestUsdt,
      turnover24h: (turnover * notionalUnit).toFixed(4),
      volume24h: ((volume * lotScaled) / 10 ** lotScale).toFixed(4),
      fundingIntervalHour: String(this.#terms.fundingMinutes / 60),
      fundingCap: '0.005',
      singleOpenInterest: size(Math.floor(interest / 2)),
      singleOpenInterestValue: (Number(interestUsdt) / 2).toFixed(2),
      nextFundingTime: String((Math.floor(nowMs / fundingMs) + 1) * fundingMs),
      fundingRate: this.#fundingRate,
      bid1Price: price(book.best[BID]),
      bid1Size: size(book.at(book.best[BID])),
      ask1Price: price(book.best[ASK]),
      ask1Size: size(book.at(book.best[ASK])),
      preOpenPrice: '',
      preQty: '',
      curPreListingPhase: '',
    };
  }

  snapshot(nowMs: number): Frame {
    this.#sent = this.fields(nowMs);
    return this.#frame('snapshot', this.#sent, nowMs);
  }

  /** What has changed since the last message; prices of one side travel with their sizes. */
  delta(nowMs: number): Frame | undefined {
    const now = this.fields(nowMs);
    const changed: TickerFields = { symbol: this.#instrument.symbol };
    const differs = (key: string): boolean => now[key] !== this.#sent[key];
    for (const key of Object.keys(now)) {
      const pair = key.startsWith('bid1')
        ? ['bid1Price', 'bid1Size']
        : key.startsWith('ask1')
          ? ['ask1Price', 'ask1Size']
          : [key];
      if (pair.some(differs)) changed[key] = now[key] as string;
    }
    if (Object.keys(changed).length === 1) return undefined;
    this.#sent = now;
    return this.#frame('delta', changed, nowMs);
  }

  #refresh(nowMs: number): void {
    if (nowMs - this.#dayMs < DAY_REFRESH_MS) return;
    this.#dayMs = nowMs;
    this.#day = this.#candles.day();
  }

  #frame(kind: 'snapshot' | 'delta', data: TickerFields, nowMs: number): Frame {
    const { symbol } = this.#instrument;
    const topic = `tickers.${symbol}`;
    const bytes = Buffer.from(JSON.stringify({ topic, type: kind, data, cs: this.#matching.seq, ts: nowMs }), 'latin1');
    return { topic, symbol, depth: 0, kind: 'ticker', bytes };
  }
}

/** Ticker of a contract that nobody trades here: listed, quoted, still. */
export function stillTicker(symbol: string, price: string, nowMs: number): TickerFields {
  return {
    symbol,
    lastPrice: price,
    prevPrice24h: price,
    price24hPcnt: '0',
    highPrice24h: price,
    lowPrice24h: price,
    markPrice: price,
    indexPrice: price,
    turnover24h: '2500000.0000',
    volume24h: '1000.0000',
    fundingRate: '',
    nextFundingTime: String(Math.ceil(nowMs / (8 * HOUR_MS)) * 8 * HOUR_MS),
    bid1Price: price,
    bid1Size: '1',
    ask1Price: price,
    ask1Size: '1',
  };
}
