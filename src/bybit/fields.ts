// What does one field of the exchange's answers say? Unknown ones are ignored, missing or strange ones never throw (X07).

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** A whole number of any sign, also as text; `missing` where there is none. */
export function integerOf<Missing>(value: unknown, missing: Missing): number | Missing {
  const text = textOf(value);
  const number = /^-?\d+$/.test(text) ? Number(text) : missing;
  return Number.isSafeInteger(number) ? number : missing;
}

/** The same without a sign; undefined where there is none. */
export function countOf(value: unknown): number | undefined {
  return textOf(value).startsWith('-') ? undefined : integerOf(value, undefined);
}

/** Of an answer about the exchange's own time. */
export function timeFrom(result: Fields): number | undefined {
  const ms = integerOf(textOf(result.timeNano).slice(0, -6), 0);
  const time = ms > 0 ? ms : integerOf(result.timeSecond, 0) * 1_000;
  return time > 0 ? time : undefined;
}
