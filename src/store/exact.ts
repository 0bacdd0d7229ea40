// How are amounts of the database added up without a float? As whole numbers of 10^-18.

export type Exact = bigint;

const DECIMALS = 18;
const ONE = 10n ** BigInt(DECIMALS);

/** Of the text of a `numeric`; digits beyond the eighteenth are cut off. */
export function exact(text: string): Exact {
  const [whole = '0', fraction = ''] = text.split('.');
  const digits = BigInt(whole.replace('-', '') + fraction.slice(0, DECIMALS).padEnd(DECIMALS, '0'));
  return whole.startsWith('-') ? -digits : digits;
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
