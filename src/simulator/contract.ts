// How does the market of one contract go on, millisecond by millisecond?
import type { Rng } from '../lib/rng.ts';
import type { Instrument } from '../market/instrument.ts';
import { ASK, BID } from '../market/side.ts';
import { BookView } from './book-view.ts';
import { Candles, dayBefore } from './candles.ts';
import { Director } from './director.ts';
import { ExchangeBook } from './exchange-book.ts';
import { Flow } from './flow.ts';
import type { Frame, FrameWriter } from './frame-writer.ts';
import type { Listing } from './listing.ts';
import { MarkPrice } from './mark-price.ts';
import { Matching } from './matching.ts';
import { Outsider } from './outsider.ts';
import { Planter } from './planter.ts';
import { createProfile, type Profile, regridProfile } from './profile.ts';
import { Ticker } from './ticker.ts';
import { TradeFrames } from './trade-frames.ts';
import { type TruthSink, wallRecord } from './truth.ts';
import { Walls } from './walls.ts';
import type { Thresholds } from './window-ratio.ts';
import { Witness } from './witness.ts';

export type AnyDepth = 1 | 50 | 200 | 1000;
const INTERVAL_MS: Readonly<Record<AnyDepth, number>> = { 1: 10, 50: 20, 200: 100, 1000: 200 };
const TICKER_MS = 100;
const UNWATCHED_DEPTH = 200;

/** Why nobody trades or quotes: the whole market is paused, the contract is frozen, or its status lets nobody. */
export type Halt = 'pause' | 'freeze' | 'status';

export interface ContractTerms {
  readonly listing: Listing;
  readonly index: number;
  readonly thresholds: Thresholds;
  /** Book messages a second that this contract should have; undefined for its natural activity. */
  readonly rate: number | undefined;
  readonly startMs: number;
  readonly writer: FrameWriter;
  readonly nextWallId: () => number;
  readonly truth: TruthSink;
}

/** What a contract keeps when its grid changes. */
type Past = Pick<Contract, 'profile' | 'candles'>;

export class Contract {
  /** Its grid is that of `instrument`; limits and status may change. */
  listing: Listing;
  readonly instrument: Instrument;
  readonly profile: Profile;
  readonly matching: Matching;
  readonly candles: Candles;
  readonly ticker: Ticker;
  readonly outsider: Outsider;
  readonly trades: TradeFrames;
  /** When `step` has anything to do. */
  dueMs: number;
  readonly #terms: ContractTerms;
  readonly #rng: Rng;
  readonly #walls: Walls;
  readonly #flow: Flow;
  readonly #director: Director;
  readonly #witness: Witness;
  readonly #views = new Map<number, BookView>();
  readonly #subscribers = new Map<string, number>();
  readonly #unwatched: BookView;
  #burstMs: number;
  #tickerMs = 0;
  /** How much later the exchange's clock is than the participants', who sleep while the contract is halted. */
  #lagMs = 0;
  readonly #halts = new Set<Halt>();
  #haltedMs: number | undefined;
  #nextU: number;

  constructor(terms: ContractTerms, rng: Rng, past?: Past) {
    const { listing, startMs, thresholds } = terms;
    const { instrument } = listing;
    const unit = instrument.notionalUnit;
    this.listing = listing;
    this.instrument = instrument;
    this.#terms = terms;
    this.#rng = rng;
    this.profile = past?.profile ?? createProfile(listing, terms.index, rng.fork('profile'));
    const book = new ExchangeBook(this.profile.openTick, this.profile.openTick + 1);
    const filled = (tick: number, lots: number): void => this.#walls.filled(tick, lots, this.matching.cts);
    this.matching = new Matching(
      book,
      new MarkPrice(this.profile.openTick, startMs),
      filled,
      270_000_000_000 + rng.below(1_000_000_000),
      startMs,
      rng.fork('matching'),
    );
    this.#walls = new Walls(this.matching, terms.nextWallId, ({ wall, ending, endedMs }) =>
      terms.truth(wallRecord(instrument, wall, { ending, endedMs })),
    );
    this.#flow = new Flow(this.matching, this.#walls, this.profile, unit, startMs, rng.fork('flow'));
    const planter = new Planter(this.matching, this.#walls, this.profile, thresholds, unit, rng.fork('planter'));
    this.#director = new Director(
      this.matching,
      this.#walls,
      this.#flow,
      planter,
      this.profile,
      startMs,
      rng.fork('director'),
    );
    this.outsider = new Outsider(this.matching, this.#walls, this.#flow, this.#director, this.profile);
    this.#witness = new Witness(instrument, thresholds, terms.truth);
    const { openTick, change24h, turnover24h } = this.profile;
    this.candles =
      past?.candles ?? new Candles(dayBefore(openTick, change24h, turnover24h / unit, startMs, rng.fork('candles')));
    const interest = { fundingMinutes: listing.fundingMinutes, fundingRate: (rng.normal() * 0.0001).toFixed(8) };
    const openInterestLots = Math.round((turnover24h * 0.6) / (openTick * unit));
    this.ticker = new Ticker(instrument, this.matching, this.candles, { ...interest, openInterestLots }, startMs);
    this.trades = new TradeFrames(instrument, terms.writer, rng.fork('trades'));
    this.#nextU = 1_000_000 + rng.below(9_000_000);
    this.#burstMs = startMs + 1;
    this.#unwatched = this.#createView(UNWATCHED_DEPTH, startMs);
    this.#unwatched.open(this.matching, startMs);
    this.dueMs = startMs;
  }

  /** Everything that is due at `nowMs`: orders first, then trades, then the windows that show what they did. */
  step(nowMs: number, emit: (frame: Frame) => void): void {
    while (this.#haltedMs === undefined && this.#burstMs + this.#lagMs <= nowMs) this.#burst();
    this.#publishTrades(nowMs, emit);
    this.#publishViews(nowMs, emit);
    if (nowMs >= this.#tickerMs) this.#publishTicker(nowMs, emit);
    this.#settleDue();
  }

  /** What a client traded is published at the next millisecond. */
  poke(nowMs: number): void {
    this.dueMs = Math.min(this.dueMs, nowMs + 1);
  }

  /** The first message of a topic, or nothing where a topic has none. */
  subscribe(topic: string, nowMs: number): readonly Frame[] {
    this.#subscribers.set(topic, (this.#subscribers.get(topic) ?? 0) + 1);
    const depth = bookDepth(topic);
    if (topic.startsWith('tickers.')) return [this.ticker.snapshot(nowMs)];
    if (depth === undefined) return [];
    let view = this.#views.get(depth);
    if (view === undefined) {
      view = this.#createView(depth, nowMs);
      view.open(this.matching, nowMs);
      this.#views.set(depth, view);
      this.#settleDue();
    }
    return [view.snapshot(nowMs)];
  }

  unsubscribe(topic: string): void {
    const left = (this.#subscribers.get(topic) ?? 1) - 1;
    if (left > 0) {
      this.#subscribers.set(topic, left);
      return;
    }
    this.#subscribers.delete(topic);
    const depth = bookDepth(topic);
    if (depth !== undefined) this.#views.delete(depth);
  }

  /** The counter of the 1000-level stream while nobody listens to it. */
  get idleU(): number {
    return this.#nextU;
  }

  view(depth: number): BookView | undefined {
    return this.#views.get(depth);
  }

  /** A snapshot in mid-stream; with `restarted` the counter begins again at 1. */
  resnapshot(depth: number, restarted: boolean, nowMs: number): Frame | undefined {
    const view = this.#views.get(depth);
    if (view === undefined) return undefined;
    view.open(this.matching, nowMs);
    view.u = restarted ? 1 : view.u + 1;
    return view.snapshot(nowMs);
  }

  halt(why: Halt, nowMs: number): void {
    this.#halts.add(why);
    this.#haltedMs ??= nowMs;
  }

  /** It goes on once nothing else halts it. */
  resume(why: Halt, nowMs: number): void {
    this.#halts.delete(why);
    if (this.#haltedMs === undefined || this.#halts.size > 0) return;
    this.#lagMs += nowMs - this.#haltedMs;
    this.#haltedMs = undefined;
    this.#settleDue();
  }

  /** Walls that still stand are held; what was noticed goes to the truth log. */
  close(): void {
    for (const wall of this.#walls.standing())
      this.#terms.truth(wallRecord(this.instrument, wall, { ending: 'held', endedMs: null }));
    this.#witness.close();
  }

  /** The contract that follows this one on another grid: same price, same subscribers, a new book. */
  regridded(listing: Listing, nowMs: number): Contract {
    for (const wall of this.#walls.standing()) this.#walls.pull(wall, 1, nowMs);
    this.#witness.close();
    const ticks = tickSize(this.instrument) / tickSize(listing.instrument);
    const lots = this.instrument.notionalUnit / listing.instrument.notionalUnit / ticks;
    const openTick = Math.max(100, Math.round(this.#flow.fair * ticks));
    const past = { profile: regridProfile(this.profile, openTick), candles: this.candles.regridded(ticks, lots) };
    const next = new Contract({ ...this.#terms, listing, startMs: nowMs }, this.#rng.fork('regrid'), past);
    next.matching.seq = this.matching.seq + 100;
    for (const [topic, count] of this.#subscribers) next.#subscribers.set(topic, count);
    for (const [depth, old] of this.#views) {
      const view = next.#createView(depth, nowMs);
      view.open(next.matching, nowMs);
      view.u = old.u + 1;
      next.#views.set(depth, view);
    }
    for (const why of this.#halts) next.halt(why, nowMs);
    next.#settleDue();
    return next;
  }

  /** Snapshots of every subscribed book, for those who must start over. */
  snapshots(nowMs: number): Frame[] {
    return [...this.#views.values()].map((view) => view.snapshot(nowMs));
  }

  #burst(): void {
    const now = this.#burstMs;
    const { rate } = this.#terms;
    const stampMs = Math.ceil(now + this.#lagMs);
    this.#director.step(now, stampMs);
    const orders = 6 + this.#rng.below(9);
    const takersMax = rate === undefined ? 0.14 : Math.min(0.14, 3 / rate);
    const takers = this.#director.isCalm ? 0 : takersMax;
    // Nobody acts in the very millisecond in which a wall ends: what was traded at its price until then was the wall.
    if (this.#walls.endedMs !== stampMs) this.#flow.burst(orders, takers, this.#director.drift, stampMs);
    const lively = this.#director.excited ? 0.45 : 1;
    const gap =
      rate === undefined
        ? Math.max(1, Math.round(this.#rng.exponential(this.profile.burstGapMs * lively)))
        : 1_000 / rate;
    this.#burstMs = now + gap;
  }

  #publishTrades(nowMs: number, emit: (frame: Frame) => void): void {
    const { prints } = this.matching;
    this.candles.roll(nowMs);
    if (prints.length === 0) return;
    for (const print of prints) this.candles.trade(print.tick, print.lots);
    for (const frame of this.trades.take(prints, nowMs, this.#subscribers.has(this.trades.topic))) emit(frame);
    prints.length = 0;
  }

  #publishViews(nowMs: number, emit: (frame: Frame) => void): void {
    const widest = this.#widest();
    for (const view of this.#views.values()) {
      if (nowMs < view.dueMs) continue;
      view.dueMs = this.#after(view.dueMs, view.intervalMs, nowMs);
      const frame = view.publish(this.matching, nowMs, true);
      if (frame === undefined || frame === 'unseen') continue;
      if (view === widest) this.#look(view);
      emit(frame);
    }
    if (widest !== undefined || nowMs < this.#unwatched.dueMs) return;
    this.#unwatched.dueMs = this.#after(this.#unwatched.dueMs, this.#unwatched.intervalMs, nowMs);
    if (this.#unwatched.publish(this.matching, nowMs, false) !== undefined) this.#look(this.#unwatched);
  }

  /** The deepest subscribed book that is published as deltas: the truth is measured on it. */
  #widest(): BookView | undefined {
    let widest: BookView | undefined;
    for (const view of this.#views.values()) {
      if (view.depth > 1 && view.depth > (widest?.depth ?? 0)) widest = view;
    }
    return widest;
  }

  #look(view: BookView): void {
    this.#witness.look([view.window(BID), view.window(ASK)], view.depth, this.#walls, view.cts);
  }

  #publishTicker(nowMs: number, emit: (frame: Frame) => void): void {
    this.#tickerMs = nowMs + TICKER_MS;
    if (this.#haltedMs !== undefined || !this.#subscribers.has(`tickers.${this.instrument.symbol}`)) return;
    const frame = this.ticker.delta(nowMs);
    if (frame !== undefined) emit(frame);
  }

  #createView(depth: number, nowMs: number): BookView {
    const { rate } = this.#terms;
    const natural = INTERVAL_MS[depth as AnyDepth];
    const interval = rate === undefined || depth === 1 ? natural : Math.min(natural, 1_000 / rate);
    this.#nextU += 1 + this.#rng.below(1_000);
    return new BookView(
      this.instrument,
      depth,
      interval,
      this.#nextU,
      this.#after(0, interval, nowMs),
      this.#terms.writer,
    );
  }

  /** The first multiple of the interval after now: all depths of a contract publish in step. */
  #after(dueMs: number, intervalMs: number, nowMs: number): number {
    const next = dueMs + intervalMs;
    return next > nowMs ? next : (Math.floor(nowMs / intervalMs) + 1) * intervalMs;
  }

  #settleDue(): void {
    let due = this.#haltedMs === undefined ? this.#burstMs + this.#lagMs : Infinity;
    for (const view of this.#views.values()) due = Math.min(due, view.dueMs);
    if (this.#views.size === 0) due = Math.min(due, this.#unwatched.dueMs);
    if (this.#subscribers.size > 0) due = Math.min(due, this.#tickerMs);
    this.dueMs = due;
  }
}

/** In USDT, as a plain number: good enough for a factor, never for a price. */
const tickSize = ({ tickScaled, priceScale }: Instrument): number => tickScaled / 10 ** priceScale;

/** 50 for `orderbook.50.SOLUSDT`; undefined for anything else. */
export function bookDepth(topic: string): AnyDepth | undefined {
  const match = /^orderbook\.(1|50|200|1000)\./.exec(topic);
  return match === null ? undefined : (Number(match[1]) as AnyDepth);
}
