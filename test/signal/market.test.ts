// Do trend and extrema say what the plain reading of strategy 5 and 6 says?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBooks } from '../../src/book/layout.ts';
import { VIEW_LEVELS_MAX } from '../../src/book/read.ts';
import { createRing } from '../../src/lib/ring.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { Ms } from '../../src/lib/brand.ts';
import type { Slot } from '../../src/market/units.ts';
import { EVENT_STRIDE } from '../../src/scan/event.ts';
import { createLives, DAILY_CHANGE, HEADER_AT, PARAMS_AT, PRESSURE } from '../../src/scan/layout.ts';
import { writeParams } from '../../src/scan/params.ts';
import { createWorkspace } from '../../src/scan/workspace.ts';
import { isNewTerritory } from '../../src/signal/extrema.ts';
import { readTrend, trendStrength } from '../../src/signal/trend.ts';
import { createTape } from '../../src/tape/layout.ts';
import { resetTape, setLookback, widenMinute } from '../../src/tape/write.ts';
import { arbitrarySession } from '../oracle/arbitrary.ts';
import { PlainExtrema } from '../oracle/extrema.ts';
import { DEFAULTS } from '../oracle/params.ts';
import { combineTrends, dayTrend, PlainPressure, rawPressure } from '../oracle/trend.ts';
import { scanParams } from '../scan/plain-params.ts';
import { showLevels } from '../scan/show-levels.ts';

const SEED = Number(process.env['PLOTNOST_SEED'] ?? 20_261_126);
const SLOT = 0 as Slot;
const MINUTE = 60_000;

test('the trend of every book is that of the day and of the smoothed pressure, whatever time a message has', () => {
  const session = arbitrarySession(30);
  const day = fc.constantFrom(-12, -3, -2.99, 0, 2.99, 3, 40);
  // What a message's time is ahead of the others': a snapshot from before the gap, a clock that runs on for an hour.
  const skew = fc.constantFrom(0, 0, 0, 0, -2_000, 3_600_000);
  const skews = fc.array(skew, { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(session, day, skews, ({ steps, params }, change, aheadMs) => {
      const instrument = createInstrument('XUSDT', '1', '1') as Instrument;
      const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1) };
      const work = createWorkspace(memory, createRing(64, EVENT_STRIDE), () => undefined);
      [work.view.sides[0].at, work.view.sides[1].at] = work.kernel.createSides(VIEW_LEVELS_MAX);
      writeParams(memory.lives.numbers, PARAMS_AT, scanParams(params), instrument);
      resetTape(memory.tape, SLOT);
      memory.lives.numbers[HEADER_AT + DAILY_CHANGE] = change;
      const pressure = new PlainPressure(params);
      for (const step of steps) {
        if (step.kind === 'trade') continue;
        const { sides, bestBid, bestAsk, u } = step.message;
        const cts = step.message.cts + (aheadMs[u % aheadMs.length] as number);
        if (bestBid === 0 || bestAsk === 0) continue;
        for (const side of [0, 1] as const) showLevels(work.kernel, work.view.sides[side], sides[side]);
        work.time[0] = cts;
        const trend = readTrend(work, 0, bestBid + bestAsk);
        const smoothed = pressure.update(cts, rawPressure(step.message, [], params));
        const plain = combineTrends(dayTrend(change, params), smoothed.trend);
        const name = trend > 0 ? 'UP' : trend < 0 ? 'DOWN' : 'FLAT';
        expect({ trend: name, strength: trendStrength(trend) }).toEqual(plain);
        expect(Math.abs(memory.lives.numbers[HEADER_AT + PRESSURE] as number)).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 300, seed: SEED },
  );
});

// [lots at 100, lots at 120 or 150]: bids and asks of 900 and 600 are a fifth apart.
test.each([
  ['UP', 100, 9_000, 120, 5_000],
  ['FLAT', 100, 9_000, 120, 5_001],
  ['DOWN', 100, 6_000, 150, 6_000],
  ['FLAT', 100, 6_001, 150, 6_000],
])(
  'where a fifth is the least pressure, the trend is %s with bids of %d × %d and asks of %d × %d',
  (name, ...levels) => {
    const [bid, bidLots, ask, askLots] = levels;
    const instrument = createInstrument('XUSDT', '1', '1') as Instrument;
    const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1) };
    const work = createWorkspace(memory, createRing(64, EVENT_STRIDE), () => undefined);
    [work.view.sides[0].at, work.view.sides[1].at] = work.kernel.createSides(VIEW_LEVELS_MAX);
    const params = { ...DEFAULTS, trendPressureRangePercent: 50, trendMinImbalance: 0.2 };
    writeParams(memory.lives.numbers, PARAMS_AT, scanParams(params), instrument);
    showLevels(work.kernel, work.view.sides[0], [{ tick: bid, lot: bidLots }]);
    showLevels(work.kernel, work.view.sides[1], [{ tick: ask, lot: askLots }]);
    work.time[0] = 1_000 * MINUTE;
    expect(Math.sign(readTrend(work, 0, bid + ask))).toBe({ UP: 1, FLAT: 0, DOWN: -1 }[name]);
  },
);

test('new territory lies beyond every minute but the running one', () => {
  const tick = fc.integer({ min: 990, max: 1_010 });
  const ms = fc.integer({ min: 0, max: 20 * MINUTE });
  const bar = fc.record({ startMs: ms, high: tick, drop: fc.nat({ max: 9 }) });
  const trade = fc.record({ ms, tick });
  fc.assert(
    fc.property(fc.array(bar, { maxLength: 8 }), fc.array(trade, { minLength: 1, maxLength: 40 }), (bars, trades) => {
      const tape = createTape(1);
      resetTape(tape, SLOT);
      const hours = 0.2; // twelve minutes, the running one among them
      const closed = 11;
      setLookback(tape, SLOT, closed);
      const plain = new PlainExtrema(hours);
      // Candles come first, and begin at a minute that the tape can tell from none.
      const shift = 1_000 * MINUTE;
      for (const { startMs, high, drop } of bars) {
        const start = Math.floor(startMs / MINUTE) * MINUTE + shift;
        plain.seed([{ startMs: start, high, low: high - drop }]);
        widenMinute(tape, SLOT, start / MINUTE, high, high - drop);
      }
      for (const print of trades.toSorted((a, b) => a.ms - b.ms)) {
        const now = (print.ms + 21 * MINUTE + shift) as Ms;
        plain.trade(now, print.tick);
        widenMinute(tape, SLOT, Math.floor(now / MINUTE), print.tick, print.tick);
        for (const at of [988, 995, 1_000, 1_005, 1_012]) {
          expect(isNewTerritory(tape, 0, true, 2 * at, now), `up at ${at}`).toBe(plain.isNewTerritory('up', at, now));
          expect(isNewTerritory(tape, 0, false, 2 * at, now), `down at ${at}`).toBe(
            plain.isNewTerritory('down', at, now),
          );
        }
      }
    }),
    { numRuns: 1_000, seed: SEED },
  );
});
