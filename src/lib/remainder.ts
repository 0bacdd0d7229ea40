// hot: several times per scan and trade; allocates nothing.
// In which place of a ring does a whole number beyond 2^31 fall? There `%` is a call into C, ten times as long as a division.

/**
 * `number % length` of whole numbers that are not negative, below 2^53: exact, for their quotient is never rounded up to a whole
 * number that it does not reach.
 */
export function remainder(number: number, length: number): number {
  return number - Math.floor(number / length) * length;
}
