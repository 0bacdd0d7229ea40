// What stands for the mark price and for funding where a recording does not tell them, and what when it does?
import { expect, test } from 'vitest';
import { RecordedPrices } from '../../src/backtest/prices.ts';
import { createBooks } from '../../src/book/layout.ts';
import { Ingest } from '../../src/bybit/frames/ingest.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { Slot } from '../../src/market/units.ts';
import { createTape, FACT_LAST, FACT_MARK } from '../../src/tape/layout.ts';

const SLOT = 0 as Slot;
const HOUR_MS = 3_600_000;
/** Ten minutes before the third hour of a day. */
const NOW = (20_000 * 24 * HOUR_MS + 3 * HOUR_MS - 600_000) as Ms;

class Recording {
  readonly #books = createBooks(1);
  readonly #tape = createTape(1);
  readonly #ingest = new Ingest(this.#books, this.#tape);
  readonly prices = new RecordedPrices(this.#books, this.#tape);

  constructor(tick = '0.5') {
    this.#attach(tick);
  }

  #attach(tick: string): void {
    const instrument = createInstrument('XUSDT', tick, '1') as Instrument;
    this.#ingest.attach(SLOT, instrument, 50);
    this.#ingest.bind(SLOT, 1);
    this.prices.attach(SLOT, instrument);
  }

  regrid(tick: string): void {
    this.#ingest.detach(SLOT);
    this.#attach(tick);
  }

  hear(ms: number, topic: string, data: object): boolean {
    const received = ms as Ms;
    const bytes = Buffer.from(
      JSON.stringify({ topic: `${topic}.XUSDT`, type: 'snapshot', ts: ms, cs: 1, cts: ms, data }),
    );
    const outcome = this.#ingest.frame(bytes, 1, received);
    return this.prices.heard(
      SLOT,
      { kind: 'frame', bytes, connection: '1', ours: true, received },
      outcome === 'ticker',
    );
  }

  book(ms: number, bid?: string, ask?: string): void {
    const levels = (price?: string) => (price === undefined ? [] : [[price, '5']]);
    this.hear(ms, 'orderbook.50', { s: 'XUSDT', b: levels(bid), a: levels(ask), u: ms, seq: ms });
  }

  trade(ms: number, p: string): void {
    this.hear(ms, 'publicTrade', [
      { T: ms, s: 'XUSDT', S: 'Buy', v: '1', p, L: 'PlusTick', i: 'x', BT: false, RPI: false },
    ]);
  }

  ticker(ms: number, told: object): boolean {
    return this.hear(ms, 'tickers', { symbol: 'XUSDT', ...told });
  }

  get mark(): [mark: number | undefined, last: number | undefined] {
    return [this.#tape.facts[FACT_MARK], this.#tape.facts[FACT_LAST]];
  }
}

test('until a mark price is told the last trade stands for it, and the mid before the first trade', () => {
  const recording = new Recording();
  recording.book(0, '100.0');
  recording.book(0, undefined, '101.0');
  expect(recording.mark).toEqual([0, 0]);
  expect(recording.prices.day(SLOT, NOW, HOUR_MS as Ms).lastPriceText).toBe('');
  recording.book(1, '100.0', '100.5');
  expect(recording.mark, 'on the grid').toEqual([100.5, 100.5]);
  recording.book(1, '100.0', '101.0');
  expect(recording.mark).toEqual([100.5, 100.5]);
  recording.trade(2, '100.0');
  recording.trade(2, '101.0');
  recording.ticker(3, { fundingRate: '0.0003' });
  recording.book(4, '103.0', '104.0');
  expect(recording.mark).toEqual([101, 101]);
  expect(recording.prices.untold()).toEqual({ mark: ['XUSDT'], funding: [] });
  expect(recording.prices.day(SLOT, NOW, HOUR_MS as Ms)).toMatchObject({ symbol: 'XUSDT', lastPriceText: '101.0' });
  const cheap = new Recording('0.00001');
  cheap.trade(1, '0.07057');
  expect(cheap.prices.day(SLOT, NOW, HOUR_MS as Ms).lastPriceText).toBe('0.07057');
});

test('a mark price that is told stands from then on, also one that comes in the same millisecond as a book', () => {
  const recording = new Recording();
  recording.book(1, '100.0', '101.0');
  recording.ticker(1, { markPrice: '99.5', lastPrice: '100.0' });
  recording.trade(1, '101.0');
  recording.book(2, '103.0', '104.0');
  expect(recording.mark).toEqual([99.5, 100]);
  expect(recording.prices.untold()).toEqual({ mark: [], funding: ['XUSDT'] });
});

test('funding is due when the ticker says, and when that is over, or nothing was said, with the next whole interval', () => {
  const recording = new Recording();
  const day = (now: number): object => {
    const { nextFundingMs, fundingRateText, intervalMs } = recording.prices.day(SLOT, now as Ms, (8 * HOUR_MS) as Ms);
    return { nextFundingMs, fundingRateText, intervalMs };
  };
  const third = NOW + 600_000;
  expect(day(NOW)).toEqual({
    nextFundingMs: third + 5 * HOUR_MS,
    fundingRateText: '0.0001',
    intervalMs: 8 * HOUR_MS,
  });
  expect(recording.ticker(1, { fundingIntervalHour: '4' })).toBe(true);
  expect(recording.ticker(1, { fundingRate: '-0.002', nextFundingTime: '0' })).toBe(true);
  expect(day(NOW)).toEqual({ nextFundingMs: third + HOUR_MS, fundingRateText: '-0.002', intervalMs: 4 * HOUR_MS });
  expect(recording.ticker(2, { nextFundingTime: String(third) })).toBe(true);
  expect(recording.ticker(3, { nextFundingTime: String(third), fundingRate: '', lastPrice: '100.0' })).toBe(false);
  expect(recording.ticker(3, { nextFundingTime: '0', fundingIntervalHour: '0' }), 'which tells nothing').toBe(false);
  expect(day(NOW)).toEqual({ nextFundingMs: third, fundingRateText: '-0.002', intervalMs: 4 * HOUR_MS });
  expect(day(third)).toMatchObject({ nextFundingMs: third + HOUR_MS });
  recording.prices.attach(SLOT, createInstrument('XUSDT', '0.1', '1') as Instrument);
  expect(day(NOW), 'on a finer grid too').toMatchObject({ nextFundingMs: third, fundingRateText: '-0.002' });
});

test('what one recording told holds in no other: there the mid stands for the mark again until something trades, and both are told as taken', () => {
  const recording = new Recording();
  const { prices } = recording;
  recording.ticker(1, { markPrice: '99.5', lastPrice: '100.0', fundingRate: '-0.002' });
  recording.trade(2, '101.0');
  prices.nextFile();
  expect(prices.untold(), 'of a recording in which nothing was said of it').toEqual({ mark: [], funding: [] });
  recording.book(3, '200.0', '201.0');
  expect(recording.mark).toEqual([200.5, 200.5]);
  expect(prices.day(SLOT, NOW, HOUR_MS as Ms).fundingRateText).toBe('0.0001');
  recording.trade(4, '200.0');
  expect(recording.mark).toEqual([200, 200]);
  prices.nextFile();
  recording.ticker(5, { markPrice: '300.5', lastPrice: '300.0', fundingRate: '-0.002' });
  recording.book(6, '310.0', '311.0');
  expect(recording.mark).toEqual([300.5, 300]);
  expect(prices.untold()).toEqual({ mark: ['XUSDT'], funding: ['XUSDT'] });
});

test('where the next recording names another tick nothing has traded on it yet: the mid stands for the mark, and no trade of before', () => {
  const recording = new Recording();
  recording.trade(1, '101.0');
  recording.prices.nextFile();
  recording.regrid('0.1');
  recording.book(2, '200.0', '200.2');
  expect(recording.mark).toEqual([200.1, 200.1]);
  recording.trade(3, '200.2');
  expect(recording.mark).toEqual([200.2, 200.2]);
});
