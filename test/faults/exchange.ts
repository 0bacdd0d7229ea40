// The simulated exchange as a process of its own, with the lever for each fault.
import { startSimulatorChild } from '../../src/cli/simulator-child.ts';

export interface Order {
  readonly kind: string;
  readonly symbol?: string;
  readonly depth?: number;
  readonly count?: number;
  readonly ms?: number;
  readonly topic?: string;
  readonly tickSize?: string;
  readonly qtyStep?: string;
}

export interface ExchangeBook {
  readonly b: readonly (readonly [string, string])[];
  readonly a: readonly (readonly [string, string])[];
  readonly u: number;
}

export interface ExchangeState {
  readonly symbols: readonly string[];
  readonly pendingFaults: number;
  readonly sockets: number;
  /** By topic: how many sockets have it. */
  readonly topics: Readonly<Record<string, number>>;
}

export interface Exchange {
  readonly rest: string;
  readonly public: string;
  fault(order: Order): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  state(): Promise<ExchangeState>;
  /** What the subscribers of that depth must have now; undefined while there are none. */
  book(symbol: string, depth: number): Promise<ExchangeBook | undefined>;
  close(): Promise<void>;
}

export async function openExchange(seed: number, symbols: number): Promise<Exchange> {
  const child = await startSimulatorChild({ seed, symbols, rate: 'natural' });
  const send = (path: string, body?: object): Promise<Response> =>
    fetch(`${child.control}${path}`, body === undefined ? undefined : { method: 'POST', body: JSON.stringify(body) });
  const ask = async <T>(path: string, body?: object): Promise<T> => {
    const response = await send(path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} ${JSON.stringify(body)}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  };
  return {
    rest: child.rest,
    public: child.public,
    fault: (order) => ask('/fault', order),
    pause: () => ask('/pause', {}),
    resume: () => ask('/resume', {}),
    state: () => ask('/state'),
    async book(symbol, depth) {
      const response = await send(`/book?symbol=${symbol}&depth=${depth}`);
      const body = (await response.json()) as ExchangeBook;
      return response.ok ? body : undefined;
    },
    close: () => child.close(),
  };
}
