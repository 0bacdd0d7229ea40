// How high and how low did it trade lately? Strategy 6 read word for word.

export interface PlainBar {
  readonly startMs: number;
  readonly high: number;
  readonly low: number;
}

const MINUTE_MS = 60_000;
const minuteOf = (ms: number): number => Math.floor(ms / MINUTE_MS);

/** One-minute bars of traded ticks. The last N hours are the last 60 N minutes, the running one among them. */
export class PlainExtrema {
  readonly #minutes: number;
  readonly #bars = new Map<number, { high: number; low: number }>();

  constructor(hours: number) {
    this.#minutes = hours * 60;
  }

  /** Bars from klines; one for a minute that has already traded is joined with it. */
  seed(bars: Iterable<PlainBar>): void {
    for (const { startMs, high, low } of bars) this.#widen(minuteOf(startMs), high, low);
  }

  trade(ms: number, tick: number): void {
    this.#widen(minuteOf(ms), tick, tick);
  }

  highest(nowMs: number): number | undefined {
    const highs = this.#window(nowMs).map(([, bar]) => bar.high);
    return highs.length === 0 ? undefined : Math.max(...highs);
  }

  lowest(nowMs: number): number | undefined {
    const lows = this.#window(nowMs).map(([, bar]) => bar.low);
    return lows.length === 0 ? undefined : Math.min(...lows);
  }

  /** Beyond every bar but the running one; with no such bar nothing is known and nothing is new. */
  isNewTerritory(direction: 'up' | 'down', tick: number, nowMs: number): boolean {
    const past = this.#window(nowMs).filter(([minute]) => minute !== minuteOf(nowMs));
    if (past.length === 0) return false;
    return past.every(([, bar]) => (direction === 'up' ? tick > bar.high : tick < bar.low));
  }

  #widen(minute: number, high: number, low: number): void {
    const bar = this.#bars.get(minute) ?? { high, low };
    this.#bars.set(minute, { high: Math.max(bar.high, high), low: Math.min(bar.low, low) });
  }

  #window(nowMs: number): [number, { high: number; low: number }][] {
    const running = minuteOf(nowMs);
    return [...this.#bars].filter(([minute]) => minute > running - this.#minutes && minute <= running);
  }
}
