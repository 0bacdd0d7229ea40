// Which densities live in a slot right now? A copy of their records, kept only if no scan wrote meanwhile.
import { beginRead, endRead } from '../../lib/seqlock.ts';
import type { Slot } from '../../market/units.ts';
import {
  GENERATION,
  HEADER_AT,
  LIFE_COUNT,
  LIFE_STRIDE,
  lifeAt,
  LIVES_MAX,
  PRESSURE,
  SLOT_NUMBERS,
  SLOT_WORDS,
  TENANCY,
  type LifeMemory,
} from '../../scan/layout.ts';

const READ_RETRIES_MAX = 16;

/** Record i begins at i × LIFE_STRIDE; oldest first. */
export interface LivesCopy {
  count: number;
  /** Of the book whose densities these are. */
  tenancy: number;
  /** NaN until known. */
  pressure: number;
  readonly numbers: Float64Array;
}

export function createLivesCopy(): LivesCopy {
  return { count: 0, tenancy: 0, pressure: NaN, numbers: new Float64Array(LIVES_MAX * LIFE_STRIDE) };
}

/** False where scans wrote into every copy, or one that has died left its work half done: the copy is then no use. */
export function readLives(lives: LifeMemory, slot: Slot, copy: LivesCopy): boolean {
  const at = slot * SLOT_WORDS;
  for (let attempt = 0; attempt < READ_RETRIES_MAX; attempt++) {
    const generation = beginRead(lives.words, at + GENERATION);
    if ((generation & 1) !== 0) continue;
    copy.count = Math.min(LIVES_MAX, Math.max(0, lives.words[at + LIFE_COUNT] as number));
    copy.tenancy = lives.words[at + TENANCY] as number;
    copy.pressure = lives.numbers[slot * SLOT_NUMBERS + HEADER_AT + PRESSURE] as number;
    for (let place = 0; place < copy.count; place++) {
      const life = lifeAt(lives, slot, place);
      for (let i = 0; i < LIFE_STRIDE; i++) copy.numbers[place * LIFE_STRIDE + i] = lives.numbers[life + i] as number;
    }
    if (endRead(lives.words, at + GENERATION, generation)) return true;
  }
  copy.count = 0;
  return false;
}
