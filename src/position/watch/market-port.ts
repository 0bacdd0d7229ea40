// What does the desk see of the market? Main's own memory, read when it is needed.
import type { BookView } from '../../book/read.ts';
import type { Ms } from '../../lib/brand.ts';
import type { Side } from '../../market/side.ts';
import type { Slot, Tick } from '../../market/units.ts';
import type { DensityParams } from '../../scan/params.ts';
import type { Wall } from '../trade/trade.ts';

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
  /** Do its trades not come, although its price moves? */
  isDeaf(slot: Slot): boolean;
  mark(slot: Slot): Dated | undefined;
  last(slot: Slot): Tick | undefined;
  /** Of the closed minutes looked back over. */
  extrema(slot: Slot): Extrema | undefined;
  /** (bought − sold) / both of the last 3 s; undefined where nothing traded. */
  imbalance(slot: Slot): number | undefined;
  /** Densities that a scan in line finds on a side now by these numbers, nearest the touch first; no analyzer's result. */
  resting(slot: Slot, side: Side, params: DensityParams): readonly Wall[] | undefined;
  /** Near edges of those that the analysis has confirmed, and that such a scan finds by the numbers of now. */
  densities(slot: Slot, side: Side): readonly Tick[] | undefined;
}
