// What can be done to engine and exchange of one seed? Signals, commands, faults, crashes and restarts, all drawn from the seed.
import { createRng, type Rng } from '../../src/lib/rng.ts';
import { parseLinkId } from '../../src/order/link-id.ts';
import type { Command } from '../../src/position/desk-event.ts';
import { ONE_USDT } from '../../src/market/money.ts';
import type { CommandAnswer } from '../../src/engine/trader.ts';
import { Disk } from './disk.ts';
import { Judge } from './judge.ts';
import { Life, type Mutation } from './life.ts';
import { configOf, type Drawn } from './settings.ts';
import { makeSignal, type MadeSignal } from './signals.ts';
import { type Place, Truth } from './truth.ts';
import { type Channel, World, type WorldOptions } from './world.ts';

type DeskCommand = Command extends infer One ? (One extends Command ? Omit<One, 'id'> : never) : never;

export interface SeedRoomOptions extends WorldOptions {
  readonly drawn: Drawn;
  readonly mutation?: Mutation | undefined;
}

/** Waits for something, then acts once; true: done, otherwise it goes on waiting. */
type Watch<Of extends readonly unknown[]> = (...of: Of) => boolean | void;

class Watches<Of extends readonly unknown[]> {
  #all: Watch<Of>[] = [];

  add(watch: Watch<Of>): void {
    this.#all.push(watch);
  }

  clear(): void {
    this.#all = [];
  }

  tell(...of: Of): void {
    if (this.#all.length === 0) return;
    const all = this.#all;
    this.#all = [];
    const left = all.filter((watch) => watch(...of) !== true);
    this.#all = [...left, ...this.#all];
  }
}

export class SeedRoom {
  readonly world: World;
  readonly truth: Truth;
  readonly judge: Judge;
  readonly rng: Rng;
  readonly symbols: readonly string[];
  /** Rows of the catalogue that have happened, and how often. */
  readonly hits: Record<string, number> = {};
  readonly drawn: Drawn;
  disk: Disk;
  life: Life | undefined;
  /** The last signal that was offered. */
  offered: MadeSignal | undefined;
  refusals: Record<string, number> = {};
  /** How long the end may take beyond the usual: what the exchange forbids for so long. */
  patienceMs = 0;
  /** An account was used by somebody else: sums of trades are not ours alone. */
  isLedgerShared = false;
  /** Rows of trades that were told may be lost with it; what the day has brought may not. */
  isJournalLost = false;
  #isTellingLate = false;
  /** The operator waits with his resume. */
  isResumeOff = false;
  readonly onLog = new Watches<[event: string, fields: Readonly<Record<string, unknown>>]>();
  readonly onSaid = new Watches<[channel: Channel, text: string]>();
  readonly onHeard = new Watches<[channel: Channel, text: string | Uint8Array]>();
  readonly onTruth = new Watches<[]>();
  readonly onRecord = new Watches<[kind: string]>();
  readonly #mutation: Mutation | undefined;
  #ordinal = 0;
  #isDirty = false;
  #onTime = new Watches<[]>();

  constructor(options: SeedRoomOptions) {
    const { seed } = options;
    this.world = new World(options);
    this.drawn = options.drawn;
    this.#mutation = options.mutation;
    this.rng = createRng(seed).fork('campaign');
    this.symbols = this.world.exchange.market.contracts.map(({ listing }) => listing.symbol);
    const { venue } = this.world.exchange.stage;
    this.truth = new Truth(this.world.uid, this.symbols, venue.wallet(this.world.uid).balance);
    this.judge = new Judge(this.world, this.truth);
    this.disk = new Disk('camp', this.rng.fork('disk'));
    venue.onEvent((event) => {
      this.truth.hear(event);
      this.#isDirty = true;
    });
    this.world.listener = {
      said: (channel, text) => {
        this.judge.said(channel, text);
        this.onSaid.tell(channel, text);
      },
      tried: (text) => this.judge.tried(text),
      heard: (channel, text, path) => {
        this.judge.heard(channel, text, path);
        this.onHeard.tell(channel, text);
      },
      after: () => {
        if (this.#isDirty) {
          this.#isDirty = false;
          this.judge.settled();
          this.onTruth.tell();
        }
        this.judge.after();
        this.#onTime.tell();
      },
    };
  }

  hit(id: string): true {
    this.hits[id] = (this.hits[id] ?? 0) + 1;
    this.world.remark(`${id} happens`);
    return true;
  }

  pick<T>(of: readonly T[]): T {
    return of[this.rng.below(of.length)] as T;
  }

  // The engine

  start(): void {
    const { world, judge, disk } = this;
    const { truth } = this;
    truth.instances = new Set([...truth.instances, disk.instance]);
    const config = configOf(this.symbols, this.drawn);
    judge.limits = {
      positions: config.trading.maxConcurrentPositions,
      exposurePercent: config.trading.maxExposurePercent,
    };
    judge.graceMs = config.strategy.stopLossGraceMs;
    world.newClock(this.life?.clock.wallOffsetMs ?? this.rng.below(400) - 200);
    this.life = undefined;
    const clock = world.clock;
    this.life = new Life(
      world,
      disk,
      config,
      {
        logged: (level, event, fields) => {
          if (level !== 'debug') world.remark(`${level} ${event} ${JSON.stringify(fields)}`);
          judge.logged(event, fields);
          this.onLog.tell(event, fields);
        },
        stored: (row) => judge.stored(row),
        appended: (record) => {
          judge.appended(record);
          this.onRecord.tell(record.kind);
        },
        synced: () => undefined,
        looked: (slot) => {
          if (!clock.isDead) judge.looked(slot);
        },
        resumed: () => judge.resumed(),
      },
      this.#mutation,
    );
    judge.born(this.life);
    world.acted('start');
  }

  /** The next start is another host's. Not while the account is told of long ago: what neither tells nobody can count. */
  loseJournal(): boolean {
    if (this.#isTellingLate) return false;
    this.isJournalLost = true;
    this.disk = this.disk.wiped(`host${this.rng.below(1_000)}`);
    return true;
  }

  crash(restartMs: number): boolean {
    const { life } = this;
    if (life === undefined || life.clock.isDead) return false;
    life.kill();
    this.judge.died();
    this.life = undefined;
    this.world.acted('crash');
    this.at(restartMs, () => {
      if (this.life === undefined) this.start();
    });
    return true;
  }

  stall(ms: number): void {
    if (this.life === undefined) return;
    this.world.acted(`stall ${ms}`);
    this.judge.stalled(ms);
    this.life.clock.stall(ms);
  }

  /** Acts of people and signals wait, as everything does, for a loop that turns. */
  get isListening(): boolean {
    return this.life !== undefined && !this.life.clock.isStalled;
  }

  signal(symbol = this.pick(this.symbols), change: (signal: MadeSignal) => MadeSignal = (one) => one): void {
    const { life } = this;
    if (life === undefined || !this.isListening) return;
    const made = makeSignal(life, symbol, ++this.#ordinal, this.rng);
    if (made !== undefined) this.offer(change(made));
  }

  offer(made: MadeSignal): void {
    const { life } = this;
    if (life === undefined || !this.isListening) return;
    this.offered = made;
    const verdict = life.trader.offer(made.symbol, made.signal);
    const refusal = verdict === undefined ? 'not listed' : (verdict.refusal ?? 'entered');
    this.refusals[refusal] = (this.refusals[refusal] ?? 0) + 1;
    this.world.acted(`signal ${made.signal.signal} ${made.symbol}: ${refusal} ${verdict?.detail ?? ''}`);
  }

  command(command: DeskCommand): CommandAnswer | undefined {
    if (!this.isListening || (command.kind === 'resume' && this.isResumeOff)) return undefined;
    const answer = this.life?.trader.command({ ...command, id: `c${++this.#ordinal}` } as Command);
    this.world.acted(`${command.kind}: ${answer?.text}`);
    return answer;
  }

  // Moments

  at(inMs: number, act: () => void): void {
    const due = this.world.nowMs + inMs;
    this.#onTime.add(() => {
      if (this.world.nowMs < due) return false;
      act();
      return true;
    });
  }

  /** A position that is ours alone, with its stop. */
  get held(): Place | undefined {
    const all = [...this.truth.places.values()].filter(
      ({ ours, lots, isMeddled, stopTick }) => ours !== 0 && lots === ours && !isMeddled && stopTick !== undefined,
    );
    return all.length === 0 ? undefined : this.pick(all);
  }

  /** As soon as something is held, and the engine runs; for so long it is waited. */
  whenHeld(act: (place: Place) => void): void {
    this.#onTime.add(() => {
      if (!this.isListening || this.world.nowMs % 16 !== 0) return false;
      const place = this.held;
      if (place === undefined) return false;
      act(place);
      return true;
    });
  }

  /** The next order of a role that leaves the engine. */
  whenSent(
    roles: string,
    act: (order: { readonly symbol: string; readonly linkId: string; readonly isLong: boolean }) => boolean | void,
  ): void {
    this.onSaid.add((_channel, text) => {
      const linkId = /"orderLinkId":"(d1-[^"]+)"/.exec(text)?.[1];
      if (linkId === undefined || text.includes('cancel')) return false;
      const role = parseLinkId(linkId)?.role ?? '';
      const symbol = /"symbol":"([^"]+)"/.exec(text)?.[1] ?? '';
      if (!roles.includes(role)) return false;
      return act({ symbol, linkId, isLong: text.includes('"side":"Buy"') }) !== false;
    });
  }

  whenStopMoved(act: (symbol: string) => boolean | void): void {
    this.onSaid.add((_channel, text) => {
      if (!text.startsWith('POST /v5/position/trading-stop')) return false;
      return act(/"symbol":"([^"]+)"/.exec(text)?.[1] ?? '') !== false;
    });
  }

  whenLogged(event: string, act: (fields: Readonly<Record<string, unknown>>) => boolean | void): void {
    this.onLog.add((name, fields) => name === event && act(fields) !== false);
  }

  /** Only while what is told here is new. */
  hitWhenLogged(id: string, ...events: readonly string[]): void {
    this.onLog.add((name) => events.includes(name) && this.hit(id));
  }

  hitWhenHeard(id: string, pattern: RegExp): void {
    this.onHeard.add((channel, text) => channel !== 'public' && pattern.test(String(text)) && this.hit(id));
  }

  forgetWatches(): void {
    for (const watches of [this.onLog, this.onSaid, this.onHeard, this.onTruth, this.onRecord]) watches.clear();
    this.#onTime.clear();
  }

  // The exchange and its people

  get venue() {
    return this.world.exchange.stage.venue;
  }

  fault(kind: string, given: object = {}): boolean {
    if (kind === 'reads-lag') this.#isTellingLate = true;
    const refused = this.world.fault(kind, given);
    this.world.acted(`fault ${kind} ${JSON.stringify(given)}${refused === undefined ? '' : `: ${refused}`}`);
    return refused === undefined;
  }

  /** Everybody who trades moves the price so that a long of that many percent gains. */
  push(symbol: string, percent: number): void {
    this.fault('push-price', { symbol, percent });
  }

  strip(symbol: string): void {
    this.truth.stripped.set(symbol, this.world.nowMs);
    this.fault('stop-stripped', { symbol });
  }

  /** A person of the account, with the account's own rights. */
  human(
    method: 'create' | 'cancel' | 'cancelAll' | 'tradingStop' | 'setLeverage',
    params: Readonly<Record<string, unknown>>,
  ): object {
    const answer = this.venue[method](this.world.uid, { category: 'linear', ...params });
    this.world.acted(`person ${method} ${JSON.stringify(params)}: ${JSON.stringify(answer)}`);
    return answer;
  }

  transfer(usdt: number): void {
    this.truth.transferred(BigInt(usdt) * ONE_USDT);
    this.fault('transfer', { usdt });
  }

  lastTick(symbol: string): number {
    return this.world.exchange.market.contract(symbol)?.matching.lastTick ?? 0;
  }
}
