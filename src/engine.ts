// How do the parts become one engine? Frame → book → scan → signal, with storage looking on.
import { createBooks } from './book/layout.ts';
import { createView, readBook } from './book/read.ts';
import type { Endpoints } from './bybit/endpoints.ts';
import type { Budget } from './bybit/budget.ts';
import { createFeed, type Feed, type FeedConfig, type FeedOptions } from './bybit/feed/feed.ts';
import { Ingest } from './bybit/frames/ingest.ts';
import type { Depth, Outcome, Trust } from './bybit/frames/ingest-port.ts';
import type { Kline } from './bybit/rest/rest-rows.ts';
import type { Config } from './config/schema.ts';
import { strategyFor } from './config/symbol-strategy.ts';
import { assert } from './lib/assert.ts';
import type { Ms } from './lib/brand.ts';
import type { Clock, Timer } from './lib/clock.ts';
import type { Rng } from './lib/rng.ts';
import { Happenings, type Tell } from './happenings.ts';
import type { Instrument } from './market/instrument.ts';
import { ASK, BID } from './market/side.ts';
import type { Slot, Usdt } from './market/units.ts';
import { createOffering } from './offering.ts';
import type { Log } from './ops/log.ts';
import type { Analysis, AnalysisStats, Notice, OnScan } from './pool/analysis.ts';
import { AutoAnalysis } from './pool/auto.ts';
import { InlineAnalysis } from './pool/inline.ts';
import { PoolAnalysis } from './pool/pool.ts';
import { toldOnce } from './pool/told-once.ts';
import type { Candle } from './record/entry.ts';
import type { Recorder } from './record/recorder.ts';
import type { AnalysisEvent } from './scan/event.ts';
import { createLives, PARAMS_AT, SLOT_NUMBERS } from './scan/layout.ts';
import { writeParams } from './scan/params.ts';
import type { AnalysisMemory } from './scan/workspace.ts';
import { Chronicle, type SessionFacts } from './store/rows/chronicle.ts';
import type { Store } from './store/write/client.ts';
import type { CoinParameters } from './store/read/coin-parameters.ts';
import type { StageTimes } from './stage-times.ts';
import { StandingDensities, type StandingDensity } from './standing.ts';
import { createTape, MINUTE_MS } from './tape/layout.ts';
import { setLookback, widenMinutes } from './tape/write.ts';
import { Tenants, type Tenant } from './tenants.ts';
import { createTrading, type Trading, type TradingOptions } from './trading.ts';
import { watchedBook, type WatchedBook } from './watched-book.ts';
import { isWanted } from './universe/select.ts';

export interface EngineOptions {
  readonly config: Config;
  readonly endpoints: Endpoints;
  readonly session: SessionFacts;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  /** Analyzer threads for the modes that have them. */
  readonly workers: number;
  /** After which one of them is taken for hung. */
  readonly hungMs?: Ms | undefined;
  /** Undefined: nothing is stored. */
  readonly store: Store | undefined;
  /** Undefined: it only watches. */
  readonly trading?: TradingOptions | undefined;
  /** New connections and REST calls, shared with whoever else speaks to the exchange from here. */
  readonly connects?: Budget;
  readonly calls?: Budget;
  /** Where the public side of the exchange is reached otherwise than over the network. */
  readonly reach?: Pick<FeedOptions, 'rest' | 'dial'>;
  /** Everything that the analysis tells, after the engine itself has dealt with it. */
  readonly onEvent?: (event: AnalysisEvent, instrument: Instrument) => void;
  /** For whoever looks on. */
  readonly onHappening?: Tell;
  readonly times?: StageTimes;
  /** Keeps what the exchange says, as it came. */
  readonly recorder?: Pick<Recorder, 'instrument' | 'candles' | 'frame' | 'scanned'> | undefined;
}

export interface EngineStatus {
  /** Why nothing comes from the exchange; null where something does. */
  readonly waitsFor: string | null;
  readonly books: Readonly<Record<Trust, number>> & { readonly watched: number };
  readonly frames: number;
  readonly gaps: number;
  readonly resyncs: number;
  readonly fallbacks: number;
  /** Densities confirmed so far, and how many of them stand now. */
  readonly densities: number;
  readonly standing: number;
  /** Signals that nothing refused so far; candidates told; signals refused, by reason. */
  readonly signals: number;
  readonly candidates: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Signals that became orders. */
  readonly entries: number;
  readonly analysis: AnalysisStats;
}

export interface Engine {
  /** Resolves when the first universe is attached and its topics are asked for. */
  start(): Promise<void>;
  /** Ends the feed, scans what is left, labels what stands as `held`. */
  stop(): Promise<void>;
  /** Takes over what may change while it runs: strategy, choice of symbols. */
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

/** A signal, and by whose numbers it was one. */
interface Offering {
  readonly event: AnalysisEvent;
  readonly symbol: string;
  readonly tenant: Tenant;
}

const SECOND = 1_000 as Ms;

export function createEngine(options: EngineOptions): Engine {
  const { clock, rng, log, store, times, recorder } = options;
  let { config } = options;
  // What is not taken over while it runs stays as it was at the start.
  const snapshotMs = config.websocket.snapshotInterval * SECOND;
  const memory: AnalysisMemory = {
    books: createBooks(config.market.slots),
    tape: createTape(config.market.slots),
    lives: createLives(config.market.slots),
  };
  const ingest = new Ingest(memory.books, memory.tape);
  const chronicle = new Chronicle(options.session, clock, (rows) => store?.write(rows));
  const happenings = new Happenings(clock, options.onHappening);
  const written = happenings.alsoTold(chronicle);
  const tenants = new Tenants(config.market.slots);
  const { present } = tenants;
  const standing = new StandingDensities(config.market.slots);
  const view = createView();
  let offered: Offering[] = [];
  let told: AnalysisEvent[] = [];
  let offeredAt = 0 as Ms;
  let coins: ReadonlyMap<string, CoinParameters> = new Map();
  let pinned: ReadonlySet<string> = new Set();
  let isFlushDue = false;
  let tick: Timer | undefined;
  const counts = { densities: 0, signals: 0, candidates: 0, entries: 0 };
  const refused: Record<string, number> = {};

  const offerAll = createOffering<Offering>({
    books: memory.books,
    now: () => clock.monotonic(),
    trader: () => trading?.trader,
    told({ event, symbol, tenant }, refusal, detail) {
      if (refusal !== undefined) refused[refusal] = (refused[refusal] ?? 0) + 1;
      else {
        counts.signals++;
        if (trading !== undefined) counts.entries++;
      }
      const signalId = chronicle.signal(event, tenant.instrument, tenant.strategy, refusal);
      happenings.judged(event, tenant.instrument, signalId, trading === undefined ? refusal : undefined);
      const { signal: kind, priority } = event;
      log.info({ symbol, signalId, kind, priority, outcome: refusal ?? 'good', detail }, 'signal.judged');
      if (trading === undefined) return;
      times?.judged(offeredAt, refusal === undefined ? detail : undefined);
      happenings.decided(symbol, signalId, refusal, detail);
    },
  });
  const { endpoints, connects, calls } = options;
  const budgets = { ...(connects === undefined ? {} : { connects }), ...(calls === undefined ? {} : { calls }) };
  const feedNow: FeedConfig = {
    ...feedConfig(config),
    bookRangePercent: (symbol) => (tenantOf(symbol)?.strategy ?? strategyBefore(symbol)).bookRangePercent,
  };
  const feed = createFeed(
    { endpoints, ingest, clock, rng, log, config: feedNow, ...budgets, ...options.reach },
    {
      onEvent: ({ type, severity, symbol, details }) => written.happened(type, severity, symbol, details),
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
          chronicle: written,
          config: () => config,
          strategyOf: (symbol) => tenantOf(symbol)?.strategy,
          coinOf: (symbol) => tenantOf(symbol)?.coin,
          instrument: (slot) => present.get(slot)?.instrument,
          slotOf: (symbol) => ingest.slotOf(symbol),
          bookHeardAt: (slot) => ingest.bookHeardAt(slot),
          isWanted: (listed, exchangeMs) => isWanted(listed, feedConfig(config).universe, exchangeMs),
          onHeld: pinHeld,
          onListDoubted: () => feed.listDoubted(),
        });
  // Its threads are begun last: what cannot be made before leaves none that would keep the process.
  const analysis = createAnalysis();

  function createAnalysis(): Analysis {
    const { mode, wait } = config.analysis;
    // Of an emptied book there is nobody who was scanned.
    const onScan: OnScan | undefined =
      recorder &&
      ((slot, tenancy, sequence) => {
        const tenant = tenants.find(slot, tenancy);
        if (tenant !== undefined) recorder.scanned(tenant.instrument.symbol, sequence);
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
      // Scanned in line, a signal of this book waits for no other frame that came with it.
      if (offered.length > 0) attend();
    }
    if (slot >= 0) trading?.moved(slot as Slot);
  }

  function tenantOf(symbol: string): Tenant | undefined {
    const slot = ingest.slotOf(symbol);
    return slot === undefined ? undefined : present.get(slot);
  }

  /** What we hold we listen to on the fastest topic too: its repeats prove that a quiet book lives. */
  function pinHeld(held: ReadonlySet<string>): void {
    for (const symbol of pinned) if (!held.has(symbol)) feed.unpin(symbol);
    for (const symbol of held) if (!pinned.has(symbol)) feed.pin(symbol);
    pinned = held;
  }

  /** Books of one batch of frames are handed over together: waking a thread is what costs. */
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
    };
    tenants.move(slot, tenant);
    parameterize(slot, tenant);
  }

  /** Of a symbol that is not attached yet; a bad row is told once it is. */
  function strategyBefore(symbol: string): Config['strategy'] {
    const own = strategyFor(config.strategy, coins.get(symbol)?.overrides ?? {});
    return own.ok ? own.strategy : config.strategy;
  }

  /** Writes the numbers that this symbol is judged by; a bad row of the database changes nothing and is told. */
  function parameterize(slot: Slot, tenant: Tenant): void {
    const { symbol } = tenant.instrument;
    tenant.coin = coins.get(symbol);
    const overrides = tenant.coin?.overrides ?? {};
    const own = strategyFor(config.strategy, overrides);
    if (own.ok) tenant.overrides = overrides;
    else {
      log.warn({ symbol, errors: own.errors }, 'coin_parameters.refused');
      written.happened('coin_parameters.refused', 'warning', symbol, { errors: own.errors });
    }
    // What the row said before goes on, over the file as it is now.
    const kept = own.ok ? own : strategyFor(config.strategy, tenant.overrides);
    tenant.strategy = kept.ok ? kept.strategy : config.strategy;
    writeParams(memory.lives.numbers, slot * SLOT_NUMBERS + PARAMS_AT, tenant.strategy, tenant.instrument);
    setLookback(memory.tape, slot, extremaMinutesOf(tenant.strategy));
  }

  function onNotice({ event, severity, details }: Notice): void {
    const slot = 'slot' in details ? (details.slot as Slot) : undefined;
    const symbol = slot === undefined ? undefined : present.get(slot)?.instrument.symbol;
    log[severity === 'warning' ? 'warn' : severity]({ ...(symbol === undefined ? {} : { symbol }), ...details }, event);
    written.happened(event, severity, symbol, details);
  }

  /** What goes together with a signal is dealt with after it. */
  function onEvent(event: AnalysisEvent): void {
    if (offered.length === 0 && told.length === 0) queueMicrotask(attend);
    if (event.kind !== 'signal') {
      told.push(event);
      return;
    }
    times?.told(event.receivedMs);
    const tenant = tenants.of(event);
    if (offered.length === 0) offeredAt = clock.monotonic();
    offered.push({ event, symbol: tenant.instrument.symbol, tenant });
  }

  /** The signals of one loop turn, or of one scan in line; then all else that was told meanwhile. */
  function attend(): void {
    const batch = offered;
    const events = told;
    offered = [];
    told = [];
    if (batch.length > 0) offerAll(batch);
    for (const { event } of batch) options.onEvent?.(event, tenants.of(event).instrument);
    for (const event of events) note(event);
  }

  function note(event: AnalysisEvent): void {
    const tenant = tenants.of(event);
    const { instrument } = tenant;
    if (event.kind === 'candidate') {
      counts.candidates++;
      happenings.judged(event, instrument, chronicle.signal(event, instrument, tenant.strategy));
    } else {
      if (standing.note(event, instrument)) counts.densities++;
      chronicle.density(event, instrument, tenant.strategy);
      happenings.ended(event, instrument);
    }
    options.onEvent?.(event, instrument);
  }

  function everySecond(): void {
    const now = clock.monotonic();
    // Positions are looked after on main; that nothing is scanned must not look like a quiet market (A10).
    const { isDown, eventsLost } = analysis.stats();
    trading?.trader.block('workers.down', isDown);
    if (eventsLost > 0) forgetEnded();
    times?.setOffset(feed.status().clockOffsetMs);
    for (const [slot, tenant] of present) {
      if (now < tenant.snapshotAt || ingest.trust(slot) !== 'live') continue;
      tenant.snapshotAt = now + snapshotMs;
      const levels = (side: 0 | 1) => ingest.readSide(slot, side, Infinity);
      chronicle.book(tenant.instrument, { bids: levels(BID), asks: levels(ASK), ...ingest.sequence(slot) });
    }
    const latest = store?.coinParameters() ?? coins;
    if (latest === coins) return;
    coins = latest;
    for (const [slot, tenant] of present) {
      const { bookRangePercent } = tenant.strategy;
      parameterize(slot, tenant);
      // Of one coin at once; a new range of the file, which is every coin's, waits for the hourly look at each book.
      if (tenant.strategy.bookRangePercent !== bookRangePercent) feed.rangeChanged(tenant.instrument.symbol);
    }
  }

  /** What of their labels is still on its way is heard before the others are given up. */
  function forgetEnded(): void {
    const ended = standing.ended(memory.lives);
    if (ended.length === 0) return;
    analysis.flush();
    attend();
    for (const density of ended) {
      standing.forget(density);
      chronicle.lost(density);
    }
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
    standing: () => standing.all(),
    async start() {
      chronicle.begin();
      tick = clock.every(SECOND, everySecond);
      await feed.start();
    },
    reload(latest) {
      config = latest;
      for (const [slot, tenant] of present) parameterize(slot, tenant);
      const { universe, updateMs } = feedConfig(latest);
      feed.changeRules(universe, updateMs);
    },
    async stop() {
      tick?.cancel();
      await trading?.close();
      feed.stop();
      await analysis.settled();
      await analysis.close();
      attend();
      forgetEnded();
      chronicle.end(this.status());
    },
    status() {
      const books = { dead: 0, syncing: 0, live: 0, suspect: 0, stale: 0, watched: present.size };
      for (const slot of present.keys()) books[ingest.trust(slot)]++;
      const { frames, gaps, fallbacks } = ingest.counts;
      const { resyncs, waitsFor = null } = feed.status();
      const refusals = { ...refused };
      const told = { ...counts, standing: standing.count, refused: refusals };
      return { waitsFor, books, frames, gaps, resyncs, fallbacks, ...told, analysis: analysis.stats() };
    },
  };
}

function extremaMinutesOf({ tpLocalExtremaHours }: Config['strategy']): number {
  return Math.round(tpLocalExtremaHours * 60);
}

export function candlesOf(klines: readonly Kline[]): readonly Candle[] {
  return klines.map(({ start, high, low }) => ({ minute: Math.floor(start / MINUTE_MS), high, low }));
}

export function feedConfig({ market, websocket, strategy, safety }: Config): FeedConfig {
  return {
    universe: {
      topGainersCount: market.topGainersCount,
      topLosersCount: market.topLosersCount,
      min24hVolume: market.min24hVolume as Usdt,
      minDwellMs: (market.minDwellMinutes * 60_000) as Ms,
      symbols: market.symbols,
      symbolTypes: market.symbolTypes,
      minAgeDays: market.minAgeDays,
      exclude: market.exclude,
      slots: market.slots,
    },
    updateMs: (market.updateInterval * SECOND) as Ms,
    depth: websocket.orderbookDepth as 'auto' | Depth,
    bookRangePercent: () => strategy.bookRangePercent,
    topicsPerConnectionMax: websocket.maxTopicsPerConnection,
    reconnectMsInitial: (websocket.reconnectDelayInitial * SECOND) as Ms,
    reconnectMsMax: (websocket.reconnectDelayMax * SECOND) as Ms,
    connectBudget: websocket.connectBudget,
    klineHours: strategy.tpLocalExtremaHours,
    restRetriesMax: safety.maxApiRetries,
  };
}
