// How does the engine answer through its pool? Main hands dirty books over, is woken, and reads how far each was scanned.
import { availableParallelism } from 'node:os';
import { MESSAGE as BOOK_MESSAGE, SLOT_NUMBERS as BOOK_NUMBERS } from '../../src/book/layout.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { quantileMs } from '../../src/lib/histogram.ts';
import type { Slot } from '../../src/market/units.ts';
import { createLatencies, placeOf, readLatency } from '../../src/operator/metrics/latency.ts';
import type { OnNotice } from '../../src/pool/analysis.ts';
import { AutoAnalysis } from '../../src/pool/auto.ts';
import { PoolAnalysis } from '../../src/pool/pool.ts';
import { abridge, GENERATION, HEADER_AT, MESSAGE, SLOT_NUMBERS, SLOT_WORDS } from '../../src/scan/layout.ts';
import type { FrameSet } from '../frames/frame-set.ts';
import { CONNECTION, createOwnCore, createOwnMemory, ownLevels } from '../ours/core.ts';
import { createOwnLives } from '../ours/scan.ts';
import type { PathEngine } from './engine.ts';
import { APPLIED, EMITTED } from './probe.ts';
import type { Probe } from './probe.ts';
import type { Percentiles } from '../measure/schedule.ts';

/** Behind the last frame of a book that waits. */
const NOBODY = -1;

/** A main that `sleeps` between frames is rung for every scan; one that does not looks by itself. */
export function createPool(set: FrameSet, probe: Probe, mode: 'pool' | 'auto', sleeps: boolean): PathEngine {
  const memory = createOwnMemory(set);
  const core = createOwnCore(set, memory.books, memory.tape);
  const { ingest, instruments, books } = core;
  const lives = createOwnLives(instruments);
  abridge(lives); // as in an engine to which nobody else listens
  const workers = Math.max(1, availableParallelism() - 1);
  const latencies = createLatencies(1 + workers);
  const { buffer } = latencies;
  const times = (writer: number) => ({ buffer, wakeAt: placeOf('wake', writer), scanAt: placeOf('scan', writer) });
  const options = { workers, spin: false, clock: systemClock, times };
  const moves: string[] = [];
  const onNotice: OnNotice = ({ event, details }) => {
    if (event !== 'analysis.mode') throw new Error(`${event}: ${JSON.stringify(details)}`);
    moves.push((details as { mode: string }).mode);
  };
  const Chosen = mode === 'pool' ? PoolAnalysis : AutoAnalysis;
  const analysis = new Chosen({ ...memory, lives }, options, () => undefined, onNotice);
  // Frames that wait for the scan of their book, oldest first: how far it was followed answers them in this order. Laid out before
  // the clock starts: what grew here would be collected by threads that take a core from the pool's.
  const oldest = new Int32Array(instruments.length).fill(NOBODY);
  const newest = new Int32Array(instruments.length).fill(NOBODY);
  const next = new Int32Array(probe.frames).fill(NOBODY);
  /** The messages that the frames became. */
  const messages = new Float64Array(probe.frames);
  let waitingCount = 0;
  let isListening = false;
  let isDirty = false;
  let before = 0;

  /** How far a book was followed is known in mid-scan; that the scan is over is told by its even generation afterwards. */
  function readSlot(slot: number): void {
    let place = oldest[slot] as number;
    if (place === NOBODY) return;
    const followed = lives.numbers[slot * SLOT_NUMBERS + HEADER_AT + MESSAGE] as number;
    if ((messages[place] as number) > followed) return;
    if ((Atomics.load(lives.words, slot * SLOT_WORDS + GENERATION) & 1) === 1) return;
    while (place !== NOBODY && (messages[place] as number) <= followed) {
      probe.pass(EMITTED, place);
      waitingCount--;
      place = next[place] as number;
    }
    oldest[slot] = place;
  }

  function read(): void {
    for (let slot = 0; waitingCount > 0 && slot < oldest.length; slot++) readSlot(slot);
  }

  async function listen(): Promise<void> {
    isListening = true;
    while (waitingCount > 0) {
      await analysis.settled();
      read();
    }
    isListening = false;
  }

  function percentilesOf(stage: 'wake' | 'scan'): Percentiles | undefined {
    const { buckets, maxMs } = readLatency(latencies, stage);
    if (buckets.every((count) => count === 0)) return undefined;
    const at = (part: number): number => 1_000 * Math.min(maxMs, quantileMs(buckets, part));
    return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: 1_000 * maxMs };
  }

  return {
    frame(bytes, place, received) {
      ingest.frame(bytes, CONNECTION, received);
      probe.pass(APPLIED, place);
      const slot = ingest.slot as Slot;
      analysis.scan(slot);
      isDirty = true;
      if (place === undefined) return;
      messages[place] = books.numbers[slot * BOOK_NUMBERS + BOOK_MESSAGE] as number;
      if (oldest[slot] === NOBODY) oldest[slot] = place;
      else next[newest[slot] as number] = place;
      newest[slot] = place;
      waitingCount++;
      // Where main itself has scanned it the result is there.
      readSlot(slot);
    },
    turn() {
      if (isDirty) analysis.flush();
      isDirty = false;
      read();
      if (sleeps && waitingCount > 0 && !isListening) void listen();
    },
    settled: () => analysis.settled(),
    begin() {
      before = analysis.stats().scans;
      latencies.numbers.fill(0);
    },
    scans: () => analysis.stats().scans - before,
    stages: () => ({ woken: percentilesOf('wake'), 'book scanned': percentilesOf('scan') }),
    levels: (symbol) => ownLevels(core, symbol),
    note() {
      if (mode === 'pool') return '';
      return `after fewer frames at full speed, so of an earlier part of the stream; scanned ${analysis.stats().mode === 'inline' ? 'on main' : 'by the pool'} at the end, moves ${moves.length}`;
    },
    close: () => analysis.close(),
  };
}
