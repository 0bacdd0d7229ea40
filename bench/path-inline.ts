// How does the engine answer in line? Ingest and scan on main; the result is there when the scan returns.
import type { Slot } from '../src/market/units.ts';
import { InlineAnalysis } from '../src/pool/inline.ts';
import type { FrameSet } from './frame-set.ts';
import { CONNECTION, RECEIVED, createOwnCore, createOwnMemory } from './own-core.ts';
import { createOwnLives } from './own-scan.ts';
import type { Done, PathEngine } from './path-engine.ts';

export function createInline(set: FrameSet, done: Done): PathEngine {
  const memory = createOwnMemory(set);
  const { ingest, instruments } = createOwnCore(set, memory.books, memory.tape);
  const analysis = new InlineAnalysis({ ...memory, lives: createOwnLives(instruments) }, () => undefined);
  return {
    frame(bytes, place) {
      ingest.frame(bytes, CONNECTION, RECEIVED);
      analysis.scan(ingest.slot as Slot);
      if (place !== undefined) done(place);
    },
    turn() {},
    close: () => analysis.close(),
  };
}
