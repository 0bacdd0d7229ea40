// Which signals of one loop turn become orders, and why not the others? The same for the live market and for a recording.
import type { BookMemory } from '../book/layout.ts';
import { createView, readBook } from '../book/read.ts';
import { assert } from '../lib/assert.ts';
import type { Ms } from '../lib/brand.ts';
import type { Slot } from '../market/units.ts';
import type { AnalysisEvent } from '../scan/event.ts';
import { inOrder, refusalOf, type OfferRules } from '../signal/offer.ts';
import type { CoinParameters } from '../store/read/coin-parameters.ts';
import type { Trader } from './trader.ts';

export interface Offered {
  readonly event: AnalysisEvent;
  readonly symbol: string;
  readonly tenant: { readonly strategy: OfferRules; readonly coin: CoinParameters | undefined };
}

export interface OfferPorts<T extends Offered> {
  readonly books: BookMemory;
  /** Monotonic. */
  readonly now: () => Ms;
  /** Undefined: the engine only watches. */
  readonly trader: () => Pick<Trader, 'offer'> | undefined;
  /** `refusal` undefined: the signal is good and, where there is a trader, an order. `detail`: the number that made the desk refuse. */
  readonly told: (offered: T, refusal: string | undefined, detail: string) => void;
}

/** Offers the signals of a batch, best first. None is kept for the next turn. */
export function createOffering<T extends Offered>({ books, now, trader, told }: OfferPorts<T>): (batch: T[]) => void {
  const view = createView();

  function judge({ event, symbol, tenant }: T): { readonly refusal: string | undefined; readonly detail: string } {
    assert(readBook(books, event.slot as Slot, view), 'the only writer reads its own book whole');
    const refusal = refusalOf(event, view, now(), tenant.strategy) ?? unwished(event, tenant.coin);
    const desk = trader();
    if (refusal !== undefined || desk === undefined) return { refusal, detail: '' };
    return desk.offer(symbol, event) ?? { refusal: 'not listed', detail: '' };
  }

  return (batch) => {
    // All entries are handed to the journal before anything is reported, stored or logged.
    const judged = inOrder(batch).map((offered) => ({ offered, ...judge(offered) }));
    for (const { offered, refusal, detail } of judged) told(offered, refusal, detail);
  };
}

/** Why the symbol's row in `coin_parameters` excludes this signal. */
function unwished(event: AnalysisEvent, coin: CoinParameters | undefined): string | undefined {
  if (coin === undefined) return undefined;
  if (!coin.enabled) return 'disabled';
  return coin.preferredStrategy === 'both' || coin.preferredStrategy === event.signal ? undefined : 'not-preferred';
}
