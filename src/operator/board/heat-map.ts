// hot: ten times a second per symbol; allocates nothing but at its birth.
// How did the depth of one book look over the last minute and a half? A ring of columns, each encoded once for all who look.
import { LIVE, type Trust } from '../../book/trust.ts';
import type { BookView } from '../../book/read.ts';
import type { Instrument } from '../../market/instrument.ts';
import type { Slot } from '../../market/units.ts';
import { FACT_TRADES, readFact, type TapeMemory, tradeAt, TRADES as TRADES_HELD } from '../../tape/layout.ts';
import { CHANGE_BUY, CHANGE_RPI_BUY } from '../../book/layout.ts';
import {
  cellOf,
  COLUMN_BYTES,
  columnBytes,
  COLUMNS_KEPT,
  MESSAGE_BYTES,
  ROWS,
  TRADE_BYTES,
  TRADES_MAX,
  writeHead,
} from '../page/protocol-columns.ts';

const STRIDE = columnBytes(ROWS, TRADES_MAX);
/** The mid may wander this far from the middle row before the rows move with it. */
const DRIFT_ROWS = ROWS / 5;
/** Rows that fit the book this badly, for so many columns, are laid anew. */
const MISFIT = 2.5;
const MISFIT_COLUMNS = 100;
const REACH_PERCENT = 1.5;
const TICK_MIN = -0x80000000;
const TICK_MAX = 0x7fffffff;
const STEPS = [1, 2, 5] as const;

export class HeatMap {
  readonly slot: Slot;
  readonly tenancy: number;
  readonly instrument: Instrument;
  readonly stream: number;
  readonly bucketTicks: number;
  readonly #zoom: number;
  readonly #bytes = new ArrayBuffer(STRIDE * COLUMNS_KEPT);
  readonly #view = new DataView(this.#bytes);
  /** Bytes used of each place. */
  readonly #used = new Int32Array(COLUMNS_KEPT);
  readonly #sums = new Float64Array(ROWS);
  readonly #tradeTicks = new Int32Array(TRADES_MAX);
  readonly #tradeUnits = new Float64Array(TRADES_MAX);
  readonly #tradeSides = new Uint8Array(TRADES_MAX);
  #written = 0;
  #baseRow = 0;
  #tradesSeen: number;
  #misfits = 0;

  /** The view's book must be live and have both sides. */
  constructor(slot: Slot, instrument: Instrument, zoom: number, stream: number, view: BookView, tape: TapeMemory) {
    this.slot = slot;
    this.instrument = instrument;
    this.tenancy = view.tenancy;
    this.stream = stream;
    this.#zoom = zoom;
    this.bucketTicks = fittingBucket(view, zoom);
    this.#tradesSeen = readFact(tape, slot, FACT_TRADES);
    this.#baseRow = this.#middleRow(view) - ROWS / 2;
  }

  /** Has the book grown out of these rows? */
  get isMisfit(): boolean {
    return this.#misfits >= MISFIT_COLUMNS;
  }

  /** Adds what the book looks like now. */
  add(view: BookView, tape: TapeMemory, number: number, atMs: number): void {
    const bids = view.counts[0] as number;
    const asks = view.counts[1] as number;
    if (bids > 0 && asks > 0) {
      const middle = this.#middleRow(view);
      if (Math.abs(middle - this.#baseRow - ROWS / 2) > DRIFT_ROWS) this.#baseRow = middle - ROWS / 2;
      const ratio = view.trust === LIVE ? fittingBucket(view, this.#zoom) / this.bucketTicks : 1;
      this.#misfits = ratio > MISFIT || ratio < 1 / MISFIT ? this.#misfits + 1 : 0;
    }
    this.#sums.fill(0);
    this.#sum(view, 0);
    this.#sum(view, 1);
    const place = this.#written % COLUMNS_KEPT;
    const at = place * STRIDE;
    const out = this.#view;
    out.setFloat64(at, atMs, true);
    out.setUint32(at + 8, number, true);
    out.setInt32(at + 12, this.#baseRow, true);
    out.setInt32(at + 16, bids === 0 ? 0 : (view.ticks[0][0] as number), true);
    out.setInt32(at + 20, asks === 0 ? 0 : (view.ticks[1][0] as number), true);
    out.setInt32(at + 24, bids < view.depth ? TICK_MIN : (view.ticks[0][bids - 1] as number), true);
    out.setInt32(at + 28, asks < view.depth ? TICK_MAX : (view.ticks[1][asks - 1] as number), true);
    out.setUint8(at + 32, view.trust as Trust);
    out.setUint8(at + 33, 0);
    const unit = this.instrument.notionalUnit;
    for (let row = 0; row < ROWS; row++) {
      out.setUint16(at + COLUMN_BYTES + row * 2, cellOf((this.#sums[row] as number) * unit), true);
    }
    const trades = this.#gather(tape);
    out.setUint16(at + 34, trades, true);
    const first = at + COLUMN_BYTES + ROWS * 2;
    for (let i = 0; i < trades; i++) {
      const on = first + i * TRADE_BYTES;
      out.setInt32(on, this.#tradeTicks[i] as number, true);
      out.setUint16(on + 4, cellOf((this.#tradeUnits[i] as number) * unit), true);
      out.setUint8(on + 6, this.#tradeSides[i] as number);
      out.setUint8(on + 7, 0);
    }
    this.#used[place] = columnBytes(ROWS, trades);
    this.#written++;
  }

  /** A message of the last columns, oldest first. */
  message(columns: number): Buffer {
    const count = Math.min(columns, this.#written, COLUMNS_KEPT);
    let length = MESSAGE_BYTES;
    for (let i = count; i > 0; i--) length += this.#used[(this.#written - i) % COLUMNS_KEPT] as number;
    const message = Buffer.allocUnsafeSlow(length);
    writeHead(new DataView(message.buffer), count, this.stream, ROWS);
    let to = MESSAGE_BYTES;
    for (let i = count; i > 0; i--) {
      const place = (this.#written - i) % COLUMNS_KEPT;
      const used = this.#used[place] as number;
      message.set(new Uint8Array(this.#bytes, place * STRIDE, used), to);
      to += used;
    }
    return message;
  }

  #middleRow(view: BookView): number {
    return Math.floor(((view.ticks[0][0] as number) + (view.ticks[1][0] as number)) / 2 / this.bucketTicks);
  }

  #sum(view: BookView, side: 0 | 1): void {
    const ticks = view.ticks[side];
    const lots = view.lots[side];
    const count = view.counts[side] as number;
    for (let i = 0; i < count; i++) {
      const tick = ticks[i] as number;
      const row = Math.floor(tick / this.bucketTicks) - this.#baseRow;
      // Levels run outward: one beyond the last row is followed by farther ones only.
      if (side === 0 ? row < 0 : row >= ROWS) return;
      if (row < 0 || row >= ROWS) continue;
      this.#sums[row] = (this.#sums[row] as number) + tick * (lots[i] as number);
    }
  }

  /** Trades since the last column, those at one price together; the ring of the tape may have run over meanwhile. */
  #gather(tape: TapeMemory): number {
    const all = readFact(tape, this.slot, FACT_TRADES);
    let count = 0;
    for (let ordinal = Math.max(this.#tradesSeen, all - TRADES_HELD); ordinal < all; ordinal++) {
      const trade = tradeAt(this.slot, ordinal);
      const tick = tape.numbers[trade + 1] as number;
      const units = tick * (tape.numbers[trade + 2] as number);
      const kind = tape.numbers[trade + 3] as number;
      const side = kind === CHANGE_BUY || kind === CHANGE_RPI_BUY ? 0 : 1;
      let place = 0;
      while (place < count && (this.#tradeTicks[place] !== tick || this.#tradeSides[place] !== side)) place++;
      if (place === TRADES_MAX) place = this.#lastOf(side);
      else if (place === count) {
        this.#tradeTicks[place] = tick;
        this.#tradeSides[place] = side;
        this.#tradeUnits[place] = 0;
        count++;
      }
      this.#tradeUnits[place] = (this.#tradeUnits[place] as number) + units;
    }
    this.#tradesSeen = all;
    return count;
  }

  /** Where there is no room for another price: what was bought must not be told as sold. */
  #lastOf(side: 0 | 1): number {
    let place = TRADES_MAX - 1;
    while (place > 0 && this.#tradeSides[place] !== side) place--;
    return place;
  }
}

/** Ticks a row, a round number, so that the rows hold what the book shows, or what is near enough to matter. */
function fittingBucket(view: BookView, zoom: number): number {
  const bid = view.ticks[0][0] as number;
  const ask = view.ticks[1][0] as number;
  const low = view.ticks[0][(view.counts[0] as number) - 1] as number;
  const high = view.ticks[1][(view.counts[1] as number) - 1] as number;
  const middle = (bid + ask) / 2;
  const reach = Math.min(Math.max(high - middle, middle - low), (middle * REACH_PERCENT) / 100);
  return roundUp((Math.max(reach, ask - bid) * 2 * zoom) / ROWS);
}

/** 1, 2, 5, 10, 20, … */
function roundUp(ticks: number): number {
  for (let decade = 1; ; decade *= 10) {
    for (const step of STEPS) if (step * decade >= ticks) return step * decade;
  }
}
