// Which confirmed densities are alive now, and how large was each at its last event?
import type { Instrument } from './market/instrument.ts';
import type { Slot } from './market/units.ts';
import { createLivesCopy, readLives } from './operator/board/lives.ts';
import type { AnalysisEvent } from './scan/event.ts';
import { L_ID, LIFE_STRIDE, type LifeMemory } from './scan/layout.ts';

/** Only the fields that are used: there are up to eight densities a book, and they change thousands of times a second. */
type Told = Pick<AnalysisEvent, 'slot' | 'life' | 'side' | 'price' | 'current' | 'relative' | 'state'>;

export type StandingDensity = Told & { readonly instrument: Instrument };

type Kept = { -readonly [Key in keyof StandingDensity]: StandingDensity[Key] };

export class StandingDensities {
  readonly #slots: number;
  /** By life and slot: each slot numbers its own lives. */
  readonly #byLife = new Map<number, Kept>();
  readonly #copy = createLivesCopy();

  constructor(slots: number) {
    this.#slots = slots;
  }

  get count(): number {
    return this.#byLife.size;
  }

  all(): Iterable<StandingDensity> {
    return this.#byLife.values();
  }

  /** True where the density has just been confirmed. */
  note(event: AnalysisEvent, instrument: Instrument): boolean {
    const { slot, life, side, price, current, relative, state } = event;
    const key = this.#keyOf(event);
    if (event.kind === 'label') this.#byLife.delete(key);
    if (event.kind === 'label' || event.confirmedMs === 0) return false;
    const known = this.#byLife.get(key);
    if (known === undefined) {
      this.#byLife.set(key, { slot, life, side, price, current, relative, state, instrument });
      return true;
    }
    // Updated in place: new objects would only fill the old generation of the heap.
    known.price = price;
    known.current = current;
    known.relative = relative;
    known.state = state;
    return false;
  }

  /** Those that are no longer alive: their label is still on its way, or was lost because the ring was full. */
  ended(lives: LifeMemory): readonly StandingDensity[] {
    return [...this.#byLife.values()].filter((kept) => !this.#isAlive(lives, kept));
  }

  forget(density: StandingDensity): void {
    this.#byLife.delete(this.#keyOf(density));
  }

  #keyOf({ slot, life }: Pick<Told, 'slot' | 'life'>): number {
    return life * this.#slots + slot;
  }

  #isAlive(lives: LifeMemory, { slot, life }: Kept): boolean {
    const copy = this.#copy;
    if (!readLives(lives, slot as Slot, copy)) return true;
    for (let place = 0; place < copy.count; place++) {
      if (copy.numbers[place * LIFE_STRIDE + L_ID] === life) return true;
    }
    return false;
  }
}
