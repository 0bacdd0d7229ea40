// What stands between the hand-over of a frame and main's reading of the result?

/** Called with the place of a frame in the stream once main has read the result of its analysis. */
export type Done = (frame: number) => void;

export interface PathEngine {
  /** Hands a frame over. `place` is undefined where nobody waits for the result: snapshots and warm-up. */
  frame(bytes: Uint8Array, place: number | undefined): void;
  /** The end of a batch of frames: main wakes whom it has work for, and reads what has come back. */
  turn(): void;
  close(): Promise<void>;
}

export type PathMode = 'empty' | 'inline' | 'pool';

/** The reference: what the loop itself, the clock and the machine cost. */
export function createEmpty(done: Done): PathEngine {
  return {
    frame(_, place) {
      if (place !== undefined) done(place);
    },
    turn() {},
    close: async () => {},
  };
}
