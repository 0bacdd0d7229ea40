// What does the book of a replayed symbol hold, in the exchange's own words?
import {
  createView,
  readBook,
  VIEW_EXCHANGE,
  VIEW_LEVELS_MAX,
  VIEW_SEQUENCE,
  VIEW_UPDATE,
  type BookView,
} from '../book/read.ts';
import type { BookMemory } from '../book/layout.ts';
import { assert } from '../lib/assert.ts';
import type { Ms } from '../lib/brand.ts';
import { parseDecimal, type Decimal } from '../market/decimal.ts';
import { priceText, sizeText, type Instrument } from '../market/instrument.ts';
import { ASK, BID, type Side } from '../market/side.ts';
import type { Lot, Slot, Tick } from '../market/units.ts';
import { canonical, type Printed } from '../record/printed.ts';
import type { Levels } from '../record/verify.ts';

export interface ReplayedBook {
  readonly bids: Levels;
  readonly asks: Levels;
  readonly u: number;
}

/** A depth or a connection that was given up. */
export interface Left {
  readonly number: number;
  readonly at: Ms;
}

/** One symbol's stay in the replay. */
export interface Replayed {
  readonly slot: Slot;
  instrument: Instrument;
  /** Levels a side that its topic shows. */
  depth: number;
  /** Those of the topic before it. */
  leftDepth: Left | undefined;
  /** The depth of the book that was there last; 0 before the first. */
  booked: number;
  /** Number of the file that spoke of the book last. */
  file: number;
  connection: number;
  leftConnection: Left | undefined;
}

export class BookReader {
  readonly #books: BookMemory;
  readonly #view: BookView = createView();

  constructor(books: BookMemory) {
    this.#books = books;
  }

  /** Decimal texts as the exchange prints them, from the touch outward. */
  read({ slot, instrument }: Replayed): ReplayedBook {
    const view = this.#copy(slot);
    const levels = (side: Side): Levels => {
      const texts: [string, string][] = [];
      const count = Math.min(view.counts[side] as number, VIEW_LEVELS_MAX);
      for (let i = 0; i < count; i++) {
        const tick = view.ticks[side][i] as Tick;
        texts.push([priceText(tick, instrument), sizeText(view.lots[side][i] as Lot, instrument)]);
      }
      return texts;
    };
    return { bids: levels(BID), asks: levels(ASK), u: view.stamps[VIEW_UPDATE] as number };
  }

  /**
   * The book as a snapshot of the exchange. With the `printed` levels of a delta that was half applied it is the book
   * before that delta, but for the levels that the delta sets anyway.
   */
  asSnapshot(replayed: Replayed, printed?: Printed): string {
    const { bids, asks, u } = this.read(replayed);
    const { symbol } = replayed.instrument;
    const stamps = this.#copy(replayed.slot).stamps;
    const untouched = (levels: Levels, side: Side): Levels =>
      levels.filter(([price]) => !printed?.touched[side].has(canonical(parseDecimal(price) as Decimal)));
    return JSON.stringify({
      topic: `orderbook.${replayed.depth}.${symbol}`,
      type: 'snapshot',
      ts: stamps[VIEW_EXCHANGE],
      data: {
        s: symbol,
        b: untouched(bids, BID),
        a: untouched(asks, ASK),
        u: printed === undefined ? u : u - 1,
        seq: stamps[VIEW_SEQUENCE],
      },
      cts: stamps[VIEW_EXCHANGE],
    });
  }

  #copy(slot: Slot): BookView {
    assert(readBook(this.#books, slot, this.#view), 'the only writer reads its own book whole');
    return this.#view;
  }
}
