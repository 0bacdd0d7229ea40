// When does a candle begin and end? Minutes from the epoch, weeks on Mondays, months on the first.

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** The epoch was a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

const MINUTES: Readonly<Record<string, number>> = {
  1: 1,
  3: 3,
  5: 5,
  15: 15,
  30: 30,
  60: 60,
  120: 120,
  240: 240,
  360: 360,
  720: 720,
  D: 1_440,
};

export function isInterval(interval: string): boolean {
  return Object.hasOwn(MINUTES, interval) || interval === 'W' || interval === 'M';
}

/** Start of the candle that holds `ms`. */
export function candleStart(interval: string, ms: number): number {
  if (interval === 'M') {
    const date = new Date(ms);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  }
  const [width, offset] = interval === 'W' ? [7 * DAY_MS, FIRST_MONDAY_MS] : [(MINUTES[interval] ?? 1) * MINUTE_MS, 0];
  return Math.floor((ms - offset) / width) * width + offset;
}

/** Start of the candle after the one that begins at `startMs`. */
export function candleAfter(interval: string, startMs: number): number {
  if (interval === 'M') {
    const date = new Date(startMs);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  }
  return startMs + (interval === 'W' ? 7 * DAY_MS : (MINUTES[interval] ?? 1) * MINUTE_MS);
}
