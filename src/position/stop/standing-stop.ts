// Does the stop of our trade stand, by the exchange's word? Where it does not it is set, or what it guarded is to be left; once
// it is to be tightened, until the tighter one is read back or given up.
import type { Ms } from '../../lib/brand.ts';
import { priceText } from '../../market/instrument.ts';
import type { Tick } from '../../market/units.ts';
import type { Answer } from '../../order/gateway.ts';
import type { PositionReport } from '../../order/words.ts';
import type { Actor } from '../actor.ts';
import type { Core } from '../core.ts';
import type { HeldTrade } from '../trade/held-trade.ts';
import { isBreached, isTighter, standingOf } from './protect.ts';
import { StopKeeper, type Guarded } from './stop-keeper.ts';
import type { Trade } from '../trade/trade.ts';
import { freshMark } from '../watch/monitor.ts';

export class StandingStop {
  readonly #actor: Actor;
  readonly #core: Core;
  readonly #held: HeldTrade;
  #keeper: StopKeeper;
  #isBreakevenGivenUp = false;
  #isNakedTold = false;
  /** Since when the price that sets it off has been beyond it, though it stands. */
  #passedAt: Ms | undefined;

  constructor(actor: Actor, core: Core, held: HeldTrade) {
    this.#actor = actor;
    this.#core = core;
    this.#held = held;
    this.#keeper = new StopKeeper(core);
  }

  /** Monotonic: since when the stop has been missing or unconfirmed. */
  get nakedSince(): Ms | undefined {
    return this.#keeper.nakedSince;
  }

  get mayTighten(): boolean {
    return this.#actor.state === 'protected' && !this.#isBreakevenGivenUp;
  }

  /** Nothing is there that needs one. */
  end(): void {
    this.#keeper = new StopKeeper(this.#core);
    this.#isBreakevenGivenUp = false;
    this.#isNakedTold = false;
    this.#passedAt = undefined;
  }

  /** As `end`, as far as is known. */
  protectedNow(): void {
    this.#keeper.protectedNow();
  }

  answered(trade: Trade, requestId: number, answer: Answer): void {
    const mayStand = this.#keeper.answered(requestId, answer, this.#guarded(trade));
    if (!mayStand && trade.aim !== undefined) this.#held.change({ aim: undefined });
  }

  /** A tighter stop is kept, whoever set it. */
  isStanding(trade: Trade, { stop: seen }: PositionReport): boolean {
    const { symbol } = this.#actor;
    const { aim } = this.#guarded(trade);
    const isAmended = aim !== undefined && ['right', 'tighter'].includes(standingOf(seen, aim, trade.side));
    const standing = standingOf(seen, trade.stop, trade.side);
    if (isAmended && seen !== undefined) {
      this.#keeper.amended();
      this.#held.change({ stop: seen, aim: undefined, isBreakeven: true });
      this.#core.tell('info', 'position.breakeven', symbol, { stop: this.#text(seen.tick) });
      if (this.#actor.state === 'amending') this.#actor.step('amended');
    } else if (standing === 'tighter' && seen !== undefined) {
      const [from, to] = [this.#text(trade.stop.tick), this.#text(seen.tick)];
      this.#core.tell('warning', 'position.sl_changed_externally', symbol, { from, to });
      this.#held.change({ stop: seen });
    } else if (
      standing === 'other-trigger' &&
      seen !== undefined &&
      isTighter(seen.tick, trade.stop.tick, trade.side)
    ) {
      // What sets it off is put right, where it waits is kept: after a crash we may have forgotten that it was tightened (I-08).
      this.#held.change({ stop: { ...seen, by: trade.stop.by } });
    }
    if (standing !== 'right' && standing !== 'tighter') return false;
    if (this.#keeper.nakedSince !== undefined || this.#actor.state === 'opening') {
      this.#core.tell('info', 'position.protected', symbol, { stop: this.#text((seen ?? trade.stop).tick) });
    }
    this.#isNakedTold = false;
    this.#keeper.protectedNow();
    return true;
  }

  /** For how many ms the price that sets it off has been beyond it, though it stands; 0 where it is not, or nobody can say. */
  passedMs({ side, stop }: Trade): number {
    const { market } = this.#core.options;
    const { mono: now } = this.#core.now;
    const { slot } = this.#actor.ledger;
    const mark = freshMark(market, slot, now);
    const price = mark === undefined || stop.by === 'mark' ? mark : market.last(slot);
    // A price is rounded: only the next tick is beyond for sure. The index price is told by nobody.
    const isBeyond = price !== undefined && stop.by !== 'index' && isTighter(stop.tick, price, side);
    this.#passedAt = isBeyond ? (this.#passedAt ?? now) : undefined;
    return this.#passedAt === undefined ? 0 : now - this.#passedAt;
  }

  /** What can be done is begun. True where what it guarded is to be left at once. */
  protect(trade: Trade, isUnread: boolean): boolean {
    if (!isUnread && !this.#isNakedTold) {
      this.#isNakedTold = true;
      this.#core.tell('critical', 'position.unprotected', this.#actor.symbol, { stop: this.#text(trade.stop.tick) });
    }
    const { market } = this.#core.options;
    const { slot } = this.#actor.ledger;
    const price = trade.stop.by === 'last' ? market.last(slot) : market.mark(slot)?.tick;
    // The exchange's own stop may be about to trigger: only one that is known to be missing can be too late.
    const isTooLate = !isUnread && isBreached(trade.stop.tick, price, trade.side);
    return this.#keeper.naked(this.#guarded(trade), isUnread, isTooLate) === 'close';
  }

  /** To the tick, or to the nearer one that was asked for before and may stand (I-08). */
  tighten(trade: Trade, tick: Tick): void {
    const aim = trade.aim !== undefined && isTighter(trade.aim, tick, trade.side) ? trade.aim : tick;
    if (!this.#keeper.tighten(this.#guarded({ ...trade, aim }))) return;
    this.#held.change({ aim });
    this.#actor.step('tighten');
  }

  /** While the tighter one is not read back. Given up, it may stand all the same: only a refusal of its price says that it does not. */
  settleAmending(trade: Trade): void {
    if (!this.#keeper.amending(this.#guarded(trade))) return;
    this.#isBreakevenGivenUp = true;
    this.#core.tell('error', 'position.breakeven_failed', this.#actor.symbol, { stop: this.#text(trade.stop.tick) });
    this.#keeper.amended();
    this.#actor.step('amended');
  }

  #guarded({ side, stop, aim, rules }: Trade): Guarded {
    const { symbol, ledger } = this.#actor;
    const { slot, contract } = ledger;
    // What a person has moved nearer than that is kept (I-08).
    const isOvertaken = aim === undefined || isTighter(stop.tick, aim, side);
    const tighter = isOvertaken ? undefined : { ...stop, tick: aim };
    const { instrument } = contract;
    return { symbol, slot, instrument, side, stop, aim: tighter, graceMs: rules.stopLossGraceMs };
  }

  #text(tick: Tick): string {
    return priceText(tick, this.#actor.ledger.contract.instrument);
  }
}
