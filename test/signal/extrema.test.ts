// Is new territory where no closed minute has been, also when nothing has traded since?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Slot } from '../../src/market/units.ts';
import { isNewTerritory } from '../../src/signal/extrema.ts';
import { createTape } from '../../src/tape/layout.ts';
import { addTrade, resetTape, setLookback, widenMinute } from '../../src/tape/write.ts';
import { PlainExtrema } from '../oracle/extrema.ts';

const SLOT = 1 as Slot;
const MINUTE = 60_000;
const START = 1_000 * MINUTE;
const HOURS = 1;
/** The running minute is one of those looked back over. */
const CLOSED = 59;

class Tape {
  readonly #memory = createTape(2);
  readonly #plain = new PlainExtrema(HOURS);

  constructor() {
    resetTape(this.#memory, SLOT);
    setLookback(this.#memory, SLOT, CLOSED);
  }

  bar(minute: number, high: number, low: number): void {
    widenMinute(this.#memory, SLOT, START / MINUTE + minute, high, low);
    this.#plain.seed([{ startMs: START + minute * MINUTE, high, low }]);
  }

  trade(ms: number, tick: number): void {
    addTrade(this.#memory, SLOT, Float64Array.of(START + ms), 0, tick, 1, true, 2);
    this.#plain.trade(START + ms, tick);
  }

  isNew(up: boolean, mid: number, ms: number): boolean {
    const now = START + ms;
    const fast = isNewTerritory(this.#memory, SLOT, up, 2 * mid, now);
    const plain = this.#plain.isNewTerritory(up ? 'up' : 'down', mid, now);
    if (fast !== plain) throw new Error(`new at ${mid} ${up ? 'upward' : 'downward'}: ${fast}, plainly ${plain}`);
    return fast;
  }
}

test('before anything is known nothing is new', () => {
  const tape = new Tape();
  expect(tape.isNew(true, 1_000, 0)).toBe(false);
  tape.trade(0, 10);
  expect(tape.isNew(true, 1_000, 1)).toBe(false);
});

test('the running minute does not count, and once it is over it does', () => {
  const tape = new Tape();
  tape.bar(-1, 100, 90);
  tape.trade(0, 120);
  expect(tape.isNew(true, 110, 59_999)).toBe(true);
  expect(tape.isNew(true, 110, 60_000)).toBe(false);
  expect(tape.isNew(true, 120.5, 60_000)).toBe(true);
});

test('a trade of the next minute closes no minute in which the book still is', () => {
  const tape = new Tape();
  tape.bar(-1, 100, 90);
  tape.trade(30_000, 120);
  tape.trade(60_000, 121);
  expect([59_999, 60_000].map((ms) => tape.isNew(true, 110, ms))).toEqual([true, false]);
});

test('a price is new only beyond the extremum, not at it', () => {
  const tape = new Tape();
  tape.bar(-1, 100, 90);
  tape.trade(0, 95);
  expect([100, 100.5].map((mid) => tape.isNew(true, mid, 1))).toEqual([false, true]);
  expect([90, 89.5].map((mid) => tape.isNew(false, mid, 1))).toEqual([false, true]);
});

test('what was longer ago than the hours looked back is forgotten', () => {
  const tape = new Tape();
  tape.bar(-59, 200, 50);
  tape.bar(-58, 100, 90);
  tape.trade(0, 95);
  expect(tape.isNew(true, 150, 1)).toBe(false);
  tape.trade(MINUTE, 95);
  expect(tape.isNew(true, 150, MINUTE)).toBe(true);
});

test('what was longer ago is forgotten also when nothing has traded since', () => {
  const tape = new Tape();
  tape.bar(-30, 200, 50);
  tape.trade(0, 95);
  expect(tape.isNew(true, 150, 1)).toBe(false);
  expect(tape.isNew(true, 150, 29 * MINUTE)).toBe(false);
  expect(tape.isNew(true, 150, 30 * MINUTE)).toBe(true);
  expect(tape.isNew(true, 150, 59 * MINUTE)).toBe(true);
  expect(tape.isNew(true, 150, 60 * MINUTE)).toBe(false);
});

test('over any bars and trades, new is what the plain reading calls new', () => {
  const price = fc.integer({ min: 90, max: 110 });
  const trades = fc.array(
    fc.record({ afterMs: fc.nat({ max: 2 * MINUTE }), tick: price, lateMs: fc.nat({ max: 100 }) }),
    {
      minLength: 1,
      maxLength: 90,
      size: 'max',
    },
  );
  // Klines have no holes: a bar a minute, in any order.
  const bars = fc
    .array(fc.record({ low: price, width: fc.nat({ max: 5 }) }), { maxLength: 70, size: 'max' })
    .chain((all) => fc.shuffledSubarray([...all.entries()], { minLength: all.length }));
  fc.assert(
    fc.property(
      bars,
      trades,
      fc.nat({ max: 70 * MINUTE }),
      fc.integer({ min: 170, max: 240 }),
      (klines, traded, rest, middle) => {
        const tape = new Tape();
        for (const [i, { low, width }] of klines) tape.bar(-1 - i, low + width, low);
        let ms = 0;
        for (const [i, { afterMs, tick, lateMs }] of traded.entries()) {
          ms += afterMs;
          tape.trade(i === traded.length - 1 ? ms : Math.max(0, ms - lateMs), tick);
        }
        for (const up of [true, false]) tape.isNew(up, middle / 2, ms + rest);
      },
    ),
    { numRuns: 1_000 },
  );
});
