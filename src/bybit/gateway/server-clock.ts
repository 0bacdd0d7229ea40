// What time is it at the exchange? Of the readings that most others bear out, the one with the shortest way there and back
// knows best: orders are stamped with it, so no single answer decides. Between readings time goes on by the monotonic clock,
// for the machine's calendar may be put forward or back under a running engine (B19).
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { agreedTime, type TimeReading } from '../rest/agreed-time.ts';
import type { Log } from '../../lib/log.ts';
import { timeFrom } from '../fields.ts';
import type { RestClient } from './rest-client.ts';
import { HOSTS, type Host } from './wires.ts';

const PERIOD_MS = 60_000 as Ms;
const RETRY_MS = 5_000 as Ms;
const WITHIN_MS = 2_000 as Ms;
/** Of each host: samples also tell that both ways are open. */
const SAMPLES = 3;

interface Sample {
  /** Server time minus ours, which is right where our calendar is. */
  readonly offsetMs: number;
  readonly errorMs: number;
}

export class ServerClock {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #told: (sample: Sample) => void;
  #rest: RestClient | undefined;
  /** Against monotonic time; at first by our calendar. */
  #believed: TimeReading;
  /** Of a series that did not agree: they are heard again with the next one. */
  #doubted: readonly TimeReading[] = [];
  #timer: Timer | undefined;
  #isSampling = false;
  #isStopped = false;

  constructor(clock: Clock, log: Log, told: (sample: Sample) => void) {
    this.#clock = clock;
    this.#log = log;
    this.#believed = { shiftMs: clock.wall() - clock.monotonic(), errorMs: 0 };
    this.#told = told;
  }

  now(): Ms {
    return Math.round(this.#clock.monotonic() + this.#believed.shiftMs) as Ms;
  }

  start(rest: RestClient): void {
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
    const readings: TimeReading[] = [];
    let left = HOSTS.length;
    for (const host of HOSTS) {
      this.#series(host, SAMPLES, readings, () => {
        if (--left === 0) this.#sampled(readings);
      });
    }
  }

  /** One time from one host: does it answer again? */
  probe(host: Host): void {
    this.#series(host, 1, [], () => undefined);
  }

  /** Until one of them is not answered. */
  #series(host: Host, count: number, readings: TimeReading[], done: () => void): void {
    const sent = this.#clock.monotonic();
    const path = '/v5/market/time';
    const ask = { host, method: 'GET', path, params: {}, errand: 'read', within: WITHIN_MS, isPublic: true } as const;
    this.#rest?.ask(ask, (asked) => {
      const received = this.#clock.monotonic();
      const time = asked.kind === 'answered' ? timeFrom(asked.result) : undefined;
      if (time === undefined) return done();
      const errorMs = (received - sent) / 2;
      readings.push({ shiftMs: time + errorMs - received, errorMs });
      if (count === 1) return done();
      this.#series(host, count - 1, readings, done);
    });
  }

  #sampled(readings: readonly TimeReading[]): void {
    this.#isSampling = false;
    if (this.#isStopped) return;
    const agreed = agreedTime(readings, [this.#believed, ...this.#doubted]);
    this.#timer = this.#clock.after(agreed === undefined ? RETRY_MS : PERIOD_MS, () => this.sample());
    this.#doubted = agreed === undefined ? readings : [];
    const oursMs = this.#clock.wall() - this.#clock.monotonic();
    if (agreed !== undefined) {
      this.#believed = agreed;
      this.#told({ offsetMs: agreed.shiftMs - oursMs, errorMs: agreed.errorMs });
    } else if (readings.length > 0) {
      const offsetsMs = readings.map(({ shiftMs }) => Math.round(shiftMs - oursMs));
      this.#log.warn({ offsetsMs }, 'gateway.times_differ');
    }
  }
}
