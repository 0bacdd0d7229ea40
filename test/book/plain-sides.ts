// What is a book, said plainly? Two sorted maps; and what must be true of the memory that claims to be the same.
import {
  BASE_KEY,
  BEST_KEY,
  BITMAP_AT,
  BITMAP_WORDS,
  EMPTY_KEY,
  EMPTY_WORST,
  LADDER_AT,
  LEVEL_COUNT,
  OVERFLOW_COUNT,
  OVERFLOW_KEYS_AT,
  OVERFLOW_LEVELS,
  OVERFLOW_LOTS_AT,
  SLOT_NUMBERS,
  SLOT_WORDS,
  TOTAL,
  WINDOW_MASK,
  WINDOW_TICKS,
  WORST_KEY,
  type BookMemory,
} from '../../src/book/layout.ts';
import type { BookView } from '../../src/book/read.ts';
import type { PlainFrame } from './staged-frame.ts';

export type PlainSide = readonly (readonly [tick: number, lot: number])[];

export class PlainSides {
  readonly maps: [Map<number, number>, Map<number, number>] = [new Map(), new Map()];
  depth: number;

  constructor(depth: number) {
    this.depth = depth;
  }

  /** The last of two equal prices wins; what lies beyond the depth is forgotten after the whole frame (B14). */
  apply(frame: PlainFrame): void {
    for (const map of this.maps) if (frame.snapshot) map.clear();
    for (const { side, tick, lot } of frame.levels) {
      if (lot === 0) this.maps[side].delete(tick);
      else this.maps[side].set(tick, lot);
    }
    for (const side of [0, 1] as const) {
      for (const [tick] of this.side(side).slice(this.depth)) this.maps[side].delete(tick);
    }
  }

  /** From the touch outward. */
  side(side: 0 | 1): PlainSide {
    return outward(this.maps[side], side);
  }

  isCrossed(): boolean {
    const [bid, ask] = [this.side(0)[0], this.side(1)[0]];
    return bid !== undefined && ask !== undefined && bid[0] >= ask[0];
  }
}

export function outward(map: ReadonlyMap<number, number>, side: 0 | 1): PlainSide {
  return [...map].toSorted((a, b) => (side === 0 ? b[0] - a[0] : a[0] - b[0]));
}

export function viewSide(view: BookView, side: 0 | 1): PlainSide {
  return Array.from({ length: view.counts[side] as number }, (_, i) => [
    view.ticks[side][i] as number,
    view.lots[side][i] as number,
  ]);
}

/** Everything that one side's memory says, read the slow way: sorted from the touch outward, and what contradicts it. */
export function inspectSide(
  memory: BookMemory,
  slot: number,
  side: 0 | 1,
): {
  levels: PlainSide;
  total: number;
  faults: string[];
} {
  const { words, numbers } = memory;
  const at = slot * SLOT_WORDS;
  const on = slot * SLOT_NUMBERS;
  const base = words[at + BASE_KEY + side] as number;
  const keys: [key: number, lot: number][] = [];
  const faults: string[] = [];
  for (let index = 0; index < WINDOW_TICKS; index++) {
    const word = words[at + BITMAP_AT + side * BITMAP_WORDS + (index >>> 5)] as number;
    const lot = numbers[on + LADDER_AT + side * WINDOW_TICKS + index] as number;
    if (((word >>> (index & 31)) & 1) !== (lot > 0 ? 1 : 0)) faults.push(`bitmap and size differ at ${index}`);
    if (lot > 0) keys.push([base + ((index - base) & WINDOW_MASK), lot]);
  }
  keys.sort((a, b) => b[0] - a[0]);
  for (let i = 0; i < (words[at + OVERFLOW_COUNT + side] as number); i++) {
    const key = numbers[on + OVERFLOW_KEYS_AT + side * OVERFLOW_LEVELS + i] as number;
    const before = keys.at(-1)?.[0] ?? Infinity;
    if (key >= before || key >= base) faults.push(`overflow key ${key} behind ${before}, base ${base}`);
    keys.push([key, numbers[on + OVERFLOW_LOTS_AT + side * OVERFLOW_LEVELS + i] as number]);
  }
  const levels = keys.map(([key, lot]) => [side === 0 ? key : -key, lot] as const);
  const total = levels.reduce((sum, [tick, lot]) => sum + tick * lot, 0);
  const claims = [
    ['best', words[at + BEST_KEY + side], keys[0]?.[0] ?? EMPTY_KEY],
    ['worst', words[at + WORST_KEY + side], keys.at(-1)?.[0] ?? EMPTY_WORST],
    ['count', words[at + LEVEL_COUNT + side], keys.length],
    ['total', numbers[on + TOTAL + side], total],
  ];
  for (const [name, said, true_] of claims) if (said !== true_) faults.push(`${name} is ${true_}, not ${said}`);
  return { levels, total, faults };
}
