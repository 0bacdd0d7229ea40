// Of what is a density's row made, and how is that kept while it stands? There are up to twenty to a book: as numbers in blocks
// they take a sixth of the memory of their events, and no collection of garbage has to look through them.
import { STATE_NAMES } from '../../scan/layout.ts';
import type { AnalysisEvent } from '../../scan/event.ts';

const NUMBERS = [
  'slot',
  'life',
  'exchangeMs',
  'price',
  'low',
  'high',
  'current',
  'sharePercent',
  'relative',
  'firstSeenMs',
  'confirmedMs',
  'initial',
  'peak',
  'eaten',
  'pulled',
  'refilled',
  'rpi',
  'touches',
] as const satisfies readonly (keyof AnalysisEvent)[];
const FLAGS = ['cluster', 'round', 'crossed'] as const satisfies readonly (keyof AnalysisEvent)[];

type Numbers = Pick<AnalysisEvent, (typeof NUMBERS)[number]>;
type Flags = Pick<AnalysisEvent, (typeof FLAGS)[number]>;

/** All but the label, which comes with its end. */
export type DensityFacts = Numbers & Flags & Pick<AnalysisEvent, 'side' | 'state'>;

const FLAGS_AT = NUMBERS.length;
const SIDE_AT = FLAGS_AT + FLAGS.length;
const STATE_AT = SIDE_AT + 1;
const STRIDE = STATE_AT + 1;
/** Densities of one block. */
const BLOCK = 256;

/** Facts of densities that stand, each at a place of its own. */
export class KeptFacts {
  readonly #blocks: Float64Array[] = [];
  readonly #free: number[] = [];

  /** Keeps the facts at `place`, where those of before stood, or else at one that is free. Returns where. */
  keep(facts: DensityFacts, place = this.#free.pop() ?? this.#extend()): number {
    const [block, at] = this.#at(place);
    for (const [i, name] of NUMBERS.entries()) block[at + i] = facts[name];
    for (const [i, name] of FLAGS.entries()) block[at + FLAGS_AT + i] = Number(facts[name]);
    block[at + SIDE_AT] = facts.side;
    block[at + STATE_AT] = (STATE_NAMES as readonly string[]).indexOf(facts.state);
    return place;
  }

  read(place: number): DensityFacts {
    const [block, at] = this.#at(place);
    const numbers = Object.fromEntries(NUMBERS.map((name, i) => [name, block[at + i]])) as unknown as Numbers;
    const flags = Object.fromEntries(
      FLAGS.map((name, i) => [name, block[at + FLAGS_AT + i] === 1]),
    ) as unknown as Flags;
    return {
      ...numbers,
      ...flags,
      side: block[at + SIDE_AT] as 0 | 1,
      state: STATE_NAMES[block[at + STATE_AT] as number] as string,
    };
  }

  /** Whoever comes next takes the place over. */
  free(place: number): void {
    this.#free.push(place);
  }

  #at(place: number): readonly [Float64Array, number] {
    return [this.#blocks[Math.floor(place / BLOCK)] as Float64Array, (place % BLOCK) * STRIDE];
  }

  #extend(): number {
    const first = this.#blocks.length * BLOCK;
    this.#blocks.push(new Float64Array(BLOCK * STRIDE));
    for (let place = first + BLOCK - 1; place > first; place--) this.#free.push(place);
    return first;
  }
}
