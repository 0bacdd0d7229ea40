// How long did main stand still for its garbage, and how much of that was it at work? A pause is long where the collector has much to
// do, and where the machine takes the core away meanwhile.
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { threadCpuMs } from '../measure/thread-clock.ts';

/** What a pause of main may take at most. */
const LONG_PAUSE_MS = 5;
/** So far apart main's own time is looked at while it works: what it does in between counts to the pause too. */
const LOOK_MS = 0.5;
const LOOKS = 8_192;

export interface GarbageSeen {
  /** Pauses of main; those of a collection that the run itself has asked for are not among them. */
  readonly gcMaxMs: number;
  readonly gcP99Ms: number;
  readonly gcMs: number;
  readonly collections: number;
  /** Those of more than 5 ms. Beside them stands by how much the sender, another process, was late at most. */
  readonly longCollections: number;
  /** The most that main was on a core during one of them, with what else it did in half a millisecond before and after. */
  readonly gcMaxCoreMs: number;
}

/** How much a thread was on a core, looked at now and then: the last so many looks. */
export class CoreLooks {
  readonly #at = new Float64Array(LOOKS);
  readonly #coreMs = new Float64Array(LOOKS);
  #count = 0;

  get last(): number {
    return this.#count === 0 ? -Infinity : (this.#at[(this.#count - 1) % LOOKS] as number);
  }

  note(at: number, coreMs: number): void {
    this.#at[this.#count % LOOKS] = at;
    this.#coreMs[this.#count % LOOKS] = coreMs;
    this.#count++;
  }

  /** The most that it was on a core in `ms` from `start`, as the looks around tell; where there are none, all of it. */
  most(start: number, ms: number): number {
    const first = Math.max(0, this.#count - LOOKS);
    let before = this.#count - 1;
    let after = -1;
    for (; before >= first && (this.#at[before % LOOKS] as number) > start; before--)
      if ((this.#at[before % LOOKS] as number) >= start + ms) after = before;
    if (before < first || after < 0) return ms;
    return Math.min(ms, (this.#coreMs[after % LOOKS] as number) - (this.#coreMs[before % LOOKS] as number));
  }
}

interface Detail {
  readonly detail: { readonly flags?: number };
}

/** Pauses of main for its garbage. */
export class GarbageWatch {
  #pauses: number[] = [];
  #mostCoreMs = 0;
  readonly #looks = new CoreLooks();

  constructor() {
    new PerformanceObserver((list) => {
      // Main may have done nothing since.
      this.#looks.note(performance.now(), threadCpuMs());
      for (const entry of list.getEntries())
        this.#note(entry.startTime, entry.duration, (entry as unknown as Detail).detail);
    }).observe({ entryTypes: ['gc'] });
  }

  reset(): void {
    this.#pauses = [];
    this.#mostCoreMs = 0;
  }

  /** To be called whenever main does something. */
  pass(): void {
    const now = performance.now();
    if (now - this.#looks.last >= LOOK_MS) this.#looks.note(now, threadCpuMs());
  }

  seen(): GarbageSeen {
    const sorted = this.#pauses.toSorted((a, b) => a - b);
    return {
      gcMaxMs: sorted.at(-1) ?? 0,
      gcP99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
      gcMs: sorted.reduce((sum, pause) => sum + pause, 0),
      collections: sorted.length,
      longCollections: sorted.filter((pause) => pause > LONG_PAUSE_MS).length,
      gcMaxCoreMs: this.#mostCoreMs,
    };
  }

  #note(start: number, ms: number, { flags = 0 }: Detail['detail']): void {
    if ((flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0) return;
    this.#pauses.push(ms);
    this.#mostCoreMs = Math.max(this.#mostCoreMs, this.#looks.most(start, ms));
  }
}
