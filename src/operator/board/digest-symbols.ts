// Which symbols are watched, and where? The same list as long as nothing in it has changed: then it need not be told again.
import type { Instrument } from '../../market/instrument.ts';
import type { Slot } from '../../market/units.ts';
import type { WatchedSymbol } from '../port.ts';

interface Listened {
  readonly slot: Slot;
  readonly depth: number;
  readonly socket: string;
  readonly resyncs: number;
}

export class SymbolsDigest {
  readonly #instrumentOf: (slot: Slot) => Instrument | undefined;
  #last: readonly WatchedSymbol[] = [];

  constructor(instrumentOf: (slot: Slot) => Instrument | undefined) {
    this.#instrumentOf = instrumentOf;
  }

  of(listened: readonly Listened[]): readonly WatchedSymbol[] {
    const now = listened.flatMap(({ slot, depth, socket, resyncs }): readonly WatchedSymbol[] => {
      const instrument = this.#instrumentOf(slot);
      return instrument === undefined ? [] : [{ slot, instrument, depth, socket, resyncs }];
    });
    const isSame = now.length === this.#last.length && now.every((one, i) => same(one, this.#last[i]));
    if (!isSame) this.#last = now;
    return this.#last;
  }
}

function same(a: WatchedSymbol, b: WatchedSymbol | undefined): boolean {
  return (
    a.slot === b?.slot &&
    a.instrument === b.instrument &&
    a.depth === b.depth &&
    a.socket === b.socket &&
    a.resyncs === b.resyncs
  );
}
