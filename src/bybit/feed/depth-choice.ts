// Which depth does each watched book get, and when is that looked at again?
import type { Ms } from '../../lib/brand.ts';
import type { Clock } from '../../lib/clock.ts';
import type { ListedInstrument } from '../../universe/listing.ts';
import { BybitError } from '../bybit-error.ts';
import type { Depth } from '../frames/ingest-port.ts';
import type { PublicRest } from '../rest/rest.ts';
import { chooseDepth, DEPTH_UNSEEN } from './depth.ts';
import type { Report } from './ports.ts';
import type { Roster } from './roster.ts';
import { Round } from './round.ts';
import type { Watched } from './watched.ts';

const LEVELS = 1_000;
/** A failing request is retried for a minute: dozens of symbols would wait for it, eight at a time. */
const FIRST_MS_MAX = 3_000 as Ms;

export interface DepthChoiceOptions {
  readonly clock: Clock;
  readonly rest: PublicRest;
  readonly roster: Roster;
  readonly depth: 'auto' | Depth;
  readonly rangePercent: (symbol: string) => number;
  readonly reviewMs: Ms;
  readonly report: Report;
  readonly change: (watched: Watched, depth: Depth) => void;
}

export class DepthChoice {
  readonly #options: DepthChoiceOptions;
  readonly #reviews: Round;
  /** Their depth was guessed, or chosen for a range that has changed since: reviewed with the next choice of symbols. */
  readonly #pending = new Set<string>();
  #isStopped = false;

  constructor(options: DepthChoiceOptions) {
    this.#options = options;
    this.#reviews = new Round(
      options.clock,
      options.reviewMs,
      () => options.roster.symbols,
      (symbol) => void this.#review(symbol),
    );
  }

  start(): void {
    this.#reviews.start();
  }

  stop(): void {
    this.#isStopped = true;
    this.#reviews.stop();
  }

  forget(symbol: string): void {
    this.#pending.delete(symbol);
  }

  rangeChanged(symbol: string): void {
    this.#pending.add(symbol);
    void this.#review(symbol);
  }

  reviewPending(): void {
    for (const symbol of this.#pending) void this.#review(symbol);
  }

  /** For a symbol that is about to be added. Guesses when its book cannot be read soon. */
  async first(listed: ListedInstrument): Promise<Depth> {
    const { clock, depth } = this.#options;
    if (depth !== 'auto') return depth;
    const { promise, resolve } = Promise.withResolvers<Depth | undefined>();
    const timer = clock.after(FIRST_MS_MAX, () => resolve(undefined));
    void this.#choose(listed, undefined).then(resolve);
    const chosen = await promise;
    timer.cancel();
    if (chosen === undefined) this.#pending.add(listed.instrument.symbol);
    return chosen ?? DEPTH_UNSEEN;
  }

  async #review(symbol: string): Promise<void> {
    const { roster, depth, change } = this.#options;
    const watched = roster.of(symbol);
    if (depth !== 'auto' || watched === undefined || !watched.isLive) return;
    const chosen = await this.#choose(watched.listed, watched.depth);
    if (chosen === undefined || !watched.isWatched) return;
    this.#pending.delete(symbol);
    change(watched, chosen);
  }

  /** Undefined where the book could not be read. */
  async #choose({ instrument }: ListedInstrument, current: Depth | undefined): Promise<Depth | undefined> {
    const { rest, rangePercent, report } = this.#options;
    const { symbol } = instrument;
    try {
      const book = await rest.book(instrument, LEVELS);
      return book === 'off-grid' ? undefined : chooseDepth(book, rangePercent(symbol), current);
    } catch (error) {
      if (!(error instanceof BybitError)) throw error;
      if (!this.#isStopped) report('book.depth_unseen', 'info', symbol, { code: error.code });
      return undefined;
    }
  }
}
