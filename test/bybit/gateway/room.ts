// A gateway at a simulated exchange over real sockets, and everything that it told.
import { Budget } from '../../../src/bybit/budget.ts';
import { createBybitWires } from '../../../src/bybit/gateway/bybit-wires.ts';
import { type BybitGateway, createBybitGateway } from '../../../src/bybit/gateway/gateway.ts';
import type { ApiKeys } from '../../../src/bybit/gateway/keys.ts';
import type { Endpoints } from '../../../src/bybit/endpoints.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import { createRng } from '../../../src/lib/rng.ts';
import type { Instrument } from '../../../src/market/instrument.ts';
import type { Lot, Slot, Tick } from '../../../src/market/units.ts';
import type { Answer, GatewayEvent, GatewayRequest } from '../../../src/order/gateway.ts';
import type { OutboundOrder, Path } from '../../../src/order/words.ts';
import type { Simulator, SimulatorOptions } from '../../../src/simulator/server.ts';
import type { Position } from '../../../src/simulator/venue/model.ts';
import { openExchange, post } from '../../simulator/exchange-room.ts';

export const SOL = 'SOLUSDT';
type Kind<K extends GatewayEvent['kind']> = Extract<GatewayEvent, { kind: K }>;
/** A request without what the room adds. */
type Plain = GatewayRequest extends infer Request
  ? Request extends GatewayRequest
    ? Omit<Request, 'requestId' | 'path'>
    : never
  : never;

export interface RoomOptions {
  readonly simulator?: SimulatorOptions;
  readonly clock?: Clock;
  readonly keys?: ApiKeys;
  readonly endpoints?: Partial<Endpoints>;
  readonly connects?: Budget;
  readonly knows?: (symbol: string) => boolean;
  readonly touch?: Tick;
}

export function endpointsOf(exchange: Simulator): Endpoints {
  const { restUrl, publicUrl, privateUrl, tradeUrl } = exchange;
  return { rest: restUrl, restSecond: undefined, public: publicUrl, private: privateUrl, trade: tradeUrl };
}

export class GatewayRoom {
  readonly exchange: Simulator;
  readonly gateway: BybitGateway;
  /** Everything told so far, in order. */
  readonly told: GatewayEvent[] = [];
  /** All that was logged, as one text a line. */
  readonly lines: string[] = [];
  #waiting: (() => void)[] = [];
  #count = 0;

  private constructor(exchange: Simulator, options: RoomOptions) {
    this.exchange = exchange;
    const write =
      (level: string) =>
      (fields: object, event: string): void =>
        void this.lines.push(`${level} ${event} ${JSON.stringify(fields)}`);
    const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
    const keys = options.keys ?? (exchange.keys[0] as ApiKeys);
    const endpoints = { ...endpointsOf(exchange), ...options.endpoints };
    const knows = options.knows ?? (() => true);
    this.gateway = createBybitGateway(
      {
        wires: (serverNow) => createBybitWires(endpoints, { key: keys.key, secret: keys.secret }, serverNow),
        instrumentOf: (symbol) => (knows(symbol) ? exchange.market.contract(symbol)?.instrument : undefined),
        touchOf: () => options.touch,
        connects: options.connects ?? new Budget(60, 300_000 as Ms),
        calls: new Budget(300, 5_000 as Ms),
      },
      options.clock ?? systemClock,
      createRng(5),
      log,
      (event) => {
        this.told.push(event);
        for (const wake of this.#waiting.splice(0)) wake();
      },
    );
  }

  static async open(options: RoomOptions = {}): Promise<GatewayRoom> {
    const exchange = await openExchange({ symbols: 3, ...options.simulator }, systemClock);
    return new GatewayRoom(exchange, options);
  }

  /** All links up and the exchange's time known. */
  static async ready(options: RoomOptions = {}): Promise<GatewayRoom> {
    const room = await GatewayRoom.open(options);
    for (const link of ['private', 'trade-socket', 'rest-1', 'rest-2'] as const) await room.link(link, true);
    await room.hears('clock', () => true);
    return room;
  }

  async close(): Promise<void> {
    await this.gateway.close();
    await this.exchange.close();
  }

  /** All that was logged or told, as one text. */
  said(): string {
    const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
    return [...this.lines, ...this.told.map((event) => JSON.stringify(event, plain))].join('\n');
  }

  get here(): number {
    return this.told.length;
  }

  fault(kind: string, given: object = {}): Promise<unknown> {
    return post(this.exchange.controlUrl, '/fault', { kind, ...given });
  }

  /** The first event of a kind that fits, from place `from` on; waits for it. */
  async hears<K extends GatewayEvent['kind']>(kind: K, fits: (event: Kind<K>) => boolean, from = 0): Promise<Kind<K>> {
    for (let at = from; ; at++) {
      while (at >= this.told.length) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
      const event = this.told[at] as GatewayEvent;
      if (event.kind === kind && fits(event as Kind<K>)) return event as Kind<K>;
    }
  }

  link(link: Path | 'private', up: boolean, from = 0): Promise<Kind<'link'>> {
    return this.hears('link', (event) => event.link === link && event.up === up, from);
  }

  /** Hands a request over and tells its id. */
  send(path: Path, request: Plain): number {
    const requestId = ++this.#count;
    this.gateway.send({ requestId, path, ...request } as GatewayRequest);
    return requestId;
  }

  async answer(path: Path, request: Plain): Promise<Answer> {
    const requestId = this.send(path, request);
    return (await this.hears('answer', (event) => event.requestId === requestId)).answer;
  }

  async lookUp(linkId: string, path: Path = 'rest-1'): Promise<Kind<'looked-up'>['reading']> {
    const requestId = this.send(path, { kind: 'look-up', symbol: SOL, linkId });
    return (await this.hears('looked-up', (event) => event.requestId === requestId)).reading;
  }

  async readPosition(symbol = SOL): Promise<Kind<'position-read'>['reading']> {
    const requestId = this.send('rest-1', { kind: 'read-position', symbol });
    return (await this.hears('position-read', (event) => event.requestId === requestId)).reading;
  }

  async readAccount(sinceMs?: number): Promise<Kind<'account-read'>['reading']> {
    const depth =
      sinceMs === undefined ? ({ depth: 'light' } as const) : ({ depth: 'deep', sinceMs: sinceMs as Ms } as const);
    const requestId = this.send('rest-1', { kind: 'read-account', ...depth });
    return (await this.hears('account-read', (event) => event.requestId === requestId)).reading;
  }

  instrument(symbol = SOL): Instrument {
    return this.exchange.market.contract(symbol)?.instrument as Instrument;
  }

  get lastTick(): number {
    return this.exchange.market.contract(SOL)?.matching.lastTick ?? 0;
  }

  /** As the exchange itself has it. */
  position(symbol = SOL): Position {
    const uid = this.exchange.keys[0]?.uid as number;
    return this.exchange.market.venue.positions(uid, { symbol })[0] as Position;
  }

  /** Buys far above the market, the stop far below. */
  entry(linkId: string, lots = 13, change: Partial<OutboundOrder & { role: 'E' }> = {}): OutboundOrder {
    return {
      role: 'E',
      linkId,
      slot: 0 as Slot,
      symbol: SOL,
      side: 'buy',
      lots: lots as Lot,
      type: 'limit',
      capTick: (this.lastTick + 100) as Tick,
      stop: { tick: (this.lastTick - 500) as Tick, by: 'mark' },
      recvWindowMs: 2_000 as Ms,
      ...change,
      // Only risk can approve; a test stands in for it.
    } as OutboundOrder;
  }

  closing(linkId: string, lots: number | 'all' = 'all'): OutboundOrder {
    return {
      role: 'C',
      linkId,
      slot: 0 as Slot,
      symbol: SOL,
      side: 'sell',
      lots: lots as Lot | 'all',
      type: 'market',
      capTick: undefined,
      recvWindowMs: 5_000 as Ms,
    };
  }
}
