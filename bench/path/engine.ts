// What stands between the hand-over of a frame and main's reading of the result?
import type { Ms } from '../../src/lib/brand.ts';
import type { Levels } from '../frames/frame-set.ts';
import { EMITTED } from './probe.ts';
import type { Probe, StageTimes } from './probe.ts';

export interface PathEngine {
  /** Hands a frame over. `place` is undefined where nobody waits for the result: snapshots and warm-up. */
  frame(bytes: Buffer, place: number | undefined, received: Ms): void;
  /** The end of a batch of frames: main wakes whom it has work for, and reads what has come back. */
  turn(): void;
  /** Nothing is under way any more. */
  settled(): Promise<void>;
  /** What the engine itself counts is counted from here: the first frame that counts comes next. */
  begin(): void;
  /** How often a book was scanned since then; several frames may be answered by one scan. */
  scans(): number;
  /** Stages that pass on another thread, where the engine counts them itself. */
  stages?(): StageTimes;
  /** The books at the end, where any are kept. */
  levels?(symbol: string): Levels;
  /** What the reader of the figures should know. */
  note(): string;
  close(): Promise<void>;
}

export type PathMode = 'empty' | 'sleeper' | 'inline' | 'pool' | 'auto' | 'conventional' | 'conventional-newest';

/** The reference: what the loop itself, the clock and the machine cost. */
export function createEmpty(probe: Probe): PathEngine {
  return {
    frame: (_, place) => probe.pass(EMITTED, place),
    turn() {},
    settled: async () => {},
    begin() {},
    scans: () => 0,
    note: () => '',
    close: async () => {},
  };
}
