// What was paid for one unit of base, on average? It need not lie on the grid.
import { priceOf, type Money } from '../../market/money.ts';
import type { Instrument } from '../../market/instrument.ts';
import type { Tick } from '../../market/units.ts';
import type { Average } from '../watch/breakeven.ts';

export function averagePrice(average: Average | undefined, instrument: Instrument): Money | undefined {
  return average === undefined
    ? undefined
    : BigInt(Math.round((Number(priceOf(1 as Tick, instrument)) * average.units) / average.lots));
}
