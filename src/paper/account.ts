// The paper account: its money, its holdings, and the reports of them as the exchange would send them.
import type { Ms } from '../lib/brand.ts';
import type { Clock } from '../lib/clock.ts';
import { nearestTick } from '../market/instrument.ts';
import { moneyText, priceOf, type Money } from '../market/money.ts';
import { CLOSES } from '../market/side.ts';
import { nearestLots, sizeOf } from '../market/size.ts';
import type { StopPrice } from '../market/stop-price.ts';
import type { Lot, Tick } from '../market/units.ts';
import type { OnGatewayEvent } from '../order/gateway.ts';
import type { Fill, OrderReport, PositionReport, WalletReport } from '../order/words.ts';
import { part, type PaperContract, type Rate } from './contract.ts';
import {
  applyFill,
  createHolding,
  entryPrice,
  liquidationPrice,
  marginOf,
  sideOf,
  unrealised,
  type Holding,
} from './holding.ts';
import type { Prices } from './prices.ts';
import { Records } from './records.ts';
import { orderOn } from './regrid.ts';

export interface AccountTerms {
  readonly balance: Money;
  /** Hundredths: of every contract until it is set. */
  readonly leverage: number;
  readonly takerFee: Rate;
}

/** One trade as it is booked. */
export type Trade = Pick<Fill, 'orderId' | 'linkId' | 'kind' | 'createType' | 'side' | 'tick' | 'lots'>;

export class Account {
  readonly holdings = new Map<string, Holding>();
  readonly records = new Records();
  readonly terms: AccountTerms;
  balance: Money;
  readonly #prices: Prices;
  readonly #clock: Clock;
  readonly #tell: OnGatewayEvent;
  /** Identities differ between runs, because rows are stored under them. */
  readonly #run: string;
  #ids = 0;
  #seq = 0;

  constructor(terms: AccountTerms, prices: Prices, clock: Clock, tell: OnGatewayEvent) {
    this.terms = terms;
    this.balance = terms.balance;
    this.#prices = prices;
    this.#clock = clock;
    this.#tell = tell;
    this.#run = this.nowMs.toString(36);
  }

  /** Whole, as the exchange stamps it. */
  get nowMs(): Ms {
    return Math.floor(this.#clock.wall()) as Ms;
  }

  newId(): string {
    return `paper-${this.#run}-${++this.#ids}`;
  }

  /** A flat one takes over what has become of its contract. */
  holding(contract: PaperContract): Holding {
    const { symbol } = contract.instrument;
    const holding = this.holdings.get(symbol) ?? createHolding(contract, this.terms.leverage);
    if (holding.lots === 0) holding.contract = contract;
    this.holdings.set(symbol, holding);
    return holding;
  }

  /**
   * Its contract has gone over to another grid, and takes along what was traded there. What of the size lies between two of
   * the new steps no order could close: it is settled at what it cost.
   */
  regrid(holding: Holding, contract: PaperContract): void {
    const [from, to] = [holding.contract.instrument, contract.instrument];
    const { lots, entryValue, stop } = holding;
    this.records.regrid(from.symbol, from, to);
    holding.contract = contract;
    if (lots === 0) return;
    const size = sizeOf(Math.abs(lots), from);
    const rest = size % sizeOf(1, to);
    const cost = (entryValue * rest) / size;
    const price = entryPrice({ ...holding, contract: { ...contract, instrument: from } });
    holding.lots = Math.sign(lots) * nearestLots(size - rest, to);
    holding.entryValue -= cost;
    holding.stop = stop && orderOn(stop, from, to);
    if (rest === 0n) return;
    holding.seq = ++this.#seq;
    holding.updatedMs = this.nowMs;
    const odd = { size: rest, closed: rest };
    const nearest = nearestLots(rest, to) as Lot;
    const settled = {
      kind: 'settlement',
      createType: 'CreateBySettle',
      side: CLOSES[sideOf(lots)],
      tick: nearestTick(moneyText(price), to) as Tick,
      offGrid: price,
      fee: 0n,
      feeRate: '0',
    } as const;
    this.#book(holding, {
      ...settled,
      orderId: this.newId(),
      linkId: '',
      lots: nearest,
      closedLots: nearest,
      exact: odd,
    });
  }

  /** What a new position may use. */
  free(): Money {
    let free = this.balance;
    for (const holding of this.holdings.values()) free -= marginOf(holding, this.terms.takerFee);
    return free;
  }

  trade(holding: Holding, { side, tick, lots, ...rest }: Trade, value: Money): void {
    const fee = part(value, this.terms.takerFee);
    const { closed, profit } = applyFill(holding, side, tick, lots);
    this.balance += profit - fee;
    holding.seq = ++this.#seq;
    holding.updatedMs = this.nowMs;
    const feeRate = moneyText(this.terms.takerFee);
    this.#book(holding, { ...rest, side, tick, lots, closedLots: closed, fee, feeRate });
  }

  /** Funding: no order, no change of size. */
  charge(holding: Holding, terms: Pick<Fill, 'side' | 'tick' | 'lots' | 'fee' | 'feeRate'>): void {
    this.balance -= terms.fee;
    this.#seq++;
    this.#book(holding, {
      ...terms,
      orderId: this.newId(),
      linkId: '',
      kind: 'funding',
      createType: '',
      closedLots: 0 as Lot,
    });
  }

  #book(holding: Holding, fill: Omit<Fill, 'symbol' | 'execId' | 'isMaker' | 'timeMs' | 'seq'>): void {
    const { symbol } = holding.contract.instrument;
    const whole: Fill = {
      symbol,
      execId: this.newId(),
      ...fill,
      isMaker: false,
      timeMs: this.nowMs,
      seq: this.#seq,
    };
    this.records.keepFill(whole);
    this.#tell({ kind: 'fill', fill: whole });
  }

  tellOrder(order: OrderReport): OrderReport {
    const report = { ...order, updatedMs: this.nowMs };
    this.records.keep(report);
    this.#tell({ kind: 'order', report });
    return report;
  }

  tellPosition(holding: Holding): void {
    this.#tell({ kind: 'position', report: this.position(holding) });
  }

  tellWallet(): void {
    this.#tell({ kind: 'wallet', report: this.wallet() });
  }

  position(holding: Holding): PositionReport {
    const { contract, lots, leverage, stop, updatedMs, seq } = holding;
    return {
      ...settled(contract.instrument.symbol),
      lots,
      entryPrice: entryPrice(holding),
      entryValue: holding.entryValue,
      markTick: this.markTick(contract),
      liquidationPrice: liquidationPrice(holding),
      stop: stop?.trigger,
      leverage,
      updatedMs: updatedMs as Ms,
      seq,
    };
  }

  /** Of a symbol that was never traded. */
  untouched(symbol: string): PositionReport {
    return { ...settled(symbol), leverage: this.terms.leverage };
  }

  wallet(): WalletReport {
    let gains = 0n;
    for (const holding of this.holdings.values()) {
      const mark = this.markTick(holding.contract);
      if (mark !== undefined) gains += unrealised(holding, mark);
    }
    return { balance: this.balance, free: this.free(), unrealised: gains, updatedMs: this.nowMs };
  }

  markTick(contract: PaperContract): Tick | undefined {
    const mark = this.#prices.mark(contract);
    return mark === undefined ? undefined : (Math.round(mark) as Tick);
  }

  /** Has the mark gone so far that the exchange takes the position over? */
  isLost(holding: Holding): boolean {
    const limit = liquidationPrice(holding);
    const mark = this.markTick(holding.contract);
    if (limit === undefined || mark === undefined) return false;
    const price = priceOf(mark, holding.contract.instrument);
    return holding.lots > 0 ? price <= limit : price >= limit;
  }
}

function settled(symbol: string): PositionReport {
  return {
    symbol,
    lots: 0,
    entryPrice: 0n,
    entryValue: 0n,
    markTick: undefined,
    liquidationPrice: undefined,
    stop: undefined as StopPrice | undefined,
    leverage: 0,
    status: 'normal',
    isOneWay: true,
    isMarginFixed: true,
    isReduceOnly: false,
    updatedMs: 0 as Ms,
    seq: -1,
  };
}
