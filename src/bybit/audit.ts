// Is our book the one the exchange has? A look over REST, compared by sequence (B18).
import { isBetter, SIDES } from '../market/side.ts';
import type { Side } from '../market/side.ts';
import type { Lot, Slot, Tick } from '../market/units.ts';
import type { IngestPort } from './ingest-port.ts';
import type { RestBook } from './rest-rows.ts';

type Levels = readonly (readonly [Tick, Lot])[];

export interface BookCopy {
  readonly seq: number;
  /** Indexed by side. */
  readonly sides: readonly [Levels, Levels];
}

export interface WrongLevel {
  readonly side: Side;
  readonly tick: Tick;
  readonly rest: Lot;
  readonly ours: Lot;
}

export type Finding =
  | { readonly kind: 'equal'; readonly compared: number }
  | { readonly kind: 'wrong'; readonly compared: number; readonly levels: readonly WrongLevel[] }
  | { readonly kind: 'unknown'; readonly why: 'rest-behind' };

export function copyBook(ingest: IngestPort, slot: Slot, depth: number): BookCopy {
  const [bids, asks] = SIDES.map((side) => ingest.readSide(slot, side, depth)) as [Levels, Levels];
  return { seq: ingest.sequence(slot).seq, sides: [bids, asks] };
}

/** The worse of two limits of view: beyond it one of the books may simply not look. */
function nearer(side: Side, a: Tick | undefined, b: Tick | undefined): Tick | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return isBetter(side, a, b) ? a : b;
}

/** The last level of a window that is full; a book that ends before is seen whole. */
const edge = (levels: Levels, depth: number): Tick | undefined =>
  levels.length < depth ? undefined : levels[levels.length - 1]?.[0];

function wrongOn(side: Side, rest: Levels, before: Levels, after: Levels, depth: number): [WrongLevel[], number] {
  const limit = nearer(side, edge(rest, depth), nearer(side, edge(before, depth), edge(after, depth)));
  const restLots = new Map(rest);
  const beforeLots = new Map(before);
  const afterLots = new Map(after);
  const wrong: WrongLevel[] = [];
  let compared = 0;
  for (const tick of new Set([...restLots.keys(), ...beforeLots.keys(), ...afterLots.keys()])) {
    if (limit !== undefined && isBetter(side, limit, tick)) continue;
    compared++;
    const lot = restLots.get(tick) ?? (0 as Lot);
    const was = beforeLots.get(tick) ?? (0 as Lot);
    const became = afterLots.get(tick) ?? (0 as Lot);
    if (was === became && lot !== was) wrong.push({ side, tick, rest: lot, ours: was });
  }
  return [wrong, compared];
}

/**
 * `before` is our last book at or before the sequence of `rest`, `after` the first at or after it. A level is wrong
 * only where both of ours agree and `rest` differs: a level that changed between the two may have had any size in
 * between, and the change has healed it anyway.
 */
export function compareBooks(rest: RestBook, before: BookCopy, after: BookCopy, depth: number): Finding {
  const sides = [rest.bids, rest.asks] as const;
  const wrong: WrongLevel[] = [];
  let compared = 0;
  for (const side of SIDES) {
    const [found, count] = wrongOn(side, sides[side], before.sides[side], after.sides[side], depth);
    wrong.push(...found);
    compared += count;
  }
  return wrong.length === 0 ? { kind: 'equal', compared } : { kind: 'wrong', compared, levels: wrong };
}

const COPIES_MAX = 256;

/** One look at one book: copies of ours from before the question until the answer can be placed among them. */
export class Look {
  readonly #copies: BookCopy[] = [];
  readonly #depth: number;

  constructor(first: BookCopy, depth: number) {
    this.#copies.push(first);
    this.#depth = depth;
  }

  /** After every change of the book while the look lasts. */
  add(copy: BookCopy): void {
    this.#copies.push(copy);
    if (this.#copies.length > COPIES_MAX) this.#copies.shift();
  }

  /** Undefined while the stream has not come as far as `rest`; `isFinal` ends the wait (nothing changed since). */
  judge(rest: RestBook, isFinal: boolean): Finding | undefined {
    const before = this.#copies.findLast((copy) => copy.seq <= rest.seq);
    if (before === undefined) return { kind: 'unknown', why: 'rest-behind' };
    const after = this.#copies.find((copy) => copy.seq >= rest.seq);
    if (after !== undefined) return compareBooks(rest, before, after, this.#depth);
    // A stream that has not moved for seconds has nothing on its way: the book is quiet, or its topic is dead.
    return isFinal ? compareBooks(rest, before, before, this.#depth) : undefined;
  }
}

const BROKEN_SHARE = 0.1;

/**
 * Do two looks in a row accuse the same book? A busy level can flicker between two messages and look wrong once; the
 * same level twice, or a tenth of the book twice, is no accident.
 */
export function agree(first: Finding, second: Finding): boolean {
  if (first.kind !== 'wrong' || second.kind !== 'wrong') return false;
  const broken = (finding: typeof first): boolean => finding.levels.length > finding.compared * BROKEN_SHARE;
  if (broken(first) && broken(second)) return true;
  return second.levels.some((b) => first.levels.some((a) => a.side === b.side && a.tick === b.tick));
}
