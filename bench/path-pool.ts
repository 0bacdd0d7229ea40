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

/** Frames of one book that wait for their scan, oldest first: how far it was followed answers them in this order. */
interface Waiting {
  readonly places: number[];
  /** The messages that the frames became. */
  readonly messages: number[];
  /** How many of them are answered. */
  answered: number;
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
  const waiting = instruments.map((): Waiting => ({ places: [], messages: [], answered: 0 }));
  let waitingCount = 0;
  let isListening = false;
  let isDirty = false;

  /** How far a book was followed is known in mid-scan; that the scan is over is told by its even generation afterwards. */
  function read(): void {
    for (let slot = 0; waitingCount > 0 && slot < waiting.length; slot++) {
      const queue = waiting[slot] as Waiting;
      if (queue.answered === queue.places.length) continue;
      const followed = lives.numbers[slot * SLOT_NUMBERS + HEADER_AT + MESSAGE] as number;
      if ((queue.messages[queue.answered] as number) > followed) continue;
      if ((Atomics.load(lives.words, slot * SLOT_WORDS + GENERATION) & 1) === 1) continue;
      while (queue.answered < queue.places.length && (queue.messages[queue.answered] as number) <= followed) {
        done(queue.places[queue.answered++] as number);
        waitingCount--;
      }
    }
  }

  async function listen(): Promise<void> {
    isListening = true;
    while (waitingCount > 0) {
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
      const queue = waiting[slot] as Waiting;
      queue.places.push(place);
      queue.messages.push(books.numbers[slot * BOOK_NUMBERS + BOOK_MESSAGE] as number);
      waitingCount++;
    },
    turn() {
      if (isDirty) analysis.flush();
      isDirty = false;
      read();
      if (waitingCount > 0 && !isListening) void listen();
    },
    close: () => analysis.close(),
  };
}
