// What stands in a watched book, as the exchange prints it?
import type { Depth, IngestPort, Trust } from '../bybit/frames/ingest-port.ts';
import { priceText, sizeText, type Instrument } from '../market/instrument.ts';
import { ASK, BID, type Side } from '../market/side.ts';
import type { Slot } from '../market/units.ts';

/** A copy from the touch outward: `[price, size]`. */
export interface WatchedBook {
  readonly depth: Depth;
  readonly trust: Trust;
  readonly u: number;
  readonly bids: readonly (readonly [string, string])[];
  readonly asks: readonly (readonly [string, string])[];
}

export function watchedBook(ingest: IngestPort, slot: Slot, depth: Depth, instrument: Instrument): WatchedBook {
  const side = (of: Side) =>
    ingest
      .readSide(slot, of, Infinity)
      .map(([tick, lot]) => [priceText(tick, instrument), sizeText(lot, instrument)] as const);
  return { depth, trust: ingest.trust(slot), u: ingest.sequence(slot).u, bids: side(BID), asks: side(ASK) };
}
