// May one more order be sent in this second? Entries never use up what closes need; in an emergency closes get everything.
import type { Ms } from '../lib/brand.ts';

export const ENTRIES_PER_S = 5;
export const RESERVE_PER_S = 5;
/** A second, with more added to it than the gateway adds: what is let through here is not held up there. */
const SECOND_MS = 1_100;

/** When the orders of the last second were sent, oldest first. */
export interface Lanes {
  readonly entries: readonly Ms[];
  readonly reduces: readonly Ms[];
}

export const EMPTY_LANES: Lanes = { entries: [], reduces: [] };

export type Lane = 'entry' | 'reduce' | 'emergency';

export function tokensOf(lanes: Lanes, lane: Lane, now: Ms): number {
  const entries = within(lanes.entries, now).length;
  const reduces = within(lanes.reduces, now).length;
  if (lane === 'entry') return ENTRIES_PER_S - entries - Math.max(0, reduces - RESERVE_PER_S);
  if (lane === 'reduce') return RESERVE_PER_S - reduces;
  return ENTRIES_PER_S + RESERVE_PER_S - entries - reduces;
}

/** The lanes after one more order. */
export function take(lanes: Lanes, lane: Lane, now: Ms): Lanes {
  const entries = within(lanes.entries, now);
  const reduces = within(lanes.reduces, now);
  return lane === 'entry' ? { entries: [...entries, now], reduces } : { entries, reduces: [...reduces, now] };
}

function within(times: readonly Ms[], now: Ms): readonly Ms[] {
  return times.filter((at) => now - at < SECOND_MS);
}
