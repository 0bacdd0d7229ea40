// When did each frame pass each stage of the path? In microseconds of the clock that all processes of the machine share.
import { nowMicros, percentiles } from '../measure/schedule.ts';
import type { Percentiles } from '../measure/schedule.ts';

export const RECEIVED = 0;
export const FRAME_SCANNED = 1;
export const APPLIED = 2;
export const WOKEN = 3;
export const BOOK_SCANNED = 4;
export const EMITTED = 5;

/** In the order of the path. Main has the frame in hand, has read it, has changed its book; a scan begins, ends; main has read the result. */
export const STAGES = ['received', 'frame scanned', 'applied', 'woken', 'book scanned', 'emitted'] as const;
export type Stage = (typeof STAGES)[number];
export type StageTimes = Readonly<Partial<Record<Stage, Percentiles | undefined>>>;

/** What the schedule asked for, and what came of it. */
export interface Answers {
  /** From the moment at which a frame was due until main had read its result; a frame without one counts as long as it was waited for. */
  readonly total: Percentiles;
  readonly lost: number;
  /** Frames without a result when the last one was due, and how long it took from then until the last result. */
  readonly backlog: number;
  readonly drainMs: number;
  /** `received` from when a frame was due, every other one from `received`. */
  readonly stages: StageTimes;
}

export class Probe {
  readonly frames: number;
  /** So many of them come first and are not counted: they show all code what the others will ask of it. */
  readonly lead: number;
  answered = 0;
  onAllAnswered: () => void = () => {};
  readonly #stamps: readonly Float64Array[];

  constructor(frames: number, lead = 0) {
    this.frames = frames;
    this.lead = lead;
    this.#stamps = STAGES.map(() => new Float64Array(frames).fill(Number.NaN));
  }

  /** Nobody waits for a frame without a place. */
  pass(stage: number, place: number | undefined, micros = nowMicros()): void {
    if (place === undefined) return;
    (this.#stamps[stage] as Float64Array)[place] = micros;
    if (stage === EMITTED && ++this.answered === this.frames) this.onAllAnswered();
  }

  answers(times: Float64Array, start: number, now: number): Answers {
    const due = times.subarray(this.lead);
    const emitted = this.#counted(EMITTED);
    const last = start + (due.at(-1) as number);
    const stages = STAGES.flatMap((stage, i): [Stage, Percentiles][] => {
      const lengths = this.#lengths(i, (place) => start + (due[place] as number), now);
      return lengths.length === 0 ? [] : [[stage, percentiles(lengths)]];
    });
    return {
      total: percentiles(
        due.map((at, place) => (isNaN(emitted[place] as number) ? now : (emitted[place] as number)) - start - at),
      ),
      lost: emitted.reduce((count, at) => (isNaN(at) ? count + 1 : count), 0),
      backlog: emitted.reduce((count, at) => (at <= last ? count : count + 1), 0),
      drainMs: Math.max(0, emitted.reduce((latest, at) => (at > latest ? at : latest), last) - last) / 1_000,
      stages: Object.fromEntries(stages),
    };
  }

  #counted(stage: number): Float64Array {
    return (this.#stamps[stage] as Float64Array).subarray(this.lead);
  }

  /** Whoever has not come so far counts as long as it was waited for; of a stage that this build has not there are none. */
  #lengths(stage: number, dueAt: (place: number) => number, now: number): Float64Array {
    const received = this.#counted(RECEIVED);
    const reached = this.#counted(stage);
    if (reached.every((at) => isNaN(at))) return new Float64Array();
    return reached
      .map((at, place) => (isNaN(at) ? now : at) - (stage === RECEIVED ? dueAt(place) : (received[place] as number)))
      .filter((length) => !isNaN(length));
  }
}
