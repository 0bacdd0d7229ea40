// What do the processes of a load run say to each other? One line of JSON each.
import type { AgePercentiles } from './ages.ts';
import type { GarbageSeen } from './garbage.ts';
import type { ThreadTime } from './threads.ts';

/**
 * `none`: books are kept and nobody scans them. `wake`: nor does the thread that is woken for every batch of frames, the floor of
 * every pool.
 */
export type LoadMode = 'none' | 'wake' | 'inline' | 'pool' | 'auto';
export const LOAD_MODES: readonly LoadMode[] = ['none', 'wake', 'inline', 'pool', 'auto'];

export interface SenderJob {
  readonly symbols: number;
  readonly depth: number;
  /** Book frames a second over all symbols. */
  readonly rate: number;
  readonly seed: number;
}

export interface SenderOrder {
  /** It sends from the first subscription on; `start` counts anew. */
  readonly order: 'start' | 'stop';
  readonly rate?: number;
}

export type SenderWord =
  | { readonly word: 'ready'; readonly port: number }
  | {
      readonly word: 'stopped';
      readonly framesSent: number;
      /** Not sent, for their reader was too far behind, or nobody listened. */
      readonly framesWithheld: number;
      readonly latestMs: number;
      readonly cpuSeconds: number;
    };

export interface EngineJob {
  readonly port: number;
  readonly symbols: number;
  readonly depth: number;
  readonly mode: LoadMode;
  readonly workers: number;
  readonly seed: number;
}

export interface EngineOrder {
  /** `begin` counts anew; `look` asks for what was counted, `collect` the same after a full collection of garbage. */
  readonly order: 'begin' | 'look' | 'collect' | 'end';
}

/** Frames by what became of them. */
export interface FrameCounts {
  /** Deltas in the books. */
  readonly applied: number;
  readonly gaps: number;
  readonly dropped: number;
  readonly unreadable: number;
  /** Read by the strict reader; applied all the same. */
  readonly fallbacks: number;
}

/** What the engine has seen of the load since its begin. */
export interface LoadWindow extends GarbageSeen {
  /** On the machine's monotonic clock. */
  readonly begunMicros: number;
  readonly seconds: number;
  readonly frames: FrameCounts;
  /** From the moment at which a frame was to be sent until it is in its book. */
  readonly bookAgeMs: AgePercentiles;
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly threads: readonly ThreadTime[];
  readonly memory: {
    /** Main's, without what V8 has compiled: programs are compiled anew for as long as they run. */
    readonly heapKept: number;
    readonly external: number;
    readonly rss: number;
    /** Laid out for each book: its levels, tape and lives. */
    readonly reservedPerBook: number;
    /** All that the process has taken since it was loaded, threads and sockets included. */
    readonly residentPerBook: number;
  };
  readonly handles: number;
  readonly live: number;
  readonly resyncs: number;
  readonly audits: { readonly equal: number; readonly wrong: number };
  readonly scans: number;
  readonly eventsLost: number;
}

export type EngineWord =
  | { readonly word: 'live' }
  | { readonly word: 'window'; readonly window: LoadWindow }
  | { readonly word: 'said'; readonly event: string };
