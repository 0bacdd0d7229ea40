// hot: inside every frame; allocates nothing.
// How is one JSON value read, checked and stepped over as bytes? Every reader returns the place behind it, or SURPRISE.
//
// Why no reader checks for the end of the frame: the scanner has seen that the last byte is `}`, and no loop here but
// skipping a string steps over a `}`.

export const SURPRISE = -1;

export const QUOTE = 34;
export const COMMA = 44;
export const MINUS = 45;
export const POINT = 46;
export const ZERO = 48;
export const COLON = 58;
export const OPEN_LIST = 91;
export const BACKSLASH = 92;
export const CLOSE_LIST = 93;
export const OPEN_OBJECT = 123;
export const CLOSE_OBJECT = 125;

const DIGITS_MAX = 15; // every integer of 15 digits is exact in a Float64
const NESTING_MAX = 16;

/** Reads an unsigned JSON integer into `out[at]`. */
export function readInteger(buf: Uint8Array, from: number, out: Float64Array, at: number): number {
  let p = from;
  let high = 0;
  let low = 0;
  let digits = 0;
  for (;;) {
    const digit = (buf[p] as number) - ZERO;
    if (digit < 0 || digit > 9) break;
    if (digits < 7) high = (high * 10 + digit) | 0;
    else low = (low * 10 + digit) | 0;
    digits++;
    p++;
  }
  if (digits === 0 || digits > DIGITS_MAX || (digits > 1 && buf[from] === ZERO)) return SURPRISE;
  out[at] = digits <= 7 ? high : high * (POWERS[digits - 7] as number) + low;
  return p;
}

/**
 * Reads a plain decimal from its first digit at `begin` to behind its closing quote: the digits as one integer into
 * `digits[at]`, how many stand behind the point into `decimals[at]`. No sign, exponent, blank or leading zero (B11).
 */
export function readDecimal(
  buf: Uint8Array,
  begin: number,
  digits: Float64Array,
  decimals: Uint8Array,
  at: number,
): number {
  let p = begin;
  let value = 0;
  let point = 0;
  for (;;) {
    const digit = (buf[p++] as number) - ZERO;
    if (digit >= 0 && digit <= 9) value = (value * 10 + digit) | 0;
    else if (digit === POINT - ZERO && point === 0) point = p;
    else if (digit === QUOTE - ZERO) break;
    else return SURPRISE;
  }
  const length = p - 1 - begin;
  const count = point === 0 ? length : length - 1;
  const fraction = point === 0 ? 0 : p - 1 - point;
  if (count === 0 || count > DIGITS_MAX || (point !== 0 && (fraction === 0 || point === begin + 1))) return SURPRISE;
  if (buf[begin] === ZERO && length > 1 && point !== begin + 2) return SURPRISE;
  digits[at] = count <= 9 ? value : wideDigits(buf, begin, p - 1);
  decimals[at] = fraction;
  return p;
}

/** The digits of [from, to) as one number, the point left out: for those that do not fit 31 bits. */
function wideDigits(buf: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let p = from; p < to; p++) {
    if (buf[p] !== POINT) value = value * 10 + ((buf[p] as number) - ZERO);
  }
  return value;
}

/** Steps over a quoted string without escapes, its opening quote being at `from`. */
export function skipString(buf: Uint8Array, from: number): number {
  if (buf[from] !== QUOTE) return SURPRISE;
  const end = buf.length;
  for (let p = from + 1; p < end; p++) {
    const byte = buf[p] as number;
    if (byte === QUOTE) return p + 1;
    if (byte === BACKSLASH || byte < 32) return SURPRISE;
  }
  return SURPRISE;
}

/** Steps over `"key":value` where the value is a string, a number, true, false or null; anything else is a surprise. */
export function skipField(buf: Uint8Array, from: number): number {
  const p = skipString(buf, from);
  if (p === SURPRISE || buf[p] !== COLON) return SURPRISE;
  return buf[p + 1] === QUOTE ? skipString(buf, p + 1) : skipScalar(buf, p + 1);
}

/** Steps over a compact list or object without judging it: for topics that nobody reads, and for a second reading. */
export function skipNested(buf: Uint8Array, from: number): number {
  const end = buf.length;
  let open = 0;
  let p = from;
  while (p < end) {
    const byte = buf[p] as number;
    if (byte === QUOTE) {
      p = skipString(buf, p);
      if (p === SURPRISE) return SURPRISE;
      continue;
    }
    if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      if (++open > NESTING_MAX) return SURPRISE;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      if (--open <= 0) return open === 0 ? p + 1 : SURPRISE;
    } else if (open === 0) return SURPRISE;
    p++;
  }
  return SURPRISE;
}

const TRUE = latin('true');
const FALSE = latin('false');
const NULL = latin('null');

function skipScalar(buf: Uint8Array, from: number): number {
  if (matches(buf, from, TRUE)) return from + TRUE.length;
  if (matches(buf, from, FALSE)) return from + FALSE.length;
  if (matches(buf, from, NULL)) return from + NULL.length;
  let p = buf[from] === MINUS ? from + 1 : from;
  const whole = p;
  while (isDigit(buf[p] as number)) p++;
  if (p === whole || (buf[whole] === ZERO && p > whole + 1)) return SURPRISE;
  if (buf[p] !== POINT) return p;
  const fraction = ++p;
  while (isDigit(buf[p] as number)) p++;
  return p === fraction ? SURPRISE : p;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 57;
}

/** Reads `true` or `false` into `out[at]`. */
export function readFlag(buf: Uint8Array, from: number, out: Uint8Array, at: number): number {
  const yes = matches(buf, from, TRUE);
  out[at] = yes ? 1 : 0;
  if (yes) return from + TRUE.length;
  return matches(buf, from, FALSE) ? from + FALSE.length : SURPRISE;
}

/** Steps over the quoted name at `from` if it is the one in [nameFrom, nameTo) (B16). */
export function readName(buf: Uint8Array, from: number, nameFrom: number, nameTo: number): number {
  if (buf[from] !== QUOTE) return SURPRISE;
  let p = from + 1;
  for (let i = nameFrom; i < nameTo; i++, p++) if (buf[p] !== buf[i]) return SURPRISE;
  return buf[p] === QUOTE ? p + 1 : SURPRISE;
}

/** Does `text` stand at `at`? */
export function matches(buf: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (buf[at + i] !== text[i]) return false;
  return true;
}

const POWERS = new Float64Array([1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8]);

/** The bytes of an ASCII text. */
export function latin(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}
