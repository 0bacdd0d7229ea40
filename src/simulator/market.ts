// How does the whole simulated market go on? Pure: a seed and a clock's reading in, raw frames and the truth out.
import { assert } from '../lib/assert.ts';
import { createRng } from '../lib/rng.ts';
import { bookDepth, Contract } from './contract.ts';
import { type Frame, FrameWriter } from './frame-writer.ts';
import { createListings, type Listing, regrid } from './listing.ts';
import { SideTopics, sideTopic } from './public/side-topics.ts';
import type { TruthRecord, TruthSink } from './truth.ts';
import type { AccountTerms } from './venue/client.ts';
import { createVenue, type InnerVenue } from './venue/create-venue.ts';
import type { Variants } from './venue/variants.ts';
import { DEFAULT_THRESHOLDS, type Thresholds } from './window-ratio.ts';

export interface MarketOptions {
  readonly seed: number;
  /** Traded contracts; the unwanted rows of the listing come on top. */
  readonly symbols: number;
  /** Book frames a second over all contracts; undefined for natural activity. */
  readonly rate?: number | undefined;
  /** The exchange's time at which the market opens. */
  readonly startMs: number;
  /** Receives every record of the truth log; without it they are kept in `market.truth`. */
  readonly truth?: TruthSink;
  /** Who may trade here; three accounts unless others are named. */
  readonly accounts?: readonly AccountTerms[] | undefined;
  /** Which behaviour the exchange shows where nobody knows the real one. */
  readonly variants?: Partial<Variants> | undefined;
}

export const MARKET_DEFAULTS = { seed: 1, symbols: 60 } as const;
/** One frame a millisecond: the market's time goes on in whole milliseconds. */
export const RATE_PER_SYMBOL_MAX = 1_000;

export class Market {
  readonly listings: readonly Listing[];
  readonly startMs: number;
  readonly thresholds: Thresholds = DEFAULT_THRESHOLDS;
  readonly seed: number;
  /** Records of the truth log, where no sink takes them. */
  readonly truth: TruthRecord[] = [];
  /** Public topics beside book, trades and ticker. */
  readonly side = new SideTopics({
    contract: (symbol) => this.contract(symbol),
    priceLimits: (symbol) => this.venue.priceLimits(symbol),
  });
  /** The trading side: accounts, orders, positions. */
  readonly venue: InnerVenue;
  readonly #sink: TruthSink;
  readonly #contracts: Contract[];
  readonly #index = new Map<string, number>();
  readonly #listeners = new Set<(frame: Frame) => void>();
  readonly #emit = (frame: Frame): void => {
    for (const listen of this.#listeners) listen(frame);
  };
  #nowMs: number;
  #closed = false;
  #paused = false;

  constructor(options: MarketOptions) {
    const { seed, startMs } = options;
    const rng = createRng(seed);
    this.seed = seed;
    this.startMs = startMs;
    this.#nowMs = startMs;
    this.#sink = options.truth ?? ((record) => void this.truth.push(record));
    this.#sink({ kind: 'run', seed, startMs, thresholds: this.thresholds });
    this.listings = createListings(options.symbols, rng.fork('listings'));
    const writer = new FrameWriter();
    let walls = 0;
    const traded = this.listings.filter((listing) => listing.traded);
    const rate = options.rate === undefined ? undefined : options.rate / traded.length;
    assert(rate === undefined || rate <= RATE_PER_SYMBOL_MAX, 'a contract publishes at most one frame a millisecond');
    this.#contracts = traded.map((listing, index) => {
      this.#index.set(listing.symbol, index);
      const terms = {
        listing,
        index,
        thresholds: this.thresholds,
        rate,
        startMs,
        writer,
        nextWallId: () => ++walls,
        truth: this.#sink,
      };
      return new Contract(terms, rng.fork(listing.symbol));
    });
    const { accounts, variants } = options;
    this.venue = createVenue({ market: this, rng: rng.fork('venue'), accounts, variants });
    for (const contract of this.#contracts) this.venue.attach(contract);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Lets the market live until `toMs`; frames go to the listeners in the order in which they are sent. */
  advance(toMs: number): void {
    assert(!this.#closed, 'a closed market stands still');
    const until = Math.floor(toMs);
    while (this.#nowMs < until) {
      const now = ++this.#nowMs;
      for (const contract of this.#contracts) {
        if (contract.dueMs <= now) contract.step(now, this.#emit);
      }
      this.venue.step(now);
      if (this.side.dueMs <= now) this.side.step(now, this.#emit);
    }
  }

  onFrame(listen: (frame: Frame) => void): () => void {
    this.#listeners.add(listen);
    return () => void this.#listeners.delete(listen);
  }

  contract(symbol: string): Contract | undefined {
    const index = this.#index.get(symbol);
    return index === undefined ? undefined : this.#contracts[index];
  }

  get contracts(): readonly Contract[] {
    return this.#contracts;
  }

  /** The listings on the grids that are in force now. */
  currentListings(): Listing[] {
    return this.listings.map((listing) => this.contract(listing.symbol)?.listing ?? listing);
  }

  /** Those of them that trade: all, or the named one. */
  trading(symbol?: string): Listing[] {
    return this.currentListings().filter(
      (listing) => listing.status === 'Trading' && (symbol ?? listing.symbol) === listing.symbol,
    );
  }

  knows(topic: string): boolean {
    const isTopic =
      bookDepth(topic) !== undefined ||
      topic.startsWith('publicTrade.') ||
      topic.startsWith('tickers.') ||
      sideTopic(topic) !== undefined;
    return isTopic && this.contract(symbolOf(topic)) !== undefined;
  }

  /** One more subscriber; answers with what he gets first. Undefined for a topic that does not exist. */
  subscribe(topic: string): readonly Frame[] | undefined {
    if (!this.knows(topic)) return undefined;
    if (sideTopic(topic) !== undefined) {
      this.side.subscribe(topic, this.#nowMs);
      return [];
    }
    return this.contract(symbolOf(topic))?.subscribe(topic, this.#nowMs);
  }

  unsubscribe(topic: string): void {
    if (sideTopic(topic) !== undefined) this.side.unsubscribe(topic);
    else this.contract(symbolOf(topic))?.unsubscribe(topic);
  }

  pause(): void {
    this.#paused = true;
    for (const contract of this.#contracts) contract.halt('pause', this.#nowMs);
  }

  resume(): void {
    this.#paused = false;
    for (const contract of this.#contracts) contract.resume('pause', this.#nowMs);
  }

  /** A new snapshot of every subscribed book of these depths, of one contract or of all; how many there were. */
  resnapshot(symbol: string | undefined, depths: readonly number[], restarted: boolean): number {
    const contracts = this.#contracts.filter(({ listing }) => (symbol ?? listing.symbol) === listing.symbol);
    const frames = contracts.flatMap((contract) =>
      depths.map((depth) => contract.resnapshot(depth, restarted, this.#nowMs)).filter((frame) => frame !== undefined),
    );
    for (const frame of frames) this.#emit(frame);
    return frames.length;
  }

  /** The same contract on the same grid, listed with other limits. */
  relist(symbol: string, changes: Partial<Listing>): void {
    const contract = this.contract(symbol);
    if (contract !== undefined) contract.listing = { ...contract.listing, ...changes };
  }

  /** Moves a contract to another grid; false where it is unknown, the texts are no grid, or a position does not fit on it. */
  changeGrid(symbol: string, tickSize: string | undefined, qtyStep: string | undefined): boolean {
    const index = this.#index.get(symbol);
    const old = index === undefined ? undefined : this.#contracts[index];
    if (index === undefined || old === undefined) return false;
    const listing = regrid(old.listing, tickSize ?? old.listing.tickSize, qtyStep ?? old.listing.qtyStep);
    if (listing === undefined || !this.venue.canRegrid(old.instrument, listing.instrument)) return false;
    this.venue.leaveGrid(old.instrument);
    const next = old.regridded(listing, this.#nowMs);
    this.#contracts[index] = next;
    this.venue.attach(next);
    this.venue.enterGrid(old.instrument, listing.instrument);
    for (const frame of next.snapshots(this.#nowMs)) this.#emit(frame);
    return true;
  }

  /** Ends the run: the truth log is complete afterwards. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const contract of this.#contracts) contract.close();
    this.#sink({ kind: 'end' });
  }
}

export function createMarket(options: MarketOptions): Market {
  return new Market(options);
}

/** `SOLUSDT` of `orderbook.50.SOLUSDT`. */
export function symbolOf(topic: string): string {
  return topic.slice(topic.lastIndexOf('.') + 1);
}
