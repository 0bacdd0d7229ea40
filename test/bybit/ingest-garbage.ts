// How much garbage does a frame make? Run with --expose-gc and room for the young; prints bytes of heap growth a frame.
// After a collection V8 compiles some of the code again, which takes 100 to 200 KB however many frames follow: so the growth
// over few frames is taken from that over many.
import { createBooks } from '../../src/book/layout.ts';
import { Ingest } from '../../src/bybit/frames/ingest.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { createRng } from '../../src/lib/rng.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { Slot } from '../../src/market/units.ts';
import { createTape } from '../../src/tape/layout.ts';

const SYMBOLS = ['SOLUSDT', 'BTCUSDT', 'XRPUSDT', '1000PEPEUSDT'];
const U = '100000000';
const FEW = 1_000_000;
const MANY = 8_000_000;
/** One small object in three hundred frames. */
const BYTES_MAX = 0.05;

const rng = createRng(3);
const books = createBooks(SYMBOLS.length);
const ingest = new Ingest(books, createTape(SYMBOLS.length));
const clock = new Float64Array(1); // a received time that is a heap number would be the caller's garbage, not ours

const price = (side: number, away: number): string => ((5_000 + (side === 0 ? -away : 1 + away)) / 100).toFixed(2);
const levels = (side: number, count: number): string[][] =>
  Array.from({ length: count }, () => [
    price(side, rng.below(60)),
    rng.below(3) === 0 ? '0' : `${1 + rng.below(9_999)}.5`,
  ]);
const book = (symbol: string, type: string, count: number): string =>
  `{"topic":"orderbook.50.${symbol}","type":"${type}","ts":1786310819073,"data":${JSON.stringify({
    s: symbol,
    b: levels(0, count),
    a: levels(1, count),
  }).slice(0, -1)},"u":${U},"seq":272903619927},"cts":1786310819069}`;
const trade = (symbol: string): string =>
  `{"topic":"publicTrade.${symbol}","type":"snapshot","ts":1786310821323,"data":[{"T":1786310821322,"s":"${symbol}","S":"Sell","v":"6.5","p":"49.90","L":"MinusTick","i":"84d8dbc7","BT":false,"RPI":false,"seq":272}]}`;
const ticker = (symbol: string): string =>
  `{"topic":"tickers.${symbol}","type":"delta","data":{"symbol":"${symbol}","price24hPcnt":"-0.0125","lastPrice":"49.90"},"cs":7,"ts":1786310821323}`;

interface Template {
  readonly bytes: Buffer;
  /** Where its u is printed, -1 where it has none. */
  readonly at: number;
  readonly slot: number;
}

const us = new Int32Array(SYMBOLS.length).fill(100_000_000);

function template(text: string, slot: number): Template {
  return { bytes: Buffer.from(text), at: text.indexOf(U), slot };
}

function play(list: readonly Template[], frames: number): void {
  for (let i = 0; i < frames; i++) {
    const { bytes, at, slot } = list[i % list.length] as Template;
    if (at >= 0) {
      let u = (us[slot] = (us[slot] as number) + 1);
      for (let p = at + U.length - 1; p >= at; p--, u = Math.floor(u / 10)) bytes[p] = 48 + (u % 10);
    }
    ingest.frame(bytes, 1, clock[0] as Ms);
  }
}

for (const [slot, symbol] of SYMBOLS.entries()) {
  ingest.attach(slot as Slot, createInstrument(symbol, '0.01', '0.5') as Instrument, 50);
  ingest.bind(slot as Slot, 1);
}
const snapshots = SYMBOLS.map((symbol, slot) => template(book(symbol, 'snapshot', 50), slot));
const stream = SYMBOLS.flatMap((symbol, slot) =>
  Array.from({ length: 100 }, (_, i) => {
    const text = i % 10 === 3 ? trade(symbol) : i % 10 === 7 ? ticker(symbol) : book(symbol, 'delta', 1 + rng.below(8));
    return template(text, slot);
  }),
);
play(snapshots, snapshots.length);
play(stream, 200_000);
const before = { ...ingest.counts };

/** Of the heap, while so many frames are played. */
function growth(frames: number): number {
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed;
  play(stream, frames);
  return process.memoryUsage().heapUsed - heap;
}

let bytesPerFrame = Infinity;
// Up to three times over and the least counts: real garbage comes every time, the compiler's work only while it learns.
for (let round = 0; round < 3 && Math.abs(bytesPerFrame) >= BYTES_MAX; round++) {
  const few = growth(FEW);
  bytesPerFrame = (growth(MANY) - few) / (MANY - FEW);
}
const { frames, deltas, trades, gaps, fallbacks } = ingest.counts;
process.stdout.write(
  JSON.stringify({
    frames: frames - before.frames,
    deltas: deltas - before.deltas,
    trades: trades - before.trades,
    gaps,
    fallbacks,
    bytesPerFrame,
    bytesMax: BYTES_MAX,
    gc: globalThis.gc !== undefined,
  }),
);
