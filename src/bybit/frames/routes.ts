// hot: once per frame; allocates nothing.
// Which slot does a symbol's name mean, as bytes and without making a string?
import { assert } from '../../lib/assert.ts';
import type { Slot } from '../../market/units.ts';
import { NAME_BYTES_MAX, routePlaces } from '../../book/kernel-places.ts';

export const NO_SLOT = -1;

/** Arrays of as many places as there are in the table. */
export interface RouteTable {
  readonly hashes: Int32Array;
  readonly lengths: Uint8Array; // 0 = free
  readonly names: Uint8Array;
  readonly slots: Int32Array;
}

function createTable(slots: number): RouteTable {
  const places = routePlaces(slots);
  return {
    hashes: new Int32Array(places),
    lengths: new Uint8Array(places),
    names: new Uint8Array(places * NAME_BYTES_MAX),
    slots: new Int32Array(places),
  };
}

/** Open-addressed table from the bytes of a symbol to its slot. */
export class Routes {
  readonly #capacity: number;
  readonly #hashes: Int32Array;
  readonly #lengths: Uint8Array;
  readonly #names: Uint8Array;
  readonly #slots: Int32Array;
  readonly #symbols = new Map<string, Slot>();

  /** `table`: where others read it too. */
  constructor(slots: number, table = createTable(slots)) {
    this.#capacity = table.hashes.length;
    this.#hashes = table.hashes;
    this.#lengths = table.lengths;
    this.#names = table.names;
    this.#slots = table.slots;
  }

  slotOf(symbol: string): Slot | undefined {
    return this.#symbols.get(symbol);
  }

  add(symbol: string, slot: Slot): void {
    const bytes = Buffer.byteLength(symbol);
    assert(bytes > 0 && bytes <= NAME_BYTES_MAX, `the name ${symbol} is neither empty nor too long`);
    this.#symbols.set(symbol, slot);
    this.#rebuild();
  }

  remove(symbol: string): void {
    this.#symbols.delete(symbol);
    this.#rebuild();
  }

  /** The slot of the name in [from, to), whose hash is `hash` (see `hashByte`), or NO_SLOT. */
  find(buf: Uint8Array, from: number, to: number, hash: number): number {
    const length = to - from;
    const mask = this.#capacity - 1;
    for (let place = hash & mask; this.#lengths[place] !== 0; place = (place + 1) & mask) {
      if (this.#hashes[place] !== hash || this.#lengths[place] !== length) continue;
      const name = place * NAME_BYTES_MAX;
      let i = 0;
      while (i < length && this.#names[name + i] === buf[from + i]) i++;
      if (i === length) return this.#slots[place] as number;
    }
    return NO_SLOT;
  }

  // Cold: symbols come and go a few times an hour, and a table made anew needs no tombstones.
  #rebuild(): void {
    this.#lengths.fill(0);
    const mask = this.#capacity - 1;
    for (const [symbol, slot] of this.#symbols) {
      const bytes = Buffer.from(symbol);
      let hash = HASH_SEED;
      for (const byte of bytes) hash = hashByte(hash, byte);
      let place = hash & mask;
      while (this.#lengths[place] !== 0) place = (place + 1) & mask;
      this.#hashes[place] = hash;
      this.#lengths[place] = bytes.length;
      this.#names.set(bytes, place * NAME_BYTES_MAX);
      this.#slots[place] = slot;
    }
  }
}

export const HASH_SEED = 0x811c9dc5 | 0;

export function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}
