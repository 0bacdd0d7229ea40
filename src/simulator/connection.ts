// What is one open connection to the exchange? A client's end, the session that answers it, and what happens to texts between.
import type { Agenda } from './agenda.ts';
import type { Channel, ChannelKind, Late } from './channel.ts';

/** What a shell lends: a socket, or a pair of functions in a test. */
export interface ClientEnd {
  send(text: string | Buffer): void;
  /** The connection ends; without a code no close frame is sent. */
  cut(code?: number): void;
  /** Nothing is read any more, while the connection stands. */
  stall?(): void;
  /** What is sent until `uncork` leaves in one write. */
  cork?(): void;
  uncork?(): void;
}

/** Whoever answers on the exchange's side. */
export interface Session {
  receive(text: string): void;
  /** The connection has ended. */
  close(): void;
}

export type ConnectionKind = Exclude<ChannelKind, 'rest'>;

export class Connection {
  readonly kind: ConnectionKind;
  readonly #client: ClientEnd;
  readonly #channel: Channel;
  readonly #agenda: Agenda;
  readonly #onEnd: () => void;
  #session: Session | undefined;
  #open = true;
  #deaf = false;

  constructor(kind: ConnectionKind, client: ClientEnd, channel: Channel, agenda: Agenda, onEnd: () => void) {
    this.kind = kind;
    this.#client = client;
    this.#channel = channel;
    this.#agenda = agenda;
    this.#onEnd = onEnd;
  }

  /** Once, before anything is received. */
  answeredBy(session: Session): void {
    this.#session = session;
  }

  /** From the exchange to the client. */
  send(text: string | Buffer): void {
    if (!this.#open || this.#deaf) return;
    if (this.#channel.idle('out', this.#agenda.monotonic())) return this.#client.send(text);
    this.#deliver(this.#channel.pass('out', text.toString(), this.#agenda.monotonic()), (late) => {
      if (!this.#deaf) this.#client.send(late);
    });
  }

  /** From the client to the exchange. */
  receive(text: string): void {
    if (!this.#open || this.#deaf) return;
    this.#deliver(this.#channel.pass('in', text, this.#agenda.monotonic()), (late) => {
      if (!this.#deaf) this.#session?.receive(late);
    });
  }

  /** From now on nothing is sent, read or answered, while the connection stands. */
  goDeaf(): void {
    this.#deaf = true;
    this.#client.stall?.();
  }

  cut(code?: number): void {
    if (!this.#open) return;
    // In the middle of a step of the market nobody would let the last word out.
    this.#client.uncork?.();
    this.#client.cut(code);
    this.ended();
  }

  /** The client's end is gone. */
  ended(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#onEnd();
    this.#session?.close();
  }

  cork(): void {
    this.#client.cork?.();
  }

  uncork(): void {
    this.#client.uncork?.();
  }

  #deliver(texts: readonly Late[], take: (text: string) => void): void {
    const now = this.#agenda.monotonic();
    for (const { text, dueMs } of texts) {
      if (dueMs <= now) take(text);
      else
        this.#agenda.at(dueMs, () => {
          if (this.#open) take(text);
        });
    }
  }
}
