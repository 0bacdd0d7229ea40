// How does a decimal text become an exact integer, and back? No float is ever involved.

export interface Decimal {
  /** The digits without the point, as an exact integer. */
  readonly mantissa: number;
  /** Digits behind the point. */
  readonly decimals: number;
}

const MANTISSA_MAX = 999_999_999_999_999;
/** Powers of ten are exact up to here. */
const DECIMALS_MAX = 22;
const POINT = 46;
const ZERO = 48;

/** `'65114.20'` → `{ mantissa: 6511420, decimals: 2 }`; undefined for anything but a plain unsigned decimal (B11). */
export function parseDecimal(text: string): Decimal | undefined {
  const { length } = text;
  let mantissa = 0;
  let point = length;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === POINT && i > 0 && point === length) {
      point = i;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    mantissa = mantissa * 10 + digit;
  }
  const hasLeadingZero = point > 1 && text.charCodeAt(0) === ZERO;
  if (length === 0 || point === length - 1 || hasLeadingZero) return undefined;
  const decimals = point === length ? 0 : length - 1 - point;
  return mantissa > MANTISSA_MAX || decimals > DECIMALS_MAX ? undefined : { mantissa, decimals };
}

/** Padded, to eight decimals say, a large number has more digits than are exact: of the zeros at its end one is left. */
export function unpadded(text: string): string {
  let end = text.length;
  if (text.includes('.')) while (text.endsWith('00', end)) end--;
  return text.slice(0, end);
}

/** The mantissa of `value` at another scale; undefined where digits would be lost or it is too large to be exact. */
export function rescale(value: Decimal, decimals: number): number | undefined {
  if (decimals >= value.decimals) {
    const scaled = value.mantissa * 10 ** (decimals - value.decimals);
    return Number.isSafeInteger(scaled) ? scaled : undefined;
  }
  const divisor = 10 ** (value.decimals - decimals);
  return value.mantissa % divisor === 0 ? value.mantissa / divisor : undefined;
}

/** Decimals that are needed: trailing zeros dropped. `0.0000010` → 6. */
export function trimDecimal(value: Decimal): Decimal {
  let { mantissa, decimals } = value;
  while (decimals > 0 && mantissa % 10 === 0) {
    mantissa /= 10;
    decimals--;
  }
  return { mantissa, decimals };
}

/** Prints an exact integer with a fixed number of decimals: `(6511420, 2)` → `'65114.20'`. */
export function formatDecimal(mantissa: number | bigint, decimals: number): string {
  if (decimals === 0) return String(mantissa);
  const sign = mantissa < 0 ? '-' : '';
  const digits = String(mantissa < 0 ? -mantissa : mantissa).padStart(decimals + 1, '0');
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** As short as it is exact, of any length: `(12500n, 4)` → `'1.25'`. */
export function decimalText(count: bigint, decimals: number): string {
  return shortDecimal(formatDecimal(count, decimals));
}

/** The value without padding: `65114.20` → `65114.2`. */
export function shortDecimal(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
