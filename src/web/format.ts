// How does a number look on the page? Short enough to be read at a glance, exact where a person would type it again.

const MINUS = '−';
const NONE = '–';

function signed(text: string, isNegative: boolean): string {
  return isNegative ? `${MINUS}${text}` : text;
}

/** A price as the exchange prints it, from ticks. */
export function priceOf(tick: number, tickSize: number, decimals: number): string {
  return (tick * tickSize).toFixed(decimals);
}

/** An average over executions may have any number of decimals: six digits are more than the eye compares. */
export function average(price: number): string {
  return price.toLocaleString('en-US', { maximumSignificantDigits: 6, useGrouping: false });
}

/** `1.24M`, `312k`, `870`: three significant digits. */
export function compact(value: number): string {
  if (!Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  if (size >= 999_500_000) return signed(`${three(size / 1e9)}B`, value < 0);
  if (size >= 999_500) return signed(`${three(size / 1e6)}M`, value < 0);
  if (size >= 999.5) return signed(`${three(size / 1e3)}k`, value < 0);
  return signed(three(size), value < 0);
}

function three(size: number): string {
  return size >= 99.95 ? size.toFixed(0) : size >= 9.995 ? size.toFixed(1) : size.toFixed(2);
}

export function usd(value: number | undefined, decimals = 2): string {
  if (value === undefined || !Number.isFinite(value)) return NONE;
  const digits = Math.abs(value).toFixed(decimals);
  const [whole = '0', fraction] = digits.split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ' ');
  return signed(fraction === undefined ? grouped : `${grouped}.${fraction}`, value < 0 && Number(digits) !== 0);
}

/** With its sign always: colour is never all that tells gain from loss. */
export function gain(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return NONE;
  return value > 0 && Number(value.toFixed(2)) !== 0 ? `+${usd(value)}` : usd(value);
}

export function percent(value: number | undefined, decimals = 2): string {
  if (value === undefined || !Number.isFinite(value)) return NONE;
  return `${signed(Math.abs(value).toFixed(decimals), value < 0 && Number(value.toFixed(decimals)) !== 0)} %`;
}

export function signedPercent(value: number | undefined, decimals = 2): string {
  const text = percent(value, decimals);
  return value !== undefined && value > 0 && Number(value.toFixed(decimals)) !== 0 ? `+${text}` : text;
}

/** `850 ms`, `4.2 s`, `3 m 12 s`, `2 h 05 m`. */
export function duration(ms: number | undefined): string {
  if (ms === undefined || !Number.isFinite(ms)) return NONE;
  if (ms < 999.5) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1_000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3_600) return `${Math.floor(whole / 60)} m ${two(whole % 60)} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
  return `${Math.floor(minutes / 1_440)} d ${two(Math.floor((minutes % 1_440) / 60))} h`;
}

/** `4s`, `3m12`, `2h05`: for the small labels on the map. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 1_440 ? `${Math.floor(minutes / 60)}h${two(minutes % 60)}` : `${Math.floor(minutes / 1_440)}d`;
}

/** From microseconds: `12 µs`, `3.4 ms`, `1.2 s`. */
export function micros(us: number | undefined): string {
  if (us === undefined || !Number.isFinite(us)) return NONE;
  if (us < 999.5) return `${us < 9.95 ? us.toFixed(1) : us.toFixed(0)} µs`;
  if (us < 999_500) return `${three(us / 1_000)} ms`;
  return `${three(us / 1_000_000)} s`;
}

export function count(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? NONE : usd(Math.round(value), 0);
}

/** Local time of day of a wall time. */
export function clock(ms: number, withSeconds = true): string {
  const at = new Date(ms);
  const minutes = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return withSeconds ? `${minutes}:${two(at.getSeconds())}` : minutes;
}

export function clockMs(ms: number): string {
  return `${clock(ms)}.${String(new Date(ms).getMilliseconds()).padStart(3, '0')}`;
}

export function day(ms: number): string {
  const at = new Date(ms);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** With its day where that is not today. */
export function moment(ms: number, now: number): string {
  return day(ms) === day(now) ? clock(ms) : `${day(ms)} ${clock(ms)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** `density_erosion` → `density erosion`: words of the engine as a person reads them. */
export function words(name: string): string {
  return name.replaceAll(/[_.]/g, ' ');
}
