// How are the parts of a scan called alone? On books that were followed through a stream, so that they hold what books hold.
import { readHeader, VIEW_EXCHANGE } from '../../src/book/read.ts';
import { createRing, peek, release, type Ring } from '../../src/lib/ring.ts';
import type { Slot } from '../../src/market/units.ts';
import { EVENT_STRIDE } from '../../src/scan/event.ts';
import { lifeAt, LIFE_COUNT, L_CURRENT, PARAMS_AT, SLOT_NUMBERS, SLOT_WORDS } from '../../src/scan/layout.ts';
import { takeUp } from '../../src/scan/kept.ts';
import { noteSize } from '../../src/scan/life.ts';
import { advance } from '../../src/scan/state.ts';
import { createWorkspace, type Workspace } from '../../src/scan/workspace.ts';
import { evaluate } from '../../src/signal/evaluate.ts';
import { scanInstrument } from '../../src/signal/scan-instrument.ts';
import type { FrameSet } from '../frames/frame-set.ts';
import type { Call } from './subject.ts';
import { CONNECTION, createOwnCore, createOwnMemory, RECEIVED } from '../ours/core.ts';
import { createOwnLives } from '../ours/scan.ts';

const EVENTS_MAX = 4_096;

interface Followed {
  readonly work: Workspace;
  readonly events: Ring;
  readonly slots: number;
}

function followAll(set: FrameSet): Followed {
  const memory = createOwnMemory(set);
  const { ingest, instruments } = createOwnCore(set, memory.books, memory.tape);
  const events = createRing(EVENTS_MAX, EVENT_STRIDE);
  const work = createWorkspace({ ...memory, lives: createOwnLives(instruments) }, events, (stamp) => {
    stamp[0] = 0;
  });
  for (const frame of [...set.snapshots, ...set.deltas]) {
    ingest.frame(frame, CONNECTION, RECEIVED);
    scanInstrument(work, ingest.slot as Slot);
    drain(events);
  }
  return { work, events, slots: set.grids.length };
}

/** Without a reader the ring would be full. */
function drain(events: Ring): void {
  while (peek(events) >= 0) release(events);
}

/** The book of `slot` in hand, as a scan has it. Answers twice its mid. */
function holdBook({ work }: Followed, slot: Slot): number {
  takeUp(work, slot);
  if (!readHeader(work.books, slot, work.view)) throw new Error('the only writer reads its own book');
  work.time[0] = work.view.stamps[VIEW_EXCHANGE] as number;
  const [bids, asks] = work.view.sides;
  return bids.tickAt(bids.from) + asks.tickAt(asks.from);
}

export function createScanCall(set: FrameSet): Call {
  const { work, slots } = followAll(set);
  return { call: (turn) => (scanInstrument(work, (turn % slots) as Slot) ? 1 : 0) };
}

export function createLifeCall(set: FrameSet): Call {
  const { work, slots } = followAll(set);
  const { words, numbers } = work.lives;
  const lives = Array.from({ length: slots }, (_, slot) =>
    Array.from({ length: words[slot * SLOT_WORDS + LIFE_COUNT] as number }, (_place, place) => ({
      life: lifeAt(work.lives, slot, place),
      params: slot * SLOT_NUMBERS + PARAMS_AT,
    })),
  ).flat();
  if (lives.length === 0) throw new Error('the stream has left no density');
  const at = Int32Array.from(lives, ({ life }) => life);
  const params = Int32Array.from(lives, (one) => one.params);
  const time = new Float64Array([work.time[0] as number]);
  return {
    call(turn) {
      const which = turn % at.length;
      const life = at[which] as number;
      // Sizes flicker by a percent, and twenty milliseconds go by at each round.
      numbers[life + L_CURRENT] = (numbers[life + L_CURRENT] as number) * (turn % 2 === 0 ? 1.01 : 1 / 1.01);
      if (which === 0) time[0] = (time[0] as number) + 20;
      noteSize(numbers, life, params[which] as number, time);
      return which;
    },
  };
}

export function createStateCall(set: FrameSet): Call {
  const followed = followAll(set);
  const { work, events, slots } = followed;
  return {
    call(turn) {
      const slot = (turn % slots) as Slot;
      holdBook(followed, slot);
      advance(work, slot);
      drain(events);
      return work.lives.words[slot * SLOT_WORDS + LIFE_COUNT] as number;
    },
  };
}

/** Judged so often before the next book is looked at: what its densities are belongs to the scan, not to the judging. */
const JUDGED_TURNS = 64;

export function createEvaluateCall(set: FrameSet): Call {
  const followed = followAll(set);
  const { work, events, slots } = followed;
  let middle = 0;
  return {
    call(turn) {
      const slot = (Math.floor(turn / JUDGED_TURNS) % slots) as Slot;
      if (turn % JUDGED_TURNS === 0) {
        scanInstrument(work, slot);
        middle = holdBook(followed, slot);
      }
      evaluate(work, slot, middle);
      drain(events);
      return work.lives.words[slot * SLOT_WORDS + LIFE_COUNT] as number;
    },
  };
}
