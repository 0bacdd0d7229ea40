// How do fills, prices and funding change positions and their stops, and in which order is that reported?
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { sameGrid } from '../market/instrument.ts';
import { moneyText, notionalOf } from '../market/money.ts';
import { CLOSES, OPENS, TAKES, type OrderSide } from '../market/side.ts';
import type { StopPrice } from '../market/stop-price.ts';
import type { Lot, Slot, Tick } from '../market/units.ts';
import type { OrderReport } from '../order/words.ts';
import type { Account } from './account.ts';
import type { PaperContract } from './contract.ts';
import { bankruptTick, closable, fundingOf, sideOf, type Holding } from './holding.ts';
import type { Liquidity } from './liquidity.ts';
import { FRESH } from './order-report.ts';
import type { Prices } from './prices.ts';

/** Undefined for a symbol that has no place in shared memory now. */
export type ContractOf = (symbol: string) => PaperContract | undefined;

const MINUTE_MS = 60_000;
const NOTHING_THERE = 'EC_NoImmediateQtyToFill';

export class Trading {
  readonly #account: Account;
  readonly #contractOf: ContractOf;
  readonly #liquidity: Liquidity;
  readonly #prices: Prices;
  readonly #clock: Clock;
  /** Open positions by slot. */
  readonly #open = new Map<Slot, { readonly holding: Holding; readonly funding: Timer }>();

  constructor(account: Account, contractOf: ContractOf, liquidity: Liquidity, prices: Prices, clock: Clock) {
    this.#account = account;
    this.#contractOf = contractOf;
    this.#liquidity = liquidity;
    this.#prices = prices;
    this.#clock = clock;
  }

  close(): void {
    for (const { funding } of this.#open.values()) funding.cancel();
  }

  /** The book, the tape or a fact of this slot has changed. */
  moved(slot: Slot): void {
    this.#liquidity.refresh(slot);
    const holding = this.#open.get(slot)?.holding;
    if (holding === undefined || !this.bringHome(holding) || holding.lots === 0) return;
    if (this.#account.isLost(holding)) return this.#takeOver(holding);
    const { stop, contract } = holding;
    if (stop?.trigger === undefined) return;
    const range = this.#prices.range(contract, stop.trigger.by, holding.tradesSeen);
    holding.tradesSeen = this.#prices.trades(slot);
    const { tick } = stop.trigger;
    if (range !== undefined && (holding.lots > 0 ? range.low <= tick : range.high >= tick))
      holding.stopDue = stop.orderId;
    if (holding.stopDue === stop.orderId && this.#liquidity.isLive(slot)) this.#fire(holding, stop);
  }

  /** On the grid that its contract has now. False for one that has outlived its symbol's place: nothing is known of it then. */
  bringHome(holding: Holding): boolean {
    const { contract, lots } = holding;
    const present = this.#contractOf(contract.instrument.symbol);
    if (present?.slot !== contract.slot) return false;
    if (sameGrid(present.instrument, contract.instrument)) return true;
    this.#account.regrid(holding, present);
    if (lots !== 0) this.#follow(holding, lots, undefined);
    return true;
  }

  /** An immediate order meets the book; what it does not get is cancelled. Then everything that follows is told. */
  execute(holding: Holding, order: OrderReport, worst: Tick | undefined, stop?: StopPrice): void {
    const { contract } = holding;
    const before = holding.lots;
    let filled = 0;
    for (const { tick, lots } of this.#liquidity.take(contract.slot, TAKES[order.side], order.lots, worst)) {
      const { orderId, linkId, createType, side } = order;
      filled += lots;
      this.#account.trade(
        holding,
        { orderId, linkId, kind: 'trade', createType, side, tick, lots },
        notionalOf(tick, lots, contract.instrument),
      );
    }
    const isWhole = filled === order.lots;
    const end = isWhole ? { status: 'filled' as const } : { status: 'cancelled' as const, rejectReason: NOTHING_THERE };
    this.#follow(holding, before, { ...order, ...end, filledLots: filled as Lot }, stop);
  }

  /** What a change of size means for the stop and the funding; `order` is the final one that brought it about. */
  #follow(holding: Holding, before: number, order: OrderReport | undefined, wanted?: StopPrice): void {
    const { lots } = holding;
    const isNew = Math.sign(lots) !== Math.sign(before);
    if (isNew) this.#clearStop(holding);
    if (order !== undefined) this.#account.tellOrder(order);
    const { stop } = holding;
    const brings = wanted !== undefined && order !== undefined && order.filledLots > 0 && opens(holding, order.side);
    if (brings) this.place(holding, wanted, order.linkId);
    else if (stop !== undefined && lots !== before) holding.stop = { ...stop, lots: Math.abs(lots) as Lot };
    if (isNew) this.#watch(holding);
    this.#account.tellPosition(holding);
    if (lots !== before) this.#account.tellWallet();
    if (holding.stop !== undefined && holding.stop !== stop) holding.stop = this.#account.tellOrder(holding.stop);
  }

  /** Sets the one stop of a position, or moves it. */
  place(holding: Holding, trigger: StopPrice, parentLinkId: string): void {
    const lots = Math.abs(holding.lots) as Lot;
    holding.tradesSeen = this.#prices.trades(holding.contract.slot);
    holding.stop =
      holding.stop === undefined
        ? stopOf(holding, this.#account.newId(), trigger, lots, parentLinkId)
        : { ...holding.stop, trigger, lots };
  }

  #clearStop(holding: Holding): void {
    const { stop } = holding;
    if (stop === undefined) return;
    holding.stop = undefined;
    this.#account.tellOrder({ ...stop, status: 'deactivated', cancelType: 'CancelByTpSlTsClear' });
  }

  #fire(holding: Holding, stop: OrderReport): void {
    holding.stop = undefined;
    const order = this.#account.tellOrder({ ...stop, status: 'triggered', lots: closable(holding, stop.side) });
    this.execute(holding, order, undefined);
  }

  #takeOver(holding: Holding): void {
    const { lots, contract } = holding;
    const [tick, size] = [bankruptTick(holding), Math.abs(lots) as Lot];
    this.#account.trade(
      holding,
      {
        orderId: this.#account.newId(),
        linkId: '',
        kind: 'liquidation',
        createType: 'CreateByTakeOver_PassThrough',
        side: CLOSES[sideOf(lots)],
        tick,
        lots: size,
      },
      notionalOf(tick, size, contract.instrument),
    );
    this.#follow(holding, lots, undefined);
  }

  #watch(holding: Holding): void {
    const { slot } = holding.contract;
    this.#open.get(slot)?.funding.cancel();
    this.#open.delete(slot);
    if (holding.lots !== 0) this.#awaitFunding(holding);
  }

  #awaitFunding(holding: Holding): void {
    const now = this.#account.nowMs;
    const due = (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS;
    const funding = this.#clock.after((due - now) as Ms, () => this.#fund(holding, due));
    this.#open.set(holding.contract.slot, { holding, funding });
  }

  /** The exchange may make the hours of a contract more or fewer at any time: whether this is one is asked each minute. */
  #fund(holding: Holding, due: number): void {
    const { fundingRate, fundingMs } = this.#contractOf(holding.contract.instrument.symbol) ?? holding.contract;
    holding.contract = { ...holding.contract, fundingRate, fundingMs };
    // A timer may come a little early, and is set again; or late, after a stall, when more than one hour is due.
    for (let at = due; at <= this.#account.nowMs; at += MINUTE_MS) if (at % fundingMs === 0) this.#pay(holding);
    this.#awaitFunding(holding);
  }

  #pay(holding: Holding): void {
    const tick = this.#account.markTick(holding.contract);
    if (tick === undefined) return;
    const { lots } = holding;
    this.#account.charge(holding, {
      side: OPENS[sideOf(lots)],
      tick,
      lots: Math.abs(lots) as Lot,
      fee: fundingOf(holding, tick),
      feeRate: moneyText(holding.contract.fundingRate),
    });
    this.#account.tellWallet();
  }
}

const opens = ({ lots }: Holding, side: OrderSide): boolean => lots !== 0 && side === OPENS[sideOf(lots)];

function stopOf(holding: Holding, orderId: string, trigger: StopPrice, lots: Lot, parentLinkId: string): OrderReport {
  return {
    ...FRESH,
    symbol: holding.contract.instrument.symbol,
    orderId,
    parentLinkId,
    side: CLOSES[sideOf(holding.lots)],
    status: 'untriggered',
    createType: 'CreateByStopLoss',
    isStopLoss: true,
    reduceOnly: true,
    lots,
    trigger,
  };
}
