// hot: once per frame on main; allocates nothing.
// How does main hand a frame to the kernel? WebAssembly over the memory of the books: see delta.as.ts and apply.as.ts.
import type { Grid } from '../../book/grid.ts';
import { bookBytes, SLOT_WORDS } from '../../book/layout.ts';
import type { Ms } from '../../lib/brand.ts';
import { loadWasm } from '../../lib/wasm.ts';
import {
  FRAME_BYTES,
  GRID_BYTES,
  kernelPlaces,
  NAME_BYTES_MAX,
  STAMPS,
  STATE_WORDS,
} from '../../book/kernel-places.ts';

/** The frame is for the whole implementation: nothing has been touched. */
export const NOT_MINE = -1;
/** Added to the slot: the levels are in, the close is for the whole implementation. */
export const FINISH = 0x1_0000;

interface Exports {
  readonly lay: (...places: number[]) => void;
  readonly delta: (from: number, length: number, connection: number, received: number) => number;
}

const compiled = loadWasm(new URL('./delta.wasm', import.meta.url));

/** Of one memory of books. What it must know of each slot is written into its arrays by whoever knows it. */
export class Kernel {
  /** By slot: the connection that may speak of it. */
  readonly connections: Int32Array;
  /** By slot: levels of its topic. */
  readonly depths: Int32Array;
  /** Of the last frame, as in `Staging`. */
  readonly stamps: Float64Array;
  /** Where FINISH was added: head and limit of its changes, and 1 where its sums are sound. */
  readonly state: Int32Array;
  readonly routes: {
    readonly hashes: Int32Array;
    readonly lengths: Uint8Array;
    readonly names: Uint8Array;
    readonly slots: Int32Array;
  };
  /** Where a frame may begin, by the place of its first byte within eight: what lies alike is copied by words. */
  readonly #frames: readonly Uint8Array[];
  readonly #scales: Int32Array;
  readonly #units: Float64Array;
  readonly #delta: Exports['delta'];

  constructor(memory: WebAssembly.Memory, slots: number) {
    const { buffer } = memory;
    const at = kernelPlaces(slots, bookBytes(slots));
    this.connections = new Int32Array(buffer, at.connections, slots);
    this.depths = new Int32Array(buffer, at.depths, slots);
    this.stamps = new Float64Array(buffer, at.stamps, STAMPS);
    this.state = new Int32Array(buffer, at.state, STATE_WORDS);
    this.routes = {
      hashes: new Int32Array(buffer, at.hashes, at.routes),
      lengths: new Uint8Array(buffer, at.lengths, at.routes),
      names: new Uint8Array(buffer, at.names, at.routes * NAME_BYTES_MAX),
      slots: new Int32Array(buffer, at.slots, at.routes),
    };
    this.#frames = Array.from({ length: 8 }, (_, from) => new Uint8Array(buffer, at.frame + from, FRAME_BYTES));
    this.#scales = new Int32Array(buffer, at.grids, (slots * GRID_BYTES) / 4);
    this.#units = new Float64Array(buffer, at.grids, (slots * GRID_BYTES) / 8);
    const { lay, delta } = new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Exports;
    lay(
      at.frame,
      at.keys,
      at.lots,
      at.stamps,
      at.state,
      at.grids,
      at.connections,
      at.depths,
      at.hashes,
      at.lengths,
      at.names,
      at.slots,
      at.routes,
      slots * SLOT_WORDS * 4,
    );
    this.#delta = delta;
  }

  setGrid(slot: number, { priceScale, lotScale, tickScaled, lotScaled }: Grid): void {
    this.#scales.set([priceScale, lotScale], (slot * GRID_BYTES) / 4);
    this.#units.set([tickScaled, lotScaled, 1 / tickScaled, 1 / lotScaled], (slot * GRID_BYTES) / 8 + 1);
  }

  /** Applies an ordinary delta. The slot of its book, with FINISH added where that is not all, or NOT_MINE. */
  delta(bytes: Uint8Array, connection: number, received: Ms): number {
    const { length } = bytes;
    if (length < 2 || length > FRAME_BYTES) return NOT_MINE;
    const from = bytes.byteOffset & 7;
    (this.#frames[from] as Uint8Array).set(bytes);
    return this.#delta(from, length, connection, received);
  }
}
