// What does the simulated exchange remember of its trades? The last of them, for whoever asks over REST.
import { expect, test } from 'vitest';
import { createRng } from '../../src/lib/rng.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import { ASK } from '../../src/market/side.ts';
import { FrameWriter } from '../../src/simulator/frame-writer.ts';
import { TradeFrames } from '../../src/simulator/trade-frames.ts';

test('of a market that trades for long the last trades are kept, at least a thousand and at most twice as many', () => {
  const instrument = createInstrument('SOLUSDT', '0.01', '0.1') as Instrument;
  const trades = new TradeFrames(instrument, new FrameWriter(), createRng(1));
  const print = { timeMs: 1, hit: ASK, tick: 7_000, lots: 1, kind: 'book', uptick: 'ZeroPlusTick' } as const;
  const sizes: number[] = [];
  for (let seq = 0; seq < 3_500; seq += 100) {
    const prints = Array.from({ length: 100 }, (_, i) => ({ ...print, seq: seq + i }));
    trades.take(prints, seq, false);
    sizes.push(trades.recent.length);
  }
  expect([Math.max(...sizes), Math.min(...sizes.slice(10))]).toEqual([2_000, 1_000]);
  expect(trades.recent.at(-1)?.print.seq).toBe(3_499);
});
