// When is an answer too late? At its time by the clock, unless the loop itself was away and has not yet read what came (W02).
import type { Ms } from '../../lib/brand.ts';
import type { Clock } from '../../lib/clock.ts';

const LATE_MS = 50;
const DRAIN_MS = 100 as Ms;

export interface Deadline {
  cancel(): void;
}

export function startDeadline(clock: Clock, within: Ms, over: () => void): Deadline {
  const due = clock.monotonic() + within;
  let timer = clock.after(within, () => {
    if (clock.monotonic() - due <= LATE_MS) return over();
    timer = clock.after(DRAIN_MS, over);
  });
  return { cancel: () => timer.cancel() };
}
