// What makes a watching engine trade? It gives the desk contracts, rules and facts, and stores and logs what the desk reports.
import type { MarketReading } from '../bybit/feed/watchlist.ts';
import { KEY_DAYS_WISHED, keyDaysLeft, unfitReasons } from '../bybit/gateway/unfit.ts';
import { maintenanceTimes, type Setup } from '../bybit/gateway/setup.ts';
import { snakeKey } from '../config/camel.ts';
import type { Config } from '../config/schema.ts';
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Rng } from '../lib/rng.ts';
import type { Instrument } from '../market/instrument.ts';
import { tickFromDecimal } from '../market/instrument.ts';
import { moneyFromDecimal, type Money } from '../market/money.ts';
import type { Slot, Tick } from '../market/units.ts';
import type { Log } from '../ops/log.ts';
import { LoopLag } from '../ops/loop-lag.ts';
import type { GatewayEvent } from '../order/gateway.ts';
import type { JournalRecord, JournalState } from '../order/journal.ts';
import type { PaperContract } from '../paper/contract.ts';
import { contractOf, type Contract } from '../position/trade/contract.ts';
import { createLiveMarket } from '../position/watch/live-market.ts';
import type { DeskSettings } from '../position/options.ts';
import type { TradeRow } from '../position/trade/result.ts';
import type { SymbolRules } from '../position/watch/rules.ts';
import { startCheck, type Candidate, type StartCheck } from '../risk/start-check.ts';
import type { AnalysisMemory } from '../scan/workspace.ts';
import type { Chronicle } from '../store/rows/chronicle.ts';
import type { CoinParameters } from '../store/read/coin-parameters.ts';
import { symbolRules } from './symbol-rules.ts';
import { Trader, type Told } from './trader.ts';
import type { ListedInstrument } from '../universe/listing.ts';
import type { Venue } from './venue.ts';

type Strategy = Config['strategy'];

/** What the process provides: where orders go, and the state that outlives it. */
export interface TradingOptions {
  readonly venue: Venue;
  /** Names the account over restarts. */
  readonly account: string;
  readonly instance: string;
  readonly epoch: number;
  readonly recovered: JournalState;
  readonly haltedFor: string | undefined;
  /** As a fraction, for symbols whose own rate is not known. */
  readonly takerFee: number;
  readonly append: (record: JournalRecord, sync: boolean) => void;
  readonly latch: (killed: boolean) => void;
  readonly onResumed: () => void;
}

/** What the engine provides. */
export interface TradingRoom {
  readonly memory: AnalysisMemory;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Pick<Log, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;
  readonly chronicle: Pick<Chronicle, 'trade' | 'execution' | 'happened'>;
  readonly config: () => Config;
  /** In force for a watched symbol. */
  readonly strategyOf: (symbol: string) => Strategy | undefined;
  readonly coinOf: (symbol: string) => CoinParameters | undefined;
  readonly instrument: (slot: Slot) => Instrument | undefined;
  readonly slotOf: (symbol: string) => Slot | undefined;
  readonly bookHeardAt: (slot: Slot) => Ms;
  readonly hasCandles: (slot: Slot) => boolean;
  readonly isDeaf: (slot: Slot) => boolean;
  /** By what is configured to be watched. */
  readonly isWanted: (listed: ListedInstrument, exchangeMs: Ms) => boolean;
  readonly onHeld: (held: ReadonlySet<string>) => void;
  readonly onListDoubted: () => void;
}

export interface Trading {
  readonly trader: Trader;
  /** Resolves with the reasons why this account may not be traded; stays pending until the exchange answers. */
  readonly judged: Promise<readonly string[]>;
  /** Resolves with the reason when the exchange refuses the key: the other two may then stay pending for ever. */
  readonly refused: Promise<string>;
  /** Resolves with the equity once it is first known. */
  readonly funded: Promise<Money>;
  /** Can these symbols be traded at all as configured? */
  check(symbols: readonly string[], equity: Money | undefined): StartCheck;
  /** Of a watched symbol. */
  markOf(symbol: string): Tick | undefined;
  /** Its book is live, and too long on its way to us: nothing is decided by it. */
  isLate(slot: Slot): boolean;
  market(reading: MarketReading): void;
  attached(listed: ListedInstrument): void;
  detached(slot: Slot): void;
  /** Hot. */
  moved(slot: Slot): void;
  close(): Promise<void>;
}

const LOG_LEVELS = { info: 'info', warning: 'warn', error: 'error', critical: 'fatal' } as const;
/** More than one for each symbol, twice: a position is over long before its strategy is forgotten. */
const STRATEGIES_MAX = 2_048;
const SETUP_MS = 600_000 as Ms;
const SETUP_RETRY_MS = 5_000 as Ms;
/** For how long a contract may be traded by what was last read of it (G08). */
const SETUP_OLD_MS = 3_600_000;

export function createTrading(options: TradingOptions, room: TradingRoom): Trading {
  const { clock, log, chronicle, memory } = room;
  const listed = new Map<string, { readonly row: ListedInstrument; readonly readAt: Ms }>();
  /** By their hash. */
  const strategies = new Map<string, Strategy>();
  const rulesOf = new WeakMap<Strategy, { readonly coin: CoinParameters | undefined; readonly rules: SymbolRules }>();
  let days: MarketReading['days'] = new Map();
  let setup: Setup | undefined;
  let setupAt = clock.monotonic();
  let keyDaysTold: number | undefined;
  let shiftMs = clock.wall() - clock.monotonic();
  const exchangeMs = (at = clock.monotonic()): Ms => (at + shiftMs) as Ms;
  let isStarted = false;
  let isClosed = false;
  let asking: Timer | undefined;
  const { trading: fixed } = room.config();
  let settings: { readonly of: Config; readonly value: DeskSettings } | undefined;
  const { promise: judged, resolve: judge } = Promise.withResolvers<readonly string[]>();
  const { promise: refused, resolve: refuse } = Promise.withResolvers<string>();
  const { promise: funded, resolve: fund } = Promise.withResolvers<Money>();

  const market = createLiveMarket(memory, {
    instrument: room.instrument,
    bookHeardAt: room.bookHeardAt,
    hasCandles: room.hasCandles,
    isDeaf: room.isDeaf,
    exchangeMs,
    isTimeOurs: () => venue?.readSetup === undefined,
  });

  let venue: ReturnType<Venue> | undefined;
  const trader: Trader = new Trader(
    {
      instance: options.instance,
      epoch: options.epoch,
      recovered: options.recovered,
      haltedFor: options.haltedFor,
      slots: memory.books.slots,
      settings: settingsNow,
      rules,
      market,
    },
    {
      clock,
      openGateway(onEvent) {
        const { rng } = room;
        const instrumentOf = (symbol: string) => listed.get(symbol)?.row.instrument;
        const { books, tape } = memory;
        venue = options.venue({ books, tape, clock, rng, log, instrumentOf, paperContractOf }, (event) => {
          hear(event);
          onEvent(event);
        });
        return venue.gateway;
      },
      append: options.append,
      latch: options.latch,
      onTrade: (row, revision) => chronicle.trade(withStrategy(row), options.account, revision),
      onExecution: (row) => chronicle.execution(row, options.account),
      onTold: tell,
      onHeld: room.onHeld,
      onListDoubted: room.onListDoubted,
      onResumed: options.onResumed,
    },
  );
  const lag = new LoopLag(clock, {
    lag: (loopLagMs) => trader.facts({ loopLagMs }),
    stalled: (lastedMs) => trader.stalled(lastedMs),
  });
  if (venue?.readSetup === undefined) {
    trader.facts({ isIsolated: true, maintenance: [] });
    judge([]);
  } else void askSetup(venue.readSetup);

  function hear(event: GatewayEvent): void {
    if (event.kind === 'clock') shiftMs = clock.wall() + event.offsetMs - clock.monotonic();
    const wallet =
      event.kind === 'wallet'
        ? event.report
        : event.kind === 'account-read' && event.reading.ok
          ? event.reading.value.wallet
          : undefined;
    if (wallet !== undefined) fund(wallet.balance + wallet.unrealised);
  }

  function tell({ level, name, symbol, fields }: Told): void {
    log[LOG_LEVELS[level]]({ ...(symbol === undefined ? {} : { symbol }), ...fields }, name);
    chronicle.happened(name, level, symbol, fields);
  }

  function settingsNow(): DeskSettings {
    const config = room.config();
    if (settings?.of !== config) {
      const { trading, safety } = config;
      const connectionLossTimeoutMs = safety.connectionLossTimeout * 1_000;
      // Read once: a reload does not change it.
      const { leverage, entryOrder } = fixed;
      settings = { of: config, value: { ...trading, ...safety, leverage, entryOrder, connectionLossTimeoutMs } };
    }
    return settings.value;
  }

  function rules(symbol: string): SymbolRules | undefined {
    const strategy = room.strategyOf(symbol);
    if (strategy === undefined) return undefined;
    const coin = room.coinOf(symbol);
    const known = rulesOf.get(strategy);
    if (known !== undefined && known.coin === coin) return known.rules;
    const made = symbolRules(strategy, coin);
    rulesOf.set(strategy, { coin, rules: made });
    strategies.set(made.configHash, strategy);
    for (const oldest of strategies.keys()) if (strategies.size > STRATEGIES_MAX) strategies.delete(oldest);
    return made;
  }

  /** The desk keeps the rules that a position is managed by; its row also needs those by which it was entered, as the file names them. */
  function withStrategy(row: TradeRow): TradeRow {
    const all = { ...strategies.get(row.configHash), ...row.parameters };
    return {
      ...row,
      parameters: Object.fromEntries(Object.entries(all).map(([key, value]) => [snakeKey(key), value])),
    };
  }

  // Contracts

  function contractFor(symbol: string): Contract | undefined {
    const known = listed.get(symbol);
    if (known === undefined) return undefined;
    const rate = Number(setup?.takerFees.get(symbol) ?? NaN);
    const takerFee = Number.isFinite(rate) ? rate : options.takerFee;
    const contract = contractOf(known.row, days.get(symbol), takerFee, known.readAt);
    const isOurs = room.isWanted(known.row, exchangeMs());
    return contract === undefined || isOurs ? contract : { ...contract, isTrading: false };
  }

  function paperContractOf(symbol: string): PaperContract | undefined {
    const { terms, instrument } = listed.get(symbol)?.row ?? {};
    const slot = room.slotOf(symbol);
    if (terms === undefined || slot === undefined || instrument === undefined) return undefined;
    const { fundingIntervalMs: fundingMs, bandRatio: _, ...limits } = terms;
    const fundingRate = moneyFromDecimal(days.get(symbol)?.fundingRateText ?? '') ?? 0n;
    return { instrument, slot, ...limits, fundingMs, fundingRate };
  }

  function candidateOf(symbol: string): readonly Candidate[] {
    const contract = contractFor(symbol);
    const price = days.get(symbol)?.lastPriceText ?? '';
    const tick = contract === undefined ? undefined : tickFromDecimal(price, contract.instrument);
    if (contract === undefined || tick === undefined || tick === 0) return [];
    return [{ symbol, contract, tick, rules: room.strategyOf(symbol) ?? room.config().strategy }];
  }

  function tellContract(symbol: string): void {
    // Computed now, so that no signal has to wait for it.
    rules(symbol);
    const contract = contractFor(symbol);
    if (contract !== undefined) trader.contract(contract, room.slotOf(symbol));
  }

  // The account

  async function askSetup(read: () => ReturnType<NonNullable<ReturnType<Venue>['readSetup']>>): Promise<void> {
    const reading = await read();
    if (isClosed) return;
    asking = clock.after(reading.ok ? SETUP_MS : SETUP_RETRY_MS, () => void askSetup(read));
    const now = clock.monotonic();
    if (reading.ok) setupAt = now;
    // A maintenance may have been announced since, and the account switched.
    trader.block('account.setup_old', now - setupAt >= SETUP_OLD_MS);
    if (!reading.ok) {
      const { reason, keyRefused } = reading;
      if (keyRefused !== undefined)
        refuse(
          `the API key is refused (${keyRefused}): give one with its secret, made for this environment and address`,
        );
      return log.warn({ reason }, 'account.setup_unread');
    }
    setup = reading.value;
    const unfit = unfitReasons(setup, exchangeMs());
    trader.facts({ isIsolated: setup.marginMode === 'isolated', maintenance: maintenanceTimes(setup.maintenance) });
    trader.block('account.unfit', unfit.length > 0);
    for (const reason of unfit) log.error({ reason }, 'account.unfit');
    noteKey(Math.floor(keyDaysLeft(setup.key, exchangeMs())));
    judge(unfit);
    for (const symbol of listed.keys()) tellContract(symbol);
  }

  /** Once a day. */
  function noteKey(daysLeft: number): void {
    if (daysLeft < KEY_DAYS_WISHED && daysLeft !== keyDaysTold) log.warn({ daysLeft }, 'account.key_ends');
    keyDaysTold = daysLeft;
  }

  return {
    trader,
    judged,
    refused,
    funded,
    markOf(symbol) {
      const slot = room.slotOf(symbol);
      return slot === undefined ? undefined : market.mark(slot)?.tick;
    },
    isLate: (slot) => market.isLate(slot),
    check: (symbols, equity) => startCheck(settingsNow(), symbols.flatMap(candidateOf), equity),
    market(reading) {
      ({ days } = reading);
      for (const [symbol, row] of reading.listed) {
        // A changed grid was read for this contract alone, later than the list was: the list must not undo it (B12).
        const known = listed.get(symbol);
        if (known === undefined || known.readAt <= reading.listedAt)
          listed.set(symbol, { row, readAt: reading.listedAt });
        tellContract(symbol);
      }
      if (isStarted) return;
      isStarted = true;
      trader.start();
    },
    attached(row) {
      const { symbol } = row.instrument;
      // Chosen from the list it is as old as that; only one that was read alone is new.
      if (listed.get(symbol)?.row !== row) listed.set(symbol, { row, readAt: clock.monotonic() });
      tellContract(symbol);
    },
    detached: (slot) => trader.unwatched(slot),
    moved(slot) {
      venue?.moved?.(slot);
      trader.moved(slot);
    },
    async close() {
      isClosed = true;
      asking?.cancel();
      lag.close();
      await trader.close();
    },
  };
}
