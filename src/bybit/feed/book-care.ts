// What is done when a book cannot be trusted, and when is it trusted again?
import { backoffMs } from '../../lib/backoff.ts';
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Rng } from '../../lib/rng.ts';
import { sameGrid } from '../../market/instrument.ts';
import type { ListedInstrument } from '../../universe/listing.ts';
import type { Finding } from './audit.ts';
import type { Auditor } from './auditor.ts';
import { BybitError } from '../bybit-error.ts';
import { readControl, topicOf } from './control.ts';
import type { Depth, IngestPort, Outcome } from '../frames/ingest-port.ts';
import type { Log, Report } from './ports.ts';
import type { PublicRest } from '../rest/rest.ts';
import { Resyncs } from './resync.ts';
import { IS_LOOKED_AT, IS_STALE, NEED_TICKER, NEED_TOUCH, NEED_TRADE } from './roster.ts';
import type { Roster } from './roster.ts';
import { isBroken, isGarbled } from './shard.ts';
import type { Shard } from './shard.ts';
import { isTickerDead, judgeSilence } from './silence.ts';
import type { TouchRotation } from './touch-rotation.ts';
import { bookTopic, tickerTopic, touchTopic, tradeTopic } from './watched.ts';
import type { Watched } from './watched.ts';

/** Of a frame that nobody can read: its beginning says what it is. */
const SAMPLE_BYTES = 200;
/** Of one that only the slow reader could: what surprised the scanner may stand anywhere in it, and in every frame from now on. */
const SURPRISE_BYTES = 2_000;
const SURPRISE_EVERY_MS = 60_000;

export interface BookCareOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly ingest: IngestPort;
  readonly rest: PublicRest;
  readonly roster: Roster;
  readonly auditor: Auditor;
  readonly rotation: TouchRotation;
  readonly report: Report;
  readonly log: Log;
  /** The slot has a new grid and a new epoch. */
  readonly reattached: (watched: Watched) => void;
  /** Its books do not fit the grid that its own list tells: beyond what we can count, or printed wrongly. */
  readonly unfit: (watched: Watched) => void;
}

/** So many times its list was read again, and its book still did not fit: minutes, in which a list that is late has followed. */
const UNFIT_AFTER = 10;

interface GridCheck {
  /** In a row, and how many of those told the grid of before. */
  failures: number;
  unchanged: number;
  isRunning: boolean;
  timer: Timer | undefined;
}

/** At most this often may one silent symbol cut the connection of its neighbours. */
const CUT_EVERY_MS = 300_000;
/** A connection that brings nothing at all has no neighbours to spare; but all connections share one budget. */
const BARREN_EVERY_MS = 60_000;
/** A socket that is silent for all symbols is left to its own watchdog. */
const SOCKET_SILENT_MS = 4_500;

/** Reasons to resync all topics of a symbol: they may all be silent, and without trades what is eaten would look pulled. */
const OF_ALL_TOPICS: ReadonlySet<string> = new Set(['book-silent', 'silent', 'trades-silent']);

/** Event names of gaps that are more than a hole in the sequence. */
const GAP_EVENTS: Readonly<Record<string, string>> = {
  crossed: 'book.crossed',
  mismatch: 'book.touch_mismatch',
};

export class BookCare {
  unreadable = 0;
  resyncs = 0;
  readonly #options: BookCareOptions;
  readonly #resyncs: Resyncs;
  /** Grid checks that wait for their turn, and how many in a row found nothing new. */
  readonly #gridChecks = new Map<Watched, GridCheck>();
  #surprisedAt = -Infinity;

  constructor(options: BookCareOptions) {
    this.#options = options;
    this.#resyncs = new Resyncs(options.clock, options.rng, (symbol, reason) => this.#resync(symbol, reason));
  }

  stop(): void {
    this.#resyncs.stop();
    for (const watched of this.#gridChecks.keys()) this.#forgetGridCheck(watched);
  }

  forget(watched: Watched): void {
    this.#resyncs.forget(watched.symbol);
    this.#options.auditor.forget(watched);
    this.#forgetGridCheck(watched);
  }

  opened(shard: Shard, connection: number): void {
    const now = this.#options.clock.monotonic();
    for (const watched of shard.watched) {
      watched.listeningSince = now;
      this.#options.roster.listenAnew(watched.slot);
      this.#options.ingest.bind(watched.slot, connection);
    }
    shard.subscriptions.opened();
  }

  closed(shard: Shard): void {
    for (const watched of shard.watched) {
      this.#distrust(watched, 'syncing');
      watched.isBroken = false;
      this.#resyncs.cancel(watched.symbol);
    }
    shard.unreadable.length = 0;
    shard.subscriptions.closed();
  }

  /** A good frame that a subscription or the audit waits for. */
  noticed(outcome: Outcome, slot: number): void {
    const { roster, ingest, auditor } = this.#options;
    const watched = roster.at(slot);
    if (watched === undefined) return;
    const bits = roster.attention[slot] as number;
    const { symbol, shard } = watched;
    const { subscriptions } = shard;
    if (outcome === 'touch' && (bits & NEED_TOUCH) !== 0) subscriptions.confirm(touchTopic(symbol));
    if (outcome === 'trade' && (bits & NEED_TRADE) !== 0) subscriptions.confirm(tradeTopic(symbol));
    if (outcome === 'ticker' && (bits & NEED_TICKER) !== 0) subscriptions.confirm(tickerTopic(symbol));
    if ((bits & IS_STALE) !== 0 && ingest.trust(watched.slot) === 'live') this.#live(watched);
    if (outcome === 'delta' && (bits & IS_LOOKED_AT) !== 0) auditor.changed(watched);
  }

  unusual(outcome: Outcome, slot: number, bytes: Uint8Array, shard: Shard): void {
    const { roster, ingest } = this.#options;
    const watched = slot < 0 ? undefined : roster.at(slot);
    switch (outcome) {
      case 'control':
        this.#control(bytes, shard);
        return;
      case 'snapshot':
        if (watched !== undefined) this.#snapshot(watched, bytes);
        return;
      case 'gap':
        if (watched !== undefined) this.#broken(watched, ingest.reason);
        return;
      case 'grid':
        if (watched !== undefined) this.offGrid(watched, ingest.reason);
        return;
      case 'unreadable':
        this.#unreadable(shard, ingest.reason, bytes);
        // An unreadable trade or ticker harms no book.
        if (watched !== undefined && shard.socket.state === 'open' && ingest.trust(watched.slot) === 'suspect') {
          this.#broken(watched, ingest.reason);
        }
        return;
      default:
        return;
    }
  }

  /** Two comparisons with REST in a row found the same book wrong. */
  accused(watched: Watched, finding: Finding & { kind: 'wrong' }): void {
    const { report } = this.#options;
    const levels = finding.levels.slice(0, 5);
    report('book.audit_mismatch', 'warning', watched.symbol, {
      compared: finding.compared,
      wrong: finding.levels.length,
      levels,
    });
    this.#distrust(watched, 'suspect');
    watched.isBroken = true;
    this.#resyncs.request(watched.symbol, 'broken', 'audit');
  }

  /** The exchange prints a price or size that our grid does not have: has the grid changed? (B12) */
  offGrid(watched: Watched, reason: string): void {
    const { clock, report, rng, unfit } = this.#options;
    const known = this.#gridChecks.get(watched);
    if (known !== undefined && (known.isRunning || known.timer !== undefined)) return;
    report('instrument.grid_mismatch', 'warning', watched.symbol, { reason });
    this.#distrust(watched, 'suspect');
    const check = known ?? { failures: 0, unchanged: 0, isRunning: false, timer: undefined };
    this.#gridChecks.set(watched, check);
    const run = (): void => {
      check.timer = undefined;
      check.isRunning = true;
      void this.#checkGrid(watched).then((found) => {
        check.isRunning = false;
        check.failures = found === 'new' ? 0 : check.failures + 1;
        check.unchanged = found === 'new' ? 0 : check.unchanged + (found === 'unchanged' ? 1 : 0);
        if (found === 'unchanged' && check.unchanged >= UNFIT_AFTER) unfit(watched);
      });
    };
    if (check.failures === 0) run();
    else check.timer = clock.after(backoffMs(check.failures, rng), run);
  }

  /** The hourly list: changed grids, and facts for the next choice. */
  relisted(listed: ReadonlyMap<string, ListedInstrument>): void {
    for (const watched of this.#options.roster.all()) {
      const now = listed.get(watched.symbol);
      if (now !== undefined) this.#regrid(watched, now);
    }
  }

  changeDepth(watched: Watched, depth: Depth): void {
    const { symbol, slot, shard, nextDepth } = watched;
    if (depth === (nextDepth ?? watched.depth)) return;
    // The depth that was requested before has not arrived, may never arrive, and is not wanted any more.
    if (nextDepth !== undefined) shard.subscriptions.drop(bookTopic(symbol, nextDepth));
    watched.nextDepth = depth === watched.depth ? undefined : depth;
    this.#options.ingest.expectDepth(slot, depth);
    shard.subscriptions.want(bookTopic(symbol, depth), 'data');
  }

  judgeSilence(now: Ms): void {
    const { roster, ingest, rotation, report } = this.#options;
    for (const watched of roster.all()) {
      const { slot, shard, symbol } = watched;
      if (shard.socket.state !== 'open') continue;
      const frameAt = ingest.lastFrame(slot);
      const activity = {
        now,
        listeningSince: watched.listeningSince,
        frameAt,
        bookAt: (roster.bookAt[slot] ?? 0) as Ms,
        touchAt: (roster.touchAt[slot] ?? 0) as Ms,
        tradeAt: (roster.tradeAt[slot] ?? 0) as Ms,
        unheardAt: (roster.unheardAt[slot] ?? 0) as Ms,
        touchesSinceBook: roster.touchesSinceBook[slot] as number,
      };
      const ticker = tickerTopic(symbol);
      const isDead = isTickerDead(activity, roster.tickerAt[slot] ?? 0, roster.untoldAt[slot] ?? 0);
      if (isDead && shard.subscriptions.isConfirmed(ticker)) {
        report('feed.ticker_silent', 'warning', symbol, {});
        shard.subscriptions.resync(ticker);
      }
      const silence = judgeSilence(activity);
      if (silence === 'none') continue;
      rotation.probe(symbol, now);
      const isHeard = now - shard.socket.received < SOCKET_SILENT_MS;
      if (silence === 'stale' || silence === 'cut') this.#stale(watched, (now - frameAt) as Ms, isHeard);
      const isStale = ((roster.attention[slot] as number) & IS_STALE) !== 0;
      if (isHeard && (silence === 'book-silent' || silence === 'trades-silent') && (watched.isLive || isStale))
        this.#resyncs.request(symbol, 'quiet', silence);
      if (silence !== 'cut') continue;
      // A symbol that never sent anything on this connection speaks against it only if no other symbol did either.
      const isBarren = [...shard.watched].every((other) => ingest.lastFrame(other.slot) <= other.listeningSince);
      const pauseMs = isBarren ? BARREN_EVERY_MS : CUT_EVERY_MS;
      if ((isBarren || frameAt > watched.listeningSince) && now - shard.cutAt >= pauseMs) {
        shard.cutAt = now;
        shard.socket.reconnect('silent symbol');
      }
    }
  }

  #control(bytes: Uint8Array, shard: Shard): void {
    const message = readControl(bytes);
    if (message === undefined) this.#unreadable(shard, 'control', bytes);
    else if (message.op === 'subscribe' || message.op === 'unsubscribe') shard.subscriptions.answered(message);
    else if (message.op !== 'ping' && message.op !== 'pong')
      this.#options.log.debug({ op: message.op }, 'ws.unknown_op');
  }

  #snapshot(watched: Watched, bytes: Uint8Array): void {
    const { auditor, ingest, report } = this.#options;
    const { symbol, shard, nextDepth } = watched;
    // The book was replaced: copies of before belong to another one.
    auditor.forget(watched);
    shard.socket.proveHealthy();
    if (nextDepth !== undefined && topicOf(bytes) === bookTopic(symbol, nextDepth)) {
      const before = watched.depth;
      watched.depth = nextDepth;
      watched.nextDepth = undefined;
      shard.subscriptions.drop(bookTopic(symbol, before));
      report('book.depth', 'info', symbol, { before, depth: nextDepth });
    }
    shard.subscriptions.confirm(bookTopic(symbol, watched.depth));
    if (ingest.trust(watched.slot) === 'live') this.#live(watched);
  }

  #live(watched: Watched): void {
    const { roster, report, ingest } = this.#options;
    roster.attention[watched.slot] = (roster.attention[watched.slot] as number) & ~IS_STALE;
    watched.isBroken = false;
    if (watched.isLive) return;
    watched.isLive = true;
    this.#forgetGridCheck(watched);
    report('book.live', 'info', watched.symbol, { depth: watched.depth, u: ingest.sequence(watched.slot).u });
  }

  #distrust(watched: Watched, state: 'syncing' | 'suspect' | 'stale'): void {
    watched.isLive = false;
    this.#options.auditor.forget(watched);
    this.#options.ingest.distrust(watched.slot, state);
  }

  /** A gap. The ingest has already taken the book out of use. */
  #broken(watched: Watched, reason: string): void {
    const { report, auditor } = this.#options;
    const { symbol, shard } = watched;
    if (watched.isLive || !watched.isBroken) {
      report(GAP_EVENTS[reason] ?? 'book.gap', 'warning', symbol, { reason });
    }
    watched.isLive = false;
    watched.isBroken = true;
    auditor.forget(watched);
    if (isBroken(shard)) {
      report('feed.shard_broken', 'warning', undefined, { socket: shard.name, symbols: shard.watched.size });
      shard.socket.reconnect('many broken books');
    } else {
      this.#resyncs.request(symbol, 'broken', reason);
    }
  }

  #stale(watched: Watched, ageMs: Ms, isHeard: boolean): void {
    const { roster, report } = this.#options;
    const { slot, symbol } = watched;
    if (watched.isLive) {
      report('book.stale', 'warning', symbol, { ageMs: Math.round(ageMs) });
      this.#distrust(watched, 'stale');
      roster.attention[slot] = (roster.attention[slot] as number) | IS_STALE;
    }
    if (isHeard && ((roster.attention[slot] as number) & IS_STALE) !== 0) {
      this.#resyncs.request(symbol, 'quiet', 'silent');
    }
  }

  #resync(symbol: string, reason: string): void {
    const { roster, report } = this.#options;
    const watched = roster.of(symbol);
    if (watched === undefined || watched.shard.socket.state !== 'open') return;
    const isMended = watched.isLive && reason !== 'book-silent' && reason !== 'trades-silent';
    if (isMended) return;
    this.#distrust(watched, 'syncing');
    roster.attention[watched.slot] = (roster.attention[watched.slot] as number) & ~IS_STALE;
    watched.resyncs++;
    this.resyncs++;
    report('feed.resync', reason === 'trades-silent' ? 'warning' : 'info', symbol, { reason });
    const { subscriptions } = watched.shard;
    subscriptions.resync(bookTopic(symbol, watched.depth));
    if (!OF_ALL_TOPICS.has(reason)) return;
    for (const topic of [touchTopic, tradeTopic, tickerTopic]) subscriptions.resync(topic(symbol));
    roster.listenAnew(watched.slot);
  }

  /** What it was is told, so that a person sees what the exchange has changed; the book is none the worse for it. */
  surprised(shard: Shard, bytes: Uint8Array): void {
    const { clock, log } = this.#options;
    const now = clock.monotonic();
    if (now - this.#surprisedAt < SURPRISE_EVERY_MS) return;
    this.#surprisedAt = now;
    log.info({ socket: shard.name, frame: beginning(bytes, SURPRISE_BYTES) }, 'ws.slow_frame');
  }

  #unreadable(shard: Shard, reason: string, bytes: Uint8Array): void {
    const { clock, report } = this.#options;
    this.unreadable++;
    report('ws.unreadable', 'warning', undefined, {
      socket: shard.name,
      reason,
      frame: beginning(bytes, SAMPLE_BYTES),
    });
    if (isGarbled(shard, clock.monotonic())) shard.socket.reconnect('unreadable frames');
  }

  #forgetGridCheck(watched: Watched): void {
    this.#gridChecks.get(watched)?.timer?.cancel();
    this.#gridChecks.delete(watched);
  }

  /** If the grid has not changed the frame was bad, and a new snapshot is requested. */
  async #checkGrid(watched: Watched): Promise<'new' | 'unchanged' | 'unknown'> {
    const { rest } = this.#options;
    let found: 'unchanged' | 'unknown' = 'unknown';
    try {
      const listed = await rest.instrument(watched.symbol);
      if (!watched.isWatched) return 'unknown';
      if (listed !== undefined && this.#regrid(watched, listed)) return 'new';
      if (listed !== undefined) found = 'unchanged';
    } catch (error) {
      if (!(error instanceof BybitError)) throw error;
      if (!watched.isWatched || error.code === 'closed') return 'unknown';
    }
    // It may have got its new snapshot while the answer was on its way.
    if (watched.isLive) return 'unknown';
    watched.isBroken = true;
    this.#resyncs.request(watched.symbol, 'broken', 'grid');
    return found;
  }

  #regrid(watched: Watched, listed: ListedInstrument): boolean {
    const { clock, ingest, report, reattached } = this.#options;
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
    this.#distrust(watched, 'suspect');
    // The old ticks mean nothing on the new grid: a new epoch, and a new book of which nothing has been received.
    ingest.detach(slot);
    ingest.attach(slot, instrument, watched.depth);
    watched.listeningSince = clock.monotonic();
    if (watched.nextDepth !== undefined) ingest.expectDepth(slot, watched.nextDepth);
    if (shard.socket.state === 'open') ingest.bind(slot, shard.socket.connection);
    reattached(watched);
    // Fields that have not changed are only in the ticker's snapshot, and that one was written to the old tape.
    shard.subscriptions.resync(tickerTopic(symbol));
    this.#resyncs.request(symbol, 'broken', 'grid');
    return true;
  }
}

function beginning(bytes: Uint8Array, most: number): string {
  return Buffer.from(bytes.subarray(0, most)).toString();
}
