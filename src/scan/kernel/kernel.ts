// hot: once per changed level and a few times per scan; allocates where a book is first kept, or has become deeper, and never else.
// How does a thread hand its own books to the kernel, and read what comes of it? WebAssembly over a memory of the thread's
// own: see side.as.ts, memory.as.ts and detect.as.ts.
import type { Levels } from '../../book/levels.ts';
import { createBook, type Book } from '../../book/read.ts';
import { assert } from '../../lib/assert.ts';
import { loadWasm } from '../../lib/wasm.ts';
import {
  ASKED_AT,
  ASKED_NUMBERS,
  BLOCK_PLACES,
  CHANGES_AT,
  CHANGES_MAX,
  F_BAND,
  F_COUNT,
  F_FIRST_AT,
  F_LAST_AT,
  F_PRICE_AT,
  F_ROUND_AT,
  F_SUM_AT,
  F_TYPICAL_AT,
  FOUND_AT,
  FOUND_BYTES,
  FOUND_MAX,
  PLACES_MAX,
  S_END,
  S_FROM,
  S_HEAVIEST,
  S_KNOWN,
  S_LENGTH,
  S_PLACES,
  S_SIDE,
  S_TICKS,
  S_TOTALS,
  S_UNITS,
  SIDE_BYTES,
  SIDES_AT,
  SPARE_PLACES,
} from './layout.ts';

interface Exports {
  /** Brings a side into the caches, see warm.ts; what it answers means nothing. */
  readonly warm: (side: number) => number;
  /** Takes over the first `count` of `changes`: TAKEN, FULL or STRANGE. */
  readonly takeAll: (bids: number, asks: number, count: number) => number;
  /** The levels of a side have been written anew. */
  readonly forgetAll: (side: number) => void;
  /** Fills `found` of that side with its densities. `middle` is twice the mid in ticks, 0 where there is none. */
  readonly detect: (side: number, depth: number, middle: number) => void;
  /** Place behind the last level that is at most `percent` of the mid away from it. */
  readonly endWithin: (side: number, middle: number, percent: number) => number;
  /** The first place from `start` on that is at or beyond `tick`, seen from the touch. */
  readonly placeOf: (side: number, tick: number, start: number) => number;
  /**
   * How many notional units more the levels from the price `near` on, before the price `behind` and before the place `within`, would
   * hold if each held `typical`.
   */
  readonly lacking: (side: number, near: number, behind: number, within: number, typical: number) => number;
  /** Notional units of the levels before the place `within`. */
  readonly notionalBefore: (side: number, within: number) => number;
}

const compiled = loadWasm(new URL('./scan.wasm', import.meta.url));
const PAGE_BYTES = 65_536;
/** The memory grows by at least this part of itself: what nobody has written to costs nothing, and all views are made anew. */
const GROWTH = 1 / 4;

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** The arrays of one side, for whoever reads or writes all of it. */
interface Arrays {
  readonly max: number;
  readonly places: number;
  ticks: Int32Array;
  units: Float64Array;
}

/**
 * One side of a book in the kernel's memory: which one, its address says. A scan aims the same two at one book after the other: an
 * object of each would have to be fetched before what it stands for.
 */
export class Side implements Levels {
  /** What the kernel knows it by. */
  at: number;
  readonly #kernel: ScanKernel;

  constructor(kernel: ScanKernel, at: number) {
    this.#kernel = kernel;
    this.at = at;
  }

  get from(): number {
    return this.#kernel.words[(this.at >> 2) + S_FROM] as number;
  }

  set from(place: number) {
    this.#kernel.words[(this.at >> 2) + S_FROM] = place;
  }

  get end(): number {
    return this.#kernel.words[(this.at >> 2) + S_END] as number;
  }

  set end(place: number) {
    this.#kernel.words[(this.at >> 2) + S_END] = place;
  }

  /** Price of the level at a place. */
  tickAt(place: number): number {
    const { words } = this.#kernel;
    return words[((words[(this.at >> 2) + S_TICKS] as number) >> 2) + place] as number;
  }

  get max(): number {
    return this.#kernel.arraysAt(this.at).max;
  }

  get ticks(): Int32Array {
    return this.#kernel.arraysAt(this.at).ticks;
  }

  get units(): Float64Array {
    return this.#kernel.arraysAt(this.at).units;
  }
}

/** Where the sides of a book lie, bids first. */
export type SideAddresses = readonly [bids: number, asks: number];

/** The densities of one side of the book in hand, from the touch outward. Levels are known by their places. */
export class Found {
  first!: Int32Array; // the level nearest the touch
  last!: Int32Array;
  price!: Int32Array; // tick of the largest level
  sum!: Float64Array; // notional units
  typical!: Float64Array; // median of the neighbours
  round!: Int32Array;
  /** [total within the band, notional that the share test asks for] */
  band!: Float64Array;
  readonly #at: number;
  #words!: Int32Array;

  constructor(at: number, buffer: ArrayBuffer) {
    this.#at = at;
    this.view(buffer);
  }

  get count(): number {
    return this.#words[F_COUNT] as number;
  }

  /** The memory has moved. */
  view(buffer: ArrayBuffer): void {
    this.#words = new Int32Array(buffer, this.#at, F_FIRST_AT / 4);
    this.band = new Float64Array(buffer, this.#at + F_BAND * 8, 2);
    this.first = new Int32Array(buffer, this.#at + F_FIRST_AT, FOUND_MAX);
    this.last = new Int32Array(buffer, this.#at + F_LAST_AT, FOUND_MAX);
    this.price = new Int32Array(buffer, this.#at + F_PRICE_AT, FOUND_MAX);
    this.round = new Int32Array(buffer, this.#at + F_ROUND_AT, FOUND_MAX);
    this.sum = new Float64Array(buffer, this.#at + F_SUM_AT, FOUND_MAX);
    this.typical = new Float64Array(buffer, this.#at + F_TYPICAL_AT, FOUND_MAX);
  }
}

/** The kernel over a memory of its own. */
export class ScanKernel {
  readonly found: readonly [Found, Found];
  readonly call: Exports;
  /** [side, tick, old lots, new lots] of each change that is to be taken over. */
  changes: Float64Array;
  /** The whole memory. */
  words: Int32Array;
  readonly #memory = new WebAssembly.Memory<ArrayBuffer>({ initial: Math.ceil(SIDES_AT / PAGE_BYTES) });
  /** By address. */
  readonly #sides = new Map<number, Arrays>();
  readonly #spare: SideAddresses[] = [];
  #asked: Float64Array;
  #end = aligned(SIDES_AT);

  constructor() {
    const { buffer } = this.#memory;
    this.call = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } }).exports as Exports;
    this.found = [new Found(FOUND_AT, buffer), new Found(FOUND_AT + FOUND_BYTES, buffer)];
    this.words = new Int32Array(buffer);
    this.#asked = new Float64Array(buffer, ASKED_AT, ASKED_NUMBERS);
    this.changes = new Float64Array(buffer, CHANGES_AT, CHANGES_MAX * 4);
  }

  /** A book of up to `depth` levels a side, which lie in the middle of their places when they are copied. */
  createBook(depth: number): Book<Side> {
    const [bids, asks] = this.createSides(depth);
    return createBook(new Side(this, bids), new Side(this, asks));
  }

  /** Two sides of up to `depth` levels each. */
  createSides(depth: number): SideAddresses {
    const spare = this.#spare.findIndex(([bids]) => this.arraysAt(bids).max === depth);
    if (spare >= 0) return this.#spare.splice(spare, 1)[0] as SideAddresses;
    return [this.#createSide(0, depth), this.#createSide(1, depth)];
  }

  /** Nobody reads these sides any more. */
  dropSides(sides: SideAddresses): void {
    this.#spare.push(sides);
  }

  /** Of the side at an address. */
  arraysAt(at: number): Arrays {
    const arrays = this.#sides.get(at);
    assert(arrays !== undefined, 'every side was created');
    return arrays;
  }

  /** By which numbers the next detections judge. */
  ask(params: Float64Array, at: number): void {
    for (let i = 0; i < ASKED_NUMBERS; i++) this.#asked[i] = params[at + i] as number;
  }

  #createSide(which: 0 | 1, depth: number): number {
    const places = depth + SPARE_PLACES;
    assert(places <= PLACES_MAX, 'a book is no deeper than a view');
    const blocks = Math.ceil(places / BLOCK_PLACES);
    const at = this.#end;
    const words = new Int32Array(SIDE_BYTES / 4);
    let end = at + SIDE_BYTES;
    const take = (word: number, bytes: number): void => {
      words[word] = end;
      end = aligned(end + bytes);
    };
    words[S_SIDE] = which;
    words[S_PLACES] = places;
    words[S_LENGTH] = 1;
    take(S_TICKS, places * 4);
    take(S_UNITS, places * 8);
    take(S_TOTALS, blocks * 8);
    take(S_HEAVIEST, blocks * 8);
    take(S_KNOWN, blocks);
    this.#reach(end);
    this.#end = end;
    this.words.set(words, at >> 2);
    this.#sides.set(at, { max: depth, places, ...this.#arrays(words, places) });
    return at;
  }

  #arrays(words: Int32Array, places: number): Pick<Arrays, 'ticks' | 'units'> {
    const { buffer } = this.#memory;
    return {
      ticks: new Int32Array(buffer, words[S_TICKS] as number, places),
      units: new Float64Array(buffer, words[S_UNITS] as number, places),
    };
  }

  /** Makes the memory reach up to `end`. */
  #reach(end: number): void {
    const pages = this.#memory.buffer.byteLength / PAGE_BYTES;
    const missing = Math.ceil(end / PAGE_BYTES) - pages;
    if (missing <= 0) return;
    this.#memory.grow(Math.max(missing, Math.ceil(pages * GROWTH)));
    const { buffer } = this.#memory;
    this.words = new Int32Array(buffer);
    for (const [at, arrays] of this.#sides) {
      Object.assign(arrays, this.#arrays(this.words.subarray(at >> 2), arrays.places));
    }
    for (const found of this.found) found.view(buffer);
    this.#asked = new Float64Array(buffer, ASKED_AT, ASKED_NUMBERS);
    this.changes = new Float64Array(buffer, CHANGES_AT, CHANGES_MAX * 4);
  }
}
