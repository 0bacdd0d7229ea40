// Does the scanner ever accept what JSON.parse would not, or read other numbers in it?
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_SLOT, Routes } from '../../../src/bybit/frames/routes.ts';
import {
  FRAME_BOOK,
  FRAME_SURPRISE,
  FRAME_TICKER,
  FRAME_TRADES,
  FrameScanner,
} from '../../../src/bybit/frames/scanner.ts';
import { readStrictly } from '../../../src/bybit/frames/strict.ts';
import { createRng } from '../../../src/lib/rng.ts';
import type { Slot } from '../../../src/market/units.ts';
import { damaged, frameText, SYMBOLS } from '../frame-texts.ts';
import { readPlainly, told, type PlainFrame } from '../plain-frame.ts';

const routes = new Routes(8);
for (const [i, symbol] of SYMBOLS.entries()) routes.add(symbol, i as Slot);
const fast = new FrameScanner(routes);
const slow = new FrameScanner(routes);

const same = (a: PlainFrame, b: PlainFrame): boolean => JSON.stringify(a) === JSON.stringify(b);
const FOLLOWED = new Set([FRAME_BOOK, FRAME_TRADES, FRAME_TICKER]);

/** What is wrong with how a reader took these bytes, '' if nothing. */
function fault(plain: PlainFrame, kind: number, from: FrameScanner): string {
  const watched = 'symbol' in plain && routes.slotOf(plain.symbol) !== undefined;
  const symbol = SYMBOLS[from.slot] ?? '';
  if (FOLLOWED.has(kind) && from.slot !== NO_SLOT) {
    const read = told(kind, symbol, from);
    return same(read, plain) ? '' : `${JSON.stringify(read)}, not ${JSON.stringify(plain)}`;
  }
  // Whatever it takes for anything else must not be news of a symbol that is watched.
  return watched && kind !== FRAME_SURPRISE ? `kind ${kind} of slot ${from.slot}, not ${JSON.stringify(plain)}` : '';
}

test('B11 B15 B16: over frames and damaged frames the scanner never takes a wrong book, and both ways read the same', () => {
  const kinds = new Map<string, number>();
  fc.assert(
    fc.property(frameText, fc.integer(), (text, seed) => {
      for (const bytes of damaged(text, 12, createRng(seed))) {
        const plain = readPlainly(bytes);
        const quick = fast.scan(bytes);
        const strict = readStrictly(bytes, routes, slow);
        const wrong = fault(plain, quick, fast) || fault(plain, strict, slow);
        if (wrong !== '') throw new Error(`${Buffer.from(bytes).toString('latin1')}: ${wrong}`);
        if ('symbol' in plain && strict === FRAME_SURPRISE)
          throw new Error(`the strict reader gives up ${Buffer.from(bytes).toString('latin1')}`);
        const key = `${plain.kind} ${quick === FRAME_SURPRISE ? 'strict' : 'fast'}`;
        kinds.set(key, (kinds.get(key) ?? 0) + 1);
      }
    }),
    { numRuns: 3_000, endOnFailure: true },
  );
  // The property has seen every way often enough to mean something.
  for (const kind of ['book', 'trades', 'ticker'])
    for (const way of ['fast', 'strict']) expect(kinds.get(`${kind} ${way}`), `${kind} ${way}`).toBeGreaterThan(100);
  expect(kinds.get('unreadable strict')).toBeGreaterThan(2_000);
});

test('frames of the real exchange never surprise the scanner, and say what JSON.parse says', () => {
  const file = new URL('../../real/bybit/linear_BTCUSDT_DOGEUSDT_2026-08-09.jsonl.gz', import.meta.url);
  const mine = new Routes(2);
  mine.add('BTCUSDT', 0 as Slot);
  mine.add('DOGEUSDT', 1 as Slot);
  const scanner = new FrameScanner(mine);
  const read = [0, 0, 0, 0, 0, 0];
  for (const line of gunzipSync(readFileSync(file)).toString().trim().split('\n')) {
    const { t, data } = JSON.parse(line) as { t: string; data: string };
    if (t !== 'recv') continue;
    const bytes = Buffer.from(data);
    const kind = scanner.scan(bytes);
    read[kind] = (read[kind] as number) + 1;
    const plain = readPlainly(bytes);
    expect(told(kind, ['BTCUSDT', 'DOGEUSDT'][scanner.slot] ?? '', scanner)).toEqual(plain);
  }
  expect(read[FRAME_SURPRISE]).toBe(0);
  expect(read.slice(1, 4)).toEqual([794, 33, 349]);
});

const BOOK =
  '{"topic":"orderbook.50.SOLUSDT","type":"delta","ts":4,"data":{"s":"SOLUSDT","b":[["77.300","1.0"]],"a":[],"u":2,"seq":3},"cts":5}';

test('data that comes before its topic is read without the strict reader', () => {
  const bytes = Buffer.from(BOOK.replace(/^\{("topic":[^,]*),(.*)\}$/, '{$2,$1}'));
  expect(fast.scan(bytes)).toBe(FRAME_BOOK);
  expect(told(FRAME_BOOK, 'SOLUSDT', fast)).toEqual(readPlainly(bytes));
});

test.each([
  ['a symbol in escapes', BOOK.replace('.SOLUSDT', '.SOL\\u0055SDT'), FRAME_BOOK],
  ['a key in escapes', BOOK.replace('"b"', '"\\u0062"'), FRAME_BOOK],
  [
    'asks before bids',
    BOOK.replace('"b":[["77.300","1.0"]],"a":[]', '"a":[["77.300","1.0"]],"b":[["1","2"]]'),
    FRAME_BOOK,
  ],
  ['the last of two keys', BOOK.replace('"u":2', '"u":9,"u":2'), FRAME_BOOK],
  ['blanks', BOOK.replace(',"u"', ' , "u"'), FRAME_BOOK],
  ['three elements in a level', BOOK.replace('"1.0"', '"1.0","2"'), FRAME_SURPRISE],
  ['one element in a level', BOOK.replace(',"1.0"', ''), FRAME_SURPRISE],
  ['another symbol inside (B16)', BOOK.replace('"s":"SOLUSDT"', '"s":"BTCUSDT"'), FRAME_SURPRISE],
  ['a price with a sign', BOOK.replace('"77.300"', '"-77.300"'), FRAME_SURPRISE],
  ['a frame cut short', BOOK.slice(0, -20), FRAME_SURPRISE],
  ['one frame behind another', BOOK + BOOK, FRAME_SURPRISE],
])('%s is left to the strict reader, who says what it is worth', (_name, text, wanted) => {
  const bytes = Buffer.from(text);
  expect(fast.scan(bytes)).toBe(FRAME_SURPRISE);
  expect(readStrictly(bytes, routes, slow)).toBe(wanted);
  expect(slow.slot).toBe(0); // even where it cannot be read it tells whose book is in doubt
});

test('B13 B20: a frame of more levels than can be staged, or nested without end, is refused by both readers', () => {
  const levels = (n: number) => `[${Array.from({ length: n }, (_, i) => `["${i + 1}","1"]`).join(',')}]`;
  const withBids = (n: number) => Buffer.from(BOOK.replace('[["77.300","1.0"]]', levels(n)));
  expect(fast.scan(withBids(4_096))).toBe(FRAME_BOOK);
  expect(fast.staging.ends[1]).toBe(4_096);
  expect(fast.scan(withBids(4_097))).toBe(FRAME_SURPRISE);
  expect(readStrictly(withBids(4_097), routes, slow)).toBe(FRAME_SURPRISE);
  const deep = Buffer.from(`{"data":${'['.repeat(5_000)}${']'.repeat(5_000)},"topic":"orderbook.50.SOLUSDT"}`);
  expect(fast.scan(deep)).toBe(FRAME_SURPRISE);
  expect(readStrictly(deep, routes, slow)).toBe(FRAME_SURPRISE);
});
