// What does the watchdog look at? One word of shared memory that the main thread's loop counts up.
//   Int32  [0] beats, wrapping
import type { Ms } from '../lib/brand.ts';

const BEATS = 0;
export const BEAT_PERIOD = 250 as Ms;

export interface Heartbeat {
  readonly memory: SharedArrayBuffer;
}

export function createHeartbeat(): Heartbeat {
  return { memory: new SharedArrayBuffer(4) };
}

/** thread: main, sole writer. */
export function beat({ memory }: Heartbeat): void {
  Atomics.add(new Int32Array(memory), BEATS, 1);
}

/** thread: the watchdog. */
export function beats({ memory }: Heartbeat): number {
  return Atomics.load(new Int32Array(memory), BEATS);
}
