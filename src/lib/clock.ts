// What time is it, and who wakes me? The only door through which time and timers come in.
import type { Ms } from './brand.ts';

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Monotonic milliseconds: ages, timeouts, deadlines. */
  monotonic(): Ms;
  /** Milliseconds since 1970: labels and signatures only. */
  wall(): Ms;
  after(delay: Ms, run: () => void): Timer;
  every(period: Ms, run: () => void): Timer;
}

export function pause(clock: Clock, delay: Ms): Promise<void> {
  return new Promise((resolve) => void clock.after(delay, resolve));
}

/** The machine's own time. */
export const systemClock: Clock = {
  monotonic: () => performance.now() as Ms,
  wall: () => Date.now() as Ms,
  after(delay, run) {
    const handle = setTimeout(run, delay);
    return { cancel: () => clearTimeout(handle) };
  },
  every(period, run) {
    const handle = setInterval(run, period);
    return { cancel: () => clearInterval(handle) };
  },
};
