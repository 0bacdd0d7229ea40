// Does an order go there, with its stop, and come home? Tried with the smallest size, on money that is none.
import type { PublicRest } from '../../bybit/rest/rest.ts';
import type { Ms } from '../../lib/brand.ts';
import { pause, systemClock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/error-message.ts';
import { priceText, sizeText } from '../../market/instrument.ts';
import { ASK, TAKES, type OrderSide } from '../../market/side.ts';
import type { Lot, Slot, Tick } from '../../market/units.ts';
import type { AccountReading, Answer } from '../../order/gateway.ts';
import { ENTRY_WINDOW_MS, REDUCE_WINDOW_MS, reducingOrder } from '../../order/outbound.ts';
import type { OutboundOrder, Path, StopPrice } from '../../order/words.ts';
import { lotsWithin } from '../../risk/sizing.ts';
import { fail, ok, skipped, type Check } from './check.ts';
import type { GatewayLine } from './line.ts';
import type { Tradable } from './market.ts';

const NAME = 'order path';
const SLOT = 0 as Slot;
/** Nobody sells that cheaply: such an order cannot be filled. */
const FAR_PERCENT = 5;
const STOP_PERCENT = 2;
const CAP_PERCENT = 0.5;
/** The exchange's minimum with room for the price to move. */
const NOTIONAL_PERCENT = 110n;
/** The cheapest first: so many are looked at for one that has a book. */
const BOOKS_MAX = 5;
const LOOK = 200 as Ms;
const EVENT_MS = 5_000 as Ms;
/** An entry whose fate is open may still be accepted so long. */
const LATE_MS = ENTRY_WINDOW_MS + 1_000;
const LOOKS_MAX = 60;
const LOOKS_A_CLOSE = 3;

/** The book of the symbol that is tried, as the gateway asks for it. */
export class Touch {
  #best: readonly [bid: Tick, ask: Tick] | undefined;

  set(bid: Tick, ask: Tick): void {
    this.#best = [bid, ask];
  }

  of(side: OrderSide): Tick | undefined {
    return this.#best?.[TAKES[side] === ASK ? 1 : 0];
  }
}

export interface OrderRoom {
  readonly line: GatewayLine;
  readonly rest: PublicRest;
  readonly touch: Touch;
  readonly tradable: readonly Tradable[];
  readonly account: AccountReading;
  readonly hasTradeSocket: boolean;
}

/** Both kinds of entry over every path there is; whatever happens, nothing is left behind, or it is said what is. */
export async function orderChecks(room: OrderRoom): Promise<Check[]> {
  const { account, tradable, rest } = room;
  const used = new Set([
    ...account.positions.filter(({ lots }) => lots !== 0).map(({ symbol }) => symbol),
    ...account.openOrders.map(({ symbol }) => symbol),
  ]);
  const free = tradable.filter(({ symbol }) => !used.has(symbol)).slice(0, BOOKS_MAX);
  if (free.length === 0) return [skipped(NAME, 'no contract is free: each has a position or an order')];
  const unread: string[] = [];
  for (const one of free) {
    const touch = await touchOf(rest, one);
    if (typeof touch !== 'string') return tried(room, one, ...touch);
    unread.push(`${one.symbol}: ${touch}`);
  }
  return [fail(NAME, `no book of ${free.length} can be read (${unread.join('; ')})`, 'try again')];
}

/** Or why it has none. */
async function touchOf(rest: PublicRest, { contract }: Tradable): Promise<readonly [bid: Tick, ask: Tick] | string> {
  const book = await rest.book(contract.instrument, 50).catch((error: unknown) => messageOf(error));
  if (typeof book === 'string') return book;
  const [bid, ask] = book.sides.map(({ ticks }) => ticks[0] as Tick | undefined);
  return bid === undefined || ask === undefined ? 'it has no two sides' : [bid, ask];
}

async function tried(room: OrderRoom, chosen: Tradable, bid: Tick, ask: Tick): Promise<Check[]> {
  room.touch.set(bid, ask);
  const trial = new Trial(room, chosen, bid, ask);
  const paths: readonly Path[] = room.hasTradeSocket ? ['trade-socket', 'rest-1'] : ['rest-1'];
  const checks: Check[] = [];
  try {
    for (const path of paths) checks.push(await trial.farLimit(path));
    checks.push(...(await trial.market(paths[0] as Path)));
  } finally {
    checks.push(await trial.clear());
  }
  return checks;
}

class Trial {
  readonly #room: OrderRoom;
  readonly #symbol: string;
  readonly #of: Tradable;
  readonly #bid: Tick;
  readonly #ask: Tick;
  readonly #prefix = `doctor-${systemClock.wall().toString(36)}`;
  #count = 0;
  /** Monotonic: before it, that nothing is there proves nothing. */
  #openUntil = 0;

  constructor(room: OrderRoom, of: Tradable, bid: Tick, ask: Tick) {
    this.#room = room;
    this.#of = of;
    this.#symbol = of.symbol;
    this.#bid = bid;
    this.#ask = ask;
  }

  /** Immediate or cancel, at a price that nobody takes: accepted, and gone by itself with nothing filled. */
  async farLimit(path: Path): Promise<Check> {
    const cap = below(this.#bid, FAR_PERCENT);
    const order = this.#entry('limit', cap, below(cap, STOP_PERCENT));
    const what = `IOC limit over ${path}: ${this.#words(order)}`;
    const begun = systemClock.monotonic();
    const answer = await this.#enter(path, order);
    if (answer.outcome !== 'accepted')
      return fail(NAME, `${what} was not taken (${why(answer)})`, 'see the code at the exchange');
    const took = Math.round(systemClock.monotonic() - begun);
    const end = await this.#end(order.linkId);
    if (end === undefined)
      return fail(NAME, `${what} was accepted, but how it ended was not reported`, 'look at the private stream');
    if (end.status !== 'cancelled' || end.filledLots > 0)
      return fail(NAME, `${what} should have been cancelled and is ${end.status}`, 'do not trade here');
    return ok(NAME, `${what} was taken in ${took} ms and has cancelled itself`);
  }

  async market(path: Path): Promise<Check[]> {
    const cap = above(this.#ask, CAP_PERCENT);
    const stop = below(this.#bid, STOP_PERCENT);
    const order = this.#entry('market', cap, stop);
    const what = `market order over ${path}: ${this.#words(order)}`;
    const answer = await this.#enter(path, order);
    if (answer.outcome !== 'accepted')
      return [fail(NAME, `${what} was not taken (${why(answer)})`, 'see the code at the exchange')];
    const end = await this.#end(order.linkId);
    if (end === undefined || end.filledLots === 0) {
      const state = end === undefined ? 'how it ended was not reported' : `it is ${end.status} with nothing filled`;
      return [fail(NAME, `${what} was taken, but ${state}`, 'look at the private stream and at the book')];
    }
    const checks = [ok(NAME, `${what} was filled`), await this.#stopCheck(order.stop)];
    checks.push(await this.#close());
    return checks;
  }

  async #enter(path: Path, order: OutboundOrder): Promise<Answer> {
    const answer = await this.#room.line.order(path, order);
    if (answer.outcome === 'unknown') this.#openUntil = systemClock.monotonic() + LATE_MS;
    return answer;
  }

  /** The stop that came with the entry, read back with the orders: a position’s row alone does not tell what sets it off. */
  async #stopCheck({ tick, by }: StopPrice): Promise<Check> {
    const { instrument } = this.#of.contract;
    const wanted = `the stop at ${priceText(tick, instrument)} by ${by}`;
    const reading = await this.#room.line.account();
    if (!reading.ok) return fail(NAME, `${wanted} cannot be read back (${reading.reason})`, 'do not trade here');
    const stop = reading.value.positions.find(({ symbol }) => symbol === this.#symbol)?.stop;
    if (stop?.tick === tick && stop.by === by)
      return ok(NAME, `${wanted} stood with the position, attached to its entry`);
    const found =
      stop === undefined ? 'there is none' : `it stands at ${priceText(stop.tick, instrument)} by ${stop.by}`;
    return fail(NAME, `${wanted} was attached, and ${found}`, 'do not trade here');
  }

  async #close(): Promise<Check> {
    const order = this.#closing();
    const answer = await this.#room.line.order('rest-1', order);
    const what = `closing ${this.#symbol} by a reduce-only market order`;
    if (answer.outcome !== 'accepted')
      return fail(NAME, `${what} was not taken (${why(answer)})`, 'see the code at the exchange');
    return ok(NAME, `${what} was taken`);
  }

  /** Closes until the exchange itself says that nothing of it is left. */
  async clear(): Promise<Check> {
    const { line, hasTradeSocket } = this.#room;
    const paths = hasTradeSocket ? (['trade-socket', 'rest-1'] as const) : (['rest-1', 'rest-1'] as const);
    let left = 'it could not be read';
    for (let look = 1; look <= LOOKS_MAX; look++) {
      const reading = await line.account();
      if (reading.ok) {
        const lots = reading.value.positions.find(({ symbol }) => symbol === this.#symbol)?.lots ?? 0;
        const orders = reading.value.openOrders.filter(({ symbol }) => symbol === this.#symbol);
        const isSettled = systemClock.monotonic() >= this.#openUntil;
        if (lots === 0 && orders.length === 0 && isSettled) return ok(NAME, `nothing is left of it in ${this.#symbol}`);
        left = `${lots} lots and ${orders.length} orders stand`;
        // The last close may only need time; stops go with their position.
        if (lots !== 0 && look % LOOKS_A_CLOSE === 0)
          await line.order(look % 2 === 0 ? paths[0] : paths[1], this.#closing());
      }
      await pause(systemClock, LOOK);
    }
    return fail(NAME, `something may be left in ${this.#symbol} (${left})`, 'look there, and close it by hand');
  }

  #entry(type: 'limit' | 'market', capTick: Tick, stopTick: Tick): OutboundOrder & { readonly role: 'E' } {
    const { instrument, lotsMin, notionalMin } = this.#of.contract;
    const cheaper = Math.min(capTick, this.#bid) as Tick;
    const least = lotsWithin((notionalMin * NOTIONAL_PERCENT) / 100n, cheaper, instrument) + 1;
    const order = {
      role: 'E',
      linkId: this.#linkId(),
      slot: SLOT,
      symbol: this.#symbol,
      side: 'buy',
      lots: Math.max(lotsMin, least) as Lot,
      type,
      capTick,
      stop: { tick: stopTick, by: 'mark' },
      recvWindowMs: ENTRY_WINDOW_MS,
    };
    // The one order without an approval of risk: a person has asked for it, there is no signal behind it, and it is sent
    // where no money can be lost.
    return order as unknown as OutboundOrder & { readonly role: 'E' };
  }

  #closing(): OutboundOrder {
    const order = {
      role: 'C',
      linkId: this.#linkId(),
      slot: SLOT,
      symbol: this.#symbol,
      lots: 'all',
      capTick: undefined,
    } as const;
    return { ...reducingOrder('long', order), recvWindowMs: REDUCE_WINDOW_MS };
  }

  /** No engine takes it for an order of its own. */
  #linkId(): string {
    return `${this.#prefix}-${++this.#count}`;
  }

  #words({ lots, capTick }: OutboundOrder & { readonly role: 'E' }): string {
    const { instrument } = this.#of.contract;
    return `buy ${sizeText(lots, instrument)} ${this.#symbol} up to ${priceText(capTick, instrument)}`;
  }

  async #end(linkId: string) {
    const isOver = new Set(['filled', 'cancelled', 'rejected']);
    const told = await this.#room.line.hears(
      'order',
      ({ report }) => report.linkId === linkId && isOver.has(report.status),
      EVENT_MS,
    );
    return told?.report;
  }
}

const below = (tick: Tick, percent: number): Tick => Math.max(1, Math.floor(tick * (1 - percent / 100))) as Tick;
const above = (tick: Tick, percent: number): Tick => Math.ceil(tick * (1 + percent / 100) + 1) as Tick;

function why(answer: Answer): string {
  if (answer.outcome === 'refused') return `${answer.code} ${answer.text}`;
  return 'reason' in answer ? answer.reason : '';
}
