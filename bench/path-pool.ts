// How does the engine answer through its pool? Main hands dirty books over, is woken, and reads how far each was scanned.
import { availableParallelism } from 'node:os';
import { MESSAGE as BOOK_MESSAGE, SLOT_NUMBERS as BOOK_NUMBERS } from '../src/book/layout.ts';
import { systemClock } from '../src/lib/clock.ts';
import type { Slot } from '../src/market/units.ts';
import { PoolAnalysis } from '../src/pool/pool.ts';
import { GENERATION, HEADER_AT, MESSAGE, SLOT_NUMBERS, SLOT_WORDS } from '../src/scan/layout.ts';
import type { FrameSet } from './frame-set.ts';
import { CONNECTION, RECEIVED, createOwnCore, createOwnMemory } from './own-core.ts';
import { createOwnLives } from './own-scan.ts';
import type { Done, PathEngine } from './path-engine.ts';

interface Waiting {
  readonly place: number;
  readonly slot: number;
  /** The message that the frame became. */
  readonly message: number;
}

export function createPool(set: FrameSet, done: Done): PathEngine {
  const memory = createOwnMemory(set);
  const { ingest, instruments, books } = createOwnCore(set, memory.books, memory.tape);
  const lives = createOwnLives(instruments);
  const workers = Math.max(1, availableParallelism() - 1);
  const analysis = new PoolAnalysis(
    { ...memory, lives },
    { workers, spin: false, clock: systemClock },
    () => undefined,
    ({ event, details }) => {
      throw new Error(`${event}: ${JSON.stringify(details)}`);
    },
  );
  let waiting: Waiting[] = [];
  let isListening = false;
  let isDirty = false;

  /** How far a book was followed is known in mid-scan; that the scan is over is told by its even generation afterwards. */
  function read(): void {
    if (waiting.length === 0) return;
    waiting = waiting.filter(({ place, slot, message }) => {
      const isFollowed = (lives.numbers[slot * SLOT_NUMBERS + HEADER_AT + MESSAGE] as number) >= message;
      const isScanned = isFollowed && (Atomics.load(lives.words, slot * SLOT_WORDS + GENERATION) & 1) === 0;
      if (isScanned) done(place);
      return !isScanned;
    });
  }

  async function listen(): Promise<void> {
    isListening = true;
    while (waiting.length > 0) {
      await analysis.settled();
      read();
    }
    isListening = false;
  }

  return {
    frame(bytes, place) {
      ingest.frame(bytes, CONNECTION, RECEIVED);
      const slot = ingest.slot as Slot;
      analysis.scan(slot);
      isDirty = true;
      if (place === undefined) return;
      const message = books.numbers[slot * BOOK_NUMBERS + BOOK_MESSAGE] as number;
      waiting.push({ place, slot, message });
    },
    turn() {
      if (isDirty) analysis.flush();
      isDirty = false;
      read();
      if (waiting.length > 0 && !isListening) void listen();
    },
    close: () => analysis.close(),
  };
}
