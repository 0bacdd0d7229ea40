// How is the desk run in a test? With a fake exchange, a journal that syncs, and a time that goes on when it is told to.
import { VIEW_MESSAGE, type BookView } from '../../src/book/read.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { createRng, type Rng } from '../../src/lib/rng.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import { moneyFromNumber } from '../../src/market/money.ts';
import { ASK } from '../../src/market/side.ts';
import type { Lot, Slot, Tick } from '../../src/market/units.ts';
import {
  emptyJournal,
  encodeRecord,
  decodeRecord,
  replay,
  stateHash,
  type JournalRecord,
} from '../../src/order/journal.ts';
import type { GatewayRequest } from '../../src/order/gateway.ts';
import type { Moment, Path } from '../../src/order/words.ts';
import type { Contract } from '../../src/position/trade/contract.ts';
import type { DeskEffect } from '../../src/position/desk-effect.ts';
import type { Command, DeskEvent } from '../../src/position/desk-event.ts';
import { Desk } from '../../src/position/desk.ts';
import type { DeskSettings } from '../../src/position/options.ts';
import type { TradeRow } from '../../src/position/trade/result.ts';
import type { SymbolRules } from '../../src/position/watch/rules.ts';
import type { AnalysisEvent } from '../../src/scan/event.ts';
import { FakeExchange } from './fake-exchange.ts';

export const WALL = 1_786_310_820_000;
export const SETTINGS: DeskSettings = {
  positionSizeUsd: 100,
  maxConcurrentPositions: 20,
  maxExposurePercent: 50,
  leverage: 10,
  entryOrder: 'ioc_limit',
  maxDailyLossPercent: 5,
  maxConsecutiveLosses: 15,
  maxOrdersPerMinute: 300,
  connectionLossTimeoutMs: 30_000,
  emergencyCloseAll: true,
};
export const RULES: SymbolRules = {
  entry: {
    maxSignalAgeMs: 500,
    breakoutMaxChasePercent: 0.15,
    breakoutMinStopLossPercent: 0.1,
    bounceStopLossBehindDensityPercent: 0.3,
    maxCostToStopRatio: 0.5,
    maxStopPercent: 1,
    maxSlippagePercent: 0.05,
    maxSpreadPercent: 0.1,
    maxTickPercent: 0.25,
    stopLossTrigger: 'mark',
    tpMinRewardRatio: 0.5,
    maxHoldingMinutes: 30,
  },
  exit: {
    stopLossTrigger: 'mark',
    stopLossGraceMs: 3_000,
    maxHoldingMinutes: 30,
    breakoutBreakevenProfitPercent: 0.5,
    bounceDensityErosionExitPercent: 65,
    densityThresholdAbs: 50_000,
    densityThresholdRelative: 3,
    densityThresholdPercent: 5,
    densityShareBandPercent: 1,
    densityGridMinLevels: 4,
    densityRoundMultiplier: 1,
    clusterRangePercent: 0.05,
    clusterMaxLevels: 5,
    densityMinLifetimeMs: 3_000,
    tpSlowdownMultiplier: 3,
    tpSlowdownWindowMs: 3_000,
    tpMinMovePercent: 0.3,
    tpCounterDensityRangePercent: 0.2,
    tpCounterFlowImbalance: 0.6,
    tpMinRewardRatio: 0.5,
  },
  isEnabled: true,
  breakoutAllowed: true,
  bounceAllowed: true,
  configHash: 'c0ffee',
};

export interface RoomOptions {
  readonly seed?: number;
  readonly symbols?: readonly string[];
  readonly settings?: Partial<DeskSettings>;
  readonly exit?: Partial<SymbolRules['exit']>;
  readonly syncMs?: number;
}

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class DeskRoom {
  mono = 1_000_000;
  readonly exchange: FakeExchange;
  readonly rng: Rng;
  readonly records: JournalRecord[] = [];
  readonly told: {
    at: number;
    name: string;
    symbol: string | undefined;
    level: string;
    fields: Record<string, unknown>;
  }[] = [];
  /** As their table keeps them: of two tellings the one of the higher revision stands. */
  readonly rows = new Map<string, TradeRow>();
  readonly #revisions = new Map<string, number>();
  readonly executions = new Map<string, number>();
  /** The trade of each execution, as their table keeps it: the first that is told stays. */
  readonly tradeOf = new Map<string, string | undefined>();
  readonly verdicts: { symbol: string; refusal: string | undefined; detail: string }[] = [];
  readonly answers = new Map<string, { accepted: boolean; text: string }>();
  readonly drained: (readonly string[])[] = [];
  /** Of the kill on disk. */
  readonly latches: boolean[] = [];
  /** Times that the list of contracts was asked for anew. */
  doubts = 0;
  desk: Desk;
  isBookHeard = true;
  /** Nobody stands there. */
  emptySide: 0 | 1 | undefined;
  /** Monotonic; undefined: it is told along with the book. */
  markHeardAt: number | undefined;
  syncs = true;
  settings: DeskSettings;
  rules: SymbolRules;
  /** After every event the desk has taken. */
  onTaken: () => void = () => undefined;
  onRequest: (request: GatewayRequest) => void = () => undefined;
  syncedTo = 0;
  isRunning = true;
  /** Above the price. */
  readonly densities: Tick[] = [];
  imbalance: number | undefined;
  extrema = { high: 12_000 as Tick, low: 8_000 as Tick };
  /** The machine's calendar goes so far before the exchange's. */
  calendarMs = 0;
  /** The exchange's clock was put back by so much. */
  backMs = 0;
  /** Whether the exchange tells its time. */
  isTimeTold = true;
  /** Why the next start is halted. */
  haltedFor: string | undefined;
  readonly #queue: Due[] = [];
  readonly #slots = new Map<string, Slot>();
  readonly #contracts: Contract[] = [];
  readonly #walls = new Map<string, { side: 0 | 1; tick: number; lots: number }>();
  readonly #heardAt = new Map<string, number>();
  readonly #syncMs: number;
  #order = 0;
  #message = 0;
  epoch = 1;
  isDeaf = false;
  /** Levels of a side that the topic shows; the room's book has eight. */
  depth = 50;
  #generation = 0;
  #wakeAt = Infinity;

  constructor({ seed = 1, symbols = ['SOLUSDT'], settings = {}, exit = {}, syncMs = 2 }: RoomOptions = {}) {
    this.rng = createRng(seed);
    this.#syncMs = syncMs;
    this.settings = { ...SETTINGS, ...settings };
    this.rules = { ...RULES, exit: { ...RULES.exit, ...exit } };
    this.exchange = new FakeExchange(
      () => ({ mono: this.mono, wall: this.wall }),
      (delay, run) => this.later(delay, run),
      (event) => this.take({ kind: 'gateway', event }),
      this.rng.fork('exchange'),
    );
    symbols.forEach((symbol, i) => {
      const instrument = createInstrument(symbol, '0.01', '0.1') as Instrument;
      this.#slots.set(symbol, i as Slot);
      this.#contracts.push(contractOf(instrument));
      this.exchange.list(instrument, 9_998);
      this.#heardAt.set(symbol, this.mono);
    });
    this.desk = this.#makeDesk();
    this.#begin();
  }

  /** Of the exchange. */
  get wall(): number {
    return WALL + this.mono - 1_000_000;
  }

  get #moment(): Moment {
    return { mono: this.mono as Ms, wall: (this.wall + this.calendarMs) as Ms };
  }

  tellTime(): void {
    if (this.isTimeTold)
      this.take({ kind: 'gateway', event: { kind: 'clock', offsetMs: -this.calendarMs - this.backMs, errorMs: 1 } });
  }

  slot(symbol: string): Slot {
    return this.#slots.get(symbol) as Slot;
  }

  #makeDesk(): Desk {
    const recovered = this.records.length === 0 ? emptyJournal() : replay(this.records);
    return new Desk(
      {
        instance: 'test',
        epoch: 0,
        settings: () => this.settings,
        rules: () => this.rules,
        recovered,
        haltedFor: this.haltedFor,
        market: {
          readBook: (slot, view) => this.#readBook(this.#symbolOf(slot), view),
          heardAt: (slot) => this.#heardAt.get(this.#symbolOf(slot)) as Ms,
          isDeaf: () => this.isDeaf,
          mark: (slot) => ({
            tick: this.exchange.place(this.#symbolOf(slot)).mark as Tick,
            readAt: (this.markHeardAt ?? this.#heardAt.get(this.#symbolOf(slot))) as Ms,
          }),
          last: (slot) => this.exchange.place(this.#symbolOf(slot)).bid as Tick,
          extrema: () => this.extrema,
          imbalance: () => this.imbalance,
          densities: (_, side) => (side === ASK ? this.densities : []),
          // Of 60 000 USDT each.
          resting: (_, side, { densityThresholdAbs }) =>
            (side === ASK && densityThresholdAbs <= 60_000 ? this.densities : []).map((tick) => ({
              side,
              low: tick,
              high: tick,
              units: tick * 1_000,
            })),
        },
      },
      this.#moment,
    );
  }

  #symbolOf(slot: Slot): string {
    return [...this.#slots.keys()][slot] as string;
  }

  #begin(): void {
    for (const contract of this.#contracts) this.tellContract(contract);
    const facts = {
      lockHeld: true,
      killedByFile: false,
      isIsolated: true,
      loopLagMs: 0,
      journalWritable: true,
      diskFreeBytes: 2 ** 35,
      maintenance: [],
    } as const;
    this.take({ kind: 'facts', facts });
    this.tellTime();
    this.take({ kind: 'start' });
    if (this.exchange.isPrivateUp)
      this.take({ kind: 'gateway', event: { kind: 'link', link: 'private', up: true, reason: '' } });
    const generation = this.#generation;
    const second = (): void => {
      if (!this.isRunning || generation !== this.#generation) return;
      for (const symbol of this.#slots.keys()) if (this.isBookHeard) this.#heardAt.set(symbol, this.mono);
      if (this.isBookHeard) this.#message++;
      if (this.exchange.isPrivateUp) this.take({ kind: 'gateway', event: { kind: 'private-alive' } });
      this.take({ kind: 'time' });
      this.later(1_000, second);
    };
    this.later(1_000, second);
    const minute = (): void => {
      if (!this.isRunning || generation !== this.#generation) return;
      this.tellTime();
      for (const contract of this.#contracts) this.tellContract(contract);
      this.later(60_000, minute);
    };
    this.later(60_000, minute);
  }

  later(delay: number, run: () => void): void {
    this.#queue.push({ at: this.mono + delay, order: this.#order++, run });
  }

  /** Time goes on, and what is due happens in its order. */
  run(forMs: number): void {
    const until = this.mono + forMs;
    for (;;) {
      let next: Due | undefined;
      for (const due of this.#queue)
        if (next === undefined || due.at < next.at || (due.at === next.at && due.order < next.order)) next = due;
      if (next === undefined || next.at > until) break;
      this.#queue.splice(this.#queue.indexOf(next), 1);
      this.mono = Math.max(this.mono, next.at);
      next.run();
    }
    this.mono = until;
  }

  /** Runs until it is so; fails after the given time. */
  until(is: () => boolean, mostMs = 60_000): number {
    const from = this.mono;
    while (!is()) {
      if (this.mono - from > mostMs)
        throw new Error(
          `not within ${mostMs} ms: ${JSON.stringify([...this.told.slice(-12), ...this.verdicts.slice(-3)], undefined, 1)}`,
        );
      this.run(10);
    }
    return this.mono - from;
  }

  take(event: DeskEvent): void {
    if (!this.isRunning) return;
    const effects = this.desk.take(event, this.#moment);
    for (const effect of effects) this.#carryOut(effect);
    this.onTaken();
    const wake = this.desk.wakeAt();
    if (wake === undefined || wake >= this.#wakeAt) return;
    this.#wakeAt = wake;
    const generation = this.#generation;
    this.later(wake - this.mono, () => {
      this.#wakeAt = Infinity;
      if (generation === this.#generation) this.take({ kind: 'time' });
    });
  }

  #carryOut(effect: DeskEffect): void {
    switch (effect.kind) {
      case 'request':
        this.onRequest(effect.request);
        return this.exchange.send(effect.request);
      case 'record': {
        const decoded = decodeRecord(encodeRecord(effect.record));
        if (!decoded.ok) throw new Error('a record does not survive its line');
        this.records.push(decoded.record);
        const upTo = effect.record.seq;
        const generation = this.#generation;
        if (effect.sync && this.syncs) {
          this.later(this.#syncMs, () => {
            if (generation !== this.#generation) return;
            this.syncedTo = Math.max(this.syncedTo, upTo);
            this.take({ kind: 'synced', upTo });
          });
        }
        return;
      }
      case 'told':
        this.told.push({
          at: this.mono,
          name: effect.name,
          symbol: effect.symbol,
          level: effect.level,
          fields: effect.fields,
        });
        return;
      case 'trade':
        if (effect.revision <= (this.#revisions.get(effect.row.id) ?? 0)) return;
        this.#revisions.set(effect.row.id, effect.revision);
        this.rows.set(effect.row.id, effect.row);
        return;
      case 'execution':
        this.executions.set(effect.row.execId, (this.executions.get(effect.row.execId) ?? 0) + 1);
        this.tradeOf.set(effect.row.execId, this.tradeOf.get(effect.row.execId) ?? effect.row.tradeId);
        return;
      case 'verdict':
        this.verdicts.push(effect);
        return;
      case 'command-answer':
        this.answers.set(effect.id, effect);
        return;
      case 'drained':
        this.drained.push(effect.left);
        return;
      case 'list-doubted':
        this.doubts++;
        return;
      case 'latch':
        this.latches.push(effect.killed);
    }
  }

  #readBook(symbol: string, view: BookView): boolean {
    const { bid, ask } = this.exchange.place(symbol);
    view.epoch = this.epoch;
    view.tenancy = 1;
    view.trust = this.isBookHeard ? 2 : 4;
    view.depth = this.depth;
    view.truncated = 0;
    view.stamps[VIEW_MESSAGE] = this.#message;
    const wall = this.#walls.get(symbol);
    for (const side of [0, 1] as const) {
      for (let i = 0; i < 8; i++) {
        const tick = side === 0 ? bid - i : ask + i;
        view.ticks[side][i] = tick;
        view.lots[side][i] = wall?.side === side && wall.tick === tick ? wall.lots : 1_000;
      }
      view.counts[side] = side === this.emptySide ? 0 : 8;
    }
    return true;
  }

  // What a test says

  raiseWall(symbol: string, side: 0 | 1, tick: number, lots: number): void {
    this.#walls.set(symbol, { side, tick, lots });
  }

  move(symbol: string, bid: number): void {
    this.#message++;
    if (this.isBookHeard) this.#heardAt.set(symbol, this.mono);
    this.exchange.move(symbol, bid);
    this.take({ kind: 'market', slot: this.slot(symbol) });
  }

  heard(symbol: string): void {
    this.#heardAt.set(symbol, this.mono);
  }

  /** Time until everything is agreed with the exchange, and symbols are set up. */
  settleDown(): this {
    this.until(() => this.desk.status().mode === 'ACTIVE' || this.desk.status().mode === 'HALTED', 120_000);
    this.run(3_000 + 1_000 * this.#slots.size);
    return this;
  }

  breakout(symbol = 'SOLUSDT', life = 1, isUp = true): void {
    const { bid } = this.exchange.place(symbol);
    const side = isUp ? 1 : 0;
    const [low, high] = isUp ? [bid - 8, bid - 6] : [bid + 8, bid + 10];
    this.take({
      kind: 'signal',
      symbol,
      signal: this.#signal(symbol, { signal: 'breakout', side, low, high, life, current: 0, peak: 90_000_000 }),
    });
  }

  /** Off a wall of 50,000 lots, which had been so many at its peak. */
  bounce(symbol = 'SOLUSDT', life = 1, peakLots = 50_000): void {
    const { bid } = this.exchange.place(symbol);
    const tick = bid - 3;
    this.raiseWall(symbol, 0, tick, 50_000);
    this.take({
      kind: 'signal',
      symbol,
      signal: this.#signal(symbol, {
        signal: 'bounce',
        side: 0,
        low: tick,
        high: tick,
        life,
        current: tick * 50_000,
        peak: tick * peakLots,
      }),
    });
  }

  #signal(symbol: string, own: Partial<AnalysisEvent>): AnalysisEvent {
    const { bid, ask } = this.exchange.place(symbol);
    return {
      ...({} as AnalysisEvent),
      kind: 'signal',
      slot: this.slot(symbol),
      tenancy: 1,
      epoch: this.epoch,
      price: own.low ?? 0,
      state: 'eroding',
      firstSeenMs: this.wall - 1e4,
      touches: 1,
      middle: bid + ask,
      receivedMs: this.mono,
      criteria: [],
      priority: 1,
      ...own,
    };
  }

  /** The market goes up, tick by tick, until a long position has earned its breakeven. */
  earn(symbol = 'SOLUSDT'): void {
    for (let bid = 9_998; bid < 10_080; bid += 2) this.move(symbol, bid);
  }

  /** Ticks of the stops that were asked for since `from` requests had been sent. */
  stopsAsked(from = 0): number[] {
    return this.exchange.sent
      .slice(from)
      .flatMap((request) => (request.kind === 'set-stop' ? [request.stop.tick] : []));
  }

  /** A trade whose executions are all known has been told. */
  isTold(): boolean {
    return [...this.rows.values()].some(({ isComplete }) => isComplete);
  }

  command(command: Command): void {
    this.take({ kind: 'command', command });
  }

  link(path: Path, up: boolean): void {
    if (up) this.exchange.down.delete(path);
    else this.exchange.down.add(path);
    this.take({ kind: 'gateway', event: { kind: 'link', link: path, up, reason: '' } });
  }

  privateLink(up: boolean): void {
    this.exchange.isPrivateUp = up;
    this.take({ kind: 'gateway', event: { kind: 'link', link: 'private', up, reason: '' } });
  }

  /** As a list of contracts that has just been read does. */
  tellContract(contract: Contract): void {
    const slot = this.slot(contract.instrument.symbol);
    this.take({ kind: 'contract', slot, contract: { ...contract, readAt: this.mono as Ms } });
  }

  tellSteps(symbol: string, tickSize: string, qtyStep: string): void {
    this.tellContract(contractOf(createInstrument(symbol, tickSize, qtyStep) as Instrument));
  }

  /** The exchange has changed its quantity step; the list tells of it at once, or the next start does. */
  changeStep(symbol: string, qtyStep: string, isTold = true): void {
    const grid = createInstrument(symbol, '0.01', qtyStep) as Instrument;
    this.exchange.place(symbol).grid = grid;
    const i = this.#contracts.findIndex(({ instrument }) => instrument.symbol === symbol);
    const contract = contractOf(grid);
    this.#contracts[i] = contract;
    if (isTold) this.tellContract(contract);
  }

  /** A crash: what was written is what is left, `lost` of the last unsynced records are not. */
  restart(lost = 0): void {
    this.isRunning = false;
    this.#generation++;
    while (lost-- > 0 && (this.records.at(-1)?.seq ?? 0) > this.syncedTo) this.records.pop();
    this.isRunning = true;
    this.#wakeAt = Infinity;
    this.desk = this.#makeDesk();
    this.#begin();
  }

  /** Its folder is gone, and with it the name under which it had traded: its orders look like another instance's. */
  loseJournal(): void {
    const former = (linkId: string): string => linkId.replace('-test-', '-gone-');
    for (const place of this.exchange.places.values()) {
      const { orders, fills, stopOrder } = place;
      for (const [i, fill] of fills.entries()) fills[i] = { ...fill, linkId: former(fill.linkId) };
      const all = [...orders.values()];
      orders.clear();
      for (const order of all) orders.set(former(order.linkId), { ...order, linkId: former(order.linkId) });
      if (stopOrder !== undefined) place.stopOrder = { ...stopOrder, parentLinkId: former(stopOrder.parentLinkId) };
    }
    this.records.length = 0;
  }

  replayHash(): string {
    return stateHash(replay(this.records));
  }

  deskHash(): string {
    return stateHash(this.desk.journal());
  }

  creates(role?: 'E' | 'C' | 'X'): Extract<GatewayRequest, { kind: 'create' }>[] {
    return this.exchange.sent
      .filter((request) => request.kind === 'create')
      .filter(({ order }) => role === undefined || order.role === role);
  }

  state(symbol = 'SOLUSDT'): string {
    return this.desk.status().positions.find((position) => position.symbol === symbol)?.state ?? 'flat';
  }

  names(): string[] {
    return this.told.map(({ name }) => name);
  }

  /** In, and protected. */
  enter(symbol = 'SOLUSDT', isUp = true, life = 1): this {
    this.breakout(symbol, life, isUp);
    this.until(() => this.state(symbol) === 'protected', 5_000);
    return this;
  }
}

/** An ordinary one. */
export function contractOf(instrument: Instrument): Contract {
  return {
    instrument,
    isTrading: true,
    isPreListing: false,
    deliveryMs: 0 as Ms,
    lotsMin: 1 as Lot,
    lotsMaxMarket: 5e3 as Lot,
    lotsMaxLimit: 9e3 as Lot,
    notionalMin: moneyFromNumber(5),
    leverageMax: 1e4,
    takerFee: 55e-5,
    nextFundingMs: (WALL + 864e5) as Ms,
    fundingIntervalMs: 288e5 as Ms,
    fundingRate: 0.0001,
    readAt: 0 as Ms,
    bandRatio: 0.05,
  };
}
