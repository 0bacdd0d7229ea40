// How long shall a command run? As it is written after `--duration`.
import { InvalidArgumentError } from 'commander';
import type { Ms } from '../lib/brand.ts';

const DURATION_MS_MAX = 500 * 3_600_000;
const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** `90s`, `2m`, `1h`; a bare number is seconds. */
export function duration(text: string): Ms {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text);
  const ms = match === null ? 0 : Number(match[1]) * (UNITS[match[2] ?? 's'] as number);
  if (ms > 0 && ms <= DURATION_MS_MAX) return ms as Ms;
  throw new InvalidArgumentError('Give a time like 30s, 2m or 1h, 500h at most.');
}
