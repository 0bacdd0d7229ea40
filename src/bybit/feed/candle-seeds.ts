// When are the candles of a watched symbol read, and when must they be read again?
import type { Ms } from '../../lib/brand.ts';
import type { Clock } from '../../lib/clock.ts';
import { sameGrid } from '../../market/instrument.ts';
import { BybitError } from '../bybit-error.ts';
import { inLanes } from '../rest/lanes.ts';
import type { PublicRest } from '../rest/rest.ts';
import type { Kline } from '../rest/rest-rows.ts';
import type { Report } from './ports.ts';
import type { Watched } from './watched.ts';

/** At the start candles are asked for just before the trade subscription is confirmed: a second is not worth reading them twice. */
const FRESH_MS = 1_000;
const LANES = 8;

export interface CandleSeedsOptions {
  readonly clock: Clock;
  readonly rest: PublicRest;
  /** How far back the candles of a symbol reach. */
  readonly hours: (symbol: string) => number;
  readonly report: Report;
  readonly read: (watched: Watched, klines: readonly Kline[]) => void;
}

export class CandleSeeds {
  readonly #options: CandleSeedsOptions;
  /** The newest question for the candles of each symbol that has them, or waits for them, and when it was put. */
  readonly #asked = new Map<Watched, { readonly at: Ms }>();
  #rereading: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: CandleSeedsOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#isStopped = true;
  }

  forget(watched: Watched): void {
    this.#asked.delete(watched);
  }

  /** They look back farther than their candles reach. */
  readFurther(all: readonly Watched[]): void {
    for (const watched of all) this.forget(watched);
    this.readMissing(all);
  }

  /** Reads the candles of those that have none yet, and wait for none. */
  readMissing(all: Iterable<Watched>): void {
    const missing = [...all].filter((watched) => !this.#asked.has(watched));
    void inLanes(missing, LANES, (watched) => this.read(watched));
  }

  async read(watched: Watched): Promise<void> {
    const { clock, rest, hours, report } = this.#options;
    if (this.#isStopped || !watched.isWatched) return;
    const asked = { at: clock.monotonic() };
    this.#asked.set(watched, asked);
    /** Its answer cannot be relied on: unless another one is on its way, it is asked for again with the next choice of symbols. */
    const giveUp = (): void => {
      if (this.#asked.get(watched) === asked) this.forget(watched);
    };
    try {
      const { instrument } = watched.listed;
      const { klines, ahead } = await rest.klines(instrument, hours(watched.symbol));
      // The grid changed meanwhile: candles in ticks of the old one would be false extrema, and those of the new one are on their way.
      if (this.#isStopped || !watched.isWatched || !sameGrid(instrument, watched.listed.instrument)) return;
      if (ahead > 0) {
        giveUp();
        report('klines.ahead', 'warning', watched.symbol, { candles: ahead });
      }
      this.#options.read(watched, klines);
    } catch (error) {
      if (!(error instanceof BybitError)) throw error;
      giveUp();
      if (!this.#isStopped) report('klines.failed', 'warning', watched.symbol, { code: error.code });
    }
  }

  /**
   * The trade stream of a symbol is confirmed from now on. Whatever traded between its candles, which may still be on their way,
   * and this moment is in neither: without it a price could pass for a new extremum for hours. One symbol after the other,
   * because after a lost connection the account is read again at the same moment, from the same request budget.
   */
  tradesConfirmed(watched: Watched): void {
    const asked = this.#asked.get(watched);
    if (asked === undefined || this.#options.clock.monotonic() - asked.at < FRESH_MS) return;
    this.#rereading = this.#rereading.then(() => this.read(watched));
  }
}
