// Of which time does a report speak?
import { InvalidArgumentError } from 'commander';
import type { Ms } from '../../lib/brand.ts';

export const PERIODS = ['day', 'week', 'month', 'all'] as const;
export type Period = (typeof PERIODS)[number];

const DAY_MS = 86_400_000;
const DAYS: Readonly<Record<Exclude<Period, 'all'>, number>> = { day: 1, week: 7, month: 30 };
const AGO: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS };

/** From the beginning where `from` is absent. */
export interface ReportSpan {
  readonly from: Ms | undefined;
  readonly until: Ms;
}

/** The last 24 hours, 7 or 30 days, up to now; `since` and `until` go before it. */
export function spanOf(period: Period, now: Ms, given: { readonly since?: Ms; readonly until?: Ms } = {}): ReportSpan {
  const until = given.until ?? now;
  const from = period === 'all' ? undefined : ((until - DAYS[period] * DAY_MS) as Ms);
  return { from: given.since ?? from, until };
}

/** The 31st of November would be taken for the 1st of December. */
function isDay(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/**
 * `2026-11-25T12:00`, `2026-11-25` (UTC where it names no zone), `12:00` or `12:00:30` today in UTC, `90s`, `15m`, `3h`,
 * `2d` ago.
 */
export function timeOf(text: string, now: Ms): Ms {
  const ago = /^-?(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  if (ago !== null) {
    const time = now - Number(ago[1]) * (AGO[ago[2] as string] as number);
    if (time >= 0) return time as Ms;
    throw new InvalidArgumentError('That is before 1970.');
  }
  const today = new Date(now).toISOString().slice(0, 10);
  const full = /^\d{2}:\d{2}/.test(text) ? `${today}T${text}` : text.replace(' ', 'T');
  const zoned = /T/.test(full) && !/(?:Z|[+-]\d{2}:?\d{2})$/i.test(full) ? `${full}Z` : full;
  const [day = ''] = /^\d{4}-\d{2}-\d{2}(?=T|$)/.exec(zoned) ?? [];
  const time = isDay(day) ? Date.parse(zoned) : Number.NaN;
  if (!Number.isNaN(time)) return time as Ms;
  throw new InvalidArgumentError('Give a time like 2026-11-25T12:00Z, 12:00 (today, UTC) or 15m (ago).');
}
