// Who gets in, and what do they get? Every request passes the same gates in the same order, the cheapest first.
//
//   1 its host name is ours (a foreign name whose DNS points here is refused)
//   2 the path and its method exist
//   3 whoever has no session takes from one bucket for all, each session from its own
//   4 what holds data needs a session; what changes something needs our own page's Origin, JSON, and the session's proof
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Clock } from '../../lib/clock.ts';
import type { Asset } from './assets.ts';
import type { Board } from '../board/board.ts';
import { cookieOf, isOurHost, isOurPage, namesOf, type RequestOrigin, type Names } from './guard.ts';
import { isAlive } from '../metrics/health.ts';
import type { MetricSet } from '../metrics/metric-set.ts';
import type { SurfaceSettings } from '../port.ts';
import { type CommandReply, type CommandRequest, PROOF_HEADER, type SessionAnswer } from './protocol.ts';
import { Bucket } from './rate.ts';
import { isProven, SESSION_MS, type Session, type Sessions } from './sessions.ts';
import { sameSecret } from './token.ts';
import { commandRequest, loginRequest } from './messages.ts';

const BODY_BYTES_MAX = 4_096;
const HEADER_BYTES_MAX = 8_192;
const CONNECTIONS_MAX = 512;
const REQUEST_MS_MAX = 10_000;
const IDLE_MS_MAX = 15_000;
/** Node looks twice a minute: until then as many silent connections as are let in would keep every probe out. */
const LOOK_MS = 1_000;
const STRANGERS_PER_SECOND = 50;
const STRANGERS_BURST = 200;
const LOGINS_PER_SECOND = 0.5;
const LOGINS_BURST = 10;
/** A scrape costs some milliseconds: one within this time is answered with the last one's text. */
const SCRAPE_MS = 1_000;
const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cache-control': 'no-store',
} as const;

export interface ServerPorts {
  readonly settings: SurfaceSettings;
  readonly token: string;
  readonly assets: ReadonlyMap<string, Asset>;
  readonly board: Board;
  readonly metrics: MetricSet;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly requests: RequestCounts;
  /** Main judges it. */
  readonly command: (command: CommandRequest) => Promise<CommandReply>;
  readonly onLogout: (session: Session) => void;
  readonly tell: (event: string, fields: Readonly<Record<string, unknown>>) => void;
}

export type RequestCounts = Record<'answered' | 'refused' | 'limited' | 'failed', number>;

/** Every answer that is no success. */
class Refusal extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

const METHODS: Readonly<Record<string, string>> = {
  '/healthz': 'GET',
  '/readyz': 'GET',
  '/metrics': 'GET',
  '/api/session': 'GET',
  '/api/login': 'POST',
  '/api/logout': 'POST',
  '/api/command': 'POST',
};

export function originOf(headers: Readonly<Record<string, string | string[] | undefined>>): RequestOrigin {
  const one = (name: string): string | undefined => (typeof headers[name] === 'string' ? headers[name] : undefined);
  return { host: one('host'), origin: one('origin'), fetchSite: one('sec-fetch-site') };
}

export class Surface {
  readonly app: FastifyInstance;
  readonly #ports: ServerPorts;
  readonly #strangers: Bucket;
  readonly #logins: Bucket;
  #names: Names = { hosts: new Set() };
  #cookie = '';
  #scrape: { readonly at: number; readonly text: Promise<string> } | undefined;

  constructor(ports: ServerPorts) {
    this.#ports = ports;
    this.#strangers = new Bucket(ports.clock, STRANGERS_PER_SECOND, STRANGERS_BURST);
    this.#logins = new Bucket(ports.clock, LOGINS_PER_SECOND, LOGINS_BURST);
    this.app = Fastify({
      bodyLimit: BODY_BYTES_MAX,
      forceCloseConnections: true,
      exposeHeadRoutes: false,
      serverFactory: (handle) => {
        const limits = {
          maxHeaderSize: HEADER_BYTES_MAX,
          headersTimeout: REQUEST_MS_MAX,
          requestTimeout: REQUEST_MS_MAX,
          connectionsCheckingInterval: LOOK_MS,
          keepAliveTimeout: IDLE_MS_MAX,
        };
        const server = http.createServer(limits, (request, response) => {
          if (this.#admit(request, response)) handle(request, response);
        });
        server.maxConnections = CONNECTIONS_MAX;
        return server;
      },
    });
    this.#shut();
    this.#open();
  }

  get names(): Names {
    return this.#names;
  }

  /** Its port, once it listens. */
  async listen(): Promise<number> {
    const { host, port, allowedHosts } = this.#ports.settings;
    await this.app.listen({ host, port });
    const address = this.app.server.address();
    const bound = typeof address === 'object' && address !== null ? address.port : port;
    this.#names = namesOf(host, bound, allowedHosts);
    // Cookies know no port: two engines on one machine must not log each other out.
    this.#cookie = `plotnost_${bound}`;
    return bound;
  }

  sessionOf(cookies: string | undefined): Session | undefined {
    return this.#ports.sessions.find(cookieOf(cookies, this.#cookie));
  }

  /** What holds for every request. */
  #shut(): void {
    const { app } = this;
    const { requests } = this.#ports;
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'));
    app.addHook('onRequest', async (_request, reply) => {
      reply.headers(HEADERS);
    });
    app.addHook('onResponse', async (_request, reply) => {
      // That it is not ready is what a probe has asked for.
      if (reply.statusCode < 400 || reply.statusCode === 503) requests.answered++;
      else if (reply.statusCode === 429) requests.limited++;
      else if (reply.statusCode < 500) requests.refused++;
      else requests.failed++;
    });
    app.setNotFoundHandler((request, reply) => {
      const path = request.url.split('?')[0] as string;
      const method = METHODS[path] ?? (this.#ports.assets.has(path) ? 'GET' : undefined);
      if (method === undefined) return reply.code(404).send({ error: 'there is no such page' });
      return reply
        .code(405)
        .header('allow', method)
        .send({ error: `${path} takes ${method} only` });
    });
    app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) => {
      const code = error.statusCode ?? 500;
      if (code >= 500 && !(error instanceof Refusal)) {
        this.#ports.tell('dashboard.request_failed', { reason: error.message });
        return reply.code(500).send({ error: 'this went wrong; the log says why' });
      }
      return reply.code(code).send({ error: error.message });
    });
  }

  /** Before anything else is made of a request: what a flood costs is this. */
  #admit(request: IncomingMessage, response: ServerResponse): boolean {
    const { requests } = this.#ports;
    if (!isOurHost(originOf(request.headers), this.#names)) {
      requests.refused++;
      return refuse(response, 421, 'unknown host name');
    }
    if (request.url?.startsWith('/') !== true) {
      requests.refused++;
      return refuse(response, 400, 'this is no proxy: ask for a path');
    }
    // A probe must get its answer whoever floods us: a supervisor would take silence for death.
    if (request.url === '/healthz' || request.url === '/readyz') return true;
    const bucket = this.sessionOf(request.headers.cookie)?.requests ?? this.#strangers;
    if (bucket.take()) return true;
    requests.limited++;
    return refuse(response, 429, 'too many requests: wait a little');
  }

  #open(): void {
    const { app } = this;
    const { assets, board } = this.#ports;
    for (const asset of assets.values()) app.get(asset.path, (request, reply) => sendAsset(asset, request, reply));
    app.get('/healthz', (_request, reply) => {
      const silentMs = Math.round(board.silentMs);
      const isWell = isAlive(silentMs);
      return reply.code(isWell ? 200 : 503).send({ status: isWell ? 'alive' : 'lost', mainSilentMs: silentMs });
    });
    app.get('/readyz', (_request, reply) => {
      const { isReady, reasons } = board.condition();
      return reply.code(isReady ? 200 : 503).send({ ready: isReady, reasons });
    });
    app.get('/metrics', async (request, reply) => {
      if (!this.#mayScrape(request)) throw new Refusal(401, 'from another machine metrics need the token as a bearer');
      const text = await this.#scraped();
      return reply.type(this.#ports.metrics.contentType).send(text);
    });
    app.get('/api/session', (request, reply) => reply.send(this.#answer(this.#needSession(request))));
    app.post('/api/login', (request, reply) => this.#login(request, reply));
    app.post('/api/logout', (request, reply) => {
      const session = this.#needProof(request);
      this.#ports.sessions.close(cookieOf(request.headers.cookie, this.#cookie) ?? '');
      this.#ports.onLogout(session);
      return reply.header('set-cookie', `${this.#cookie}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0`).send({});
    });
    app.post('/api/command', async (request, reply) => reply.send(await this.#command(request)));
  }

  #login(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const origin = originOf(request.headers);
    if (!isOurPage(origin, this.#names)) throw new Refusal(403, 'not sent by our own page');
    if (!this.#logins.take()) throw new Refusal(429, 'too many tries: wait a little');
    const parsed = loginRequest.safeParse(request.body);
    if (!parsed.success || !sameSecret(parsed.data.token, this.#ports.token)) {
      this.#ports.tell('dashboard.login_refused', { address: request.ip });
      throw new Refusal(401, 'this is not the token of the engine that runs now');
    }
    const { cookie, session } = this.#ports.sessions.open();
    this.#ports.tell('dashboard.login', { address: request.ip });
    const secure = origin.origin?.startsWith('https:') === true ? '; Secure' : '';
    const limits = `HttpOnly; SameSite=Strict; Path=/; Max-Age=${SESSION_MS / 1_000}${secure}`;
    return reply.header('set-cookie', `${this.#cookie}=${cookie}; ${limits}`).send(this.#answer(session));
  }

  async #command(request: FastifyRequest): Promise<CommandReply> {
    this.#needProof(request);
    if (!this.#ports.settings.control) throw new Refusal(403, 'this surface only shows: dashboard.control is false');
    const parsed = commandRequest.safeParse(request.body);
    if (!parsed.success) throw new Refusal(400, parsed.error.issues[0]?.message ?? 'not a command');
    const { id, kind, symbol } = parsed.data;
    this.#ports.tell('dashboard.command', { id, command: kind, ...(symbol === undefined ? {} : { symbol }) });
    return this.#ports.command({ id, kind, ...(symbol === undefined ? {} : { symbol }) });
  }

  #answer({ proof }: Session): SessionAnswer {
    return { proof, control: this.#ports.settings.control };
  }

  #needSession(request: FastifyRequest): Session {
    const session = this.sessionOf(request.headers.cookie);
    if (session === undefined) throw new Refusal(401, 'log in with the token of the engine that runs now');
    return session;
  }

  #needProof(request: FastifyRequest): Session {
    const session = this.#needSession(request);
    if (!isOurPage(originOf(request.headers), this.#names)) throw new Refusal(403, 'not sent by our own page');
    const proof = request.headers[PROOF_HEADER];
    if (!isProven(session, typeof proof === 'string' ? proof : undefined))
      throw new Refusal(403, 'the proof is missing');
    return session;
  }

  /** Without a token only from this machine itself: what a proxy passes on comes from anywhere. */
  #mayScrape(request: FastifyRequest): boolean {
    const isPassedOn =
      'x-forwarded-for' in request.headers || 'forwarded' in request.headers || 'via' in request.headers;
    const isLocalName = !this.#ports.settings.allowedHosts.includes(request.headers.host?.toLowerCase() ?? '');
    if (LOOPBACK.has(request.ip) && isLocalName && !isPassedOn) return true;
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    return scheme === 'Bearer' && token !== undefined && sameSecret(token, this.#ports.token);
  }

  #scraped(): Promise<string> {
    const now = this.#ports.clock.monotonic();
    if (this.#scrape === undefined || now - this.#scrape.at >= SCRAPE_MS) {
      this.#scrape = { at: now, text: this.#ports.metrics.text() };
    }
    return this.#scrape.text;
  }
}

/** Whoever is refused here has to knock anew: that costs him more than us. */
function refuse(response: ServerResponse, status: number, error: string): false {
  const body = JSON.stringify({ error });
  const type = 'application/json; charset=utf-8';
  response.writeHead(status, {
    ...HEADERS,
    connection: 'close',
    'content-type': type,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
  return false;
}

function sendAsset({ type, body, etag }: Asset, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.headers({ etag, 'cache-control': 'no-cache' });
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  return reply.type(type).send(body);
}
