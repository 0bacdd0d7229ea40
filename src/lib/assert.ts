// What ends the process? A broken promise of our own code, never bad input from outside.

/** Throws when one of our own invariants is broken. Input from outside is refused by value instead. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${message}`);
}

/** The end of a `switch` over a union; the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new Error(`broken invariant: unexpected ${JSON.stringify(value)}`);
}
