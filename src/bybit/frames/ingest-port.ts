// What does the feed need from whoever turns frames into books?
import type { Ms } from '../../lib/brand.ts';
import type { Instrument } from '../../market/instrument.ts';
import type { Side } from '../../market/side.ts';
import type { Lot, Slot, Tick } from '../../market/units.ts';

export type Depth = 50 | 200 | 1000;
export type Trust = 'dead' | 'syncing' | 'live' | 'suspect' | 'stale';

/**
 * What a frame did. `snapshot`, `delta`: applied to the book of `slot`. `touch`: an `orderbook.1` frame was read.
 * `gap`: the book is no longer trusted. `dropped`: no harm. `control`: an `op` answer. `grid`: an off-grid price or
 * size, the book is marked (B12). `unreadable`: neither scanner nor strict parser could read it (W15); with a slot it
 * is a gap of that slot too.
 */
export type Outcome =
  | 'snapshot'
  | 'delta'
  | 'touch'
  | 'trade'
  | 'ticker'
  | 'gap'
  | 'dropped'
  | 'control'
  | 'grid'
  | 'unreadable';

/** The levels of one side from the touch outward. */
export interface BookSide {
  readonly ticks: Int32Array;
  readonly lots: Float64Array;
}

/** A book as it stood once. */
export interface BookCopy {
  readonly seq: number;
  /** Indexed by side. */
  readonly sides: readonly [BookSide, BookSide];
}

export interface IngestPort {
  /** The slot that the last frame concerned, or -1. */
  readonly slot: number;
  /** Constant word of the last gap, grid or unreadable: `sequence`, `crossed`, `mismatch`, … */
  readonly reason: string;
  /** Whether the last frame of trades told one that took from the visible book: neither block nor RPI trades do. */
  readonly ate: boolean;
  /** Whether the last ticker told another last price than the one before it, and than the last trade that was heard. */
  readonly moved: boolean;
  /** Hot: allocates nothing. */
  frame(bytes: Uint8Array, connection: number, received: Ms): Outcome;
  /** A new symbol in a slot: new epoch, `syncing`. */
  attach(slot: Slot, instrument: Instrument, depth: Depth): void;
  detach(slot: Slot): void;
  /** Only frames of this connection count (B10). */
  bind(slot: Slot, connection: number): void;
  /** The next snapshot of that depth replaces the book and becomes the slot's topic (make before break). */
  expectDepth(slot: Slot, depth: Depth): void;
  /** A snapshot makes it live again; a valid frame makes `stale` live again. */
  distrust(slot: Slot, state: 'syncing' | 'suspect' | 'stale'): void;
  trust(slot: Slot): Trust;
  /** Monotonic receive time of the last valid frame of any topic of the slot; 0 for none. */
  lastFrame(slot: Slot): Ms;
  /** At most so many levels a side. */
  copyBook(slot: Slot, depthMax: number): BookCopy;
  /** The levels one by one from the touch outward. Cold. */
  readSide(slot: Slot, side: Side, depthMax: number): readonly (readonly [Tick, Lot])[];
  sequence(slot: Slot): { u: number; seq: number; cts: Ms };
}
