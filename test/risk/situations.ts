// Which situations are judged? Sound ones on random grids and books, with a few facts spoiled.
import { createView, type BookView } from '../../src/book/read.ts';
import { createRng, type Rng } from '../../src/lib/rng.ts';
import { pick } from './chance.ts';
import { sound, type DraftSituation } from './sound-situation.ts';
import { SPOILS, type Spoil } from './spoils.ts';

export const SPOIL_NAMES = Object.keys(SPOILS);

/** The same seed and spoils give the same situation. `view` is written over. */
export function situationOf(seed: number, spoils: readonly string[], view: BookView = createView()): DraftSituation {
  const rng = createRng(seed);
  const situation = sound(rng, view);
  for (const name of spoils) (SPOILS[name] as Spoil)(situation, rng.fork(name));
  return situation;
}

/** Up to four spoils, most often one. */
export function randomSpoils(rng: Rng): string[] {
  const count = pick(rng, [0, 1, 1, 1, 2, 2, 3, 4]);
  return Array.from({ length: count }, () => pick(rng, SPOIL_NAMES));
}
