// What time is it at the exchange? The sample with the shortest way there and back knows best. Between samples time goes on
// by the monotonic clock, for the machine's calendar may be put forward or back under a running engine (B19).
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { RestDesk } from './rest-desk.ts';
import { timeFrom } from './row.ts';
import type { Host } from './wires.ts';

const PERIOD_MS = 60_000 as Ms;
const RETRY_MS = 5_000 as Ms;
const WITHIN_MS = 2_000 as Ms;
const HOSTS: readonly Host[] = ['rest-1', 'rest-2'];
/** Of each host: samples also tell that both ways are open. */
const SAMPLES = 3;

interface Sample {
  /** Server time minus ours, which is right where our calendar is. */
  readonly offsetMs: number;
  readonly errorMs: number;
}

interface Found {
  /** Server time minus monotonic time. */
  readonly shiftMs: number;
  readonly errorMs: number;
}

export class ServerClock {
  readonly #clock: Clock;
  readonly #told: (sample: Sample) => void;
  #rest: RestDesk | undefined;
  #shiftMs: number;
  #timer: Timer | undefined;
  #isSampling = false;
  #isStopped = false;

  constructor(clock: Clock, told: (sample: Sample) => void) {
    this.#clock = clock;
    this.#shiftMs = clock.wall() - clock.monotonic();
    this.#told = told;
  }

  now(): Ms {
    return Math.round(this.#clock.monotonic() + this.#shiftMs) as Ms;
  }

  start(rest: RestDesk): void {
    this.#rest = rest;
    this.sample();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** Now, because the exchange found our time wrong; then each minute. */
  sample(): void {
    if (this.#isSampling || this.#isStopped) return;
    this.#isSampling = true;
    this.#timer?.cancel();
    let best: Found | undefined;
    let left = HOSTS.length;
    for (const host of HOSTS) {
      this.#series(host, SAMPLES, (found) => {
        if (found !== undefined && (best === undefined || found.errorMs < best.errorMs)) best = found;
        if (--left === 0) this.#sampled(best);
      });
    }
  }

  /** One time from one host: does it answer again? */
  probe(host: Host): void {
    this.#series(host, 1, () => undefined);
  }

  #series(host: Host, count: number, done: (best: Found | undefined) => void, best?: Found): void {
    const sent = this.#clock.monotonic();
    const path = '/v5/market/time';
    const ask = { host, method: 'GET', path, params: {}, errand: 'read', within: WITHIN_MS, isPublic: true } as const;
    this.#rest?.ask(ask, (asked) => {
      const roundTrip = this.#clock.monotonic() - sent;
      const time = asked.kind === 'answered' ? timeFrom(asked.result) : undefined;
      if (time === undefined) return done(best);
      const found = { shiftMs: time + roundTrip / 2 - this.#clock.monotonic(), errorMs: roundTrip / 2 };
      const better = best === undefined || found.errorMs < best.errorMs ? found : best;
      if (count === 1) return done(better);
      this.#series(host, count - 1, done, better);
    });
  }

  #sampled(best: Found | undefined): void {
    this.#isSampling = false;
    if (this.#isStopped) return;
    this.#timer = this.#clock.after(best === undefined ? RETRY_MS : PERIOD_MS, () => this.sample());
    if (best === undefined) return;
    this.#shiftMs = best.shiftMs;
    const oursMs = this.#clock.wall() - this.#clock.monotonic();
    this.#told({ offsetMs: best.shiftMs - oursMs, errorMs: best.errorMs });
  }
}
