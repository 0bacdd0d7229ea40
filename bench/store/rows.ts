// Which rows does the store bench write? As large as those of a run, all different, the same for the same seed.
import type { Ms } from '../../src/lib/brand.ts';
import { createRng } from '../../src/lib/rng.ts';
import { createInstrument, lotFromDecimal, tickFromDecimal, type Instrument } from '../../src/market/instrument.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import { snapshotRow } from '../../src/store/rows/market-rows.ts';
import type { Levels } from '../../src/store/rows/packed-book.ts';
import type { Row } from '../../src/store/rows/rows.ts';
import { density, NOON, signal, trade } from '../../test/store/fixtures.ts';
import { syntheticFrames } from '../frames/synthetic.ts';

export const BENCH_TABLES = ['densities', 'signals', 'orderbook_snapshots', 'trades'] as const;
export type BenchTable = (typeof BENCH_TABLES)[number];

export const BOOK_DEPTH = 200;
export const BOOK_SYMBOLS = 40;

export interface Book {
  readonly instrument: Instrument;
  readonly bids: Levels;
  readonly asks: Levels;
}

interface SnapshotFrame {
  readonly data: { readonly b: readonly [string, string][]; readonly a: readonly [string, string][] };
}

/** One book of 200 levels a side for each of forty instruments. */
export function sampleBooks(seed: number): readonly Book[] {
  const { grids, snapshots } = syntheticFrames(BOOK_DEPTH, BOOK_SYMBOLS, 0, seed);
  return grids.map(({ symbol, tickSize, qtyStep, priceScale }, index) => {
    const instrument = createInstrument(symbol, tickSize, qtyStep, priceScale) as Instrument;
    const { data } = JSON.parse(String(snapshots[index])) as SnapshotFrame;
    const levels = (texts: readonly [string, string][]): Levels =>
      texts.map(([price, size]) => [
        tickFromDecimal(price, instrument) as Tick,
        lotFromDecimal(size, instrument) as Lot,
      ]);
    return { instrument, bids: levels(data.b), asks: levels(data.a) };
  });
}

/** What the desk remembers of the parameters under which it entered. */
const PARAMETERS = {
  stopLossGraceMs: 3_000,
  stopLossTrigger: 'mark',
  tpMinMovePercent: 0.3,
  tpMinRewardRatio: 0.5,
  maxHoldingMinutes: 30,
  tpSlowdownWindowMs: 3_000,
  tpSlowdownMultiplier: 3,
  tpCounterFlowImbalance: 0.6,
  tpCounterDensityRangePercent: 0.2,
  breakoutBreakevenProfitPercent: 0.5,
  bounceDensityErosionExitPercent: 65,
};
const SESSION = '8a68448f-bb98-447b-b78c-12589a6ec7c0';

/** `count` rows of one table, all of one day. */
export function sampleRows(table: BenchTable, count: number, books: readonly Book[], seed: number): readonly Row[] {
  const rng = createRng(seed).fork(table);
  return Array.from({ length: count }, (_, i): Row => {
    const { instrument, bids, asks } = books[i % books.length] as Book;
    const { symbol } = instrument;
    const time = (NOON + i * 20) as Ms;
    const ratio = rng.next() * 300;
    switch (table) {
      case 'densities':
        return density({
          time,
          sessionId: SESSION,
          lifeId: `${symbol}-${i % 64}-${i}`,
          symbol,
          notional: (50_000 + rng.next() * 500_000).toFixed(7),
          volumePercent: rng.next() * 100,
          relativeStrength: ratio,
          peakNotional: (50_000 + rng.next() * 500_000).toFixed(7),
          criteria: [
            { name: 'notional_usdt', value: ratio * 1_000, threshold: 50_000, passed: true },
            { name: 'relative', value: ratio, threshold: 3, passed: true },
            { name: 'share_percent', value: rng.next() * 100, threshold: 5, passed: true },
          ],
        });
      case 'signals':
        return signal({
          time,
          sessionId: SESSION,
          signalId: `${symbol}-${i % 64}-${i}`,
          lifeId: `${symbol}-${i % 64}-${i >> 3}`,
          symbol,
          relativeStrength: ratio,
          exchangeMs: time,
          receivedMs: time + 9,
          scannedMs: time + 10,
          updateId: 9_000_000 + i,
        });
      case 'trades':
        return trade({
          tradeId: `d1-2e5a18ad-1-${i}-E`,
          sessionId: SESSION,
          symbol,
          entryTime: time,
          exitTime: (time + 60_000) as Ms,
          exitReason: 'stop_loss',
          exitPrice: '0.10181',
          grossProfit: (rng.next() - 0.5).toFixed(9),
          profitLoss: (rng.next() - 0.5).toFixed(9),
          profitLossPercent: rng.next() - 0.5,
          parametersSnapshot: PARAMETERS,
        });
      case 'orderbook_snapshots':
        return snapshotRow(SESSION, instrument, { bids, asks, u: i + 1, seq: 7_000_000_000 + i, cts: time }) as Row;
    }
  });
}
