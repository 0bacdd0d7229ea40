// What does one call of each hot function cost? Every one by itself, on state that a real stream of frames has left.
import { createHash } from 'node:crypto';
import {
  bookBytes,
  CHANGE_HEAD,
  CHANGE_LOST,
  CHANGE_TAIL,
  emptyBooks,
  SLOT_WORDS,
  type BookMemory,
} from '../../src/book/layout.ts';
import { createView, readBook } from '../../src/book/read.ts';
import { FrameScanner } from '../../src/bybit/frames/scanner.ts';
import { Routes } from '../../src/bybit/frames/routes.ts';
import { claim, commit, createRing, peek, release } from '../../src/lib/ring.ts';
import { beginRead, beginWrite, endRead, endWrite } from '../../src/lib/seqlock.ts';
import type { Slot } from '../../src/market/units.ts';
import { createControl, enqueue, wake } from '../../src/pool/control.ts';
import { decide } from '../../src/risk/gate.ts';
import { EVENT_STRIDE } from '../../src/scan/event.ts';
import { createTape, FACT_TRADES, readFact } from '../../src/tape/layout.ts';
import { addTrade, setLookback } from '../../src/tape/write.ts';
import { situationOf } from '../../test/risk/situations.ts';
import type { FrameSet } from '../frames/frame-set.ts';
import { createOwnCore, createOwnMemory, CONNECTION, RECEIVED } from '../ours/core.ts';
import { createLifeCall, createStateCall, createEvaluateCall, createScanCall } from './scan.ts';
import type { Subject } from '../measure/subject.ts';

/** One function with its arguments; `call` answers something that depends on what was done, so that nothing is left out. */
export interface Call {
  readonly call: (turn: number) => number;
}

interface HotFunction {
  readonly file: string;
  readonly says: string;
  readonly create: (set: FrameSet) => Call;
}

/** In the order of the path; those at the end are limits to compare with. */
export const HOT_FUNCTIONS: Readonly<Record<string, HotFunction>> = {
  scanner: { file: 'bybit/scanner', says: 'one frame read into numbers', create: createScannerCall },
  kernel: { file: 'bybit/kernel', says: 'one delta from its bytes into its book', create: createKernelCall },
  ladder: { file: 'book/write', says: 'the same in TypeScript', create: createLadderCall },
  seqlock: { file: 'lib/seqlock', says: 'opened and closed by its writer', create: createWriteCall },
  'seqlock read': { file: 'lib/seqlock', says: 'opened and proved by a reader', create: createReadCall },
  copy: { file: 'book/read', says: 'consistent copy of a whole book', create: createCopyCall },
  tape: { file: 'tape/write', says: 'one trade', create: createTapeCall },
  queue: { file: 'pool/control', says: 'a dirty book handed to a thread that is awake', create: createQueueCall },
  scan: { file: 'signal/scan-instrument', says: 'look at a book in which nothing has changed', create: createScanCall },
  life: { file: 'scan/life', says: 'size of one density noted', create: createLifeCall },
  state: { file: 'scan/state', says: 'all lives of a book moved on', create: createStateCall },
  signal: { file: 'signal/evaluate', says: 'all densities of a book judged', create: createEvaluateCall },
  ring: { file: 'lib/ring', says: 'one event told and taken', create: createRingCall },
  gate: { file: 'risk/gate', says: 'thirty-four gates, all open', create: createGateCall },
  'copy limit': { file: 'limit', says: 'as many bytes as a copied book, moved by the machine', create: createMoveCall },
};

const CALLS_PER_STEP = 2_000;

export function createFunctionSubject(name: string, set: FrameSet): Subject {
  const chosen = HOT_FUNCTIONS[name];
  if (chosen === undefined) throw new Error(`no hot function is called ${name}`);
  // Once a process: where one line of code calls two kernels V8 calls both more slowly, and boxes their numbers. In the daemon each line
  // has its own.
  const { call } = chosen.create(set);
  let turn = 0;
  let result = 0;
  let first: number | undefined;
  return {
    steps: 20,
    begin() {
      if (turn > 0) first ??= result;
    },
    prepare() {},
    run() {
      for (let i = 0; i < CALLS_PER_STEP; i++) result = (result * 31 + call(turn++)) % 1_000_000_007;
      return CALLS_PER_STEP;
    },
    // Of the first whole pass.
    digests: () => ({
      result: createHash('sha256')
        .update(String(first ?? result))
        .digest('hex')
        .slice(0, 12),
    }),
  };
}

function createScannerCall({ grids, deltas }: FrameSet): Call {
  const routes = new Routes(grids.length);
  for (const [slot, { symbol }] of grids.entries()) routes.add(symbol, slot as Slot);
  const scanner = new FrameScanner(routes);
  return {
    call(turn) {
      const kind = scanner.scan(deltas[turn % deltas.length] as Buffer);
      return kind + scanner.slot + (scanner.staging.ends[1] as number);
    },
  };
}

function createKernelCall(set: FrameSet): Call {
  return createFrameCall(set, createOwnMemory(set).books);
}

function createLadderCall(set: FrameSet): Call {
  const slots = set.grids.length;
  return createFrameCall(set, emptyBooks(new SharedArrayBuffer(bookBytes(slots)), slots));
}

/** Plays the stream again and again, each time from its snapshots on; a reader keeps up with the changes. */
function createFrameCall(set: FrameSet, books: BookMemory): Call {
  const { ingest } = createOwnCore(set, books, createTape(set.grids.length));
  const take = (frame: Buffer): void => {
    ingest.frame(frame, CONNECTION, RECEIVED);
    const at = ingest.slot * SLOT_WORDS;
    books.words[at + CHANGE_LOST] = 0;
    books.words[at + CHANGE_TAIL] = books.words[at + CHANGE_HEAD] as number;
  };
  return {
    call(turn) {
      const next = turn % set.deltas.length;
      if (next === 0) for (const snapshot of set.snapshots) take(snapshot);
      take(set.deltas[next] as Buffer);
      return ingest.writer.bestTick(ingest.slot as Slot, 0);
    },
  };
}

function createWriteCall(): Call {
  const words = new Int32Array(new SharedArrayBuffer(64));
  return {
    call() {
      beginWrite(words, 0);
      endWrite(words, 0);
      return words[0] as number;
    },
  };
}

function createReadCall(): Call {
  const words = new Int32Array(new SharedArrayBuffer(64));
  return { call: () => (endRead(words, 0, beginRead(words, 0)) ? 1 : 0) };
}

function createCopyCall(set: FrameSet): Call {
  const memory = createOwnMemory(set);
  const { ingest } = createOwnCore(set, memory.books, memory.tape);
  for (const frame of set.snapshots) ingest.frame(frame, CONNECTION, RECEIVED);
  const view = createView();
  return {
    call(turn) {
      readBook(memory.books, (turn % set.grids.length) as Slot, view);
      return view.ticks[0][0] as number;
    },
  };
}

function createMoveCall({ depth }: FrameSet): Call {
  // Ticks, lots and notionals of both sides.
  const from = new Uint8Array(new SharedArrayBuffer(2 * depth * 20));
  const to = new Uint8Array(from.length);
  return {
    call(turn) {
      from[turn % from.length] = turn & 255;
      to.set(from);
      return to[turn % from.length] as number;
    },
  };
}

function createTapeCall(): Call {
  const tape = createTape(1);
  setLookback(tape, 0 as Slot, 240);
  const times = new Float64Array(1);
  return {
    call(turn) {
      times[0] = 1_786_310_820_000 + turn * 3;
      addTrade(tape, 0 as Slot, times, 0, 65_000 + (turn % 7), 1 + (turn % 5), turn % 2 === 0, 2 + (turn % 2));
      return readFact(tape, 0, FACT_TRADES);
    },
  };
}

function createQueueCall(): Call {
  const slots = 64;
  const control = createControl(slots);
  const dirty = new Int32Array(new SharedArrayBuffer(slots * 4));
  return {
    call(turn) {
      // A queue that nobody empties: its slots are set free by hand.
      dirty[turn % slots] = 0;
      enqueue(control, dirty, turn % slots);
      wake(control);
      return control.words[0] as number;
    },
  };
}

function createRingCall(): Call {
  const ring = createRing(4_096, EVENT_STRIDE);
  return {
    call(turn) {
      const at = claim(ring);
      for (let i = 0; i < EVENT_STRIDE; i++) ring.numbers[at + i] = turn + i;
      commit(ring);
      const taken = peek(ring);
      let sum = 0;
      for (let i = 0; i < EVENT_STRIDE; i++) sum += ring.numbers[taken + i] as number;
      release(ring);
      return sum;
    },
  };
}

function createGateCall(): Call {
  // Of the random situations the first that passes every gate.
  let seed = 1;
  while (decide(situationOf(seed, [])).kind !== 'approved') seed++;
  const situation = situationOf(seed, []);
  return { call: () => (decide(situation).kind === 'approved' ? 1 : 0) };
}
