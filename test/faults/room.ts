// A whole engine on the real clock and real sockets, watching every symbol of an exchange that can be made to fail.
import { expect } from 'vitest';
import { endpointsOf } from '../../src/bybit/endpoints.ts';
import type { Config } from '../../src/config/schema.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createRng } from '../../src/lib/rng.ts';
import type { Log } from '../../src/ops/log.ts';
import type { Store } from '../../src/store/write/client.ts';
import { configOf } from '../config-of.ts';
import { type Exchange, type ExchangeBook, openExchange, type Order } from './exchange.ts';
import { Ledger } from './ledger.ts';

/** In which every book must have come right again. */
const RECOVERY_MS = 10_000;
/** For all else that will come, on however slow a machine. */
const PATIENCE_MS = 60_000;
const POLL_MS = 10;

export interface RoomOptions {
  readonly seed?: number;
  readonly symbols?: number;
  /** `section.key=value` over the shipped configuration. */
  readonly settings?: readonly string[];
  readonly store?: Store;
  readonly sessionId?: string;
  /** After which an analyzer thread is taken for hung. */
  readonly hungMs?: Ms;
}

export interface Room {
  readonly exchange: Exchange;
  readonly engine: Engine;
  readonly ledger: Ledger;
  readonly config: Config;
  readonly symbols: readonly string[];
  depthOf(symbol: string): number;
  trustOf(symbol: string): string | undefined;
  /** Orders a fault; of a symbol's frames those of its subscribed depth. */
  fault(order: Order): Promise<void>;
  allLive(by?: number): Promise<void>;
  /** Stops the market, waits until every book is live and the exchange's own, and lets it go on. */
  agrees(by?: number): Promise<void>;
  /** Runs `act`; answers which symbols were resynced between its begin and its end. */
  resyncedBy(act: () => Promise<void>): Promise<string[]>;
  close(): Promise<void>;
}

/** The moment by which what is disturbed now has to be in order again. */
export function soon(): number {
  return performance.now() + RECOVERY_MS;
}

/** The moment by which whatever will come has come. */
export function sometime(): number {
  return performance.now() + PATIENCE_MS;
}

/** Resolves once the condition holds; says what did not come where it does not. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, by = sometime()): Promise<void> {
  while (!(await holds())) {
    if (performance.now() > by) throw new Error(`not in time: ${what}`);
    await new Promise((next) => setTimeout(next, POLL_MS));
  }
}

export async function openRoom(options: RoomOptions = {}): Promise<Room> {
  const exchange = await openExchange(options.seed ?? 3, options.symbols ?? 12);
  const { symbols } = await exchange.state();
  const config = configOf([`market.symbols=[${symbols.join()}]`, ...(options.settings ?? [])]);
  const ledger: Ledger = new Ledger(() => engine, options.store);
  const engine: Engine = createEngine({
    config,
    endpoints: endpointsOf('simulator', exchange),
    session: {
      sessionId: options.sessionId ?? 'faults',
      environment: 'simulator',
      mode: 'off',
      version: '0',
      node: process.version,
      config: {},
    },
    clock: systemClock,
    rng: createRng(1),
    log: silentLog,
    workers: config.analysis.workers === 'auto' ? 2 : config.analysis.workers,
    hungMs: options.hungMs,
    store: ledger,
    onEvent: (event) => ledger.told.push(event),
  });

  const bookOf = (symbol: string) => {
    const book = engine.book(symbol);
    if (book === undefined) throw new Error(`${symbol} is not watched`);
    return book;
  };
  const resyncs = () => new Map(engine.feed.status().symbols.map(({ symbol, resyncs: count }) => [symbol, count]));
  const room: Room = {
    exchange,
    engine,
    ledger,
    config,
    symbols,
    depthOf: (symbol) => bookOf(symbol).depth,
    trustOf: (symbol) => engine.book(symbol)?.trust,
    fault: (order) => {
      const { symbol, topic } = order;
      const isOfBook = symbol !== undefined && topic === undefined && order.kind !== 'tick-change';
      return exchange.fault(isOfBook ? { depth: bookOf(symbol).depth, ...order } : order);
    },
    allLive: (by) => until('every book live', () => engine.status().books.live === symbols.length, by),
    async agrees(by = soon()) {
      await room.allLive(by);
      await exchange.pause();
      const differing = new Set(symbols);
      await until(
        'every book equal to the exchange’s',
        async () => {
          for (const symbol of differing) if (await isEqual(symbol)) differing.delete(symbol);
          return differing.size === 0;
        },
        by,
      ).catch(async () => {
        const [symbol] = differing as Iterable<string> as [string];
        expect(textOf(symbol), `${[...differing].join()} differ`).toBe(await theirText(symbol));
      });
      await exchange.resume();
    },
    async resyncedBy(act) {
      const before = resyncs();
      await act();
      return [...resyncs()].filter(([symbol, count]) => count !== before.get(symbol)).map(([symbol]) => symbol);
    },
    async close() {
      await engine.stop();
      await exchange.close();
      expect(ledger.fromDeadBooks).toEqual([]);
      expect(ledger.oddLives()).toEqual([]);
      expect(ledger.oddMoments()).toEqual([]);
    },
  };

  const textOf = (symbol: string): string => {
    const { u, bids, asks } = bookOf(symbol);
    return bookText({ u, b: bids, a: asks });
  };
  const theirText = async (symbol: string): Promise<string> => {
    const book = await exchange.book(symbol, bookOf(symbol).depth);
    return book === undefined ? 'nobody subscribes to it' : bookText(book);
  };
  const isEqual = async (symbol: string): Promise<boolean> =>
    bookOf(symbol).trust === 'live' && (await theirText(symbol)) === textOf(symbol);

  await engine.start();
  await room.allLive();
  return room;
}

/** Values, not paddings: after a change of grid the exchange prints other zeros behind the same number. */
function bookText({ u, b, a }: ExchangeBook): string {
  const value = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  const side = (levels: ExchangeBook['b']): string =>
    levels.map(([price, size]) => `${value(price)}×${value(size)}`).join(' ');
  return `u ${u}\n${side(b)}\n${side(a)}`;
}

const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
  counts: () => ({}),
  setLevel() {},
  flush() {},
  close() {},
};
