// What is the whole simulated exchange, before anybody lends it sockets? One market, one clock, texts in and texts out.
//
// The shells (a process of its own, a test under a virtual clock) move bytes and call `advance`; everything else
// happens here, as a function of the seed, the requests and the time at which they come.
import { assert } from '../lib/assert.ts';
import type { Ms } from '../lib/brand.ts';
import type { Clock } from '../lib/clock.ts';
import { getOrInsert } from '../lib/get-or-insert.ts';
import { createRng, type Rng } from '../lib/rng.ts';
import { ASK } from '../market/side.ts';
import { Agenda } from './agenda.ts';
import { type Channel, type Late, Troubles } from './channel.ts';
import { type ClientEnd, Connection, type ConnectionKind } from './connection.ts';
import { answerControl } from './control.ts';
import { Doors, type Verdict } from './faults/doors.ts';
import type { Stage } from './faults/fault.ts';
import { FrameFaults } from './faults/frame-faults.ts';
import { Mishaps } from './faults/mishaps.ts';
import { createGateway, type Gateway } from './gateway/gateway.ts';
import { paddedPrice } from './gateway/spelling.ts';
import type { WireVariants } from './gateway/wire-variants.ts';
import { HTML_TYPE, type HttpAnswer, type HttpRequest, JSON_TYPE, jsonAnswer } from './http.ts';
import { Ledger } from './ledger/ledger.ts';
import { systemStatus } from './public/system-status.ts';
import { createMarket, type Market, MARKET_DEFAULTS } from './market.ts';
import { PublicSession, type SessionHost } from './public-session.ts';
import { ScenarioPlayer } from './scenario/play.ts';
import { REQUESTS, RequestLimit, SHUT_OUT, SOCKETS } from './request-limit.ts';
import type { TruthSink } from './truth.ts';
import type { AccountTerms } from './venue/client.ts';
import type { Variants } from './venue/variants.ts';
import type { Execution } from './venue/model.ts';

export interface ExchangeOptions {
  readonly seed?: number;
  readonly symbols?: number;
  /** Book frames a second over all symbols; undefined for natural activity. */
  readonly rate?: number | undefined;
  /** Who may trade here; three accounts unless others are named. */
  readonly accounts?: readonly AccountTerms[] | undefined;
  /** How it behaves where nobody knows how the real one does. */
  readonly variants?: Partial<Variants & WireVariants> | undefined;
  /** The exchange's time at which it opens. */
  readonly startMs: number;
  /** Acknowledgements come after the first burst, up to this much later. */
  readonly settleMsMax?: number;
  readonly truth?: TruthSink;
  /** The exchange's own clock, where it goes on while the market has stalled with its machine. */
  readonly clockMs?: () => number;
  /** Whose time counts requests; the exchange's own where none is given. */
  readonly limitClock?: Clock;
  /** More parameters of the run, for whoever asks for them. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** What becomes of a client who knocks: a connection, or why there is none. */
export type Door = ConnectionKind | Verdict | 'unknown';

const PATHS: Readonly<Record<string, ConnectionKind>> = {
  '/v5/public/linear': 'public',
  '/v5/private': 'private',
  '/v5/trade': 'trade',
};
/** How often the ledger notes what the exchange's clock shows. */
const CLOCK_MS = 10_000 as Ms;
/** A connection that was idle too long is closed in good order. */
const CLOSE_CODE = 1_000;

export class Exchange {
  readonly market: Market;
  readonly ledger = new Ledger();
  /** What faults and scenarios act on. */
  readonly stage: Stage;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly #agenda: Agenda;
  readonly #rng: Rng;
  readonly #clockMs: (() => number) | undefined;
  readonly #limit: RequestLimit;
  readonly #sockets: RequestLimit;
  readonly #gateway: Gateway;
  readonly #restTexts: Channel;
  readonly #player: ScenarioPlayer;
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
    const market = createMarket({
      seed,
      symbols,
      rate,
      startMs,
      accounts: options.accounts,
      variants: options.variants,
      ...(options.truth && { truth: options.truth }),
    });
    const rng = createRng(seed).fork('server');
    this.market = market;
    this.#rng = rng;
    this.#clockMs = options.clockMs;
    this.#agenda = new Agenda(startMs);
    this.#limit = new RequestLimit(options.limitClock ?? this.#agenda, REQUESTS);
    this.#sockets = new RequestLimit(options.limitClock ?? this.#agenda, SOCKETS);
    const frames = new FrameFaults((symbol, depth) => {
      const contract = market.contract(symbol);
      const best = contract?.view(depth)?.window(ASK).ticks[0];
      assert(contract !== undefined && best !== undefined, 'whoever gets deltas has a book');
      return [paddedPrice(best + 1, contract.instrument), contract.listing.qtyStep];
    });
    this.parameters = {
      seed,
      symbols,
      rate: rate ?? 'natural',
      settleMsMax,
      ...options.parameters,
      startMs,
      thresholds: market.thresholds,
    };
    const { venue } = market;
    const [mishaps, doors] = [new Mishaps(), new Doors()];
    this.stage = {
      market,
      venue,
      agenda: this.#agenda,
      frames,
      troubles: new Troubles(createRng(seed).fork('troubles')),
      mishaps,
      doors,
      rejected: new Map(),
      frozen: new Map(),
      sessions: this.#sessions,
      connections: this.#connections,
    };
    this.#restTexts = this.stage.troubles.channel('rest');
    this.#player = new ScenarioPlayer(this.stage, this.ledger);
    this.#gateway = createGateway(market, this.#agenda, {
      variants: options.variants ?? {},
      skewMs: () => this.#skewMs(),
      mishap: (door, path, uid) => mishaps.take(door, path, uid),
    });
    this.ledger.opened(startMs, { seed, symbols, rate: rate ?? 'natural' });
    this.#agenda.every(CLOCK_MS, () => this.ledger.clock(market.nowMs, market.nowMs + this.#skewMs()));
    venue.onEvent((event) => {
      this.ledger.record(event);
      if (event.kind === 'execution' && event.execution.type === 'BustTrade') this.#publishLiquidation(event.execution);
    });
    this.#host = {
      market,
      clock: this.#agenda,
      rejected: this.stage.rejected,
      settleMs: () => rng.below(settleMsMax + 1) as Ms,
      joined: (topic, session) => void getOrInsert(this.#readers, topic, () => new Set()).add(session),
      left: (topic, session) => void this.#readers.get(topic)?.delete(session),
    };
    market.onFrame((frame) => {
      for (const bytes of frames.pass(frame)) {
        for (const session of this.#readers.get(frame.topic) ?? []) session.deliver(frame.topic, bytes);
      }
    });
  }

  get nowMs(): number {
    return this.market.nowMs;
  }

  /** Lets the exchange live until `toMs`: in each millisecond the market first, then what is due. */
  advance(toMs: number): void {
    const until = Math.floor(toMs);
    for (const connection of this.#connections) connection.cork();
    while (this.market.nowMs < until) {
      this.market.advance(this.market.nowMs + 1);
      this.#gateway.flush();
      this.#agenda.advance(this.market.nowMs);
    }
    for (const connection of this.#connections) connection.uncork();
  }

  /** `reply` is called once: at once, later, or never where the request or its answer is lost. */
  request(request: HttpRequest, reply: (answer: HttpAnswer) => void): void {
    const { method, path, body } = request;
    if (path.startsWith('/control/')) {
      const { stage, ledger, parameters } = this;
      return reply(answerControl(request, { stage, ledger, parameters, player: this.#player }));
    }
    if (!this.#limit.admit()) return reply(SHUT_OUT);
    const down = this.stage.doors.down(this.nowMs);
    if (down !== undefined) return reply(down);
    let open = true;
    this.#later(this.#restTexts.pass('in', `${method} ${path}\n${body}`, this.nowMs), () => {
      const answer = this.#answer(request);
      this.#later(this.#restTexts.pass('out', answer.body, this.nowMs), (text) => {
        if (open) reply({ ...answer, body: text });
        open = false;
      });
    });
  }

  /** Who knocks at which door? Asked before a connection is made. */
  door(path: string): Door {
    const kind = PATHS[path];
    if (kind === undefined) return 'unknown';
    if (!this.#sockets.admit()) return { status: 403 };
    return this.stage.doors.verdict(kind, this.nowMs) ?? kind;
  }

  /** `query` as it was sent, without the question mark. */
  open(kind: ConnectionKind, client: ClientEnd, query = ''): Connection {
    const connection = new Connection(kind, client, this.stage.troubles.channel(kind), this.#agenda, () =>
      this.#connections.delete(connection),
    );
    this.#connections.add(connection);
    if (kind === 'public') {
      const session = new PublicSession(connection, this.#host, this.#connectionId());
      this.#sessions.add(session);
      connection.answeredBy({
        receive: (text) => session.receive(text),
        close: () => {
          this.#sessions.delete(session);
          session.close();
        },
      });
    } else {
      const wire = { send: (text: string) => connection.send(text), close: () => connection.cut(CLOSE_CODE) };
      const activeTime = new URLSearchParams(query).get('max_active_time') ?? undefined;
      connection.answeredBy(this.#gateway.connect(kind, wire, activeTime));
    }
    return connection;
  }

  /** Ends the run: nothing is delivered any more, and the truth log is complete. */
  close(): void {
    for (const connection of this.#connections) connection.cut();
    this.market.close();
  }

  #answer(request: HttpRequest): HttpAnswer {
    const answer = this.#own(request.path) ?? this.#gateway.request(request);
    return { ...answer, headers: { ...(answer.body.startsWith('<') ? HTML_TYPE : JSON_TYPE), ...answer.headers } };
  }

  /** How much later than the market the exchange's clock is: on command, or because the market is behind. */
  #skewMs(): number {
    const behindMs = this.#clockMs === undefined ? 0 : Math.floor(this.#clockMs()) - this.nowMs;
    return this.stage.doors.skewMs + Math.max(0, behindMs);
  }

  /** What is known here and nowhere behind: the state of the whole. */
  #own(path: string): HttpAnswer | undefined {
    if (path !== '/v5/system/status') return undefined;
    const result = { list: systemStatus(this.stage.doors.maintenance, this.nowMs) };
    return jsonAnswer({ retCode: 0, retMsg: 'OK', result, retExtInfo: {}, time: this.nowMs + this.#skewMs() });
  }

  #later(texts: readonly Late[], take: (text: string) => void): void {
    for (const { text, dueMs } of texts) {
      if (dueMs <= this.nowMs) take(text);
      else this.#agenda.at(dueMs, () => take(text));
    }
  }

  /** The side of a liquidation is that of the position: its closing trade is the other one. */
  #publishLiquidation({ instrument, side, lots, tick, timeMs }: Execution): void {
    this.market.side.liquidated(instrument.symbol, { timeMs, side: side === 'Buy' ? 'Sell' : 'Buy', lots, tick });
  }

  #connectionId(): string {
    return `sim${this.#rng.below(1_000_000_000).toString(36)}-${this.#opened++}`;
  }
}
