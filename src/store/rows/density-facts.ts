// Of what is a density's row made, and how is that kept while it stands? There are twenty to a book: as one array of doubles each
// they take a quarter of the memory of their events.
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

/** The same in one array, in the order of the lists above. */
export type KeptFacts = readonly number[];

export function keepFacts(facts: DensityFacts): KeptFacts {
  return [
    ...NUMBERS.map((name) => facts[name]),
    ...FLAGS.map((name) => Number(facts[name])),
    facts.side,
    (STATE_NAMES as readonly string[]).indexOf(facts.state),
  ];
}

export function factsOf(kept: KeptFacts): DensityFacts {
  const flagsAt = NUMBERS.length;
  const sideAt = flagsAt + FLAGS.length;
  const numbers = Object.fromEntries(NUMBERS.map((name, i) => [name, kept[i]])) as unknown as Numbers;
  const flags = Object.fromEntries(FLAGS.map((name, i) => [name, kept[flagsAt + i] === 1])) as unknown as Flags;
  return {
    ...numbers,
    ...flags,
    side: kept[sideAt] as 0 | 1,
    state: STATE_NAMES[kept[sideAt + 1] as number] as string,
  };
}
