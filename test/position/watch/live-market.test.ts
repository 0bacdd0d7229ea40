// What lies ahead of a position, as main's own book shows it?
import { expect, test } from 'vitest';
import { createBooks } from '../../../src/book/layout.ts';
import { createView } from '../../../src/book/read.ts';
import { LIVE, STALE } from '../../../src/book/trust.ts';
import { Ingest } from '../../../src/bybit/frames/ingest.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import { ASK } from '../../../src/market/side.ts';
import type { Slot } from '../../../src/market/units.ts';
import { InlineAnalysis } from '../../../src/pool/inline.ts';
import { createLiveMarket, type MarketSenses } from '../../../src/position/watch/live-market.ts';
import type { MarketPort } from '../../../src/position/watch/market-port.ts';
import { createLives, PARAMS_AT, SLOT_NUMBERS } from '../../../src/scan/layout.ts';
import { writeParams } from '../../../src/scan/params.ts';
import { readRecording } from '../../../src/record/recording.ts';
import { createTape } from '../../../src/tape/layout.ts';
import { widenMinutes } from '../../../src/tape/write.ts';
import { REAL } from '../../record/recorded.ts';
import { defaultParams } from '../../score/simulated-run.ts';

const SOL = createInstrument('SOLUSDT', '0.01', '0.1', 2) as Instrument;
const SLOT = 0 as Slot;
const START = 1_786_310_820_000;

/** Asks of 1 000 USDT each, and a cluster of 75 000 from 100.04 to 100.06 whose largest level is in its middle. */
const CLUSTER: Readonly<Record<number, string>> = { 4: '200', 5: '350', 6: '200' };
const levels = (sizeOf: (i: number) => string, sign: number): string[][] =>
  Array.from({ length: 20 }, (_, i) => [(100 + (sign * (i + (sign > 0 ? 1 : 0))) / 100).toFixed(2), sizeOf(i + 1)]);

function frame(type: string, u: number, b: string[][], a: string[][]): Uint8Array {
  const data = { s: 'SOLUSDT', b, a, u, seq: u };
  const at = START + 1_000 * u;
  return Buffer.from(JSON.stringify({ topic: 'orderbook.50.SOLUSDT', type, ts: at, data, cts: at }));
}

/** One contract, nothing told of it yet. */
function quiet(instrument: Instrument, depth: 50 | 200, senses: Partial<MarketSenses> = {}) {
  const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1) };
  const ingest = new Ingest(memory.books, memory.tape);
  ingest.attach(SLOT, instrument, depth);
  ingest.bind(SLOT, 1);
  const market = createLiveMarket(memory, {
    instrument: () => instrument,
    bookHeardAt: () => 0 as Ms,
    hasCandles: () => true,
    isDeaf: () => false,
    exchangeMs: () => START as Ms,
    ...senses,
  });
  return { memory, ingest, market };
}

/**
 * The cluster rests; `isAnalysed`: threads have looked at it for longer than a density takes to be confirmed. At last so much is
 * left of its largest level.
 */
function clustered(isAnalysed: boolean, left = '350'): MarketPort {
  const { memory, ingest, market } = quiet(SOL, 50, {
    bookHeardAt: () => 5_000 as Ms,
    exchangeMs: () => (START + 5_000) as Ms,
  });
  const analysis = new InlineAnalysis(memory, () => undefined);
  writeParams(memory.lives.numbers, SLOT * SLOT_NUMBERS + PARAMS_AT, defaultParams(), SOL);
  const bids = levels((i) => `1${i % 3}`, -1);
  const asks = levels((i) => CLUSTER[i] ?? `1${i % 3}`, 1);
  const text = (second: number): Uint8Array =>
    second === 0
      ? frame('snapshot', 1, bids, asks)
      : frame('delta', 1 + second, [['100.00', `1${second}`]], second === 5 ? [['100.05', left]] : []);
  for (let second = 0; second < 6; second++) {
    ingest.frame(text(second), 1, (1_000 * second) as Ms);
    if (isAnalysed) analysis.scan(SLOT);
  }
  return market;
}

test.each([
  ['decides nothing, however fresh it seems, and the next one on time does', false, [LIVE, STALE, STALE, LIVE]],
  ['decides on paper all the same, where our own clock may be what is off', true, [LIVE, LIVE, LIVE, LIVE]],
])('I-04: a book that reaches us more than 3 s after it was matched %s', (_, isTimeOurs, trusts) => {
  const { ingest, market } = quiet(SOL, 50, {
    exchangeMs: (at = 0 as Ms) => (START + at) as Ms,
    isTimeOurs: () => isTimeOurs,
  });
  const view = createView();
  const trustOf = (u: number, lateMs: number): number => {
    const sides = levels(() => `1${u}`, 1);
    ingest.frame(frame(u === 1 ? 'snapshot' : 'delta', u, [['99.99', `1${u}`]], sides), 1, (1_000 * u + lateMs) as Ms);
    expect(market.readBook(SLOT, view)).toBe(true);
    expect(market.isLate(SLOT)).toBe(view.trust === STALE);
    return view.trust;
  };
  expect([trustOf(1, 3_000), trustOf(2, 3_001), trustOf(3, 60_000), trustOf(4, 20)]).toEqual(trusts);
});

test('a mark price that tickers do not repeat is what it was, as long as they speak', () => {
  const { ingest, market } = quiet(SOL, 50);
  const tell = (now: number, data: object): unknown => {
    const text = JSON.stringify({ topic: 'tickers.SOLUSDT', type: 'delta', data: { symbol: 'SOLUSDT', ...data } });
    ingest.frame(Buffer.from(text), 1, now as Ms);
    return market.mark(SLOT);
  };
  expect(tell(1_000, { lastPrice: '100.02' })).toBeUndefined();
  expect(tell(2_000, { markPrice: '100.01' })).toEqual({ tick: 10_001, readAt: 2_000 });
  expect(tell(20_000, { openInterest: '7' })).toEqual({ tick: 10_001, readAt: 20_000 });
  // Nobody spoke since.
  expect(market.mark(SLOT)?.readAt).toBe(20_000);
});

test('in the market as it was recorded no mark price is old while it is told', async () => {
  const DOGE = createInstrument('DOGEUSDT', '0.00001', '1') as Instrument;
  const { ingest, market } = quiet(DOGE, 200);
  let oldestMs = 0;
  let looks = 0;
  for await (const entry of readRecording(REAL)) {
    if (entry.kind !== 'frame') continue;
    const { bytes, received } = entry;
    ingest.frame(bytes, 1, received);
    const mark = market.mark(SLOT);
    if (mark === undefined) continue;
    oldestMs = Math.max(oldestMs, received - mark.readAt);
    looks++;
  }
  expect(looks).toBeGreaterThan(1_000);
  expect(oldestMs).toBeLessThan(2_000);
});

test('the flow against a position is that of the last three seconds, in tenths of one', () => {
  const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1) };
  const ingest = new Ingest(memory.books, memory.tape);
  ingest.attach(SLOT, SOL, 50);
  ingest.bind(SLOT, 1);
  const market = createLiveMarket(memory, {
    instrument: () => SOL,
    bookHeardAt: () => 0 as Ms,
    hasCandles: () => true,
    isDeaf: () => false,
    exchangeMs: () => (START + 5_000) as Ms,
  });
  const trade = (T: number, S: 'Buy' | 'Sell', v: string): unknown => {
    const row = { T, s: 'SOLUSDT', S, v, p: '100.00', L: 'PlusTick', i: 'x', BT: false };
    const text = JSON.stringify({ topic: 'publicTrade.SOLUSDT', type: 'snapshot', ts: T, data: [row] });
    ingest.frame(Buffer.from(text), 1, 0 as Ms);
    return market.imbalance(SLOT);
  };
  expect(trade(START + 2_099, 'Buy', '9')).toBeUndefined();
  expect(trade(START + 2_100, 'Buy', '1')).toBe(1);
  expect(trade(START + 5_000, 'Sell', '3')).toBe(-0.5);
});

test('the extrema are known when its candles are: minutes of our own since it is watched are none of hours', () => {
  const read = new Set<Slot>();
  const { memory, market } = quiet(SOL, 50, { hasCandles: (slot) => read.has(slot) });
  widenMinutes(memory.tape, SLOT, [
    { minute: START / 60_000 - 2, high: 10_010, low: 9_990 },
    { minute: START / 60_000, high: 10_000, low: 10_000 },
  ]);
  expect(market.extrema(SLOT)).toBeUndefined();
  read.add(SLOT);
  expect(market.extrema(SLOT)).toEqual({ high: 10_010, low: 9_990 });
});

test('a cluster ahead is met at its near edge, not at its largest level', () => {
  expect(clustered(true).densities(SLOT, ASK)).toEqual([10_004]);
});

test('a confirmed density ahead that is being eaten stands in the way as long as it is one', () => {
  // 65 000 of 75 000 USDT are less than nine tenths, 45 000 less than a density is worth.
  expect(['250', '50'].map((left) => clustered(true, left).densities(SLOT, ASK))).toEqual([[10_004], []]);
});

test('what rests ahead of a position is seen though no analyzer has ever looked', () => {
  const market = clustered(false);
  const units = 200 * 10_004 + 350 * 10_005 + 200 * 10_006;
  expect(market.resting(SLOT, ASK, defaultParams())).toEqual([
    { side: ASK, low: 10_004, high: 10_006, price: 10_005, units: expect.closeTo(units * 10, 0) as number },
  ]);
  expect(market.densities(SLOT, ASK)).toEqual([]);
});

test.each([
  [{ densityThresholdAbs: 75_000 }, 1],
  [{ densityThresholdAbs: 76_000 }, 0],
  [{ densityThresholdRelative: 40 }, 0],
])(
  'what rests ahead of a position entered by %o is judged by that, whatever the numbers of now say',
  (atEntry, found) => {
    expect(clustered(true).resting(SLOT, ASK, { ...defaultParams(), ...atEntry })).toHaveLength(found);
  },
);
