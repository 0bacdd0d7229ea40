// What stands between clients and the exchange? Texts in, texts out, at times that are given: no socket, no clock.
import type { Ms } from '../../lib/brand.ts';
import { createRng } from '../../lib/rng.ts';
import { Agenda } from '../agenda.ts';
import type { Market } from '../market.ts';
import { answerRest } from '../rest.ts';
import type { TradedMarket } from './answer.ts';
import type { Office } from './errand.ts';
import { connectionIdFrom, traceIdFrom } from './identity.ts';
import { Correspondence } from './private-message.ts';
import { PrivateSession } from './private-session.ts';
import { RateLimit } from './rate-limit.ts';
import { answerSigned, type RestReply, type RestRequest } from './rest-door.ts';
import { Idle, type Session, type SessionHost, type Wire } from './session.ts';
import { TradeSession } from './trade-session.ts';
import { WIRE_DEFAULTS, type WireVariants } from './wire-variants.ts';

export interface GatewayOptions {
  readonly variants?: Partial<WireVariants>;
  /** What the exchange's own clock shows to signatures and in answers; the market's time where it is not given. */
  readonly now?: () => number;
  /** Asked before each signed request is carried out: what befalls it, on command. */
  readonly mishap?: Office['mishap'];
}

export interface GatewayConnection {
  receive(text: string): void;
  /** The client has hung up. */
  close(): void;
}

export interface Gateway {
  /** Answers every REST request, signed or public. */
  request(
    method: string,
    path: string,
    query: string,
    headers: RestRequest['headers'],
    body: RestRequest['body'],
    nowMs: number,
  ): RestReply;
  /** `maxActiveTime` as the address names it: `30s` … `600s`, `1m` … `10m`. */
  connect(kind: 'private' | 'trade', wire: Wire, maxActiveTime?: string): GatewayConnection;
  /** Sends what is due; after the market has gone on to `nowMs`, best millisecond by millisecond. */
  advance(nowMs: number): void;
  /** How many connections stand. */
  readonly connections: number;
}

const IDLE_CHECK_MS = 30_000 as Ms;
const ENDINGS = { private: 'p', trade: '2t' } as const;

export function createGateway(market: TradedMarket & Market, options: GatewayOptions = {}): Gateway {
  const { venue } = market;
  const rng = createRng(market.seed).fork('gateway');
  const variants = { ...WIRE_DEFAULTS, ...options.variants };
  const agenda = new Agenda(market.nowMs);
  const sessions = new Map<Session, Wire>();
  const readers = new Set<PrivateSession>();
  const used = new Map<number, Set<string>>();
  const correspondence = new Correspondence(rng.fork('messages'), variants, (uid) => venue.accountOf(uid));
  const sockets = rng.fork('sockets');
  const traces = rng.fork('traces');
  const host: SessionHost = {
    market,
    variants,
    limits: new RateLimit(),
    rng: sockets,
    mishap: options.mishap ?? (() => undefined),
    traceId: () => traceIdFrom(traces),
    nowMs: options.now ?? (() => market.nowMs),
    later: (delayMs, run) => void agenda.after(delayMs as Ms, run),
    sessionsOf: (uid) =>
      [...sessions.keys()].filter((session) => session instanceof TradeSession && session.key?.uid === uid).length,
    firstUse(uid, reqId) {
      const ids = used.get(uid) ?? new Set();
      const first = !ids.has(reqId);
      used.set(uid, ids.add(reqId));
      return first;
    },
  };
  venue.onEvent((event) => {
    if (readers.size > 0) correspondence.hear(event);
  });
  agenda.every(IDLE_CHECK_MS, () => {
    for (const [session, wire] of sessions) if (session.idle.over(host.nowMs())) wire.close();
  });

  return {
    request(method, path, query, headers, body, nowMs) {
      const lowered = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
      const reply = answerSigned(host, { method, path, query, headers: lowered, body }, nowMs);
      if (reply !== undefined) return reply;
      const answer = answerRest(path, new URLSearchParams(query), market, venue);
      if (answer === undefined) return { status: 404, headers: {}, body: JSON.stringify({ error: `no ${path}` }) };
      return { status: 200, headers: {}, body: JSON.stringify({ ...answer, retExtInfo: {}, time: market.nowMs }) };
    },

    connect(kind, wire, maxActiveTime) {
      const idle = new Idle(maxActiveTime, host.nowMs());
      const id = connectionIdFrom(sockets, ENDINGS[kind]);
      const leave = (): void => {
        sessions.delete(session);
        if (session instanceof PrivateSession) readers.delete(session);
      };
      const open: Wire = {
        send: (text) => {
          if (sessions.has(session)) wire.send(text);
        },
        close() {
          leave();
          wire.close();
        },
      };
      const session =
        kind === 'private' ? new PrivateSession(host, open, idle, id) : new TradeSession(host, open, idle, id);
      sessions.set(session, open);
      if (session instanceof PrivateSession) readers.add(session);
      return {
        receive: (text) => {
          if (sessions.has(session)) session.receive(text);
        },
        close: leave,
      };
    },

    advance(nowMs) {
      for (const message of correspondence.take())
        agenda.at(message.dueMs, () => {
          for (const reader of readers) reader.deliver(message);
        });
      agenda.advance(nowMs);
    },

    get connections() {
      return sessions.size;
    },
  };
}
