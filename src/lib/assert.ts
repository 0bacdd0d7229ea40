// What ends the process? A broken promise of our own code, never bad input from outside.

/** Throws when one of our own invariants is broken. Input from outside is refused by value instead. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${message}`);
}
