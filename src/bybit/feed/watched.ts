// What does the feed remember of one symbol?
import type { Ms } from '../../lib/brand.ts';
import type { Slot } from '../../market/units.ts';
import type { ListedInstrument } from '../../universe/listing.ts';
import type { Depth } from '../frames/ingest-port.ts';
import type { Shard } from './shard.ts';

export interface Watched {
  readonly symbol: string;
  readonly slot: Slot;
  readonly shard: Shard;
  listed: ListedInstrument;
  /** Monotonic: when it was last asked for alone. What a list of before says of it is older. */
  listedAt: Ms;
  depth: Depth;
  /** Subscribed, but its first snapshot, which replaces the book, has not arrived (make before break). */
  nextDepth: Depth | undefined;
  /** False once removed: whatever still waits for an answer must not act on the slot any more. */
  isWatched: boolean;
  isLive: boolean;
  /** The book broke and has not been live since; silence and disconnects do not count (B09). */
  isBroken: boolean;
  listeningSince: Ms;
  resyncs: number;
}

export const bookTopic = (symbol: string, depth: Depth): string => `orderbook.${depth}.${symbol}`;
export const touchTopic = (symbol: string): string => `orderbook.1.${symbol}`;
export const tradeTopic = (symbol: string): string => `publicTrade.${symbol}`;
export const tickerTopic = (symbol: string): string => `tickers.${symbol}`;
