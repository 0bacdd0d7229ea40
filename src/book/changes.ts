// hot: once per book frame and trade on main; allocates nothing.
// How do those who follow a book learn what every message changed? Main, its sole writer, fills the change ring of the slot.
import {
  BEST_KEY,
  CHANGE_CAPACITY,
  CHANGE_CLOSE,
  CHANGE_EDGE,
  CHANGE_HEAD,
  CHANGE_LOST,
  CHANGE_ORIGIN,
  CHANGE_TAIL,
  CHANGE_TOUCH,
  DEPTH,
  EMPTY_KEY,
  EXCHANGE_TIME,
  LEVEL_COUNT,
  MESSAGE,
  UPDATE_ID,
  WORST_KEY,
  changeAt,
  type BookMemory,
} from './layout.ts';

/** One message at a time: `open`, entries, `close`. Offsets as everywhere in books: `at` in the words, `on` in the numbers. */
export class ChangeWriter {
  /** Messages whose changes found the ring full: their reader starts anew. */
  lost = 0;
  /** Behind the last entry of the message under way, published by its close. */
  head = 0;
  origin = 0;
  /** Where the ring is full but for a close: a message that gets here is lost. */
  limit = 0;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;

  constructor({ words, numbers }: BookMemory) {
    this.#words = words;
    this.#numbers = numbers;
  }

  /** From where and how far may this message write? Three entries are kept for its close. */
  open(at: number): void {
    const words = this.#words;
    const head = words[at + CHANGE_HEAD] as number;
    const tail = Atomics.load(words, at + CHANGE_TAIL);
    if (tail === head) words[at + CHANGE_ORIGIN] = head;
    const free = CHANGE_CAPACITY - 3 - ((head - tail) | 0);
    this.head = head;
    this.origin = words[at + CHANGE_ORIGIN] as number;
    this.limit = free > 0 && Atomics.load(words, at + CHANGE_LOST) === 0 ? (head + free) | 0 : head;
  }

  /** Goes on with a message that somebody else has opened and filled up to `head`. */
  goOn(at: number, head: number, limit: number): void {
    this.head = head;
    this.origin = this.#words[at + CHANGE_ORIGIN] as number;
    this.limit = limit;
  }

  put(on: number, kind: number, a: number, b: number, c: number): void {
    if (this.head === this.limit) return;
    const numbers = this.#numbers;
    const entry = changeAt(on, this.head, this.origin);
    numbers[entry] = kind;
    numbers[entry + 1] = a;
    numbers[entry + 2] = b;
    numbers[entry + 3] = c;
    this.head = (this.head + 1) | 0;
  }

  /**
   * What is told between two messages joins the changes of the one that will close next: a `kind` with two numbers, and a third
   * from `values[i]`: a fraction or a time as an argument would be 16 bytes of garbage.
   */
  add(at: number, on: number, kind: number, a: number, b: number, values: Float64Array, i: number): void {
    this.open(at);
    if (this.head === this.limit) {
      Atomics.store(this.#words, at + CHANGE_LOST, 1);
      return;
    }
    const numbers = this.#numbers;
    const entry = changeAt(on, this.head, this.origin);
    numbers[entry] = kind;
    numbers[entry + 1] = a;
    numbers[entry + 2] = b;
    numbers[entry + 3] = values[i] as number;
    this.head = (this.head + 1) | 0;
    Atomics.store(this.#words, at + CHANGE_HEAD, this.head);
  }

  /** Ends the message with what the header of its book now says, and publishes it. */
  close(at: number, on: number): void {
    const words = this.#words;
    const numbers = this.#numbers;
    if (this.head === this.limit) {
      Atomics.store(words, at + CHANGE_LOST, 1);
      this.lost++;
      return;
    }
    const bid = words[at + BEST_KEY] as number;
    const ask = words[at + BEST_KEY + 1] as number;
    const depth = words[at + DEPTH] as number;
    let entry = changeAt(on, this.head, this.origin);
    numbers[entry] = CHANGE_CLOSE;
    numbers[entry + 1] = numbers[on + UPDATE_ID] as number;
    numbers[entry + 2] = numbers[on + EXCHANGE_TIME] as number;
    numbers[entry + 3] = numbers[on + MESSAGE] as number;
    entry = changeAt(on, this.head + 1, this.origin);
    numbers[entry] = CHANGE_TOUCH;
    numbers[entry + 1] = bid === EMPTY_KEY ? 0 : bid;
    numbers[entry + 2] = ask === EMPTY_KEY ? 0 : -ask;
    numbers[entry + 3] = 0;
    entry = changeAt(on, this.head + 2, this.origin);
    numbers[entry] = CHANGE_EDGE;
    numbers[entry + 1] = bid === EMPTY_KEY ? 0 : (words[at + WORST_KEY] as number);
    numbers[entry + 2] = ask === EMPTY_KEY ? 0 : -(words[at + WORST_KEY + 1] as number);
    numbers[entry + 3] = (words[at + LEVEL_COUNT] === depth ? 1 : 0) | (words[at + LEVEL_COUNT + 1] === depth ? 2 : 0);
    Atomics.store(words, at + CHANGE_HEAD, (this.head + 3) | 0);
  }
}
