// Which place in shared memory does a symbol have?
import { assert } from '../lib/assert.ts';
import type { Slot } from '../market/units.ts';

/**
 * Hands out the places 0 … count-1. A released place waits behind all others, so that late readers of its old
 * epoch have the longest possible time to notice.
 */
export class Slots {
  readonly count: number;
  readonly #free: Slot[];
  readonly #bySymbol = new Map<string, Slot>();
  readonly #symbols: (string | undefined)[];

  constructor(count: number) {
    this.count = count;
    this.#free = Array.from({ length: count }, (_, index) => index as Slot);
    this.#symbols = Array.from({ length: count });
  }

  get taken(): number {
    return this.#bySymbol.size;
  }

  /** Undefined when all places are taken. */
  take(symbol: string): Slot | undefined {
    assert(!this.#bySymbol.has(symbol), `${symbol} has a slot already`);
    const slot = this.#free.shift();
    if (slot === undefined) return undefined;
    this.#bySymbol.set(symbol, slot);
    this.#symbols[slot] = symbol;
    return slot;
  }

  release(slot: Slot): void {
    const symbol = this.#symbols[slot];
    assert(symbol !== undefined, `slot ${slot} is free already`);
    this.#bySymbol.delete(symbol);
    this.#symbols[slot] = undefined;
    this.#free.push(slot);
  }

  slotOf(symbol: string): Slot | undefined {
    return this.#bySymbol.get(symbol);
  }

  symbolAt(slot: Slot): string | undefined {
    return this.#symbols[slot];
  }
}
