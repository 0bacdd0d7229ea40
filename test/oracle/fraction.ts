// What is a fraction of whole numbers? Nothing is rounded until it is asked for.

/** A fraction of whole numbers, the denominator positive. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

export const whole = (n: number | bigint): Fraction => ({ n: BigInt(n), d: 1n });
export const times = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.n, d: a.d * b.d });
export const over = (a: Fraction, b: Fraction): Fraction =>
  b.n > 0n ? { n: a.n * b.d, d: a.d * b.n } : { n: -a.n * b.d, d: a.d * -b.n };
export const plus = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.d + b.n * a.d, d: a.d * b.d });
export const minus = (a: Fraction, b: Fraction): Fraction => plus(a, { n: -b.n, d: b.d });
export const less = (a: Fraction, b: Fraction): boolean => a.n * b.d < b.n * a.d;
export const atMost = (a: Fraction, b: Fraction): boolean => !less(b, a);
export const most = (a: Fraction, b: Fraction): Fraction => (less(a, b) ? b : a);
export const least = (a: Fraction, b: Fraction): Fraction => (less(a, b) ? a : b);
export const size = (a: Fraction): Fraction => (a.n < 0n ? { n: -a.n, d: a.d } : a);
export const floor = (a: Fraction): bigint => (a.n >= 0n ? a.n / a.d : -((-a.n + a.d - 1n) / a.d));
export const ceil = (a: Fraction): bigint => -floor({ n: -a.n, d: a.d });

/** The decimal that a number prints as, exactly. */
export function decimal(value: number): Fraction {
  const [, sign, integer, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(value)) as unknown as string[];
  const digits = BigInt(`${integer}${fraction}`);
  return { n: sign === '-' ? -digits : digits, d: 10n ** BigInt((fraction ?? '').length) };
}

export const percent = (value: number): Fraction => over(decimal(value), whole(100));
