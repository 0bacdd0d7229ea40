// What does a recording tell, one thing after the other?
import type { Ms } from '../lib/brand.ts';
import type { Instrument } from '../market/instrument.ts';
import type { Tick } from '../market/units.ts';

export type Entry =
  | {
      readonly kind: 'frame';
      readonly bytes: Buffer;
      readonly connection: string;
      /** As the recording's own clock had it. */
      readonly received: Ms;
      /** Did we record it? Then all topics of a symbol are on one connection, and its book's depth may have changed. */
      readonly ours: boolean;
    }
  | { readonly kind: 'instrument'; readonly instrument: Instrument }
  /** One-minute candles of before the recording, and again after each lost connection, on the grid of the instrument. */
  | { readonly kind: 'candles'; readonly symbol: string; readonly candles: readonly Candle[] }
  /** Told up to seconds later. */
  | ({ readonly kind: 'scans'; readonly symbol: string } & Scans);

/** Where the engine that recorded has scanned a book: by the `seq` of the newest message that it saw. */
export interface Scans {
  readonly sequences: readonly number[];
  /** Those of them that had lost what was known of the densities, as the first has, and who comes too late for the change ring. */
  readonly anew: readonly number[];
}

export interface Candle {
  /** Minutes since 1970. */
  readonly minute: number;
  readonly high: Tick;
  readonly low: Tick;
}
