// When is a symbol resynced? At once, but never all of them in a storm. (B01, B08, B09)
import { backoffMs } from '../../lib/backoff.ts';
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Rng } from '../../lib/rng.ts';
import { Budget } from '../budget.ts';

/** `broken`: the book is wrong. `quiet`: it may only be a quiet coin. */
export type ResyncCause = 'broken' | 'quiet';

interface History {
  brokenLast: number;
  repeats: number;
  quietLast: number;
  pending: Timer | undefined;
}

const PER_SECOND = 5;
const REPEATED_MS = 60_000;
const QUIET_MS = 30_000;
const JITTER_MS = 200;

export class Resyncs {
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #run: (symbol: string, reason: string) => void;
  readonly #budget = new Budget(PER_SECOND, 1_000 as Ms);
  readonly #histories = new Map<string, History>();

  constructor(clock: Clock, rng: Rng, run: (symbol: string, reason: string) => void) {
    this.#clock = clock;
    this.#rng = rng;
    this.#run = run;
  }

  /** The first break is resynced at once, repetitions within a minute after 1, 2, 4 … s; quiet coins at most twice a minute. */
  request(symbol: string, cause: ResyncCause, reason: string): void {
    const now = this.#clock.monotonic();
    const history = this.#history(symbol);
    if (history.pending !== undefined) return;
    let due: number = now;
    if (cause === 'quiet') {
      if (now - history.quietLast < QUIET_MS) return;
      history.quietLast = now;
    } else {
      history.repeats = now - history.brokenLast < REPEATED_MS ? history.repeats + 1 : 0;
      if (history.repeats > 0) due = now + backoffMs(history.repeats, this.#rng);
      history.brokenLast = now;
    }
    if (due <= now) this.#take(symbol, reason, history);
    else history.pending = this.#clock.after((due - now) as Ms, () => this.#take(symbol, reason, history));
  }

  /** The symbol's own backoff is over; now the budget of all symbols decides. */
  #take(symbol: string, reason: string, history: History): void {
    const now = this.#clock.monotonic();
    const at = this.#budget.reserve(now);
    history.pending = undefined;
    if (at <= now) {
      this.#run(symbol, reason);
      return;
    }
    const delay = (at - now + this.#rng.below(JITTER_MS)) as Ms;
    history.pending = this.#clock.after(delay, () => {
      history.pending = undefined;
      this.#run(symbol, reason);
    });
  }

  cancel(symbol: string): void {
    const history = this.#histories.get(symbol);
    history?.pending?.cancel();
    if (history !== undefined) history.pending = undefined;
  }

  forget(symbol: string): void {
    this.cancel(symbol);
    this.#histories.delete(symbol);
  }

  stop(): void {
    for (const symbol of this.#histories.keys()) this.cancel(symbol);
  }

  #history(symbol: string): History {
    const known = this.#histories.get(symbol);
    if (known !== undefined) return known;
    const fresh: History = { brokenLast: -Infinity, repeats: 0, quietLast: -Infinity, pending: undefined };
    this.#histories.set(symbol, fresh);
    return fresh;
  }
}
