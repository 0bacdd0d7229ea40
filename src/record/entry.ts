// What does a recording tell, one thing after the other?
import type { Ms } from '../lib/brand.ts';
import type { Instrument } from '../market/instrument.ts';

export type Entry =
  | {
      readonly kind: 'frame';
      readonly bytes: Buffer;
      readonly connection: string;
      /** As the recording's own clock had it. */
      readonly received: Ms;
      /** Did we record it? Then a frame on another connection than its book's was dropped live and is again. */
      readonly ours: boolean;
    }
  | { readonly kind: 'instrument'; readonly instrument: Instrument }
  /** A live scan of the symbol's book saw this message; messages count from 1 since the symbol was first watched. */
  | { readonly kind: 'scan'; readonly symbol: string; readonly message: number };
