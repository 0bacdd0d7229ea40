// Who keeps the stop in place, and moves it? One keeper for each position (failure-modes 6, P01–P05).
import type { Ms } from '../../lib/brand.ts';
import { priceText, type Instrument } from '../../market/instrument.ts';
import type { PositionSide } from '../../market/side.ts';
import type { StopPrice } from '../../market/stop-price.ts';
import type { Slot } from '../../market/units.ts';
import type { Answer } from '../../order/gateway.ts';
import type { Core } from '../core.ts';
import { isTighter, nakedAction, STOP_TRIES_MAX, type NakedAction } from './protect.ts';

/** The exchange counts requests by the second: what found no room finds it in the next one. */
const UNSENT_PAUSE_MS = 1_000;

export interface Guarded {
  readonly symbol: string;
  readonly slot: Slot;
  readonly instrument: Instrument;
  readonly side: PositionSide;
  readonly stop: StopPrice;
  /** A tighter one that was asked for and may stand: nothing looser may be set after it (I-08). */
  readonly aim: StopPrice | undefined;
  readonly graceMs: number;
}

export class StopKeeper {
  readonly #core: Core;
  /** Since the first evidence that the stop is missing or unconfirmed. */
  #nakedSince: Ms | undefined;
  #tries = 0;
  #unsentAt: Ms | undefined;
  #requestId: number | undefined;
  #readAt: Ms | undefined;
  #isRefused = false;
  #isTightening = false;

  constructor(core: Core) {
    this.#core = core;
  }

  get nakedSince(): Ms | undefined {
    return this.#nakedSince;
  }

  /** The required stop was read back, or there is no position that needs one. */
  protectedNow(): void {
    this.#nakedSince = undefined;
    if (this.#isTightening) return;
    this.#tries = 0;
    this.#isRefused = false;
  }

  /** It does not stand, or nobody has told: what is to be done, which is begun here unless it is to leave. */
  naked(guarded: Guarded, isUnread: boolean, isBreached: boolean): NakedAction {
    const now = this.#core.now.mono;
    if (this.#nakedSince === undefined) {
      this.#nakedSince = now;
      this.#tries = 0;
      this.#isTightening = false;
      // What was asked for before the stop was seen missing may never be answered; asking for the same once more does no harm.
      this.#requestId = undefined;
    }
    const action = nakedAction({
      now,
      since: this.#nakedSince,
      isUnread,
      isBreached: isBreached || this.#isRefused,
      tries: this.#tries,
      isSetting: this.#isSetting(now),
      isReading: this.#readAt !== undefined && now - this.#readAt < 500,
      graceMs: guarded.graceMs,
    });
    if (action === 'set') this.#set(guarded, 'restore');
    else if (action === 'read') this.#read(guarded.symbol);
    return action;
  }

  /** Begins to set the aim; false where it would loosen (I-08). */
  tighten(guarded: Guarded): boolean {
    const { stop, aim, side } = guarded;
    if (aim === undefined || !isTighter(aim.tick, stop.tick, side)) return false;
    this.#tries = 0;
    this.#isTightening = true;
    this.#set(guarded, 'tighten');
    return true;
  }

  /** While the new stop is not read back: repeats it, and gives up after three tries. True when given up. */
  amending(guarded: Guarded): boolean {
    if (!this.#isTightening) return true;
    const now = this.#core.now.mono;
    if (this.#isSetting(now)) return false;
    if (this.#readAt !== undefined && now - this.#readAt < 500) return false;
    if (this.#tries >= STOP_TRIES_MAX) return true;
    this.#set(guarded, 'tighten');
    return false;
  }

  amended(): void {
    this.#isTightening = false;
    this.#tries = 0;
  }

  /** An answer to a setting of ours: it proves nothing, the stop is read back. False where it says that the aim cannot stand. */
  answered(requestId: number, answer: Answer, { symbol, aim }: Guarded): boolean {
    if (requestId !== this.#requestId) return true;
    this.#requestId = undefined;
    const refusal = answer.outcome === 'refused' ? answer.class : undefined;
    // Through the market already: it would have triggered.
    if (refusal === 'price' && this.#isTightening) this.#tries = STOP_TRIES_MAX;
    if (refusal === 'price' && aim === undefined) this.#isRefused = true;
    // Between the ticks of a grid that has become coarser: no list has told of it yet (P12).
    if (refusal === 'param') this.#core.doubtList();
    if (answer.outcome === 'refused') {
      this.#core.tell('warning', 'stop.refused', symbol, { code: answer.code, text: answer.text });
    }
    if (answer.outcome === 'not-sent') {
      this.#unsentAt = this.#core.now.mono;
      // What has not left was no try to restore it; as long as the grace lasts it may still.
      if (!this.#isTightening) this.#tries--;
    } else this.#read(symbol);
    return refusal !== 'price' && (refusal !== 'param' || this.#isTightening);
  }

  #isSetting(now: Ms): boolean {
    return this.#requestId !== undefined || (this.#unsentAt !== undefined && now - this.#unsentAt < UNSENT_PAUSE_MS);
  }

  #set({ symbol, slot, instrument, stop: required, aim }: Guarded, why: string): void {
    const stop = aim ?? required;
    this.#tries++;
    this.#core.leaves('reduce');
    const price = priceText(stop.tick, instrument);
    this.#core.tell('info', 'stop.set', symbol, { stop: price, by: stop.by, why, attempt: this.#tries });
    this.#requestId = this.#core.ask({ kind: 'set-stop', slot, symbol, stop }, this.#core.restPath, symbol);
  }

  #read(symbol: string): void {
    this.#readAt = this.#core.now.mono;
    this.#core.ask({ kind: 'read-position', symbol }, this.#core.restPath, symbol);
  }
}
