// Whose silence is counted? That of the books of our positions, of the private stream and of REST, less our own pauses.
import type { Ms } from '../../lib/brand.ts';
import type { Slot } from '../../market/units.ts';
import type { GatewayEvent } from '../../order/gateway.ts';
import type { Core } from '../core.ts';
import {
  BOOK_PAUSE_MS,
  heard,
  judgedFrom,
  lossOf,
  PRIVATE_PAUSE_MS,
  REST_PAUSE_MS,
  silenceFrom,
  silentMs,
  stalled,
  type Loss,
  type Silence,
} from './loss.ts';

/** After this much silence time is checked often, so that the deadline is not missed by up to a second. */
const NEAR_MS = 2_000;

export interface HeldBook {
  readonly symbol: string;
  readonly slot: Slot;
}

export class LossWatch {
  readonly #core: Core;
  readonly #books = new Map<string, Silence>();
  #private = silenceFrom(0 as Ms, PRIVATE_PAUSE_MS);
  #rest = silenceFrom(0 as Ms, REST_PAUSE_MS);
  #judgedFrom = 0 as Ms;

  constructor(core: Core) {
    this.#core = core;
    this.begin();
  }

  /** Nobody owed us a word before. */
  begin(): void {
    const { mono } = this.#core.now;
    this.#private = silenceFrom(mono, PRIVATE_PAUSE_MS);
    this.#rest = silenceFrom(mono, REST_PAUSE_MS);
  }

  hear(event: GatewayEvent): void {
    const now = this.#core.now.mono;
    switch (event.kind) {
      case 'private-alive':
      case 'order':
      case 'fill':
      case 'position':
      case 'wallet':
        this.#private = heard(this.#private, now);
        return;
      case 'looked-up':
      case 'position-read':
      case 'account-read':
        if (event.reading.ok) this.#rest = heard(this.#rest, now);
        return;
      case 'positions-seen':
        this.#rest = heard(this.#rest, now);
        return;
      case 'answer': {
        const { outcome } = event.answer;
        const isWord = outcome === 'accepted' || outcome === 'refused';
        if (isWord && event.path !== 'trade-socket') this.#rest = heard(this.#rest, now);
        return;
      }
      case 'link':
      case 'clock':
    }
  }

  stalled(lastedMs: number): void {
    this.#judgedFrom = judgedFrom(this.#core.now.mono, lastedMs);
    this.#private = stalled(this.#private, lastedMs);
    this.#rest = stalled(this.#rest, lastedMs);
    for (const [symbol, silence] of this.#books) this.#books.set(symbol, stalled(silence, lastedMs));
  }

  /** Asked with the symbols that hold something of ours. */
  judge(held: readonly HeldBook[]): Loss {
    const { now, options } = this.#core;
    const symbols = new Set(held.map(({ symbol }) => symbol));
    for (const symbol of this.#books.keys()) if (!symbols.has(symbol)) this.#books.delete(symbol);
    for (const { symbol, slot } of held) this.#listen(symbol, slot);
    const books = held.map(({ symbol }) => ({ symbol, silence: this.#books.get(symbol) as Silence }));
    return lossOf({
      now: now.mono,
      judgedFrom: this.#judgedFrom,
      timeoutMs: options.settings().connectionLossTimeoutMs,
      privateStream: this.#private,
      rest: this.#rest,
      books,
      isPublicAlive: this.#isPublicAlive(),
    });
  }

  #listen(symbol: string, slot: Slot): void {
    const now = this.#core.now.mono;
    const at = slot < 0 ? (0 as Ms) : this.#core.options.market.heardAt(slot);
    const known = this.#books.get(symbol);
    // A book that was silent before anything was held is silent since then; one never heard, since now.
    if (known === undefined) this.#books.set(symbol, silenceFrom(at > 0 ? at : now, BOOK_PAUSE_MS));
    else this.#books.set(symbol, heard(known, at));
  }

  #isPublicAlive(): boolean {
    const { now, options, slots } = this.#core;
    for (const slot of slots.values()) if (now.mono - options.market.heardAt(slot) <= BOOK_PAUSE_MS) return true;
    return false;
  }

  /** Is a deadline so near that time has to be looked at often? */
  get isNear(): boolean {
    const { now, options } = this.#core;
    const limit = options.settings().connectionLossTimeoutMs - NEAR_MS;
    const sources = [this.#private, this.#rest, ...this.#books.values()];
    return sources.some((silence) => silentMs(silence, now.mono) >= limit);
  }
}
