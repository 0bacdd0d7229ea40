// What time has the engine of one life? The exchange's agenda moves it, with a wall clock that may be wrong, stalls and a death.
import type { Ms } from '../../src/lib/brand.ts';
import type { Clock, Timer } from '../../src/lib/clock.ts';
import type { Agenda } from '../../src/simulator/agenda.ts';

/** Monotonic time begins somewhere above this: 0 means "never" in many places. */
const BEGINS_MS = 1_000_000;

export class LifeClock implements Clock {
  readonly #agenda: Agenda;
  readonly #bornMs: number;
  readonly #ran: () => void;
  #wallOffsetMs: number;
  #timers: (() => void)[] = [];
  #texts: (() => void)[] = [];
  #stalledUntil = 0;
  #isDead = false;
  #lost = -1;

  /** `ran`: after each timer of the engine and each text that it was handed. */
  constructor(agenda: Agenda, wallOffsetMs: number, ran: () => void) {
    this.#agenda = agenda;
    this.#bornMs = agenda.monotonic();
    this.#wallOffsetMs = wallOffsetMs;
    this.#ran = ran;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get isStalled(): boolean {
    return this.#agenda.monotonic() < this.#stalledUntil;
  }

  monotonic(): Ms {
    return (this.#agenda.monotonic() - this.#bornMs + BEGINS_MS) as Ms;
  }

  wall(): Ms {
    return (this.#agenda.monotonic() + this.#wallOffsetMs) as Ms;
  }

  /** Somebody has put the machine's calendar forward or back. */
  stepWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  get wallOffsetMs(): number {
    return this.#wallOffsetMs;
  }

  after(delay: Ms, run: () => void): Timer {
    return delay === this.#lost ? { cancel: () => undefined } : this.#after(delay, run);
  }

  #after(delay: Ms, run: () => void): Timer {
    let isOff = false;
    const due = this.#agenda.after(Math.max(0, Math.ceil(delay)) as Ms, () =>
      this.#when(this.#timers, () => {
        if (!isOff) run();
      }),
    );
    return {
      cancel: () => {
        isOff = true;
        due.cancel();
      },
    };
  }

  every(period: Ms, run: () => void): Timer {
    let timer: Timer;
    const again = (): void => {
      timer = this.#after(period, again);
      run();
    };
    timer = this.#after(period, again);
    return { cancel: () => timer.cancel() };
  }

  /** Something has come from outside. */
  hand(run: () => void): void {
    this.#when(this.#texts, run);
  }

  /** The loop stands still: timers and texts wait, and come after it in this order, as the loop runs them. */
  stall(ms: number): void {
    const until = this.#agenda.monotonic() + ms;
    if (this.#isDead || until <= this.#stalledUntil) return;
    this.#stalledUntil = until;
    this.#agenda.at(until, () => this.#wake());
  }

  /** One-shot timers of this length are forgotten from now on. */
  loseTimers(ofMs: number): void {
    this.#lost = ofMs;
  }

  die(): void {
    this.#isDead = true;
    this.#timers = [];
    this.#texts = [];
  }

  #when(queue: (() => void)[], run: () => void): void {
    if (this.#isDead) return;
    if (this.isStalled) queue.push(run);
    else this.#run(run);
  }

  #run(run: () => void): void {
    run();
    this.#ran();
  }

  #wake(): void {
    if (this.#isDead || this.isStalled) return;
    for (const queue of [this.#timers, this.#texts])
      for (let run = queue.shift(); run !== undefined && !this.#isDead; run = queue.shift()) this.#run(run);
  }
}
