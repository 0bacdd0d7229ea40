// Is the tape what a plain list of trades says it is?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TICK_MAX } from '../../src/book/grid.ts';
import type { Ms } from '../../src/lib/brand.ts';
import type { Slot } from '../../src/market/units.ts';
import { readExtrema } from '../../src/tape/extrema.ts';
import { readFlow } from '../../src/tape/flow.ts';
import {
  createTape,
  FACT_CHANGE,
  FACT_HIGH,
  FACT_LAST,
  FACT_LOW,
  FACT_TRADES,
  FACTS,
  MINUTE_MS,
  readFact,
  SLOT_NUMBERS,
  type TapeMemory,
  TRADE_STRIDE,
  tradeAt,
  TRADES,
  TRADES_AT,
} from '../../src/tape/layout.ts';
import { addTrade, resetTape, setFact, setLookback, widenMinute, widenMinutes } from '../../src/tape/write.ts';

const SLOT = 1 as Slot;
const START = 29_771_847 * MINUTE_MS;

interface Trade {
  readonly time: number;
  readonly tick: number;
  readonly lot: number;
  readonly isBuy: boolean;
}

/** Mostly forward, now and then a pause of minutes or a trade that comes late. */
const trades = (pauseMax: number): fc.Arbitrary<Trade[]> =>
  fc
    .array(
      fc.record({
        step: fc.oneof(
          { weight: 10, arbitrary: fc.nat({ max: 400 }) },
          { weight: 1, arbitrary: fc.nat({ max: pauseMax }) },
        ),
        late: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 90_000 }) }),
        tick: fc.integer({ min: 900, max: 1_100 }),
        lot: fc.integer({ min: 1, max: 1_000 }),
        isBuy: fc.boolean(),
      }),
      { maxLength: 120, size: 'max' },
    )
    .map((steps) => {
      let now = START;
      return steps.map(({ step, late, ...trade }) => ({ ...trade, time: (now += step) - late }));
    });

function put(tape: ReturnType<typeof createTape>, { time, tick, lot, isBuy }: Trade): void {
  addTrade(tape, SLOT, new Float64Array([0, time]), 1, tick, lot, isBuy, isBuy ? 2 : 3);
}

test('flow over any window is the sum of the trades in its whole buckets of 100 ms', () => {
  const bucket = (time: number) => Math.floor(time / 100);
  fc.assert(
    fc.property(trades(100_000), fc.integer({ min: 1, max: 70_000 }), fc.nat({ max: 5_000 }), (list, window, after) => {
      const tape = createTape(3);
      for (const trade of list) put(tape, trade);
      const newest = Math.max(START, ...list.map(({ time }) => time));
      const now = newest + after;
      const span = Math.min(600, Math.ceil(window / 100));
      const inside = list.filter(({ time }, i) => {
        // One that came when newer flow had taken its place of 60 s is not counted.
        const taken = list
          .slice(0, i)
          .some((other) => bucket(other.time) % 600 === bucket(time) % 600 && bucket(other.time) > bucket(time));
        return !taken && bucket(time) <= bucket(now) && bucket(time) > bucket(now) - span;
      });
      const sum = (buys: boolean) =>
        inside.reduce((all, { tick, lot, isBuy }) => all + (isBuy === buys ? tick * lot : 0), 0);
      const flow = readFlow(tape, SLOT, now as Ms, window as Ms);
      const [bought, sold] = [sum(true), sum(false)];
      const imbalance = bought + sold === 0 ? 0 : (bought - sold) / (bought + sold);
      return JSON.stringify(flow) === JSON.stringify({ bought, sold, trades: inside.length, imbalance });
    }),
    { numRuns: 400 },
  );
});

test('the extrema are those of the closed minutes looked back over, whatever comes late and however long nothing trades', () => {
  fc.assert(
    fc.property(trades(40 * MINUTE_MS), fc.constantFrom(1, 5, 240, 1_439, 5_000), (list, minutes) => {
      const tape = createTape(3);
      setLookback(tape, SLOT, minutes);
      for (const [i, trade] of list.entries()) {
        put(tape, trade);
        const so = list.slice(0, i + 1).map(({ time, tick }) => ({ minute: Math.floor(time / MINUTE_MS), tick }));
        const running = Math.max(...so.map(({ minute }) => minute));
        const oldest = running - Math.min(minutes, 1_439);
        const ticks = so.filter(({ minute }) => minute < running && minute >= oldest).map(({ tick }) => tick);
        const wanted = ticks.length === 0 ? [0, 0] : [Math.max(...ticks), Math.min(...ticks)];
        const told = [FACT_HIGH, FACT_LOW].map((fact) => readFact(tape, SLOT, fact));
        if (told.join() !== wanted.join()) return false;
      }
      return true;
    }),
    { numRuns: 200 },
  );
});

test('klines widen closed minutes before and after trades; a bar of more than a day ago changes nothing', () => {
  const tape = createTape(2);
  setLookback(tape, SLOT, 240);
  const facts = () => [FACT_HIGH, FACT_LOW].map((fact) => readFact(tape, SLOT, fact));
  const minute = START / MINUTE_MS;
  widenMinute(tape, SLOT, minute - 2, 1_050, 990);
  expect(facts()).toEqual([0, 0]); // the only minute known is taken for the running one
  put(tape, { time: START, tick: 1_000, lot: 1, isBuy: true });
  expect(facts()).toEqual([1_050, 990]);
  widenMinute(tape, SLOT, minute - 1, 1_020, 980);
  expect(facts()).toEqual([1_050, 980]);
  widenMinute(tape, SLOT, minute - 300, 5_000, 1);
  expect(facts()).toEqual([1_050, 980]);
  widenMinute(tape, SLOT, minute - 1_441, 5_000, 1);
  widenMinute(tape, SLOT, minute - 1_440, 5_000, 1);
  expect(facts()).toEqual([1_050, 980]);
});

test('candles that come together leave the same tape as one after the other', () => {
  const bar = fc.record({
    minute: fc.integer({ min: START / MINUTE_MS - 2_000, max: START / MINUTE_MS }),
    high: fc.integer({ min: 1_000, max: 1_009 }),
    low: fc.integer({ min: 990, max: 1_000 }),
  });
  fc.assert(
    fc.property(fc.array(fc.array(bar, { maxLength: 50 })), fc.nat({ max: 1_439 }), (answers, lookback) => {
      const [together, apart] = [createTape(2), createTape(2)] as const;
      for (const tape of [together, apart]) setLookback(tape, SLOT, lookback);
      for (const bars of answers) {
        widenMinutes(together, SLOT, bars);
        for (const { minute, high, low } of bars) widenMinute(apart, SLOT, minute, high, low);
        expect(new Float64Array(together.buffer)).toEqual(new Float64Array(apart.buffer));
      }
    }),
    { numRuns: 200 },
  );
});

test('a candle from a grid with prices beyond all that can trade now is the highest that can', () => {
  const tape = createTape(2);
  widenMinutes(tape, SLOT, [{ minute: START / MINUTE_MS - 1, high: 3 * 2 ** 30, low: 1_000 }]);
  put(tape, { time: START, tick: 1_000, lot: 1, isBuy: true });
  expect(readFact(tape, SLOT, FACT_HIGH)).toBe(TICK_MAX);
});

test('where nobody has said how far to look back, a high of 23 hours ago is still one', () => {
  const tape = createTape(2);
  const out = new Float64Array(2);
  const minute = START / MINUTE_MS;
  const high = (now: number): number | undefined => (readExtrema(tape, SLOT, now, out), out[0]);
  put(tape, { time: START, tick: 1_000, lot: 1, isBuy: true });
  widenMinute(tape, SLOT, minute - 1_380, 1_200, 1_200);
  expect([high(START), high(START + MINUTE_MS)]).toEqual([1_200, 1_200]);
  setLookback(tape, SLOT, 240);
  expect([high(START), high(START + MINUTE_MS)]).toEqual([0, 1_000]);
  resetTape(tape, SLOT);
  widenMinute(tape, SLOT, minute - 1_380, 1_100, 1_100);
  put(tape, { time: START, tick: 1_000, lot: 1, isBuy: true });
  expect(high(START)).toBe(1_100);
  setLookback(tape, SLOT, 5_000);
  widenMinute(tape, SLOT, minute - 1_439, 1_300, 1_300);
  expect([high(START), high(START + MINUTE_MS)], 'a day but for a minute is all that is kept').toEqual([1_300, 1_100]);
});

test('who looks back less far than before forgets what is older, and knows the rest when he looks farther again', () => {
  const tape = createTape(2);
  const minute = START / MINUTE_MS;
  const facts = () => [FACT_HIGH, FACT_LOW].map((fact) => readFact(tape, SLOT, fact));
  setLookback(tape, SLOT, 300);
  for (let i = 300; i >= 0; i--) widenMinute(tape, SLOT, minute - i, 2_000 + i, 1_000 - i);
  expect(facts()).toEqual([2_300, 700]);
  setLookback(tape, SLOT, 40);
  expect(facts()).toEqual([2_040, 960]);
  setLookback(tape, SLOT, 240);
  expect(facts()).toEqual([2_040, 960]);
  for (let i = 300; i > 40; i--) widenMinute(tape, SLOT, minute - i, 2_000 + i, 1_000 - i);
  expect(facts()).toEqual([2_240, 760]);
});

test.each([
  ['a trade', (tape: TapeMemory, ahead: number) => put(tape, { time: ahead, tick: 9_000, lot: 1, isBuy: true })],
  ['a kline', (tape: TapeMemory, ahead: number) => widenMinute(tape, SLOT, ahead / MINUTE_MS, 9_000, 1)],
])('%s of hours ahead keeps no minute that really comes from being counted', (_what, tell) => {
  const tape = createTape(2);
  const out = new Float64Array(2);
  const trade = (minute: number, tick: number) =>
    put(tape, { time: START + minute * MINUTE_MS, tick, lot: 1, isBuy: true });
  trade(0, 1_000);
  tell(tape, START + 300 * MINUTE_MS);
  for (const [minute, tick] of [1_010, 1_020, 990, 1_000].entries()) trade(minute + 1, tick);
  readExtrema(tape, SLOT, START + 4 * MINUTE_MS, out);
  expect([...out]).toEqual([1_020, 990]);
  readExtrema(tape, SLOT, START + 2 * MINUTE_MS, out);
  expect([...out]).toEqual([1_010, 1_000]);
});

test('the last trades stand in a ring, and a slot that changes hands forgets everything of its own only', () => {
  const tape = createTape(3);
  for (let i = 0; i < TRADES + 3; i++) put(tape, { time: START + i, tick: 1_000 + i, lot: 1 + i, isBuy: i % 2 === 0 });
  const newest = tradeAt(SLOT, TRADES + 2);
  expect(newest).toBe(SLOT * SLOT_NUMBERS + TRADES_AT + 2 * TRADE_STRIDE);
  expect(readFact(tape, SLOT, FACT_TRADES)).toBe(TRADES + 3);
  expect([...tape.numbers.subarray(newest, newest + TRADE_STRIDE)]).toEqual([
    START + TRADES + 2,
    1_000 + TRADES + 2,
    TRADES + 3,
    2,
  ]);
  // Of the others every number: the ring is full, and behind it begins the next tape.
  const others = [tape.numbers.subarray(0, SLOT_NUMBERS), tape.numbers.subarray(2 * SLOT_NUMBERS)];
  for (const other of others) other.fill(9);
  setFact(tape, 0 as Slot, FACT_LAST, 5);
  setFact(tape, 2 as Slot, FACT_LAST, 6);
  resetTape(tape, SLOT);
  expect([...tape.facts.subarray(SLOT * FACTS, (SLOT + 1) * FACTS)]).toEqual([
    NaN,
    ...Array<number>(FACTS - 1).fill(0),
  ]);
  const own = tape.numbers.subarray(SLOT_NUMBERS, 2 * SLOT_NUMBERS);
  expect(own.every((value) => value === 0)).toBe(true);
  expect(others.every((other) => other.every((value) => value === 9))).toBe(true);
  expect([readFact(tape, 0, FACT_LAST), readFact(tape, 2, FACT_LAST)]).toEqual([5, 6]);
});

test('whatever was written for a symbol, the next one in its slot finds nothing of it', () => {
  const write = fc.oneof(
    fc.record({ minute: fc.nat({ max: 3_000 }), high: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ time: fc.nat({ max: 200_000 }), lot: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ fact: fc.constantFrom(FACT_CHANGE, FACT_LAST), value: fc.double() }),
  );
  fc.assert(
    fc.property(fc.array(write, { maxLength: 400, size: 'max' }), (writes) => {
      const tape = createTape(2);
      for (const one of writes) {
        if ('minute' in one) widenMinute(tape, SLOT, START / MINUTE_MS - one.minute, one.high, 1);
        else if ('time' in one) put(tape, { time: START + one.time, tick: 1_000, lot: one.lot, isBuy: true });
        else setFact(tape, SLOT, one.fact, one.value);
      }
      resetTape(tape, SLOT);
      const left = [...tape.facts.subarray(SLOT * FACTS), ...tape.numbers].filter((value) => value !== 0);
      expect(left).toEqual([Number.NaN]);
    }),
    { numRuns: 60 },
  );
});
