// How does our own scan answer a message in the comparison? The one function of every mode, over shared memory.
import type { Levels } from '../../src/book/levels.ts';
import type { Ingest } from '../../src/bybit/frames/ingest.ts';
import { configSchema } from '../../src/config/schema.ts';
import { camelKeys } from '../../src/config/camel.ts';
import { createRing, lostRecords, peek, release, toldRecords, type Ring } from '../../src/lib/ring.ts';
import { priceText, sizeText, type Instrument } from '../../src/market/instrument.ts';
import { ASK, BID, SIDES, type Side } from '../../src/market/side.ts';
import type { Lot, Slot, Tick } from '../../src/market/units.ts';
import { EVENT_STRIDE } from '../../src/scan/event.ts';
import { catchUp } from '../../src/scan/follow.ts';
import { copyWhole, isInStep, takeUp } from '../../src/scan/kept.ts';
import {
  createLives,
  HEADER_AT,
  MESSAGE,
  PARAMS_AT,
  SLOT_NUMBERS,
  SLOT_WORDS,
  TENANCY,
  type LifeMemory,
} from '../../src/scan/layout.ts';
import { writeParams, type ScanParams } from '../../src/scan/params.ts';
import { createWorkspace } from '../../src/scan/workspace.ts';
import { scanInstrument } from '../../src/signal/scan-instrument.ts';
import { digestLevels, type FrameSet } from '../frames/frame-set.ts';
import { CONNECTION, RECEIVED, createOwnCore, createOwnMemory, ownLevels, resettle, type OwnCore } from './core.ts';
import type { ScanFeed } from '../scan/subject.ts';

const EVENTS_MAX = 4_096;

/** The shipped defaults. */
const params = (camelKeys(configSchema.parse({})) as { strategy: ScanParams }).strategy;

export function createOwnLives(instruments: readonly Instrument[]): LifeMemory {
  const lives = createLives(instruments.length);
  for (const [slot, instrument] of instruments.entries())
    writeParams(lives.numbers, slot * SLOT_NUMBERS + PARAMS_AT, params, instrument);
  return lives;
}

/** Takes over what has changed in the book and finds its densities: no lives, no trend, no signals. */
export function createOwnDetection(set: FrameSet): ScanFeed {
  const memory = createOwnMemory(set);
  const core = createOwnCore(set, memory.books, memory.tape);
  const lives = createOwnLives(core.instruments);
  const work = createWorkspace({ ...memory, lives }, createRing(EVENTS_MAX, EVENT_STRIDE), (stamp) => {
    stamp[0] = 0;
  });
  const { kernel } = work;
  let densities = 0;
  return {
    begin: () => resettle(core, set),
    frame(bytes) {
      take(core.ingest, bytes);
      return core.ingest.slot;
    },
    scan(place) {
      const slot = place as Slot;
      takeUp(work, slot);
      const inStep = isInStep(work, slot, lives.numbers, slot * SLOT_NUMBERS + HEADER_AT + MESSAGE);
      const isWhole = inStep || copyWhole(work, slot);
      lives.words[slot * SLOT_WORDS + TENANCY] = work.view.tenancy;
      if (!isWhole || !catchUp(work, slot, inStep)) throw new Error('the only writer reads its own book whole');
      const { sides, depth } = work.view;
      const [bids, asks] = sides;
      const middle = bids.tickAt(bids.from) + asks.tickAt(asks.from);
      kernel.ask(lives.numbers, slot * SLOT_NUMBERS + PARAMS_AT);
      for (const side of SIDES) {
        kernel.call.detect(sides[side].at, depth, middle);
        densities += kernel.found[side].count;
      }
    },
    digests() {
      if (densities === 0) throw new Error('nothing was found: the detector had nothing to do');
      return Object.fromEntries(
        core.instruments.map((instrument, slot) => {
          takeUp(work, slot as Slot);
          const levels = (side: Side): [number, number][] => levelsOf(work.view.sides[side], instrument);
          return [instrument.symbol, digestLevels({ bids: levels(BID), asks: levels(ASK) })];
        }),
      );
    },
  };
}

/** Of the book that was kept by taking over changes. */
function levelsOf({ ticks, units, from, end }: Levels, instrument: Instrument): [number, number][] {
  return Array.from(ticks.subarray(from, end), (tick, i) => {
    const lots = ((units[from + i] as number) / tick) as Lot;
    return [Number(priceText(tick as Tick, instrument)), Number(sizeText(lots, instrument))];
  });
}

function digestsOf(core: OwnCore, set: FrameSet): Record<string, string> {
  return Object.fromEntries(set.grids.map(({ symbol }) => [symbol, digestLevels(ownLevels(core, symbol))]));
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
