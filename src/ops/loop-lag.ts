// How late is the main thread? A thread that stands still hears nothing, and must not take that for the silence of others.
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';

const LOOK_MS = 100 as Ms;
const WINDOW_MS = 5_000;
/** From here on it is told as a stall. */
const STALL_MS = 1_000;

export interface LagEvents {
  /** The worst of the last 5 s in whole milliseconds, ten times a second at most and only when it has changed. */
  lag(worstMs: number): void;
  stalled(lastedMs: Ms): void;
}

export class LoopLag {
  readonly #looking: Timer;
  readonly #worst = new Float64Array(Math.ceil(WINDOW_MS / LOOK_MS));
  #at = 0;
  #told = -1;

  constructor(clock: Clock, events: LagEvents) {
    let due = clock.monotonic() + LOOK_MS;
    this.#looking = clock.every(LOOK_MS, () => {
      const now = clock.monotonic();
      const late = Math.max(0, now - due);
      due = now + LOOK_MS;
      this.#worst[this.#at] = late;
      this.#at = (this.#at + 1) % this.#worst.length;
      if (late >= STALL_MS) events.stalled(late as Ms);
      const worst = Math.round(this.#worst.reduce((a, b) => Math.max(a, b), 0));
      if (worst === this.#told) return;
      this.#told = worst;
      events.lag(worst);
    });
  }

  close(): void {
    this.#looking.cancel();
  }
}
