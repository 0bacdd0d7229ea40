// When is the market read to choose symbols, and from which answers are they chosen?
import { isDeepStrictEqual } from 'node:util';
import { backoffMs } from '../../lib/backoff.ts';
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Rng } from '../../lib/rng.ts';
import { sameGrid, type Instrument } from '../../market/instrument.ts';
import type { DayChange, ListedInstrument } from '../../universe/listing.ts';
import type { Members } from '../../universe/difference.ts';
import { select } from '../../universe/select.ts';
import type { Selection, UniverseRules } from '../../universe/select.ts';
import { BybitError } from '../bybit-error.ts';
import type { Report } from './ports.ts';
import type { PublicRest } from '../rest/rest.ts';

export interface WatchlistOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly rest: PublicRest;
  readonly rules: UniverseRules;
  readonly updateMs: Ms;
  readonly report: Report;
  /** Symbols with a position or a pending order. */
  readonly held: () => ReadonlySet<string>;
  /** Ends when every added symbol is attached. */
  readonly apply: (selection: Selection, listed: ReadonlyMap<string, ListedInstrument>) => Promise<void>;
  /** The list of contracts was read again; it was asked for at this time (monotonic). */
  readonly listed: (listed: ReadonlyMap<string, ListedInstrument>, askedAt: Ms) => void;
  /** The market as it is known now, before anything is chosen from it. */
  readonly read: (market: MarketReading) => void;
}

/** Everything that was listed, and when that was read (monotonic); of each traded symbol its day, where one was told. */
export interface MarketReading {
  readonly listed: ReadonlyMap<string, ListedInstrument>;
  readonly listedAt: Ms;
  readonly days: ReadonlyMap<string, DayChange>;
}

/** Half of the age up to which what was read of a contract may be traded by (G08). */
const LIST_MS = 1_800_000;
/** Closes are repeated until they are taken: a list of just now is not doubted for each that is refused. */
const LIST_FRESH_MS = 10_000;
const MISSING_MS = 500;
/** A timer may come a little before its time. */
const EARLY_MS = 1_000;
const OFFSET_MS = 600_000;
/** What makes a book unfit may be one order in it, or a price that comes down again. */
const LEFT_OUT_MS = 3_600_000;
/** Signatures are refused when our clock is 1 s ahead; half of that is a warning. */
const OFFSET_MS_MAX = 500;

export class Watchlist {
  readonly #options: WatchlistOptions;
  #rules: UniverseRules;
  #updateMs: Ms;
  #members: Members = new Map();
  #listed: ReadonlyMap<string, ListedInstrument> = new Map();
  #listedAt = -Infinity as Ms;
  #doubtedAt = -Infinity as Ms;
  /** A symbol is named in the configuration, and the last list had none of that name: it may be suspended. */
  #isNamedMissing = false;
  #days: MarketReading['days'] = new Map();
  /** Not to be chosen: on which grid no book was read, and until when it is not tried again. */
  readonly #leftOut = new Map<string, { readonly instrument: Instrument; readonly until: number }>();
  #offset = 0 as Ms;
  #offsetAt = -Infinity;
  /** When it was last chosen what is watched. */
  #chosenAt = -Infinity;
  #failures = 0;
  /** Rounds in a row that lacked the contract of a held symbol. */
  #missed = 0;
  /** Of the next round; undefined while one goes on. */
  #timer: Timer | undefined;
  #onRound: () => void = () => undefined;
  #isStopped = false;

  constructor(options: WatchlistOptions) {
    this.#options = options;
    this.#rules = options.rules;
    this.#updateMs = options.updateMs;
  }

  /** Exchange time minus local time. */
  get clockOffset(): Ms {
    return this.#offset;
  }

  /** Other rules are chosen by at once: until the next round a whole interval may pass, and that of before. */
  change(rules: UniverseRules, updateMs: Ms): void {
    this.#updateMs = updateMs;
    if (!isDeepStrictEqual(rules, this.#rules)) {
      this.#rules = rules;
      this.#chosenAt = -Infinity;
    }
    this.#hasten();
  }

  /** Resolves after the first round that succeeded; failed ones are repeated for ever. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      const round = async (): Promise<void> => {
        this.#timer = undefined;
        const isDone = await this.#round();
        if (this.#isStopped) return resolve();
        if (isDone) resolve();
        this.#failures = isDone ? 0 : this.#failures + 1;
        this.#timer = this.#options.clock.after(isDone ? this.#pauseMs() : this.#retryMs(), this.#onRound);
      };
      this.#onRound = () => void round();
      this.#onRound();
    });
  }

  /** A symbol that is held but not watched cannot wait for the next round, which may be minutes away (X02, X03). */
  held(symbol: string): void {
    if (!this.#members.has(symbol)) this.#hasten();
  }

  /** An order was refused that the list allows: limits have changed since it was read (O11). */
  doubted(): void {
    const now = this.#options.clock.monotonic();
    if (now - this.#listedAt >= LIST_FRESH_MS) this.outdated(now);
  }

  /** What was asked for before then (monotonic) is so no more. */
  outdated(at: Ms): void {
    const wasDoubted = this.#isListDoubted;
    this.#doubtedAt = Math.max(this.#doubtedAt, at) as Ms;
    if (this.#isListDoubted && !wasDoubted) this.#hasten();
  }

  /** A list that was asked for before the doubt does not dispel it, whenever it comes. */
  get #isListDoubted(): boolean {
    return this.#doubtedAt > this.#listedAt;
  }

  #hasten(): void {
    if (this.#isStopped || this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = this.#options.clock.after(this.#pauseMs(), this.#onRound);
  }

  /** Its book cannot be read on this grid: from now on it is watched only where it is held (B12). */
  leaveOut(instrument: Instrument): void {
    const { symbol } = instrument;
    if (this.#leftOut.has(symbol)) return;
    this.#leftOut.set(symbol, { instrument, until: this.#options.clock.monotonic() + LEFT_OUT_MS });
    this.#options.report('universe.left_out', 'warning', symbol, {
      reason: 'its books do not fit its grid',
      forMs: LEFT_OUT_MS,
    });
    this.#chosenAt = -Infinity;
    this.#hasten();
  }

  /** The market was read, and nothing in it passes the rules. */
  get isEmpty(): boolean {
    return this.#days.size > 0 && this.#members.size === 0;
  }

  get leftOut(): readonly string[] {
    return [...this.#leftOut.keys()];
  }

  /** The rules without what is left out, and that less what may be tried again: on another grid, or after its time. */
  #rulesNow(now: Ms): UniverseRules {
    for (const [symbol, { instrument, until }] of this.#leftOut) {
      const listed = this.#listed.get(symbol);
      if (now >= until || (listed !== undefined && !sameGrid(listed.instrument, instrument)))
        this.#leftOut.delete(symbol);
    }
    const { symbols, exclude } = this.#rules;
    return {
      ...this.#rules,
      exclude: [...exclude, ...this.#leftOut.keys()],
      symbols: typeof symbols === 'string' ? symbols : symbols.filter((symbol) => !this.#leftOut.has(symbol)),
    };
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** What is held cannot be protected while its contract is unknown: then the list is read again at once, and ever more seldom. */
  #pauseMs(): Ms {
    if (this.#isListDoubted) return 0 as Ms;
    const missing = this.#isHeldMissing();
    this.#missed = missing ? this.#missed + 1 : 0;
    // However seldom is chosen, what is traded is traded by a list of now (G08).
    return Math.min(this.#leftMs(), missing ? MISSING_MS * 2 ** (this.#missed - 1) : LIST_MS) as Ms;
  }

  /** Until is to be chosen again: at once where something has become held since the last choice. */
  #leftMs(): number {
    const isLate = [...this.#options.held()].some((symbol) => this.#listed.has(symbol) && !this.#members.has(symbol));
    return isLate ? 0 : Math.max(0, this.#chosenAt + this.#updateMs - this.#options.clock.monotonic());
  }

  /** When the exchange can be asked again it is asked at once for what cannot be protected without it. */
  #retryMs(): Ms {
    const { rng } = this.#options;
    return this.#isHeldMissing()
      ? backoffMs(this.#failures, rng, MISSING_MS, MISSING_MS)
      : backoffMs(this.#failures, rng);
  }

  #isHeldMissing(): boolean {
    return [...this.#options.held()].some((symbol) => !this.#listed.has(symbol));
  }

  async #round(): Promise<boolean> {
    const { clock, rest, held, apply, report } = this.#options;
    const isDue = this.#isHeldMissing() || this.#leftMs() <= EARLY_MS;
    try {
      await this.#readList();
      await this.#readOffset();
      this.#days = new Map((await rest.days()).map((day) => [day.symbol, day]));
      if (this.#isStopped) return false;
      this.#tell();
      if (!isDue) return true;
      const days = this.#days;
      const exchangeNow = (clock.wall() + this.#offset) as Ms;
      const market = { listed: this.#listed, days };
      const now = clock.monotonic();
      const selection = select(this.#members, market, held(), this.#rulesNow(now), now, exchangeNow);
      this.#members = selection.members;
      // Before it is carried out: what is wanted otherwise meanwhile is chosen next.
      this.#chosenAt = now;
      const { added, removed, unknown, crowdedOut, members } = selection;
      this.#isNamedMissing = unknown.length > 0;
      if (added.length + removed.length > 0) {
        report('universe.changed', 'info', undefined, { added, removed, count: members.size });
      }
      if (members.size === 0) report('universe.empty', 'warning', undefined, { listed: this.#listed.size });
      if (unknown.length > 0) report('universe.unknown_symbols', 'warning', undefined, { symbols: unknown });
      if (crowdedOut.length > 0) report('universe.crowded_out', 'warning', undefined, { symbols: crowdedOut });
      await apply(selection, this.#listed);
      return true;
    } catch (error) {
      if (!(error instanceof BybitError)) throw error;
      if (!this.#isStopped)
        report('universe.refresh_failed', 'warning', undefined, { code: error.code, text: error.message });
      return false;
    }
  }

  async #readOffset(): Promise<void> {
    const { clock, rest, report } = this.#options;
    const now = clock.monotonic();
    if (now - this.#offsetAt < OFFSET_MS) return;
    const { offset, roundTrip } = await rest.clockOffset();
    this.#offset = offset;
    this.#offsetAt = now;
    if (Math.abs(offset) <= OFFSET_MS_MAX) return;
    report('clock.offset', 'warning', undefined, { offsetMs: Math.round(offset), roundTripMs: Math.round(roundTrip) });
  }

  async #readList(): Promise<void> {
    const { clock, rest } = this.#options;
    const now = clock.monotonic();
    // A member that the last list has forgotten is asked for again at once: two readings decide (X02). So is what is held, or named.
    const isMissing =
      this.#isNamedMissing || this.#isHeldMissing() || [...this.#members.values()].some((member) => member.isMissing);
    if (now - this.#listedAt < LIST_MS && !this.#isListDoubted && !isMissing) return;
    const rows = await rest.instruments();
    this.#listedAt = now;
    this.#heard(new Map(rows.map((row) => [row.instrument.symbol, row])));
    // It names only what trades. What is held in a contract that is suspended, or being delivered, is ours to bring home all the same.
    for (const symbol of this.#options.held()) {
      const row = this.#listed.has(symbol) ? undefined : await this.#named(symbol);
      if (row !== undefined) this.#heard(new Map(this.#listed).set(symbol, row));
    }
  }

  /** What fails for one costs the others nothing: it is held and missing still, and asked for again. */
  async #named(symbol: string): Promise<ListedInstrument | undefined> {
    try {
      return await this.#options.rest.instrument(symbol);
    } catch (error) {
      if (!(error instanceof BybitError)) throw error;
      if (!this.#isStopped) this.#options.report('universe.contract_unread', 'warning', symbol, { code: error.code });
      return undefined;
    }
  }

  /** What is held is protected by the list alone, and specs are as old as it is: nothing else is waited for. */
  #heard(all: ReadonlyMap<string, ListedInstrument>): void {
    this.#listed = all;
    if (this.#isStopped) return;
    this.#options.listed(all, this.#listedAt);
    this.#tell();
  }

  #tell(): void {
    this.#options.read({ listed: this.#listed, listedAt: this.#listedAt, days: this.#days });
  }
}
