// A client that nobody here wrote, pointed at the simulated exchange by its URLs and by nothing else.
import { type DefaultLogger, type OrderParamsV5, RestClientV5, WebsocketAPIClient, WebsocketClient } from 'bybit-api';
import type { Simulator } from '../../../src/simulator/server.ts';
import type { ApiKey } from '../../../src/simulator/venue/model.ts';

type Row = Readonly<Record<string, unknown>>;

/** One message of the private stream. */
export interface Told {
  readonly topic: string;
  readonly id?: string;
  readonly creationTime: number;
  readonly data: readonly Row[];
}

export interface Refused {
  readonly retCode: number;
  readonly retMsg: string;
}

export const silent: DefaultLogger = { trace() {}, info() {}, error() {} };
const TOPICS = ['order.linear', 'execution.linear', 'position.linear', 'wallet'];

export class Stranger {
  readonly rest: RestClientV5;
  readonly trade: WebsocketAPIClient;
  readonly stream: WebsocketClient;
  /** Everything that the private stream told, in order of arrival. */
  readonly told: Told[] = [];
  #waiting: (() => void)[] = [];

  private constructor(simulator: Simulator, { key, secret }: Pick<ApiKey, 'key' | 'secret'>, aheadMs: number) {
    const identity = { key, secret };
    const syncTimeBeforePrivateRequests = aheadMs !== 0;
    this.rest = new RestClientV5(
      { ...identity, baseUrl: simulator.restUrl, parseAPIRateLimits: true, syncTimeBeforePrivateRequests },
      { proxy: false, timeout: 60_000 },
    );
    this.trade = new WebsocketAPIClient(
      { ...identity, wsUrl: simulator.tradeUrl, attachEventListeners: false },
      silent,
    );
    this.stream = new WebsocketClient(
      { ...identity, wsUrl: simulator.privateUrl, promiseSubscribeRequests: true },
      silent,
    );
    this.stream.setTimeOffsetMs(aheadMs);
    this.trade.setTimeOffsetMs(aheadMs);
    this.stream.on('update', (message: unknown) => {
      this.told.push(message as Told);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.stream.on('exception', () => {});
    this.trade.getWSClient().on('exception', () => {});
  }

  /** Over REST alone. */
  static outside(simulator: Simulator, key: Pick<ApiKey, 'key' | 'secret'>): Stranger {
    return new Stranger(simulator, key, 0);
  }

  /** Logged in on both sockets, subscribed to all topics; the exchange's clock is so far ahead of the client's. */
  static async meet(simulator: Simulator, key: ApiKey, aheadMs = 0): Promise<Stranger> {
    const stranger = new Stranger(simulator, key, aheadMs);
    await stranger.stream.connectPrivate();
    await Promise.all(stranger.stream.subscribeV5(TOPICS, 'linear'));
    await stranger.trade.getWSClient().connectWSAPI();
    return stranger;
  }

  leave(): void {
    this.stream.closeAll(true);
    this.trade.getWSClient().closeAll(true);
  }

  /** The first message from place `from` on with a row that fits; waits for it. */
  async hears(topic: string, row: Row, from = 0): Promise<Told> {
    for (let at = from; ; at++) {
      while (at >= this.told.length) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
      const message = this.told[at] as Told;
      if (message.topic.startsWith(topic) && message.data.some((told) => fits(told, row))) return message;
    }
  }

  /** All rows of a topic told from place `from` on. */
  rows(topic: string, from = 0): Row[] {
    return this.told.slice(from).flatMap((message) => (message.topic.startsWith(topic) ? message.data : []));
  }

  /** Places an order through the trade socket; how it was refused, where it was. */
  async place(order: Omit<OrderParamsV5, 'category'>): Promise<{ readonly orderId: string } & Partial<Refused>> {
    return patiently(() => this.trade.submitNewOrder({ category: 'linear', ...order })).then(
      ({ data }) => data,
      (error: unknown) => {
        const { retCode, retMsg } = error as Refused;
        return { orderId: '', retCode, retMsg };
      },
    );
  }
}

/** Whoever asks too often is told when the next request fits, and asks again then. */
export async function patiently<T>(request: () => Promise<T>): Promise<T> {
  for (;;) {
    const outcome = await request().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if ('value' in outcome) return outcome.value;
    const { retCode, header } = outcome.error as Refused & { readonly header?: Readonly<Record<string, string>> };
    if (retCode !== 10_006) throw outcome.error;
    const waitMs = Number(header?.['X-Bapi-Limit-Reset-Timestamp']) - Number(header?.['Timenow']);
    await new Promise((resolve) => void setTimeout(resolve, waitMs));
  }
}

export function fits(told: Row, row: Row): boolean {
  return Object.entries(row).every(([name, value]) => told[name] === value);
}

/** The codes of a refused request over the trade socket. */
export async function refusalOf(request: Promise<unknown>): Promise<Refused> {
  const error: unknown = await request.then(
    () => ({ retCode: 0, retMsg: 'accepted' }),
    (refused: unknown) => refused,
  );
  const { retCode, retMsg } = error as Refused;
  return { retCode, retMsg };
}
