// hot: several times per scan and trade; allocates nothing.
// In which place of a ring does a whole number beyond 2^31 fall? There `%` is a call into C, ten times as long as a division.

/** `number % length` of whole numbers that are not negative; exact, for a quotient so small is never rounded over a whole one. */
export function remainder(number: number, length: number): number {
  return number - Math.floor(number / length) * length;
}
