// Which confirmed densities are alive now, and how large is each?
import type { Instrument } from '../market/instrument.ts';
import type { Slot } from '../market/units.ts';
import { createLivesCopy, readLives } from '../operator/board/lives.ts';
import { type AnalysisEvent, lifeKey } from '../scan/event.ts';
import {
  L_CURRENT,
  L_ID,
  L_PRICE,
  L_RELATIVE,
  L_STATE,
  LIFE_STRIDE,
  STATE_NAMES,
  type LifeMemory,
} from '../scan/layout.ts';

/** Only the fields that are used: there are up to twenty densities a book. */
type Told = Pick<AnalysisEvent, 'slot' | 'life' | 'side' | 'price' | 'current' | 'relative' | 'state'>;

export type StandingDensity = Told & { readonly instrument: Instrument };

type Kept = { -readonly [Key in keyof StandingDensity]: StandingDensity[Key] };

export class StandingDensities {
  readonly #byLife = new Map<number, Kept>();
  readonly #copy = createLivesCopy();

  get count(): number {
    return this.#byLife.size;
  }

  /** As they lie in the memory of the scans; where a scan is writing there, as they were last seen. */
  all(lives: LifeMemory): Iterable<StandingDensity> {
    for (let slot = 0; slot < lives.slots; slot++) this.#look(lives, slot);
    return this.#byLife.values();
  }

  /** True where the density has just been confirmed. */
  note(event: AnalysisEvent, instrument: Instrument): boolean {
    const { slot, life, side, price, current, relative, state } = event;
    const key = lifeKey(event);
    if (event.kind === 'label') this.#byLife.delete(key);
    if (event.kind === 'label' || event.confirmedMs === 0) return false;
    if (this.#byLife.has(key)) return false;
    this.#byLife.set(key, { slot, life, side, price, current, relative, state, instrument });
    return true;
  }

  /** Those that are no longer alive: their label is still on its way, or was lost because the ring was full. */
  ended(lives: LifeMemory): readonly StandingDensity[] {
    return [...this.#byLife.values()].filter((kept) => !this.#isAlive(lives, kept));
  }

  forget(density: StandingDensity): void {
    this.#byLife.delete(lifeKey(density));
  }

  #look(lives: LifeMemory, slot: number): void {
    const copy = this.#copy;
    if (!readLives(lives, slot as Slot, copy)) return;
    for (let place = 0; place < copy.count; place++) {
      const n = (field: number): number => copy.numbers[place * LIFE_STRIDE + field] as number;
      const kept = this.#byLife.get(lifeKey({ slot, life: n(L_ID) }));
      if (kept === undefined) continue;
      kept.price = n(L_PRICE);
      kept.current = n(L_CURRENT);
      kept.relative = n(L_RELATIVE);
      kept.state = STATE_NAMES[n(L_STATE)] as string;
    }
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
