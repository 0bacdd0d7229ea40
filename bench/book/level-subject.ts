// What does one level update cost in our book? Frames already read into numbers, applied with lock, totals and change ring.
import { CHANGE_HEAD, CHANGE_LOST, CHANGE_TAIL, SLOT_WORDS, createBooks } from '../../src/book/layout.ts';
import { STAMP_UPDATE, createStaging } from '../../src/book/staging.ts';
import type { Staging } from '../../src/book/staging.ts';
import { APPLIED, BookWriter } from '../../src/book/write.ts';
import { parseDecimal } from '../../src/market/decimal.ts';
import type { Decimal } from '../../src/market/decimal.ts';
import { createInstrument } from '../../src/market/instrument.ts';
import type { Instrument } from '../../src/market/instrument.ts';
import type { Slot } from '../../src/market/units.ts';
import { digestLevels, type FrameSet } from '../frames/frame-set.ts';
import { levelsOf } from '../ours/core.ts';
import type { Frame } from '../frames/reference-book.ts';
import type { Subject } from '../measure/subject.ts';

const FRAMES_PER_STEP = 2_000;

/** All frames of a stream, read into flat arrays in their order: walking them costs the cache nothing to speak of. */
interface Flat {
  readonly slots: Int32Array;
  /** Where the frame's levels begin; one more than frames. */
  readonly starts: Int32Array;
  readonly bids: Int32Array;
  readonly priceDigits: Float64Array;
  readonly priceDecimals: Uint8Array;
  readonly sizeDigits: Float64Array;
  readonly sizeDecimals: Uint8Array;
  readonly updates: Float64Array;
}

function flatten(frames: readonly Buffer[], slots: ReadonlyMap<string, number>): Flat {
  const read = frames.map((bytes) => (JSON.parse(bytes.toString()) as Frame).data);
  const levels = read
    .flatMap(({ b, a }) => [...b, ...a])
    .map(([price, size]) => [decimal(price), decimal(size)] as const);
  let end = 0;
  return {
    slots: Int32Array.from(read, ({ s }) => slots.get(s) as number),
    starts: Int32Array.of(0, ...read.map(({ b, a }) => (end += b.length + a.length))),
    bids: Int32Array.from(read, ({ b }) => b.length),
    priceDigits: Float64Array.from(levels, ([price]) => price.mantissa),
    priceDecimals: Uint8Array.from(levels, ([price]) => price.decimals),
    sizeDigits: Float64Array.from(levels, ([, size]) => size.mantissa),
    sizeDecimals: Uint8Array.from(levels, ([, size]) => size.decimals),
    updates: Float64Array.from(read, ({ u }) => u),
  };
}

function decimal(text: string): Decimal {
  const read = parseDecimal(text);
  if (read === undefined) throw new Error(`no decimal: ${text}`);
  return read;
}

/** What the scanner leaves behind for the writer. A plain copy loop: two or three nanoseconds of each level's time. */
function stage(flat: Flat, frame: number, staging: Staging): void {
  const from = flat.starts[frame] as number;
  const count = (flat.starts[frame + 1] as number) - from;
  const { priceDigits, priceDecimals, sizeDigits, sizeDecimals } = staging;
  for (let i = 0; i < count; i++) {
    priceDigits[i] = flat.priceDigits[from + i] as number;
    priceDecimals[i] = flat.priceDecimals[from + i] as number;
    sizeDigits[i] = flat.sizeDigits[from + i] as number;
    sizeDecimals[i] = flat.sizeDecimals[from + i] as number;
  }
  staging.ends[0] = flat.bids[frame] as number;
  staging.ends[1] = count;
  staging.stamps[STAMP_UPDATE] = flat.updates[frame] as number;
}

export function createLevelSubject(set: FrameSet): Subject {
  const books = createBooks(set.grids.length);
  const writer = new BookWriter(books);
  const slots = new Map(set.grids.map(({ symbol }, slot) => [symbol, slot]));
  const grids = set.grids.map(
    ({ symbol, tickSize, qtyStep, priceScale }) =>
      createInstrument(symbol, tickSize, qtyStep, priceScale) as Instrument,
  );
  const staging = createStaging();
  const snapshots = flatten(set.snapshots, slots);
  const deltas = flatten(set.deltas, slots);
  for (const slot of slots.values()) writer.attach(slot as Slot, set.depth);

  /** A reader that keeps up: without one the writer would find the ring full and do less. */
  const drain = (slot: Slot): void => {
    const at = slot * SLOT_WORDS;
    Atomics.store(books.words, at + CHANGE_TAIL, Atomics.load(books.words, at + CHANGE_HEAD));
    if (books.words[at + CHANGE_LOST] !== 0) Atomics.store(books.words, at + CHANGE_LOST, 0);
  };

  let lostToSnapshots = 0;
  return {
    steps: Math.ceil(set.deltas.length / FRAMES_PER_STEP),
    begin() {
      for (let frame = 0; frame < set.snapshots.length; frame++) {
        const slot = snapshots.slots[frame] as Slot;
        stage(snapshots, frame, staging);
        if (writer.applySnapshot(slot, grids[slot] as Instrument, staging) !== APPLIED)
          throw new Error('a snapshot was refused');
        drain(slot);
      }
      lostToSnapshots = writer.changesLost;
    },
    prepare() {},
    run(step) {
      const from = step * FRAMES_PER_STEP;
      const to = Math.min(set.deltas.length, from + FRAMES_PER_STEP);
      for (let frame = from; frame < to; frame++) {
        const slot = deltas.slots[frame] as Slot;
        stage(deltas, frame, staging);
        if (writer.applyDelta(slot, grids[slot] as Instrument, staging) !== APPLIED)
          throw new Error('a delta was refused');
        drain(slot);
      }
      if (writer.changesLost !== lostToSnapshots) throw new Error('changes were lost: the figure would be too good');
      return (deltas.starts[to] as number) - (deltas.starts[from] as number);
    },
    digests: () =>
      Object.fromEntries(grids.map((grid, slot) => [grid.symbol, digestLevels(levelsOf(books, slot as Slot, grid))])),
  };
}
