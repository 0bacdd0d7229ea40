// How does the engine answer in line? Ingest and scan on main; the result is there when the scan returns.
import type { Slot } from '../../src/market/units.ts';
import { InlineAnalysis } from '../../src/pool/inline.ts';
import { abridge } from '../../src/scan/layout.ts';
import type { FrameSet } from '../frames/frame-set.ts';
import { CONNECTION, createOwnCore, createOwnMemory, ownLevels } from '../ours/core.ts';
import { createOwnLives } from '../ours/scan.ts';
import type { PathEngine } from './engine.ts';
import { APPLIED, BOOK_SCANNED, EMITTED } from './probe.ts';
import type { Probe } from './probe.ts';

export function createInline(set: FrameSet, probe: Probe): PathEngine {
  const memory = createOwnMemory(set);
  const core = createOwnCore(set, memory.books, memory.tape);
  const { ingest, instruments } = core;
  const lives = createOwnLives(instruments);
  abridge(lives); // as in an engine to which nobody else listens
  const analysis = new InlineAnalysis({ ...memory, lives }, () => undefined);
  let before = 0;
  return {
    frame(bytes, place, received) {
      ingest.frame(bytes, CONNECTION, received);
      probe.pass(APPLIED, place);
      analysis.scan(ingest.slot as Slot);
      probe.pass(BOOK_SCANNED, place);
      probe.pass(EMITTED, place);
    },
    turn() {},
    settled: () => analysis.settled(),
    begin() {
      before = analysis.stats().scans;
    },
    scans: () => analysis.stats().scans - before,
    levels: (symbol) => ownLevels(core, symbol),
    note: () => '',
    close: () => analysis.close(),
  };
}
