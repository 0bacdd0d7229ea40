// What was paid for one unit of base, on average? It need not lie on the grid.
import { priceOf, type Money } from '../../market/money.ts';
import type { Instrument } from '../../market/instrument.ts';
import { lotsOfSize } from '../../market/size.ts';
import type { Tick } from '../../market/units.ts';
import type { Average } from '../watch/breakeven.ts';
import type { Part } from './holding.ts';

/** Of what our entries have executed for us; undefined where that is nothing. */
export function averageOf(parts: readonly Part[], instrument: Instrument): Average | undefined {
  let units = 0;
  let lots = 0;
  for (const { fill, ours, origin } of parts) {
    if (origin !== 'entry') continue;
    const ourLots = lotsOfSize(ours, instrument);
    units += (fill.offGrid === undefined ? fill.tick : ticksOf(fill.offGrid, instrument)) * ourLots;
    lots += ourLots;
  }
  return lots > 0 ? { units, lots } : undefined;
}

/** A fraction where the price does not lie on the grid. */
export function ticksOf(price: Money, instrument: Instrument): number {
  return Number(price) / Number(priceOf(1 as Tick, instrument));
}

export function averagePrice(average: Average | undefined, instrument: Instrument): Money | undefined {
  return average === undefined
    ? undefined
    : BigInt(Math.round((Number(priceOf(1 as Tick, instrument)) * average.units) / average.lots));
}
