// How are amounts of the database added up without a float? As whole numbers of 10^-18.

export type Exact = bigint;

const DECIMALS = 18;
const ONE = 10n ** BigInt(DECIMALS);

const SHIFTS = Array.from({ length: DECIMALS + 1 }, (_, decimals) => 10n ** BigInt(DECIMALS - decimals));
/** So many digits are exact in a float, from which a whole number is made three times as fast as from text. */
const FLOAT_DIGITS = 15;

/** Of the text of a `numeric`; digits beyond the eighteenth are cut off. */
export function exact(text: string): Exact {
  const point = text.indexOf('.');
  const whole = point < 0 ? text : text.slice(0, point);
  const fraction = point < 0 ? '' : text.slice(point + 1, point + 1 + DECIMALS);
  const digits = whole + fraction;
  return BigInt(digits.length <= FLOAT_DIGITS ? Number(digits) : digits) * (SHIFTS[fraction.length] as bigint);
}

export function times(a: Exact, b: Exact): Exact {
  return (a * b) / ONE;
}

/** The nearest float: for showing, and for JSON. */
export function toNumber(value: Exact): number {
  const size = value < 0n ? -value : value;
  const number = Number(`${size / ONE}.${(size % ONE).toString().padStart(DECIMALS, '0')}`);
  return value < 0n ? -number : number;
}
