// What does the desk see of the market? Main's own memory, read when it is needed; no analyzer's result.
import type { BookView } from '../book/read.ts';
import type { Ms } from '../lib/brand.ts';
import type { Side } from '../market/side.ts';
import type { Slot, Tick } from '../market/units.ts';

export interface Dated {
  readonly tick: Tick;
  /** Monotonic. */
  readonly readAt: Ms;
}

export interface Extrema {
  readonly high: Tick;
  readonly low: Tick;
}

export interface MarketPort {
  /** Copies the live book of a slot; false where none whole could be had. */
  readBook(slot: Slot, view: BookView): boolean;
  /** Monotonic: when the last valid frame of the slot's book came. */
  heardAt(slot: Slot): Ms;
  mark(slot: Slot): Dated | undefined;
  last(slot: Slot): Tick | undefined;
  /** Of the closed minutes looked back over. */
  extrema(slot: Slot): Extrema | undefined;
  /** (bought − sold) / both of the last 3 s; undefined where nothing traded. */
  imbalance(slot: Slot): number | undefined;
  /** Near edges of the confirmed densities of a side, found by a scan in line, nearest the touch first. */
  densities(slot: Slot, side: Side): readonly Tick[] | undefined;
}
