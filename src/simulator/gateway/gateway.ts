// What stands between clients and the exchange? Texts in, texts out, on a clock that is given: no socket, no file.
import type { Ms } from '../../lib/brand.ts';
import type { Clock } from '../../lib/clock.ts';
import { getOrInsert } from '../../lib/get-or-insert.ts';
import { createRng } from '../../lib/rng.ts';
import type { Session as Receiver } from '../connection.ts';
import { type HttpAnswer, type HttpRequest, jsonAnswer } from '../http.ts';
import type { Market } from '../market.ts';
import { answerRest } from '../rest.ts';
import type { RequestContext } from './signed-request.ts';
import { connectionIdFrom, traceIdFrom } from './identity.ts';
import { PrivateMessages } from './private-messages.ts';
import { PrivateSession } from './private-session.ts';
import { RateLimit } from './rate-limit.ts';
import { answerSigned } from './rest-door.ts';
import { Idle, type Session, type SessionHost, type Wire } from './session.ts';
import { TradeSession } from './trade-session.ts';
import { WIRE_DEFAULTS, type WireVariants } from './wire-variants.ts';

export interface GatewayOptions {
  readonly variants?: Partial<WireVariants>;
  /** How much the exchange's own clock is ahead of the given one, as signatures and answers see it. */
  readonly skewMs?: () => number;
  /** Asked before each signed request is carried out: what befalls it, on command. */
  readonly mishap?: RequestContext['mishap'];
}

export interface Gateway {
  /** Answers every REST request, signed or public. */
  request(request: HttpRequest): HttpAnswer;
  /** `maxActiveTime` as the address names it: `30s` … `600s`, `1m` … `10m`. */
  connect(kind: 'private' | 'trade', wire: Wire, maxActiveTime?: string): Receiver;
  /** Sends what has happened; after each step of the market. */
  flush(): void;
}

const IDLE_CHECK_MS = 30_000 as Ms;
const ENDINGS = { private: 'p', trade: '2t' } as const;

export function createGateway(market: Market, clock: Clock, options: GatewayOptions = {}): Gateway {
  const { venue } = market;
  const rng = createRng(market.seed).fork('gateway');
  const variants = { ...WIRE_DEFAULTS, ...options.variants };
  const skewMs = options.skewMs ?? (() => 0);
  const sessions = new Map<Session, Wire>();
  const readers = new Set<PrivateSession>();
  const used = new Map<number, Set<string>>();
  const messages = new PrivateMessages(rng.fork('messages'), variants, (uid) => venue.accountOf(uid));
  const sockets = rng.fork('sockets');
  const traces = rng.fork('traces');
  const host: SessionHost = {
    market,
    variants,
    clock,
    limits: new RateLimit(),
    rng: sockets,
    mishap: options.mishap ?? (() => undefined),
    traceId: () => traceIdFrom(traces),
    nowMs: () => Math.floor(clock.wall() + skewMs()),
    sessionsOf: (uid) =>
      [...sessions.keys()].filter((session) => session instanceof TradeSession && session.key?.uid === uid).length,
    firstUse(uid, reqId) {
      const ids = getOrInsert(used, uid, () => new Set());
      const first = !ids.has(reqId);
      ids.add(reqId);
      return first;
    },
  };
  venue.onEvent((event) => {
    for (const reader of readers) if (reader.key?.uid === event.uid) return messages.add(event);
  });
  clock.every(IDLE_CHECK_MS, () => {
    for (const [session, wire] of sessions) if (session.idle.over(clock.monotonic())) wire.close();
  });

  return {
    request(request) {
      const headers = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
      const nowMs = host.nowMs();
      const reply = answerSigned(host, { ...request, headers: Object.fromEntries(headers) }, nowMs);
      if (reply !== undefined) return reply;
      const { method, path, query } = request;
      const answer = method === 'GET' ? answerRest(path, new URLSearchParams(query), market, nowMs) : undefined;
      if (answer === undefined) return jsonAnswer({ error: `no ${method} ${path}` }, 404);
      return jsonAnswer({ ...answer, retExtInfo: {}, time: nowMs });
    },

    connect(kind, wire, maxActiveTime) {
      const idle = new Idle(maxActiveTime, clock.monotonic());
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

    flush() {
      for (const message of messages.take())
        clock.after(Math.max(0, message.dueMs - clock.wall()) as Ms, () => {
          for (const reader of readers) reader.deliver(message);
        });
    },
  };
}
