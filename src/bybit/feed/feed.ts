// How does the live market reach the books? Everything around the frames: which symbols are watched, over which connections,
// at what depth, and what is done when a book cannot be trusted.
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Rng } from '../../lib/rng.ts';
import type { Slot } from '../../market/units.ts';
import type { ListedInstrument } from '../../universe/listing.ts';
import type { Selection, UniverseRules } from '../../universe/select.ts';
import { Auditor } from './auditor.ts';
import type { AuditCounts } from './auditor.ts';
import { BookCare } from './book-care.ts';
import { Budget } from '../budget.ts';
import { CandleSeeds } from './candle-seeds.ts';
import { DepthChoice } from './depth-choice.ts';
import { dial as dialOverNetwork } from './dial.ts';
import type { Dial } from './dial.ts';
import type { Endpoints } from '../endpoints.ts';
import { FrameRouter } from '../frames/frame-router.ts';
import type { IngestCounts } from '../frames/ingest.ts';
import type { Depth, IngestPort, Outcome, Trust } from '../frames/ingest-port.ts';
import { inLanes } from '../rest/lanes.ts';
import type { Log } from '../../lib/log.ts';
import type { FeedEvent, Report } from './ports.ts';
import { PublicSocket } from './public-socket.ts';
import type { SocketState } from './public-socket.ts';
import { createRest } from '../rest/rest.ts';
import type { PublicRest } from '../rest/rest.ts';
import type { Kline } from '../rest/rest-rows.ts';
import { Roster } from './roster.ts';
import type { Shard } from './shard.ts';
import { Subscriptions, symbolOf } from './subscriptions.ts';
import { TouchRotation } from './touch-rotation.ts';
import { touchTopic, tradeTopic } from './watched.ts';
import type { Watched } from './watched.ts';
import { Watchlist, type MarketReading } from './watchlist.ts';

export interface FeedConfig {
  readonly universe: UniverseRules;
  readonly updateMs: Ms;
  readonly depth: 'auto' | Depth;
  /** Called whenever a depth is chosen: for a symbol that is added, once an hour, and after `rangeChanged`. */
  readonly bookRangePercent: (symbol: string) => number;
  readonly topicsPerConnectionMax: number;
  readonly reconnectMsInitial: Ms;
  readonly reconnectMsMax: Ms;
  /** Connects in 5 minutes over all sockets. */
  readonly connectBudget: number;
  /** Hours of one-minute candles, asked for whenever those of a symbol are read. */
  readonly klineHours: (symbol: string) => number;
  readonly restRetriesMax: number;
  readonly touchPlaces?: number;
  readonly touchTurnMs?: Ms;
  readonly auditMs?: Ms;
  readonly depthReviewMs?: Ms;
}

export interface FeedOptions {
  readonly endpoints: Endpoints;
  /** Counts of frames: those that surprised the scanner, and those among them that nobody can read. */
  readonly ingest: IngestPort & { readonly counts: Readonly<Pick<IngestCounts, 'fallbacks' | 'unreadable'>> };
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  readonly config: FeedConfig;
  /** Budgets of new connections in 5 minutes and of REST calls, shared by everything in this process that speaks to the exchange. */
  readonly connects?: Budget;
  readonly calls?: Budget;
  readonly rest?: PublicRest;
  readonly dial?: Dial;
}

export interface FeedCallbacks {
  onEvent(event: FeedEvent): void;
  /** The slot is attached, its first frame has not come. Also when the grid of a watched symbol has changed. */
  onAttached(slot: Slot, listed: ListedInstrument, depth: Depth): void;
  onDetached(slot: Slot, symbol: string): void;
  onKlines(slot: Slot, symbol: string, klines: readonly Kline[]): void;
  onSelection(selection: Selection): void;
  /** Each time the list of contracts or their daily figures were read, before symbols are chosen. */
  onMarket?(market: MarketReading): void;
  /** Symbols with a position or a pending order: they never leave. */
  held(): ReadonlySet<string>;
  onFrame?(bytes: Uint8Array, connection: number, received: Ms): void;
  /** After every frame that was not dropped; hot. */
  onOutcome?(outcome: Outcome, slot: number, received: Ms): void;
}

export interface SymbolStatus {
  readonly symbol: string;
  readonly slot: Slot;
  readonly trust: Trust;
  readonly depth: Depth;
  readonly resyncs: number;
  readonly socket: string;
}

export interface FeedStatus {
  readonly symbols: readonly SymbolStatus[];
  readonly sockets: readonly {
    readonly name: string;
    readonly state: SocketState;
    readonly symbols: number;
    readonly frames: number;
    readonly reconnects: number;
  }[];
  /** Also of sockets that are needed no more. */
  readonly reconnects: number;
  readonly dropped: number;
  readonly unreadable: number;
  readonly resyncs: number;
  readonly audit: Readonly<AuditCounts>;
  readonly clockOffsetMs: Ms;
  /** Symbols that are not chosen for a while: their books do not fit their grids. */
  readonly leftOut: readonly string[];
  /** Why nothing comes from the exchange; undefined where something does. */
  readonly waitsFor: string | undefined;
}

export interface Feed {
  /** Resolves when the first symbols are attached and their topics requested. */
  start(): Promise<void>;
  stop(): void;
  symbols(): readonly string[];
  /** By other rules symbols are chosen anew at once; the number of slots stays. */
  changeRules(rules: UniverseRules, updateMs: Ms): void;
  /** The book range of the symbol has changed: its depth is reviewed. */
  rangeChanged(symbol: string): void;
  /** Their `klineHours` are more than they were. */
  lookbackGrew(symbols: readonly string[]): void;
  /** Subscribes `orderbook.1` of a symbol until unpinned. */
  pin(symbol: string): void;
  unpin(symbol: string): void;
  /** The exchange contradicts its own list of contracts: read it again. */
  listDoubted(): void;
  /** Do its trades not come, although its price moves? What the order flow says of it is worth nothing then. */
  isDeaf(slot: Slot): boolean;
  status(): FeedStatus;
}

const BUDGET_PERIOD_MS = 300_000 as Ms;
const LANES = 8;
const TICK_MS = 1_000 as Ms;
const AUDIT_MS = 60_000 as Ms;
const DEPTH_REVIEW_MS = 3_600_000 as Ms;
const TOUCH_PLACES = 4;
const TOUCH_TURN_MS = 15_000 as Ms;

const LEVELS = { info: 'info', warning: 'warn', error: 'error' } as const;

/** At most so many new connections in 5 minutes, over all sockets to the exchange. */
export function connectBudget(connects: number): Budget {
  return new Budget(connects, BUDGET_PERIOD_MS);
}

export function createFeed(options: FeedOptions, callbacks: FeedCallbacks): Feed {
  const { ingest, clock, rng, log, config, endpoints } = options;
  const rest =
    options.rest ?? createRest({ endpoints, clock, rng, retriesMax: config.restRetriesMax, budget: options.calls });
  const report: Report = (type, severity, symbol, details) => {
    log[LEVELS[severity]](symbol === undefined ? details : { symbol, ...details }, type);
    callbacks.onEvent({ type, severity, symbol, details });
  };
  const budget = options.connects ?? connectBudget(config.connectBudget);
  const rotation = new TouchRotation(config.touchPlaces ?? TOUCH_PLACES, config.touchTurnMs ?? TOUCH_TURN_MS);
  let connections = 0;
  /** Frames that only the slow reader could read. */
  let readSlowly = 0;
  let isStopped = false;
  let tick: Timer | undefined;
  let ticked = clock.monotonic() as number;
  let isSkipped = false;

  const roster: Roster = new Roster({
    slots: config.universe.slots,
    topicsMax: config.topicsPerConnectionMax,
    ingest,
    clock,
    openShard,
  });
  const auditor = new Auditor({
    clock,
    ingest,
    rest,
    roster,
    periodMs: config.auditMs ?? AUDIT_MS,
    mismatch: (watched, finding) => care.accused(watched, finding),
    offGrid: (watched) => care.grids.doubt(watched, 'rest'),
  });
  const care: BookCare = new BookCare({
    clock,
    rng,
    ingest,
    rest,
    roster,
    auditor,
    rotation,
    report,
    log,
    reattached(watched) {
      callbacks.onAttached(watched.slot, watched.listed, watched.depth);
      candles.forget(watched);
      void candles.read(watched);
      // Whatever is chosen next from a list of before would be on the grid of before (B12).
      watchlist.outdated(watched.listedAt);
    },
    unfit: ({ listed }) => watchlist.leaveOut(listed.instrument),
  });
  const router = new FrameRouter({
    ingest,
    roster,
    onFrame: callbacks.onFrame?.bind(callbacks),
    onOutcome: callbacks.onOutcome?.bind(callbacks),
    noticed: (outcome, slot) => care.noticed(outcome, slot),
    unusual: (outcome, slot, bytes, shard) => care.unusual(outcome, slot, bytes, shard),
  });
  const watchlist = new Watchlist({
    clock,
    rng,
    rest,
    rules: config.universe,
    updateMs: config.updateMs,
    report,
    held: () => callbacks.held(),
    apply,
    listed: (listed, askedAt) => care.grids.relisted(listed, askedAt),
    read: (market) => callbacks.onMarket?.(market),
  });
  const candles = new CandleSeeds({
    clock,
    rest,
    hours: config.klineHours,
    report,
    read: ({ slot, symbol }, klines) => callbacks.onKlines(slot, symbol, klines),
  });
  const depths = new DepthChoice({
    clock,
    rest,
    roster,
    depth: config.depth,
    rangePercent: config.bookRangePercent,
    reviewMs: config.depthReviewMs ?? DEPTH_REVIEW_MS,
    report,
    change: (watched, depth) => care.changeDepth(watched, depth),
  });

  function openShard(name: string): Shard {
    const subscriptions = new Subscriptions({
      clock,
      rng,
      report,
      send: (text) => socket.send(text),
      waiting: (topic, isWaiting) => roster.wait(topic, isWaiting),
      confirmed(topic) {
        const watched = roster.of(symbolOf(topic));
        if (watched !== undefined && topic === tradeTopic(watched.symbol)) candles.tradesConfirmed(watched);
      },
    });
    const socket = new PublicSocket(
      {
        name,
        url: endpoints.public,
        dial: options.dial ?? dialOverNetwork,
        clock,
        rng,
        budget,
        nextConnection: () => ++connections,
        reconnectMsInitial: config.reconnectMsInitial,
        reconnectMsMax: config.reconnectMsMax,
        report,
      },
      {
        opened: (connection) => care.opened(shard, connection),
        frame(bytes, connection, received) {
          router.frame(bytes, connection, received, shard);
          const read = ingest.counts.fallbacks - ingest.counts.unreadable;
          if (read === readSlowly) return;
          readSlowly = read;
          care.surprised(shard, bytes);
        },
        closed: () => care.closed(shard),
      },
    );
    const shard: Shard = { name, socket, subscriptions, watched: new Set(), cutAt: -Infinity, unreadable: [] };
    return shard;
  }

  async function apply(selection: Selection, listed: ReadonlyMap<string, ListedInstrument>): Promise<void> {
    for (const symbol of selection.removed) {
      const watched = roster.of(symbol);
      if (watched !== undefined) remove(watched);
    }
    const missing = [...selection.members.keys()].filter((symbol) => roster.of(symbol) === undefined);
    await inLanes(missing, LANES, async (symbol) => {
      const found = listed.get(symbol);
      if (found === undefined) return;
      const depth = await depths.first(found);
      if (!isStopped) add(found, depth);
    });
    if (isStopped) return;
    callbacks.onSelection(selection);
    depths.reviewPending();
    // The books need not wait for the candles.
    candles.readMissing(roster.all());
  }

  function add(listed: ListedInstrument, depth: Depth): void {
    const watched = roster.add(listed, depth);
    if (watched === undefined) {
      report('universe.no_slot', 'error', listed.instrument.symbol, { slots: config.universe.slots });
      return;
    }
    callbacks.onAttached(watched.slot, listed, depth);
    roster.subscribe(watched);
  }

  function remove(watched: Watched): void {
    care.forget(watched);
    candles.forget(watched);
    depths.forget(watched.symbol);
    roster.remove(watched);
    callbacks.onDetached(watched.slot, watched.symbol);
  }

  function everySecond(): void {
    const now = clock.monotonic();
    const late = now - ticked - TICK_MS;
    ticked = now;
    // After a stall of our own, frames still wait in the sockets: silence is judged only once they are read (W02).
    isSkipped = late > TICK_MS && !isSkipped;
    if (isSkipped) return;
    care.judgeSilence(now);
    const wanted = rotation.wanted(roster.symbols, now);
    for (const watched of roster.all()) {
      const topic = touchTopic(watched.symbol);
      if (wanted.has(watched.symbol)) watched.shard.subscriptions.want(topic, 'data');
      else watched.shard.subscriptions.drop(topic);
    }
  }

  return {
    async start() {
      tick = clock.every(TICK_MS, everySecond);
      auditor.start();
      depths.start();
      await watchlist.start();
    },
    stop() {
      isStopped = true;
      watchlist.stop();
      tick?.cancel();
      auditor.stop();
      depths.stop();
      candles.stop();
      care.stop();
      roster.closeAll();
      rest.close();
    },
    symbols: () => roster.symbols,
    changeRules: (rules, updateMs) => watchlist.change({ ...rules, slots: config.universe.slots }, updateMs),
    rangeChanged: (symbol) => depths.rangeChanged(symbol),
    lookbackGrew: (symbols) => candles.readFurther(symbols.flatMap((symbol) => roster.of(symbol) ?? [])),
    pin(symbol) {
      rotation.pin(symbol);
      watchlist.held(symbol);
    },
    unpin: (symbol) => rotation.unpin(symbol),
    listDoubted: () => watchlist.doubted(),
    isDeaf: (slot) => roster.isDeaf[slot] === 1,
    status() {
      return {
        symbols: [...roster.all()].map(({ symbol, slot, depth, resyncs, shard }) => {
          return { symbol, slot, trust: ingest.trust(slot), depth, resyncs, socket: shard.name };
        }),
        sockets: roster.shards.map(({ name, socket, watched }) => ({
          name,
          state: socket.state,
          symbols: watched.size,
          frames: socket.frames,
          reconnects: socket.reconnects,
        })),
        reconnects: roster.reconnects,
        dropped: router.dropped,
        unreadable: care.unreadable,
        resyncs: care.resyncs,
        audit: auditor.counts,
        clockOffsetMs: watchlist.clockOffset,
        leftOut: watchlist.leftOut,
        waitsFor: roster.shards.some(({ socket }) => socket.state === 'open')
          ? undefined
          : (rest.failure ??
            (watchlist.isEmpty
              ? 'no symbol is watched: none has passed what the section market asks for'
              : 'no market data connection is open')),
      };
    },
  };
}
