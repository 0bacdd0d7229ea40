// hot: ten times a second. What does the map remember? A ring of columns, found by their number.
import type { Column } from '../../operator/page/protocol-columns.ts';

export const LIVE_TRUST = 2;
const BRIDGED_MAX = 5;

export class Columns {
  readonly capacity: number;
  readonly rows: number;
  readonly numbers: Float64Array;
  readonly at: Float64Array;
  readonly base: Int32Array;
  readonly bid: Int32Array;
  readonly ask: Int32Array;
  readonly trust: Uint8Array;
  readonly cells: Uint16Array;
  /** [column][buy, sell]: USDT, and the tick at which it traded on average. */
  readonly traded: Float64Array;
  readonly tradedTick: Float64Array;
  newest = -1;
  oldest = -1;

  /** Rows between which a cell that holds nothing is known to hold nothing. */
  readonly knownLow: Int32Array;
  readonly knownHigh: Int32Array;
  readonly #bucketTicks: number;
  readonly #columnMs: number;

  constructor(capacity: number, rows: number, bucketTicks: number, columnMs: number) {
    this.capacity = capacity;
    this.rows = rows;
    this.#bucketTicks = bucketTicks;
    this.#columnMs = columnMs;
    this.knownLow = new Int32Array(capacity);
    this.knownHigh = new Int32Array(capacity);
    this.numbers = new Float64Array(capacity).fill(-1);
    this.at = new Float64Array(capacity);
    this.base = new Int32Array(capacity);
    this.bid = new Int32Array(capacity);
    this.ask = new Int32Array(capacity);
    this.trust = new Uint8Array(capacity);
    this.cells = new Uint16Array(capacity * rows);
    this.traded = new Float64Array(capacity * 2);
    this.tradedTick = new Float64Array(capacity * 2);
  }

  place(number: number): number {
    return number % this.capacity;
  }

  has(number: number): boolean {
    return number >= 0 && this.numbers[this.place(number)] === number;
  }

  take(column: Column): void {
    const { number } = column;
    if (number <= this.newest - this.capacity) return;
    this.#bridge(number);
    const i = this.place(number);
    // Two in one tenth of a second: the later book, the trades of both.
    const isAgain = this.numbers[i] === number;
    const isRepeated = isAgain && this.at[i] === column.atMs;
    this.numbers[i] = number;
    this.at[i] = column.atMs;
    this.base[i] = column.baseRow;
    this.bid[i] = column.bid;
    this.ask[i] = column.ask;
    this.trust[i] = column.trust;
    this.knownLow[i] = Math.floor(column.lowest / this.#bucketTicks);
    this.knownHigh[i] = Math.floor(column.highest / this.#bucketTicks);
    this.cells.set(column.cells, i * this.rows);
    if (!isAgain) this.#clearTrades(i);
    if (!isRepeated) this.#addTrades(i, column);
    if (this.oldest < 0) this.oldest = number;
    if (number > this.newest) this.newest = number;
    this.oldest = Math.max(this.oldest, this.newest - this.capacity + 1);
  }

  /** The book stands until it changes: a few numbers that were left out look like the one before them. */
  #bridge(number: number): void {
    const from = this.newest;
    if (from < 0 || number - from - 1 > BRIDGED_MAX) return;
    const last = this.place(from);
    for (let missing = from + 1; missing < number; missing++) {
      const i = this.place(missing);
      this.numbers[i] = missing;
      this.at[i] = (this.at[last] as number) + (missing - from) * this.#columnMs;
      for (const field of [this.base, this.bid, this.ask, this.trust, this.knownLow, this.knownHigh]) {
        field[i] = field[last] as number;
      }
      this.cells.copyWithin(i * this.rows, last * this.rows, (last + 1) * this.rows);
      this.#clearTrades(i);
    }
  }

  #clearTrades(i: number): void {
    for (const at of [2 * i, 2 * i + 1]) this.traded[at] = this.tradedTick[at] = 0;
  }

  #addTrades(i: number, { trades }: Column): void {
    for (const { tick, usdt, side } of trades) {
      const at = 2 * i + (side === 'buy' ? 0 : 1);
      const before = this.traded[at] as number;
      this.traded[at] = before + usdt;
      this.tradedTick[at] = ((this.tradedTick[at] as number) * before + tick * usdt) / (before + usdt || 1);
    }
  }

  /** Lowest bid and highest ask of the columns from `first` on; undefined where there is none. */
  path(first: number): { readonly low: number; readonly high: number } | undefined {
    let low = Infinity;
    let high = -Infinity;
    for (let number = Math.max(first, this.oldest, 0); number <= this.newest; number++) {
      if (!this.has(number)) continue;
      const i = this.place(number);
      const bid = this.bid[i] as number;
      const ask = this.ask[i] as number;
      if (bid === 0 || ask === 0) continue;
      if (bid < low) low = bid;
      if (ask > high) high = ask;
    }
    return high < low ? undefined : { low, high };
  }

  /** Twice the mid in ticks of the newest column that has both sides. */
  get middle(): number | undefined {
    for (let number = this.newest; number >= this.oldest && number >= 0; number--) {
      if (!this.has(number)) continue;
      const i = this.place(number);
      const bid = this.bid[i] as number;
      const ask = this.ask[i] as number;
      if (bid !== 0 && ask !== 0) return bid + ask;
    }
    return undefined;
  }
}
