// What did the analysis tell, counted, and as one hash that two runs must agree on?
import { createHash } from 'node:crypto';
import { eventText, type AnalysisEvent } from '../scan/event.ts';
import { LABEL_NAMES } from '../scan/layout.ts';

export interface Tally {
  /** How many lives ended with which label; every birth has one. */
  readonly densities: Readonly<Record<string, number>>;
  readonly signals: { readonly breakout: number; readonly bounce: number };
  readonly candidates: { readonly breakout: number; readonly bounce: number };
  readonly events: number;
  readonly eventsSha256: string;
}

export class EventTally {
  readonly #hash = createHash('sha256');
  readonly #densities: Record<string, number> = Object.fromEntries(LABEL_NAMES.slice(1).map((label) => [label, 0]));
  readonly #signals = { breakout: 0, bounce: 0 };
  readonly #candidates = { breakout: 0, bounce: 0 };
  #events = 0;

  add(event: AnalysisEvent): void {
    const { kind, label, signal } = event;
    this.#events++;
    this.#hash.update(`${eventText(event)}\n`);
    if (kind === 'label') this.#densities[label] = (this.#densities[label] ?? 0) + 1;
    if (signal === 'none') return;
    if (kind === 'signal') this.#signals[signal]++;
    if (kind === 'candidate') this.#candidates[signal]++;
  }

  /** The last call. */
  end(): Tally {
    return {
      densities: this.#densities,
      signals: this.#signals,
      candidates: this.#candidates,
      events: this.#events,
      eventsSha256: this.#hash.digest('hex'),
    };
  }
}
