// hot: once per message or batch of messages of one book; budget 1 µs at 50 levels; allocates nothing.
// What does one look at one instrument do? The one function on every path: in line, in a worker, in replay.
import { DEAD, LIVE } from '../book/trust.ts';
import { readBook, VIEW_EXCHANGE } from '../book/read.ts';
import { assert } from '../lib/assert.ts';
import type { Slot } from '../market/units.ts';
import { beginWrite, endWrite } from '../lib/seqlock.ts';
import { detect, measureBand } from '../scan/detect.ts';
import { follow, restart } from '../scan/follow.ts';
import {
  COOLDOWN_UNTIL,
  GENERATION,
  HEADER_AT,
  HELD,
  PARAMS_AT,
  PRESSURE_TIME,
  SLOT_NUMBERS,
  SLOT_WORDS,
  TENANCY,
  UNKNOWN,
} from '../scan/layout.ts';
import { endAll } from '../scan/life.ts';
import { match } from '../scan/match.ts';
import { advance } from '../scan/state.ts';
import type { Workspace } from '../scan/workspace.ts';
import { evaluate } from './evaluate.ts';

/**
 * Scans one instrument: copies its book, follows its messages, finds densities, moves their lives on, judges signals and
 * tells all of it to the workspace's ring. False when main wrote during every attempt: look again later.
 */
export function scanInstrument(work: Workspace, slot: Slot): boolean {
  if (!readBook(work.books, slot, work.view)) return false;
  const { words } = work.lives;
  const generation = slot * SLOT_WORDS + GENERATION;
  const broken = ((words[generation] as number) & 1) === 1;
  if (!broken) beginWrite(words, generation);
  // An odd generation found here is that of a worker that died in mid-scan: what it left may be half written.
  if (broken) restart(work, slot);
  scanView(work, slot);
  endWrite(words, generation);
  return true;
}

function scanView(work: Workspace, slot: Slot): void {
  const { view } = work;
  const { words, numbers } = work.lives;
  const at = slot * SLOT_WORDS;
  if (words[at + TENANCY] !== view.tenancy) {
    endAll(work, slot, HELD);
    words[at + TENANCY] = view.tenancy;
    numbers[slot * SLOT_NUMBERS + HEADER_AT + PRESSURE_TIME] = 0;
    numbers[slot * SLOT_NUMBERS + HEADER_AT + COOLDOWN_UNTIL] = 0;
  }
  if (view.trust === DEAD) return;
  follow(work, slot);
  if (view.trust !== LIVE) return;
  work.time[0] = view.stamps[VIEW_EXCHANGE] as number;
  const both = (view.counts[0] as number) > 0 && (view.counts[1] as number) > 0;
  const middle = both ? (view.ticks[0][0] as number) + (view.ticks[1][0] as number) : 0;
  const params = slot * SLOT_NUMBERS + PARAMS_AT;
  for (let i = 0; i < 2; i++) {
    const side = i as 0 | 1;
    measureBand(view, side, middle, numbers, params, work.sides[side]);
    detect(view, side, numbers, params, work.sides[side]);
    match(work, slot, side);
  }
  advance(work, slot);
  if (both) evaluate(work, slot, middle);
}

/**
 * Nobody looks at this instrument any more: what stands is labelled, `HELD` where our watch ends, `UNKNOWN` where it was
 * lost. Main only, when no other thread has the slot.
 */
export function endInstrument(work: Workspace, slot: Slot, label: typeof HELD | typeof UNKNOWN): void {
  assert(readBook(work.books, slot, work.view), 'the only writer reads its own book whole');
  const { words } = work.lives;
  const generation = slot * SLOT_WORDS + GENERATION;
  // Odd: a worker died in mid-scan, and nobody has looked since.
  const broken = ((words[generation] as number) & 1) === 1;
  if (!broken) beginWrite(words, generation);
  endAll(work, slot, broken ? UNKNOWN : label);
  endWrite(words, generation);
}
