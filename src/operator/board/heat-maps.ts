// Whose heat map is recorded? Everybody's that is watched, up to a limit, so that a map opened now shows the last minutes; and
// whatever somebody looks at.
import { createView, readBook, type BookView } from '../../book/read.ts';
import { LIVE } from '../../book/trust.ts';
import type { Clock } from '../../lib/clock.ts';
import { HeatMap } from './heat-map.ts';
import type { Memory } from './memory.ts';
import { COLUMN_MS } from '../page/protocol-columns.ts';
import { ZOOMS, type Zoom } from '../page/protocol-market.ts';
import type { WatchedSymbol } from '../port.ts';

/** Half a megabyte each. */
const RECORDED_MAX = 64;
const USUAL: Zoom = 1;

const keyOf = (symbol: string, zoom: Zoom): string => `${symbol} ${zoom}`;

export class HeatMaps {
  readonly #memory: Memory;
  readonly #clock: Clock;
  readonly #view: BookView = createView();
  readonly #maps = new Map<string, HeatMap>();
  #streams = 0;

  constructor(memory: Memory, clock: Clock) {
    this.#memory = memory;
    this.#clock = clock;
  }

  /** Undefined until the book has been live. */
  get(symbol: string, zoom: Zoom): HeatMap | undefined {
    return this.#maps.get(keyOf(symbol, zoom));
  }

  /** Every COLUMN_MS: one more column of each map. `looked`: symbol and zoom of everybody who looks. */
  record(symbols: readonly WatchedSymbol[], looked: ReadonlyMap<string, ReadonlySet<Zoom>>): void {
    const number = Math.floor(this.#clock.monotonic() / COLUMN_MS);
    const atMs = this.#clock.wall();
    const wanted = new Set<string>();
    let recorded = 0;
    for (const watched of symbols) {
      const { symbol } = watched.instrument;
      const zooms = new Set<Zoom>(looked.get(symbol));
      if (recorded++ < RECORDED_MAX) zooms.add(USUAL);
      if (zooms.size === 0) continue;
      const isRead = readBook(this.#memory.books, watched.slot, this.#view);
      for (const zoom of zooms) {
        wanted.add(keyOf(symbol, zoom));
        if (isRead) this.#add(watched, zoom, number, atMs);
      }
    }
    for (const key of this.#maps.keys()) if (!wanted.has(key)) this.#maps.delete(key);
  }

  #add({ slot, instrument }: WatchedSymbol, zoom: Zoom, number: number, atMs: number): void {
    const key = keyOf(instrument.symbol, zoom);
    const view = this.#view;
    const whole = view.trust === LIVE && view.counts[0] !== 0 && view.counts[1] !== 0;
    let map = this.#maps.get(key);
    const isOver = map === undefined || map.slot !== slot || map.tenancy !== view.tenancy || (map.isMisfit && whole);
    if (isOver) {
      map = undefined;
      this.#maps.delete(key);
      if (!whole) return;
      map = new HeatMap(slot, instrument, ZOOMS[zoom], ++this.#streams, view, this.#memory.tape);
      this.#maps.set(key, map);
    }
    map?.add(view, this.#memory.tape, number, atMs);
  }
}
