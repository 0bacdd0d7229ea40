// How is the trading side of the exchange put together? Requests go to their readers, accepted orders to the engine.
import type { Rng } from '../../lib/rng.ts';
import type { Instrument } from '../../market/instrument.ts';
import { isBarred, isLive, requestOf } from './access.ts';
import { amendAccepted, readAmendment } from './amend.ts';
import { cancelAccepted, cancelByExchange, namedOrder, namedOrders } from './cancel.ts';
import { type AccountTerms, type Client, createClient, DEFAULT_ACCOUNTS, livePosition, ordersOf } from './client.ts';
import { Engine } from './engine.ts';
import { textOf } from './fields.ts';
import { VenueCore, type VenueContract, type VenueMarket } from './core.ts';
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
import { type ApiKey, isRefusal, type OrderSide, type Refusal, refusal } from './model.ts';

export interface VenueOptions {
  readonly market: VenueMarket;
  readonly rng: Rng;
  readonly accounts?: readonly AccountTerms[] | undefined;
  readonly variants?: Partial<Variants> | undefined;
}

/** The port, and what only the market itself and tests may touch. */
export interface InnerVenue extends Venue {
  /** The exchange's own accounts. */
  readonly house: House;
  /** A contract has opened, or has been replaced by one on another grid. */
  attach(contract: VenueContract): void;
  canRegrid(from: Instrument, to: Instrument): boolean;
  leaveGrid(from: Instrument): void;
  enterGrid(from: Instrument, to: Instrument): void;
}

const placed = ({ id, linkId }: LiveOrder): Placed => ({ orderId: id, orderLinkId: linkId });

export function createVenue({ market, rng, accounts = DEFAULT_ACCOUNTS, variants }: VenueOptions): InnerVenue {
  // Of two exchanges of one seed that began at different times no two ids are the same: whoever knew the first knows nothing of this one.
  const core = new VenueCore(market, { ...DEFAULT_VARIANTS, ...variants }, rng.fork(`ids ${market.nowMs}`));
  const engine = new Engine(rng.fork('latency'));
  const funding = new Funding(core);
  const reads = new Reads(core);
  const keys: ApiKey[] = [];
  for (const terms of accounts) {
    const client = createClient(terms);
    core.clients.set(terms.uid, client);
    client.history.wallet.push(core.nowMs, walletOf(core, client));
    core.house.deposits += terms.balance;
    for (const key of terms.keys) keys.push({ ...key, uid: terms.uid });
  }

  const accept = (client: Client, order: LiveOrder): void => {
    client.known.set(order.id, order);
    if (order.linkId !== '') client.links.set(order.linkId, order);
    const { symbol } = order.instrument;
    engine.accept(client, symbol, core.nowMs, () => {
      if (!isOpen(order)) return;
      const moved = order.instrument !== core.contract(symbol).instrument || !isLive(core, symbol);
      if (moved || isBarred(core, client, order)) return cancelByExchange(core, client, [order], 'CancelByAdmin');
      if (order.trigger === undefined) execute(core, client, order);
      else startWaiting(core, client, order);
    });
  };

  const later = (client: Client, order: LiveOrder, run: () => void): Placed => {
    const { instrument } = order;
    // On another grid an amendment that was on its way means nothing any more.
    engine.accept(client, instrument.symbol, core.nowMs, () => {
      if (order.instrument === instrument) run();
    });
    return placed(order);
  };

  const human = (uid: number, symbol: string, side: OrderSide, lots: number, closes: boolean): void => {
    const client = core.client(uid);
    const { instrument } = core.contract(symbol);
    const createType = closes ? 'CreateByClosing' : 'CreateByUser';
    accept(client, marketOrder(core, client, instrument, { side, lots, createType, reduceOnly: closes }));
  };

  return {
    house: core.house,
    accountOf: (uid) => core.clients.get(uid)?.account,
    get accounts() {
      return [...core.clients.values()].map(({ account }) => account);
    },
    keys,

    create(uid, params) {
      const client = core.client(uid);
      const order = readOrder(core, client, params);
      if (isRefusal(order)) return order;
      accept(client, order);
      return placed(order);
    },
    amend(uid, params): Placed | Refusal {
      const client = core.client(uid);
      const request = requestOf(core, client, params);
      if (isRefusal(request)) return request;
      const order = namedOrder(client, params);
      if (isRefusal(order)) return order;
      const amendment = readAmendment(request, order);
      if (isRefusal(amendment)) return amendment;
      return later(client, order, () => amendAccepted(core, client, order, amendment));
    },
    cancel(uid, params): Placed | Refusal {
      const client = core.client(uid);
      if (textOf(params, 'category') !== 'linear') return refusal(10001, 'params error: category invalid');
      const order = namedOrder(client, params);
      if (isRefusal(order)) return order;
      return later(client, order, () => cancelAccepted(core, client, order));
    },
    cancelAll(uid, params): readonly Placed[] | Refusal {
      const client = core.client(uid);
      const orders = namedOrders(core, client, params);
      if ('code' in orders) return orders;
      return orders.map((order) => later(client, order, () => cancelAccepted(core, client, order)));
    },
    tradingStop: (uid, params) => setTradingStop(core, core.client(uid), params),
    setLeverage: (uid, params) => setLeverage(core, core.client(uid), params),
    addMargin: (uid, params) => addMargin(core, core.client(uid), params),
    setAutoAddMargin: (uid, params) => setAutoAddMargin(core, core.client(uid), params),
    switchMode: (uid, params) => switchMode(core.client(uid), params),
    setMarginMode: (uid, params) => setMarginMode(core.client(uid), params),
    setLimitPriceAction: (uid, params) => setLimitPriceAction(core.client(uid), params),

    openOrders: (uid, filter) => reads.openOrders(core.client(uid), filter),
    closedOrders: (uid, filter) => reads.closedOrders(core.client(uid), filter),
    orderHistory: (uid, filter) => reads.orderHistory(core.client(uid), filter),
    executions: (uid, filter) => reads.executions(core.client(uid), filter),
    closedTrades: (uid, filter) => reads.closedTrades(core.client(uid), filter),
    transactions: (uid, filter) => reads.transactions(core.client(uid), filter),
    positions: (uid, filter) => reads.positions(core.client(uid), filter),
    wallet: (uid) => reads.wallet(core.client(uid)),

    markTick: (symbol) => core.markTick(symbol),
    indexTick: (symbol) => core.indexTick(symbol),
    priceLimits: (symbol) => core.band.limits(core.contract(symbol), core.nowMs),
    riskTiers: (symbol) => core.tiers(symbol),
    fundingHistory: (symbol) => funding.history(core.contract(symbol), core.nowMs),

    step(nowMs) {
      funding.step(nowMs);
      core.band.watch(market.contracts, nowMs);
      fireTriggers(core);
      checkLiquidations(core);
      engine.step(nowMs);
    },
    onEvent: (listen) => core.listen(listen),

    attach(contract) {
      contract.matching.onClientFill = (owner, tick, lots) => fillMaker(core, owner, tick, lots);
    },
    canRegrid: (from, to) => canRegrid(core, from, to),
    leaveGrid: (from) => leaveGrid(core, from),
    enterGrid: (from, to) => enterGrid(core, from, to),

    humanClose(uid, symbol) {
      const { lots } = livePosition(core.client(uid), core.contract(symbol).instrument);
      if (lots !== 0) human(uid, symbol, against(sideOf(lots)), Math.abs(lots), true);
    },
    humanOpen: (uid, symbol, side, lots) => human(uid, symbol, side, lots, false),
    stripStop(uid, symbol) {
      const client = core.client(uid);
      const stops = ordersOf(client, symbol).filter(
        (order) => isProtective(order) && order.stopOrderType.endsWith('StopLoss'),
      );
      for (const stop of stops) cancelAccepted(core, client, stop);
    },
    rejectStops: (uid, count) => void (core.client(uid).troubles.stops += count),
    rejectAfterAck: (uid, count) => void (core.client(uid).troubles.acks += count),
    fillPartly(uid, part, count) {
      const { troubles } = core.client(uid);
      troubles.part = Math.min(1, Math.max(0, part));
      troubles.parts = count;
    },
    lag: (ms, query) => reads.lag(ms, query),
    setStatus(symbol, status) {
      core.statuses.set(symbol, status);
      if (status === 'closed') settleContract(core, symbol);
    },
    divergeMark: (symbol, ticks, ms) => core.contract(symbol).matching.mark.part(ticks, core.nowMs + ms),
    autoDeleverage: (uid, symbol, part = 1) => deleverage(core, core.client(uid), symbol, part),
    setFundingRate(symbol, rate) {
      if (rateFromText(rate) !== undefined) core.contract(symbol).ticker.setFundingRate(rate);
    },
    limitRisk(uid, symbol, limited) {
      const client = core.client(uid);
      const { instrument } = core.contract(symbol);
      livePosition(client, instrument).isReduceOnly = limited;
      core.emitPosition(client, instrument, core.group());
    },
    transfer(uid, amount) {
      const client = core.client(uid);
      client.balance += amount;
      core.house.deposits += amount;
      core.noteTransfer(client, amount);
    },
    setAccountState(uid, state) {
      const client = core.client(uid);
      client.account = { ...client.account, ...state };
    },
    restart() {
      for (const client of core.clients.values()) client.history.forgottenMs = core.nowMs;
    },
  };
}
