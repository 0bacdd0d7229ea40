// How small is a stored book? Ticks and lots in as few bytes as each needs; the SQL function `book_side` reads them.
//   from the touch outward, each number in groups of seven bits, the lowest first, the eighth bit: more follow
//   tick  lots   distance  lots   distance  lots  …      the first tick whole, then each distance to the level before
import type { Lot, Tick } from '../../market/units.ts';
import type { PackedText } from './rows.ts';

export type Levels = readonly (readonly [Tick, Lot])[];

/** Two numbers of up to 53 bits: eight groups each. */
const LEVEL_BYTES_MAX = 16;
let scratch = Buffer.alloc(1_024 * LEVEL_BYTES_MAX);

/** Numbers beyond 32 bits have no bitwise operators: lots of a coin of tiny price are such. */
function put(value: number, at: number): number {
  let rest = value;
  let next = at;
  for (; rest >= 128; rest = Math.floor(rest / 128)) scratch[next++] = (rest % 128) | 128;
  scratch[next++] = rest;
  return next;
}

export function packSide(levels: Levels): PackedText {
  if (scratch.length < levels.length * LEVEL_BYTES_MAX) scratch = Buffer.alloc(levels.length * LEVEL_BYTES_MAX);
  let at = 0;
  let before = 0;
  for (const [tick, lot] of levels) {
    at = put(lot, put(Math.abs(tick - before), at));
    before = tick;
  }
  return `\\x${scratch.toString('hex', 0, at)}`;
}
