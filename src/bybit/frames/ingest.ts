// hot: once per frame on main; budget 0.8 µs for a dozen levels; allocates nothing.
// How does a frame become part of a book or of the tape?
import type { Ms } from '../../lib/brand.ts';
import type { Instrument } from '../../market/instrument.ts';
import { ASK, BID, type Side } from '../../market/side.ts';
import type { Lot, Slot, Tick } from '../../market/units.ts';
import { AHEAD_MS_MAX, matchedAt } from '../../book/exchange-time.ts';
import { TICK_MAX, unitsOf } from '../../book/grid.ts';
import {
  CHANGE_BUY,
  CHANGE_RPI_BUY,
  CHANGE_RPI_SELL,
  CHANGE_SELL,
  EXCHANGE_TIME,
  SEQUENCE,
  SLOT_NUMBERS,
  UPDATE_ID,
  type BookMemory,
} from '../../book/layout.ts';
import { createView, readBook, VIEW_SEQUENCE } from '../../book/read.ts';
import { step } from '../../book/sequence.ts';
import { STAMP_EXCHANGE, STAMP_RECEIVED, STAMP_SENT, STAMP_SEQUENCE, STAMP_UPDATE } from '../../book/staging.ts';
import { DEAD, LIVE, readTrust, STALE, SUSPECT, SYNCING, takesDeltas, TRUST_NAMES } from '../../book/trust.ts';
import { APPLIED, BookWriter, OFF_THE_GRID } from '../../book/write.ts';
import { FINISH, Kernel, NOT_MINE } from '../kernel/kernel.ts';
import { assert } from '../../lib/assert.ts';
import {
  FACT_CHANGE,
  FACT_LAST,
  FACT_MARK,
  FACT_MARK_AT,
  FACT_TICKER_AT,
  FACT_TURNOVER,
  readFact,
  type TapeMemory,
} from '../../tape/layout.ts';
import { addTrade, resetTape, setFact } from '../../tape/write.ts';
import type { BookCopy, BookSide, Depth, IngestPort, Outcome, Trust } from './ingest-port.ts';
import { NO_SLOT, Routes } from './routes.ts';
import { FRAME_BOOK, FRAME_CONTROL, FRAME_OTHER, FRAME_SURPRISE, FRAME_TRADES, FrameScanner } from './scanner.ts';
import { TICKER_CHANGE, TICKER_LAST, TICKER_MARK, TICKER_TURNOVER } from './scanner-trades.ts';
import { readStrictly } from './strict.ts';

/** What happened to frames so far, by outcome. */
export interface IngestCounts {
  frames: number;
  snapshots: number;
  deltas: number;
  trades: number;
  /** Frames that surprised the scanner and were read by the strict reader. */
  fallbacks: number;
  gaps: number;
  dropped: number;
  unreadable: number;
  /** Trades whose price or size lies off the instrument's grid, or beyond exact sums; they join neither tape nor book. */
  offGridTrades: number;
  /** Trades told hours ahead of the book of their symbol; they join neither, and only count here. */
  aheadTrades: number;
}

/** A book that is watched is never so old: what trades so long after it is told by a wrong clock. */
const AHEAD_OF_BOOK_MS_MAX = 3_600_000;

const NO_CONNECTION = -1;

/** Two comparisons of best prices with `orderbook.1` in a row must fail before a book is doubted (B18). */
const MISMATCHES_MAX = 2;

/** Turns frames into books and tape. One instance, on main, the sole writer of both. */
export class Ingest implements IngestPort {
  slot: number = NO_SLOT;
  reason = '';
  ate = false;
  moved = false;
  readonly counts: IngestCounts = {
    frames: 0,
    snapshots: 0,
    deltas: 0,
    trades: 0,
    fallbacks: 0,
    gaps: 0,
    dropped: 0,
    unreadable: 0,
    offGridTrades: 0,
    aheadTrades: 0,
  };
  readonly writer: BookWriter;
  readonly #books: BookMemory;
  readonly #tape: TapeMemory;
  /** Undefined: all frames are read in TypeScript. */
  readonly #kernel: Kernel | undefined;
  readonly #routes: Routes;
  readonly #scanner: FrameScanner;
  readonly #instruments: (Instrument | undefined)[];
  readonly #depths: Int32Array;
  readonly #nextDepths: Int32Array; // the same, or 0, where no other is expected
  readonly #connections: Int32Array;
  readonly #received: Float64Array;
  readonly #bookReceived: Float64Array;
  readonly #mismatches: Int32Array;
  /** Tick of the last trade heard, 0 for none. */
  readonly #lastTicks: Float64Array;
  /** Of whoever asks for a copy; a comparison with the exchange does at every frame of its book. */
  readonly #view = createView();

  constructor(books: BookMemory, tape: TapeMemory) {
    this.#books = books;
    this.#tape = tape;
    this.writer = new BookWriter(books);
    const kernel = books.kernel === undefined ? undefined : new Kernel(books.kernel, books.slots);
    this.#kernel = kernel;
    this.#routes = new Routes(books.slots, kernel?.routes);
    this.#scanner = new FrameScanner(this.#routes);
    this.#instruments = Array.from<Instrument | undefined>({ length: books.slots });
    this.#depths = kernel?.depths ?? new Int32Array(books.slots);
    this.#nextDepths = new Int32Array(books.slots);
    this.#connections = (kernel?.connections ?? new Int32Array(books.slots)).fill(NO_CONNECTION);
    this.#received = new Float64Array(books.slots);
    this.#bookReceived = new Float64Array(books.slots);
    this.#mismatches = new Int32Array(books.slots);
    this.#lastTicks = new Float64Array(books.slots);
  }

  frame(bytes: Uint8Array, connection: number, received: Ms): Outcome {
    this.counts.frames++;
    const applied = this.#kernel === undefined ? NOT_MINE : this.#kernel.delta(bytes, connection, received);
    if (applied !== NOT_MINE) return this.#applied(applied, received);
    const scanner = this.#scanner;
    let kind = scanner.scan(bytes);
    if (kind === FRAME_SURPRISE) {
      kind = readStrictly(bytes, this.#routes, scanner);
      if (kind !== FRAME_CONTROL) this.counts.fallbacks++;
    }
    const slot = scanner.slot;
    this.slot = slot;
    if (kind === FRAME_CONTROL) return 'control';
    if (kind === FRAME_SURPRISE) return this.#unreadable(connection);
    if (slot === NO_SLOT || kind === FRAME_OTHER || this.#connections[slot] !== connection) return this.#drop();
    const outcome =
      kind === FRAME_BOOK
        ? this.#book(slot as Slot, received)
        : kind === FRAME_TRADES
          ? this.#trades(slot as Slot)
          : this.#ticker(slot as Slot, received);
    if (outcome !== 'dropped') this.#received[slot] = received;
    if (outcome === 'delta' || outcome === 'snapshot') this.#bookReceived[slot] = received;
    return outcome;
  }

  attach(slot: Slot, instrument: Instrument, depth: Depth): void {
    assert(this.#instruments[slot] === undefined, `slot ${slot} is free before ${instrument.symbol} takes it`);
    this.#instruments[slot] = instrument;
    this.#kernel?.setGrid(slot, instrument);
    this.#depths[slot] = depth;
    this.#nextDepths[slot] = 0;
    this.#lastTicks[slot] = 0;
    this.#received[slot] = 0;
    this.#bookReceived[slot] = 0;
    this.#routes.add(instrument.symbol, slot);
    resetTape(this.#tape, slot);
    this.writer.attach(slot, depth);
  }

  detach(slot: Slot): void {
    const instrument = this.#instruments[slot];
    assert(instrument !== undefined, `slot ${slot} holds a symbol when it is emptied`);
    this.#routes.remove(instrument.symbol);
    this.#instruments[slot] = undefined;
    this.#connections[slot] = NO_CONNECTION;
    this.writer.detach(slot);
  }

  bind(slot: Slot, connection: number): void {
    this.#connections[slot] = connection;
  }

  expectDepth(slot: Slot, depth: Depth): void {
    this.#nextDepths[slot] = depth;
  }

  distrust(slot: Slot, state: 'syncing' | 'suspect' | 'stale'): void {
    const trust = readTrust(this.#books, slot);
    // Stale is a whole book that is old; one that is not whole, or nobody's, must not become it.
    if (trust === DEAD || (state === 'stale' && trust !== LIVE)) return;
    this.writer.setTrust(slot, state === 'stale' ? STALE : state === 'suspect' ? SUSPECT : SYNCING);
  }

  trust(slot: Slot): Trust {
    return TRUST_NAMES[readTrust(this.#books, slot)];
  }

  lastFrame(slot: Slot): Ms {
    return this.#received[slot] as Ms;
  }

  /** Monotonic: when a frame last said what the book is, or proved that it is not old; 0 for never. */
  bookHeardAt(slot: Slot): Ms {
    return this.#bookReceived[slot] as Ms;
  }

  copyBook(slot: Slot, depthMax: number): BookCopy {
    const view = this.#view;
    assert(readBook(this.#books, slot, view), 'the only writer reads its own book whole');
    const copySide = (side: Side): BookSide => {
      const count = Math.min(view.counts[side] as number, depthMax);
      return { ticks: view.ticks[side].slice(0, count), lots: view.lots[side].slice(0, count) };
    };
    return { seq: view.stamps[VIEW_SEQUENCE] as number, sides: [copySide(BID), copySide(ASK)] };
  }

  readSide(slot: Slot, side: Side, depthMax: number): readonly (readonly [Tick, Lot])[] {
    const view = this.#view;
    assert(readBook(this.#books, slot, view), 'the only writer reads its own book whole');
    const levels: [Tick, Lot][] = [];
    const count = Math.min(view.counts[side] as number, depthMax);
    for (let i = 0; i < count; i++) levels.push([view.ticks[side][i] as Tick, view.lots[side][i] as Lot]);
    return levels;
  }

  sequence(slot: Slot): { u: number; seq: number; cts: Ms } {
    const on = slot * SLOT_NUMBERS;
    const numbers = this.#books.numbers;
    return {
      u: numbers[on + UPDATE_ID] as number,
      seq: numbers[on + SEQUENCE] as number,
      cts: numbers[on + EXCHANGE_TIME] as Ms,
    };
  }

  slotOf(symbol: string): Slot | undefined {
    return this.#routes.slotOf(symbol);
  }

  /** A delta that the kernel has put into its book. */
  #applied(applied: number, received: Ms): Outcome {
    const slot = (applied & (FINISH - 1)) as Slot;
    this.slot = slot;
    this.#received[slot] = received;
    if (applied >= FINISH) {
      const { stamps, state } = this.#kernel as Kernel;
      const finished = this.writer.finishDelta(slot, stamps, state);
      if (finished !== APPLIED) return this.#refused(finished);
    }
    this.counts.deltas++;
    this.#bookReceived[slot] = received;
    return 'delta';
  }

  #book(slot: Slot, received: Ms): Outcome {
    const scanner = this.#scanner;
    const depth = scanner.depth;
    if (depth === 1) return this.#touch(slot, received);
    const isExpected = depth === this.#nextDepths[slot] && scanner.isSnapshot;
    if (depth !== this.#depths[slot] && !isExpected) return this.#drop();
    const stamps = scanner.staging.stamps;
    stamps[STAMP_RECEIVED] = received;
    const { numbers } = this.#books;
    const last = numbers[slot * SLOT_NUMBERS + UPDATE_ID] as number;
    const lastSeq = numbers[slot * SLOT_NUMBERS + SEQUENCE] as number;
    const grid = this.#instruments[slot] as Instrument;
    const synced = takesDeltas(readTrust(this.#books, slot));
    const lastTime = numbers[slot * SLOT_NUMBERS + EXCHANGE_TIME] as number;
    stamps[STAMP_EXCHANGE] = matchedAt(stamps[STAMP_EXCHANGE] as number, stamps[STAMP_SENT] as number, lastTime);
    const u = stamps[STAMP_UPDATE] as number;
    const seq = stamps[STAMP_SEQUENCE] as number;
    switch (step(scanner.isSnapshot, synced, last, u, lastSeq, seq)) {
      case 'discard':
        return this.#drop();
      case 'gap':
        return this.#gap(slot, 'sequence');
      case 'replace': {
        const applied = this.writer.applySnapshot(slot, grid, scanner.staging, depth);
        if (applied !== APPLIED) return this.#refused(applied);
        this.#depths[slot] = depth;
        this.counts.snapshots++;
        this.#mismatches[slot] = 0;
        return 'snapshot';
      }
      case 'apply': {
        const applied = this.writer.applyDelta(slot, grid, scanner.staging);
        if (applied !== APPLIED) return this.#refused(applied);
        this.counts.deltas++;
        return 'delta';
      }
    }
  }

  /** `orderbook.1` proves that a book it agrees with is not old, and at the same `seq` it must agree. */
  #touch(slot: Slot, received: Ms): Outcome {
    const { staging, isSnapshot } = this.#scanner;
    if (!isSnapshot) return this.#drop();
    const trust = readTrust(this.#books, slot);
    if (!takesDeltas(trust)) return 'touch';
    const agrees = this.#bestAgrees(slot, 0) && this.#bestAgrees(slot, 1);
    if (agrees) this.#bookReceived[slot] = received;
    if (agrees && trust === STALE) this.writer.setTrust(slot, LIVE);
    if (staging.stamps[STAMP_SEQUENCE] !== this.#books.numbers[slot * SLOT_NUMBERS + SEQUENCE]) return 'touch';
    if (agrees) {
      this.#mismatches[slot] = 0;
      return 'touch';
    }
    this.#mismatches[slot] = (this.#mismatches[slot] as number) + 1;
    return (this.#mismatches[slot] as number) < MISMATCHES_MAX ? 'touch' : this.#gap(slot, 'mismatch');
  }

  #bestAgrees(slot: Slot, side: 0 | 1): boolean {
    const { priceDigits, priceDecimals, ends } = this.#scanner.staging;
    const from = side === 0 ? 0 : (ends[0] as number);
    const to = ends[side] as number;
    const grid = this.#instruments[slot] as Instrument;
    const tick =
      to === from
        ? 0
        : unitsOf(priceDigits[from] as number, priceDecimals[from] as number, grid.priceScale, grid.tickScaled);
    return tick === this.writer.bestTick(slot, side);
  }

  #trades(slot: Slot): Outcome {
    const { trades, staging } = this.#scanner;
    const grid = this.#instruments[slot] as Instrument;
    const count = trades.count[0] as number;
    this.ate = false;
    for (let i = 0; i < count; i++) {
      if (trades.blocks[i] === 1) continue;
      const tick = unitsOf(
        trades.priceDigits[i] as number,
        trades.priceDecimals[i] as number,
        grid.priceScale,
        grid.tickScaled,
      );
      const lot = unitsOf(
        trades.sizeDigits[i] as number,
        trades.sizeDecimals[i] as number,
        grid.lotScale,
        grid.lotScaled,
      );
      // What flowed is summed, and taken off the sum again: with more than this it would never be right any more.
      const isExact = tick * lot <= Number.MAX_SAFE_INTEGER;
      if (tick <= 0 || tick > TICK_MAX || lot <= 0 || !isExact) {
        this.counts.offGridTrades++;
        continue;
      }
      // Nothing trades after it is told: tape and flow of the symbol would wait for a time that is far ahead.
      const sent = staging.stamps[STAMP_SENT] as number;
      if ((trades.times[i] as number) > sent + AHEAD_MS_MAX) trades.times[i] = sent;
      const booked = this.#books.numbers[slot * SLOT_NUMBERS + EXCHANGE_TIME] as number;
      if (booked > 0 && (trades.times[i] as number) > booked + AHEAD_OF_BOOK_MS_MAX) {
        this.counts.aheadTrades++;
        continue;
      }
      const isBuy = trades.buys[i] === 1;
      const isRpi = trades.rpis[i] === 1;
      if (!isRpi) this.ate = true;
      this.#lastTicks[slot] = tick;
      const kind = isBuy ? (isRpi ? CHANGE_RPI_BUY : CHANGE_BUY) : isRpi ? CHANGE_RPI_SELL : CHANGE_SELL;
      this.writer.addTrade(slot, kind, tick, lot, trades.times, i);
      addTrade(this.#tape, slot, trades.times, i, tick, lot, isBuy, kind);
      this.counts.trades++;
    }
    return 'trade';
  }

  #ticker(slot: Slot, received: Ms): Outcome {
    const { present, values } = this.#scanner.ticker;
    const bits = present[0] as number;
    setFact(this.#tape, slot, FACT_TICKER_AT, received);
    if (bits & (1 << TICKER_CHANGE) && values[TICKER_CHANGE] !== readFact(this.#tape, slot, FACT_CHANGE)) {
      // First the fact: who has lost the change ring reads it there.
      setFact(this.#tape, slot, FACT_CHANGE, values[TICKER_CHANGE] as number);
      this.writer.addDailyChange(slot, values, TICKER_CHANGE);
    }
    this.moved = false;
    if (bits & (1 << TICKER_LAST)) {
      const last = values[TICKER_LAST] as number;
      const before = readFact(this.#tape, slot, FACT_LAST);
      this.moved = before !== 0 && before !== last && !this.#isHeard(slot, last);
      setFact(this.#tape, slot, FACT_LAST, last);
    }
    if (bits & (1 << TICKER_MARK)) {
      setFact(this.#tape, slot, FACT_MARK, values[TICKER_MARK] as number);
      setFact(this.#tape, slot, FACT_MARK_AT, received);
    }
    if (bits & (1 << TICKER_TURNOVER)) setFact(this.#tape, slot, FACT_TURNOVER, values[TICKER_TURNOVER] as number);
    return 'ticker';
  }

  /** A ticker that is late tells what was heard before. */
  #isHeard(slot: Slot, last: number): boolean {
    const { priceScale, tickScaled } = this.#instruments[slot] as Instrument;
    return Math.round((last * 10 ** priceScale) / tickScaled) === this.#lastTicks[slot];
  }

  #refused(applied: number): Outcome {
    this.counts.gaps++;
    if (applied === OFF_THE_GRID) {
      this.reason = 'off-grid';
      return 'grid';
    }
    this.reason = 'crossed';
    return 'gap';
  }

  #gap(slot: Slot, reason: string): Outcome {
    this.counts.gaps++;
    this.reason = reason;
    this.writer.setTrust(slot, SUSPECT);
    return 'gap';
  }

  #drop(): Outcome {
    this.counts.dropped++;
    return 'dropped';
  }

  /** A frame that nobody can read may have been the one delta that matters (W15). */
  #unreadable(connection: number): Outcome {
    this.counts.unreadable++;
    this.reason = 'unreadable';
    const slot = this.slot;
    if (slot !== NO_SLOT && this.#connections[slot] === connection && this.#scanner.depth > 1) {
      if (takesDeltas(readTrust(this.#books, slot as Slot))) this.#gap(slot as Slot, 'unreadable');
    }
    return 'unreadable';
  }
}
