// Has the grid of a contract changed under its book, and what becomes of both? (B12)
import { backoffMs } from '../../lib/backoff.ts';
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Rng } from '../../lib/rng.ts';
import { sameGrid } from '../../market/instrument.ts';
import type { ListedInstrument } from '../../universe/listing.ts';
import { BybitError } from '../bybit-error.ts';
import type { IngestPort } from '../frames/ingest-port.ts';
import type { PublicRest } from '../rest/rest.ts';
import type { Report } from './ports.ts';
import type { Roster } from './roster.ts';
import { tickerTopic, type Watched } from './watched.ts';

export interface GridCheckOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly ingest: IngestPort;
  readonly rest: PublicRest;
  readonly roster: Roster;
  readonly report: Report;
  /** The slot has a new grid and a new epoch. */
  readonly reattached: (watched: Watched) => void;
  /** Its books do not fit the grid that its own list tells: beyond what we can count, or printed wrongly. */
  readonly unfit: (watched: Watched) => void;
  /** Takes its book out of use until it is replaced. */
  readonly distrust: (watched: Watched) => void;
  /** Requests another snapshot. */
  readonly resync: (watched: Watched) => void;
}

/** So many times its list was read again, and its book still did not fit: minutes, in which a list that is late has followed. */
const UNFIT_AFTER = 10;

interface Doubt {
  /** Checks in a row that found nothing new, and how many of those told the grid of before. */
  failures: number;
  unchanged: number;
  isRunning: boolean;
  timer: Timer | undefined;
}

export class GridCheck {
  readonly #options: GridCheckOptions;
  readonly #doubts = new Map<Watched, Doubt>();
  #isStopped = false;

  constructor(options: GridCheckOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#isStopped = true;
    for (const watched of this.#doubts.keys()) this.forget(watched);
  }

  forget(watched: Watched): void {
    this.#doubts.get(watched)?.timer?.cancel();
    this.#doubts.delete(watched);
  }

  /** The exchange prints a price or size that our grid does not have: its list is read again, at once and then less and less often. */
  doubt(watched: Watched, reason: string): void {
    const { clock, report, rng, unfit, distrust } = this.#options;
    const known = this.#doubts.get(watched);
    if (known !== undefined && (known.isRunning || known.timer !== undefined)) return;
    report('instrument.grid_mismatch', 'warning', watched.symbol, { reason });
    distrust(watched);
    const doubt = known ?? { failures: 0, unchanged: 0, isRunning: false, timer: undefined };
    this.#doubts.set(watched, doubt);
    const run = (): void => {
      doubt.timer = undefined;
      doubt.isRunning = true;
      void this.#check(watched).then((found) => {
        doubt.isRunning = false;
        doubt.failures = found === 'new' ? 0 : doubt.failures + 1;
        doubt.unchanged = found === 'new' ? 0 : doubt.unchanged + (found === 'unchanged' ? 1 : 0);
        if (found === 'unchanged' && doubt.unchanged >= UNFIT_AFTER) unfit(watched);
      });
    };
    if (doubt.failures === 0) run();
    else doubt.timer = clock.after(backoffMs(doubt.failures, rng), run);
  }

  /** The hourly list: changed grids, and facts for the next choice. */
  relisted(listed: ReadonlyMap<string, ListedInstrument>, askedAt: Ms): void {
    for (const watched of this.#options.roster.all()) {
      const now = listed.get(watched.symbol);
      if (now !== undefined && askedAt >= watched.listedAt) this.#regrid(watched, now);
    }
  }

  /** If the grid has not changed the frame was bad, and a new snapshot is requested. */
  async #check(watched: Watched): Promise<'new' | 'unchanged' | 'unknown'> {
    const { clock, rest, resync } = this.#options;
    const before = watched.listed.instrument;
    const askedAt = clock.monotonic();
    let found: 'unchanged' | 'unknown' = 'unknown';
    try {
      const listed = await rest.instrument(watched.symbol);
      if (this.#isStopped || !watched.isWatched) return 'unknown';
      // A list has told of another one meanwhile.
      if (!sameGrid(before, watched.listed.instrument)) return 'new';
      if (listed !== undefined) {
        watched.listedAt = askedAt;
        if (this.#regrid(watched, listed)) return 'new';
        found = 'unchanged';
      }
    } catch (error) {
      if (!(error instanceof BybitError)) throw error;
      if (this.#isStopped || !watched.isWatched) return 'unknown';
    }
    // It may have got its new snapshot while the answer was on its way.
    if (watched.isLive) return 'unknown';
    watched.isBroken = true;
    resync(watched);
    return found;
  }

  /** False where it is the same grid. */
  #regrid(watched: Watched, listed: ListedInstrument): boolean {
    const { clock, ingest, report, reattached, distrust, resync } = this.#options;
    const before = watched.listed.instrument;
    const { instrument } = listed;
    watched.listed = listed;
    if (sameGrid(before, instrument)) return false;
    const { slot, symbol, shard } = watched;
    report('instrument.grid_changed', 'warning', symbol, {
      tickScaled: [before.tickScaled, instrument.tickScaled],
      lotScaled: [before.lotScaled, instrument.lotScaled],
      priceScale: [before.priceScale, instrument.priceScale],
    });
    distrust(watched);
    // The old ticks mean nothing on the new grid: a new epoch, and a new book of which nothing has been received.
    ingest.detach(slot);
    ingest.attach(slot, instrument, watched.depth);
    watched.listeningSince = clock.monotonic();
    if (watched.nextDepth !== undefined) ingest.expectDepth(slot, watched.nextDepth);
    if (shard.socket.state === 'open') ingest.bind(slot, shard.socket.connection);
    reattached(watched);
    // Fields that have not changed are only in the ticker's snapshot, and that one was written to the old tape.
    shard.subscriptions.resync(tickerTopic(symbol));
    resync(watched);
    return true;
  }
}
