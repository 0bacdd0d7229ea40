// What would an order get from the shown book? Level by level from the touch, and nothing twice.
import type { BookMemory } from '../book/layout.ts';
import { createView, readBook, type BookView } from '../book/read.ts';
import { LIVE } from '../book/trust.ts';
import { assert } from '../lib/assert.ts';
import { ASK, BID, isBetter, SIDES, type Side } from '../market/side.ts';
import type { Lot, Slot, Tick } from '../market/units.ts';

export interface Taken {
  readonly tick: Tick;
  readonly lots: Lot;
}

/** Lots we already took from a level, as long as it shows the size it showed then: our fills change no real book. */
interface Had {
  readonly shown: number;
  readonly lots: number;
}

export class Liquidity {
  readonly #books: BookMemory;
  readonly #view: BookView = createView();
  /** By place in the book, of the slots of which we have had something. */
  readonly #had = new Map<Slot, Map<number, Had>>();

  constructor(books: BookMemory) {
    this.#books = books;
  }

  isLive(slot: Slot): boolean {
    return this.#read(slot).trust === LIVE;
  }

  /** Undefined where the side is empty or the book is not to be believed. */
  touch(slot: Slot, side: Side): Tick | undefined {
    const view = this.#read(slot);
    return view.trust === LIVE && view.counts[side] !== 0 ? (view.ticks[side][0] as Tick) : undefined;
  }

  /** In ticks; the half of one is possible. */
  mid(slot: Slot): number | undefined {
    const bid = this.touch(slot, BID);
    const ask = this.touch(slot, ASK);
    return bid === undefined || ask === undefined ? undefined : (bid + ask) / 2;
  }

  /** Takes up to so many lots from a side, at no worse a price than `worst`. Nothing from a book that is not live. */
  take(slot: Slot, side: Side, lots: number, worst: Tick | undefined): Taken[] {
    const view = this.#read(slot);
    if (view.trust !== LIVE) return [];
    const taken: Taken[] = [];
    const count = view.counts[side] as number;
    let left = lots;
    for (let i = 0; i < count && left > 0; i++) {
      const tick = view.ticks[side][i] as Tick;
      if (worst !== undefined && isBetter(side, worst, tick)) break;
      const shown = view.lots[side][i] as number;
      const had = this.#had.get(slot) ?? new Map<number, Had>();
      const before = had.get(placeOf(side, tick))?.lots ?? 0;
      const some = Math.min(left, shown - before);
      if (some <= 0) continue;
      this.#had.set(slot, had.set(placeOf(side, tick), { shown, lots: before + some }));
      taken.push({ tick, lots: some as Lot });
      left -= some;
    }
    return taken;
  }

  /** Forgets what was had of levels that have changed since. */
  refresh(slot: Slot): void {
    const had = this.#had.get(slot);
    if (had === undefined) return;
    const view = this.#read(slot);
    const shown = new Map<number, number>();
    for (const side of SIDES)
      for (let i = 0; i < (view.counts[side] as number); i++)
        shown.set(placeOf(side, view.ticks[side][i] as Tick), view.lots[side][i] as number);
    for (const [place, level] of had) if (shown.get(place) !== level.shown) had.delete(place);
    if (had.size === 0) this.#had.delete(slot);
  }

  #read(slot: Slot): BookView {
    assert(readBook(this.#books, slot, this.#view), 'the only writer reads its own book whole');
    return this.#view;
  }
}

const placeOf = (side: Side, tick: Tick): number => tick * SIDES.length + side;
