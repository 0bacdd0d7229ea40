// How is what was typed read? A time, a symbol, a list; commander reports an error with its place, exit code 64.
import { InvalidArgumentError } from 'commander';
import type { Ms } from '../lib/brand.ts';
import { SYMBOL } from '../market/symbol.ts';

const DURATION_MS_MAX = 500 * 3_600_000;
const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** `90s`, `2m`, `1h`; a bare number is seconds. */
export function duration(text: string): Ms {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text);
  const ms = match === null ? 0 : Number(match[1]) * (UNITS[match[2] ?? 's'] as number);
  if (ms > 0 && ms <= DURATION_MS_MAX) return ms as Ms;
  throw new InvalidArgumentError('Give a time like 30s, 2m or 1h, 500h at most.');
}

/** Capitals are not asked of a person. */
export function symbolArgument(text: string): string {
  const symbol = text.toUpperCase();
  if (SYMBOL.test(symbol)) return symbol;
  throw new InvalidArgumentError('Give a symbol like BTCUSDT.');
}

/** An option that may be repeated. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}
