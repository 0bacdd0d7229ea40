// A main thread for whoever builds or tests the operator's surface: a living market, a desk that trades it, real arenas, the
// real operator thread. By hand: `node test/operator/fake-main.ts --port 8787` prints where the page is; Ctrl-C ends it.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createView, readBook } from '../../src/book/read.ts';
import { mapBooks } from '../../src/book/layout.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { systemClock, type Clock } from '../../src/lib/clock.ts';
import { createRng } from '../../src/lib/rng.ts';
import type { Instrument } from '../../src/market/instrument.ts';
import { startOperator, type Operator } from '../../src/operator/operator.ts';
import type { Digest, Happening, PastSource, SurfaceSettings } from '../../src/operator/port.ts';
import { hiding } from '../../src/ops/secrets.ts';
import type { AnalysisEvent } from '../../src/scan/event.ts';
import { FakeDesk } from './fake-desk.ts';
import { FakeMarket } from './fake-market.ts';

const STEP_MS = 100;
const STEPS_A_DIGEST = 3;

export interface FakeMainOptions extends Partial<Omit<SurfaceSettings, 'tokenFile'>> {
  readonly seed?: number;
  readonly symbols?: number;
  /** Whatever the thread wants logged. */
  readonly onLog?: (event: string, fields: object) => void;
  /** A market that has already run this long: densities stand from the first look on. */
  readonly warmUpMs?: number;
  /** Must be seen by nobody. */
  readonly secret?: string;
  readonly past?: PastSource;
  readonly clock?: Clock;
  /** It ends as soon as it has begun. */
  readonly isEnding?: boolean;
}

export interface FakeMain {
  readonly operator: Operator;
  readonly desk: FakeDesk;
  readonly market: FakeMarket;
  /** Without the token. */
  readonly url: string;
  readonly token: string;
  readonly directory: string;
  tell(happening: Happening): void;
  /** Tells main's state now, with changes for the occasion. */
  digest(changes?: Partial<Digest>): void;
  /** From now on the market stands still and main says nothing by itself. */
  pause(): void;
  /** After a pause. */
  resume(): void;
  close(): Promise<void>;
}

export async function startFakeMain(options: FakeMainOptions = {}): Promise<FakeMain> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'plotnost-surface-'));
  const startedMs = Date.now() as Ms;
  const counts = { densities: 0, standing: 0, candidates: 0, signals: 0, ordinal: 0 };
  const view = createView();
  let gathered: Happening[] = [];
  const tell = (happening: Happening): unknown => gathered.push(happening);

  const warmUpMs = options.warmUpMs ?? 10_000;
  const market: FakeMarket = new FakeMarket(options.seed ?? 7, options.symbols ?? 6, onEvent, startedMs - warmUpMs);
  const books = mapBooks(market.arenas.books, market.arenas.slots);
  const desk: FakeDesk = new FakeDesk(tell, (instrument) => {
    const watched = market.symbols.find(({ instrument: { symbol } }) => symbol === instrument.symbol);
    const isRead = watched !== undefined && readBook(books, watched.slot, view);
    if (!isRead || view.counts[0] === 0 || view.counts[1] === 0) return undefined;
    return ((view.ticks[0][0] as number) + (view.ticks[1][0] as number)) / 2;
  });

  function onEvent(event: AnalysisEvent, instrument: Instrument): void {
    if (event.kind === 'state' && event.state === 'confirmed') {
      counts.densities++;
      counts.standing++;
    }
    const isEnd = event.kind === 'label' && event.confirmedMs !== 0;
    if (isEnd) counts.standing = Math.max(0, counts.standing - 1);
    const isJudged = event.kind === 'candidate' || event.kind === 'signal';
    if (!isEnd && !isJudged) return;
    const signalId = isJudged ? `${instrument.symbol}-${event.slot}-${event.life}-${++counts.ordinal}` : undefined;
    const now = Date.now();
    tell({ kind: 'analysis', atMs: now as Ms, instrument, event, signalId, refusal: undefined });
    if (event.kind === 'candidate') counts.candidates++;
    if (event.kind !== 'signal' || signalId === undefined) return;
    counts.signals++;
    desk.offer(event, instrument, signalId, now);
  }

  const log = (fields: object, event: string): void => options.onLog?.(event, fields);
  market.advance(warmUpMs);
  const operator = startOperator(
    market.arenas,
    {
      host: options.host ?? '127.0.0.1',
      port: options.port ?? 0,
      allowedHosts: options.allowedHosts ?? [],
      control: options.control ?? true,
      tokenFile: path.join(directory, 'dashboard.token'),
    },
    {
      clock: options.clock ?? systemClock,
      rng: createRng(1),
      log: { debug: log, info: log, warn: log, error: log },
      past: options.past,
      hide: hiding(options.secret === undefined ? [] : [options.secret]),
      onCommand: (command) => desk.command(command, Date.now()),
    },
  );

  const digest = (changes: Partial<Digest> = {}): void => {
    const now = Date.now();
    const { gaps, fallbacks } = market.counts;
    operator.digest({
      atMs: now as Ms,
      session: {
        sessionId: '00000000-0000-4000-8000-000000000001',
        version: '0.1.0',
        node: process.version,
        environment: 'simulator',
        tradingMode: 'live',
        startedMs,
        configHash: 'c0ffee',
      },
      symbols: market.symbols,
      feed: {
        sockets: [
          { name: 'public-1', state: 'open', symbols: market.symbols.length, frames: market.frames, reconnects: 0 },
        ],
        reconnects: 0,
        frames: market.frames,
        gaps,
        resyncs: 0,
        fallbacks,
        dropped: 0,
        unreadable: 0,
        leftOut: ['ODDUSDT'],
        late: 2,
        clockOffsetMs: 0,
      },
      analysis: {
        ...market.analysis.stats(),
        excluded: [],
        densities: counts.densities,
        standing: counts.standing,
        candidates: counts.candidates,
        signals: counts.signals,
        refused: { stale: 1 },
      },
      store: { connected: true, queued: 3, spooled: 0, written: { densities: counts.densities }, dropped: {} },
      desk: desk.digest(now),
      loop: { p50Ms: 0.2, p99Ms: 1.8, maxMs: 4.1, utilization: 0.12 },
      memoryBytes: process.memoryUsage.rss(),
      memoryLimitBytes: 1e9,
      warnings: { 'book.gap': gaps },
      isEnding: options.isEnding ?? false,
      ...changes,
    });
  };
  const flush = (): void => {
    operator.happened(gathered);
    gathered = [];
  };

  let steps = 0;
  const step = (): void => {
    market.advance(STEP_MS);
    desk.step(Date.now());
    flush();
    if (steps++ % STEPS_A_DIGEST === 0) digest();
  };
  let running = setInterval(step, STEP_MS);
  flush();
  digest();
  const [url, token] = (await operator.ready).split('#token=') as [string, string];
  return {
    operator,
    desk,
    market,
    url,
    token,
    directory,
    digest,
    tell(happening) {
      tell(happening);
      flush();
    },
    pause: () => clearInterval(running),
    resume() {
      running = setInterval(step, STEP_MS);
    },
    async close() {
      clearInterval(running);
      await operator.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8787' },
      symbols: { type: 'string', default: '12' },
      seed: { type: 'string', default: '7' },
      'read-only': { type: 'boolean', default: false },
    },
  });
  const main = await startFakeMain({
    port: Number(values.port),
    symbols: Number(values.symbols),
    seed: Number(values.seed),
    control: !values['read-only'],
    onLog: (event, fields) => console.error(event, fields),
  });
  console.log(`${main.url}#token=${main.token}`);
  process.once('SIGINT', () => void main.close());
}
