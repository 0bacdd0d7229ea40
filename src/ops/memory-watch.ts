// Does memory run out? A leak is told while it grows, and the run ends in good order before the machine ends it (L02).
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Log } from './log.ts';

/** Bytes: of the whole process, and of the main thread's heap, which may be full long before the machine is. */
export interface Memory {
  readonly process: number;
  readonly heap: number;
}

export interface MemoryPorts {
  readonly clock: Clock;
  readonly log: Pick<Log, 'error' | 'fatal'>;
  /** Undefined: nobody can say just now. */
  readonly look: () => Memory | undefined;
}

const MEGABYTE = 1e6;
/** What a healthy engine takes, without a book and without a scanning thread, for each book, and for each such thread. */
const EMPTY = 250 * MEGABYTE;
const BOOK = 0.25 * MEGABYTE;
const THREAD = 20 * MEGABYTE;
/** So much more it may take whatever the machine has: a leak has no measure, a healthy engine has. */
const SPARE = 1.5;
/** The rest is the database's, the simulator's, and what the system keeps of files. */
const SHARE_OF_MACHINE = 0.6;
const SHARE_OF_HEAP = 0.8;

const LOOK_MS = 5_000 as Ms;
/** So many looks in a row: what is only waiting to be collected is no leak. */
const LOOKS_FULL = 6;
const HOUR_MS = 3_600_000;
/** The middle one of so many hours: a leak grows in most of them, a list of symbols that has grown in one. */
const HOURS = 6;
const HOURS_LEFT_MIN = 24;

/** `bound`: what the machine has, or what our control group may take of it. */
export function memoryLimits(slots: number, threads: number, bound: Memory): Memory {
  const healthy = EMPTY + slots * BOOK + threads * THREAD;
  return {
    process: Math.round(Math.max(SPARE * healthy, SHARE_OF_MACHINE * bound.process)),
    heap: Math.round(SHARE_OF_HEAP * bound.heap),
  };
}

/** Of this machine. */
export function memoryBound(): Memory {
  const granted = process.constrainedMemory();
  return {
    process: granted > 0 ? Math.min(granted, totalmem()) : totalmem(),
    heap: getHeapStatistics().heap_size_limit,
  };
}

/** Of this process; a process that may open no more files cannot be told. */
export function memoryTaken(): Memory | undefined {
  try {
    return { process: process.memoryUsage.rss(), heap: getHeapStatistics().used_heap_size };
  } catch {
    return undefined;
  }
}

const least = (one: Memory, other: Memory): Memory => ({
  process: Math.min(one.process, other.process),
  heap: Math.min(one.heap, other.heap),
});
const NONE: Memory = { process: Infinity, heap: Infinity };
const KINDS = ['process', 'heap'] as const;
const megabytes = (bytes: number): number => Math.round(bytes / MEGABYTE);

export class MemoryWatch {
  readonly limits: Memory;
  /** As it was last seen. */
  taken: Memory;
  readonly #ports: MemoryPorts;
  readonly #looking: Timer;
  readonly #full = Promise.withResolvers<'memory'>();
  #looksOver = 0;
  #hourEnds: number;
  /** The least of this hour, and of the hours before it. */
  #ofHour = NONE;
  readonly #hours: Memory[] = [];

  constructor(limits: Memory, ports: MemoryPorts) {
    this.limits = limits;
    this.#ports = ports;
    this.taken = ports.look() ?? { process: 0, heap: 0 };
    this.#hourEnds = ports.clock.monotonic() + HOUR_MS;
    this.#looking = ports.clock.every(LOOK_MS, () => this.#look());
  }

  /** Resolves when there is no more to be had for long. */
  get full(): Promise<'memory'> {
    return this.#full.promise;
  }

  #look(): void {
    const { clock, log, look } = this.#ports;
    const taken = look();
    if (taken === undefined) return;
    this.taken = taken;
    this.#ofHour = least(this.#ofHour, taken);
    if (clock.monotonic() >= this.#hourEnds) this.#endHour();
    const isOver = KINDS.some((kind) => taken[kind] >= this.limits[kind]);
    this.#looksOver = isOver ? this.#looksOver + 1 : 0;
    if (this.#looksOver !== LOOKS_FULL) return;
    const [mb, heapMb] = [megabytes(taken.process), megabytes(taken.heap)];
    log.fatal(
      { mb, heapMb, mbMax: megabytes(this.limits.process), heapMbMax: megabytes(this.limits.heap) },
      'memory.full',
    );
    this.#full.resolve('memory');
  }

  #endHour(): void {
    this.#hourEnds += HOUR_MS;
    this.#hours.push(this.#ofHour);
    this.#ofHour = NONE;
    if (this.#hours.length <= HOURS) return;
    for (const kind of KINDS) this.#judgeGrowth(kind);
    this.#hours.shift();
  }

  #judgeGrowth(kind: (typeof KINDS)[number]): void {
    const bytes = this.#hours.map((hour) => hour[kind]);
    const growths = bytes.slice(1).map((now, i) => now - (bytes[i] as number));
    const anHour = growths.toSorted((a, b) => a - b)[HOURS >> 1] as number;
    const now = bytes.at(-1) as number;
    const hoursLeft = (this.limits[kind] - now) / anHour;
    if (anHour <= 0 || hoursLeft >= HOURS_LEFT_MIN) return;
    const fields = { kind, mb: megabytes(now), mbAnHour: megabytes(anHour), hoursLeft: Math.round(hoursLeft) };
    this.#ports.log.error(fields, 'memory.growing');
  }

  close(): void {
    this.#looking.cancel();
  }
}
