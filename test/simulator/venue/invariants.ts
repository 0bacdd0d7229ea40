// What must always be true, whatever clients, people and the exchange do? Random trading, looked at after every event.
import { createRng, type Rng } from '../../../src/lib/rng.ts';
import type { Params } from '../../../src/simulator/venue/venue.ts';
import type { Order, Position, VenueEvent } from '../../../src/simulator/venue/model.ts';
import { ALICE, BOB, CAROL, TradingRoom } from './trading-room.ts';

const UIDS = [ALICE, BOB, CAROL] as const;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] as const;
const EIGHT_HOURS_MS = 8 * 3_600_000;
/** Two seconds before funding is due. */
const START_MS = Math.ceil(1_786_310_820_000 / EIGHT_HOURS_MS) * EIGHT_HOURS_MS - 2_000;

export interface InvariantsResult {
  readonly seed: number;
  /** Events that were looked at. */
  readonly events: number;
  readonly fills: number;
  readonly liquidations: number;
  readonly broken: readonly string[];
}

class Watch {
  readonly room: TradingRoom;
  readonly broken: string[] = [];
  events = 0;
  fills = 0;
  liquidations = 0;
  readonly #filled = new Map<string, number>();
  readonly #orderFills = new Map<string, number>();

  constructor(room: TradingRoom) {
    this.room = room;
    room.venue.onEvent((event) => this.see(event));
  }

  see(event: VenueEvent): void {
    this.events++;
    if (event.kind === 'execution') this.#execution(event.execution);
    if (event.kind === 'order') this.#order(event.order);
    if (event.kind === 'position') this.#position(event.position);
    if (event.kind === 'wallet' && event.wallet.balance < 0n) this.#broken(`balance ${event.wallet.balance}`);
    this.#conserved();
    this.#uncrossed();
  }

  /** Between two steps, when nothing is under way. */
  quiet(): void {
    this.#conserved();
    this.#uncrossed();
    for (const uid of UIDS) {
      const open = this.room.venue.openOrders(uid, {});
      for (const symbol of SYMBOLS) this.#stops(this.room.position(uid, symbol), open);
      for (const order of open) this.#rests(order);
      const { free, balance } = this.room.wallet(uid);
      if (balance < 0n) this.#broken(`balance ${balance} of ${uid}`);
      if (free < 0n) this.#broken(`free ${free} of ${uid}`);
    }
  }

  #broken(what: string): void {
    if (this.broken.length < 20) this.broken.push(`event ${this.events}: ${what}`);
  }

  #execution(execution: Extract<VenueEvent, { kind: 'execution' }>['execution']): void {
    if (execution.type === 'Funding') return;
    this.fills++;
    if (execution.type === 'BustTrade') this.liquidations++;
    const key = `${execution.uid} ${execution.instrument.symbol}`;
    const signed = execution.side === 'Buy' ? execution.lots : -execution.lots;
    this.#filled.set(key, (this.#filled.get(key) ?? 0) + signed);
    const { order } = execution;
    if (order === undefined) return;
    this.#orderFills.set(order.id, (this.#orderFills.get(order.id) ?? 0) + execution.lots);
  }

  #order(order: Order): void {
    const filled = this.#orderFills.get(order.id) ?? 0;
    if (order.filledLots !== filled) this.#broken(`order ${order.id} says ${order.filledLots} filled of ${filled}`);
    if (order.filledLots > order.lots) this.#broken(`order ${order.id} is overfilled`);
  }

  #position(position: Position): void {
    const { uid, instrument, lots, entryValue, initialMargin, maintenanceMargin } = position;
    const filled = this.#filled.get(`${uid} ${instrument.symbol}`) ?? 0;
    if (lots !== filled) this.#broken(`position ${lots}, fills ${filled}`);
    if (entryValue < 0n || initialMargin < 0n || maintenanceMargin < 0n) this.#broken('a margin below nothing');
    if ((lots === 0) !== (entryValue === 0n)) this.#broken(`flat and worth ${entryValue}`);
    if (initialMargin + position.extraMargin < 0n) this.#broken('a position owes more than its margin');
  }

  /** Of every unit one account gains, another has lost it. */
  #conserved(): void {
    const { venue } = this.room;
    const { market, insurance, fees, deposits } = venue.house;
    let sum = market.cash + insurance.cash + fees;
    const lots = new Map<string, number>();
    for (const { uid } of venue.accounts) {
      sum += venue.wallet(uid).balance;
      for (const position of venue.positions(uid, {})) {
        sum += position.lots > 0 ? -position.entryValue : position.entryValue;
        const { symbol } = position.instrument;
        lots.set(symbol, (lots.get(symbol) ?? 0) + position.lots);
      }
    }
    if (sum !== deposits) this.#broken(`${sum} units instead of ${deposits}`);
    for (const symbol of SYMBOLS) {
      const all = (lots.get(symbol) ?? 0) + (market.lots.get(symbol) ?? 0) + (insurance.lots.get(symbol) ?? 0);
      if (all !== 0) this.#broken(`${symbol}: positions sum up to ${all}`);
    }
  }

  #uncrossed(): void {
    for (const symbol of SYMBOLS) {
      const [bid, ask] = this.room.contract(symbol).matching.book.best;
      if (bid >= ask) this.#broken(`${symbol} is crossed: ${bid} ${ask}`);
    }
  }

  /** The stop of a position is an order that waits, of its side and size; without a position there is none. */
  #stops(position: Position, open: readonly Order[]): void {
    const { symbol } = position.instrument;
    const protects = open.filter(({ stopOrderType }) => stopOrderType !== '' && stopOrderType !== 'Stop');
    const full = protects.filter(
      (order) => order.instrument.symbol === symbol && order.status === 'Untriggered' && order.tpslMode === 'Full',
    );
    const stop = full.find((order) => order.stopOrderType === 'StopLoss');
    if (position.stopLoss?.tick !== stop?.trigger?.tick)
      this.#broken(`stop ${position.stopLoss?.tick}, order ${stop?.trigger?.tick}`);
    for (const order of full) {
      if (order.lots !== Math.abs(position.lots)) this.#broken(`a stop of ${order.lots} for ${position.lots}`);
      if ((order.side === 'Sell') !== position.lots > 0) this.#broken('a stop on the wrong side');
    }
    const partial = protects.some(
      (order) => order.instrument.symbol === symbol && order.tpslMode === 'Partial' && order.reduceOnly,
    );
    if (position.lots === 0 && (full.length > 0 || partial)) this.#broken('stops without a position');
    if (position.status !== 'Normal') this.#broken(`still ${position.status}`);
  }

  #rests(order: Order): void {
    if (order.status !== 'New' && order.status !== 'PartiallyFilled') return;
    const { book } = this.room.contract(order.instrument.symbol).matching;
    if (book.clients(order.tick) < order.lots - order.filledLots) this.#broken(`order ${order.id} is not in the book`);
  }
}

class Trader {
  readonly #room: TradingRoom;
  readonly #rng: Rng;

  constructor(room: TradingRoom, rng: Rng) {
    this.#room = room;
    this.#rng = rng;
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#rng.below(list.length)] as T;
  }

  act(): void {
    const { venue } = this.#room;
    const uid = this.#pick(UIDS);
    const symbol = this.#pick(SYMBOLS);
    const dice = this.#rng.below(100);
    if (dice < 60) return void venue.create(uid, this.#newOrder(uid, symbol));
    if (dice < 68) return this.#amend(uid);
    if (dice < 74) return this.#cancel(uid);
    if (dice < 80) return void venue.tradingStop(uid, this.#tradingStop(uid, symbol));
    if (dice < 85) {
      const leverage = String(1 + this.#rng.below(100));
      return void venue.setLeverage(uid, { category: 'linear', symbol, buyLeverage: leverage, sellLeverage: leverage });
    }
    if (dice < 88) {
      const margin = String(this.#rng.below(40) - 15);
      return void venue.addMargin(uid, { category: 'linear', symbol, margin, positionIdx: 0 });
    }
    this.#fate(uid, symbol, dice);
  }

  #fate(uid: number, symbol: string, dice: number): void {
    const { venue } = this.#room;
    const wide = Math.ceil(this.#last(symbol) * 0.06);
    if (dice < 90) venue.divergeMark(symbol, this.#rng.below(2 * wide) - wide, 20 + this.#rng.below(400));
    else if (dice < 91) venue.humanClose(uid, symbol);
    else if (dice < 92) venue.stripStop(uid, symbol);
    else if (dice < 93) venue.rejectStops(uid, 1);
    else if (dice < 94) venue.rejectAfterAck(uid, 1);
    else if (dice < 95) venue.fillPartly(uid, this.#rng.next(), 2);
    else if (dice < 96) venue.autoDeleverage(uid, symbol, this.#rng.next());
    else if (dice < 97) venue.setFundingRate(symbol, this.#pick(['0.005', '-0.005', '0.0001', '-0.00003']));
    else if (dice < 98) venue.cancelAll(uid, { category: 'linear', symbol, orderFilter: this.#pick(['Order', '']) });
    else if (dice < 99)
      venue.setAutoAddMargin(uid, { category: 'linear', symbol, autoAddMargin: this.#rng.below(2), positionIdx: 0 });
    else venue.setStatus(symbol, this.#pick(['reduce-only', 'trading', 'trading']));
  }

  #last(symbol: string): number {
    return this.#room.contract(symbol).matching.lastTick;
  }

  #near(symbol: string, spread: number): string {
    const last = this.#last(symbol);
    const reach = Math.max(3, Math.ceil(last * spread));
    return this.#room.price(Math.max(1, last + this.#rng.below(2 * reach + 1) - reach), symbol);
  }

  #newOrder(uid: number, symbol: string): Params {
    const side = this.#pick(['Buy', 'Sell'] as const);
    const last = this.#last(symbol);
    const { notionalUnit } = this.#room.contract(symbol).instrument;
    const value = 6 * 10 ** (this.#rng.next() * (uid === CAROL ? 6.5 : 4));
    const lots = Math.max(1, Math.ceil(value / (last * notionalUnit)));
    const market = this.#rng.below(2) === 0;
    const params: Record<string, unknown> = {
      category: 'linear',
      symbol,
      side,
      positionIdx: 0,
      orderType: market ? 'Market' : 'Limit',
      qty: this.#room.size(lots, symbol),
      reduceOnly: this.#rng.below(5) === 0,
      smpType: this.#pick(['None', 'None', 'CancelMaker', 'CancelTaker', 'CancelBoth']),
    };
    if (!market) {
      params['price'] = this.#near(symbol, this.#rng.below(20) === 0 ? 0.2 : 0.0008);
      params['timeInForce'] = this.#pick(['GTC', 'GTC', 'GTC', 'IOC', 'FOK', 'PostOnly']);
    }
    if (this.#rng.below(8) === 0) {
      params['triggerPrice'] = this.#near(symbol, 0.0005);
      params['triggerDirection'] = 1 + this.#rng.below(2);
      params['triggerBy'] = this.#pick(['LastPrice', 'MarkPrice', 'IndexPrice']);
    }
    if (this.#rng.below(2) === 0) {
      const away = Math.ceil(last * 0.002 * this.#rng.next()) + 2;
      params['stopLoss'] = this.#room.price(side === 'Buy' ? last - away : last + away, symbol);
      params['tpslMode'] = this.#pick(['Full', 'Full', 'Partial']);
      params['slTriggerBy'] = this.#pick(['LastPrice', 'MarkPrice']);
      if (this.#rng.below(2) === 0)
        params['takeProfit'] = this.#room.price(side === 'Buy' ? last + away : last - away, symbol);
    }
    return params;
  }

  #amend(uid: number): void {
    const { venue } = this.#room;
    const open = venue.openOrders(uid, {});
    if (open.length === 0) return;
    const order = this.#pick(open);
    const { symbol } = order.instrument;
    const change = this.#pick([
      { qty: this.#room.size(Math.max(1, Math.ceil(order.lots * 2 * this.#rng.next())), symbol) },
      { price: this.#near(symbol, 0.0008) },
      { triggerPrice: this.#near(symbol, 0.0008) },
    ]);
    venue.amend(uid, { category: 'linear', symbol, orderId: order.id, ...change });
  }

  #cancel(uid: number): void {
    const { venue } = this.#room;
    const open = venue.openOrders(uid, {});
    if (open.length === 0) return;
    const { id, instrument } = this.#pick(open);
    venue.cancel(uid, { category: 'linear', symbol: instrument.symbol, orderId: id });
  }

  #tradingStop(uid: number, symbol: string): Params {
    const { lots } = this.#room.position(uid, symbol);
    const size = this.#room.size(Math.max(1, Math.floor(Math.abs(lots) / 2)), symbol);
    return this.#pick<Params>(
      [
        { stopLoss: this.#near(symbol, 0.001), tpslMode: 'Full' },
        { stopLoss: '0', tpslMode: 'Full' },
        { takeProfit: this.#near(symbol, 0.001), tpslMode: 'Full', tpTriggerBy: 'MarkPrice' },
        { trailingStop: this.#room.price(2 + this.#rng.below(20), symbol), tpslMode: 'Full' },
        { stopLoss: this.#near(symbol, 0.001), slSize: size, tpslMode: 'Partial' },
      ].map((params) => ({ category: 'linear', symbol, positionIdx: 0, ...params })),
    );
  }
}

/** `acts` random acts on a living market; what of all that must be true was not. */
export function runInvariants(seed: number, acts: number): InvariantsResult {
  const room = new TradingRoom({ seed, startMs: START_MS, still: false });
  const rng = createRng(seed).fork('trader');
  const watch = new Watch(room);
  const trader = new Trader(room, rng);
  for (let i = 0; i < acts; i++) {
    trader.act();
    if (rng.below(2) === 0) room.pass(1 + rng.below(25));
    watch.quiet();
  }
  room.venue.setStatus('SOLUSDT', 'closed');
  room.pass(50);
  watch.quiet();
  if (room.position(ALICE, 'SOLUSDT').lots !== 0) watch.broken.push('a settled position is open');
  return { seed, events: watch.events, fills: watch.fills, liquidations: watch.liquidations, broken: watch.broken };
}
