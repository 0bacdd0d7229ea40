// Does the kernel do to a frame, byte for byte, what the whole implementation does?
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import {
  bookBytes,
  CHANGE_HEAD,
  CHANGE_LOST,
  CHANGE_TAIL,
  createBooks,
  emptyBooks,
  SLOT_WORDS,
  type BookMemory,
} from '../../../src/book/layout.ts';
import { Ingest } from '../../../src/bybit/frames/ingest.ts';
import { FINISH, Kernel, NOT_MINE } from '../../../src/bybit/kernel/kernel.ts';
import { recipe } from '../../../src/bybit/kernel/recipe.ts';
import { FRAME_BYTES, STAGED_MAX } from '../../../src/book/kernel-places.ts';
import { compileKernel } from '../../../src/lib/assembly.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { createRng, type Rng } from '../../../src/lib/rng.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import type { Slot } from '../../../src/market/units.ts';
import { readRecording } from '../../../src/record/recording.ts';
import { createTape } from '../../../src/tape/layout.ts';
import { damaged, frameText, SYMBOLS } from '../frame-texts.ts';
import { DEPTH, Market } from './market.ts';

const RECORDED = fileURLToPath(
  new URL('../../real/bybit/linear_BTCUSDT_DOGEUSDT_2026-08-09.jsonl.gz', import.meta.url),
);
const CONNECTION = 3;

/** How often the kernel has applied a delta whole, has left its close to others, has left all to others. */
function countWays(): { whole: number; unfinished: number; left: number } {
  const ways = { whole: 0, unfinished: 0, left: 0 };
  const delta = Reflect.get(Kernel.prototype, 'delta') as Kernel['delta'];
  vi.spyOn(Kernel.prototype, 'delta').mockImplementation(function count(this: Kernel, ...frame) {
    const told = Reflect.apply(delta, this, frame);
    ways[told === NOT_MINE ? 'left' : told >= FINISH ? 'unfinished' : 'whole']++;
    return told;
  });
  return ways;
}

afterEach(() => vi.restoreAllMocks());

/** The same frames to one ingest with the kernel and one without. */
class Twins {
  readonly slots: number;
  readonly #books: readonly [BookMemory, BookMemory];
  readonly #ingests: readonly [Ingest, Ingest];
  readonly #chunk = new Uint8Array(2 * FRAME_BYTES);
  #heard = 0;

  constructor(slots: number) {
    this.slots = slots;
    this.#books = [createBooks(slots), emptyBooks(new SharedArrayBuffer(bookBytes(slots)), slots)];
    this.#ingests = [new Ingest(this.#books[0], createTape(slots)), new Ingest(this.#books[1], createTape(slots))];
  }

  both(act: (ingest: Ingest, books: BookMemory) => void): void {
    act(this.#ingests[0], this.#books[0]);
    act(this.#ingests[1], this.#books[1]);
  }

  hear(frame: Uint8Array, connection: number, received: Ms): void {
    const [own, plain] = this.#ingests;
    // A frame lies where the one before it has ended, in whatever chunk has come from the socket.
    const from = this.#heard++ % 16;
    this.#chunk.set(frame, from);
    const bytes = this.#chunk.subarray(from, from + frame.length);
    const told = own.frame(bytes, connection, received);
    const wanted = plain.frame(bytes, connection, received);
    const facts = (ingest: Ingest) => ({
      slot: ingest.slot,
      reason: ingest.reason,
      ...ingest.counts,
      pruned: ingest.writer.pruned,
      lost: ingest.writer.changesLost,
      heard: Array.from({ length: this.slots }, (_, slot) => [
        ingest.lastFrame(slot as Slot),
        ingest.bookHeardAt(slot as Slot),
      ]),
    });
    const isSame =
      told === wanted &&
      JSON.stringify(facts(own)) === JSON.stringify(facts(plain)) &&
      isEqual(this.#books[0].words, this.#books[1].words) &&
      isEqual(this.#books[0].numbers, this.#books[1].numbers);
    if (!isSame) throw new Error(`${told}, not ${wanted}, or another book: ${Buffer.from(bytes).toString('latin1')}`);
  }
}

const isEqual = (one: ArrayBufferView, other: ArrayBufferView): boolean =>
  Buffer.from(one.buffer, one.byteOffset, one.byteLength).equals(
    Buffer.from(other.buffer, other.byteOffset, other.byteLength),
  );

/** The reader of changes has come so far, or nearly, and clears what was lost. */
function readOn({ words }: BookMemory, slot: number, left: number): void {
  const at = slot * SLOT_WORDS;
  const head = words[at + CHANGE_HEAD] as number;
  words[at + CHANGE_TAIL] = Math.max(words[at + CHANGE_TAIL] as number, head - left);
  words[at + CHANGE_LOST] = 0;
}

const instrument = (symbol: string): Instrument => createInstrument(symbol, '0.05', '0.002', 2) as Instrument;

function watchMarkets(twins: Twins, rng: Rng, frames: number): void {
  const markets = ['SOLUSDT', '1000PEPEUSDT'].map((symbol) => new Market(symbol, rng));
  twins.both((ingest) => {
    for (const [slot, { symbol }] of markets.entries()) {
      ingest.attach(slot as Slot, instrument(symbol), DEPTH);
      ingest.bind(slot as Slot, CONNECTION);
    }
  });
  for (let i = 0; i < frames; i++) {
    const slot = rng.below(2);
    const market = markets[slot] as Market;
    const text = i < 2 || rng.below(12) === 0 ? market.snapshot() : market.delta();
    const [bytes] = [...damaged(text, 0, rng)] as [Uint8Array];
    const connection = rng.below(200) === 0 ? CONNECTION + 1 : CONNECTION;
    twins.hear(rng.below(40) === 0 ? ([...damaged(text, 1, rng)][1] as Uint8Array) : bytes, connection, i as Ms);
    if (rng.below(8) === 0) {
      const left = rng.below(5) === 0 ? 0 : rng.below(9);
      twins.both((_, books) => readOn(books, slot, left));
    }
    if (rng.below(60) === 0) twins.both((ingest) => ingest.distrust(slot as Slot, 'stale'));
    if (rng.below(500) === 0)
      twins.both((ingest) => {
        ingest.detach(slot as Slot);
        ingest.attach(slot as Slot, instrument(market.symbol), DEPTH);
        ingest.bind(slot as Slot, CONNECTION);
      });
  }
}

test('a book that is watched closely is the same, header, ring and all, whichever way its frames went', () => {
  const ways = countWays();
  fc.assert(
    fc.property(fc.integer({ min: 1 }), (seed) => watchMarkets(new Twins(2), createRng(seed), 1_500)),
    { numRuns: 25 },
  );
  expect(ways.whole).toBeGreaterThan(3_000);
  expect(ways.unfinished).toBeGreaterThan(200);
  expect(ways.left).toBeGreaterThan(5_000);
});

test('a recorded market is the same whichever way, and nearly all of its deltas go the short one', async () => {
  const ways = countWays();
  const twins = new Twins(2);
  const contracts = [createInstrument('BTCUSDT', '0.10', '0.001', 2), createInstrument('DOGEUSDT', '0.00001', '1', 5)];
  twins.both((ingest) => {
    for (const [slot, contract] of contracts.entries()) {
      ingest.attach(slot as Slot, contract as Instrument, 200);
      ingest.bind(slot as Slot, CONNECTION);
    }
  });
  let deltas = 0;
  for await (const entry of readRecording(RECORDED)) {
    if (entry.kind !== 'frame') continue;
    deltas += entry.bytes.includes('"type":"delta","ts"') && entry.bytes.includes('orderbook.200') ? 1 : 0;
    twins.hear(entry.bytes, CONNECTION, 1 as Ms);
    for (const slot of [0, 1]) twins.both((_, books) => readOn(books, slot, 0));
  }
  expect(deltas).toBeGreaterThan(500);
  expect(ways.whole).toBeGreaterThan(0.95 * deltas);
});

test('a frame longer than the place for it, and one of more levels than it stages, are read all the same', () => {
  const ways = countWays();
  const twins = new Twins(1);
  twins.both((ingest) => {
    ingest.attach(0 as Slot, instrument('SOLUSDT'), 1_000);
    ingest.bind(0 as Slot, CONNECTION);
  });
  const frame = (type: string, u: number, count: number) => {
    const rows = (sign: number) =>
      Array.from({ length: count }, (_, i) => [`${(1_000 + sign * (0.05 + i * 0.05)).toFixed(2)}`, '0.004']);
    const data = { s: 'SOLUSDT', b: rows(-1), a: rows(1), u, seq: u };
    return Buffer.from(JSON.stringify({ topic: 'orderbook.1000.SOLUSDT', type, ts: 9, data, cts: 8 }));
  };
  twins.hear(frame('snapshot', 1, 900), CONNECTION, 1 as Ms);
  const long = frame('delta', 2, 1_800);
  expect(long.length).toBeGreaterThan(FRAME_BYTES);
  twins.hear(long, CONNECTION, 2 as Ms);
  const many = frame('delta', 3, STAGED_MAX / 2 + 50);
  expect(many.length).toBeLessThan(FRAME_BYTES);
  twins.hear(many, CONNECTION, 3 as Ms);
  expect(ways).toEqual({ whole: 0, unfinished: 0, left: 3 });
});

test('a side of which only what is far away is left is found there: the kernel sees no farther than its window', () => {
  const ways = countWays();
  const twins = new Twins(1);
  twins.both((ingest) => {
    ingest.attach(0 as Slot, instrument('SOLUSDT'), 50);
    ingest.bind(0 as Slot, CONNECTION);
  });
  const hear = (type: string, u: number, b: readonly (readonly [string, string])[]): void => {
    const data = { s: 'SOLUSDT', b, a: [], u, seq: u };
    const text = JSON.stringify({ topic: 'orderbook.50.SOLUSDT', type, ts: 9, data, cts: 8 });
    twins.hear(Buffer.from(text), CONNECTION, u as Ms);
  };
  const near = ['1000.00', '999.95'];
  hear(
    'snapshot',
    1,
    [...near, '500.00', '499.95'].map((price) => [price, '0.004'] as const),
  );
  hear(
    'delta',
    2,
    near.map((price) => [price, '0'] as const),
  );
  hear('delta', 3, [['500.00', '0.002']]);
  expect([ways.left, ways.whole + ways.unfinished]).toEqual([2, 1]);
});

test('the kernel in the tree is the one that its source makes', async () => {
  const kept = readFileSync(recipe.binary);
  expect(Buffer.from(await compileKernel(recipe)).equals(kept), 'delta.wasm is old: npm run kernel').toBe(true);
});

test('frames of every kind and in every state of damage come to the same, whichever way they went', () => {
  const twins = new Twins(SYMBOLS.length);
  twins.both((ingest) => {
    for (const [slot, symbol] of SYMBOLS.entries()) {
      ingest.attach(slot as Slot, instrument(symbol), 50);
      ingest.bind(slot as Slot, CONNECTION);
    }
  });
  fc.assert(
    fc.property(frameText, fc.integer({ min: 1 }), (text, seed) => {
      for (const bytes of damaged(text, 3, createRng(seed))) twins.hear(bytes, CONNECTION, 1 as Ms);
    }),
    { numRuns: 3_000 },
  );
});
