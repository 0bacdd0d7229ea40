// On what do engine and exchange meet? One agenda, roads of texts between the two, and a count and a hash of everything that went.
import { crc32 } from 'node:zlib';
import { createRng, type Rng } from '../../src/lib/rng.ts';
import type { Path } from '../../src/order/words.ts';
import type { Agenda } from '../../src/simulator/agenda.ts';
import type { Connection } from '../../src/simulator/connection.ts';
import type { ExchangeOptions } from '../../src/simulator/exchange.ts';
import { orderFault } from '../../src/simulator/faults/table.ts';
import { createVirtualExchange, type VirtualExchange } from '../../src/simulator/virtual.ts';
import type { ApiKey } from '../../src/simulator/venue/model.ts';
import { brief } from './brief.ts';
import { LifeClock } from './life-clock.ts';

export type Channel = 'public' | 'private' | 'trade' | 'rest';
export type Road = Path | 'private' | 'trade';
type Trouble = 'refused' | 'silent';

export interface WorldListener {
  /** A text has left the engine. */
  said(channel: Channel, text: string): void;
  /** An order was to leave by a way that takes nothing. */
  tried(text: string): void;
  /** A text is handed to the engine. */
  heard(channel: Channel, text: string | Uint8Array, path: string): void;
  /** After each text and each timer of the engine, and after each millisecond of the exchange in which something happened. */
  after(): void;
}

export interface WorldOptions {
  readonly seed: number;
  readonly symbols: number;
  /** Book frames a second over all symbols. */
  readonly rate: number;
  readonly startMs: number;
  readonly hopMsMin: number;
  readonly hopMsMax: number;
  readonly variants?: ExchangeOptions['variants'];
}

/** What goes on is remembered so far back. */
const TEXTS_KEPT = 600;

export class World {
  readonly exchange: VirtualExchange;
  readonly agenda: Agenda;
  readonly keys: ApiKey;
  readonly uid: number;
  readonly seed: number;
  readonly rng: Rng;
  /** The engine's own time in its present life. */
  clock: LifeClock;
  events = 0;
  hash = 0;
  /** Symbols that the next list leaves out, once each. */
  readonly unlisted = new Set<string>();
  /** The last texts, as they went, for who has to understand a failure. */
  readonly texts: { readonly atMs: number; readonly text: string; readonly raw?: string | Uint8Array }[] = [];
  listener: WorldListener = { said() {}, tried() {}, heard() {}, after() {} };
  /** Frames that came to a socket which the engine had left. */
  lateFrames = 0;
  /** What becomes of a frame on its way. */
  tamper: ((bytes: Buffer) => Buffer | undefined) | undefined;
  hopMsMin: number;
  hopMsMax: number;
  readonly #shut = new Map<Road, { readonly trouble: Trouble; readonly untilMs: number }>();
  readonly #connections = new Set<Connection>();
  readonly #startMs: number;
  #isTurnDue = false;

  constructor({ seed, symbols, rate, startMs, hopMsMin, hopMsMax, variants }: WorldOptions) {
    this.seed = seed;
    this.exchange = createVirtualExchange(seed, { symbols, rate, startMs, truth: () => undefined, variants });
    this.agenda = this.exchange.stage.agenda;
    const [keys] = this.exchange.stage.venue.keys;
    if (keys === undefined) throw new Error('the exchange opens with an account');
    this.keys = keys;
    this.uid = keys.uid;
    this.rng = createRng(seed).fork('roads');
    this.hopMsMin = hopMsMin;
    this.hopMsMax = hopMsMax;
    this.#startMs = startMs;
    this.clock = this.newClock(0);
  }

  get nowMs(): number {
    return this.agenda.monotonic();
  }

  /** Since the exchange opened. */
  get atMs(): number {
    return this.agenda.monotonic() - this.#startMs;
  }

  newClock(wallOffsetMs: number): LifeClock {
    this.clock = new LifeClock(this.agenda, wallOffsetMs, () => this.#happened(1));
    return this.clock;
  }

  hopMs(): number {
    return this.hopMsMin + this.rng.below(this.hopMsMax - this.hopMsMin + 1);
  }

  opened(connection: Connection): void {
    this.#connections.add(connection);
  }

  /** The machine's kernel closes what its process has left behind. */
  hangUp(): void {
    for (const connection of this.#connections) connection.ended();
    this.#connections.clear();
  }

  shut(road: Road, trouble: Trouble, ms: number): void {
    this.#shut.set(road, { trouble, untilMs: this.nowMs + ms });
  }

  isShut(road: Road): Trouble | undefined {
    const shut = this.#shut.get(road);
    return shut !== undefined && this.nowMs < shut.untilMs ? shut.trouble : undefined;
  }

  openRoads(): void {
    this.#shut.clear();
  }

  /** A fault of the exchange; a text says that it could not be ordered. */
  fault(kind: string, given: object = {}): string | undefined {
    const outcome = orderFault({ kind, ...given }, this.exchange.stage, this.exchange.ledger);
    return typeof outcome === 'string' ? outcome : undefined;
  }

  said(channel: Channel, text: string): void {
    this.#note(channel, '>', text);
    this.listener.said(channel, text);
    this.#happened(3);
  }

  heard(channel: Channel, text: string | Uint8Array, path = ''): void {
    this.#note(channel, '<', text);
    if (channel === 'rest') this.#isTurnDue = true;
    this.listener.heard(channel, text, path);
  }

  /** A promise has been settled: what awaits it goes on before time does. */
  settles(): void {
    this.#isTurnDue = true;
  }

  /** Something was done to the engine by hand. */
  acted(what: string): void {
    this.hash = crc32(`${this.atMs} ${what}`, this.hash);
    this.#keep(`* ${what}`);
    this.#happened(7);
  }

  remark(text: string): void {
    this.#keep(`# ${text}`);
  }

  async run(forMs: number, isOver: () => boolean = () => false): Promise<void> {
    for (const until = this.nowMs + forMs; this.nowMs < until && !isOver();) {
      this.exchange.advance(1);
      this.listener.after();
      if (!this.#isTurnDue) continue;
      this.#isTurnDue = false;
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
  }

  #happened(kind: number): void {
    this.events++;
    this.hash = (Math.imul(this.hash ^ kind, 0x01000193) + this.nowMs) >>> 0;
    this.listener.after();
  }

  #note(channel: Channel, way: '<' | '>', text: string | Uint8Array): void {
    this.hash = crc32(text, this.hash);
    if (channel !== 'public') this.texts.push({ atMs: this.atMs, text: `${channel} ${way} `, raw: text });
    if (this.texts.length > 2 * TEXTS_KEPT) this.texts.splice(0, TEXTS_KEPT);
  }

  #keep(text: string): void {
    this.texts.push({ atMs: this.atMs, text });
    if (this.texts.length > 2 * TEXTS_KEPT) this.texts.splice(0, TEXTS_KEPT);
  }

  /** The last that went, as lines for a reader. */
  story(): string[] {
    const seen = new Set<string>();
    return this.texts.flatMap(({ atMs, text, raw }) => {
      const told = raw === undefined ? '' : brief(String(raw));
      if (told === undefined || told.startsWith('GET')) return [];
      const line = `${text}${told}`;
      // The account is read again and again; what it says is shown when it is new.
      if (raw !== undefined && text.startsWith('rest') && seen.has(line)) return [];
      seen.add(line);
      return [`${String(atMs).padStart(6)} ${line}`];
    });
  }
}
