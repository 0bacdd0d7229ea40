// What does one run of the order bench do? A market full of walls, an engine that trades them, a stamp at every stage.
import { mkdtemp, open, rm } from 'node:fs/promises';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { WebSocket } from 'ws';
import { endpointsOf } from '../../src/bybit/endpoints.ts';
import { identityOf, listenToState, openGround, tradingOptions } from '../../src/cli/run/trading.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { systemClock, type Clock } from '../../src/lib/clock.ts';
import { createRng } from '../../src/lib/rng.ts';
import { createLatencies } from '../../src/operator/metrics/latency.ts';
import type { Log } from '../../src/ops/log.ts';
import { Rehearsal, rehearse } from '../../src/engine/rehearsal.ts';
import { StageTimes } from '../../src/engine/stage-times.ts';
import type { TradingOptions } from '../../src/engine/trading.ts';
import { PERMISSIVE } from '../../test/crash/daemon.ts';
import type { OrdersJob, OrderStages } from './bench.ts';

/** The market gives an entry every few seconds: what is measured is the way, not the choice. */
const SETTINGS = [...PERMISSIVE, 'trading.mode=live', 'strategy.max_holding_minutes=0.1'];
const LOOK_MS = 100;
/** In a row; of the first half the code may not be compiled yet. */
const REHEARSALS = 4_000;
const CREATE = '"op":"order.create"';
const INTENT = /"kind":"INTENT","body":\{"linkId":"([^"]+)"/g;
const LINK_ID = /"orderLinkId":"([^"]+)"/;

/**
 * Monotonic ms of one entry. Its intention is handed over while it is judged, so that comes first: the moment when the system
 * is asked to write it, or where another write is under way, when it begins to wait for that.
 */
interface Stamps {
  handed: number;
  read: number;
  synced: number;
  sent: number;
}

class OrderTimes extends StageTimes {
  readonly sent: Stamps[] = [];
  readonly #open = new Map<string, Stamps>();
  readonly #waiting = new Map<number, Stamps>();

  intended(seq: number, linkId: string): void {
    const stamps = { handed: performance.now(), read: 0, synced: 0, sent: 0 };
    this.#open.set(linkId, stamps);
    this.#waiting.set(seq, stamps);
  }

  /** The system is asked to write it. That it is not judged yet means that it has not waited. */
  handed(linkId: string): void {
    const stamps = this.#open.get(linkId);
    if (stamps?.read === 0) stamps.handed = performance.now();
  }

  override judged(readAt: Ms, linkId: string | undefined): void {
    super.judged(readAt, linkId);
    const stamps = linkId === undefined ? undefined : this.#open.get(linkId);
    if (stamps !== undefined) stamps.read = readAt;
  }

  override synced(upTo: number): void {
    const now = performance.now();
    for (const [seq, stamps] of this.#waiting) {
      if (seq > upTo) continue;
      stamps.synced = now;
      this.#waiting.delete(seq);
    }
    super.synced(upTo);
  }

  /** Orders that are no entries have no signal that was read, and no stamps. */
  written(linkId: string): void {
    const stamps = this.#open.get(linkId);
    if (stamps === undefined) return;
    this.#open.delete(linkId);
    if (stamps.read === 0 || stamps.synced === 0) return;
    stamps.sent = performance.now();
    this.sent.push(stamps);
  }
}

const quiet = (): void => undefined;
const log: Log = {
  debug: quiet,
  info: quiet,
  warn: quiet,
  error: quiet,
  fatal: (fields, event) => void process.stderr.write(`${event} ${JSON.stringify(fields)}\n`),
  counts: () => ({}),
  setLevel: quiet,
  flush: quiet,
  close: quiet,
};

function configOf({ mode }: OrdersJob): Config {
  const set = [...SETTINGS, `analysis.mode=${mode}`];
  const loaded = parseConfig('', 'the configuration of the bench', { env: {}, overrides: { set } });
  if (!loaded.ok) throw new Error(loaded.errors.join('\n'));
  return loaded.config;
}

/** The moment at which an order has been handed to its socket: `send` returns with its bytes written, or queued by the kernel. */
function watchSockets(times: OrderTimes): void {
  const { prototype } = WebSocket;
  const send = Reflect.get(prototype, 'send') as (this: WebSocket, ...args: unknown[]) => void;
  Reflect.set(prototype, 'send', function (this: WebSocket, ...args: unknown[]) {
    send.apply(this, args);
    const [data] = args;
    if (typeof data !== 'string' || !data.includes(CREATE)) return;
    const linkId = LINK_ID.exec(data)?.[1];
    if (linkId !== undefined) times.written(linkId);
  });
}

/** The moment at which the journal's file is asked to take an intention. */
async function watchDisk(times: OrderTimes): Promise<void> {
  const file = await open(os.devNull);
  const handles = Object.getPrototypeOf(file) as object;
  await file.close();
  const write = Reflect.get(handles, 'write') as (this: object, ...args: unknown[]) => Promise<unknown>;
  Reflect.set(handles, 'write', function (this: object, ...args: unknown[]) {
    const [bytes] = args;
    const text = Buffer.isBuffer(bytes) ? bytes.toString('latin1') : '';
    for (const [, linkId] of text.matchAll(INTENT)) times.handed(linkId as string);
    return write.apply(this, args);
  });
}

interface Floor {
  readonly micros: number[];
  look(): void;
  close(): void;
}

/** What any order would cost that had nothing to be thought about: the same library, the same process, the same caches. */
async function openFloor(url: string): Promise<Floor> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, 'open');
  const micros: number[] = [];
  const text = JSON.stringify({ op: 'ping', req_id: ''.padEnd(500, '0') });
  return {
    micros,
    look() {
      const begun = performance.now();
      socket.send(text);
      micros.push((performance.now() - begun) * 1_000);
    },
    close: () => socket.terminate(),
  };
}

/** The same path as far as it needs no disk and no socket: as the daemon rehearses it, and with nothing else in between. */
interface Rehearsed {
  readonly clock: Clock;
  readonly apart: number[];
  inARow(config: Config): number[];
}

function timeRehearsals(): Rehearsed {
  const apart: number[] = [];
  const timed = (run: () => void, into: number[]): void => {
    const begun = performance.now();
    run();
    into.push((performance.now() - begun) * 1_000);
  };
  return {
    clock: { ...systemClock, every: (period, run) => systemClock.every(period, () => timed(run, apart)) },
    apart,
    inARow(config) {
      const rehearsal = new Rehearsal(config);
      const micros: number[] = [];
      for (let i = 0; i < REHEARSALS; i++)
        timed(() => {
          rehearsal.leave();
          rehearsal.enter();
        }, micros);
      return micros.slice(REHEARSALS / 2);
    },
  };
}

/** The daemon's own options; the bench hears of every intention before the journal does. */
function heard(options: TradingOptions, times: OrderTimes): TradingOptions {
  return {
    ...options,
    append(record, sync) {
      if (record.kind === 'INTENT') times.intended(record.seq, record.body.linkId);
      options.append(record, sync);
    },
  };
}

export async function runOrders(job: OrdersJob): Promise<OrderStages> {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), 'plotnost-orders-'));
  const { exchange } = job;
  let engine: Engine | undefined;
  try {
    const config = configOf(job);
    const identity = identityOf(config, {}, true);
    const times = new OrderTimes(createLatencies(2), systemClock);
    watchSockets(times);
    await watchDisk(times);
    const ground = await openGround({
      config,
      stateDir,
      account: identity.account,
      env: {},
      secrets: [],
      log,
      source: {},
      condition: () => ({}),
    });
    const reached = endpointsOf('simulator', exchange);
    const rehearsed = timeRehearsals();
    const rehearsals = rehearse(config, rehearsed.clock, (error) => {
      throw error;
    });
    const trading = tradingOptions({
      config,
      times,
      rehearsals,
      identity,
      endpoints: reached,
      ownKeys: exchange.keys[0],
      ground,
      log,
      trader: () => engine?.trading?.trader,
    });
    if (trading === undefined) throw new Error('the bench trades');
    engine = createEngine({
      config,
      endpoints: reached,
      connects: ground.connects,
      calls: ground.calls,
      trading: heard(trading, times),
      session: { sessionId: 'bench', environment: 'simulator', mode: 'live', version: '0', node: '', config: {} },
      clock: systemClock,
      rng: createRng(job.seed),
      log,
      workers: 1,
      times,
      store: undefined,
    });
    if (engine.trading !== undefined) listenToState(ground, engine.trading, times);
    await engine.start();
    const until = performance.now() + job.seconds * 1_000;
    const floor = await openFloor(exchange.trade);
    while (performance.now() < until && times.sent.length < job.orders) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      floor.look();
    }
    floor.close();
    rehearsals.cancel();
    const entries = times.sent.slice();
    await engine.trading?.trader.drain('flatten');
    await engine.stop();
    await ground.close('bench');
    const micros = (of: (stamps: Stamps) => number): number[] => entries.map((stamps) => of(stamps) * 1_000);
    return {
      'signal read → judged, intention handed over': micros(({ read, handed }) => handed - read),
      'journal: handed over → heard to be on disk': micros(({ handed, synced }) => synced - handed),
      'on disk → order bytes on the socket': micros(({ synced, sent }) => sent - synced),
      'signal read → order bytes, journal apart': micros(
        ({ read, handed, synced, sent }) => handed - read + (sent - synced),
      ),
      'signal read → order bytes': micros(({ read, sent }) => sent - read),
      'floor: as many bytes on an open socket, ten times a second': floor.micros,
      'floor: the same path in memory, four times a second': rehearsed.apart,
      'the same path in memory, one after the other': rehearsed.inARow(config),
    };
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
}
