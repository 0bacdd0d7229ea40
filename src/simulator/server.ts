// How does the simulated exchange stand on a real clock and real sockets? One port: REST, public stream, control.
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Ms } from '../lib/brand.ts';
import type { Clock } from '../lib/clock.ts';
import type { ClientEnd } from './connection.ts';
import { Exchange, type ExchangeOptions } from './exchange.ts';
import type { HttpAnswer } from './http.ts';
import { LineFile } from './line-file.ts';
import type { Market } from './market.ts';
import { SimulatorError } from './simulator-error.ts';
import type { SimulatorLog } from './simulator-log.ts';
import type { ApiKey } from './venue/model.ts';

export interface SimulatorOptions extends Pick<
  ExchangeOptions,
  'seed' | 'symbols' | 'rate' | 'accounts' | 'settleMsMax'
> {
  /** 0 for any free one. */
  readonly port?: number;
  /** Where the truth log is written; undefined for nowhere. */
  readonly truthFile?: string | undefined;
  /** Where the ledger is written; undefined for nowhere: it can still be asked for. */
  readonly ledgerFile?: string | undefined;
}

export interface Simulator {
  readonly restUrl: string;
  readonly publicUrl: string;
  readonly privateUrl: string;
  readonly tradeUrl: string;
  readonly controlUrl: string;
  readonly keys: readonly ApiKey[];
  readonly exchange: Exchange;
  readonly market: Market;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Ends all connections; the truth log is complete afterwards, unless its disk refused it. */
  close(): Promise<void>;
}

const PUBLIC_PATH = '/v5/public/linear';
const BODY_BYTES_MAX = 64 * 1_024;
const BUFFERED_BYTES_MAX = 64 * 1_024 * 1_024;
const PUMP_MS = 5 as Ms;
const PUMP_BUSY_MS = 1 as Ms;
const BUSY_RATE = 4_000;
/** After a stall the market catches up in steps between which sockets are served: frames come late, but every client is answered. */
const STEP_MS_MAX = 40;

export async function startSimulator(options: SimulatorOptions, clock: Clock, log: SimulatorLog): Promise<Simulator> {
  const { port = 0, rate, truthFile, ledgerFile } = options;
  const truth = truthFile === undefined ? undefined : new LineFile('--truth', truthFile, clock, log);
  const startMs = clock.wall();
  const openedAt = clock.monotonic();
  const timeMs = (): number => startMs + clock.monotonic() - openedAt;
  const exchange = new Exchange({
    ...options,
    startMs,
    clockMs: timeMs,
    truth: (record) => truth?.write(record),
    limitClock: clock,
    parameters: { truthFile: truthFile ?? null, ledgerFile: ledgerFile ?? null },
  });
  const ledger = ledgerFile === undefined ? undefined : new LineFile('--ledger', ledgerFile, clock, log);
  for (const line of exchange.ledger.since(0)) ledger?.write(line);
  exchange.ledger.onLine((line) => ledger?.write(line));

  // A client that asks every few seconds keeps its connection: a shorter time could end it just as the next request is sent.
  const http = createServer({ keepAliveTimeout: 75_000 }, (request, response) => serve(request, response, exchange));
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  /** Clients whose upgrade is never answered. */
  const swallowed = new Set<Duplex>();
  http.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    // A client that hangs up before its upgrade needs no answer.
    raw.on('error', () => raw.destroy());
    const address = addressOf(request);
    const door = exchange.door(address?.pathname ?? '');
    if (door === 'refused') return raw.destroy();
    if (door === 'black-hole') return void swallowed.add(raw.pause());
    if (door === 'unknown') return refuseUpgrade(raw, 404);
    if (typeof door === 'object') return refuseUpgrade(raw, door.status);
    sockets.handleUpgrade(request, raw, head, (socket) => {
      const connection = exchange.open(door, socketEnd(socket, raw, log), address?.search.slice(1));
      socket.on('message', (data) => connection.receive((data as Buffer).toString()));
      socket.on('close', () => connection.ended());
      // A broken socket closes by itself right after.
      socket.on('error', () => socket.terminate());
    });
  });

  const pump = clock.every(rate !== undefined && rate > BUSY_RATE ? PUMP_BUSY_MS : PUMP_MS, () => {
    exchange.advance(Math.min(timeMs(), exchange.nowMs + STEP_MS_MAX));
  });

  const bound = await new Promise<number>((resolve, reject) => {
    const fail = (error: Error): void => {
      pump.cancel();
      truth?.close();
      ledger?.close();
      reject(
        new SimulatorError(
          'listen',
          `--port ${port}: cannot listen (${error.message}); choose another or 0 for any free one`,
        ),
      );
    };
    http.once('error', fail).listen(port, '127.0.0.1', () => {
      http.off('error', fail);
      resolve((http.address() as AddressInfo).port);
    });
  });
  // A client could not be let in, as where this machine may open no more files: the market goes on.
  http.on('error', (error) => log.warn({ reason: error.message }, 'simulator.trouble'));
  log.info({ port: bound, ...exchange.parameters }, 'simulator.ready');

  return {
    restUrl: `http://127.0.0.1:${bound}`,
    publicUrl: `ws://127.0.0.1:${bound}${PUBLIC_PATH}`,
    privateUrl: `ws://127.0.0.1:${bound}/v5/private`,
    tradeUrl: `ws://127.0.0.1:${bound}/v5/trade`,
    keys: exchange.market.venue.keys,
    exchange,
    controlUrl: `http://127.0.0.1:${bound}/control`,
    market: exchange.market,
    parameters: exchange.parameters,
    async close() {
      pump.cancel();
      exchange.close();
      truth?.close();
      ledger?.close();
      for (const raw of swallowed) raw.destroy();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** Who is refused may never hang up, and this end waits for all that knocked. */
function refuseUpgrade(raw: Duplex, status: number): void {
  raw.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n\r\n`, () => raw.destroy());
}

function socketEnd(socket: WebSocket, raw: Duplex, log: SimulatorLog): ClientEnd {
  return {
    send(text) {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(text, { binary: false });
      if (socket.bufferedAmount <= BUFFERED_BYTES_MAX) return;
      log.warn({ bufferedBytes: socket.bufferedAmount }, 'simulator.slow_reader');
      socket.terminate();
    },
    cut: (code) => (code === undefined ? socket.terminate() : socket.close(code)),
    stall: () => raw.pause(),
    cork: () => raw.cork(),
    uncork: () => raw.uncork(),
  };
}

/** Undefined for a request line that is no address. */
function addressOf(request: IncomingMessage): URL | undefined {
  return URL.parse(request.url ?? '/', 'http://exchange') ?? undefined;
}

function serve(request: IncomingMessage, response: ServerResponse, exchange: Exchange): void {
  const url = addressOf(request);
  const say = ({ status, headers, body }: HttpAnswer): void => void response.writeHead(status, headers).end(body);
  const refuse = (status: number, error: string): void =>
    say({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ error }) });
  if (url === undefined) return refuse(400, 'the request names no address');
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= BODY_BYTES_MAX) chunks.push(chunk);
  });
  request.on('end', () => {
    if (size > BODY_BYTES_MAX) return refuse(413, `a request body has at most ${BODY_BYTES_MAX} bytes`);
    const { method = 'GET', url: line = '' } = request;
    const question = line.indexOf('?');
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
    );
    exchange.request(
      {
        method,
        path: url.pathname,
        query: question < 0 ? '' : line.slice(question + 1),
        headers,
        body: Buffer.concat(chunks).toString(),
      },
      say,
    );
  });
}
