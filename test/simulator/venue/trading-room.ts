// A market with three accounts, asked the way clients ask, and everything that it told.
import type { Lot, Tick } from '../../../src/market/units.ts';
import { priceText, sizeText } from '../../../src/market/instrument.ts';
import type { Contract } from '../../../src/simulator/contract.ts';
import { createMarket, type Market } from '../../../src/simulator/market.ts';
import type { AccountTerms } from '../../../src/simulator/venue/client.ts';
import type { Variants } from '../../../src/simulator/venue/variants.ts';
import type { Params, Placed } from '../../../src/simulator/venue/venue.ts';
import {
  isRefusal,
  type Order,
  type Position,
  type VenueEvent,
  type Wallet,
} from '../../../src/simulator/venue/model.ts';

export const START = 1_786_310_820_000;
export const [ALICE, BOB, CAROL] = [1, 2, 3] as const;
const USDT = 100_000_000n;

export const usdt = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const units = BigInt(whole) * USDT + BigInt(fraction.padEnd(8, '0'));
  return text.startsWith('-') ? -units : units;
};

const account = (uid: number, balance: string): AccountTerms => ({ uid, balance: usdt(balance), keys: [] });

export interface RoomOptions {
  readonly seed?: number;
  readonly symbols?: number;
  readonly startMs?: number;
  readonly variants?: Partial<Variants>;
  /** Ordinary participants sleep: nothing moves but what clients do. */
  readonly still?: boolean;
  readonly balance?: string;
}

export class TradingRoom {
  readonly market: Market;
  readonly told: VenueEvent[] = [];

  constructor({ seed = 1, symbols = 3, startMs = START, variants, still = true, balance = '1000' }: RoomOptions = {}) {
    const accounts = [account(ALICE, balance), account(BOB, '1000000'), account(CAROL, '100000000')];
    this.market = createMarket({ seed, symbols, startMs, accounts, variants });
    this.market.venue.onEvent((event) => this.told.push(event));
    if (still) this.market.pause();
  }

  get venue(): Market['venue'] {
    return this.market.venue;
  }

  contract(symbol = 'SOLUSDT'): Contract {
    const contract = this.market.contract(symbol);
    if (contract === undefined) throw new Error(`${symbol} is not traded`);
    return contract;
  }

  price(tick: number, symbol = 'SOLUSDT'): string {
    return priceText(tick as Tick, this.contract(symbol).instrument);
  }

  size(lots: number, symbol = 'SOLUSDT'): string {
    return sizeText(lots as Lot, this.contract(symbol).instrument);
  }

  pass(ms = 5): void {
    this.market.advance(this.market.nowMs + ms);
  }

  /** Accepted and taken up by the engine; fails where it is refused. */
  order(uid: number, params: Params): Order {
    const placed = this.ask(uid, params);
    if (isRefusal(placed)) throw new Error(`${placed.code} ${placed.text}`);
    this.pass();
    return this.lastOf(placed.orderId);
  }

  ask(uid: number, params: Params): Placed | { readonly code: number; readonly text: string } {
    return this.venue.create(uid, { category: 'linear', symbol: 'SOLUSDT', positionIdx: 0, ...params });
  }

  buy(uid: number, qty: string, more: Params = {}): Order {
    return this.order(uid, { side: 'Buy', orderType: 'Market', qty, ...more });
  }

  sell(uid: number, qty: string, more: Params = {}): Order {
    return this.order(uid, { side: 'Sell', orderType: 'Market', qty, ...more });
  }

  limit(uid: number, side: 'Buy' | 'Sell', qty: string, price: string, more: Params = {}): Order {
    return this.order(uid, { side, orderType: 'Limit', qty, price, ...more });
  }

  /** The code of a refusal, 0 where it was accepted. */
  codeOf(answer: object): number {
    return isRefusal(answer) ? answer.code : 0;
  }

  lastOf(orderId: string): Order {
    const event = this.told.findLast((told) => told.kind === 'order' && told.order.id === orderId);
    if (event?.kind !== 'order') throw new Error('nothing was told of this order');
    return event.order;
  }

  position(uid: number, symbol = 'SOLUSDT'): Position {
    return this.venue.positions(uid, { symbol })[0] as Position;
  }

  wallet(uid: number): Wallet {
    return this.venue.wallet(uid);
  }

  /** What was told to an account since place `from`, in short words. */
  story(uid: number, from = 0): string[] {
    return this.told.slice(from).flatMap((event) => {
      if (event.kind === 'order')
        return event.order.uid === uid
          ? [
              `order ${event.order.stopOrderType === '' ? event.order.side : event.order.stopOrderType} ${event.order.status}`,
            ]
          : [];
      if (event.kind === 'execution')
        return event.execution.uid === uid ? [`execution ${event.execution.side} ${event.execution.lots}`] : [];
      if (event.kind === 'position') return event.position.uid === uid ? [`position ${event.position.lots}`] : [];
      return event.wallet.uid === uid ? ['wallet'] : [];
    });
  }

  /** Empties the book of SOLUSDT down to and with `tick` on the bid side, so that a client can offer there. */
  clearBids(tick: number, symbol = 'SOLUSDT'): void {
    const { book } = this.contract(symbol).matching;
    while (book.best[0] >= tick) this.sell(CAROL, this.size(book.at(book.best[0]), symbol), { symbol });
  }

  /** Moves mark and index by so many ticks for a minute. */
  moveMark(ticks: number, symbol = 'SOLUSDT'): void {
    this.venue.divergeMark(symbol, ticks, 60_000);
  }
}
