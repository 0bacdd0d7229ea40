// What do the numbers of the market count?
import type { Branded } from '../lib/brand.ts';

/** A price in whole ticks of its instrument. */
export type Tick = Branded<'tick'>;
/** A size in whole quantity steps of its instrument. */
export type Lot = Branded<'lot'>;
/** tick × lot: an exact integer; `Instrument.notionalUnit` USDT each. */
export type NotionalUnits = Branded<'notional-units'>;
/** USDT. For people, thresholds and reports; never part of an order. */
export type Usdt = Branded<'usdt'>;
/** The place of an instrument in every arena of shared memory. */
export type Slot = Branded<'slot'>;
