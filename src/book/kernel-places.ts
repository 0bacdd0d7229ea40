// Where do the kernel's own things lie? Behind the books, in the same memory: a frame, what of it is staged, and by slot
// whose it is.
/** A longer frame is left to the whole implementation. */
export const FRAME_BYTES = 65_536;
/** The kernel reads eight bytes at a time, and may look so far behind the end of a frame. */
const FRAME_SLACK = 64;
/** A frame of more levels is left to the whole implementation. */
export const STAGED_MAX = 2_048;
export const STAMPS = 5;
export const STATE_WORDS = 4;
/** [price scale, size scale] as Int32, then price units a tick, size units a lot, and what 1 is divided by each. */
export const GRID_BYTES = 64;
export const NAME_BYTES_MAX = 32;

/** Places in the table of names, a power of two. */
export function routePlaces(slots: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(8, slots * 4)));
}

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** Byte offsets of everything for so many slots behind `from`, and where all of it ends. */
export function kernelPlaces(slots: number, from: number) {
  const routes = routePlaces(slots);
  let end = aligned(from);
  const take = (bytes: number): number => {
    const at = end;
    end = aligned(end + bytes);
    return at;
  };
  const places = {
    frame: take(FRAME_BYTES + FRAME_SLACK),
    keys: take(STAGED_MAX * 4),
    lots: take(STAGED_MAX * 8),
    stamps: take(STAMPS * 8),
    state: take(STATE_WORDS * 4),
    grids: take(slots * GRID_BYTES),
    connections: take(slots * 4),
    depths: take(slots * 4),
    hashes: take(routes * 4),
    lengths: take(routes),
    names: take(routes * NAME_BYTES_MAX),
    slots: take(routes * 4),
  };
  return { ...places, routes, end };
}
