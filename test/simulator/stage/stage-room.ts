// A client of an exchange that lives on the test's own time: texts through the same doors as everybody's.
import { createHmac } from 'node:crypto';
import { createVirtualExchange, type VirtualExchange } from '../../../src/simulator/virtual.ts';
import type { Connection, ConnectionKind } from '../../../src/simulator/connection.ts';
import type { ExchangeOptions } from '../../../src/simulator/exchange.ts';
import type { HttpAnswer } from '../../../src/simulator/http.ts';
import type { LedgerLine } from '../../../src/simulator/ledger/ledger.ts';

export const SOL = 'SOLUSDT';
const WINDOW = '5000';

export type Fields = Readonly<Record<string, unknown>>;

/** What came back: the parsed body where it is JSON, and undefined for no answer yet. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: Fields;
}

function parsed(text: string): Fields {
  try {
    return JSON.parse(text) as Fields;
  } catch {
    return {};
  }
}

const sign = (text: string, secret: string): string => createHmac('sha256', secret).update(text).digest('hex');

/** A client's end of a connection. */
export class Line {
  readonly heard: Fields[] = [];
  readonly texts: string[] = [];
  /** Close code; 0 for none, undefined while it stands. */
  ended: number | undefined;
  connection: Connection | undefined;

  say(message: object): void {
    this.connection?.receive(JSON.stringify(message));
  }

  take(text: string): void {
    this.texts.push(text);
    this.heard.push(parsed(text));
  }

  /** All rows of a private or public topic so far. */
  of(topic: string): Fields[] {
    return this.heard.filter((message) => message['topic'] === topic);
  }

  rows(topic: string): Fields[] {
    return this.of(topic).flatMap(({ data }) => data as Fields[]);
  }
}

export class StageRoom {
  readonly exchange: VirtualExchange;
  readonly #key: { readonly key: string; readonly secret: string };

  constructor(seed = 3, options: Omit<Partial<ExchangeOptions>, 'seed'> = {}) {
    this.exchange = createVirtualExchange(seed, options);
    const [key] = this.exchange.stage.venue.keys;
    if (key === undefined) throw new Error('the exchange opens with accounts');
    this.#key = key;
    this.pass(50);
  }

  get nowMs(): number {
    return this.exchange.market.nowMs;
  }

  pass(ms: number): void {
    this.exchange.advance(ms);
  }

  /** A request whose answer comes now, later or never. */
  send(
    method: 'GET' | 'POST',
    path: string,
    params: Fields = {},
    signedMs = this.nowMs,
  ): { answer: Answered | undefined } {
    const query = method === 'GET' ? new URLSearchParams(params as Record<string, string>).toString() : '';
    const body = method === 'POST' ? JSON.stringify(params) : '';
    const timestamp = String(signedMs);
    const { key, secret } = this.#key;
    const headers = {
      'x-bapi-api-key': key,
      'x-bapi-timestamp': timestamp,
      'x-bapi-recv-window': WINDOW,
      'x-bapi-sign': sign(`${timestamp}${key}${WINDOW}${query}${body}`, secret),
    };
    const sent: { answer: Answered | undefined } = { answer: undefined };
    this.exchange.request(
      { method, path, query, headers, body },
      ({ status, headers: told, body: text }: HttpAnswer) => {
        sent.answer = { status, headers: told, text, body: parsed(text) };
      },
    );
    return sent;
  }

  get(path: string, params: Fields = {}): Answered {
    return this.#now(this.send('GET', path, params));
  }

  post(path: string, params: Fields = {}): Answered {
    return this.#now(this.send('POST', path, params));
  }

  /** A market order, matched before this returns. */
  order(params: Fields): Answered {
    const answered = this.post('/v5/order/create', { category: 'linear', symbol: SOL, orderType: 'Market', ...params });
    this.pass(10);
    return answered;
  }

  fault(kind: string, given: Fields = {}): Answered {
    return this.post('/control/fault', { kind, ...given });
  }

  ledger(kind?: LedgerLine['kind']): readonly LedgerLine[] {
    return this.exchange.ledger.since(0).filter((line) => kind === undefined || line.kind === kind);
  }

  /** Link ids of the orders that were filled, in that order. */
  filled(): string[] {
    return [...new Set(this.ledger('fill').map(({ linkId }) => String(linkId)))];
  }

  /** The first row of a list that is asked for. */
  row(path: string, params: Fields): Fields {
    const { list } = this.get(path, { category: 'linear', ...params }).body['result'] as { list: Fields[] };
    return list[0] ?? {};
  }

  connect(kind: ConnectionKind, query = ''): Line {
    const line = new Line();
    line.connection = this.exchange.open(
      kind,
      { send: (text) => line.take(text.toString()), cut: (code) => void (line.ended = code ?? 0) },
      query,
    );
    return line;
  }

  /** Logged in, and on the private socket subscribed to everything. */
  login(kind: 'private' | 'trade'): Line {
    const line = this.connect(kind);
    const expires = this.nowMs + 5_000;
    line.say({ op: 'auth', args: [this.#key.key, expires, sign(`GET/realtime${expires}`, this.#key.secret)] });
    if (kind === 'private') line.say({ op: 'subscribe', args: ['order', 'execution', 'position', 'wallet'] });
    this.pass(10);
    return line;
  }

  /** An order over the trade socket. */
  shout(line: Line, reqId: string, params: Fields): void {
    line.say({
      reqId,
      header: { 'X-BAPI-TIMESTAMP': String(this.nowMs), 'X-BAPI-RECV-WINDOW': WINDOW },
      op: 'order.create',
      args: [{ category: 'linear', symbol: SOL, orderType: 'Market', ...params }],
    });
  }

  #now(sent: { readonly answer: Answered | undefined }): Answered {
    if (sent.answer === undefined) throw new Error('no answer came at once');
    return sent.answer;
  }
}
