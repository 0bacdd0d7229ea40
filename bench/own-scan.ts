// How does our own scan answer a message in the comparison? The one function of every mode, over shared memory.
import { copyBook, VIEW_LEVELS_MAX } from '../src/book/read.ts';
import type { Ingest } from '../src/bybit/ingest.ts';
import { configSchema } from '../src/config/schema.ts';
import { camelKeys } from '../src/config/camel.ts';
import { createRing, lostRecords, peek, release, toldRecords, type Ring } from '../src/lib/ring.ts';
import type { Instrument } from '../src/market/instrument.ts';
import { SIDES } from '../src/market/side.ts';
import type { Slot } from '../src/market/units.ts';
import { EVENT_STRIDE } from '../src/scan/event.ts';
import { ScanKernel } from '../src/scan/kernel/kernel.ts';
import { createLives, PARAMS_AT, SLOT_NUMBERS, type LifeMemory } from '../src/scan/layout.ts';
import { writeParams, type ScanParams } from '../src/scan/params.ts';
import { createWorkspace } from '../src/scan/workspace.ts';
import { scanInstrument } from '../src/signal/scan-instrument.ts';
import { digestLevels, type FrameSet } from './frame-set.ts';
import { CONNECTION, RECEIVED, createOwnCore, createOwnMemory, ownLevels, resettle, type OwnCore } from './own-core.ts';
import type { ScanFeed } from './scan-subject.ts';

const EVENTS_MAX = 4_096;

/** The shipped defaults. */
const params = (camelKeys(configSchema.parse({})) as { strategy: ScanParams }).strategy;

export function createOwnLives(instruments: readonly Instrument[]): LifeMemory {
  const lives = createLives(instruments.length);
  for (const [slot, instrument] of instruments.entries())
    writeParams(lives.numbers, slot * SLOT_NUMBERS + PARAMS_AT, params, instrument);
  return lives;
}

/** Copies the book and finds its densities: no lives, no trend, no signals. */
export function createOwnDetection(set: FrameSet): ScanFeed {
  const memory = createOwnMemory(set);
  const core = createOwnCore(set, memory.books, memory.tape);
  const { numbers } = createOwnLives(core.instruments);
  const kernel = new ScanKernel();
  const view = kernel.createBook(VIEW_LEVELS_MAX);
  const [bids, asks] = view.sides;
  let densities = 0;
  return {
    begin: () => resettle(core, set),
    frame(bytes) {
      take(core.ingest, bytes);
      return core.ingest.slot;
    },
    scan(slot) {
      if (!copyBook(memory.books, slot as Slot, view)) throw new Error('the only writer reads its own book whole');
      const middle = (bids.ticks[bids.from] as number) + (asks.ticks[asks.from] as number);
      kernel.ask(numbers, slot * SLOT_NUMBERS + PARAMS_AT);
      for (const side of SIDES) {
        kernel.call.forgetAll(view.sides[side].at);
        kernel.call.detect(view.sides[side].at, view.depth, middle);
        densities += kernel.found[side].count;
      }
    },
    digests() {
      if (densities === 0) throw new Error('nothing was found: the detector had nothing to do');
      return digestsOf(core, set);
    },
  };
}

function digestsOf(core: OwnCore, set: FrameSet): Record<string, string> {
  return Object.fromEntries(set.grids.map(({ symbol }) => [symbol, digestLevels(ownLevels(core, set, symbol))]));
}

export function createOwnScan(set: FrameSet): ScanFeed {
  const memory = createOwnMemory(set);
  const core = createOwnCore(set, memory.books, memory.tape);
  const events = createRing(EVENTS_MAX, EVENT_STRIDE);
  const work = createWorkspace({ ...memory, lives: createOwnLives(core.instruments) }, events, (stamp) => {
    stamp[0] = performance.now();
  });
  return {
    begin: () => resettle(core, set),
    frame(bytes) {
      take(core.ingest, bytes);
      drain(events);
      return core.ingest.slot;
    },
    scan(slot) {
      if (!scanInstrument(work, slot as Slot)) throw new Error('the only writer reads its own book whole');
    },
    digests() {
      if (toldRecords(events) === 0) throw new Error('nothing was told: the scan had nothing to do');
      if (lostRecords(events) > 0) throw new Error('events were lost: the scan had less to do than it should');
      return digestsOf(core, set);
    },
  };
}

function take(ingest: Ingest, bytes: Uint8Array): void {
  const outcome = ingest.frame(bytes, CONNECTION, RECEIVED);
  if (outcome !== 'delta' && outcome !== 'snapshot') throw new Error(`a frame was not applied: ${outcome}`);
}

/** The reader of the events: without one the ring would be full. */
function drain(events: Ring): void {
  while (peek(events) >= 0) release(events);
}
