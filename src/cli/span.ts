// How long is that, for a person? The two largest units that say something.

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** `1.2 s`, `95 s` → `1 min 35 s`, `2 h 5 min`. */
export function span(ms: number): string {
  if (ms < 10_000) return `${(Math.max(0, ms) / 1_000).toFixed(1)} s`;
  const first = UNITS.findIndex(([, length]) => ms >= length);
  const [large, small] = [UNITS[first], UNITS[first + 1]];
  if (large === undefined) return '0 s';
  const whole = `${Math.floor(ms / large[1])} ${large[0]}`;
  const rest = small === undefined ? 0 : Math.floor((ms % large[1]) / small[1]);
  return small === undefined || rest === 0 ? whole : `${whole} ${rest} ${small[0]}`;
}
