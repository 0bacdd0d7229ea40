// Which place in shared memory does a symbol have?
import { assert } from '../lib/assert.ts';
import type { Slot } from '../market/units.ts';

/**
 * Hands out the places 0 … count-1. A released place waits behind all others, so that late readers of its old
 * epoch have the longest possible time to notice.
 */
export class Slots {
  readonly #free: Slot[];
  readonly #taken = new Map<Slot, string>();

  constructor(count: number) {
    this.#free = Array.from({ length: count }, (_, index) => index as Slot);
  }

  /** Undefined when all places are taken. */
  take(symbol: string): Slot | undefined {
    assert(![...this.#taken.values()].includes(symbol), `${symbol} has a slot already`);
    const slot = this.#free.shift();
    if (slot !== undefined) this.#taken.set(slot, symbol);
    return slot;
  }

  release(slot: Slot): void {
    const wasTaken = this.#taken.delete(slot);
    assert(wasTaken, `slot ${slot} is free already`);
    this.#free.push(slot);
  }
}
