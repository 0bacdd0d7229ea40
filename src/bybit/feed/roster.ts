// Which symbols are watched, in which slot, on which connection, through which topics?
import { assert } from '../../lib/assert.ts';
import type { Ms } from '../../lib/brand.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Slot } from '../../market/units.ts';
import type { ListedInstrument } from '../../universe/listing.ts';
import { Slots } from '../../universe/slots.ts';
import type { Depth, IngestPort } from '../frames/ingest-port.ts';
import { shardWithRoom } from './shard.ts';
import type { Shard } from './shard.ts';
import { bookTopic, tickerTopic, touchTopic, tradeTopic } from './watched.ts';
import type { Watched } from './watched.ts';

/** Bits of `attention`: why a frame of a slot needs more than to be ingested. */
export const NEED_TOUCH = 1;
export const NEED_TRADE = 2;
export const NEED_TICKER = 4;
export const IS_STALE = 8;
export const IS_LOOKED_AT = 16;

/** No connection has this number: a slot takes no frames until its socket is open. */
const NO_CONNECTION = 0;

export interface RosterOptions {
  readonly slots: number;
  readonly topicsMax: number;
  readonly ingest: IngestPort;
  readonly clock: Clock;
  readonly openShard: (name: string) => Shard;
}

export class Roster {
  /** Per slot; read for every frame. */
  readonly attention: Uint8Array;
  /** Monotonic receive times per slot, 0 for none. */
  readonly bookAt: Float64Array;
  readonly touchAt: Float64Array;
  /** Of trades that took from the visible book. */
  readonly tradeAt: Float64Array;
  /** Of trades of any kind; of the subscription, where none has come since. */
  readonly printAt: Float64Array;
  /** When a ticker first showed a price that no received trade explains, and when a trade first came that no ticker has followed. */
  readonly unheardAt: Float64Array;
  readonly untoldAt: Float64Array;
  readonly tickerAt: Float64Array;
  /** 1: its price moves without trades, from then on until one comes. */
  readonly isDeaf: Uint8Array;
  /** `orderbook.1` frames since the last frame of the book itself. */
  readonly touchesSinceBook: Uint32Array;
  readonly #options: RosterOptions;
  readonly #slots: Slots;
  readonly #bySlot: (Watched | undefined)[];
  readonly #bySymbol = new Map<string, Watched>();
  readonly #needs = new Map<string, { readonly slot: Slot; readonly bit: number }>();
  readonly #shards: Shard[] = [];
  #shardCount = 0;
  /** Of connections that were closed because they were not needed any more. */
  #reconnectsBefore = 0;
  #symbols: readonly string[] = [];

  constructor(options: RosterOptions) {
    this.#options = options;
    this.#slots = new Slots(options.slots);
    this.#bySlot = Array.from({ length: options.slots });
    this.attention = new Uint8Array(options.slots);
    this.isDeaf = new Uint8Array(options.slots);
    this.bookAt = new Float64Array(options.slots);
    this.touchAt = new Float64Array(options.slots);
    this.tradeAt = new Float64Array(options.slots);
    this.printAt = new Float64Array(options.slots);
    this.unheardAt = new Float64Array(options.slots);
    this.untoldAt = new Float64Array(options.slots);
    this.tickerAt = new Float64Array(options.slots);
    this.touchesSinceBook = new Uint32Array(options.slots);
  }

  get symbols(): readonly string[] {
    return this.#symbols;
  }
  get shards(): readonly Shard[] {
    return this.#shards;
  }
  /** Over all connections that there ever were. */
  get reconnects(): number {
    return this.#shards.reduce((all, { socket }) => all + socket.reconnects, this.#reconnectsBefore);
  }
  all(): IterableIterator<Watched> {
    return this.#bySymbol.values();
  }
  at(slot: number): Watched | undefined {
    return this.#bySlot[slot];
  }
  of(symbol: string): Watched | undefined {
    return this.#bySymbol.get(symbol);
  }

  /** Undefined when shared memory has no free slot. */
  add(listed: ListedInstrument, depth: Depth): Watched | undefined {
    const { ingest, clock } = this.#options;
    const { symbol } = listed.instrument;
    const slot = this.#slots.take(symbol);
    if (slot === undefined) return undefined;
    const shard = this.#shardFor(symbol);
    const watched: Watched = {
      symbol,
      slot,
      shard,
      listed,
      listedAt: -Infinity as Ms,
      depth,
      nextDepth: undefined,
      isWatched: true,
      isLive: false,
      isBroken: false,
      listeningSince: clock.monotonic(),
      resyncs: 0,
    };
    this.#bySlot[slot] = watched;
    this.#bySymbol.set(symbol, watched);
    this.#symbols = [...this.#bySymbol.keys()];
    this.#clear(slot);
    this.#needs.set(touchTopic(symbol), { slot, bit: NEED_TOUCH });
    this.#needs.set(tradeTopic(symbol), { slot, bit: NEED_TRADE });
    this.#needs.set(tickerTopic(symbol), { slot, bit: NEED_TICKER });
    shard.watched.add(watched);
    ingest.attach(slot, listed.instrument, depth);
    ingest.bind(slot, shard.socket.state === 'open' ? shard.socket.connection : NO_CONNECTION);
    return watched;
  }

  /** Called after `add`, once the symbol is known everywhere. */
  subscribe(watched: Watched): void {
    const { subscriptions } = watched.shard;
    subscriptions.want(bookTopic(watched.symbol, watched.depth), 'data');
    subscriptions.want(tradeTopic(watched.symbol), 'ack');
    subscriptions.want(tickerTopic(watched.symbol), 'data');
  }

  remove(watched: Watched): void {
    assert(watched.isWatched, `${watched.symbol} was removed already`);
    const { symbol, slot, shard } = watched;
    watched.isWatched = false;
    shard.subscriptions.drop(bookTopic(symbol, watched.depth));
    if (watched.nextDepth !== undefined) shard.subscriptions.drop(bookTopic(symbol, watched.nextDepth));
    for (const topic of [touchTopic(symbol), tradeTopic(symbol), tickerTopic(symbol)]) {
      shard.subscriptions.drop(topic);
      this.#needs.delete(topic);
    }
    shard.watched.delete(watched);
    this.#bySymbol.delete(symbol);
    this.#bySlot[slot] = undefined;
    this.#symbols = [...this.#bySymbol.keys()];
    this.#clear(slot);
    this.#options.ingest.detach(slot);
    this.#slots.release(slot);
    if (shard.watched.size === 0) this.#close(shard);
  }

  /** A topic waits for its first frame, or no longer does. Book topics are seen by their snapshots. */
  wait(topic: string, isWaiting: boolean): void {
    const need = this.#needs.get(topic);
    if (need === undefined) return;
    const bits = this.attention[need.slot] as number;
    this.attention[need.slot] = isWaiting ? bits | need.bit : bits & ~need.bit;
  }

  closeAll(): void {
    while (this.#shards[0] !== undefined) this.#close(this.#shards[0]);
  }

  #clear(slot: Slot): void {
    this.attention[slot] = 0;
    this.isDeaf[slot] = 0;
    this.bookAt[slot] = 0;
    this.touchAt[slot] = 0;
    this.tradeAt[slot] = 0;
    this.tickerAt[slot] = 0;
    this.touchesSinceBook[slot] = 0;
    this.listenAnew(slot);
  }

  /** Trades and tickers are subscribed from now on: what was missed before proves nothing. */
  listenAnew(slot: Slot): void {
    this.printAt[slot] = this.#options.clock.monotonic();
    this.unheardAt[slot] = 0;
    this.untoldAt[slot] = 0;
  }

  #shardFor(symbol: string): Shard {
    const roomy = shardWithRoom(this.#shards, symbol, this.#options.topicsMax);
    if (roomy !== undefined) return roomy;
    const shard = this.#options.openShard(`public-${++this.#shardCount}`);
    this.#shards.push(shard);
    shard.socket.start();
    return shard;
  }

  #close(shard: Shard): void {
    this.#shards.splice(this.#shards.indexOf(shard), 1);
    this.#reconnectsBefore += shard.socket.reconnects;
    shard.socket.stop();
  }
}
