// How does a decimal text become an exact integer, and back? No float is ever involved.

export interface Decimal {
  /** The digits without the point, as an exact integer. */
  readonly mantissa: number;
  /** Digits behind the point. */
  readonly decimals: number;
}

const PLAIN = /^(0|[1-9]\d*)(?:\.(\d+))?$/;
const DIGITS_MAX = 15;
/** Powers of ten are exact up to here. */
const DECIMALS_MAX = 22;

/** `'65114.20'` → `{ mantissa: 6511420, decimals: 2 }`; undefined for anything but a plain unsigned decimal (B11). */
export function parseDecimal(text: string): Decimal | undefined {
  const match = PLAIN.exec(text);
  if (match === null) return undefined;
  const fraction = match[2] ?? '';
  const digits = `${match[1]}${fraction}`.replace(/^0+(?=\d)/, '');
  if (digits.length > DIGITS_MAX || fraction.length > DECIMALS_MAX) return undefined;
  return { mantissa: Number(digits), decimals: fraction.length };
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
export function formatDecimal(mantissa: number, decimals: number): string {
  if (decimals === 0) return String(mantissa);
  const sign = mantissa < 0 ? '-' : '';
  const digits = String(Math.abs(mantissa)).padStart(decimals + 1, '0');
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
