// What does getting in and out again cost, and how much of that is slippage?
import type { BookView } from '../book/read.ts';
import { TAKES, type OrderSide } from '../market/side.ts';
import type { Lot, Tick } from '../market/units.ts';
import { fractionParts } from './percent.ts';

/** 10^-8 of a tick × lot. */
export type FineUnits = bigint;

export const FINE = 100_000_000n;

export interface Walk {
  /** tick × lot lost against the best price by taking what rests behind it. */
  readonly units: number;
  /** The book shows less than the quantity: what is missing was counted at the last price it shows. */
  readonly isThin: boolean;
}

/** Takes `lots` from the book as a market order would. */
export function walk(book: BookView, order: OrderSide, lots: Lot): Walk {
  const side = TAKES[order];
  const ticks = book.ticks[side];
  const best = ticks[0] as number;
  const count = book.counts[side] as number;
  let left: number = lots;
  let units = 0;
  for (let i = 0; i < count && left > 0; i++) {
    const take = Math.min(left, book.lots[side][i] as number);
    units += Math.abs((ticks[i] as number) - best) * take;
    left -= take;
  }
  const last = ticks[Math.max(0, count - 1)] as number;
  return { units: units + Math.abs(last - best) * left, isThin: left > 0 };
}

/** Taker fees of an entry and an exit at one price. */
export function roundTripFees(tick: Tick, lots: Lot, takerFee: number): FineUnits {
  return 2n * fractionParts(takerFee) * BigInt(tick) * BigInt(lots);
}

/** Fees both ways, the spread once, the slippage expected at entry. */
export function costOf(entryTick: Tick, lots: Lot, takerFee: number, spread: number, slippage: Walk): FineUnits {
  return roundTripFees(entryTick, lots, takerFee) + (BigInt(spread) * BigInt(lots) + BigInt(slippage.units)) * FINE;
}
