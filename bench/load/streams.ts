// Where do endless streams for hundreds of books come from? Forty evolved books, each played forward and back again, under any name.
//
// A cycle ends with the book it began with, so that it can be played for hours; what must not repeat (u, seq, times, the
// symbol) is written into a copy of the prepared bytes.
import { assert } from '../../src/lib/assert.ts';
import { syntheticFrames } from '../frames/synthetic.ts';
import type { GridText } from '../frames/frame-set.ts';
import { BENCH_SYMBOLS } from '../frames/symbols.ts';

/** Digits that every number of a kind has, so that another one can be written in its place. */
const UPDATE_FIRST = 1_000_000_000;
const SEQUENCE_DIGITS = 15;
/** Added to the microsecond of a frame: a number in JSON begins with no zero, and the exchange has none longer. */
export const SEQUENCE_FIRST = 1e14;
const NAME_LENGTH = 10;
const STEPS = 40;
const TEXT_OPCODE = 0x81;
/** Longer payloads have their length in two more bytes; ours never need eight. */
const SHORT_MAX = 125;
const LONG_HEAD = 4;
/** More than any delta or touch takes, its head included. */
export const FRAME_BYTES_MAX = 16_384;

type Pairs = readonly (readonly [string, string])[];
type Sides = readonly [Map<string, string>, Map<string, string>];

interface Template {
  readonly bytes: Buffer;
  readonly names: readonly number[];
  readonly times: readonly number[];
  readonly update: number;
  readonly sequence: number;
}

interface Delta {
  readonly pairs: readonly [Pairs, Pairs];
  readonly template: Template;
  /** The best levels once it is applied, as `orderbook.1` tells them. */
  readonly touch: Template;
}

interface Cycle {
  readonly grid: GridText;
  readonly start: readonly [Pairs, Pairs];
  readonly deltas: readonly Delta[];
}

interface Frame {
  readonly data: { readonly s: string; readonly b: Pairs; readonly a: Pairs };
}

const NAME = 'S'.repeat(NAME_LENGTH);

function template(depth: number, type: 'snapshot' | 'delta', [b, a]: readonly [Pairs, Pairs]): Template {
  const time = '1'.repeat(13);
  const sequence = '1'.repeat(SEQUENCE_DIGITS);
  const text =
    `{"topic":"orderbook.${depth}.${NAME}","type":"${type}","ts":${time},"data":{"s":"${NAME}",` +
    `"b":${JSON.stringify(b)},"a":${JSON.stringify(a)},"u":${UPDATE_FIRST},"seq":${sequence}},"cts":${time}}`;
  const at = (word: string, from = 0): number => text.indexOf(word, from);
  return {
    bytes: Buffer.from(text),
    names: [at(NAME), at(NAME, at(NAME) + 1)],
    times: [at(time), text.lastIndexOf(time)],
    update: at(`"u":`) + 4,
    sequence: at(`"seq":`) + 6,
  };
}

/** What brings the levels back to what they were. */
function undo(pairs: Pairs, levels: Map<string, string>): Pairs {
  return pairs.map(([price]) => [price, levels.get(price) ?? '0']);
}

function applyPairs(pairs: Pairs, levels: Map<string, string>): void {
  for (const [price, size] of pairs) {
    if (size === '0') levels.delete(price);
    else levels.set(price, size);
  }
}

/** From the touch outward: prices of bids fall. */
function sorted(levels: Map<string, string>, order: 1 | -1): Pairs {
  return [...levels].sort(([a], [b]) => (Number(a) - Number(b)) * order);
}

function touchOf([bids, asks]: Sides): Template {
  return template(1, 'snapshot', [sorted(bids, -1).slice(0, 1), sorted(asks, 1).slice(0, 1)]);
}

function createCycles(depth: number, seed: number): readonly Cycle[] {
  const set = syntheticFrames(depth, BENCH_SYMBOLS.length, BENCH_SYMBOLS.length * STEPS, seed);
  const bySymbol = Map.groupBy(
    set.deltas.map((bytes) => (JSON.parse(bytes.toString()) as Frame).data),
    ({ s }) => s,
  );
  const longest = Math.max(...set.deltas.map((bytes) => bytes.length));
  // Names, numbers and undone levels may be a little longer than what they replace.
  assert(2 * longest < FRAME_BYTES_MAX, `a delta of ${longest} bytes has room`);
  return set.grids.map((grid, index): Cycle => {
    const { b: bids, a: asks } = (JSON.parse((set.snapshots[index] as Buffer).toString()) as Frame).data;
    const sides: Sides = [new Map(bids), new Map(asks)];
    const there: Delta[] = [];
    const back: Delta[] = [];
    let touch = touchOf(sides);
    for (const { b, a } of bySymbol.get(grid.symbol) ?? []) {
      const undone = [undo(b, sides[0]), undo(a, sides[1])] as const;
      back.unshift({ pairs: undone, template: template(depth, 'delta', undone), touch });
      applyPairs(b, sides[0]);
      applyPairs(a, sides[1]);
      touch = touchOf(sides);
      there.push({ pairs: [b, a], template: template(depth, 'delta', [b, a]), touch });
    }
    return { grid, start: [bids, asks], deltas: [...there, ...back] };
  });
}

export interface LoadSymbol {
  readonly symbol: string;
  readonly grid: GridText;
  /** About where it trades. */
  readonly price: string;
}

/** Names of one length, each on the grid of one of the forty. */
export function loadSymbols(count: number): readonly LoadSymbol[] {
  return Array.from({ length: count }, (_, i) => {
    const { tickSize, qtyStep, priceScale, price } = BENCH_SYMBOLS[
      i % BENCH_SYMBOLS.length
    ] as (typeof BENCH_SYMBOLS)[number];
    const symbol = `L${String(i).padStart(NAME_LENGTH - 5, '0')}USDT`;
    return { symbol, grid: { symbol, tickSize, qtyStep, priceScale }, price };
  });
}

function writeDigits(bytes: Buffer, at: number, value: number, digits: number): void {
  let rest = value;
  for (let i = at + digits - 1; i >= at; i--) {
    const tenth = Math.floor(rest / 10);
    bytes[i] = 48 + (rest - 10 * tenth);
    rest = tenth;
  }
}

export interface LoadBook {
  readonly bids: Pairs;
  readonly asks: Pairs;
  readonly update: number;
  readonly sequence: number;
}

/** The head of the WebSocket frame of a text of so many bytes; answers where the text begins. */
export function writeHead(into: Buffer, at: number, length: number): number {
  into[at] = TEXT_OPCODE;
  if (length <= SHORT_MAX) {
    into[at + 1] = length;
    return at + 2;
  }
  into[at + 1] = 126;
  into.writeUInt16BE(length, at + 2);
  return at + LONG_HEAD;
}

/** The endless stream of every symbol. `seq` of a frame is SEQUENCE_FIRST plus the microsecond at which it was to be sent. */
export class Streams {
  readonly #depth: number;
  readonly #cycles: readonly Cycle[];
  readonly #names: readonly Buffer[];
  /** Deltas sent so far; where in its cycle a book stands follows from it. */
  readonly #sent: Float64Array;
  readonly #sequence: Float64Array;

  constructor(depth: number, symbols: readonly LoadSymbol[], seed: number) {
    this.#depth = depth;
    this.#cycles = createCycles(depth, seed);
    this.#names = symbols.map(({ symbol }) => Buffer.from(symbol));
    this.#sent = new Float64Array(symbols.length);
    this.#sequence = new Float64Array(symbols.length);
  }

  /** The book as it stands now. Cold: it is made from the beginning of its cycle. */
  book(index: number): LoadBook {
    const { start, deltas } = this.#cycle(index);
    const sent = this.#sent[index] as number;
    const sides: Sides = [new Map(start[0]), new Map(start[1])];
    for (const { pairs } of deltas.slice(0, sent % deltas.length)) {
      applyPairs(pairs[0], sides[0]);
      applyPairs(pairs[1], sides[1]);
    }
    return {
      bids: sorted(sides[0], -1),
      asks: sorted(sides[1], 1),
      update: UPDATE_FIRST + sent,
      sequence: this.#sequence[index] as number,
    };
  }

  /** As text; it begins a subscription. */
  snapshot(index: number, intendedMicros: number, wallMs: number): Buffer {
    const { bids, asks } = this.book(index);
    this.#sequence[index] ||= SEQUENCE_FIRST + intendedMicros;
    const { bytes, ...places } = template(this.#depth, 'snapshot', [bids, asks]);
    this.#mark(bytes, 0, places, index, wallMs);
    return bytes;
  }

  /** Writes the next delta with the head of its WebSocket frame; answers where it ends. */
  delta(into: Buffer, at: number, index: number, intendedMicros: number, wallMs: number): number {
    const { deltas } = this.#cycle(index);
    const sent = this.#sent[index] as number;
    this.#sent[index] = sent + 1;
    // As of the exchange's: no two deltas of a book have the same one.
    this.#sequence[index] = Math.max(SEQUENCE_FIRST + intendedMicros, (this.#sequence[index] as number) + 1);
    return this.#write(into, at, (deltas[sent % deltas.length] as Delta).template, index, wallMs);
  }

  /** The best levels after the last delta, likewise. */
  touch(into: Buffer, at: number, index: number, wallMs: number): number {
    const { deltas } = this.#cycle(index);
    const last = (this.#sent[index] as number) + deltas.length - 1;
    return this.#write(into, at, (deltas[last % deltas.length] as Delta).touch, index, wallMs);
  }

  #cycle(index: number): Cycle {
    return this.#cycles[index % this.#cycles.length] as Cycle;
  }

  #write(into: Buffer, at: number, prepared: Template, index: number, wallMs: number): number {
    const { length } = prepared.bytes;
    const from = writeHead(into, at, length);
    prepared.bytes.copy(into, from);
    this.#mark(into, from, prepared, index, wallMs);
    return from + length;
  }

  #mark(into: Buffer, from: number, places: Omit<Template, 'bytes'>, index: number, wallMs: number): void {
    for (const at of places.names) (this.#names[index] as Buffer).copy(into, from + at);
    for (const at of places.times) writeDigits(into, from + at, wallMs, 13);
    writeDigits(into, from + places.update, UPDATE_FIRST + (this.#sent[index] as number), 10);
    writeDigits(into, from + places.sequence, this.#sequence[index] as number, SEQUENCE_DIGITS);
  }
}
