// Is the peer of a stream still there? It is pinged when it falls silent, and judged only after our own loop has read (W01, W02).
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';

const CHECK_MS = 1_000 as Ms;
/** Entries need a message of the private stream within 15 s (G04): a quiet one is pinged often enough for that. */
const ASK_MS = 5_000;
/** Three pings without an answer. */
const SILENT_MS_MAX = 20_000;
/** Long enough for the loop to read what waits in the sockets, however many timers are due. */
const VERDICT_MS = 100 as Ms;

export class Heartbeat {
  readonly #clock: Clock;
  readonly #ask: () => void;
  readonly #dead: () => void;
  readonly #checks: Timer;
  #verdict: Timer | undefined;
  #heard: number;
  #asked: number;
  #checked: number;

  constructor(clock: Clock, ask: () => void, dead: () => void) {
    this.#clock = clock;
    this.#ask = ask;
    this.#dead = dead;
    this.#heard = this.#asked = this.#checked = clock.monotonic();
    this.#checks = clock.every(CHECK_MS, () => this.#check());
  }

  heard(): void {
    this.#heard = this.#clock.monotonic();
  }

  stop(): void {
    this.#checks.cancel();
    this.#verdict?.cancel();
  }

  #check(): void {
    const now = this.#clock.monotonic();
    // While our own loop stalled nothing was read: that time is not the peer's silence.
    const stalled = now - this.#checked - CHECK_MS;
    if (stalled > CHECK_MS) this.#heard = Math.min(now, this.#heard + stalled);
    this.#checked = now;
    if (now - Math.max(this.#heard, this.#asked) >= ASK_MS) {
      this.#asked = now;
      this.#ask();
    }
    if (now - this.#heard < SILENT_MS_MAX || this.#verdict !== undefined) return;
    // Timers run before the sockets of the same turn are read; a later turn knows what was waiting there.
    this.#verdict = this.#clock.after(VERDICT_MS, () => {
      this.#verdict = undefined;
      const later = this.#clock.monotonic();
      if (later - now <= CHECK_MS && later - this.#heard >= SILENT_MS_MAX) this.#dead();
    });
  }
}
