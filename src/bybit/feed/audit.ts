// Is our book the one the exchange has? It is compared with a REST snapshot, by sequence (B18).
import { SIDES, TOWARD_TOUCH } from '../../market/side.ts';
import type { Side } from '../../market/side.ts';
import type { Lot, Tick } from '../../market/units.ts';
import type { BookCopy, BookSide } from '../frames/ingest-port.ts';
import type { RestBook } from '../rest/rest-rows.ts';

export interface WrongLevel {
  readonly side: Side;
  readonly tick: Tick;
  readonly rest: Lot;
  readonly ours: Lot;
}

export type Finding =
  | { readonly kind: 'equal'; readonly compared: number }
  | { readonly kind: 'wrong'; readonly compared: number; readonly levels: readonly WrongLevel[] }
  | { readonly kind: 'unknown' };

/** Of a full side, key of its last level: beyond it the book does not look. A book that ends before is seen whole. */
const edge = ({ ticks }: BookSide, side: Side, depth: number): number =>
  ticks.length < depth ? -Infinity : (ticks[ticks.length - 1] as number) * TOWARD_TOUCH[side];

/** The levels that both of ours have alike and `rest` otherwise, and how many levels were looked at. */
function wrongOn(side: Side, rest: BookSide, before: BookSide, after: BookSide, depth: number): [WrongLevel[], number] {
  const toward = TOWARD_TOUCH[side];
  const books = [rest, before, after] as const;
  const limit = Math.max(...books.map((book) => edge(book, side, depth)));
  const at = [0, 0, 0];
  const lots = [0, 0, 0];
  const wrong: WrongLevel[] = [];
  for (let compared = 0; ; compared++) {
    // A higher key is nearer the touch: the nearest level that any of the three has.
    let key = -Infinity;
    for (let i = 0; i < 3; i++) {
      const tick = (books[i] as BookSide).ticks[at[i] as number];
      if (tick !== undefined && tick * toward > key) key = tick * toward;
    }
    if (key === -Infinity || key < limit) return [wrong, compared];
    for (let i = 0; i < 3; i++) {
      const { ticks, lots: theirs } = books[i] as BookSide;
      const place = at[i] as number;
      const has = ticks[place] === key * toward;
      lots[i] = has ? (theirs[place] as number) : 0;
      if (has) at[i] = place + 1;
    }
    const [of, was, became] = lots as [Lot, Lot, Lot];
    if (was === became && of !== was) wrong.push({ side, tick: (key * toward) as Tick, rest: of, ours: was });
  }
}

/**
 * `before` is our last book at or before the sequence of `rest`, `after` the first at or after it. A level is wrong
 * only where both of ours agree and `rest` differs: a level that changed between the two may have had any size in
 * between, and the change has healed it anyway.
 */
export function compareBooks(rest: RestBook, before: BookCopy, after: BookCopy, depth: number): Finding {
  const wrong: WrongLevel[] = [];
  let compared = 0;
  for (const side of SIDES) {
    const [found, count] = wrongOn(side, rest.sides[side], before.sides[side], after.sides[side], depth);
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
  /** Changes so far, and before the answer came. */
  #changes = 0;
  #changesBefore: number | undefined;

  constructor(first: BookCopy, depth: number) {
    this.#copies.push(first);
    this.#depth = depth;
  }

  /** After every change of the book while the look lasts. */
  add(copy: BookCopy): void {
    this.#changes++;
    this.#copies.push(copy);
    if (this.#copies.length > COPIES_MAX) this.#copies.shift();
  }

  /** Undefined while the stream has not come as far as `rest`; `isFinal` ends the wait. */
  judge(rest: RestBook, isFinal: boolean): Finding | undefined {
    this.#changesBefore ??= this.#changes;
    const before = this.#copies.findLast((copy) => copy.seq <= rest.seq);
    if (before === undefined) return { kind: 'unknown' };
    const after = this.#copies.find((copy) => copy.seq >= rest.seq);
    if (after !== undefined) return compareBooks(rest, before, after, this.#depth);
    if (!isFinal) return undefined;
    // One that moves and has not come so far is late. One that has not moved for seconds has nothing on its way: the book is
    // quiet, or its topic is dead.
    return this.#changes > this.#changesBefore ? { kind: 'unknown' } : compareBooks(rest, before, before, this.#depth);
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
