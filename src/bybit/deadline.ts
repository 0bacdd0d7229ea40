// When is an answer too late? At its time by the clock, unless the loop itself was away and has not yet read what came (W02).
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';

const LATE_MS = 50;
const DRAIN_MS = 100 as Ms;

export function startDeadline(clock: Clock, within: Ms, over: () => void): Timer {
  const due = clock.monotonic() + within;
  let timer = clock.after(within, () => {
    if (clock.monotonic() - due <= LATE_MS) return over();
    timer = clock.after(DRAIN_MS, over);
  });
  return { cancel: () => timer.cancel() };
}
