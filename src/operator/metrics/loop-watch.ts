// How late does the main thread turn, and how much of its time does it work?
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { LoopView } from '../page/protocol-status.ts';

const RESOLUTION_MS = 20;
/** A quantile of less would be of a handful of turns. */
const WINDOW_MS = 5_000;
const NS = 1e6;

export class LoopWatch {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #used = performance.eventLoopUtilization();
  #since = performance.now();
  #last: LoopView | undefined;

  constructor() {
    this.#delay.enable();
  }

  /** Of the last full window; of what there is before the first is over. */
  look(): LoopView {
    if (this.#last !== undefined && performance.now() - this.#since < WINDOW_MS) return this.#last;
    const late = (ns: number): number => (Number.isFinite(ns) ? Math.max(0, ns / NS - RESOLUTION_MS) : 0);
    const { utilization } = performance.eventLoopUtilization(this.#used);
    const now: LoopView = {
      p50Ms: late(this.#delay.percentile(50)),
      p99Ms: late(this.#delay.percentile(99)),
      maxMs: late(this.#delay.max),
      utilization,
    };
    if (performance.now() - this.#since < WINDOW_MS) return now;
    this.#last = now;
    this.#since = performance.now();
    this.#used = performance.eventLoopUtilization();
    this.#delay.reset();
    return now;
  }

  close(): void {
    this.#delay.disable();
  }
}
