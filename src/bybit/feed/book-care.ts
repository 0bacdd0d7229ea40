// What is done when a book cannot be trusted, and when is it trusted again?
import type { Ms } from '../../lib/brand.ts';
import type { Finding } from './audit.ts';
import type { Auditor } from './auditor.ts';
import { readControl, topicOf } from './control.ts';
import type { Depth, Outcome } from '../frames/ingest-port.ts';
import { GridCheck, type GridCheckOptions } from './grid-check.ts';
import type { Log } from '../../lib/log.ts';
import { Resyncs } from './resync.ts';
import { IS_LOOKED_AT, IS_STALE, NEED_TICKER, NEED_TOUCH, NEED_TRADE } from './roster.ts';
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

export interface BookCareOptions extends Omit<GridCheckOptions, 'distrust' | 'resync'> {
  readonly auditor: Auditor;
  readonly rotation: TouchRotation;
  readonly log: Log;
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
  readonly grids: GridCheck;
  readonly #options: BookCareOptions;
  readonly #resyncs: Resyncs;
  #surprisedAt = -Infinity;

  constructor(options: BookCareOptions) {
    this.#options = options;
    this.#resyncs = new Resyncs(options.clock, options.rng, (symbol, reason) => this.#resync(symbol, reason));
    this.grids = new GridCheck({
      ...options,
      distrust: (watched) => this.#distrust(watched, 'suspect'),
      resync: ({ symbol }) => this.#resyncs.request(symbol, 'broken', 'grid'),
    });
  }

  stop(): void {
    this.#resyncs.stop();
    this.grids.stop();
  }

  forget(watched: Watched): void {
    this.#resyncs.forget(watched.symbol);
    this.#options.auditor.forget(watched);
    this.grids.forget(watched);
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
        if (watched !== undefined) this.grids.doubt(watched, ingest.reason);
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
      if (silence === 'trades-silent') roster.isDeaf[slot] = 1;
      rotation.probe(symbol, now);
      const isHeard = now - shard.socket.received < SOCKET_SILENT_MS;
      if (silence === 'stale' || silence === 'cut') this.#stale(watched, (now - frameAt) as Ms, isHeard);
      const isStale = ((roster.attention[slot] as number) & IS_STALE) !== 0;
      if (isHeard && (silence === 'book-silent' || silence === 'trades-silent') && (watched.isLive || isStale))
        this.#resyncs.request(symbol, 'quiet', silence);
      // Asked for too lately to be asked for again: until then it is old.
      if (isHeard && silence === 'book-silent') this.#stale(watched, (now - activity.bookAt) as Ms, isHeard);
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
    this.grids.forget(watched);
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
}

function beginning(bytes: Uint8Array, most: number): string {
  return Buffer.from(bytes.subarray(0, most)).toString();
}
