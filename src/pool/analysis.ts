// Who scans a book when it has changed, and how does what was found come back?
import type { Slot } from '../market/units.ts';
import type { AnalysisEvent } from '../scan/event.ts';

/** Scans of dirty books, on whichever thread. Events arrive through the callback given at creation, in order per book. */
export interface Analysis {
  /** After every applied message of a book, and after its symbol was taken away. */
  scan(slot: Slot): void;
  /** End of a batch of frames: wakes whoever sleeps and delivers what has been told. */
  flush(): void;
  /** Everything handed over so far has been scanned and its events delivered. */
  settled(): Promise<void>;
  /** Ends every life as `held` and delivers the labels; nothing is scanned any more. */
  close(): Promise<void>;
  stats(): AnalysisStats;
}

export interface AnalysisStats {
  readonly mode: 'inline' | 'pool';
  readonly scans: number;
  /** Mean duration of a scan in ms, sampled. */
  readonly scanMs: number;
  /** Events that found no room in a ring. */
  readonly eventsLost: number;
  /** Threads that died or were ended because they hung. */
  readonly takeovers: number;
  /** Books wait for threads, and none of those lives (A10). */
  readonly isDown: boolean;
  /** Symbols taken out of analysis: they killed three threads. */
  readonly excluded: readonly Slot[];
}

export type OnEvent = (event: AnalysisEvent) => void;

/** A book was scanned as it stood after the message that the exchange numbers so; `restarts`: see `restartsOf`. */
export type OnScan = (slot: number, tenancy: number, sequence: number, restarts: number) => void;

/** Something that an operator should hear of. */
export interface Notice {
  readonly event: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly details: object;
}

export type OnNotice = (notice: Notice) => void;
