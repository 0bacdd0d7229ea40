// How is the trading side of the exchange put together? Requests go to their readers, accepted orders to the engine.
import type { Rng } from '../../lib/rng.ts';
import type { Instrument } from '../../market/instrument.ts';
import { isBarred, isLive, requestOf } from './access.ts';
import { amendAccepted, readAmendment } from './amend.ts';
import { cancelAccepted, cancelByExchange, namedOrder, namedOrders } from './cancel.ts';
import { type AccountTerms, type Client, createClient, DEFAULT_ACCOUNTS, livePosition, ordersOf } from './client.ts';
import { Engine } from './engine.ts';
import { textOf } from './fields.ts';
import { Floor, type Pit, type Pits } from './floor.ts';
import { Funding } from './funding.ts';
import { canRegrid, enterGrid, leaveGrid } from './grid-change.ts';
import { against, sideOf } from './live-position.ts';
import type { House } from './house.ts';
import { checkLiquidations, deleverage, settleContract } from './liquidation.ts';
import { isOpen, isProtective, type LiveOrder } from './live-order.ts';
import { rateFromText } from './money.ts';
import { Reads } from './reads.ts';
import { readOrder } from './request.ts';
import {
  addMargin,
  setAutoAddMargin,
  setLeverage,
  setLimitPriceAction,
  setMarginMode,
  switchMode,
} from './settings.ts';
import { execute, fillMaker, marketOrder } from './taker.ts';
import { setTradingStop } from './trading-stop.ts';
import { walletOf } from './standing.ts';
import { fireTriggers, startWaiting } from './triggers.ts';
import { DEFAULT_VARIANTS, type Variants } from './variants.ts';
import type { Placed, Venue } from './venue.ts';
import { type ApiKey, isRefusal, type OrderSide, type Refusal, refusal } from './words.ts';

export interface VenueOptions {
  readonly pits: Pits;
  readonly rng: Rng;
  readonly accounts?: readonly AccountTerms[] | undefined;
  readonly variants?: Partial<Variants> | undefined;
}

/** The port, and what only the market itself and tests may touch. */
export interface InnerVenue extends Venue {
  /** The exchange's own accounts. */
  readonly house: House;
  /** A contract has opened, or has been replaced by one on another grid. */
  attach(pit: Pit): void;
  canRegrid(from: Instrument, to: Instrument): boolean;
  leaveGrid(from: Instrument): void;
  enterGrid(from: Instrument, to: Instrument): void;
}

const placed = ({ id, linkId }: LiveOrder): Placed => ({ orderId: id, orderLinkId: linkId });

export function createVenue({ pits, rng, accounts = DEFAULT_ACCOUNTS, variants }: VenueOptions): InnerVenue {
  const floor = new Floor(pits, { ...DEFAULT_VARIANTS, ...variants }, rng.fork('ids'));
  const engine = new Engine(rng.fork('latency'));
  const funding = new Funding(floor);
  const reads = new Reads(floor);
  const keys: ApiKey[] = [];
  for (const terms of accounts) {
    const client = createClient(terms);
    floor.clients.set(terms.uid, client);
    client.history.wallet.push(floor.nowMs, walletOf(floor, client));
    floor.house.deposits += terms.balance;
    for (const key of terms.keys) keys.push({ ...key, uid: terms.uid });
  }

  const accept = (client: Client, order: LiveOrder): void => {
    client.known.set(order.id, order);
    if (order.linkId !== '') client.links.set(order.linkId, order);
    const { symbol } = order.instrument;
    engine.accept(client, symbol, floor.nowMs, () => {
      if (!isOpen(order)) return;
      const moved = order.instrument !== floor.pit(symbol).instrument || !isLive(floor, symbol);
      if (moved || isBarred(floor, client, order)) return cancelByExchange(floor, client, [order], 'CancelByAdmin');
      if (order.trigger === undefined) execute(floor, client, order);
      else startWaiting(floor, client, order);
    });
  };

  const later = (client: Client, order: LiveOrder, run: () => void): Placed => {
    const { instrument } = order;
    // On another grid an amendment that was on its way means nothing any more.
    engine.accept(client, instrument.symbol, floor.nowMs, () => {
      if (order.instrument === instrument) run();
    });
    return placed(order);
  };

  const human = (uid: number, symbol: string, side: OrderSide, lots: number, closes: boolean): void => {
    const client = floor.client(uid);
    const { instrument } = floor.pit(symbol);
    const createType = closes ? 'CreateByClosing' : 'CreateByUser';
    accept(client, marketOrder(floor, client, instrument, { side, lots, createType, reduceOnly: closes }));
  };

  return {
    house: floor.house,
    accountOf: (uid) => floor.clients.get(uid)?.account,
    get accounts() {
      return [...floor.clients.values()].map(({ account }) => account);
    },
    keys,

    create(uid, params) {
      const client = floor.client(uid);
      const order = readOrder(floor, client, params);
      if (isRefusal(order)) return order;
      accept(client, order);
      return placed(order);
    },
    amend(uid, params): Placed | Refusal {
      const client = floor.client(uid);
      const request = requestOf(floor, client, params);
      if (isRefusal(request)) return request;
      const order = namedOrder(client, params);
      if (isRefusal(order)) return order;
      const amendment = readAmendment(request, order);
      if (isRefusal(amendment)) return amendment;
      return later(client, order, () => amendAccepted(floor, client, order, amendment));
    },
    cancel(uid, params): Placed | Refusal {
      const client = floor.client(uid);
      if (textOf(params, 'category') !== 'linear') return refusal(10001, 'params error: category invalid');
      const order = namedOrder(client, params);
      if (isRefusal(order)) return order;
      return later(client, order, () => cancelAccepted(floor, client, order));
    },
    cancelAll(uid, params): readonly Placed[] | Refusal {
      const client = floor.client(uid);
      const orders = namedOrders(floor, client, params);
      if ('code' in orders) return orders;
      return orders.map((order) => later(client, order, () => cancelAccepted(floor, client, order)));
    },
    tradingStop: (uid, params) => setTradingStop(floor, floor.client(uid), params),
    setLeverage: (uid, params) => setLeverage(floor, floor.client(uid), params),
    addMargin: (uid, params) => addMargin(floor, floor.client(uid), params),
    setAutoAddMargin: (uid, params) => setAutoAddMargin(floor, floor.client(uid), params),
    switchMode: (uid, params) => switchMode(floor.client(uid), params),
    setMarginMode: (uid, params) => setMarginMode(floor.client(uid), params),
    setLimitPriceAction: (uid, params) => setLimitPriceAction(floor.client(uid), params),

    openOrders: (uid, filter) => reads.openOrders(floor.client(uid), filter),
    closedOrders: (uid, filter) => reads.closedOrders(floor.client(uid), filter),
    orderHistory: (uid, filter) => reads.orderHistory(floor.client(uid), filter),
    executions: (uid, filter) => reads.executions(floor.client(uid), filter),
    closedTrades: (uid, filter) => reads.closedTrades(floor.client(uid), filter),
    transactions: (uid, filter) => reads.transactions(floor.client(uid), filter),
    positions: (uid, filter) => reads.positions(floor.client(uid), filter),
    wallet: (uid) => reads.wallet(floor.client(uid)),

    markTick: (symbol) => floor.markTick(symbol),
    indexTick: (symbol) => floor.indexTick(symbol),
    priceLimits: (symbol) => floor.band.limits(floor.pit(symbol), floor.nowMs),
    riskTiers: (symbol) => floor.tiers(symbol),
    fundingHistory: (symbol) => funding.history(floor.pit(symbol), floor.nowMs),

    step(nowMs) {
      funding.step(nowMs);
      floor.band.watch(pits.contracts, nowMs);
      fireTriggers(floor);
      checkLiquidations(floor);
      engine.step(nowMs);
    },
    onEvent: (listen) => floor.listen(listen),

    attach(pit) {
      pit.matching.onClientFill = (owner, tick, lots) => fillMaker(floor, owner, tick, lots);
    },
    canRegrid: (from, to) => canRegrid(floor, from, to),
    leaveGrid: (from) => leaveGrid(floor, from),
    enterGrid: (from, to) => enterGrid(floor, from, to),

    humanClose(uid, symbol) {
      const { lots } = livePosition(floor.client(uid), floor.pit(symbol).instrument);
      if (lots !== 0) human(uid, symbol, against(sideOf(lots)), Math.abs(lots), true);
    },
    humanOpen: (uid, symbol, side, lots) => human(uid, symbol, side, lots, false),
    stripStop(uid, symbol) {
      const client = floor.client(uid);
      const stops = ordersOf(client, symbol).filter(
        (order) => isProtective(order) && order.stopOrderType.endsWith('StopLoss'),
      );
      for (const stop of stops) cancelAccepted(floor, client, stop);
    },
    rejectStops: (uid, count) => void (floor.client(uid).troubles.stops += count),
    rejectAfterAck: (uid, count) => void (floor.client(uid).troubles.acks += count),
    fillPartly(uid, part, count) {
      const { troubles } = floor.client(uid);
      troubles.part = Math.min(1, Math.max(0, part));
      troubles.parts = count;
    },
    lag: (ms, query) => reads.lag(ms, query),
    setStatus(symbol, status) {
      floor.statuses.set(symbol, status);
      if (status === 'closed') settleContract(floor, symbol);
    },
    divergeMark: (symbol, ticks, ms) => floor.pit(symbol).matching.mark.part(ticks, floor.nowMs + ms),
    autoDeleverage: (uid, symbol, part = 1) => deleverage(floor, floor.client(uid), symbol, part),
    setFundingRate(symbol, rate) {
      if (rateFromText(rate) !== undefined) floor.pit(symbol).ticker.setFundingRate(rate);
    },
    limitRisk(uid, symbol, limited) {
      const client = floor.client(uid);
      const { instrument } = floor.pit(symbol);
      livePosition(client, instrument).isReduceOnly = limited;
      floor.emitPosition(client, instrument, floor.group());
    },
    transfer(uid, amount) {
      const client = floor.client(uid);
      client.balance += amount;
      floor.house.deposits += amount;
      floor.noteTransfer(client, amount);
    },
    setAccountState(uid, state) {
      const client = floor.client(uid);
      client.account = { ...client.account, ...state };
    },
    restart() {
      for (const client of floor.clients.values()) client.history.forgottenMs = floor.nowMs;
    },
  };
}
