// How is our own ingest set up for a stream, with all integrity checks on?
import { Ingest } from '../../src/bybit/frames/ingest.ts';
import type { Depth } from '../../src/bybit/frames/ingest-port.ts';
import { createBooks } from '../../src/book/layout.ts';
import type { BookMemory } from '../../src/book/layout.ts';
import { createView, readBook } from '../../src/book/read.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { createInstrument, priceText, sizeText } from '../../src/market/instrument.ts';
import type { Instrument } from '../../src/market/instrument.ts';
import { ASK, BID } from '../../src/market/side.ts';
import type { Side } from '../../src/market/side.ts';
import type { Lot, Slot, Tick } from '../../src/market/units.ts';
import { createTape } from '../../src/tape/layout.ts';
import type { TapeMemory } from '../../src/tape/layout.ts';
import { setLookback } from '../../src/tape/write.ts';
import type { FrameSet, Levels } from '../frames/frame-set.ts';

export const CONNECTION = 1;
export const RECEIVED = 1_000 as Ms;
const EXTREMA_MINUTES = 240;

export interface OwnCore {
  readonly ingest: Ingest;
  readonly books: BookMemory;
  readonly tape: TapeMemory;
  readonly instruments: readonly Instrument[];
  readonly slots: ReadonlyMap<string, Slot>;
}

/** Lays the ingest over the given arenas: one slot a symbol, in the order of the stream. */
export function createOwnCore(set: FrameSet, books: BookMemory, tape: TapeMemory): OwnCore {
  const ingest = new Ingest(books, tape);
  const instruments = set.grids.map(
    ({ symbol, tickSize, qtyStep, priceScale }) =>
      createInstrument(symbol, tickSize, qtyStep, priceScale) as Instrument,
  );
  for (const [slot, instrument] of instruments.entries()) settle(ingest, tape, slot as Slot, instrument, set);
  return {
    ingest,
    books,
    tape,
    instruments,
    slots: new Map(set.grids.map(({ symbol }, slot) => [symbol, slot as Slot])),
  };
}

function settle(ingest: Ingest, tape: TapeMemory, slot: Slot, instrument: Instrument, set: FrameSet): void {
  ingest.attach(slot, instrument, set.depth as Depth);
  setLookback(tape, slot, EXTREMA_MINUTES);
  ingest.bind(slot, CONNECTION);
}

/** New tenants for all slots: a stream played again is no continuation of itself. */
export function resettle({ ingest, tape, instruments }: OwnCore, set: FrameSet): void {
  for (const [slot, instrument] of instruments.entries()) {
    ingest.detach(slot as Slot);
    settle(ingest, tape, slot as Slot, instrument, set);
  }
}

/** Every level of a book as numbers, touch outward: also one beyond its depth would be seen. */
export function ownLevels({ books, instruments, slots }: OwnCore, symbol: string): Levels {
  const slot = slots.get(symbol) as Slot;
  return levelsOf(books, slot, instruments[slot] as Instrument);
}

export function levelsOf(books: BookMemory, slot: Slot, instrument: Instrument): Levels {
  const view = createView();
  if (!readBook(books, slot, view)) throw new Error('the only writer reads its own book whole');
  const side = (which: Side): [number, number][] =>
    Array.from({ length: view.counts[which] as number }, (_, i) => [
      Number(priceText(view.ticks[which][i] as Tick, instrument)),
      Number(sizeText(view.lots[which][i] as Lot, instrument)),
    ]);
  return { bids: side(BID), asks: side(ASK) };
}

export function createOwnMemory(set: FrameSet): { books: BookMemory; tape: TapeMemory } {
  return { books: createBooks(set.grids.length), tape: createTape(set.grids.length) };
}

/** A figure of frames that were refused or read by the slow path would be worth nothing. */
export function checkCounts({ ingest }: OwnCore, lostToSnapshots: number): void {
  const { fallbacks, gaps, dropped, unreadable } = ingest.counts;
  const { changesLost, pruned } = ingest.writer;
  if (fallbacks + gaps + dropped + unreadable + pruned === 0 && changesLost === lostToSnapshots) return;
  throw new Error(
    `not every frame took the straight way: ${JSON.stringify({ ...ingest.counts, changesLost, pruned })}`,
  );
}
