// Who looks, and at what? Each page is told in good time; one that reads too slowly is not waited for.
import type { Clock, Timer } from '../../lib/clock.ts';
import { getOrInsert } from '../../lib/get-or-insert.ts';
import type { Ms } from '../../lib/brand.ts';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { HeatMap } from '../board/heat-map.ts';
import { COLUMN_MS } from './protocol-columns.ts';
import type { Zoom } from './protocol-market.ts';
import { Bucket } from './rate.ts';
import type { Session, Sessions } from './sessions.ts';
import { readMessage } from './messages.ts';

const MESSAGES_PER_SECOND = 5;
const MESSAGES_BURST = 20;
/** So much unread, and what is told in between is left out … */
const UNREAD_BYTES_MAX = 512 * 1_024;
/** … so much, or that for ten seconds of turns, and the page is let go. */
const UNREAD_BYTES_LIMIT = 4 * 1_024 * 1_024;
const SLOW_TURNS_MAX = 10_000 / COLUMN_MS;
const LOOK = 5_000 as Ms;
const DRAIN = 100 as Ms;
const POLICY = 1_008;
const GOING_AWAY = 1_001;

export interface Client {
  readonly socket: WebSocket;
  /** What lies under it. */
  readonly wire: Duplex;
  readonly session: Session;
  readonly messages: Bucket;
  /** What it looks at. */
  symbol: string | undefined;
  zoom: Zoom;
  /** The map whose columns it has. */
  map: HeatMap | undefined;
  isToldUnwatched: boolean;
  /** Turns in a row in which it was behind. */
  slowTurns: number;
  isAnswering: boolean;
}

export class Clients {
  readonly #clock: Clock;
  readonly #sessions: Sessions;
  readonly #all = new Set<Client>();
  readonly #looking: Timer;
  #judging: Timer | undefined;
  #dropped = 0;

  constructor(clock: Clock, sessions: Sessions) {
    this.#clock = clock;
    this.#sessions = sessions;
    this.#looking = clock.every(LOOK, () => this.#look());
  }

  get size(): number {
    return this.#all.size;
  }

  get dropped(): number {
    return this.#dropped;
  }

  [Symbol.iterator](): Iterator<Client> {
    return this.#all.values();
  }

  add(socket: WebSocket, wire: Duplex, session: Session): Client {
    const client: Client = {
      socket,
      wire,
      session,
      messages: new Bucket(this.#clock, MESSAGES_PER_SECOND, MESSAGES_BURST),
      symbol: undefined,
      zoom: 1,
      map: undefined,
      isToldUnwatched: false,
      slowTurns: 0,
      isAnswering: true,
    };
    this.#all.add(client);
    session.sockets++;
    socket.on('message', (data, isBinary) => {
      this.#hear(client, isBinary || !Buffer.isBuffer(data) ? undefined : data.toString());
    });
    socket.on('pong', () => {
      client.isAnswering = true;
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.#all.delete(client);
      session.sockets--;
    });
    return client;
  }

  /** Symbol and zoom of everybody who looks. */
  looked(): Map<string, Set<Zoom>> {
    const looked = new Map<string, Set<Zoom>>();
    for (const { symbol, zoom } of this.#all) {
      if (symbol === undefined) continue;
      getOrInsert(looked, symbol, () => new Set()).add(zoom);
    }
    return looked;
  }

  /** Nothing of it may be left out. */
  tell(client: Client, message: object): void {
    this.send(client, JSON.stringify(message));
  }

  /** One text for all; who is behind goes without. */
  tellAll(message: object | undefined, isNeeded = false): void {
    if (message === undefined || this.#all.size === 0) return;
    const text = JSON.stringify(message);
    for (const client of this.#all) if (isNeeded || this.isReading(client)) this.send(client, text);
  }

  send(client: Client, message: string | Buffer): void {
    if (client.socket.readyState === client.socket.OPEN) client.socket.send(message);
  }

  isReading({ socket }: Client): boolean {
    return socket.bufferedAmount < UNREAD_BYTES_MAX;
  }

  /** Whatever is told meanwhile leaves in one write for each page. */
  together(tell: () => void): void {
    const wires = [...this.#all].map(({ wire }) => wire);
    for (const wire of wires) wire.cork();
    tell();
    for (const wire of wires) wire.uncork();
  }

  /** Once a turn: lets go of those that have not read for too long. A turn that came late, as after a stall of ours, is one (W02). */
  prune(): void {
    for (const client of this.#all) {
      client.slowTurns = this.isReading(client) ? 0 : client.slowTurns + 1;
      if (client.socket.bufferedAmount > UNREAD_BYTES_LIMIT || client.slowTurns > SLOW_TURNS_MAX) this.#drop(client);
    }
  }

  close(): void {
    this.#looking.cancel();
    this.#judging?.cancel();
    for (const { socket } of this.#all) socket.close(GOING_AWAY);
  }

  /** The sockets of a session that has ended end with it. */
  endSession(session: Session): void {
    for (const client of this.#all) if (client.session === session) client.socket.close(POLICY, 'logged out');
  }

  #drop(client: Client): void {
    this.#dropped++;
    this.#all.delete(client);
    client.socket.terminate();
  }

  #look(): void {
    const silent = [...this.#all].filter(({ isAnswering }) => !isAnswering);
    for (const client of this.#all) {
      if (!this.#sessions.isOpen(client.session)) client.socket.close(POLICY, 'logged out');
      else if (client.isAnswering) {
        client.isAnswering = false;
        client.socket.ping();
      }
    }
    // Timers run before the sockets of the same turn are read: an answer may wait there since our own loop stood still (W02).
    this.#judging = this.#clock.after(DRAIN, () => {
      for (const client of silent) if (!client.isAnswering && this.#all.has(client)) this.#drop(client);
    });
  }

  #hear(client: Client, text: string | undefined): void {
    const message = text === undefined ? undefined : readMessage(text);
    if (message === undefined || !client.messages.take()) {
      this.#dropped++;
      client.socket.close(POLICY, message === undefined ? 'not a message of this protocol' : 'too many messages');
      return;
    }
    client.symbol = message.kind === 'watch' ? message.symbol : undefined;
    if (message.kind === 'watch') client.zoom = message.zoom;
    client.map = undefined;
    client.isToldUnwatched = false;
  }
}
