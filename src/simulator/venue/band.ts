// Between which prices may orders be filled? The price band around the mark, and the premium of the last half minute.
import { getOrInsert } from '../../lib/get-or-insert.ts';
import { ASK, BID } from '../../market/side.ts';
import type { VenueContract } from './core.ts';
import { ONE, rateOf } from './money.ts';

/** The last price of every contract's grid, in ticks. */
export const TICK_MAX = 19_999_999;
const WINDOW_S = 30;
const SECOND_MS = 1_000;

export class BandWatch {
  /** Per symbol: bid + ask − 2·mark, in ticks, once a second. */
  readonly #samples = new Map<string, number[]>();
  #dueMs = 0;

  watch(contracts: readonly VenueContract[], nowMs: number): void {
    if (nowMs < this.#dueMs) return;
    this.#dueMs = (Math.floor(nowMs / SECOND_MS) + 1) * SECOND_MS;
    for (const { instrument, matching } of contracts) {
      const { best } = matching.book;
      const samples = getOrInsert(this.#samples, instrument.symbol, () => []);
      samples.push(best[BID] + best[ASK] - 2 * matching.mark.tick(matching.lastTick, nowMs));
      if (samples.length > WINDOW_S) samples.shift();
    }
  }

  /** On another grid the old premium says nothing. */
  forget(symbol: string): void {
    this.#samples.delete(symbol);
  }

  /** [highest price to buy at, lowest to sell at], ticks. */
  limits({ listing, matching, instrument }: VenueContract, nowMs: number): readonly [number, number] {
    const mark = BigInt(matching.mark.tick(matching.lastTick, nowMs));
    const index = BigInt(matching.mark.indexTick(matching.lastTick, nowMs));
    const samples = this.#samples.get(instrument.symbol) ?? [];
    const sum = BigInt(samples.reduce((total, sample) => total + sample, 0));
    const premium = samples.length === 0 ? 0n : (sum * ONE) / BigInt(2 * samples.length);
    const [x, y] = [rateOf(listing.bandX), rateOf(listing.bandY)];
    const up = max(index * ONE, mark * (ONE + x) + max(0n, premium));
    const down = min(index * ONE, mark * (ONE - x) + min(0n, premium));
    const highest = min(mark * (ONE + y), up) / ONE;
    const lowest = (max(mark * (ONE - y), down) + ONE - 1n) / ONE;
    return [Number(highest), Math.max(1, Number(lowest))];
  }
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
