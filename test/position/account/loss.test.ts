// When is the connection lost, and when is it only quiet, or are we the ones who stood still? (failure-modes 8, P19, P20)
import { expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import {
  BOOK_PAUSE_MS,
  heard,
  judgedFrom,
  lossOf,
  silenceFrom,
  silentMs,
  stalled,
  type Loss,
  type LossFacts,
  type Silence,
} from '../../../src/position/account/loss.ts';

const ms = (of: number): Ms => of as Ms;
const since = (at: number): Silence => silenceFrom(ms(at), BOOK_PAUSE_MS);
/** Words that come at these times. */
const after = (silence: Silence, ...words: number[]): Silence =>
  words.reduce((before, at) => heard(before, ms(at)), silence);

const NOW = 100_000;

/** Thirty seconds are allowed; everybody has just spoken, unless said otherwise. */
function loss(of: Partial<LossFacts> = {}): Loss {
  return lossOf({
    now: ms(NOW),
    judgedFrom: ms(0),
    timeoutMs: 30_000,
    privateStream: since(NOW),
    rest: since(NOW),
    books: [{ symbol: 'SOLUSDT', silence: since(NOW) }],
    isPublicAlive: true,
    ...of,
  });
}

const silentBooks = (...silences: number[]): Partial<LossFacts> => ({
  books: silences.map((silent, i) => ({ symbol: 'ABC'.charAt(i), silence: since(NOW - silent) })),
});

test('a book that is silent for thirty seconds is lost, one of a millisecond less is not', () => {
  expect(loss()).toEqual({ kind: 'none' });
  expect(loss(silentBooks(29_999))).toEqual({ kind: 'none' });
  expect(loss(silentBooks(30_000, 0, 31_000))).toEqual({ kind: 'symbols', symbols: ['A', 'C'] });
  expect(loss({ ...silentBooks(30_000), isPublicAlive: false })).toEqual({ kind: 'all', what: 'public' });
});

test('the account is lost when its stream and REST are silent both, not one of them', () => {
  const [fresh, old] = [since(NOW), since(NOW - 30_000)];
  const told = (privateStream: Silence, rest: Silence): Loss => loss({ privateStream, rest });
  expect([told(old, fresh), told(fresh, old), told(old, since(NOW - 29_999))]).toEqual(Array(3).fill({ kind: 'none' }));
  expect(told(old, old)).toEqual({ kind: 'all', what: 'account' });
  // All is said of everything: it goes before one dead topic.
  expect(loss({ privateStream: old, rest: old, ...silentBooks(40_000) })).toEqual({ kind: 'all', what: 'account' });
});

test('without a position nothing is lost, and nothing is judged before the sockets were drained', () => {
  const old = since(0);
  const lost = { privateStream: old, rest: old, isPublicAlive: false };
  expect(loss({ ...lost, books: [] })).toEqual({ kind: 'none' });
  expect(loss({ ...lost, judgedFrom: ms(NOW + 1) })).toEqual({ kind: 'none' });
  expect(loss({ ...lost, judgedFrom: ms(NOW) })).toEqual({ kind: 'all', what: 'account' });
});

test('P20: a word now and then ends no silence, two seconds of them without a pause do', () => {
  expect(silentMs(after(since(0), 10_000, 15_000, 20_000), ms(30_000))).toBe(30_000);
  expect(silentMs(after(since(0), 10_000, 11_999), ms(30_000))).toBe(30_000);
  expect(silentMs(after(since(0), 10_000, 11_000, 12_000), ms(30_000))).toBe(18_000);
  // Three and a half seconds are no pause of a book; a moment more is.
  expect(silentMs(after(since(0), 1_000), ms(30_000))).toBe(29_000);
  expect(silentMs(after(since(0), 3_500, 7_000), ms(30_000))).toBe(23_000);
  expect(silentMs(after(since(0), 3_501), ms(30_000))).toBe(30_000);
});

test('P19: what we stood still ourselves is no silence of the exchange, up to 45 seconds', () => {
  expect(silentMs(stalled(since(0), 249), ms(30_000))).toBe(30_000);
  expect(silentMs(stalled(since(0), 250), ms(30_000))).toBe(29_750);
  const long = stalled(since(0), 20_000);
  expect([silentMs(long, ms(44_999)), silentMs(long, ms(45_000))]).toEqual([24_999, 45_000]);
  // The words of before are read late: they are the run that was never broken.
  expect(silentMs(after(long, 23_500), ms(30_000))).toBe(6_500);
  expect(silentMs(after(long, 23_501), ms(30_000))).toBe(10_000);
});

test('P19: after a stall the sockets are drained for a tenth of a second before anything is judged', () => {
  expect([judgedFrom(ms(5_000), 249), judgedFrom(ms(5_000), 250)]).toEqual([5_000, 5_100]);
});
