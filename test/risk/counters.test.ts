// Do exposure, losses, rates and rejects count what they say, over days and restarts?
import { describe, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { moneyFromNumber } from '../../src/market/money.ts';
import { exposureOf } from '../../src/risk/exposure.ts';
import {
  dayLossOf,
  initialLosses,
  lossesFromRecord,
  lossesToRecord,
  stepLosses,
  type LossEvent,
  type LossState,
} from '../../src/risk/losses.ts';
import {
  entryCounts,
  INITIAL_RATES,
  ratesFromRecord,
  ratesToRecord,
  rejectCounts,
  runawayOf,
  stepRates,
  type RateEvent,
  type RateState,
} from '../../src/risk/rates.ts';

const usd = moneyFromNumber;
const DAY = 86_400_000;
const MORNING = (20_000 * DAY + 8 * 3_600_000) as Ms;
const later = (ms: number): Ms => (MORNING + ms) as Ms;
const midnight = later(16 * 3_600_000);

describe('exposure', () => {
  test('I-10, Y07: what is open, in flight, unknown and foreign adds up', () => {
    const exposure = exposureOf([
      { symbol: 'A', side: 'long', notional: usd(10), state: 'open' },
      { symbol: 'B', side: 'short', notional: usd(20), state: 'in-flight' },
      { symbol: 'C', side: 'long', notional: usd(40), state: 'unknown' },
      { symbol: 'D', side: 'long', notional: usd(80), state: 'foreign' },
    ]);
    expect(exposure).toEqual({ total: usd(150), pending: usd(60), positions: 3, long: 2, short: 1 });
  });

  test('an entry filled in parts is one position', () => {
    const exposure = exposureOf([
      { symbol: 'A', side: 'long', notional: usd(10), state: 'open' },
      { symbol: 'A', side: 'long', notional: usd(15), state: 'in-flight' },
    ]);
    expect(exposure).toEqual({ total: usd(25), pending: usd(15), positions: 1, long: 1, short: 0 });
  });
});

describe('losses', () => {
  const after = (events: readonly LossEvent[], from: LossState = initialLosses(MORNING)): LossState =>
    events.reduce(stepLosses, from);
  const valued = (equity: number, unrealised: number | undefined, timeMs: Ms = MORNING): LossEvent => ({
    kind: 'valued',
    equity: usd(equity),
    unrealised: unrealised === undefined ? undefined : usd(unrealised),
    limitPercent: 2,
    timeMs,
  });
  const closed = (net: number, timeMs: Ms = MORNING): LossEvent => ({
    kind: 'closed',
    symbol: 'A',
    net: usd(net),
    timeMs,
  });

  test('Y01: realised and unrealised, fees and funding make the day’s result', () => {
    const state = after([
      valued(1_000, 0),
      { kind: 'booked', amount: usd(-3), timeMs: MORNING },
      { kind: 'booked', amount: usd(1), timeMs: MORNING },
    ]);
    expect(dayLossOf(state, usd(-4))).toEqual({ result: usd(-6), startEquity: usd(1_000), tripped: false });
  });

  test('R19: the day began with what it has brought since taken out of the wallet', () => {
    const state = after([{ kind: 'booked', amount: usd(-30), timeMs: MORNING }, valued(970, 0)]);
    expect(state).toMatchObject({ startEquity: usd(1_000), tripped: true });
    expect(after([{ kind: 'booked', amount: usd(-19.9), timeMs: MORNING }, valued(980.1, 0)]).tripped).toBe(false);
  });

  test('Y01: a limit once reached stays reached until the next day, though the open position recovers', () => {
    const tripped = after([valued(1_000, 0), valued(980, -20), valued(1_000, 5)]);
    expect(tripped.tripped).toBe(true);
    const morrow = after([valued(1_005, 0, later(DAY))], tripped);
    expect(morrow).toMatchObject({ tripped: false, startEquity: usd(1_005), realised: 0n });
  });

  test('a loss a hair below the limit does not trip', () => {
    expect(after([valued(1_000, 0), valued(980, -19.99)]).tripped).toBe(false);
    expect(after([valued(0, 0)]).tripped).toBe(false);
  });

  test('Y08: without a fresh mark the day cannot be valued', () => {
    expect(dayLossOf(after([valued(1_000, undefined)]), undefined)).toBeUndefined();
    expect(dayLossOf(initialLosses(MORNING), 0n)).toBeUndefined();
  });

  test('Y08: a day whose losses an open position has made good for is not lost when its mark is old for a moment', () => {
    const before = [valued(1_000, 0), { kind: 'booked', amount: usd(-21), timeMs: MORNING }, valued(979, 15)] as const;
    const unknown = after([...before, valued(979, undefined)]);
    expect([unknown.tripped, dayLossOf(unknown, undefined)]).toEqual([false, undefined]);
    expect(after([valued(979, 1)], unknown).tripped).toBe(true);
  });

  test('Y06: a day that is valued for the first time, as after the loss of the journal, is lost by what was realised alone', () => {
    const recalled = { kind: 'booked', amount: usd(-21), timeMs: MORNING } as const;
    expect(after([recalled, valued(979, undefined), valued(979, 15)]).tripped).toBe(true);
  });

  test('what is booked late belongs to the day on which it happened', () => {
    const state = after([valued(1_000, 0, later(DAY)), { kind: 'booked', amount: usd(-3), timeMs: MORNING }]);
    expect(state.realised).toBe(0n);
  });

  test('losses in a row count until a trade that is none, or the operator’s word', () => {
    expect(after([closed(-1), closed(-2), closed(-3)]).inRow).toBe(3);
    expect(after([closed(-1), closed(0), closed(-3)]).inRow).toBe(1);
    expect(after([closed(-1), { kind: 'resumed' }]).inRow).toBe(0);
  });

  test('a trade of yesterday that is told late makes no loss of today’s row, nor ends it; its symbol rests all the same', () => {
    const today = later(DAY);
    const lastMoment = (midnight - 1) as Ms;
    const late = after([valued(1_000, 0, midnight), closed(-1, lastMoment)]);
    expect([late.inRow, late.cooldowns.get('A')]).toEqual([0, lastMoment + 300_000]);
    expect(after([closed(-1, today), closed(-1, today), closed(5, lastMoment)]).inRow).toBe(2);
    expect(after([valued(1_000, 0, midnight), closed(-1, midnight)]).inRow).toBe(1);
  });

  test('a new day forgets the losses in a row, and no rest that is not over', () => {
    const before = after([
      closed(-1, (midnight - 300_000) as Ms),
      { kind: 'rested', symbol: 'B', untilMs: (midnight + 1) as Ms },
    ]);
    expect(before.inRow).toBe(1);
    const morrow = after([valued(1_000, 0, midnight)], before);
    expect([morrow.inRow, [...morrow.cooldowns.keys()]]).toEqual([0, ['B']]);
  });

  test('a symbol rests after a loss, and the longer rest counts', () => {
    const state = after([closed(-1), { kind: 'rested', symbol: 'A', untilMs: later(60_000) }]);
    expect(state.cooldowns.get('A')).toBe(later(300_000));
    expect(after([closed(1)]).cooldowns.size).toBe(0);
  });

  test('R19, Y06: a restart does not reset them', () => {
    const state = after([valued(1_000, -25), closed(-4), { kind: 'booked', amount: usd(-4.5), timeMs: MORNING }]);
    const written = JSON.parse(JSON.stringify(lossesToRecord(state))) as ReturnType<typeof lossesToRecord>;
    expect(lossesFromRecord(written)).toEqual(state);
    const fresh = initialLosses(MORNING);
    expect(lossesFromRecord(lossesToRecord(fresh))).toEqual(fresh);
    expect(lossesFromRecord({ ...written, realised: 'much' })).toBeUndefined();
    expect(lossesFromRecord({ ...written, startEquity: '1e3' })).toBeUndefined();
  });
});

describe('rates', () => {
  const run = (events: readonly (readonly [number, RateEvent])[]): RateState =>
    events.reduce((state, [at, event]) => stepRates(state, event, at as Ms), INITIAL_RATES);
  const sent: RateEvent = { kind: 'sent' };
  const rejected = (symbol: string): RateEvent => ({ kind: 'rejected', symbol });

  test('G23: entries are counted over the last minute, hour and day', () => {
    const times = [0, 1, 82_800_000, 82_800_001, 86_340_000, 86_340_001, 86_400_000];
    const state = run(times.map((at) => [at, sent]));
    expect(entryCounts(state, 86_400_000 as Ms)).toEqual({ minute: 2, hour: 4, day: 6 });
    expect(state.sent).toEqual(times.slice(1));
  });

  test('G24: rejects in a row end with an order that is accepted', () => {
    const state = run([
      [0, rejected('A')],
      [1, rejected('B')],
      [2, rejected('A')],
    ]);
    expect(rejectCounts(state, 'A')).toEqual({ symbol: 2, total: 3 });
    expect(rejectCounts(stepRates(state, { kind: 'accepted', symbol: 'A' }, 3 as Ms), 'A')).toEqual({
      symbol: 0,
      total: 0,
    });
    const others = stepRates(state, { kind: 'accepted', symbol: 'C' }, 3 as Ms);
    expect(rejectCounts(others, 'A')).toEqual({ symbol: 2, total: 0 });
    expect(rejectCounts(stepRates(others, { kind: 'accepted', symbol: 'A' }, 4 as Ms), 'A').symbol).toBe(0);
    expect(rejectCounts(stepRates(state, { kind: 'resumed' }, 3 as Ms), 'B')).toEqual({ symbol: 0, total: 0 });
  });

  test('Y02, I-15: three rejects of a symbol or ten in all run away', () => {
    const two = run([
      [0, rejected('A')],
      [0, rejected('A')],
    ]);
    expect(runawayOf(two)).toBeUndefined();
    expect(runawayOf(stepRates(two, rejected('A'), 1 as Ms))).toBe('3 rejects in a row of A');
    const ten = run('ABCDEFGHIJ'.split('').map((symbol, at) => [at, rejected(symbol)]));
    expect(runawayOf(ten)).toBe('10 rejects in a row');
  });

  test('Y06: entries of before a restart still count, as old as they are', () => {
    const state = run([
      [1_000, sent],
      [50_000, sent],
      [50_000, rejected('A')],
    ]);
    const written = JSON.parse(JSON.stringify(ratesToRecord(state, 60_000 as Ms))) as ReturnType<typeof ratesToRecord>;
    const restored = ratesFromRecord(written, 5 as Ms, 20_000);
    expect(entryCounts(restored, 5 as Ms)).toEqual({ minute: 1, hour: 2, day: 2 });
    expect(rejectCounts(restored, 'A')).toEqual({ symbol: 1, total: 1 });
    // Half of each record would be fractions of a ms.
    expect(ratesToRecord(state, 60_000.987_654_3 as Ms).agesMs).toEqual([59_000, 10_000]);
    // A clock that went back makes nothing younger, and nothing older.
    const back = ratesFromRecord(written, 5 as Ms, -9e9);
    expect([entryCounts(back, 5 as Ms).minute, entryCounts(back, 60_005 as Ms).minute]).toEqual([2, 0]);
  });
});
