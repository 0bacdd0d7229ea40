// hot: once a frame on main; allocates nothing there.
// Which frames has the load made of the books, and how old was each book? Counted where the daemon counts its own stages.
import { EPOCH, SEQUENCE, SLOT_NUMBERS, SLOT_WORDS, type BookMemory } from '../../src/book/layout.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLatencies } from '../../src/operator/metrics/latency.ts';
import { StageTimes } from '../../src/engine/stage-times.ts';
import { nowMicros } from '../measure/schedule.ts';
import { AgeHistogram } from './ages.ts';
import type { GarbageWatch } from './garbage.ts';
import { SEQUENCE_FIRST } from './streams.ts';
import type { EngineJob } from './words.ts';

/** The daemon's own histograms, and beside them the age of each book from the moment its frame was to be sent. */
export class LoadTimes extends StageTimes {
  readonly ages = new AgeHistogram();
  deltas = 0;
  readonly #epochs: Int32Array;
  readonly #garbage: GarbageWatch;
  /** `performance.now()` makes no garbage; the machine's clock, which both processes share, does. */
  readonly #shiftMicros = nowMicros() - performance.now() * 1_000;

  constructor({ symbols, workers }: Pick<EngineJob, 'symbols' | 'workers'>, garbage: GarbageWatch) {
    super(createLatencies(1 + Math.max(1, workers)), systemClock);
    this.#epochs = new Int32Array(symbols);
    this.#garbage = garbage;
  }

  override frame(books: BookMemory, slot: number, received: Ms): void {
    super.frame(books, slot, received);
    this.#garbage.pass();
    const epoch = books.words[slot * SLOT_WORDS + EPOCH] as number;
    // A snapshot stands for no frame of the schedule: not for those either that were lost before it.
    if (epoch !== this.#epochs[slot]) {
      this.#epochs[slot] = epoch;
      return;
    }
    this.deltas++;
    const due = books.numbers[slot * SLOT_NUMBERS + SEQUENCE] as number;
    this.ages.note(performance.now() * 1_000 + this.#shiftMicros + SEQUENCE_FIRST - due);
  }
}
