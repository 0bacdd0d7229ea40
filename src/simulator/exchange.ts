// What is the whole simulated exchange, before anybody lends it sockets? One market, one clock, texts in and texts out.
//
// The shells (a process of its own, a worker, a test under a virtual clock) move bytes and call `advance`; everything else
// happens here, as a function of the seed, the requests and the time at which they come.
import type { Ms } from '../lib/brand.ts';
import type { Clock } from '../lib/clock.ts';
import { createRng, type Rng } from '../lib/rng.ts';
import { ASK } from '../market/side.ts';
import { Agenda } from './agenda.ts';
import { Troubles } from './channel.ts';
import { type ClientEnd, Connection, type ConnectionKind } from './connection.ts';
import { answerControl, type Steered } from './control.ts';
import { FrameFaults } from './faults.ts';
import { createMarket, type Market, MARKET_DEFAULTS } from './market.ts';
import { PublicSession, type SessionHost } from './public-session.ts';
import { RequestLimit } from './request-limit.ts';
import { answerRest } from './rest.ts';
import { priceAt, type TruthSink } from './truth.ts';

export interface ExchangeOptions {
  readonly seed?: number;
  readonly symbols?: number;
  /** Book frames a second over all symbols; undefined for natural activity. */
  readonly rate?: number | undefined;
  /** The exchange's time at which it opens. */
  readonly startMs: number;
  /** Acknowledgements come after the first burst, up to this much later. */
  readonly settleMsMax?: number;
  readonly truth?: TruthSink;
  /** Whose time counts requests; the exchange's own where none is given. */
  readonly limitClock?: Clock;
  /** Told to whoever asks for the parameters of the run. */
  readonly told?: Readonly<Record<string, unknown>>;
}

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** As it was sent, without the question mark. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What becomes of a client who knocks: a connection, or why there is none. */
export type Door = ConnectionKind | 'refused' | 'unknown';

const PATHS: Readonly<Record<string, ConnectionKind>> = { '/v5/public/linear': 'public' };

export class Exchange {
  readonly market: Market;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly #agenda: Agenda;
  readonly #rng: Rng;
  readonly #limit: RequestLimit;
  readonly #faults: FrameFaults;
  readonly #troubles: Troubles;
  readonly #steered: Steered;
  readonly #connections = new Set<Connection>();
  readonly #sessions = new Set<PublicSession>();
  readonly #readers = new Map<string, Set<PublicSession>>();
  readonly #host: SessionHost;
  #opened = 0;

  constructor(options: ExchangeOptions) {
    const {
      seed = MARKET_DEFAULTS.seed,
      symbols = MARKET_DEFAULTS.symbols,
      rate,
      startMs,
      settleMsMax = 200,
    } = options;
    const market = createMarket({ seed, symbols, rate, startMs, ...(options.truth && { truth: options.truth }) });
    const rng = createRng(seed).fork('server');
    this.market = market;
    this.#rng = rng;
    this.#agenda = new Agenda(startMs);
    this.#limit = new RequestLimit(options.limitClock ?? this.#agenda);
    this.#troubles = new Troubles(createRng(seed).fork('troubles'));
    this.#faults = new FrameFaults((symbol, depth) => {
      const contract = market.contract(symbol);
      const best = contract?.view(depth)?.window(ASK).ticks[0];
      if (contract === undefined || best === undefined) return undefined;
      return [priceAt(best + 1, contract.instrument), contract.listing.qtyStep];
    });
    this.parameters = {
      seed,
      symbols,
      rate: rate ?? 'natural',
      settleMsMax,
      ...options.told,
      startMs,
      thresholds: market.thresholds,
    };
    this.#steered = {
      market,
      clock: this.#agenda,
      faults: this.#faults,
      troubles: this.#troubles,
      rejected: new Set(),
      sessions: this.#sessions,
      connections: this.#connections,
      parameters: this.parameters,
      refuseUntilMs: 0 as Ms,
    };
    this.#host = {
      market,
      clock: this.#agenda,
      rejected: this.#steered.rejected,
      settleMs: () => rng.below(settleMsMax + 1) as Ms,
      joined: (topic, session) => void readersOf(this.#readers, topic).add(session),
      left: (topic, session) => void this.#readers.get(topic)?.delete(session),
    };
    market.onFrame((frame) => {
      for (const bytes of this.#faults.pass(frame)) {
        for (const session of this.#readers.get(frame.topic) ?? []) session.deliver(frame.topic, bytes);
      }
    });
  }

  get nowMs(): number {
    return this.market.nowMs;
  }

  /** Lets the exchange live until `toMs`: the market's milliseconds and what is due between them, in order. */
  advance(toMs: number): void {
    const until = Math.floor(toMs);
    for (const connection of this.#connections) connection.cork();
    while (this.market.nowMs < until) {
      this.market.advance(Math.min(until, Math.max(this.market.nowMs + 1, Math.ceil(this.#agenda.dueMs))));
      this.#agenda.advance(this.market.nowMs);
    }
    for (const connection of this.#connections) connection.uncork();
  }

  request(request: HttpRequest, reply: (answer: HttpAnswer) => void): void {
    const { method, path, body } = request;
    const query = new URLSearchParams(request.query);
    if (path.startsWith('/control/')) {
      const answer = answerControl(method, path, query, body, this.#steered);
      return reply(json(answer.status, answer.body));
    }
    if (!this.#limit.admit()) return reply(json(403, { retCode: 403, retMsg: 'access too frequent' }));
    const answer = answerRest(path, query, this.market);
    if (answer === undefined) return reply(json(404, { error: `no ${path}` }));
    reply(json(200, { ...answer, retExtInfo: {}, time: this.market.nowMs }));
  }

  /** Who knocks at which door? Asked before a connection is made. */
  door(path: string): Door {
    if (this.nowMs < this.#steered.refuseUntilMs) return 'refused';
    return PATHS[path] ?? 'unknown';
  }

  open(kind: ConnectionKind, client: ClientEnd): Connection {
    const connection = new Connection(kind, client, this.#troubles.channel(kind), this.#agenda, () =>
      this.#connections.delete(connection),
    );
    const session = new PublicSession(connection, this.#host, this.#connectionId());
    this.#connections.add(connection);
    this.#sessions.add(session);
    connection.answeredBy({
      receive: (text) => session.receive(text),
      close: () => {
        this.#sessions.delete(session);
        session.close();
      },
    });
    return connection;
  }

  /** Ends the run: nothing is delivered any more, and the truth log is complete. */
  close(): void {
    for (const connection of this.#connections) connection.cut();
    this.market.close();
  }

  #connectionId(): string {
    return `sim${this.#rng.below(1_000_000_000).toString(36)}-${this.#opened++}`;
  }
}

function readersOf(readers: Map<string, Set<PublicSession>>, topic: string): Set<PublicSession> {
  let set = readers.get(topic);
  if (set === undefined) {
    set = new Set();
    readers.set(topic, set);
  }
  return set;
}

function json(status: number, body: object): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
