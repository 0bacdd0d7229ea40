// hot: once per message or batch of messages of one book; allocates nothing.
// What does one look at one instrument do? The one function on every path: in line, in a worker, in replay.
import { DEAD, LIVE } from '../book/trust.ts';
import { readHeader, VIEW_EXCHANGE } from '../book/read.ts';
import { assert } from '../lib/assert.ts';
import type { Slot } from '../market/units.ts';
import { beginWrite, endWrite } from '../lib/seqlock.ts';
import { catchUp, restart } from '../scan/follow.ts';
import { copyWhole, isInStep, takeUp } from '../scan/kept.ts';
import {
  COOLDOWN_UNTIL,
  GENERATION,
  HEADER_AT,
  HELD,
  MESSAGE,
  PARAMS_AT,
  PRESSURE_TIME,
  SEEN_UNTIL,
  SLOT_NUMBERS,
  SLOT_WORDS,
  TENANCY,
  UNKNOWN,
} from '../scan/layout.ts';
import { endAll } from '../scan/life.ts';
import { match } from '../scan/match.ts';
import { advance } from '../scan/state.ts';
import { warm } from '../scan/warm.ts';
import type { Workspace } from '../scan/workspace.ts';
import { evaluate } from './evaluate.ts';

/**
 * Scans one instrument: takes over the messages since the last look, finds densities, moves their lives on, judges signals and
 * tells all of it to the workspace's ring. False when main wrote during every attempt to copy its book: look again later.
 */
export function scanInstrument(work: Workspace, slot: Slot): boolean {
  const { words, numbers } = work.lives;
  const generation = slot * SLOT_WORDS + GENERATION;
  // An odd generation found here is that of a worker that died in mid-scan: what it left may be half written.
  const broken = ((words[generation] as number) & 1) === 1;
  takeUp(work, slot);
  warm(work, slot);
  const inStep = !broken && isInStep(work, slot, numbers, slot * SLOT_NUMBERS + HEADER_AT + MESSAGE);
  if (!inStep && !copyWhole(work, slot)) return false;
  if (!broken) beginWrite(words, generation);
  else if (!restart(work, slot)) return false;
  const done = scanView(work, slot, inStep, broken);
  endWrite(words, generation);
  return done;
}

/** `begun`: the book in hand is one behind which everything begins anew, and there is nothing to catch up with. */
function scanView(work: Workspace, slot: Slot, inStep: boolean, begun: boolean): boolean {
  const { view } = work;
  const { words, numbers } = work.lives;
  const at = slot * SLOT_WORDS;
  if (words[at + TENANCY] !== view.tenancy) {
    endAll(work, slot, HELD);
    words[at + TENANCY] = view.tenancy;
    const header = slot * SLOT_NUMBERS + HEADER_AT;
    numbers[header + SEEN_UNTIL] = 0;
    numbers[header + PRESSURE_TIME] = 0;
    numbers[header + COOLDOWN_UNTIL] = 0;
  }
  if (view.trust === DEAD) return true;
  if (!begun && !catchUp(work, slot, inStep)) return false;
  if (view.trust !== LIVE) return true;
  work.time[0] = view.stamps[VIEW_EXCHANGE] as number;
  const [bids, asks] = view.sides;
  const both = bids.end > bids.from && asks.end > asks.from;
  const middle = both ? bids.tickAt(bids.from) + asks.tickAt(asks.from) : 0;
  work.kernel.ask(numbers, slot * SLOT_NUMBERS + PARAMS_AT);
  work.kernel.call.detect(bids.at, view.depth, middle);
  work.kernel.call.detect(asks.at, view.depth, middle);
  match(work, slot);
  advance(work, slot);
  if (both) evaluate(work, slot, middle);
  return true;
}

/**
 * Nobody looks at this instrument any more: what stands is labelled, `HELD` where our watch ends, `UNKNOWN` where it was
 * lost. Main only, when no other thread has the slot.
 */
export function endInstrument(work: Workspace, slot: Slot, label: typeof HELD | typeof UNKNOWN): void {
  takeUp(work, slot);
  assert(readHeader(work.books, slot, work.view), 'the only writer reads its own book');
  const { words } = work.lives;
  const generation = slot * SLOT_WORDS + GENERATION;
  // Odd: a worker died in mid-scan, and nobody has looked since.
  const broken = ((words[generation] as number) & 1) === 1;
  if (!broken) beginWrite(words, generation);
  endAll(work, slot, broken ? UNKNOWN : label);
  endWrite(words, generation);
}
