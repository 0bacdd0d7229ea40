// Who sends the load? A process of its own with real sockets: it answers as the exchange does, then sends at the times of the
// schedule, which waits for nobody.
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type WebSocket, WebSocketServer } from 'ws';
import { createRng } from '../../src/lib/rng.ts';
import { nowMicros } from '../measure/schedule.ts';
import { answerRest } from './market-rest.ts';
import { FRAME_BYTES_MAX, loadSymbols, Streams, writeHead } from './streams.ts';
import type { SenderJob, SenderOrder, SenderWord } from './words.ts';

const AS_TEXT = { binary: false };
/** One turn answers whoever asks in between. */
const TURN_FRAMES_MAX = 512;
const CHUNK_BYTES = 8 * FRAME_BYTES_MAX;
/** A reader that is further behind is lost: what waits for it would fill the memory. */
const BEHIND_BYTES_MAX = 64 * 2 ** 20;
/** Tickers of a symbol lie so far apart at least, as the exchange's do. */
const TICKER_MS = 100;

interface Line {
  readonly socket: Socket;
  chunk: Buffer;
  /** Written so far, and handed to the socket so far. */
  filled: number;
  flushed: number;
}

const job = JSON.parse(process.argv[2] ?? '{}') as SenderJob;
const symbols = loadSymbols(job.symbols);
const indexOf = new Map(symbols.map(({ symbol }, index) => [symbol, index]));
const streams = new Streams(job.depth, symbols, job.seed);
/** By symbol: who listens to its book, to its touch and to its ticker. */
const readers: (Line | undefined)[] = symbols.map(() => undefined);
const touchReaders: (Line | undefined)[] = symbols.map(() => undefined);
const tickerReaders: (Line | undefined)[] = symbols.map(() => undefined);
const tickerAtMs = new Float64Array(symbols.length);
const rng = createRng(job.seed).fork('load');
const say = (word: SenderWord): void => void process.stdout.write(`${JSON.stringify(word)}\n`);

const http = createServer(
  answerRest(symbols, (symbol) => {
    const index = indexOf.get(symbol);
    return index === undefined ? undefined : streams.book(index);
  }),
);
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on('connection', (client, request) => {
  const line: Line = { socket: request.socket, chunk: Buffer.alloc(0), filled: 0, flushed: 0 };
  client.on('message', (data) => receive(client, line, (data as Buffer).toString()));
  client.on('close', () => {
    for (const all of [readers, touchReaders, tickerReaders])
      for (const [index, reader] of all.entries()) if (reader === line) all[index] = undefined;
  });
});
http.listen(0, '127.0.0.1', () => say({ word: 'ready', port: (http.address() as AddressInfo).port }));

interface Request {
  readonly op: string;
  readonly req_id?: string;
  readonly args?: readonly string[];
}

function receive(client: WebSocket, line: Line, text: string): void {
  const { op, req_id, args = [] } = JSON.parse(text) as Request;
  const answer = { success: true, ret_msg: op === 'ping' ? 'pong' : '', conn_id: 'load', req_id: req_id ?? '', op };
  client.send(JSON.stringify(answer), AS_TEXT);
  for (const topic of args) {
    const symbol = topic.slice(topic.lastIndexOf('.') + 1);
    const index = indexOf.get(symbol);
    if (index === undefined) throw new Error(`nobody told of ${symbol}`);
    const all = listenersOf(topic);
    if (all !== undefined) all[index] = op === 'subscribe' ? line : undefined;
    if (op !== 'subscribe') continue;
    if (all === readers) client.send(streams.snapshot(index, Math.floor(nowMicros()), Date.now()), AS_TEXT);
    else if (all === touchReaders) tellTouch(line, index);
    else if (all === tickerReaders) tellTicker(line, index, 'snapshot', Date.now());
  }
  flush(line);
}

function listenersOf(topic: string): (Line | undefined)[] | undefined {
  if (topic.startsWith('orderbook.1.')) return touchReaders;
  if (topic.startsWith('orderbook.')) return readers;
  return topic.startsWith('tickers.') ? tickerReaders : undefined;
}

/** Room for one more frame at the end of what waits. */
function room(line: Line): Buffer {
  if (line.filled + FRAME_BYTES_MAX > line.chunk.length) {
    flush(line);
    // The old one may still wait in its socket: it is never written again.
    line.chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    line.filled = 0;
    line.flushed = 0;
  }
  return line.chunk;
}

function flush(line: Line): void {
  if (line.filled === line.flushed) return;
  line.socket.write(line.chunk.subarray(line.flushed, line.filled));
  line.flushed = line.filled;
}

function tellTouch(line: Line, index: number): void {
  line.filled = streams.touch(room(line), line.filled, index, Date.now());
}

/** Whole, or what has changed: nothing trades here, and the mark moves with no trade. */
function tellTicker(line: Line, index: number, type: 'snapshot' | 'delta', wallMs: number): void {
  const { symbol, price } = symbols[index] as (typeof symbols)[number];
  tickerAtMs[index] = wallMs;
  const day = type === 'snapshot' ? { lastPrice: price, price24hPcnt: '0.05', turnover24h: '100000000' } : {};
  const data = { symbol, ...day, markPrice: price };
  const text = JSON.stringify({ topic: `tickers.${symbol}`, type, data, cs: 1, ts: wallMs });
  const into = room(line);
  const from = writeHead(into, line.filled, text.length);
  line.filled = from + into.write(text, from, 'latin1');
}

let running = true;
let rate = job.rate;
/** When the next frame is to be sent. */
let due = nowMicros();
let framesSent = 0;
let framesWithheld = 0;
/** By how much a frame has left after its time at most. */
let latestMicros = 0;
let cpuAtStart = 0;
const dirty = new Set<Line>();

function send(index: number, now: number, wallMs: number): void {
  const line = readers[index];
  if (line === undefined || line.socket.writableLength > BEHIND_BYTES_MAX) {
    framesWithheld++;
    return;
  }
  line.filled = streams.delta(room(line), line.filled, index, Math.floor(due), wallMs);
  dirty.add(line);
  framesSent++;
  if (now - due > latestMicros) latestMicros = now - due;
  const toucher = touchReaders[index];
  if (toucher !== undefined) {
    tellTouch(toucher, index);
    dirty.add(toucher);
  }
  const ticked = tickerReaders[index];
  if (ticked === undefined || wallMs - (tickerAtMs[index] as number) < TICKER_MS) return;
  tellTicker(ticked, index, 'delta', wallMs);
  dirty.add(ticked);
}

/** Frames are due at exponential gaps, each of a symbol drawn at random. */
function sendDue(framesMax: number): void {
  const now = nowMicros();
  const wallMs = Date.now();
  for (let count = 0; due <= now && count < framesMax; count++) {
    send(rng.below(symbols.length), now, wallMs);
    due += rng.exponential(1_000_000 / rate);
  }
  for (const line of dirty) flush(line);
  dirty.clear();
}

function pace(): void {
  if (!running) return;
  sendDue(TURN_FRAMES_MAX);
  // It sleeps between its turns: a sender that spins takes a core from the engine. What that delays is in the ages.
  if (due <= nowMicros()) setImmediate(pace);
  else setTimeout(pace, 1);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const orders: Readonly<Record<SenderOrder['order'], (order: SenderOrder) => void>> = {
  start(order) {
    rate = order.rate ?? rate;
    [framesSent, framesWithheld, latestMicros, cpuAtStart] = [0, 0, 0, cpuSeconds()];
    running = true;
    due = nowMicros();
    pace();
  },
  stop() {
    running = false;
    // What was due by now is sent, however late: left out it would be in no age.
    sendDue(Infinity);
    say({
      word: 'stopped',
      framesSent,
      framesWithheld,
      latestMs: latestMicros / 1_000,
      cpuSeconds: cpuSeconds() - cpuAtStart,
    });
  },
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line) as SenderOrder;
  orders[order.order](order);
});
// Whoever started it is gone.
process.stdin.on('end', () => process.exit(0));
pace();
