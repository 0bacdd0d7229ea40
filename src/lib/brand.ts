// What is a unit? A number that remembers what it counts, for the compiler only.

declare const unit: unique symbol;

export type Branded<Name extends string> = number & { readonly [unit]: Name };

/** Milliseconds: an exchange or wall time since 1970, or a length of time. */
export type Ms = Branded<'ms'>;
