// hot: once per message on main.
// How are books scanned on main itself?
import { RECEIVED, SLOT_NUMBERS } from '../book/layout.ts';
import { VIEW_SEQUENCE } from '../book/read.ts';
import { LIVE } from '../book/trust.ts';
import { countLength } from '../lib/histogram.ts';
import { createRing, lostRecords, type Ring } from '../lib/ring.ts';
import type { Slot } from '../market/units.ts';
import { EVENT_STRIDE, takeEvent } from '../scan/event.ts';
import { createWorkspace, type AnalysisMemory, type Workspace } from '../scan/workspace.ts';
import { HELD, restartsOf, UNKNOWN } from '../scan/layout.ts';
import { endInstrument, scanInstrument } from '../signal/scan-instrument.ts';
import { assert } from '../lib/assert.ts';
import type { Analysis, AnalysisStats, OnEvent, OnScan } from './analysis.ts';
import type { ScanTimes } from './scan-times.ts';

/** More events than one scan can tell. */
const EVENTS_MAX = 1_024;
const SAMPLE = 16;

export class InlineAnalysis implements Analysis {
  readonly #work: Workspace;
  readonly #events: Ring;
  readonly #onEvent: OnEvent;
  readonly #times: ScanTimes | undefined;
  readonly #lengths: Float64Array | undefined;
  readonly #onScan: OnScan | undefined;
  #scans = 0;
  #scanMs = 0;

  constructor(memory: AnalysisMemory, onEvent: OnEvent, times?: ScanTimes, onScan?: OnScan) {
    this.#onScan = onScan;
    this.#times = times;
    this.#lengths = times === undefined ? undefined : new Float64Array(times.buffer);
    this.#events = createRing(EVENTS_MAX, EVENT_STRIDE);
    this.#onEvent = onEvent;
    this.#work = createWorkspace(memory, this.#events, (stamp) => {
      stamp[0] = performance.now();
    });
  }

  scan(slot: Slot): void {
    const timed = this.#scans++ % SAMPLE === 0;
    const begun = timed ? performance.now() : 0;
    assert(scanInstrument(this.#work, slot), 'the only writer reads its own book whole');
    if (timed) this.#note(slot, begun);
    const { lives, view } = this.#work;
    if (view.trust === LIVE) {
      this.#onScan?.(slot, view.tenancy, view.stamps[VIEW_SEQUENCE] as number, restartsOf(lives, slot));
    }
    this.flush();
  }

  flush(): void {
    for (let event = takeEvent(this.#events); event !== undefined; event = takeEvent(this.#events))
      this.#onEvent(event);
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.end();
    return Promise.resolve();
  }

  /** Ends every life as `held`. */
  end(): void {
    for (let slot = 0; slot < this.#work.books.slots; slot++) {
      endInstrument(this.#work, slot as Slot, HELD);
      this.flush();
    }
  }

  /** Ends the lives of a book at which nobody looks any more: what becomes of them is unknown. */
  abandon(slot: Slot): void {
    endInstrument(this.#work, slot, UNKNOWN);
    this.flush();
  }

  stats(): AnalysisStats {
    return {
      mode: 'inline',
      scans: this.#scans,
      scanMs: this.#scanMs,
      eventsLost: lostRecords(this.#events),
      takeovers: 0,
      isDown: false,
      excluded: [],
    };
  }

  #note(slot: Slot, begun: number): void {
    const ended = performance.now();
    this.#scanMs = this.#scanMs * 0.9 + (ended - begun) * 0.1;
    if (this.#times === undefined || this.#lengths === undefined) return;
    const received = this.#work.books.numbers[slot * SLOT_NUMBERS + RECEIVED] as number;
    // Nothing was received for a slot that was just emptied.
    if (received === 0) return;
    countLength(this.#lengths, this.#times.wakeAt, begun - received);
    countLength(this.#lengths, this.#times.scanAt, ended - received);
  }
}
