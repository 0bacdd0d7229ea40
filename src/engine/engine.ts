// How do the parts become one engine? Frame → book → scan → signal, with storage looking on.
import { createBooks } from '../book/layout.ts';
import { createView, readBook } from '../book/read.ts';
import type { Endpoints } from '../bybit/endpoints.ts';
import type { Budget } from '../bybit/budget.ts';
import { createFeed, type Feed, type FeedConfig, type FeedOptions } from '../bybit/feed/feed.ts';
import { candlesOf } from './candles.ts';
import { Ingest } from '../bybit/frames/ingest.ts';
import type { Outcome, Trust } from '../bybit/frames/ingest-port.ts';
import type { Config } from '../config/schema.ts';
import { feedConfig } from './feed-config.ts';
import { Findings, type FindingCounts } from './findings.ts';
import { assert } from '../lib/assert.ts';
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Rng } from '../lib/rng.ts';
import { Happenings, type Tell } from './happenings.ts';
import type { Instrument } from '../market/instrument.ts';
import { ASK, BID } from '../market/side.ts';
import type { Slot } from '../market/units.ts';
import type { Log } from '../ops/log.ts';
import type { Analysis, AnalysisStats, Notice, OnScan } from '../pool/analysis.ts';
import { AutoAnalysis } from '../pool/auto.ts';
import { InlineAnalysis } from '../pool/inline.ts';
import { PoolAnalysis } from '../pool/pool.ts';
import { toldOnce } from '../pool/told-once.ts';
import type { Recorder } from '../record/recorder.ts';
import type { AnalysisEvent } from '../scan/event.ts';
import { createLives } from '../scan/layout.ts';
import type { AnalysisMemory } from '../scan/workspace.ts';
import { Chronicle, type SessionFacts } from '../store/rows/chronicle.ts';
import type { Store } from '../store/write/client.ts';
import { Strategies } from './strategies.ts';
import type { StageTimes } from './stage-times.ts';
import type { StandingDensity } from './standing.ts';
import { createTape } from '../tape/layout.ts';
import { widenMinutes } from '../tape/write.ts';
import { Tenants, type Tenant } from './tenants.ts';
import { createTrading, type Trading, type TradingOptions } from './trading.ts';
import { watchedBook, type WatchedBook } from './watched-book.ts';
import { isWanted } from '../universe/select.ts';

export interface EngineOptions {
  readonly config: Config;
  readonly endpoints: Endpoints;
  readonly session: SessionFacts;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  /** Analyzer threads for the modes that have them. */
  readonly workers: number;
  /** Without progress for this long a thread counts as hung. */
  readonly hungMs?: Ms | undefined;
  /** Undefined: nothing is stored. */
  readonly store: Store | undefined;
  /** Undefined: the engine only watches. */
  readonly trading?: TradingOptions | undefined;
  /** Budgets of new connections and of REST calls, shared by everything in this process that speaks to the exchange. */
  readonly connects?: Budget;
  readonly calls?: Budget;
  /** Replaces the network for the public side of the exchange, as tests do. */
  readonly reach?: Pick<FeedOptions, 'rest' | 'dial'>;
  /** Every event of the analysis, after the engine itself has handled it. */
  readonly onEvent?: (event: AnalysisEvent, instrument: Instrument) => void;
  /** For the dashboard. */
  readonly onHappening?: Tell;
  readonly times?: StageTimes;
  /** Records what the exchange sends, as it came. */
  readonly recorder?: Pick<Recorder, 'instrument' | 'candles' | 'frame' | 'scanned'> | undefined;
}

export interface EngineStatus extends FindingCounts {
  /** Why nothing comes from the exchange; null where something does. */
  readonly waitsFor: string | null;
  /** `late`: of the live ones, those by which nothing is decided, because they are too long on their way to us. */
  readonly books: Readonly<Record<Trust, number>> & { readonly watched: number; readonly late: number };
  /** Symbols that are not chosen for a while: their books do not fit their grids. */
  readonly leftOut: readonly string[];
  readonly frames: number;
  readonly gaps: number;
  readonly resyncs: number;
  readonly fallbacks: number;
  readonly analysis: AnalysisStats;
}

export interface Engine {
  /** Resolves when the first symbols are attached and their topics requested. */
  start(): Promise<void>;
  /** Ends the feed, scans what is left, and labels every density that is still alive as `held`. */
  stop(): Promise<void>;
  /** Applies what may change while it runs: strategy, choice of symbols. */
  reload(config: Config): void;
  status(): EngineStatus;
  standing(): Iterable<StandingDensity>;
  /** Undefined for a symbol that is not watched. */
  book(symbol: string): WatchedBook | undefined;
  /** Of a slot that is taken. */
  instrument(slot: Slot): Instrument | undefined;
  /** For readers only. */
  readonly memory: AnalysisMemory;
  readonly feed: Feed;
  readonly analysis: Analysis;
  readonly trading: Trading | undefined;
}

const SECOND = 1_000 as Ms;

export function createEngine(options: EngineOptions): Engine {
  const { clock, rng, log, store, times, recorder } = options;
  let { config } = options;
  // Read once: a reload does not change it.
  const snapshotMs = config.websocket.snapshotInterval * SECOND;
  const memory: AnalysisMemory = {
    books: createBooks(config.market.slots),
    tape: createTape(config.market.slots),
    lives: createLives(config.market.slots),
  };
  const ingest = new Ingest(memory.books, memory.tape);
  const chronicle = new Chronicle(options.session, clock, (rows) => store?.write(rows));
  const happenings = new Happenings(clock, options.onHappening);
  /** Stores, and passes on to the dashboard. */
  const events = happenings.published(chronicle);
  const tenants = new Tenants(config.market.slots);
  const { present } = tenants;
  const strategies = new Strategies({
    memory,
    present,
    configured: () => config,
    onRefused(symbol, errors) {
      log.warn({ symbol, errors }, 'coin_parameters.refused');
      events.happened('coin_parameters.refused', 'warning', symbol, { errors });
    },
  });
  const view = createView();
  let pinned: ReadonlySet<string> = new Set();
  let isFlushDue = false;
  let tick: Timer | undefined;
  const findings: Findings = new Findings({
    memory,
    clock,
    log,
    tenants,
    chronicle,
    happenings,
    times,
    trader: () => trading?.trader,
    onEvent: options.onEvent,
  });
  const onEvent = findings.take.bind(findings);
  const { endpoints, connects, calls } = options;
  const budgets = { ...(connects === undefined ? {} : { connects }), ...(calls === undefined ? {} : { calls }) };
  const feedNow: FeedConfig = {
    ...feedConfig(config),
    bookRangePercent: (symbol) => strategyOf(symbol).bookRangePercent,
    klineHours: (symbol) => strategyOf(symbol).tpLocalExtremaHours,
  };
  const feed = createFeed(
    { endpoints, ingest, clock, rng, log, config: feedNow, ...budgets, ...options.reach },
    {
      onEvent: ({ type, severity, symbol, details }) => events.happened(type, severity, symbol, details),
      onAttached: (slot, listed) => {
        recorder?.instrument(listed.instrument);
        attach(slot, listed.instrument);
        trading?.attached(listed);
      },
      onDetached: (slot) => {
        present.delete(slot);
        trading?.detached(slot);
        scan(slot);
      },
      onMarket: (reading) => trading?.market(reading),
      onKlines: (slot, symbol, klines) => {
        const candles = candlesOf(klines);
        recorder?.candles(symbol, candles);
        widenMinutes(memory.tape, slot, candles);
        const tenant = present.get(slot);
        if (tenant !== undefined) tenant.hasCandles = true;
      },
      onSelection: ({ ranked }) => chronicle.ranking(ranked),
      held: () => trading?.trader.held() ?? new Set(),
      ...(recorder === undefined ? {} : { onFrame: recorder.frame.bind(recorder) }),
      onOutcome,
    },
  );
  const trading =
    options.trading === undefined
      ? undefined
      : createTrading(options.trading, {
          memory,
          clock,
          rng: rng.fork('trading'),
          log,
          chronicle: events,
          config: () => config,
          strategyOf: (symbol) => tenantOf(symbol)?.strategy,
          coinOf: (symbol) => tenantOf(symbol)?.coin,
          instrument: (slot) => present.get(slot)?.instrument,
          slotOf: (symbol) => ingest.slotOf(symbol),
          bookHeardAt: (slot) => ingest.bookHeardAt(slot),
          hasCandles: (slot) => present.get(slot)?.hasCandles === true,
          isDeaf: (slot) => feed.isDeaf(slot),
          isWanted: (listed, exchangeMs) => isWanted(listed, feedConfig(config).universe, exchangeMs),
          onHeld: pinHeld,
          onListDoubted: () => feed.listDoubted(),
        });
  // Starts threads, so it comes last: if anything above throws, no thread keeps the process alive.
  const analysis = createAnalysis();

  function createAnalysis(): Analysis {
    const { mode, wait } = config.analysis;
    // The tenant may have left the slot since.
    const onScan: OnScan | undefined =
      recorder &&
      ((slot, tenancy, sequence, restarts) => {
        const tenant = tenants.find(slot, tenancy);
        if (tenant !== undefined) recorder.scanned(tenant.instrument.symbol, sequence, restarts);
      });
    if (mode === 'inline') return new InlineAnalysis(memory, onEvent, times?.scans(0), onScan);
    const { workers, hungMs } = options;
    const pool = { workers, hungMs, spin: wait === 'spin', clock, times: times?.scans.bind(times), onScan };
    const once = toldOnce(onEvent);
    return mode === 'pool'
      ? new PoolAnalysis(memory, pool, once, onNotice)
      : new AutoAnalysis(memory, pool, once, onNotice);
  }

  /** Hot: once per frame. */
  function onOutcome(outcome: Outcome, slot: number, received: Ms): void {
    if (outcome === 'delta' || outcome === 'snapshot') {
      times?.frame(memory.books, slot, received);
      scan(slot as Slot);
      // With analysis in line the signal is there already, and need not wait for the other frames of this batch.
      if (findings.isSignalled) findings.handle();
    }
    if (slot >= 0) trading?.moved(slot as Slot);
  }

  /** Of a symbol that is watched, or about to be. */
  function strategyOf(symbol: string): Config['strategy'] {
    return tenantOf(symbol)?.strategy ?? strategies.before(symbol);
  }

  function tenantOf(symbol: string): Tenant | undefined {
    const slot = ingest.slotOf(symbol);
    return slot === undefined ? undefined : present.get(slot);
  }

  /** Symbols with a position or an order are also subscribed on the fastest topic: its repeats prove that a quiet book is alive. */
  function pinHeld(held: ReadonlySet<string>): void {
    for (const symbol of pinned) if (!held.has(symbol)) feed.unpin(symbol);
    for (const symbol of held) if (!pinned.has(symbol)) feed.pin(symbol);
    pinned = held;
  }

  /** The books of one batch of frames are handed over together, because waking a thread is the expensive part. */
  function scan(slot: Slot): void {
    analysis.scan(slot);
    if (isFlushDue) return;
    isFlushDue = true;
    queueMicrotask(flush);
  }

  function flush(): void {
    isFlushDue = false;
    analysis.flush();
  }

  function attach(slot: Slot, instrument: Instrument): void {
    assert(readBook(memory.books, slot, view), 'the only writer reads its own book whole');
    const tenant: Tenant = {
      tenancy: view.tenancy,
      instrument,
      strategy: config.strategy,
      coin: undefined,
      overrides: {},
      snapshotAt: clock.monotonic() + rng.next() * snapshotMs,
      hasCandles: false,
    };
    tenants.move(slot, tenant);
    strategies.apply(slot, tenant);
  }

  function onNotice({ event, severity, details }: Notice): void {
    const slot = 'slot' in details ? (details.slot as Slot) : undefined;
    const symbol = slot === undefined ? undefined : present.get(slot)?.instrument.symbol;
    log[severity === 'warning' ? 'warn' : severity]({ ...(symbol === undefined ? {} : { symbol }), ...details }, event);
    events.happened(event, severity, symbol, details);
  }

  function everySecond(): void {
    const now = clock.monotonic();
    // Positions are managed on main, but without scans the market only looks quiet: no entries then (A10).
    const { isDown, eventsLost } = analysis.stats();
    trading?.trader.block('workers.down', isDown);
    if (eventsLost > 0) findings.endLost(() => analysis.flush());
    times?.setOffset(feed.status().clockOffsetMs);
    for (const [slot, tenant] of present) {
      if (now < tenant.snapshotAt || ingest.trust(slot) !== 'live') continue;
      tenant.snapshotAt = now + snapshotMs;
      const levels = (side: 0 | 1) => ingest.readSide(slot, side, Infinity);
      chronicle.book(tenant.instrument, { bids: levels(BID), asks: levels(ASK), ...ingest.sequence(slot) });
    }
    const rows = store?.coinParameters();
    if (rows === undefined) return;
    const { ranges, lookbacks } = strategies.takeRows(rows);
    for (const symbol of ranges) feed.rangeChanged(symbol);
    feed.lookbackGrew(lookbacks);
  }

  function book(symbol: string): WatchedBook | undefined {
    const watched = feed.status().symbols.find((row) => row.symbol === symbol);
    const tenant = watched === undefined ? undefined : present.get(watched.slot);
    if (watched === undefined || tenant === undefined) return undefined;
    return watchedBook(ingest, watched.slot, watched.depth, tenant.instrument);
  }

  return {
    feed,
    analysis,
    trading,
    book,
    memory,
    instrument: (slot) => present.get(slot)?.instrument,
    standing: () => findings.standing(),
    async start() {
      chronicle.begin();
      tick = clock.every(SECOND, everySecond);
      await feed.start();
    },
    reload(latest) {
      config = latest;
      // A new range of the configuration, which is every coin's, counts with the hourly review of each depth.
      feed.lookbackGrew(strategies.applyAll().lookbacks);
      const { universe, updateMs } = feedConfig(latest);
      feed.changeRules(universe, updateMs);
    },
    async stop() {
      tick?.cancel();
      await trading?.close();
      feed.stop();
      await analysis.settled();
      await analysis.close();
      findings.handle();
      findings.endLost(() => analysis.flush());
      chronicle.end(this.status());
    },
    status() {
      const books = { dead: 0, syncing: 0, live: 0, suspect: 0, stale: 0, watched: present.size, late: 0 };
      for (const slot of present.keys()) {
        books[ingest.trust(slot)]++;
        if (trading?.isLate(slot) === true) books.late++;
      }
      const { frames, gaps, fallbacks } = ingest.counts;
      const { resyncs, leftOut, waitsFor = null } = feed.status();
      const found = findings.counts();
      return { waitsFor, books, leftOut, frames, gaps, resyncs, fallbacks, ...found, analysis: analysis.stats() };
    },
  };
}
