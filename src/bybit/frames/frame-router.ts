// hot: once per frame, on main. Ingests it and looks away again, unless somebody waits for exactly this frame.
import type { Ms } from '../../lib/brand.ts';
import type { IngestPort, Outcome } from './ingest-port.ts';
import type { Roster } from '../feed/roster.ts';
import type { Shard } from '../feed/shard.ts';
import { TICKER_LATE_MS } from '../feed/silence.ts';

export interface FrameRouterOptions {
  readonly ingest: IngestPort;
  readonly roster: Roster;
  /** Raw, before anything is made of it: the recorder. A view; copy what is kept. */
  readonly onFrame: ((bytes: Uint8Array, connection: number, received: Ms) => void) | undefined;
  readonly onOutcome: ((outcome: Outcome, slot: number, received: Ms) => void) | undefined;
  /** A good frame of a slot to which somebody pays attention. Cold. */
  readonly noticed: (outcome: Outcome, slot: number) => void;
  /** Whatever is no ordinary delta, touch, trade or ticker. Cold. */
  readonly unusual: (outcome: Outcome, slot: number, bytes: Uint8Array, shard: Shard) => void;
}

export class FrameRouter {
  readonly #options: FrameRouterOptions;
  dropped = 0;

  constructor(options: FrameRouterOptions) {
    this.#options = options;
  }

  frame(bytes: Uint8Array, connection: number, received: Ms, shard: Shard): void {
    const { ingest, roster, onFrame, onOutcome } = this.#options;
    if (onFrame !== undefined) onFrame(bytes, connection, received);
    const outcome = ingest.frame(bytes, connection, received);
    const slot = ingest.slot;
    switch (outcome) {
      case 'delta':
        roster.bookAt[slot] = received;
        roster.touchesSinceBook[slot] = 0;
        break;
      case 'touch':
        roster.touchAt[slot] = received;
        roster.touchesSinceBook[slot] = (roster.touchesSinceBook[slot] as number) + 1;
        break;
      case 'trade':
        roster.printAt[slot] = received;
        roster.unheardAt[slot] = 0;
        roster.isDeaf[slot] = 0;
        if (!ingest.ate) break;
        roster.tradeAt[slot] = received;
        if (roster.untoldAt[slot] === 0) roster.untoldAt[slot] = received;
        break;
      case 'ticker':
        roster.tickerAt[slot] = received;
        roster.untoldAt[slot] = 0;
        if (
          ingest.moved &&
          roster.unheardAt[slot] === 0 &&
          received - (roster.printAt[slot] as number) >= TICKER_LATE_MS
        )
          roster.unheardAt[slot] = received;
        break;
      case 'dropped':
        this.dropped++;
        return;
      default:
        if (outcome === 'snapshot') {
          roster.bookAt[slot] = received;
          roster.touchesSinceBook[slot] = 0;
        }
        this.#options.unusual(outcome, slot, bytes, shard);
        if (onOutcome !== undefined) onOutcome(outcome, slot, received);
        return;
    }
    if (roster.attention[slot] !== 0) this.#options.noticed(outcome, slot);
    if (onOutcome !== undefined) onOutcome(outcome, slot, received);
  }
}
