// How does a whole exchange live inside a test? Without sockets and without waiting: texts in, texts out, and time by hand.
import { Exchange, type ExchangeOptions } from './exchange.ts';

/** The real market was captured in this second: any fixed time would do. */
const START_MS = 1_786_310_820_000;

export interface VirtualExchange extends Pick<Exchange, 'request' | 'door' | 'open' | 'stage' | 'ledger' | 'market'> {
  /** Lets so many milliseconds pass. */
  advance(ms: number): void;
}

export function createVirtualExchange(
  seed: number,
  options: Omit<Partial<ExchangeOptions>, 'seed'> = {},
): VirtualExchange {
  const exchange = new Exchange({ symbols: 3, settleMsMax: 20, startMs: START_MS, ...options, seed });
  return {
    request: (request, reply) => exchange.request(request, reply),
    door: (path) => exchange.door(path),
    open: (kind, client, query) => exchange.open(kind, client, query),
    stage: exchange.stage,
    ledger: exchange.ledger,
    market: exchange.market,
    advance: (ms) => exchange.advance(exchange.nowMs + ms),
  };
}
