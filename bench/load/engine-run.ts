// What does the engine of a load run do and tell? It watches the load's exchange, and counts.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { getHeapSpaceStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { endpointsOf } from '../../src/bybit/endpoints.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createRng } from '../../src/lib/rng.ts';
import type { Log } from '../../src/ops/log.ts';
import type { AnalysisStats } from '../../src/pool/analysis.ts';
import { ASKED, WAKE_BYTES } from '../machine/wake.ts';
import { nowMicros } from '../measure/schedule.ts';
import { GarbageWatch } from './garbage.ts';
import { LoadTimes } from './load-times.ts';
import { loadSymbols } from './streams.ts';
import { threadTimes, timesSince, type ThreadTime } from './threads.ts';
import type { EngineJob, EngineOrder, EngineWord, FrameCounts, LoadWindow } from './words.ts';

const DELAY_RESOLUTION_MS = 5;
const LOOK_MS = 100;

const say = (word: EngineWord): void => void process.stdout.write(`${JSON.stringify(word)}\n`);

/** Warnings are counted by name: the summary shows what the engine had to complain of. */
const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (_, event) => say({ word: 'said', event }),
  error: (_, event) => say({ word: 'said', event }),
  fatal: (_, event) => say({ word: 'said', event }),
  counts: () => ({}),
  setLevel: () => undefined,
  flush: () => undefined,
  close: () => undefined,
};

function configOf({ symbols, depth, mode, workers }: EngineJob): Config {
  const set = [
    `market.symbols=[${loadSymbols(symbols)
      .map(({ symbol }) => symbol)
      .join()}]`,
    `market.slots=${symbols}`,
    `websocket.orderbook_depth=${depth}`,
    'trading.mode=off',
    `analysis.mode=${mode === 'none' || mode === 'wake' ? 'inline' : mode}`,
    `analysis.workers=${Math.max(1, workers)}`,
  ];
  const loaded = parseConfig('', 'the configuration of the load run', { env: {}, overrides: { set } });
  if (!loaded.ok) throw new Error(loaded.errors.join('\n'));
  return loaded.config;
}

/** Bytes of main's heap that are no compiled code. */
function heapKept(): number {
  const kept = getHeapSpaceStatistics().filter(({ space_name: name }) => !/code|trusted/.test(name));
  return kept.reduce((sum, { space_used_size: used }) => sum + used, 0);
}

/** The thread sleeps, is woken, and sleeps again. */
function wakeEmptyThread(): () => void {
  const words = new Int32Array(new SharedArrayBuffer(WAKE_BYTES));
  new Worker(new URL('../machine/wake-worker.ts', import.meta.url), { workerData: words.buffer }).unref();
  return () => {
    Atomics.add(words, ASKED, 1);
    Atomics.notify(words, ASKED);
  };
}

export async function runEngine(job: EngineJob): Promise<void> {
  const rssLoaded = process.memoryUsage().rss;
  const config = configOf(job);
  const garbage = new GarbageWatch();
  const times = new LoadTimes(job, garbage);
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  const address = `127.0.0.1:${job.port}`;
  const engine = createEngine({
    config,
    endpoints: endpointsOf('simulator', { rest: `http://${address}`, public: `ws://${address}` }),
    session: { sessionId: 'load', environment: 'simulator', mode: 'off', version: '0', node: '', config: {} },
    clock: systemClock,
    rng: createRng(job.seed),
    log,
    workers: Math.max(1, job.workers),
    times,
    store: undefined,
  });
  // What the scans cost main beside the ingest is told by a run without them.
  if (job.mode === 'none') Object.assign(engine.analysis, { scan: () => undefined, flush: () => undefined });
  if (job.mode === 'wake') Object.assign(engine.analysis, { scan: () => undefined, flush: wakeEmptyThread() });

  let begun = mark(engine, times);
  function begin(): void {
    times.ages.reset();
    delay.reset();
    delay.enable();
    garbage.reset();
    begun = mark(engine, times);
  }

  function windowSoFar(): LoadWindow {
    const now = mark(engine, times);
    const { external, rss } = process.memoryUsage();
    const { books, tape, lives } = engine.memory;
    const reserved = books.buffer.byteLength + tape.buffer.byteLength + lives.buffer.byteLength;
    const lateMs = (nanos: number): number => Math.max(0, nanos / 1e6 - DELAY_RESOLUTION_MS);
    return {
      begunMicros: begun.micros,
      seconds: (now.at - begun.at) / 1_000,
      frames: difference(begun.frames, now.frames),
      bookAgeMs: times.ages.percentiles(),
      eventLoopDelayMs: {
        p50: lateMs(delay.percentile(50)),
        p99: lateMs(delay.percentile(99)),
        max: lateMs(delay.max),
      },
      ...garbage.seen(),
      threads: timesSince(begun.threads, now.threads),
      memory: {
        heapKept: heapKept(),
        external,
        rss,
        reservedPerBook: Math.round(reserved / job.symbols),
        residentPerBook: Math.round((rss - rssLoaded) / job.symbols),
      },
      handles: process.getActiveResourcesInfo().length,
      live: engine.status().books.live,
      resyncs: now.resyncs - begun.resyncs,
      audits: { equal: now.audits.equal - begun.audits.equal, wrong: now.audits.wrong - begun.audits.wrong },
      scans: now.analysis.scans - begun.analysis.scans,
      eventsLost: now.analysis.eventsLost - begun.analysis.eventsLost,
    };
  }

  const orders: Readonly<Record<EngineOrder['order'], () => void>> = {
    begin,
    look: () => say({ word: 'window', window: windowSoFar() }),
    collect() {
      globalThis.gc?.();
      orders.look();
    },
    end: () => void end(),
  };
  createInterface({ input: process.stdin }).on('line', (line) => {
    orders[(JSON.parse(line) as EngineOrder).order]();
  });
  // Whoever started it is gone.
  process.stdin.on('end', () => process.exit(1));

  async function end(): Promise<void> {
    await engine.stop();
    process.exit(0);
  }

  await engine.start();
  const looking = setInterval(() => {
    if (engine.status().books.live < job.symbols) return;
    clearInterval(looking);
    say({ word: 'live' });
  }, LOOK_MS);
}

interface Mark {
  readonly at: number;
  readonly micros: number;
  readonly threads: readonly ThreadTime[];
  readonly frames: FrameCounts;
  readonly resyncs: number;
  readonly audits: LoadWindow['audits'];
  readonly analysis: AnalysisStats;
}

function mark(engine: Engine, { deltas }: LoadTimes): Mark {
  const { gaps, fallbacks, resyncs } = engine.status();
  const { dropped, unreadable, audit } = engine.feed.status();
  return {
    at: performance.now(),
    micros: nowMicros(),
    threads: threadTimes(),
    frames: { applied: deltas, gaps, dropped, unreadable, fallbacks },
    resyncs,
    audits: { equal: audit.equal, wrong: audit.wrong },
    analysis: engine.analysis.stats(),
  };
}

function difference(before: FrameCounts, now: FrameCounts): FrameCounts {
  return {
    applied: now.applied - before.applied,
    gaps: now.gaps - before.gaps,
    dropped: now.dropped - before.dropped,
    unreadable: now.unreadable - before.unreadable,
    fallbacks: now.fallbacks - before.fallbacks,
  };
}
