// What did a subscriber see? Looks at every published window and keeps the history of walls and of natural levels.
import type { Instrument } from '../market/instrument.ts';
import { SIDE_NAMES, SIDES, type Side } from '../market/side.ts';
import type { Window } from './exchange-book.ts';
import { paddedPrice } from './gateway/spelling.ts';
import type { TruthSink } from './truth.ts';
import type { Wall, Walls } from './walls.ts';
import { indexOf, ratioOf, type SideView, sizeRatio, type Thresholds, viewSide } from './window-ratio.ts';

const RUN_MAX = 5;
const RUN_RANGE = 0.0005;
const NOTICED = 0.8;
/** An episode goes on when its level is back within this time. */
const EPISODE_GAP_MS = 3_000;
const MARKS = [0.8, 1, 1.2] as const;

interface Episode {
  readonly side: Side;
  readonly tick: number;
  low: number;
  high: number;
  readonly fromMs: number;
  toMs: number;
  peak: number;
}

export class Witness {
  readonly #instrument: Instrument;
  readonly #thresholds: Thresholds;
  readonly #sink: TruthSink;
  readonly #episodes = new Map<string, Episode>();

  constructor(instrument: Instrument, thresholds: Thresholds, sink: TruthSink) {
    this.#instrument = instrument;
    this.#thresholds = thresholds;
    this.#sink = sink;
  }

  /** One published message of `depth` levels: what its two windows show at `cts`. */
  look(windows: readonly [Window, Window], depth: number, walls: Walls, cts: number): void {
    const mid = ((windows[0].ticks[0] as number) + (windows[1].ticks[0] as number)) / 2;
    for (const side of SIDES) {
      const view = viewSide(windows[side], mid, this.#instrument.notionalUnit, this.#thresholds.bandPercent);
      for (const wall of walls.live) if (wall.side === side) this.#note(wall, view, depth, cts);
      this.#naturals(side, view, walls, cts);
    }
    for (const [key, episode] of this.#episodes) {
      if (cts - episode.toMs > EPISODE_GAP_MS) this.#close(key, episode);
    }
  }

  close(): void {
    for (const [key, episode] of this.#episodes) this.#close(key, episode);
  }

  #note(wall: Wall, view: SideView, depth: number, cts: number): void {
    let ratio = 0;
    let inView: 0 | 1 = 0;
    const { window } = view;
    const first = indexOf(window, wall.ticks[0] as number);
    if (wall.decoy === 'grid' || wall.ticks.length === 1) {
      for (const tick of wall.ticks) {
        const index = indexOf(window, tick);
        if (index < 0) continue;
        ratio = Math.max(ratio, ratioOf(view, index, index, this.#thresholds));
        if (index < depth - 1) inView = 1;
      }
    } else if (first >= 0) {
      let last = first;
      while (wall.ticks.includes(window.ticks[last + 1] as number) && last + 1 < window.count) last++;
      ratio = ratioOf(view, first, last, this.#thresholds);
      if (last < depth - 1) inView = 1;
    }
    const before = wall.view.at(-1);
    if (before === undefined || before[2] !== inView || differs(before[1], ratio))
      wall.view.push([cts, Math.round(ratio * 1_000) / 1_000, inView]);
  }

  /** Levels, and runs of neighbours, that nobody planted and that come near the thresholds all the same. */
  #naturals(side: Side, view: SideView, walls: Walls, cts: number): void {
    const { ticks, lots } = view.window;
    // A run of five reaches the floor only if one of them holds a fifth of it.
    const floor = (this.#thresholds.abs * NOTICED) / RUN_MAX / view.unit;
    for (let i = 0; i < view.inBand; i++) {
      const tick = ticks[i] as number;
      const value = tick * (lots[i] as number);
      if (value < floor || walls.has(tick)) continue;
      const alone = this.#ratio(view, i, i, value);
      if (alone >= NOTICED) this.#see(side, tick, tick, tick, alone, cts);
      else this.#runsAround(side, view, walls, i, cts);
    }
  }

  /** 0 as soon as the cheap criteria say that it is nothing to notice. */
  #ratio(view: SideView, from: number, to: number, sum: number): number {
    if (sizeRatio(view, sum, to, this.#thresholds) < NOTICED) return 0;
    return ratioOf(view, from, to, this.#thresholds);
  }

  #runsAround(side: Side, view: SideView, walls: Walls, peak: number, cts: number): void {
    const { ticks, lots } = view.window;
    for (let from = Math.max(0, peak - RUN_MAX + 1); from <= peak; from++) {
      const start = ticks[from] as number;
      const last = Math.min(view.inBand - 1, from + RUN_MAX - 1);
      let sum = 0;
      for (let to = from; to <= last; to++) {
        const end = ticks[to] as number;
        if (Math.abs(end - start) > start * RUN_RANGE || walls.has(end)) break;
        sum += end * (lots[to] as number);
        if (to < peak || to === from) continue;
        const ratio = this.#ratio(view, from, to, sum);
        if (ratio >= NOTICED)
          this.#see(side, ticks[peak] as number, Math.min(start, end), Math.max(start, end), ratio, cts);
      }
    }
  }

  #see(side: Side, tick: number, low: number, high: number, ratio: number, cts: number): void {
    const key = `${side}:${tick}`;
    const episode = this.#episodes.get(key);
    if (episode === undefined) {
      this.#episodes.set(key, { side, tick, low, high, fromMs: cts, toMs: cts, peak: ratio });
      return;
    }
    episode.toMs = cts;
    episode.low = Math.min(episode.low, low);
    episode.high = Math.max(episode.high, high);
    episode.peak = Math.max(episode.peak, ratio);
  }

  #close(key: string, episode: Episode): void {
    this.#episodes.delete(key);
    this.#sink({
      kind: 'natural',
      symbol: this.#instrument.symbol,
      side: SIDE_NAMES[episode.side],
      price: paddedPrice(episode.tick, this.#instrument),
      lowPrice: paddedPrice(episode.low, this.#instrument),
      highPrice: paddedPrice(episode.high, this.#instrument),
      fromMs: episode.fromMs,
      toMs: episode.toMs,
      peakRatio: Math.round(episode.peak * 1_000) / 1_000,
    });
  }
}

/** Worth a new point: 3 % of change, or a mark passed. */
function differs(before: number, now: number): boolean {
  if (MARKS.some((mark) => before >= mark !== now >= mark)) return true;
  return Math.abs(now - before) > 0.03 * Math.max(before, now);
}
