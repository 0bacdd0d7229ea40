// How does our own book take a frame in the comparison?
import { CHANGE_HEAD, CHANGE_LOST, CHANGE_TAIL, SLOT_WORDS } from '../../src/book/layout.ts';
import type { BookFeed } from '../book/peers.ts';
import type { FrameSet } from '../frames/frame-set.ts';
import { CONNECTION, RECEIVED, checkCounts, createOwnCore, createOwnMemory, ownLevels } from './core.ts';

export function createOwnBook(set: FrameSet): BookFeed {
  const memory = createOwnMemory(set);
  const core = createOwnCore(set, memory.books, memory.tape);
  const { ingest, books } = core;
  const { words } = books;

  let lostToSnapshots = 0;
  return {
    frame(bytes) {
      const lostBefore = ingest.writer.changesLost;
      const outcome = ingest.frame(bytes, CONNECTION, RECEIVED);
      // A reader that keeps up: without one the writer would find the ring full and do less.
      const at = ingest.slot * SLOT_WORDS;
      Atomics.store(words, at + CHANGE_TAIL, Atomics.load(words, at + CHANGE_HEAD));
      if (outcome === 'delta') return;
      // A deep book replaced by another is more than the ring holds; its reader begins anew, and so does this one.
      lostToSnapshots += ingest.writer.changesLost - lostBefore;
      Atomics.store(words, at + CHANGE_LOST, 0);
    },
    levels(symbol) {
      checkCounts(core, lostToSnapshots);
      return ownLevels(core, symbol);
    },
  };
}
