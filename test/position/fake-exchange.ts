// What does a small, honest exchange do with our requests? It keeps the truth that tests judge by, and errs as it is told.
import type { Ms } from '../../src/lib/brand.ts';
import type { Rng } from '../../src/lib/rng.ts';
import { sizeText, type Instrument } from '../../src/market/instrument.ts';
import { notionalOf, type Money } from '../../src/market/money.ts';
import { isOnStep, nearestLots, sizeOf, sizesFromDecimals } from '../../src/market/size.ts';
import type { StopPrice } from '../../src/market/stop-price.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import type { AccountReading, Answer, GatewayEvent, GatewayRequest, LookUp } from '../../src/order/gateway.ts';
import type { Fill, FillKind, OrderReport, OrderStatus, Path, PositionReport } from '../../src/order/words.ts';

export const START_BALANCE: Money = 1_000_000_000_000n;
const FEE_PARTS = 55n; // of 100,000
const LEVERAGE_MAX = 10_000;

export interface Place {
  /** Here everything is counted on it. */
  readonly instrument: Instrument;
  /** The grid of now, on which it is told. */
  grid: Instrument;
  bid: number;
  ask: number;
  mark: number;
  /** Lots that one order finds; the rest is cancelled. */
  shown: number;
  lots: number;
  /** Notional of what is held, at entry. */
  entry: Money;
  stop: StopPrice | undefined;
  /** The order that waits at it. */
  stopOrder: OrderReport | undefined;
  leverage: number;
  seq: number;
  updatedMs: Ms;
  status: PositionReport['status'];
  readonly orders: Map<string, OrderReport>;
  readonly fills: Fill[];
  /** Position and orders as a lagging view shows them. */
  readonly past: { at: number; position: PositionReport }[];
}

/** What goes wrong. Each is asked at the moment it could. */
export interface Faults {
  /** Is the request carried out? `late`: after so many ms more. */
  accept?: (request: GatewayRequest) => 'yes' | 'no' | { readonly late: number };
  /** Does the answer come back? A lost one is `unknown` after its deadline. */
  answerLost?: (request: GatewayRequest) => boolean;
  /** It is accepted, and then nobody knows of it. */
  loses?: (request: GatewayRequest) => boolean;
  refuse?: (request: GatewayRequest) => Extract<Answer, { outcome: 'refused' }> | undefined;
  /** An order is accepted, and then rejected by its report. */
  rejects?: () => boolean;
  stripStop?: () => boolean;
  /** The stop is left where it is, though the answer says otherwise. */
  ignoreStop?: () => boolean;
  readFails?: (request: GatewayRequest) => boolean;
  /** What fails does so because the key is refused. */
  isKeyRefused?: boolean;
  /** A reading of the account fails when its positions have come. */
  readHalves?: () => boolean;
  /** A reading takes so long instead, each way. */
  readMs?: (request: GatewayRequest) => number | undefined;
  /** Reads show the state of so many ms ago. */
  lagMs?: () => number;
  /** Extra delay of an event of the stream; undefined: lost. */
  streamDelay?: (event: GatewayEvent) => number | undefined;
  repeats?: (event: GatewayEvent) => boolean;
}

export class FakeExchange {
  /** Somebody has switched it on. */
  readonly addsMargin = new Set<string>();
  readonly places = new Map<string, Place>();
  /** That somebody else has in the book. */
  readonly others: OrderReport[] = [];
  readonly down = new Set<Path>();
  isPrivateUp = true;
  faults: Faults = {};
  balance = START_BALANCE;
  readonly sent: GatewayRequest[] = [];
  #ids = 0;
  readonly #now: () => { mono: number; wall: number };
  readonly #later: (delay: number, run: () => void) => void;
  readonly #tell: (event: GatewayEvent) => void;
  readonly #rng: Rng;

  constructor(
    now: () => { mono: number; wall: number },
    later: (delay: number, run: () => void) => void,
    tell: (event: GatewayEvent) => void,
    rng: Rng,
  ) {
    this.#now = now;
    this.#later = later;
    this.#tell = tell;
    this.#rng = rng;
  }

  list(instrument: Instrument, bid: number): void {
    const quiet = {
      lots: 0,
      entry: 0n,
      stop: undefined,
      stopOrder: undefined,
      leverage: 1_000,
      seq: -1,
      updatedMs: 0 as Ms,
    };
    this.places.set(instrument.symbol, {
      instrument,
      grid: instrument,
      bid,
      ask: bid + 2,
      mark: bid + 1,
      shown: Infinity,
      status: 'normal',
      ...quiet,
      orders: new Map(),
      fills: [],
      past: [],
    });
  }

  place(symbol: string): Place {
    return this.places.get(symbol) as Place;
  }

  // Requests

  send(request: GatewayRequest): void {
    this.sent.push(request);
    const { requestId, path } = request;
    const answer = (delay: number, given: Answer): void =>
      this.#later(delay, () => this.#tell({ kind: 'answer', requestId, path, answer: given }));
    const isRead = request.kind === 'look-up' || request.kind === 'read-position' || request.kind === 'read-account';
    if (this.down.has(path)) {
      if (isRead) return this.#later(5, () => this.#readFailed(request));
      return answer(1, { outcome: 'not-sent', reason: 'path down' });
    }
    if (path === 'trade-socket' && (request.kind === 'set-stop' || request.kind === 'set-leverage'))
      return answer(0, { outcome: 'not-sent', reason: 'the trade socket takes orders alone' });
    const wire = (isRead ? this.faults.readMs?.(request) : undefined) ?? 2 + this.#rng.below(6);
    if (isRead) return this.#later(wire, () => this.#read(request, wire));
    const accept = this.faults.accept?.(request) ?? 'yes';
    const isLost = this.faults.answerLost?.(request) === true || accept === 'no' || typeof accept === 'object';
    const wait = typeof accept === 'object' ? accept.late : 0;
    if (accept !== 'no') {
      this.#later(wire + wait, () => {
        const lost: Answer | undefined =
          this.faults.loses?.(request) === true ? { outcome: 'accepted', orderId: `o-${++this.#ids}` } : undefined;
        const given = lost ?? this.faults.refuse?.(request) ?? this.#carryOut(request);
        if (!isLost) answer(1 + this.#rng.below(6), given);
      });
    }
    if (isLost) answer(2_000, { outcome: 'unknown', reason: 'timeout' });
  }

  #carryOut(request: GatewayRequest): Answer {
    switch (request.kind) {
      case 'create':
        return this.#create(request.order);
      case 'set-stop':
        return this.#setStop(request.symbol, request.stop);
      case 'set-leverage':
        return this.#setLeverage(request.symbol, request.leverage);
      case 'cancel':
        return refused('gone', 110001, 'too late');
      default:
        return refused('param', 10001, 'no such request');
    }
  }

  #create(order: Extract<GatewayRequest, { kind: 'create' }>['order']): Answer {
    const place = this.place(order.symbol);
    if (place.orders.has(order.linkId)) return refused('duplicate', 110072, 'OrderLinkedID is duplicate');
    const sign = order.side === 'buy' ? 1 : -1;
    const isEntry = order.role === 'E';
    if (!isEntry && place.lots * sign >= 0) return refused('flat-hint', 110017, 'current position is zero');
    if (isEntry && (order.stop.tick - place.mark) * sign >= 0) return refused('price', 10001, 'StopLoss: base_price');
    if (isEntry && this.#marginOf(order.capTick, order.lots, place) > this.free)
      return refused('funds', 110007, 'ab not enough for new order');
    const price = order.side === 'buy' ? place.ask : place.bid;
    const step = Number(sizeOf(1, place.grid) / sizeOf(1, place.instrument));
    const asked = order.lots === 'all' ? Math.abs(place.lots) : order.lots * step;
    const most = isEntry ? asked : Math.min(asked, Math.abs(place.lots));
    const isReached = order.capTick === undefined || (order.capTick - price) * sign >= 0;
    const isRejected = this.faults.rejects?.() === true;
    const filled = isReached && !isRejected ? Math.min(most, place.shown) : 0;
    const orderId = `o-${++this.#ids}`;
    const stop = isEntry && filled > 0 && this.faults.stripStop?.() !== true ? order.stop : undefined;
    const whole = filled === most;
    this.#trade(place, {
      orderId,
      linkId: order.linkId,
      side: order.side,
      lots: most,
      filled,
      price,
      createType: 'CreateByUser',
      reduceOnly: !isEntry,
      status: isRejected ? 'rejected' : whole ? 'filled' : 'cancelled',
      rejectReason: isRejected ? 'EC_Others' : whole ? 'EC_NoError' : 'EC_NoImmediateQtyToFill',
      kind: 'trade',
      stop,
    });
    return { outcome: 'accepted', orderId };
  }

  #setStop(symbol: string, stop: StopPrice): Answer {
    const place = this.place(symbol);
    if (place.lots === 0) return refused('flat-hint', 10001, 'can not set tp/sl/ts for zero position');
    if ((place.mark - stop.tick) * Math.sign(place.lots) <= 0) return refused('price', 10001, 'StopLoss: base_price');
    if (place.stop?.tick === stop.tick && place.stop.by === stop.by) return refused('ok-noop', 34040, 'not modified');
    if (this.faults.ignoreStop?.() === true) return { outcome: 'accepted', orderId: '' };
    place.stop = stop;
    this.#followStop(place, '');
    this.#touched(place);
    return { outcome: 'accepted', orderId: '' };
  }

  #setLeverage(symbol: string, leverage: number): Answer {
    const place = this.place(symbol);
    if (!Number.isSafeInteger(leverage) || leverage < 100 || leverage > LEVERAGE_MAX)
      return refused('param', 10001, 'leverage invalid');
    if (leverage === place.leverage) return refused('ok-noop', 110043, 'leverage not modified');
    place.leverage = leverage;
    this.#touched(place);
    return { outcome: 'accepted', orderId: '' };
  }

  // What happens by itself, or by others

  /** The market moves, and triggers what waits for it. */
  move(symbol: string, bid: number): void {
    const place = this.place(symbol);
    place.bid = bid;
    place.ask = bid + 2;
    place.mark = bid + 1;
    const { stop, lots } = place;
    if (stop === undefined || lots === 0 || (place.mark - stop.tick) * Math.sign(lots) > 0) return;
    this.closeBy(symbol, 'CreateByStopLoss', 'trade');
  }

  /** The position, or so much of it, ends without an order of ours. */
  closeBy(symbol: string, createType: string, kind: FillKind, most = Infinity): void {
    const place = this.place(symbol);
    const lots = Math.min(Math.abs(place.lots), most);
    if (lots === 0) return;
    this.#trade(place, {
      orderId: (createType === 'CreateByStopLoss' ? place.stopOrder?.orderId : undefined) ?? `o-${++this.#ids}`,
      linkId: '',
      side: place.lots > 0 ? 'sell' : 'buy',
      createType,
      reduceOnly: true,
      kind,
      lots,
      filled: lots,
      price: place.lots > 0 ? place.bid : place.ask,
      status: 'filled',
      rejectReason: 'EC_NoError',
    });
  }

  /** Somebody at the account's other keyboard. */
  human(symbol: string, lots: number): void {
    const place = this.place(symbol);
    this.#trade(place, {
      orderId: `o-${++this.#ids}`,
      linkId: '',
      side: lots > 0 ? 'buy' : 'sell',
      kind: 'trade',
      lots: Math.abs(lots),
      filled: Math.abs(lots),
      price: lots > 0 ? place.ask : place.bid,
      status: 'filled',
      rejectReason: 'EC_NoError',
      createType: 'CreateByUser',
      reduceOnly: false,
    });
  }

  humanStop(symbol: string, stop: StopPrice | undefined): void {
    const place = this.place(symbol);
    place.stop = stop;
    this.#followStop(place, '');
    this.#touched(place);
  }

  fund(symbol: string, fee: Money): void {
    this.pay(symbol, fee, 'funding', 'buy');
  }

  /** It is owed by whom the position belongs to. */
  pay(symbol: string, fee: Money, kind: FillKind, side: Fill['side']): void {
    const place = this.place(symbol);
    this.balance -= fee;
    const fill = this.#fill(
      place,
      {
        side,
        price: place.mark,
        lots: Math.abs(place.lots),
        linkId: '',
        orderId: '',
        createType: '',
        kind,
        closed: 0,
      },
      fee,
    );
    // The position, which it has not changed, knows nothing of its number.
    const paid = { ...fill, seq: fill.seq + 1 };
    place.fills.push(paid);
    this.#stream({ kind: 'fill', fill: paid });
  }

  status(symbol: string, status: PositionReport['status']): void {
    const place = this.place(symbol);
    place.status = status;
    this.#touched(place);
  }

  #trade(
    place: Place,
    deal: {
      readonly orderId: string;
      readonly linkId: string;
      readonly side: 'buy' | 'sell';
      readonly lots: number;
      readonly filled: number;
      readonly price: number;
      readonly createType: string;
      readonly reduceOnly: boolean;
      /** What it brings along. */
      readonly stop?: StopPrice | undefined;
      readonly kind: FillKind;
      readonly status: OrderStatus;
      readonly rejectReason: string;
    },
  ): void {
    const { instrument } = place;
    const sign = deal.side === 'buy' ? 1 : -1;
    place.seq = Math.max(place.seq, 0) + 1;
    const before = place.lots;
    const closed = before * sign < 0 ? Math.min(Math.abs(before), deal.filled) : 0;
    const parts =
      deal.filled > 3 && this.#rng.next() < 0.3 ? [deal.filled - 1, 1] : deal.filled > 0 ? [deal.filled] : [];
    const fills: Fill[] = [];
    let left = closed;
    for (const lots of parts) {
      const value = notionalOf(deal.price as Tick, lots as Lot, instrument);
      const fee = (value * FEE_PARTS) / 100_000n;
      const ofClosed = Math.min(left, lots);
      left -= ofClosed;
      if (ofClosed > 0) {
        const entry = (place.entry * BigInt(ofClosed)) / BigInt(Math.abs(place.lots));
        const worth = notionalOf(deal.price as Tick, ofClosed as Lot, instrument);
        this.balance += (worth - entry) * BigInt(Math.sign(before));
        place.entry -= entry;
      }
      const opened = lots - ofClosed;
      if (opened > 0) place.entry += notionalOf(deal.price as Tick, opened as Lot, instrument);
      place.lots += sign * lots;
      this.balance -= fee;
      fills.push(this.#fill(place, { ...deal, lots, closed: ofClosed }, fee));
    }
    place.fills.push(...fills);
    if (Math.sign(place.lots) !== Math.sign(before)) place.stop = undefined;
    if (place.lots * sign > 0) place.stop = deal.stop ?? place.stop;
    const report = this.#orderReport(place, deal);
    if (deal.linkId !== '') place.orders.set(deal.linkId, report);
    for (const fill of fills) this.#stream({ kind: 'fill', fill });
    if (place.stopOrder?.orderId === deal.orderId) place.stopOrder = undefined;
    this.#stream({ kind: 'order', report });
    this.#touched(place);
    this.#followStop(place, deal.linkId);
    this.#stream({ kind: 'wallet', report: this.wallet() });
  }

  #fill(
    place: Place,
    deal: {
      orderId: string;
      linkId: string;
      side: 'buy' | 'sell';
      lots: number;
      price: number;
      createType: string;
      kind: FillKind;
      closed: number;
    },
    fee: Money,
  ): Fill {
    const { wall } = this.#now();
    const told = (lots: number): string => sizeText(lots as Lot, place.instrument);
    return {
      symbol: place.instrument.symbol,
      execId: `x-${++this.#ids}`,
      orderId: deal.orderId,
      linkId: deal.linkId,
      kind: deal.kind,
      createType: deal.createType,
      side: deal.side,
      tick: deal.price as Tick,
      ...(sizesFromDecimals(told(deal.lots), told(deal.closed), place.grid) as Pick<Fill, 'lots' | 'closedLots'>),
      fee,
      feeRate: '0.00055',
      isMaker: false,
      timeMs: wall as Ms,
      seq: place.seq,
    };
  }

  #orderReport(
    place: Place,
    deal: {
      orderId: string;
      linkId: string;
      side: 'buy' | 'sell';
      lots: number;
      filled: number;
      createType: string;
      reduceOnly: boolean;
      status: OrderStatus;
      rejectReason: string;
    },
  ): OrderReport {
    return {
      symbol: place.instrument.symbol,
      orderId: deal.orderId,
      linkId: deal.linkId,
      parentLinkId: '',
      side: deal.side,
      status: deal.status,
      createType: deal.createType,
      cancelType: 'UNKNOWN',
      rejectReason: deal.rejectReason,
      isStopLoss: deal.createType === 'CreateByStopLoss',
      reduceOnly: deal.reduceOnly,
      trigger: undefined,
      lots: toldLots(place, deal.lots),
      filledLots: toldLots(place, deal.filled),
      resting: 0n,
      updatedMs: this.#now().wall as Ms,
    };
  }

  /** The order that waits at the stop comes, moves, grows and goes with it. */
  #followStop(place: Place, parentLinkId: string): void {
    const { stop } = place;
    const updatedMs = this.#now().wall as Ms;
    const lots = toldLots(place, Math.abs(place.lots));
    const side = place.lots > 0 ? 'sell' : 'buy';
    const ended = place.stopOrder;
    if (ended !== undefined && (stop === undefined || lots === 0 || ended.side !== side)) {
      place.stopOrder = undefined;
      const report = { ...ended, status: 'deactivated', cancelType: 'CancelByTpSlTsClear', updatedMs } as const;
      this.#stream({ kind: 'order', report });
    }
    const old = place.stopOrder;
    if (stop === undefined || lots === 0 || (old?.trigger === stop && old.lots === lots)) return;
    place.stopOrder = {
      symbol: place.instrument.symbol,
      orderId: old?.orderId ?? `o-${++this.#ids}`,
      linkId: '',
      parentLinkId: old?.parentLinkId ?? parentLinkId,
      side,
      status: 'untriggered',
      createType: 'CreateByStopLoss',
      cancelType: 'UNKNOWN',
      rejectReason: 'EC_NoError',
      isStopLoss: true,
      reduceOnly: true,
      lots,
      filledLots: 0 as Lot,
      resting: 0n,
      trigger: stop,
      updatedMs,
    };
    this.#stream({ kind: 'order', report: place.stopOrder });
  }

  #touched(place: Place): void {
    place.updatedMs = this.#now().wall as Ms;
    const report = this.position(place.instrument.symbol);
    place.past.push({ at: this.#now().mono, position: report });
    if (place.past.length > 100) place.past.shift();
    this.#stream({ kind: 'position', report });
  }

  // What it tells

  position(symbol: string): PositionReport {
    const place = this.place(symbol);
    const { lots, grid, entry, instrument, stop, leverage, status, seq, updatedMs, mark } = place;
    const size = sizeOf(lots, instrument);
    const base = BigInt(Math.abs(lots)) * BigInt(instrument.lotScaled);
    const entryPrice = lots === 0 ? 0n : (entry * 10n ** BigInt(instrument.lotScale)) / base;
    return {
      symbol,
      lots: nearestLots(size, grid),
      exact: isOnStep(size, grid) ? undefined : size,
      entryPrice,
      entryValue: entry,
      markTick: mark as Tick,
      liquidationPrice: undefined,
      stop,
      leverage,
      status,
      isOneWay: true,
      isMarginFixed: !this.addsMargin.has(symbol),
      isReduceOnly: false,
      updatedMs,
      seq,
    };
  }

  get free(): Money {
    let free = this.balance;
    for (const { entry, leverage } of this.places.values()) free -= (entry * 100n) / BigInt(leverage);
    return free;
  }

  #marginOf(tick: Tick, lots: Lot, { instrument, leverage }: Place): Money {
    return (notionalOf(tick, lots, instrument) * 100n) / BigInt(leverage);
  }

  wallet(): Extract<GatewayEvent, { kind: 'wallet' }>['report'] {
    return { balance: this.balance, free: this.free, unrealised: 0n, updatedMs: this.#now().wall as Ms };
  }

  /** The oldest first; a view that lags shows what was. */
  #seen(place: Place): { position: PositionReport; since: number } {
    const lag = this.faults.lagMs?.() ?? 0;
    const until = this.#now().mono - lag;
    if (lag === 0) return { position: this.position(place.instrument.symbol), since: Infinity };
    const known = place.past.findLast(({ at }) => at <= until)?.position;
    const never = { ...this.position(place.instrument.symbol), lots: 0, seq: -1, stop: undefined, updatedMs: 0 as Ms };
    return { position: known ?? never, since: this.#now().wall - lag };
  }

  #read(request: GatewayRequest, wire: number): void {
    if (this.faults.readFails?.(request) === true) return this.#later(wire, () => this.#readFailed(request));
    const { requestId, path } = request;
    const reply = (event: GatewayEvent): void => this.#later(wire, () => this.#tell(event));
    if (request.kind === 'read-position') {
      const { position: value } = this.#seen(this.place(request.symbol));
      const { symbol } = request;
      return reply({ kind: 'position-read', requestId, path, symbol, reading: { ok: true, value } });
    }
    if (request.kind === 'look-up') {
      const { symbol, linkId } = request;
      const place = this.place(symbol);
      const { since } = this.#seen(place);
      const order = place.orders.get(linkId);
      const isShown = order !== undefined && order.updatedMs <= since;
      const fills = place.fills.filter((fill) => fill.linkId === linkId && fill.timeMs <= since).toReversed();
      const value: LookUp = { orders: isShown ? [order] : [], fills };
      return reply({ kind: 'looked-up', requestId, path, linkId, reading: { ok: true, value } });
    }
    if (request.kind !== 'read-account') return;
    const isDeep = request.depth === 'deep';
    const seen = [...this.places.values()].map((place) => this.#seen(place));
    const sinceMs = request.depth === 'deep' ? request.sinceMs : 0;
    const until = Math.min(...seen.map(({ since }) => since));
    const fills = [...this.places.values()].flatMap((place) => place.fills).toReversed();
    const value: AccountReading = {
      positions: seen.map(({ position }) => position).filter(({ lots }) => lots !== 0),
      openOrders: [...[...this.places.values()].flatMap(({ stopOrder }) => stopOrder ?? []), ...this.others],
      fills: isDeep ? fills.filter(({ timeMs }) => timeMs >= sinceMs && timeMs <= until) : undefined,
      wallet: isDeep ? this.wallet() : undefined,
    };
    if (this.faults.readHalves?.() === true) {
      reply({ kind: 'positions-seen', positions: value.positions });
      return this.#later(5_000, () => this.#readFailed(request));
    }
    reply({ kind: 'account-read', requestId, path, depth: request.depth, reading: { ok: true, value } });
  }

  #readFailed(request: GatewayRequest): void {
    const { requestId, path } = request;
    const { isKeyRefused = false } = this.faults;
    const failed = { ok: false, reason: 'no answer', isKeyRefused } as const;
    if (request.kind === 'look-up')
      this.#tell({ kind: 'looked-up', requestId, path, linkId: request.linkId, reading: failed });
    if (request.kind === 'read-position')
      this.#tell({ kind: 'position-read', requestId, path, symbol: request.symbol, reading: failed });
    if (request.kind === 'read-account')
      this.#tell({ kind: 'account-read', requestId, path, depth: request.depth, reading: failed });
  }

  #stream(event: GatewayEvent): void {
    if (!this.isPrivateUp) return;
    const delay = this.faults.streamDelay === undefined ? 0 : this.faults.streamDelay(event);
    if (delay === undefined) return;
    this.#later(3 + delay, () => {
      if (this.isPrivateUp) this.#tell(event);
    });
    if (this.faults.repeats?.(event) === true) this.#later(9 + delay, () => this.#tell(event));
  }
}

function refused(group: Extract<Answer, { outcome: 'refused' }>['class'], code: number, text: string): Answer {
  return { outcome: 'refused', class: group, code, text };
}

function toldLots({ instrument, grid }: Place, lots: number): Lot {
  return nearestLots(sizeOf(lots, instrument), grid) as Lot;
}
