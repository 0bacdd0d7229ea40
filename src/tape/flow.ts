// How does trade flow? Sums over the last seconds, from the buckets.
import type { Ms } from '../lib/brand.ts';
import type { Slot } from '../market/units.ts';
import { BUCKET_MS, BUCKET_STRIDE, BUCKETS, BUCKETS_AT, SLOT_NUMBERS, type TapeMemory } from './layout.ts';

export interface Flow {
  /** Notional units bought by takers in the window. */
  readonly bought: number;
  readonly sold: number;
  readonly trades: number;
  /** (bought − sold) / (bought + sold), 0 where nothing traded. */
  readonly imbalance: number;
}

/** The flow of the last `window` ms up to `now` (exchange time), at most 60 s, in whole buckets of 100 ms. */
export function readFlow(tape: TapeMemory, slot: Slot, now: Ms, window: Ms): Flow {
  const last = Math.floor(now / BUCKET_MS);
  const first = Math.max(0, last - Math.min(BUCKETS, Math.ceil(window / BUCKET_MS)) + 1);
  let bought = 0;
  let sold = 0;
  let trades = 0;
  for (let number = first; number <= last; number++) {
    const bucket = slot * SLOT_NUMBERS + BUCKETS_AT + (number % BUCKETS) * BUCKET_STRIDE;
    if (tape.numbers[bucket] !== number) continue;
    bought += tape.numbers[bucket + 1] as number;
    sold += tape.numbers[bucket + 2] as number;
    trades += tape.numbers[bucket + 3] as number;
  }
  const all = bought + sold;
  return { bought, sold, trades, imbalance: all === 0 ? 0 : (bought - sold) / all };
}
