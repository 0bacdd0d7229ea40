// How do a writer and readers share memory without a lock?
//
// One writer. It makes the generation odd, writes with plain stores, makes it even again. A reader loads the generation,
// copies what it needs with plain loads, and loads it again: equal and even means that no write touched the copy.
//
// Why that is ordered: every access to the generation is an Atomics read-modify-write, which is sequentially consistent
// and a full fence in the compilers' output on x86 (LOCK XADD) and ARM (LDADDAL or a load-acquire/store-release loop).
// - Opening: `add` before the plain stores. Being a read-modify-write it has acquire semantics, so the stores cannot rise
//   above it; a plain atomic store would allow that on ARM.
// - Closing: `add` after them has release semantics, so they cannot sink below it.
// - The reader's first load is an acquire: the copy cannot begin before it. Its second look is an `add` of 0 and not a
//   load: a load is only an acquire, which would let the copy's plain loads sink below it on ARM.

/** Makes the generation at `at` odd. One writer only. */
export function beginWrite(words: Int32Array, at: number): void {
  Atomics.add(words, at, 1);
}

/** Makes the generation at `at` even: the write is to be seen whole. */
export function endWrite(words: Int32Array, at: number): void {
  Atomics.add(words, at, 1);
}

/** The generation before a copy; odd means that a write is under way. */
export function beginRead(words: Int32Array, at: number): number {
  return Atomics.load(words, at);
}

/** Was the copy made since `beginRead` untouched by any write? */
export function endRead(words: Int32Array, at: number, generation: number): boolean {
  return (generation & 1) === 0 && Atomics.add(words, at, 0) === generation;
}
