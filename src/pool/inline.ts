// hot: once per message on main.
// How are books scanned on main itself?
import { createRing, lostRecords, type Ring } from '../lib/ring.ts';
import type { Slot } from '../market/units.ts';
import { EVENT_STRIDE, takeEvent } from '../scan/event.ts';
import { createWorkspace, type AnalysisMemory, type Workspace } from '../scan/workspace.ts';
import { HELD, UNKNOWN } from '../scan/layout.ts';
import { endInstrument, scanInstrument } from '../signal/scan-instrument.ts';
import { assert } from '../lib/assert.ts';
import type { Analysis, AnalysisStats, OnEvent } from './analysis.ts';

/** More events than one scan can tell. */
const EVENTS_MAX = 1_024;
const SAMPLE = 16;

export class InlineAnalysis implements Analysis {
  readonly #work: Workspace;
  readonly #events: Ring;
  readonly #onEvent: OnEvent;
  #scans = 0;
  #scanMs = 0;

  constructor(memory: AnalysisMemory, onEvent: OnEvent) {
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
    if (timed) this.#scanMs = this.#scanMs * 0.9 + (performance.now() - begun) * 0.1;
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
      excluded: [],
    };
  }
}
