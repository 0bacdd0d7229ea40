// thread: the writer of the campaign whose messages go through the kernel, from the bytes of a frame on.
import { workerData } from 'node:worker_threads';
import { CHANGE_HEAD, CHANGE_LOST, CHANGE_TAIL, mapBooks, SLOT_WORDS } from '../../src/book/layout.ts';
import { Ingest } from '../../src/bybit/frames/ingest.ts';
import { assert } from '../../src/lib/assert.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { createRng } from '../../src/lib/rng.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { Slot } from '../../src/market/units.ts';
import { createTape } from '../../src/tape/layout.ts';
import type { WriterData } from './seqlock-writer.ts';

const CONNECTION = 1;
const FRAMES = 512;
/** Of nine digits, as all that follow: they are written over each other. */
const FIRST_U = 100_000_000;

const { buffer, kernel, slots, signals: shared, seed } = workerData as WriterData & { kernel: WebAssembly.Memory };
const signals = new Int32Array(shared);
const books = { ...mapBooks(buffer, slots), kernel };
const ingest = new Ingest(books, createTape(slots));
const rng = createRng(seed);

const lot = (): string => String(rng.below(4) === 0 ? 0 : 1 + rng.below(1_000_000));
const rows = (count: number, price: (away: number) => number, size: () => string): string[][] =>
  Array.from({ length: count }, () => [String(price(rng.below(4))), size()]);

/** Stamps that agree with each other only within one message. */
function frame(slot: number, type: string): Buffer {
  const size = type === 'snapshot' ? () => '7' : lot;
  // A level far from the touch is never taken away: a side that has run empty would be nothing for the kernel.
  const b = [...rows(3, (away) => 1_000 - away, size), ['900', '7']];
  const a = [...rows(3, (away) => 1_001 + away, size), ['1100', '7']];
  const data = { s: `S${slot}`, b, a, u: FIRST_U, seq: FIRST_U };
  return Buffer.from(JSON.stringify({ topic: `orderbook.50.S${slot}`, type, ts: FIRST_U, data, cts: FIRST_U }));
}

for (let slot = 0; slot < slots; slot++) {
  ingest.attach(slot as Slot, createInstrument(`S${slot}`, '1', '1', 0) as Instrument, 50);
  ingest.bind(slot as Slot, CONNECTION);
  ingest.frame(frame(slot, 'snapshot'), CONNECTION, FIRST_U as Ms);
}
const frames = Array.from({ length: FRAMES }, (_, i) => {
  const bytes = frame(i % slots, 'delta');
  const places = ['"u":', '"seq":', '"ts":', '"cts":'].map((key) => bytes.indexOf(key) + key.length);
  return { bytes, places };
});

Atomics.store(signals, 0, 1);
Atomics.notify(signals, 0);
for (let round = 0; Atomics.load(signals, 1) === 0; round++) {
  const { bytes, places } = frames[round % FRAMES] as (typeof frames)[number];
  const slot = round % slots;
  const u = FIRST_U + 1 + Math.floor(round / slots);
  for (let place = 8, rest = u; place >= 0; place--, rest = Math.floor(rest / 10))
    for (const from of places) bytes[from + place] = 48 + (rest % 10);
  assert(ingest.frame(bytes, CONNECTION, u as Ms) === 'delta', 'every frame is applied');
  const at = slot * SLOT_WORDS;
  books.words[at + CHANGE_LOST] = 0;
  books.words[at + CHANGE_TAIL] = books.words[at + CHANGE_HEAD] as number;
}
