// What does the change ring tell? A plain reader that keeps its own maps and complains about what does not fit.
import {
  CHANGE_ASK,
  CHANGE_BID,
  CHANGE_CLOSE,
  CHANGE_EDGE,
  CHANGE_HEAD,
  CHANGE_LOST,
  CHANGE_MASK,
  CHANGE_ORIGIN,
  CHANGE_RESET,
  CHANGE_STRIDE,
  CHANGE_TAIL,
  CHANGE_TOUCH,
  CHANGES_AT,
  SLOT_NUMBERS,
  SLOT_WORDS,
  type BookMemory,
} from '../../src/book/layout.ts';
import { createView, readBook } from '../../src/book/read.ts';
import type { Slot } from '../../src/market/units.ts';
import { outward, viewSide, type PlainSide } from './plain-sides.ts';

export interface Close {
  readonly u: number;
  readonly cts: number;
  readonly message: number;
  readonly best: readonly [number, number];
  readonly worst: readonly [number, number];
  readonly full: number;
  readonly reset: boolean;
  /** Level changes and trades of this message, in order. */
  readonly entries: readonly (readonly number[])[];
}

export class ChangeReader {
  readonly maps: [Map<number, number>, Map<number, number>] = [new Map(), new Map()];
  readonly faults: string[] = [];
  losses = 0;
  readonly #memory: BookMemory;
  readonly #slot: number;

  constructor(memory: BookMemory, slot = 0) {
    this.#memory = memory;
    this.#slot = slot;
  }

  /** Takes whatever is in the ring, or only what is before `head`. After a loss the maps are taken from the book itself, and nothing is returned. */
  read(head = this.head): Close[] {
    const { words } = this.#memory;
    const at = this.#slot * SLOT_WORDS;
    if (Atomics.load(words, at + CHANGE_LOST) === 1) {
      this.losses++;
      const view = createView();
      readBook(this.#memory, this.#slot as Slot, view);
      for (const side of [0, 1] as const) {
        this.maps[side].clear();
        for (const [tick, lot] of viewSide(view, side)) this.maps[side].set(tick, lot);
      }
      Atomics.store(words, at + CHANGE_TAIL, head);
      Atomics.store(words, at + CHANGE_LOST, 0);
      return [];
    }
    const closes: Close[] = [];
    let entries: number[][] = [];
    let reset = false;
    let i = words[at + CHANGE_TAIL] as number;
    for (; i !== head; i = (i + 1) | 0) {
      const [kind, a, b, c] = this.#entry(i) as [number, number, number, number];
      if (kind === CHANGE_RESET) reset = true;
      else if (kind === CHANGE_CLOSE) {
        const touch = this.#entry(i + 1);
        const edge = this.#entry(i + 2);
        if (touch[0] !== CHANGE_TOUCH || edge[0] !== CHANGE_EDGE) this.faults.push(`close ${a} is not three entries`);
        closes.push({
          u: a,
          cts: b,
          message: c,
          best: [touch[1] as number, touch[2] as number],
          worst: [edge[1] as number, edge[2] as number],
          full: edge[3] as number,
          reset,
          entries,
        });
        entries = [];
        reset = false;
        i = (i + 2) | 0;
      } else {
        entries.push([kind, a, b, c]);
        if (kind === CHANGE_BID || kind === CHANGE_ASK) this.#level(kind, a, b, c);
      }
    }
    Atomics.store(words, at + CHANGE_TAIL, head);
    return closes;
  }

  get head(): number {
    return Atomics.load(this.#memory.words, this.#slot * SLOT_WORDS + CHANGE_HEAD);
  }

  side(side: 0 | 1): PlainSide {
    return outward(this.maps[side], side);
  }

  #level(side: 0 | 1, tick: number, old: number, lot: number): void {
    const map = this.maps[side];
    if ((map.get(tick) ?? 0) !== old) this.faults.push(`side ${side} at ${tick}: ${map.get(tick) ?? 0} told as ${old}`);
    if (old === lot) this.faults.push(`side ${side} at ${tick}: a change that changes nothing`);
    if (lot === 0) map.delete(tick);
    else map.set(tick, lot);
  }

  #entry(index: number): readonly number[] {
    const origin = this.#memory.words[this.#slot * SLOT_WORDS + CHANGE_ORIGIN] as number;
    const from = this.#slot * SLOT_NUMBERS + CHANGES_AT + ((index - origin) & CHANGE_MASK) * CHANGE_STRIDE;
    return [...this.#memory.numbers.subarray(from, from + CHANGE_STRIDE)];
  }
}
