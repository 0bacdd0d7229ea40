// How do records of numbers get from one thread to one other without a lock or a message?
//
// Single producer, single consumer. The producer writes a record into its place and then moves the head with one atomic
// store: until then the record does not exist, so a producer that dies half-way leaves nothing torn.

const HEAD = 0;
const TAIL = 16; // a cache line of its own: the other thread writes it
const LOST = 32; // records that found no room
const WORDS = 48;

export interface Ring {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly numbers: Float64Array;
  readonly capacity: number;
  readonly stride: number;
}

/** `capacity` records, a power of two, of `stride` numbers each. */
export function createRing(capacity: number, stride: number): Ring {
  return mapRing(new SharedArrayBuffer(WORDS * 4 + capacity * stride * 8), capacity, stride);
}

export function mapRing(buffer: SharedArrayBuffer, capacity: number, stride: number): Ring {
  if ((capacity & (capacity - 1)) !== 0) throw new Error('a ring holds a power of two of records');
  return {
    buffer,
    words: new Int32Array(buffer, 0, WORDS),
    numbers: new Float64Array(buffer, WORDS * 4, capacity * stride),
    capacity,
    stride,
  };
}

/** Producer: where the next record may be written, -1 where the ring is full (counted). */
export function claim(ring: Ring): number {
  const head = ring.words[HEAD] as number;
  if (((head - Atomics.load(ring.words, TAIL)) | 0) >= ring.capacity) {
    Atomics.add(ring.words, LOST, 1);
    return -1;
  }
  return recordAt(ring, head);
}

/** Producer: the record claimed last is whole. */
export function commit(ring: Ring): void {
  Atomics.store(ring.words, HEAD, ((ring.words[HEAD] as number) + 1) | 0);
}

/** Consumer: where the oldest record lies, -1 where there is none. */
export function peek(ring: Ring): number {
  const tail = ring.words[TAIL] as number;
  if (Atomics.load(ring.words, HEAD) === tail) return -1;
  return recordAt(ring, tail);
}

/** Consumer: done with the oldest record. */
export function release(ring: Ring): void {
  Atomics.store(ring.words, TAIL, ((ring.words[TAIL] as number) + 1) | 0);
}

/** Records that found no room so far. */
export function lostRecords(ring: Ring): number {
  return Atomics.load(ring.words, LOST) >>> 0;
}

/** Records that the consumer is not done with. */
export function unreadRecords(ring: Ring): number {
  return (Atomics.load(ring.words, HEAD) - Atomics.load(ring.words, TAIL)) | 0;
}

/** Where the record lies that was or will be the `index`th. */
export function recordAt(ring: Ring, index: number): number {
  return (index & (ring.capacity - 1)) * ring.stride;
}

/** Records committed so far, wrapping. */
export function toldRecords(ring: Ring): number {
  return Atomics.load(ring.words, HEAD);
}
