// How is a recording traded? The desk of the daemon and paper, over the recording's books, on the recording's own time.
import type { Config } from '../config/schema.ts';
import { emptyJournal } from '../order/journal.ts';
import type { Ms } from '../lib/brand.ts';
import { createRng } from '../lib/rng.ts';
import type { Instrument } from '../market/instrument.ts';
import { moneyFromNumber, moneyText } from '../market/money.ts';
import type { Slot } from '../market/units.ts';
import { createOffering, type Offered } from '../engine/offering.ts';
import type { Entry } from '../record/entry.ts';
import type { GridSource, KnownInstrument } from '../record/instruments.ts';
import { signalIdOf } from '../signal/signal-id.ts';
import { Agenda } from '../simulator/agenda.ts';
import { halfTickText } from '../store/rows/event-rows.ts';
import { snakeKey } from '../config/camel.ts';
import { createTrading, type Trading } from '../engine/trading.ts';
import type { DayChange, ListedInstrument } from '../universe/listing.ts';
import { paperVenue } from '../engine/venue.ts';
import { assumptionsOf } from './assumptions.ts';
import { contractRow, type Listing } from './contracts.ts';
import { RecordedPrices } from './prices.ts';
import { Replayer, type ReplayResult, type Stage } from './replayer.ts';
import { TradeTally, type TradesResult } from './result.ts';

export interface SessionOptions {
  readonly config: Config;
  /** Where a recording holds no grids of its own. */
  readonly grids: ReadonlyMap<string, KnownInstrument>;
  readonly listing: Listing;
  readonly verify: boolean;
}

export interface SessionResult extends TradesResult {
  readonly replay: ReplayResult;
  readonly balance: { readonly start: string; readonly end: string };
  /** What the recording does not tell and was taken to be so. */
  readonly assumptions: readonly string[];
  /** Why the daemon would not start with this configuration, or would say that it is doubtful. */
  readonly doubts: readonly string[];
}

/** As `order/link-id.ts` wants it; no other engine trades this account. */
const INSTANCE = 'replay';
const REFRESH_MS = 60_000 as Ms;
/** Longer than the desk lets itself for closing; executions of the last close are told by then. */
const END_MS = 25_000;
const END_STEP_MS = 100;
/** Longer than any silence after which positions are closed. */
const SILENCE_MS = 3_700_000;
/** Frames of several connections may change places by a little. */
const BACK_MS = 1_000;
const DISORDERED = 'the recordings are not in the order of their times: what lies back is refused as stale';
const LOST = 'connection_loss';

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, fatal: () => {} };

export class Session {
  readonly #config: Config;
  readonly #listing: Listing;
  readonly #clock: Agenda;
  readonly #replayer: Replayer;
  readonly #trading: Trading;
  readonly #prices: RecordedPrices;
  readonly #tally = new TradeTally();
  readonly #instruments = new Map<Slot, Instrument>();
  readonly #rows = new Map<string, ListedInstrument>();
  readonly #days = new Map<string, DayChange>();
  readonly #usual = new Set<string>();
  readonly #derived = new Set<string>();
  readonly #offerAll: (batch: Offered[]) => void;
  #signals: Offered[] = [];
  #silences = 0;
  #isDisordered = false;

  /** `startMs`: when the first frame was received. */
  constructor({ config, grids, listing, verify }: SessionOptions, startMs: Ms) {
    this.#config = config;
    this.#listing = listing;
    const clock = new Agenda(startMs);
    this.#clock = clock;
    this.#replayer = new Replayer({
      params: config.strategy,
      extremaMinutes: Math.round(config.strategy.tpLocalExtremaHours * 60),
      mode: 'inline',
      workers: 1,
      clock,
      verify,
      instruments: grids,
      onNotice: () => {},
      stage: this.#stage(),
    });
    const { memory } = this.#replayer;
    this.#prices = new RecordedPrices(memory.books, memory.tape);
    this.#trading = this.#open();
    this.#offerAll = createOffering<Offered>({
      books: memory.books,
      now: () => clock.monotonic(),
      trader: () => this.#trading.trader,
      told: ({ event, symbol }, refusal, detail) => {
        const instrument = this.#instruments.get(event.slot as Slot) as Instrument;
        this.#tally.offered(signalIdOf(symbol, event), halfTickText(event.middle, instrument), refusal, detail);
      },
    });
    this.#trading.trader.facts({
      lockHeld: true,
      killedByFile: false,
      journalWritable: true,
      diskFreeBytes: Number.MAX_SAFE_INTEGER,
    });
    this.#refresh();
    clock.every(REFRESH_MS, () => {
      this.#refresh();
      this.#resume();
    });
  }

  get frames(): number {
    return this.#replayer.frames;
  }

  get unreadable(): number {
    return this.#replayer.unreadable;
  }

  nextFile(): void {
    this.#replayer.nextFile();
    this.#prices.nextFile();
  }

  async take(entry: Entry): Promise<void> {
    if (entry.kind === 'frame') this.#pass(entry.received);
    await this.#replayer.take(entry);
  }

  /** Time comes to a frame. Between two recordings may lie days: after all that silence brings about they are skipped. */
  #pass(untilMs: Ms): void {
    const clock = this.#clock;
    const silentMs = untilMs - clock.monotonic();
    if (silentMs < -BACK_MS) this.#isDisordered = true;
    clock.elapse(Math.min(untilMs, clock.monotonic() + SILENCE_MS));
    clock.advance(untilMs);
    if (silentMs <= this.#config.safety.connectionLossTimeout * 1_000) return;
    this.#silences++;
    this.#resume();
  }

  /** After a lost connection an operator would have been called, and would have come. */
  #resume(): void {
    const { trader } = this.#trading;
    if (trader.status().latch === LOST) trader.command({ kind: 'resume', id: `resume-${this.#clock.monotonic()}` });
  }

  /** Closes what is open at the last book, and ends. */
  async end(): Promise<SessionResult> {
    const { trader } = this.#trading;
    const check = this.#trading.check([...this.#rows.keys()], moneyFromNumber(this.#config.paper.startingBalanceUsd));
    void trader.drain('flatten');
    const until = this.#clock.monotonic() + END_MS;
    while (this.#clock.monotonic() < until) this.#clock.elapse(this.#clock.monotonic() + END_STEP_MS);
    const { wallet } = trader.status();
    const start = moneyFromNumber(this.#config.paper.startingBalanceUsd);
    await this.#trading.close();
    const replay = await this.#replayer.end();
    const told = ({ section, key, message }: (typeof check.faults)[number]): string =>
      `${section}.${snakeKey(key)}: ${message}`;
    return {
      replay,
      ...this.#tally.end(),
      balance: { start: moneyText(start), end: moneyText(wallet?.balance ?? start) },
      assumptions: assumptionsOf(this.#config, {
        ...this.#prices.untold(),
        usual: [...this.#usual],
        derived: [...this.#derived],
        bookless: replay.withoutBook,
        silences: this.#silences,
      }),
      doubts: [...check.faults, ...check.warnings].map(told).concat(this.#isDisordered ? DISORDERED : []),
    };
  }

  #open(): Trading {
    const config = this.#config;
    const clock = this.#clock;
    const replayer = this.#replayer;
    const strategyOf = (symbol: string): Config['strategy'] | undefined =>
      replayer.slotOf(symbol) === undefined ? undefined : config.strategy;
    const trading: Trading = createTrading(
      {
        venue: paperVenue(config.paper, config.trading.leverage),
        account: INSTANCE,
        instance: INSTANCE,
        epoch: 1,
        recovered: emptyJournal(),
        haltedFor: undefined,
        takerFee: config.paper.takerFeePercent / 100,
        // A journal in memory is on its disk at once.
        append: ({ seq }) => void clock.after(0 as Ms, () => trading.trader.synced(seq)),
        latch: () => {},
        onResumed: () => {},
      },
      {
        memory: replayer.memory,
        clock,
        rng: createRng(config.simulator.seed).fork('backtest'),
        log: SILENT,
        chronicle: {
          trade: (row) => this.#tally.trade(row),
          execution: (row) => this.#tally.execution(row),
          happened: (name, level) => this.#tally.told(name, level),
        },
        config: () => config,
        strategyOf,
        coinOf: () => undefined,
        instrument: (slot) => this.#instruments.get(slot),
        slotOf: (symbol) => replayer.slotOf(symbol),
        bookHeardAt: (slot) => replayer.bookHeardAt(slot),
        hasCandles: () => true,
        isDeaf: () => false,
        isWanted: () => true,
        onHeld: () => {},
        onListDoubted: () => {},
      },
    );
    return trading;
  }

  #stage(): Stage {
    return {
      attached: (slot, instrument, source) => this.#attach(slot, instrument, source),
      detached: (slot) => this.#trading.detached(slot),
      onEvent: (event) => {
        if (event.kind === 'candidate') this.#tally.candidate(event);
        const instrument = this.#instruments.get(event.slot as Slot);
        if (event.kind !== 'signal' || instrument === undefined) return;
        const tenant = { strategy: this.#config.strategy, coin: undefined };
        this.#signals.push({ event, symbol: instrument.symbol, tenant });
      },
      moved: (slot, frame, outcome) => {
        if (this.#prices.heard(slot, frame, outcome === 'ticker')) this.#refresh();
        this.#trading.moved(slot);
        const batch = this.#signals;
        this.#signals = [];
        this.#offerAll(batch);
      },
    };
  }

  #attach(slot: Slot, instrument: Instrument, source: GridSource): void {
    const { symbol } = instrument;
    const { row, isUsual } = contractRow(instrument, this.#listing);
    if (isUsual) this.#usual.add(symbol);
    if (source === 'derived') this.#derived.add(symbol);
    this.#instruments.set(slot, instrument);
    this.#prices.attach(slot, instrument);
    this.#rows.set(symbol, row);
    this.#refresh();
    this.#trading.attached(this.#rows.get(symbol) as ListedInstrument);
  }

  /** The list of contracts and of their days, as the daemon reads it now and then. */
  #refresh(): void {
    for (const [slot, { symbol }] of this.#instruments) {
      const row = this.#rows.get(symbol);
      if (row?.terms === undefined) continue;
      const { intervalMs, ...day } = this.#prices.day(slot, this.#clock.wall(), row.terms.fundingIntervalMs);
      this.#days.set(symbol, day);
      this.#rows.set(symbol, { ...row, terms: { ...row.terms, fundingIntervalMs: intervalMs } });
    }
    this.#trading.market({ listed: this.#rows, listedAt: this.#clock.monotonic(), days: this.#days });
  }
}
