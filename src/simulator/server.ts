// How does the simulated exchange stand on a real clock and real sockets? One port: REST, public stream, control.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Ms } from '../lib/brand.ts';
import type { Clock } from '../lib/clock.ts';
import { createRng } from '../lib/rng.ts';
import { ASK } from '../market/side.ts';
import { answerControl, type Steered } from './control.ts';
import { FrameFaults } from './faults.ts';
import { createMarket, type Market, MARKET_DEFAULTS } from './market.ts';
import { LineFile } from './line-file.ts';
import { PublicSession, type SessionHost } from './public-session.ts';
import { RequestLimit } from './request-limit.ts';
import { answerRest } from './rest.ts';
import { SimulatorError } from './simulator-error.ts';
import { priceAt } from './truth.ts';

export interface SimulatorLog {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
  debug(fields: object, event: string): void;
}

export interface SimulatorOptions {
  /** 0 for any free one. */
  readonly port?: number;
  readonly seed?: number;
  readonly symbols?: number;
  /** Book frames a second over all symbols; undefined for natural activity. */
  readonly rate?: number | undefined;
  /** Where the truth log is written; undefined for nowhere. */
  readonly truthFile?: string | undefined;
  /** Acknowledgements come after the first burst, up to this much later. */
  readonly settleMsMax?: number;
}

export interface Simulator {
  readonly restUrl: string;
  readonly publicUrl: string;
  readonly controlUrl: string;
  readonly market: Market;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Ends all connections; the truth log is complete afterwards. */
  close(): Promise<void>;
}

const PUBLIC_PATH = '/v5/public/linear';
const BODY_BYTES_MAX = 64 * 1_024;
const PUMP_MS = 5 as Ms;
const PUMP_BUSY_MS = 1 as Ms;
const BUSY_RATE = 4_000;
/** After a stall the market catches up in steps between which sockets are served: late is better than deaf. */
const STEP_MS_MAX = 40;

export async function startSimulator(options: SimulatorOptions, clock: Clock, log: SimulatorLog): Promise<Simulator> {
  const {
    port = 0,
    seed = MARKET_DEFAULTS.seed,
    symbols = MARKET_DEFAULTS.symbols,
    rate,
    truthFile,
    settleMsMax = 200,
  } = options;
  const truth = truthFile === undefined ? undefined : new LineFile('--truth', truthFile, clock);
  const startMs = clock.wall();
  const openedAt = clock.monotonic();
  const market = createMarket({ seed, symbols, rate, startMs, truth: (record) => truth?.write(record) });
  const rng = createRng(seed).fork('server');
  const sessions = new Set<PublicSession>();
  const readers = new Map<string, Set<PublicSession>>();
  const faults = new FrameFaults((symbol, depth) => {
    const contract = market.contract(symbol);
    const best = contract?.view(depth)?.window(ASK).ticks[0];
    if (contract === undefined || best === undefined) return undefined;
    return [priceAt(best + 1, contract.instrument), contract.listing.qtyStep];
  });
  const rateText = rate ?? 'natural';
  const parameters = {
    seed,
    symbols,
    rate: rateText,
    settleMsMax,
    truthFile: truthFile ?? null,
    startMs,
    thresholds: market.thresholds,
  };
  const steered: Steered = { market, clock, faults, rejected: new Set(), sessions, parameters, refuseUntilMs: 0 as Ms };
  const host: SessionHost = {
    market,
    clock,
    rejected: steered.rejected,
    settleMs: () => rng.below(settleMsMax + 1) as Ms,
    joined: (topic, session) => void readersOf(readers, topic).add(session),
    left: (topic, session) => void readers.get(topic)?.delete(session),
    slow(session) {
      log.warn({ topics: session.topics.size }, 'simulator.slow_reader');
      session.terminate();
    },
  };
  market.onFrame((frame) => {
    for (const bytes of faults.pass(frame)) {
      for (const session of readers.get(frame.topic) ?? []) session.deliver(frame.topic, bytes);
    }
  });

  const limit = new RequestLimit(clock);
  const http = createServer((request, response) => serve(request, response, steered, limit));
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  http.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    // Whoever hangs up before he is a subscriber is gone; there is nobody to tell.
    raw.on('error', () => raw.destroy());
    if (clock.monotonic() < steered.refuseUntilMs) return raw.destroy();
    if (addressOf(request)?.pathname !== PUBLIC_PATH) return raw.end('HTTP/1.1 404 Not Found\r\n\r\n');
    sockets.handleUpgrade(request, raw, head, (socket) => {
      const session = new PublicSession(
        socket,
        raw,
        host,
        `sim${rng.below(1_000_000_000).toString(36)}-${sessions.size}`,
      );
      sessions.add(session);
      socket.on('close', () => sessions.delete(session));
    });
  });

  const pump = clock.every(rate !== undefined && rate > BUSY_RATE ? PUMP_BUSY_MS : PUMP_MS, () => {
    for (const session of sessions) session.cork();
    market.advance(Math.min(startMs + clock.monotonic() - openedAt, market.nowMs + STEP_MS_MAX));
    for (const session of sessions) session.uncork();
  });

  const bound = await new Promise<number>((resolve, reject) => {
    http.once('error', (error) => {
      pump.cancel();
      truth?.close();
      reject(
        new SimulatorError(
          'listen',
          `--port ${port}: cannot listen (${error.message}); choose another or 0 for any free one`,
        ),
      );
    });
    http.listen(port, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
  });
  log.info({ port: bound, ...parameters }, 'simulator.ready');

  return {
    restUrl: `http://127.0.0.1:${bound}`,
    publicUrl: `ws://127.0.0.1:${bound}${PUBLIC_PATH}`,
    controlUrl: `http://127.0.0.1:${bound}/control`,
    market,
    parameters,
    async close() {
      pump.cancel();
      market.close();
      truth?.close();
      for (const session of sessions) session.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

function readersOf(readers: Map<string, Set<PublicSession>>, topic: string): Set<PublicSession> {
  let set = readers.get(topic);
  if (set === undefined) {
    set = new Set();
    readers.set(topic, set);
  }
  return set;
}

/** Undefined for a request line that is no address. */
function addressOf(request: IncomingMessage): URL | undefined {
  return URL.parse(request.url ?? '/', 'http://exchange') ?? undefined;
}

function serve(request: IncomingMessage, response: ServerResponse, steered: Steered, limit: RequestLimit): void {
  const url = addressOf(request);
  if (url === undefined) return reply(response, 400, { error: 'the request names no address' });
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= BODY_BYTES_MAX) chunks.push(chunk);
  });
  request.on('end', () => {
    if (size > BODY_BYTES_MAX)
      return reply(response, 413, { error: `a request body has at most ${BODY_BYTES_MAX} bytes` });
    if (url.pathname.startsWith('/control/')) {
      const { status, body } = answerControl(
        request.method ?? 'GET',
        url.pathname,
        url.searchParams,
        Buffer.concat(chunks).toString(),
        steered,
      );
      return reply(response, status, body);
    }
    if (!limit.admit()) return reply(response, 403, { retCode: 403, retMsg: 'access too frequent' });
    const answer = answerRest(url.pathname, url.searchParams, steered.market);
    if (answer === undefined) return reply(response, 404, { error: `no ${url.pathname}` });
    return reply(response, 200, { ...answer, retExtInfo: {}, time: steered.market.nowMs });
  });
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
