// What is due on the exchange's own time? The same timers whether a machine's clock drives them or a test does.
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';

interface Entry extends Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** A clock of exchange time. What is due at the same millisecond runs in the order in which it was asked for. */
export class Agenda implements Clock {
  readonly #entries: Entry[] = [];
  #nowMs: number;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  monotonic(): Ms {
    return this.#nowMs as Ms;
  }

  wall(): Ms {
    return this.#nowMs as Ms;
  }

  after(delay: Ms, run: () => void): Timer {
    return this.at(this.#nowMs + delay, run);
  }

  every(period: Ms, run: () => void): Timer {
    let timer: Timer;
    const again = (): void => {
      timer = this.after(period, again);
      run();
    };
    timer = this.after(period, again);
    return { cancel: () => timer.cancel() };
  }

  /** At a time that has passed already: at the next `advance`. */
  at(dueMs: number, run: () => void): Timer {
    const entry: Entry = {
      dueMs,
      run,
      cancel: () => {
        const index = this.#entries.indexOf(entry);
        if (index >= 0) this.#entries.splice(index, 1);
      },
    };
    let index = this.#entries.length;
    while (index > 0 && (this.#entries[index - 1] as Entry).dueMs > dueMs) index--;
    this.#entries.splice(index, 0, entry);
    return entry;
  }

  /** When the next thing is due; Infinity for never. */
  get dueMs(): number {
    return this.#entries[0]?.dueMs ?? Infinity;
  }

  /** Until `nowMs`, each thing at its own time: nothing is late, however far the step. */
  elapse(nowMs: number): void {
    while (this.dueMs < nowMs) this.advance(this.dueMs);
    this.advance(nowMs);
  }

  /** Runs what is due until `nowMs`, all of it at that time. */
  advance(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    while (this.dueMs <= nowMs) this.#entries.shift()?.run();
  }
}
