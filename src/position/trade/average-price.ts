// What was paid for one unit of base, on average? It need not lie on the grid.
import { priceOf, type Money } from '../../market/money.ts';
import type { Instrument } from '../../market/instrument.ts';
import type { Tick } from '../../market/units.ts';
import type { Average } from '../watch/breakeven.ts';

export function averagePrice(average: Average | undefined, instrument: Instrument): Money | undefined {
  return average === undefined
    ? undefined
    : (priceOf(1 as Tick, instrument) * BigInt(Math.round(average.units))) / BigInt(average.lots);
}
