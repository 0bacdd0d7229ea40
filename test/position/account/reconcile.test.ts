// When is the account read, and what becomes of a reading whose way has died?
import { expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import type { AccountReading } from '../../../src/order/gateway.ts';
import {
  digestOf,
  readingAnew,
  readingAsked,
  readingDone,
  readingDue,
  seekReadings,
  type Readings,
} from '../../../src/position/account/reconcile.ts';

const CALM = { isPrivateUp: true, isUrgent: false, wantedFrom: -Infinity as Ms, walletReadAt: 0 as Ms, isFirst: false };
const due = (state: Readings, now: number, facts = CALM) =>
  readingDue(state, { ...facts, now: now as Ms, walletReadAt: now as Ms });

/** Two readings that agree. */
function held(): Readings {
  let state = seekReadings(0 as Ms);
  for (const at of [0, 10] as Ms[]) state = readingDone(readingAsked(state, 'deep', at), 'the same', at);
  return state;
}

test('two whole readings that agree are needed, and what differs begins anew', () => {
  let state = seekReadings(0 as Ms);
  const phases = ['one', 'other', 'other'].map((digest, i) => {
    const at = i as Ms;
    expect(due(state, i)).toBe('deep');
    state = readingDone(readingAsked(state, 'deep', at), digest, at);
    return state.phase;
  });
  expect(phases).toEqual(['sought', 'sought', 'held']);
});

test('R17: two readings between which a stop was moved, or an order of ours was placed, do not agree; a person’s orders come and go', () => {
  const position = { symbol: 'SOLUSDT', lots: 4, stop: { tick: 9_900, by: 'mark' } };
  const his = { orderId: 'o-1', linkId: '', parentLinkId: '', status: 'new', lots: 4, filledLots: 0 };
  const order = { ...his, linkId: 'd1-test-0-5-E' };
  const digest = (positions: readonly object[], openOrders: readonly object[]): string =>
    digestOf({ positions, openOrders } as unknown as AccountReading);
  const moved = { ...position, stop: { tick: 9_901, by: 'mark' } };
  const read = [digest([position], []), digest([moved], []), digest([position], [order])];
  expect(new Set(read).size).toBe(3);
  expect(digest([position, { ...position, symbol: 'XRPUSDT', lots: 0 }], [])).toBe(read[0]);
  expect(digest([position], [his])).toBe(read[0]);
  expect(digest([position], [{ ...his, parentLinkId: order.linkId }])).not.toBe(read[0]);
});

test('while one is out no other leaves; a host that comes back makes it leave anew, and as whole as it was', () => {
  const out = readingAsked(held(), 'deep', 5_000 as Ms);
  expect(due(out, 30_000)).toBeUndefined();
  expect(due(readingAnew(out, 30_000 as Ms), 30_000)).toBe('deep');
});

test('a host that comes back while nothing is out asks for nothing more than was due', () => {
  expect(due(readingAnew(held(), 1_000 as Ms), 1_000)).toBeUndefined();
  expect(due(readingAnew(held(), 10_010 as Ms), 10_010)).toBe('light');
});

test('a reading that failed is tried a second later, at once where a host has come back', () => {
  const failed = readingDone(readingAsked(seekReadings(0 as Ms), 'deep', 0 as Ms), undefined, 100 as Ms);
  expect([1_099, 1_100].map((now) => due(failed, now))).toEqual([undefined, 'deep']);
  expect(due(readingAnew(failed, 200 as Ms), 200)).toBe('deep');
});

test('blind it is read every two seconds, while everything is being closed every 300 ms', () => {
  const blind = { ...CALM, isPrivateUp: false };
  const seek = readingDone(readingAsked(seekReadings(0 as Ms), 'deep', 0 as Ms), 'one', 0 as Ms);
  expect([1_999, 2_000].map((now) => due(seek, now, blind))).toEqual([undefined, 'deep']);
  expect([299, 300].map((now) => due(seek, now, { ...blind, isUrgent: true }))).toEqual([undefined, 'deep']);
});

test('a whole reading that fails for good is tried ever more rarely, to once in ten seconds, and leaves the light ones their time', () => {
  let state = held();
  const asked: (readonly [number, string])[] = [];
  for (let now = 60_010; now < 120_000; now += 10) {
    const depth = due(state, now);
    if (depth === undefined) continue;
    asked.push([(now - 60_010) / 1_000, depth]);
    state = readingDone(readingAsked(state, depth, now as Ms), depth === 'deep' ? undefined : 'the same', now as Ms);
  }
  expect(asked).toEqual([
    [0, 'deep'],
    [1, 'deep'],
    [2, 'light'],
    [3, 'deep'],
    [4, 'light'],
    [7, 'deep'],
    [8, 'light'],
    [15, 'deep'],
    [16, 'light'],
    [25, 'deep'],
    [26, 'light'],
    [35, 'deep'],
    [36, 'light'],
    [45, 'deep'],
    [46, 'light'],
    [55, 'deep'],
    [56, 'light'],
  ]);
});

test('a light reading between two whole ones is no part of their agreement, and comes before none', () => {
  let state = seekReadings(0 as Ms);
  for (const digest of ['one', undefined, undefined])
    state = readingDone(readingAsked(state, 'deep', 0 as Ms), digest, 0 as Ms);
  expect(due(state, 1_000, { ...CALM, isFirst: true })).toBe('deep');
  expect(due(state, 1_000)).toBe('light');
  state = readingDone(readingAsked(state, 'light', 1_000 as Ms), 'other', 1_000 as Ms);
  state = readingDone(readingAsked(state, 'deep', 2_000 as Ms), 'one', 2_000 as Ms);
  expect(state.phase).toBe('held');
});
