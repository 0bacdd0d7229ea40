// How long is `1m30s`? Times of a scenario as people write them.

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const PART = /(\d+)(ms|s|m|h)/g;

/** Undefined for anything but whole numbers with units, as in `250ms`, `5s`, `1m30s`, `2h`. */
export function msFromText(text: string): number | undefined {
  if (!/^(?:\d+(?:ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(PART)) sum += Number(count) * (UNIT_MS[unit ?? ''] ?? 0);
  return Number.isSafeInteger(sum) ? sum : undefined;
}
