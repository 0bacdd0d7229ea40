// Why is a single order in an hour as fast as one of many? Because its code path was run a moment ago.
//
// Entries are rare, and V8 does not optimise code that runs rarely: it has no type feedback, and garbage collection may drop
// even its bytecode, so that a signal takes many times as long to become an order. So a second desk, with its own book,
// gateway and clock, runs that path again and again: signal, gates, intention, last look, order text, answer. It shares
// only the code with the desk that trades, and its wires end in memory: it cannot send anything.
import { createBooks } from '../book/layout.ts';
import { createView, readBook } from '../book/read.ts';
import { Ingest } from '../bybit/frames/ingest.ts';
import { defaultStrategy, type Config } from '../config/schema.ts';
import { assert } from '../lib/assert.ts';
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { createInstrument, priceText, sizeText, type Instrument } from '../market/instrument.ts';
import { moneyFromNumber } from '../market/money.ts';
import { ASK, BID } from '../market/side.ts';
import type { Lot, Slot, Tick } from '../market/units.ts';
import { MuteExchange } from './mute-exchange.ts';
import { createOffering, type Offered } from './offering.ts';
import { emptyJournal, encodeRecord } from '../order/journal.ts';
import type { Contract } from '../position/trade/contract.ts';
import { createLiveMarket } from '../position/watch/live-market.ts';
import type { DeskSettings } from '../position/options.ts';
import * as record from '../scan/event.ts';
import { createLives, PARAMS_AT } from '../scan/layout.ts';
import { writeParams } from '../scan/params.ts';
import { createTape, FACT_LAST, FACT_MARK, FACT_MARK_AT, MINUTE_MS, MINUTES_MAX } from '../tape/layout.ts';
import { setFact, setLookback, widenMinute } from '../tape/write.ts';
import { symbolRules } from './symbol-rules.ts';
import { Trader } from './trader.ts';

const SYMBOL = 'REHEARSALUSDT';
const SLOT = 0 as Slot;
const CONNECTION = 1;
const LEVELS = 50;
const BEST_BID = 9_999 as Tick;
const BEST_ASK = 10_000 as Tick;
const PRICE = 100; // of the best ask, in USDT
/** So far apart that no rate limit of a second is ever reached. */
const STEP_MS = 1_000;
/**
 * A desk remembers its orders: after this many a new one takes over. Its clock begins so much later that whatever depends on
 * the time of day fails within minutes or never.
 */
const ENTRIES_MAX = 64;
const APART_MS = 3_600_000;
const START_MS = 1_000_000_000_000;
const DAY_MS = 86_400_000;

/** As shipped, whatever is configured: a signal that the strategy refuses would not run the path. */
const STRATEGY = defaultStrategy();
const RULES = symbolRules(STRATEGY, undefined);

/** The four kinds of entry: a broken density lies behind the touch, one to bounce off before it. */
const SIGNALS = [
  { kind: record.BREAKOUT, side: ASK, tick: BEST_BID - 1 },
  { kind: record.BREAKOUT, side: BID, tick: BEST_ASK + 1 },
  { kind: record.BOUNCE, side: BID, tick: BEST_BID - 2 },
  { kind: record.BOUNCE, side: ASK, tick: BEST_ASK + 2 },
] as const;
const LOTS_SHOWN = 5_000 as Lot;
/** With higher leverage, liquidation would be nearer than the stops as shipped. */
const LEVERAGE = 10;

const instrument = createInstrument(SYMBOL, '0.01', '0.1') as Instrument;

/** Often enough that everything on the path is compiled. */
const WARM_UP = 300;
/** It costs a thousandth of a core. */
const EVERY_MS = 250 as Ms;

export interface Rehearsals extends Timer {
  /** Called while the disk writes an intention: runs the rest of the path once, so that it is in the caches when it is needed. */
  aheadOfBytes(): void;
}

/**
 * Runs the path until it is fast, and then often enough that it stays fast. Nothing depends on it: the first failure is reported
 * and ends the rehearsals, and does not touch the engine that trades.
 */
export function rehearse(config: Config, clock: Clock, onFailed: (error: unknown) => void): Rehearsals {
  const rehearsal = new Rehearsal(config);
  let isOver = false;
  let timer: Timer | undefined;
  const attempt = (go: () => void): void => {
    if (isOver) return;
    try {
      go();
    } catch (error) {
      isOver = true;
      timer?.cancel();
      onFailed(error);
    }
  };
  const leave = (): void => void rehearsal.leave();
  const once = (): void => {
    leave();
    rehearsal.enter();
  };
  for (let i = 0; i < WARM_UP; i++) attempt(once);
  if (!isOver) timer = clock.every(EVERY_MS, () => attempt(once));
  return { aheadOfBytes: () => attempt(leave), cancel: () => timer?.cancel() };
}

export class Rehearsal {
  readonly #clock: Clock;
  readonly #offerAll: (batch: Offered[]) => void;
  readonly #config: Config;
  readonly #ingest: Ingest;
  readonly #tape = createTape(1);
  readonly #memory = { books: createBooks(1), tape: this.#tape, lives: createLives(1) };
  readonly #view = createView();
  readonly #numbers = new Float64Array(record.EVENT_STRIDE);
  #exchange: MuteExchange | undefined;
  #trader: Trader | undefined;
  #now = START_MS;
  #entries = 0;
  #toSync: number | undefined;

  constructor(config: Config) {
    this.#config = config;
    const never: Timer = { cancel: () => {} };
    // Time moves only by the rehearsal's own steps, so no timer ever fires.
    this.#clock = {
      monotonic: () => this.#now as Ms,
      wall: () => this.#now as Ms,
      after: () => never,
      every: () => never,
    };
    const { books, tape, lives } = this.#memory;
    this.#ingest = new Ingest(books, tape);
    this.#ingest.attach(SLOT, instrument, LEVELS);
    this.#ingest.bind(SLOT, CONNECTION);
    writeParams(lives.numbers, PARAMS_AT, STRATEGY, instrument);
    setLookback(tape, SLOT, MINUTES_MAX);
    this.#showMarket();
    this.#offerAll = createOffering<Offered>({
      books,
      now: () => this.#clock.monotonic(),
      trader: () => this.#trader,
      told: (_, refusal, detail) =>
        assert(refusal === undefined, `a rehearsed signal is refused: ${refusal} ${detail}`),
    });
  }

  /** From a signal to the intention that waits for the disk. */
  enter(): void {
    const isNext = this.#entries % ENTRIES_MAX === 0;
    this.#now += isNext ? APART_MS : STEP_MS;
    setFact(this.#tape, SLOT, FACT_MARK_AT, this.#now);
    this.#trade(this.#now);
    if (isNext) this.#open();
    this.#exchange?.pulse();
    this.#exchange?.settle();
    const event = this.#signal();
    this.#offerAll([{ event, symbol: SYMBOL, tenant: { strategy: STRATEGY, coin: undefined } }]);
  }

  /** From the disk to the order text, which is returned instead of sent; undefined where nothing had been entered. */
  leave(): string | undefined {
    if (this.#toSync === undefined) return undefined;
    const seq = this.#toSync;
    this.#toSync = undefined;
    this.#trader?.synced(seq);
    const text = this.#exchange?.sent.pop();
    this.#exchange?.settle();
    return text;
  }

  #open(): void {
    const { trading, safety } = this.#config;
    const settings: DeskSettings = {
      ...trading,
      ...safety,
      positionSizeUsd: 100,
      maxConcurrentPositions: 10,
      maxExposurePercent: 50,
      leverage: LEVERAGE,
      maxOrdersPerMinute: 300,
      connectionLossTimeoutMs: safety.connectionLossTimeout * 1_000,
    };
    const market = createLiveMarket(this.#memory, {
      instrument: () => instrument,
      bookHeardAt: () => this.#now as Ms,
      hasCandles: () => true,
      isDeaf: () => false,
      exchangeMs: (at = this.#now as Ms) => at,
    });
    const trader: Trader = new Trader(
      {
        instance: 'muted',
        epoch: 1,
        recovered: emptyJournal(),
        haltedFor: undefined,
        slots: 1,
        settings: () => settings,
        rules: () => RULES,
        market,
      },
      {
        clock: this.#clock,
        openGateway: (hear) => {
          this.#exchange = new MuteExchange(this.#clock, instrument, LEVERAGE, [BEST_BID, BEST_ASK], hear);
          return this.#exchange.gateway;
        },
        append: (entry, sync) => {
          encodeRecord(entry);
          if (sync) this.#toSync = entry.seq;
        },
        latch: () => {},
        onTrade: () => {},
        onExecution: () => {},
        onTold: () => {},
        onHeld: () => {},
        onListDoubted: () => {},
        onResumed: () => {},
      },
    );
    this.#trader = trader;
    trader.contract(contractAt(this.#now), SLOT);
    trader.facts({
      lockHeld: true,
      killedByFile: false,
      isIsolated: true,
      loopLagMs: 0,
      journalWritable: true,
      diskFreeBytes: Number.MAX_SAFE_INTEGER,
      maintenance: [],
    });
    trader.start();
    this.#exchange?.begin();
    this.#exchange?.settle();
  }

  #showMarket(): void {
    const side = (first: number, step: number): string =>
      Array.from(
        { length: LEVELS },
        (_, i) => `["${priceText((first + step * i) as Tick, instrument)}","${sizeText(LOTS_SHOWN, instrument)}"]`,
      ).join();
    const book = `"s":"${SYMBOL}","b":[${side(BEST_BID, -1)}],"a":[${side(BEST_ASK, 1)}],"u":2,"seq":1`;
    const head = `"topic":"orderbook.${LEVELS}.${SYMBOL}","type":"snapshot","ts":${this.#now}`;
    this.#ingest.frame(Buffer.from(`{${head},"data":{${book}},"cts":${this.#now}}`), CONNECTION, this.#now as Ms);
    setFact(this.#tape, SLOT, FACT_LAST, PRICE);
    setFact(this.#tape, SLOT, FACT_MARK, PRICE);
    this.#trade(this.#now - MINUTE_MS);
  }

  /**
   * The extremum of every minute is far away, so that there is room to earn. The running minute has a trade, because without one
   * all of them are searched.
   */
  #trade(time: number): void {
    widenMinute(this.#tape, SLOT, Math.floor(time / MINUTE_MS), 2 * BEST_ASK, 1);
  }

  #signal(): record.AnalysisEvent {
    const at = this.#numbers;
    const { kind, side, tick } = SIGNALS[this.#entries++ % SIGNALS.length] as (typeof SIGNALS)[number];
    const shown = tick * LOTS_SHOWN;
    assert(readBook(this.#memory.books, SLOT, this.#view), 'the only writer reads its own book whole');
    const { epoch, tenancy } = this.#view;
    at[record.E_KIND] = record.SIGNAL;
    at[record.E_SIGNAL_KIND] = kind;
    at[record.E_LIFE] = this.#entries;
    at[record.E_EPOCH] = epoch;
    at[record.E_TENANCY] = tenancy;
    at[record.E_RECEIVED] = this.#now;
    at[record.E_SIDE] = side;
    at[record.E_LOW] = tick;
    at[record.E_HIGH] = tick;
    at[record.E_PRICE] = tick;
    at[record.E_FIRST_SEEN] = this.#now - STEP_MS;
    at[record.E_PEAK] = kind === record.BREAKOUT ? shown * 100 : shown;
    at[record.E_CURRENT] = kind === record.BREAKOUT ? 0 : shown;
    at[record.E_MIDDLE] = BEST_BID + BEST_ASK;
    at[record.E_PRIORITY] = 1;
    return record.readEvent(at, 0);
  }
}

function contractAt(now: number): Contract {
  return {
    instrument,
    isTrading: true,
    isPreListing: false,
    deliveryMs: 0 as Ms,
    lotsMin: 1 as Lot,
    lotsMaxMarket: LOTS_SHOWN,
    lotsMaxLimit: LOTS_SHOWN,
    notionalMin: moneyFromNumber(5),
    leverageMax: 10_000,
    takerFee: 0.00055,
    nextFundingMs: (now + DAY_MS) as Ms,
    fundingIntervalMs: (DAY_MS / 3) as Ms,
    fundingRate: 0,
    readAt: now as Ms,
    bandRatio: 0.05,
  };
}
