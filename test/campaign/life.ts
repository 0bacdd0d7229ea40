// What runs between a start of the engine and its end? The real feed, books, desk and gateway, above roads of texts.
//
// Analysis is left out, because its findings are proven elsewhere: signals are made by the campaign, all else is the product.
import { createBooks, type BookMemory } from '../../src/book/layout.ts';
import { createView, readBook, type BookView } from '../../src/book/read.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { connectBudget, createFeed, type Feed } from '../../src/bybit/feed/feed.ts';
import { Ingest } from '../../src/bybit/frames/ingest.ts';
import { callBudget } from '../../src/bybit/rest/rest.ts';
import type { Config } from '../../src/config/schema.ts';
import { feedConfig } from '../../src/engine/feed-config.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { createRng } from '../../src/lib/rng.ts';
import type { Instrument } from '../../src/market/instrument.ts';
import type { Slot } from '../../src/market/units.ts';
import type { Log } from '../../src/ops/log.ts';
import type { GatewayEvent, GatewayRequest } from '../../src/order/gateway.ts';
import type { JournalRecord } from '../../src/order/journal.ts';
import { createLives, PARAMS_AT, SLOT_NUMBERS } from '../../src/scan/layout.ts';
import { writeParams } from '../../src/scan/params.ts';
import type { AnalysisMemory } from '../../src/scan/workspace.ts';
import { crashLoop } from '../../src/state/crash-loop.ts';
import { Chronicle } from '../../src/store/rows/chronicle.ts';
import type { Row } from '../../src/store/rows/rows.ts';
import { createTape, MINUTE_MS } from '../../src/tape/layout.ts';
import { setLookback, widenMinute } from '../../src/tape/write.ts';
import type { Trader } from '../../src/engine/trader.ts';
import { createTrading, type Trading } from '../../src/engine/trading.ts';
import { exchangeVenue, type Venue } from '../../src/engine/venue.ts';
import { isWanted } from '../../src/universe/select.ts';
import type { Disk } from './disk.ts';
import { publicDial } from './public-line.ts';
import { publicRest } from './public-rest.ts';
import { campaignWires } from './wires.ts';
import type { World } from './world.ts';

export interface LifeEvents {
  /** Every line of the log. */
  logged(level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>): void;
  /** Every row for the database. */
  stored(row: Row): void;
  appended(record: JournalRecord): void;
  synced(upTo: number): void;
  /** The desk has looked at the book of a slot. */
  looked(slot: Slot): void;
  /** The operator's resume has forgiven what was before. */
  resumed(): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** What a planted bug does to the engine; the engine that is tried has none. */
export interface Mutation {
  /** In place of a request that leaves the desk. */
  readonly request?: (request: GatewayRequest, world: World) => GatewayRequest | undefined;
  /** In place of a text that leaves the gateway. */
  readonly text?: (text: string) => string | undefined;
  /** In place of what the gateway tells. */
  readonly event?: (event: GatewayEvent, world: World) => readonly GatewayEvent[];
  /** Sent once more after this answer. */
  readonly again?: (request: GatewayRequest, event: GatewayEvent) => GatewayRequest | undefined;
  /** After each frame, what it does to the memory of the books. */
  readonly books?: (books: BookMemory) => void;
  /** By which the desk goes. */
  readonly clock?: (clock: Clock) => Clock;
  /** Journal records that are not written. */
  readonly forgets?: (record: JournalRecord) => boolean;
}

const NOBODY = { rest: '', restSecond: undefined, public: 'public', private: undefined, trade: undefined };
/** Candles reach back so far: hours of them cost more than they are worth here. */
const KLINE_HOURS = 1;

/** What a timer of the feed begins may await what is there already: that goes on before time does. */
function awaiting(world: World): Clock {
  const { clock } = world;
  return {
    monotonic: () => clock.monotonic(),
    wall: () => clock.wall(),
    every: (period, run) => clock.every(period, run),
    after: (delay, run) =>
      clock.after(delay, () => {
        run();
        world.settles();
      }),
  };
}

export class Life {
  readonly world: World;
  readonly disk: Disk;
  readonly memory: AnalysisMemory;
  readonly ingest: Ingest;
  readonly feed: Feed;
  readonly trading: Trading;
  readonly present = new Map<Slot, Instrument>();
  readonly view: BookView = createView();
  config: Config;
  readonly #clock;

  constructor(world: World, disk: Disk, config: Config, events: LifeEvents, mutation?: Mutation) {
    this.world = world;
    this.disk = disk;
    this.config = config;
    const { clock } = world;
    this.#clock = clock;
    disk.epoch++;
    const rng = createRng(world.seed * 1_000 + disk.epoch);
    const { slots } = config.market;
    this.memory = { books: createBooks(slots), tape: createTape(slots), lives: createLives(slots) };
    const { tape, lives } = this.memory;
    const extremaMinutes = Math.round(config.strategy.tpLocalExtremaHours * 60);
    this.ingest = new Ingest(this.memory.books, tape);
    const facts = { sessionId: 'campaign', environment: 'simulator', mode: 'live', version: '', node: '', config: {} };
    const chronicle = new Chronicle(facts, clock, (rows) => {
      for (const row of rows) events.stored(row);
    });
    const say = (level: LogLevel) => (fields: object, event: string) => events.logged(level, event, { ...fields });
    const log: Log = {
      debug: say('debug'),
      info: say('info'),
      warn: say('warn'),
      error: say('error'),
      fatal: say('fatal'),
      counts: () => ({}),
      setLevel() {},
      flush() {},
      close() {},
    };
    const connects = connectBudget(config.websocket.connectBudget);
    const calls = callBudget();
    let pinned: ReadonlySet<string> = new Set();
    this.feed = createFeed(
      {
        endpoints: NOBODY,
        ingest: this.ingest,
        clock: awaiting(world),
        rng,
        log,
        config: { ...feedConfig(config), klineHours: () => KLINE_HOURS },
        connects,
        calls,
        rest: publicRest(world),
        dial: publicDial(world, () => mutation?.books?.(this.memory.books)),
      },
      {
        onEvent: () => undefined,
        onAttached: (slot, listed) => {
          this.present.set(slot, listed.instrument);
          writeParams(lives.numbers, slot * SLOT_NUMBERS + PARAMS_AT, this.config.strategy, listed.instrument);
          setLookback(tape, slot, extremaMinutes);
          this.trading.attached(listed);
        },
        onDetached: (slot) => {
          this.present.delete(slot);
          this.trading.detached(slot);
        },
        onMarket: (reading) => this.trading.market(reading),
        onKlines: (slot, _symbol, klines) => {
          for (const { start, high, low } of klines) widenMinute(tape, slot, Math.floor(start / MINUTE_MS), high, low);
        },
        onSelection: () => undefined,
        held: () => this.trading.trader.held(),
        onOutcome: (_outcome, slot) => {
          if (slot >= 0) this.trading.moved(slot as Slot);
        },
      },
    );
    disk.open(clock, {
      synced: (upTo) => {
        events.synced(upTo);
        if (!clock.isDead) this.trading.trader.synced(upTo);
      },
      status: (journalWritable, diskFreeBytes) => this.trading.trader.facts({ journalWritable, diskFreeBytes }),
    });
    const venue = exchangeVenue({
      wires: (serverNow) => campaignWires(world, serverNow, mutation?.text),
      connects,
      calls,
    });
    this.trading = createTrading(
      {
        venue: mutation === undefined ? venue : mutatedVenue(venue, mutation, world),
        account: 'campaign',
        instance: disk.instance,
        epoch: disk.epoch,
        recovered: disk.recovered(),
        haltedFor: crashLoop(disk.crashes, config.safety.crashLoopExits, clock.wall()),
        takerFee: 0.00055,
        append: (record, sync) => {
          if (mutation?.forgets?.(record) !== true) disk.append(record, sync);
          events.appended(record);
        },
        latch: (killed) => {
          disk.isKilled = killed;
          if (!killed) clock.after(0 as Ms, () => this.trading.trader.facts({ killedByFile: false }));
        },
        onResumed: () => {
          disk.crashes = [];
          events.resumed();
        },
      },
      {
        memory: this.memory,
        clock: mutation?.clock?.(clock) ?? clock,
        rng: rng.fork('trading'),
        log,
        chronicle,
        config: () => this.config,
        strategyOf: (symbol) => (this.ingest.slotOf(symbol) === undefined ? undefined : this.config.strategy),
        coinOf: () => undefined,
        instrument: (slot) => this.present.get(slot),
        slotOf: (symbol) => this.ingest.slotOf(symbol),
        bookHeardAt: (slot) => {
          events.looked(slot);
          return this.ingest.bookHeardAt(slot);
        },
        hasCandles: () => true,
        isDeaf: (slot) => this.feed.isDeaf(slot),
        isWanted: (listed, exchangeMs) => isWanted(listed, feedConfig(this.config).universe, exchangeMs),
        onHeld: (held) => {
          for (const symbol of pinned) if (!held.has(symbol)) this.feed.unpin(symbol);
          for (const symbol of held) if (!pinned.has(symbol)) this.feed.pin(symbol);
          pinned = held;
        },
        onListDoubted: () => this.feed.listDoubted(),
      },
    );
    const { trader } = this.trading;
    trader.facts({ lockHeld: true, killedByFile: disk.isKilled });
    disk.status();
    world.settles();
    void this.feed.start();
  }

  get trader(): Trader {
    return this.trading.trader;
  }

  get clock() {
    return this.#clock;
  }

  /** The live book of a symbol as the engine has it, copied to `view`; undefined where it has none. */
  look(symbol: string): Slot | undefined {
    const slot = this.ingest.slotOf(symbol);
    return slot !== undefined && readBook(this.memory.books, slot, this.view) ? slot : undefined;
  }

  /** SIGKILL: nothing of it runs any more, and what its disk had not taken is lost. */
  kill(): void {
    this.#clock.die();
    this.disk.crash();
    this.disk.crashes.push(this.#clock.wall());
    this.world.hangUp();
  }

  async close(): Promise<void> {
    this.feed.stop();
    await this.trading.close();
    this.#clock.die();
  }
}

function mutatedVenue(venue: Venue, { request: change, event: retell, again }: Mutation, world: World): Venue {
  return (room, onEvent) => {
    const asked = new Map<number, GatewayRequest>();
    const open = venue(room, (event) => {
      const request = event.kind === 'answer' ? asked.get(event.requestId) : undefined;
      const more = request === undefined ? undefined : again?.(request, event);
      if (more !== undefined) gateway.send(more);
      for (const one of retell?.(event, world) ?? [event]) onEvent(one);
    });
    const { gateway } = open;
    const send = (request: GatewayRequest): void => {
      asked.set(request.requestId, request);
      const changed = change === undefined ? request : change(request, world);
      if (changed !== undefined) gateway.send(changed);
    };
    return { ...open, gateway: { send, close: () => gateway.close() } };
  };
}
