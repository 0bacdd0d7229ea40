// Who answers for the entry that is under way in one symbol, from its intention until it is filled, or known to have come to nothing?
import type { Ms } from '../../lib/brand.ts';
import { priceText, sizeText } from '../../market/instrument.ts';
import { moneyText } from '../../market/money.ts';
import { EARNS } from '../../market/side.ts';
import type { Answer, LookUp, Reading } from '../../order/gateway.ts';
import { entryOrder, ENTRY_WINDOW_MS } from '../../order/outbound.ts';
import { isOver } from '../../order/state.ts';
import { ABSENT_BLOCK_MS, accepted, doubt } from '../../order/unknown.ts';
import type { Path, PositionReport } from '../../order/words.ts';
import { lastLook } from '../../risk/gates-market.ts';
import type { Actor } from '../actor.ts';
import type { Core } from '../core.ts';
import { tradeBody, type Trade } from '../trade/trade.ts';
import { Inquiry } from './inquiry.ts';
import { orderSideOf } from './intention.ts';
import { reactToRefusal } from './refusal.ts';
import { eventOfAnswer, noteFilled, trackOrder, type Intention, type TrackedOrder } from './tracked-order.ts';

export class Opening {
  /** Monotonic: until then nothing is entered, because the exchange has said that it takes no entries in this symbol. */
  blockedUntil = 0 as Ms;
  /** Monotonic: no entry before. */
  restUntil = 0 as Ms;
  readonly #actor: Actor;
  readonly #core: Core;
  readonly #inquiry: Inquiry;
  /** Of the record that intends the entry. */
  #intentSeq = 0;

  constructor(actor: Actor, core: Core) {
    this.#actor = actor;
    this.#core = core;
    this.#inquiry = new Inquiry(core, actor.symbol);
  }

  // Until it is sent

  /** Takes an approved entry: its intention is written to disk, and nothing is sent before it is there. */
  submit(linkId: string, intention: Intention): void {
    const { symbol, orders, ledger } = this.#actor;
    const { trade, notional } = intention;
    const order = trackOrder(linkId, 'E', EARNS[trade.side], trade.lots, intention, this.#core.now.mono);
    order.baselineSeq = ledger.report?.seq ?? -1;
    orders.adopt(order);
    orders.entry = order;
    const { instrument } = ledger.contract;
    const body = {
      ...({ linkId, symbol, role: 'E', side: orderSideOf(trade) } as const),
      size: sizeText(trade.lots, instrument),
      notional: moneyText(notional),
      recvWindowMs: ENTRY_WINDOW_MS,
      baseline: '0',
      baselineSeq: order.baselineSeq,
      plan: tradeBody(trade, instrument),
    };
    this.#intentSeq = this.#core.record({ kind: 'INTENT', body }, true);
  }

  /** The journal is on disk up to this record: after a last look at the market the entry is sent or dropped. */
  synced(upTo: number): void {
    const actor = this.#actor;
    const { symbol, orders } = actor;
    const order = orders.entry;
    if (order?.state !== 'draft' || upTo < this.#intentSeq || order.intention?.approval === undefined) return;
    const core = this.#core;
    orders.advance(order, 'synced');
    const { entry } = order.intention.approval;
    const refusal = this.#lastRefusal(order.intention);
    if (refusal !== undefined) {
      orders.advance(order, 'expired', refusal.denied);
      const { denied: reason, detail } = refusal;
      core.tell('info', 'entry.aborted', symbol, { linkId: order.linkId, reason, detail });
      return actor.settle();
    }
    const path: Path = core.paths.isUp('trade-socket') ? 'trade-socket' : core.restPath;
    core.ask({ kind: 'create', order: entryOrder(entry, order.linkId) }, path, symbol, order.linkId);
    // Written after sending. A restart finds the intention in either case, and asks the exchange what became of it.
    order.doubt = doubt(core.serverMs, ENTRY_WINDOW_MS, actor.holding.size);
    core.leaves('entry');
    core.guard.stepRates({ kind: 'sent' });
    core.record({ kind: 'SENT', body: { linkId: order.linkId, fenceMs: order.doubt.fenceMs } });
    orders.advance(order, 'handed-over', '', false);
    actor.step('entry-sent');
    const { signalId, lots, capTick, stop } = entry;
    const { instrument } = actor.ledger.contract;
    const [cap, stopPrice] = [priceText(capTick, instrument), priceText(stop.tick, instrument)];
    const sent = { linkId: order.linkId, signalId, path, size: sizeText(lots, instrument), cap, stop: stopPrice };
    core.tell('info', 'entry.sent', symbol, sent);
  }

  #lastRefusal({ approval }: Intention): { readonly denied: string; readonly detail: string } | undefined {
    const { guard, options, now, view } = this.#core;
    const { mode, permissions, isKilled } = guard;
    const { symbol, holding, ledger } = this.#actor;
    const rules = options.rules(symbol)?.entry;
    if (!permissions.entries || isKilled) return { denied: 'G01 mode', detail: `mode is ${mode.mode}` };
    if (this.#core.tokens('entry') < 1) return { denied: 'G28 rate_lane', detail: 'no order left in the entry lane' };
    if (holding.size !== 0) return { denied: 'G18 positions', detail: 'the symbol has a position' };
    if (rules === undefined || approval === undefined) return { denied: 'G31 symbol_enabled', detail: 'not watched' };
    const live = options.market.readBook(ledger.slot, view) ? view : undefined;
    return lastLook(approval.offer, live, rules, now.mono);
  }

  /** Drops an entry that has not been sent yet. */
  abort(): void {
    const { orders } = this.#actor;
    if (orders.entry?.state !== 'draft') return;
    orders.advance(orders.entry, 'expired');
    this.#actor.settle();
  }

  // Until it is known what became of it

  /** What a refusal asks for beyond the end of this order is done at once. */
  answered(order: TrackedOrder, answer: Answer): void {
    const core = this.#core;
    const { symbol, orders } = this.#actor;
    const { linkId, state: before } = order;
    const why =
      answer.outcome === 'refused' ? `${answer.code} ${answer.text}` : 'reason' in answer ? answer.reason : '';
    orders.advance(order, eventOfAnswer(answer), why);
    if (order.state === before) return;
    if (order.state === 'acked' && order.doubt !== undefined) order.doubt = accepted(order.doubt, core.serverMs);
    if (order.state === 'unknown') core.tell('error', 'order.unknown', symbol, { linkId, why });
    if (order.state !== 'rejected' || answer.outcome !== 'refused') return;
    core.tell('warning', 'order.rejected', symbol, { linkId, class: answer.class, why });
    reactToRefusal(core, this.#actor, answer);
  }

  /** Asks the exchange where it owes a word. */
  inquire(order: TrackedOrder): void {
    this.#inquiry.act(order, this.#actor.ledger.isMissingFills(order));
  }

  /** Called after the reports and fills of the reading were taken one by one. */
  lookedUp(linkId: string, reading: Reading<LookUp>): void {
    const isFound = reading.ok && reading.value.orders.length + reading.value.fills.length > 0;
    const look = !reading.ok ? 'failed' : isFound ? 'found' : 'nothing';
    const { entry } = this.#actor.orders;
    if (this.#inquiry.lookedUp(linkId, look, entry)) this.#proveAbsent(entry);
    this.#actor.settle();
  }

  /** `askedServerMs`: the exchange's time when it was requested, as we knew it. */
  positionRead(reading: Reading<PositionReport>, askedServerMs: Ms): void {
    const { orders, ledger } = this.#actor;
    const { entry } = orders;
    // What others have traded meanwhile says nothing about our order.
    const lots = reading.ok ? reading.value.lots - ledger.strangeLots(entry, reading.value.seq) : 'failed';
    if (this.#inquiry.positionRead(lots, askedServerMs, entry)) this.#proveAbsent(entry);
  }

  #proveAbsent(order: TrackedOrder | undefined): void {
    if (order === undefined) return;
    const { symbol, orders } = this.#actor;
    orders.advance(order, 'proven-absent');
    this.restUntil = (this.#core.now.mono + ABSENT_BLOCK_MS) as Ms;
    this.#core.tell('warning', 'order.absent', symbol, { linkId: order.linkId });
  }

  /** Where nothing of it became a position, the symbol is free for another one. */
  conclude({ state, filled }: TrackedOrder): void {
    if (!isOver(state) || filled !== 0) return;
    this.#actor.step('entry-over');
    this.#actor.orders.entry = undefined;
    this.#actor.orders.forgetOld();
  }

  // Found, not sent

  /** A position that an order of ours has made, by its stop's word, and no execution within reach. */
  claim(linkId: string, lots: number): void {
    const { trade, orders } = this.#actor;
    if (trade !== undefined || orders.entry !== undefined) return;
    const known = orders.find(linkId);
    if (known === undefined) orders.entry = this.#filled(linkId, lots);
    else {
      // The entry was believed absent: its plan still holds.
      noteFilled(known, Math.min(Math.abs(lots), known.lots ?? Infinity));
      orders.advance(known, 'filled-all');
      orders.entry ??= known;
    }
    this.#actor.settle();
  }

  /** What the journal remembers. */
  restore(trade: Trade | undefined, entry: TrackedOrder | undefined, restUntil: Ms): void {
    const { orders, holding } = this.#actor;
    this.restUntil = restUntil;
    const isToldOf = entry !== undefined || holding.parts.some(({ origin }) => origin === 'entry');
    // What was claimed has left nothing in the journal but its trade.
    orders.entry = trade === undefined || isToldOf ? entry : this.#filled(trade.id, trade.lots * EARNS[trade.side]);
    if (trade === undefined && entry !== undefined) this.#actor.step('entry-sent');
  }

  /** Of which neither plan nor execution is known. */
  #filled(linkId: string, lots: number): TrackedOrder {
    const order = trackOrder(linkId, 'E', lots > 0 ? 1 : -1, Math.abs(lots), undefined, this.#core.now.mono);
    order.state = 'filled';
    order.filled = Math.abs(lots);
    this.#actor.orders.adopt(order);
    return order;
  }
}
