// Is what the journal keeps of a trade the same after its contract went over to another grid?
import { expect, test } from 'vitest';
import type { BookView } from '../../../src/book/read.ts';
import { createView } from '../../../src/book/read.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import { BID } from '../../../src/market/side.ts';
import type { Lot, Tick } from '../../../src/market/units.ts';
import type { PositionReport } from '../../../src/order/words.ts';
import { restsAt, wallExit } from '../../../src/position/watch/exit.ts';
import { recoveredTrade } from '../../../src/position/entry/intention.ts';
import { tradeBody, tradeFromBody, type Trade, type Wall } from '../../../src/position/trade/trade.ts';
import { contractOf, RULES } from '../desk-room.ts';

const PEPE = createInstrument('1000PEPEUSDT', '0.0000010', '100') as Instrument;
/** 500,000 whole units at 0.0075, which is 3,750 USDT. */
const WALL: Wall = { side: BID, low: 7_500 as Tick, high: 7_500 as Tick, units: 7_500 * 5_000 };
const TRADE: Trade = {
  id: 'd1-test-0-1-E',
  symbol: '1000PEPEUSDT',
  side: 'long',
  strategy: 'bounce',
  signalId: 's',
  lots: 30 as Lot,
  capTick: 7_520 as Tick,
  wall: WALL,
  extrema: undefined,
  initialStop: { tick: 7_450 as Tick, by: 'mark' },
  stop: { tick: 7_450 as Tick, by: 'mark' },
  aim: undefined,
  isBreakeven: false,
  takerFee: 0.00055,
  leverage: 10,
  rules: RULES.exit,
  configHash: 'c0ffee',
  best: undefined,
  openedMs: 1_786_310_820_000 as Ms,
  closing: undefined,
};

/** A book of one bid: the wall, and what is left of it. */
function bookOf(instrument: Instrument, part: number): BookView {
  const view = createView();
  const tick = Math.round((0.0075 * 10 ** instrument.priceScale) / instrument.tickScaled);
  const lots = Math.round((500_000 * part * 10 ** instrument.lotScale) / instrument.lotScaled);
  view.ticks[0][0] = tick;
  view.lots[0][0] = lots;
  view.counts[0] = 1;
  view.depth = 50;
  return view;
}

test.each([
  ['the same grid', '0.0000010', '100'],
  ['a finer tick', '0.0000005', '100'],
  ['a coarser tick', '0.00001', '100'],
  ['a finer step', '0.0000010', '10'],
  ['a coarser step', '0.0000010', '1000'],
  ['both', '0.00000025', '1000'],
])('a wall that rests untouched rests on %s, and one that was eaten is eaten', (_, tick, step) => {
  const instrument = createInstrument('1000PEPEUSDT', tick, step) as Instrument;
  const wall = tradeFromBody(tradeBody(TRADE, PEPE), instrument)?.wall as Wall;
  const exits = (part: number) => wallExit(wall, restsAt(wall, bookOf(instrument, part)), 65, false);
  expect([exits(1), exits(0.36), exits(0.34)]).toEqual([undefined, undefined, 'density_erosion']);
});

test('a trade of before, whose wall was kept in units alone, is read as it was', () => {
  const body = tradeBody(TRADE, PEPE);
  expect(tradeFromBody(body, PEPE)).toEqual(TRADE);
  expect(
    tradeFromBody({ ...body, wall: { side: BID, low: '0.007500', high: '0.007500', units: 7 } }, PEPE)?.wall,
  ).toEqual({ ...WALL, units: 7 });
});

test('P12: a trade whose prices lie between the ticks of a coarser grid stays what it was, at the nearest of them; a wall that does is watched no more', () => {
  const coarse = createInstrument('1000PEPEUSDT', '0.0001', '100') as Instrument;
  const aimed = { ...TRADE, aim: 7_490 as Tick, best: 7_561 as Tick };
  expect(tradeFromBody(tradeBody(aimed, PEPE), coarse)).toMatchObject({
    id: TRADE.id,
    strategy: 'bounce',
    signalId: 's',
    capTick: 76,
    wall: { low: 75, high: 75 },
    initialStop: { tick: 75, by: 'mark' },
    stop: { tick: 75, by: 'mark' },
    aim: 75,
    best: 76,
  });
  const between = { ...TRADE, wall: { ...WALL, high: 7_501 as Tick } };
  expect(tradeFromBody(tradeBody(between, PEPE), coarse)).toMatchObject({ id: TRADE.id, wall: undefined });
});

test.each(['long', 'short'] as const)(
  'P12: what a %s has paid within its worst price is within it on a coarser grid, and what it has paid beyond a tick is not',
  (side) => {
    const coarse = createInstrument('1000PEPEUSDT', '0.0001', '100') as Instrument;
    const sign = side === 'long' ? 1 : -1;
    const capOn = (capTick: number): number =>
      tradeFromBody(tradeBody({ ...TRADE, side, capTick: capTick as Tick }, PEPE), coarse)?.capTick as number;
    for (let capTick = 7_400; capTick <= 7_600; capTick++) {
      const beyond = (capOn(capTick) * 100 - capTick) * sign;
      expect([capTick, beyond >= 0, beyond < 100]).toEqual([capTick, true, true]);
    }
  },
);

test('the leverage of a position that was found is spelt as that of one that was entered', () => {
  const report = { leverage: 1_250 } as PositionReport;
  const found = (told: PositionReport | undefined) =>
    recoveredTrade('r', 30, 7_500 as Tick, told, RULES, contractOf(PEPE), 0 as Ms).leverage;
  expect([found(report), found(undefined)]).toEqual([12.5, 0]);
});

// A stop of 0.55 % is 55 ticks away from 10 000, and one of 1 % at least two.
test.each([
  ['long', 10_000, 0.55, 9_945],
  ['short', 10_000, 0.55, 10_055],
  ['long', 9_999, 0.55, 9_944],
  ['short', 9_999, 0.55, 10_054],
  ['long', 50, 1, 48],
  ['short', 50, 1, 52],
])(
  'a %s that was found at %d, where stops are %d percent away at most, gets its stop at %d',
  (side, entry, percent, stop) => {
    const rules = { ...RULES, entry: { ...RULES.entry, maxStopPercent: percent } };
    const ours = side === 'long' ? 30 : -30;
    const found = recoveredTrade('r', ours, entry as Tick, undefined, rules, contractOf(PEPE), 0 as Ms);
    expect([found.side, found.stop.tick]).toEqual([side, stop]);
  },
);
