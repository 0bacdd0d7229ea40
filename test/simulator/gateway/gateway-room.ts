// A market and its gateway in one process, on a clock that the test moves: what goes in and out are texts.
import { Agenda } from '../../../src/simulator/agenda.ts';
import { createGateway, type Gateway, type GatewayOptions } from '../../../src/simulator/gateway/gateway.ts';
import { signatureOf } from '../../../src/simulator/gateway/sign.ts';
import { plainPrice } from '../../../src/simulator/gateway/spelling.ts';
import { createMarket, type Market } from '../../../src/simulator/market.ts';
import type { ApiKey, VenueEvent } from '../../../src/simulator/venue/model.ts';

export const START_MS = 1_786_310_820_000;

export type Said = Readonly<Record<string, unknown>>;
export type Row = Readonly<Record<string, unknown>>;

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Said;
}

/** The rows of an answer. */
export function rowsOf({ body }: Reply): readonly Row[] {
  return (body['result'] as { readonly list: readonly Row[] }).list;
}

export function cursorOf({ body }: Reply): string {
  return (body['result'] as { readonly nextPageCursor: string }).nextPageCursor;
}

/** A client's end of a connection. */
export interface Line {
  /** Everything heard, in order of arrival. */
  readonly heard: Said[];
  readonly texts: string[];
  hungUp: boolean;
  say(request: object | string): void;
  login(key?: Pick<ApiKey, 'key' | 'secret'>): Said | undefined;
  leave(): void;
}

export class GatewayRoom {
  readonly market: Market;
  readonly gateway: Gateway;
  readonly #agenda = new Agenda(START_MS);
  readonly events: VenueEvent[] = [];
  readonly key: ApiKey;

  constructor(options: GatewayOptions = {}) {
    this.market = createMarket({ seed: 3, symbols: 6, startMs: START_MS });
    this.gateway = createGateway(this.market, this.#agenda, options);
    this.key = this.market.venue.keys[0] as ApiKey;
    this.market.venue.onEvent((event) => void this.events.push(event));
    this.step(50);
  }

  get nowMs(): number {
    return this.market.nowMs;
  }

  step(ms: number): void {
    for (const until = this.nowMs + ms; this.nowMs < until;) {
      this.market.advance(this.nowMs + 1);
      this.gateway.flush();
      this.#agenda.advance(this.nowMs);
    }
  }

  /** The last price of a contract, moved by so many ticks, as text. */
  price(symbol: string, ticks = 0): string {
    const contract = this.market.contract(symbol);
    if (contract === undefined) throw new Error(`${symbol} is not traded here`);
    return plainPrice(contract.matching.lastTick + ticks, contract.instrument);
  }

  get(path: string, params: Readonly<Record<string, string>> = {}, key = this.key): Reply {
    const query = new URLSearchParams(params).toString();
    return this.#ask('GET', path, query, '', this.#headers(query, key));
  }

  post(path: string, params: object, key = this.key): Reply {
    const body = JSON.stringify(params);
    return this.#ask('POST', path, '', body, this.#headers(body, key));
  }

  /** A request as it comes, with whatever headers. */
  raw(method: string, path: string, query: string, body: string, headers: Readonly<Record<string, string>>): Reply {
    return this.#ask(method, path, query, body, headers);
  }

  headers(raw: string): Record<string, string> {
    return this.#headers(raw, this.key);
  }

  connect(kind: 'private' | 'trade', maxActiveTime?: string): Line {
    const wire = {
      send: (text: string): void => {
        line.texts.push(text);
        line.heard.push(JSON.parse(text) as Said);
      },
      close: (): void => void (line.hungUp = true),
    };
    const connection = this.gateway.connect(kind, wire, maxActiveTime);
    const line: Line = {
      heard: [],
      texts: [],
      hungUp: false,
      say: (request) => connection.receive(typeof request === 'string' ? request : JSON.stringify(request)),
      login: ({ key, secret } = this.key) => {
        const expires = this.nowMs + 5_000;
        const before = line.heard.length;
        line.say({ op: 'auth', args: [key, expires, signatureOf(secret, `GET/realtime${expires}`)] });
        return line.heard[before];
      },
      leave: () => connection.close(),
    };
    return line;
  }

  /** A trade connection's request, with a time stamp of now. */
  order(line: Line, op: string, args: object, reqId?: string): Said | undefined {
    const before = line.heard.length;
    const header = { 'X-BAPI-TIMESTAMP': String(this.nowMs), 'X-BAPI-RECV-WINDOW': '5000' };
    line.say({ ...(reqId === undefined ? {} : { reqId }), header, op, args: [args] });
    return line.heard[before];
  }

  #headers(raw: string, { key, secret }: ApiKey): Record<string, string> {
    const timestamp = String(this.nowMs);
    return {
      'X-BAPI-API-KEY': key,
      'X-BAPI-TIMESTAMP': timestamp,
      'X-BAPI-RECV-WINDOW': '5000',
      'X-BAPI-SIGN': signatureOf(secret, `${timestamp}${key}5000${raw}`),
    };
  }

  #ask(method: string, path: string, query: string, body: string, headers: Readonly<Record<string, string>>): Reply {
    const reply = this.gateway.request({ method, path, query, headers, body });
    const said = reply.body === '' || reply.body === 'Forbidden' ? {} : (JSON.parse(reply.body) as Said);
    return { ...reply, body: said };
  }
}
