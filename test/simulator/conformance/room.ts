// A simulated exchange on sockets, a stranger's client at it, and the venue's own state to judge by.
import type { Ms } from '../../../src/lib/brand.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import type { Simulator } from '../../../src/simulator/server.ts';
import type { Venue } from '../../../src/simulator/venue/venue.ts';
import type { ApiKey, Order, Position } from '../../../src/simulator/venue/model.ts';
import { plainPrice } from '../../../src/simulator/gateway/spelling.ts';
import { openExchange } from '../exchange-room.ts';
import { Stranger } from './stranger.ts';

export class Room {
  readonly exchange: Simulator;
  readonly client: Stranger;
  readonly uid: number;
  #links = 0;

  private constructor(exchange: Simulator, client: Stranger, uid: number) {
    this.exchange = exchange;
    this.client = client;
    this.uid = uid;
  }

  /** The exchange opens so far in the future: near an hour at which something falls due. */
  static async open(aheadMs = 0): Promise<Room> {
    const clock = { ...systemClock, wall: () => (systemClock.wall() + aheadMs) as Ms };
    const exchange = await openExchange({}, clock);
    const key = exchange.keys[0] as ApiKey;
    return new Room(exchange, await Stranger.meet(exchange, key, aheadMs), key.uid);
  }

  async close(): Promise<void> {
    this.client.leave();
    await this.exchange.close();
  }

  get venue(): Venue {
    return this.exchange.market.venue;
  }

  /** Where the client's next messages will be found. */
  get here(): number {
    return this.client.told.length;
  }

  link(): string {
    return `link-${++this.#links}`;
  }

  /** The last price of a contract, moved by so many ticks, as text. */
  price(symbol: string, ticks = 0): string {
    const { matching, instrument } = this.#contract(symbol);
    return plainPrice(matching.lastTick + ticks, instrument);
  }

  /** Somebody takes everything up to so many ticks beyond the touch. */
  push(symbol: string, ticks: number): void {
    this.#contract(symbol).outsider.push(ticks, this.exchange.market.nowMs);
  }

  /** As the exchange itself has it. */
  position(symbol: string): Position {
    return this.venue.positions(this.uid, { symbol })[0] as Position;
  }

  openOrders(symbol: string): readonly Order[] {
    return this.venue.openOrders(this.uid, { symbol });
  }

  /** A long of `qty` with a stop that waits; resolves when both are told. */
  async enter(symbol: string, qty: string, stopTicks = -500): Promise<{ orderId: string; link: string }> {
    const { here } = this;
    const link = this.link();
    const { orderId } = await this.client.place({
      symbol,
      side: 'Buy',
      orderType: 'Market',
      qty,
      positionIdx: 0,
      orderLinkId: link,
      stopLoss: this.price(symbol, stopTicks),
      tpslMode: 'Full',
      slTriggerBy: 'LastPrice',
    });
    await this.client.hears('order', { orderId, orderStatus: 'Filled' }, here);
    await this.client.hears('order', { parentOrderLinkId: link, orderStatus: 'Untriggered' }, here);
    return { orderId, link };
  }

  /** Closes what there is and waits until it is told. */
  async leave(symbol: string): Promise<string> {
    const { here } = this;
    const { orderId } = await this.client.place({
      symbol,
      side: 'Sell',
      orderType: 'Market',
      qty: '0',
      reduceOnly: true,
      closeOnTrigger: true,
      positionIdx: 0,
    });
    await this.client.hears('position', { symbol, size: '0' }, here);
    return orderId;
  }

  #contract(symbol: string): NonNullable<ReturnType<Simulator['market']['contract']>> {
    const contract = this.exchange.market.contract(symbol);
    if (contract === undefined) throw new Error(`${symbol} is not traded here`);
    return contract;
  }
}
