// What does a person see of one market: its ladder and the densities that live in it; and of all of them, a line each?
import { createView, readBook, VIEW_RECEIVED, type BookView } from '../../book/read.ts';
import { TRUST_NAMES } from '../../book/trust.ts';
import type { Ms } from '../../lib/brand.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Instrument } from '../../market/instrument.ts';
import { SIDE_NAMES } from '../../market/side.ts';
import type { Slot } from '../../market/units.ts';
import {
  L_CLUSTER,
  L_CONFIRMED,
  L_CURRENT,
  L_EATEN,
  L_FIRST_SEEN,
  L_HIGH,
  L_ID,
  L_LOW,
  L_OUT_AT,
  L_PEAK,
  L_PRICE,
  L_PULLED,
  L_REFILLED,
  L_RELATIVE,
  L_ROUND,
  L_SHARE,
  L_SIDE,
  L_STATE,
  L_TOUCHES,
  LIFE_STRIDE,
  STATE_NAMES,
} from '../../scan/layout.ts';
import { readFlow } from '../../tape/flow.ts';
import { FACT_CHANGE, FACT_MARK, FACT_TURNOVER, readFact } from '../../tape/layout.ts';
import { createLivesCopy, readLives } from './lives.ts';
import type { Memory } from './memory.ts';
import type { WatchedSymbol } from '../port.ts';
import type { LadderLevel, LifeState, LifeView, MarketView, NearView, SymbolView } from '../page/protocol-market.ts';

const LADDER_LEVELS = 30;
const FLOW_MS = 10_000 as Ms;
const NEAR_PERCENT = 1;

/** What positions are measured by. USDT; undefined where the book has no two sides. */
export interface Prices {
  readonly mid: number | undefined;
  readonly mark: number | undefined;
}

const tickSizeOf = (instrument: Instrument): number => instrument.tickScaled / 10 ** instrument.priceScale;
const lotSizeOf = (instrument: Instrument): number => instrument.lotScaled / 10 ** instrument.lotScale;

export class MarketViews {
  readonly #memory: Memory;
  readonly #clock: Clock;
  readonly #offsetMs: () => number;
  readonly #view: BookView = createView();
  readonly #lives = createLivesCopy();

  /** `offsetMs`: how far the exchange's time, which trades and densities are dated by, is ahead of our calendar. */
  constructor(memory: Memory, clock: Clock, offsetMs: () => number) {
    this.#memory = memory;
    this.#clock = clock;
    this.#offsetMs = offsetMs;
  }

  market({ slot, instrument }: WatchedSymbol): MarketView | undefined {
    if (!readBook(this.#memory.books, slot, this.#view)) return undefined;
    const view = this.#view;
    const atMs = this.#clock.wall();
    const flow = readFlow(this.#memory.tape, slot, (atMs + this.#offsetMs()) as Ms, FLOW_MS);
    const lives = this.#livesOf(slot, instrument);
    const worth = (units: number): number => units * instrument.notionalUnit;
    return {
      kind: 'market',
      symbol: instrument.symbol,
      trust: TRUST_NAMES[view.trust as 0],
      atMs,
      ageMs: this.#ageMs() ?? 0,
      bids: ladder(view, 0, instrument),
      asks: ladder(view, 1, instrument),
      bidTotal: worth(view.totals[0] as number),
      askTotal: worth(view.totals[1] as number),
      pressure: Number.isNaN(this.#lives.pressure) ? undefined : this.#lives.pressure,
      flow: { bought: worth(flow.bought), sold: worth(flow.sold), trades: flow.trades, windowMs: FLOW_MS },
      lives,
    };
  }

  /** `trust` dead where main writes too fast to be read. */
  symbol(watched: WatchedSymbol, isHeld: boolean, isExcluded: boolean): SymbolView {
    const { slot, instrument, depth, resyncs } = watched;
    const isRead = readBook(this.#memory.books, slot, this.#view);
    const view = this.#view;
    const tick = tickSizeOf(instrument);
    const bidTick = isRead && view.counts[0] !== 0 ? (view.ticks[0][0] as number) : undefined;
    const askTick = isRead && view.counts[1] !== 0 ? (view.ticks[1][0] as number) : undefined;
    const mid = bidTick === undefined || askTick === undefined ? undefined : (bidTick + askTick) / 2;
    const standing = this.#livesOf(slot, instrument).filter(
      ({ isConfirmed, state, inView }) => isConfirmed && state !== 'gone' && inView,
    );
    const change = this.#fact(slot, FACT_CHANGE);
    return {
      symbol: instrument.symbol,
      slot,
      trust: TRUST_NAMES[(isRead ? view.trust : 0) as 0],
      depth,
      bid: bidTick === undefined ? undefined : bidTick * tick,
      ask: askTick === undefined ? undefined : askTick * tick,
      priceDecimals: instrument.priceScale,
      spreadPercent: mid === undefined ? undefined : ((askTick ?? 0) - (bidTick ?? 0)) * (100 / mid),
      changePercent: Number.isNaN(change) ? undefined : change,
      turnover: this.#fact(slot, FACT_TURNOVER),
      ageMs: isRead ? this.#ageMs() : undefined,
      resyncs,
      densities: mid === undefined ? 0 : standing.filter((life) => distance(life, mid) <= NEAR_PERCENT).length,
      nearestBid: mid === undefined ? undefined : nearest(standing, 'bid', mid, tick),
      nearestAsk: mid === undefined ? undefined : nearest(standing, 'ask', mid, tick),
      isHeld,
      isExcluded,
    };
  }

  prices({ slot, instrument }: WatchedSymbol): Prices {
    const mark = this.#fact(slot, FACT_MARK);
    const known = mark > 0 ? mark : undefined;
    const view = this.#view;
    if (!readBook(this.#memory.books, slot, view) || view.counts[0] === 0 || view.counts[1] === 0) {
      return { mid: undefined, mark: known };
    }
    const middle = ((view.ticks[0][0] as number) + (view.ticks[1][0] as number)) / 2;
    return { mid: middle * tickSizeOf(instrument), mark: known };
  }

  #fact(slot: Slot, fact: number): number {
    return readFact(this.#memory.tape, slot, fact);
  }

  #ageMs(): number | undefined {
    const received = this.#view.stamps[VIEW_RECEIVED] as number;
    return received === 0 ? undefined : Math.max(0, Math.round(this.#clock.monotonic() - received));
  }

  /** Those of the book in the view; none, and no pressure, where they are of its slot's former symbol. */
  #livesOf(slot: Slot, instrument: Instrument): LifeView[] {
    const copy = this.#lives;
    if (!readLives(this.#memory.lives, slot, copy) || copy.tenancy !== this.#view.tenancy) {
      copy.pressure = NaN;
      return [];
    }
    const offsetMs = this.#offsetMs();
    return Array.from({ length: copy.count }, (_, place) =>
      lifeView(copy.numbers, place * LIFE_STRIDE, instrument, offsetMs),
    );
  }
}

function ladder(view: BookView, side: 0 | 1, instrument: Instrument): LadderLevel[] {
  const lotSize = lotSizeOf(instrument);
  const count = Math.min(LADDER_LEVELS, view.counts[side] as number);
  return Array.from({ length: count }, (_, i) => {
    const tick = view.ticks[side][i] as number;
    const lots = view.lots[side][i] as number;
    return [tick, plain(lots * lotSize), cents(tick * lots * instrument.notionalUnit)];
  });
}

function lifeView(numbers: Float64Array, at: number, instrument: Instrument, offsetMs: number): LifeView {
  const n = (field: number): number => numbers[at + field] as number;
  const worth = (field: number): number => cents(n(field) * instrument.notionalUnit);
  return {
    id: n(L_ID),
    side: SIDE_NAMES[n(L_SIDE) as 0],
    low: n(L_LOW),
    high: n(L_HIGH),
    price: n(L_PRICE),
    state: STATE_NAMES[n(L_STATE)] as LifeState,
    inView: n(L_OUT_AT) === 0,
    firstSeenMs: n(L_FIRST_SEEN) - offsetMs,
    isConfirmed: n(L_CONFIRMED) !== 0,
    current: worth(L_CURRENT),
    peak: worth(L_PEAK),
    eaten: worth(L_EATEN),
    pulled: worth(L_PULLED),
    refilled: worth(L_REFILLED),
    touches: n(L_TOUCHES),
    relative: cents(n(L_RELATIVE)),
    sharePercent: cents(n(L_SHARE)),
    isRound: n(L_ROUND) === 1,
    isCluster: n(L_CLUSTER) === 1,
  };
}

/** In percent of the mid; both are ticks. */
function distance({ price }: LifeView, mid: number): number {
  return (Math.abs(price - mid) * 100) / mid;
}

function nearest(lives: readonly LifeView[], side: 'bid' | 'ask', mid: number, tickSize: number): NearView | undefined {
  let best: LifeView | undefined;
  for (const life of lives) {
    if (life.side === side && (best === undefined || distance(life, mid) < distance(best, mid))) best = life;
  }
  if (best === undefined) return undefined;
  return {
    price: best.price * tickSize,
    usdt: best.current,
    distancePercent: distance(best, mid),
    state: best.state,
  };
}

/** Without the float's last digits, which nobody wants on the wire. */
function plain(value: number): number {
  return Number(value.toPrecision(12));
}

function cents(usdt: number): number {
  return Math.round(usdt * 100) / 100;
}
