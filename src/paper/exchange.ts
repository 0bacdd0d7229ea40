// What happens to a request once it has arrived? The exchange's part, played against the books of the real one.
import type { Clock } from '../lib/clock.ts';
import { sameGrid, type Instrument } from '../market/instrument.ts';
import { TAKES } from '../market/side.ts';
import type { Lot, Slot } from '../market/units.ts';
import type { GatewayRequest, OnGatewayEvent } from '../order/gateway.ts';
import type { OrderReport, OutboundOrder } from '../order/words.ts';
import { Account, type AccountTerms } from './account.ts';
import type { PaperContract } from './contract.ts';
import { marginOf, sideOf } from './holding.ts';
import type { Liquidity } from './liquidity.ts';
import { FRESH } from './order-report.ts';
import type { Prices } from './prices.ts';
import {
  DUPLICATE,
  isMisplaced,
  LEVERAGE_INVALID,
  LEVERAGE_NOT_MODIFIED,
  misplaced,
  NO_ORDER,
  NO_STOP_FOR_NOTHING,
  NOT_LIVE,
  OFF_GRID,
  POOR,
  reducible,
  type Refused,
  STOP_NOT_MODIFIED,
  whyNoEntry,
} from './refusal.ts';
import { Trading, type ContractOf } from './trading.ts';

type Of<Kind extends GatewayRequest['kind']> = Extract<GatewayRequest, { kind: Kind }>;

export class PaperExchange {
  readonly #account: Account;
  readonly #trading: Trading;
  readonly #contractOf: ContractOf;
  readonly #liquidity: Liquidity;
  readonly #prices: Prices;
  readonly #tell: OnGatewayEvent;

  constructor(
    terms: AccountTerms,
    contractOf: ContractOf,
    liquidity: Liquidity,
    prices: Prices,
    clock: Clock,
    tell: OnGatewayEvent,
  ) {
    this.#account = new Account(terms, prices, clock, tell);
    this.#trading = new Trading(this.#account, contractOf, liquidity, prices, clock);
    this.#contractOf = contractOf;
    this.#liquidity = liquidity;
    this.#prices = prices;
    this.#tell = tell;
  }

  moved(slot: Slot): void {
    this.#trading.moved(slot);
  }

  close(): void {
    this.#trading.close();
  }

  /** `grid`: on which its numbers are counted. */
  perform(request: GatewayRequest, grid: Instrument | undefined): void {
    const { requestId, path } = request;
    const head = { requestId, path };
    const { records, holdings } = this.#account;
    // Whatever is asked is answered on the grid of now.
    for (const holding of holdings.values()) this.#trading.bringHome(holding);
    switch (request.kind) {
      case 'create':
        return this.#create(request, grid);
      case 'cancel':
        // All our orders are immediate: by the time that anybody could cancel one it is final.
        return this.#refuse(request, NO_ORDER);
      case 'set-stop':
        return this.#setStop(request, grid);
      case 'set-leverage':
        return this.#setLeverage(request);
      case 'look-up': {
        const value = records.ofLink(request.linkId);
        return this.#tell({ kind: 'looked-up', ...head, linkId: request.linkId, reading: { ok: true, value } });
      }
      case 'read-position': {
        const { symbol } = request;
        const holding = holdings.get(symbol);
        const value = holding === undefined ? this.#account.untouched(symbol) : this.#account.position(holding);
        return this.#tell({ kind: 'position-read', ...head, symbol, reading: { ok: true, value } });
      }
      case 'read-account': {
        const open = [...holdings.values()].filter(({ lots }) => lots !== 0);
        const value = {
          positions: open.map((holding) => this.#account.position(holding)),
          openOrders: open.flatMap(({ stop }) => stop ?? []),
          fills: request.depth === 'deep' ? records.fillsSince(request.sinceMs) : undefined,
          wallet: request.depth === 'deep' ? this.#account.wallet() : undefined,
        };
        return this.#tell({ kind: 'account-read', ...head, depth: request.depth, reading: { ok: true, value } });
      }
    }
  }

  #create(request: Of<'create'>, grid: Instrument | undefined): void {
    const { order } = request;
    const { records } = this.#account;
    const contract = this.#contractOf(order.symbol);
    if (contract === undefined || contract.slot !== order.slot) return this.#refuse(request, NOT_LIVE);
    if (!isOn(grid, contract)) return this.#refuse(request, OFF_GRID);
    if (records.knows(order.linkId)) return this.#refuse(request, DUPLICATE);
    const holding = this.#account.holding(contract);
    if (!this.#trading.bringHome(holding)) return this.#refuse(request, NOT_LIVE);
    const side = TAKES[order.side];
    const lots =
      order.role === 'E'
        ? (whyNoEntry(order, contract, this.#account, holding, this.#prices, this.#liquidity.touch(order.slot, side)) ??
          order.lots)
        : reducible(order, contract, holding);
    if (typeof lots === 'object') return this.#refuse(request, lots);
    const report = reportOf(order, this.#account.newId(), lots);
    this.#accept(request, report.orderId);
    this.#trading.execute(holding, report, order.capTick, order.role === 'E' ? order.stop : undefined);
  }

  #setStop(request: Of<'set-stop'>, grid: Instrument | undefined): void {
    const { symbol, stop } = request;
    const holding = this.#account.holdings.get(symbol);
    if (holding === undefined || holding.lots === 0) return this.#refuse(request, NO_STOP_FOR_NOTHING);
    if (!isOn(grid, holding.contract)) return this.#refuse(request, OFF_GRID);
    const side = sideOf(holding.lots);
    const base = this.#prices.now(holding.contract, stop.by);
    if (base !== undefined && isMisplaced(stop, side, base)) return this.#refuse(request, misplaced(stop, side, base));
    const old = holding.stop?.trigger;
    if (old?.tick === stop.tick && old.by === stop.by) return this.#refuse(request, STOP_NOT_MODIFIED);
    this.#accept(request, '');
    this.#trading.place(holding, stop, '');
    if (holding.stop !== undefined) holding.stop = this.#account.tellOrder(holding.stop);
    this.#account.tellPosition(holding);
  }

  #setLeverage(request: Of<'set-leverage'>): void {
    const { symbol, leverage } = request;
    const contract = this.#contractOf(symbol);
    if (contract === undefined) return this.#refuse(request, NOT_LIVE);
    const holding = this.#account.holding(contract);
    if (leverage < 100 || leverage > contract.leverageMax) return this.#refuse(request, LEVERAGE_INVALID);
    if (leverage === holding.leverage) return this.#refuse(request, LEVERAGE_NOT_MODIFIED);
    const { takerFee } = this.#account.terms;
    const more = marginOf({ ...holding, leverage }, takerFee) - marginOf(holding, takerFee);
    if (more > this.#account.free()) return this.#refuse(request, POOR);
    holding.leverage = leverage;
    this.#accept(request, '');
    this.#account.tellPosition(holding);
  }

  #accept({ requestId, path }: GatewayRequest, orderId: string): void {
    this.#tell({ kind: 'answer', requestId, path, answer: { outcome: 'accepted', orderId } });
  }

  #refuse({ requestId, path }: GatewayRequest, answer: Refused): void {
    this.#tell({ kind: 'answer', requestId, path, answer });
  }
}

const isOn = (grid: Instrument | undefined, { instrument }: PaperContract): boolean =>
  grid === undefined || sameGrid(grid, instrument);

function reportOf({ symbol, linkId, side, role }: OutboundOrder, orderId: string, lots: Lot): OrderReport {
  return { ...FRESH, symbol, orderId, linkId, side, reduceOnly: role !== 'E', lots };
}
