// Whose turn is it? Visits every symbol once a period, evenly spread.
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';

const STEP_MS_MIN = 20;
/** With no symbol to visit, check again after this. */
const IDLE_MS = 1_000;

export class Round {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #symbols: () => readonly string[];
  readonly #visit: (symbol: string) => void;
  #next = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, periodMs: Ms, symbols: () => readonly string[], visit: (symbol: string) => void) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#symbols = symbols;
    this.#visit = visit;
  }

  start(): void {
    const count = this.#symbols().length;
    const step = count === 0 ? IDLE_MS : Math.max(STEP_MS_MIN, this.#periodMs / count);
    this.#timer = this.#clock.after(step as Ms, () => {
      const symbols = this.#symbols();
      this.#next = this.#next >= symbols.length ? 0 : this.#next;
      const symbol = symbols[this.#next++];
      if (symbol !== undefined) this.#visit(symbol);
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }
}
