// What did the price do before we came? One-minute bars of the last day from the seed, continued by the trades that follow.
import type { Rng } from '../lib/rng.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** Prices in ticks, volume in lots, turnover in tick × lot. */
export interface Candle {
  readonly startMs: number;
  readonly open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  turnover: number;
}

/** The bars of a day that ended at `closeTick` after a change of `change24h` (a fraction) and `turnover` units. */
export function dayBefore(closeTick: number, change24h: number, turnover: number, startMs: number, rng: Rng): Candle[] {
  const opened = closeTick / (1 + change24h);
  const noise = Array.from({ length: DAY_MINUTES + 1 }, () => rng.normal() * 0.0006);
  const path: number[] = [0];
  for (let i = 1; i <= DAY_MINUTES; i++) path.push((path[i - 1] as number) + (noise[i] as number));
  const end = path[DAY_MINUTES] as number;
  const first = Math.floor(startMs / MINUTE_MS) * MINUTE_MS - (DAY_MINUTES - 1) * MINUTE_MS;
  // A bridge: the walk is bent so that it opens and closes where the day did.
  const at = (i: number): number => {
    const share = i / DAY_MINUTES;
    return Math.max(
      1,
      Math.round(opened * Math.exp((path[i] as number) - end * share) * (closeTick / opened) ** share),
    );
  };
  return Array.from({ length: DAY_MINUTES }, (_, i) => {
    const open = at(i);
    const close = at(i + 1);
    const wick = (): number => Math.round(closeTick * 0.0003 * rng.next());
    const units = (turnover / DAY_MINUTES) * (0.4 + 1.2 * rng.next());
    const volume = Math.max(1, Math.round(units / close));
    return {
      startMs: first + i * MINUTE_MS,
      open,
      high: Math.max(open, close) + wick(),
      low: Math.max(1, Math.min(open, close) - wick()),
      close,
      volume,
      turnover: volume * close,
    };
  });
}

export class Candles {
  readonly #bars: Candle[];

  /** Goes on from one-minute bars, oldest first. */
  constructor(bars: Candle[]) {
    this.#bars = bars;
  }

  /** The same bars on another grid: `ticks` new ticks in an old one, `lots` new lots in an old one. */
  regridded(ticks: number, lots: number): Candles {
    const price = (tick: number): number => Math.max(1, Math.round(tick * ticks));
    return new Candles(
      this.#bars.map(({ startMs, open, high, low, close, volume, turnover }) => ({
        startMs,
        open: price(open),
        high: price(high),
        low: price(low),
        close: price(close),
        volume: Math.round(volume * lots),
        turnover: turnover * ticks * lots,
      })),
    );
  }

  /** Opens the bars that time has begun; a minute without trades repeats the last close. */
  roll(nowMs: number): void {
    let last = this.#bars.at(-1) as Candle;
    while (nowMs >= last.startMs + MINUTE_MS) {
      const { close } = last;
      last = { startMs: last.startMs + MINUTE_MS, open: close, high: close, low: close, close, volume: 0, turnover: 0 };
      this.#bars.push(last);
      if (this.#bars.length > DAY_MINUTES) this.#bars.shift();
    }
  }

  trade(tick: number, lots: number): void {
    const bar = this.#bars.at(-1) as Candle;
    bar.high = Math.max(bar.high, tick);
    bar.low = Math.min(bar.low, tick);
    bar.close = tick;
    bar.volume += lots;
    bar.turnover += lots * tick;
  }

  /** Price one day and one hour ago, extremes and sums of the day. */
  day(): {
    readonly first: number;
    readonly hourAgo: number;
    readonly high: number;
    readonly low: number;
    readonly volume: number;
    readonly turnover: number;
  } {
    const bars = this.#bars;
    let high = 0;
    let low = Infinity;
    let volume = 0;
    let turnover = 0;
    for (const bar of bars) {
      high = Math.max(high, bar.high);
      low = Math.min(low, bar.low);
      volume += bar.volume;
      turnover += bar.turnover;
    }
    return { first: (bars[0] as Candle).open, hourAgo: (bars.at(-60) as Candle).open, high, low, volume, turnover };
  }

  /** Of one minute each, oldest first. */
  get bars(): readonly Readonly<Candle>[] {
    return this.#bars;
  }
}
