// How does the page stay in touch? One socket that only shows; when it breaks it is dialled again, sooner first, then seldom.
import { readColumns, type ColumnMessage } from '../operator/page/protocol-columns.ts';
import { SUBPROTOCOL, type ToPage, type ToServer } from '../operator/page/protocol.ts';

export type LinkState = 'connecting' | 'up' | 'down' | 'refused';

export interface StreamEars {
  onMessage(message: ToPage): void;
  onColumns(message: ColumnMessage): void;
  onLink(state: LinkState): void;
}

/** Is the session still good? Rejects where nobody says so before the signal is given. */
export type MayDial = (limit: AbortSignal) => Promise<boolean>;

const WAITS_MS = [250, 500, 1_000, 2_000, 4_000];
/** Whoever asks more than five times a second is let go. */
const WISH_MS = 250;
/** The server says something twice a second at least. */
const SILENCE_MS_MAX = 6_000;

export class Stream {
  readonly #address: string;
  readonly #ears: StreamEars;
  readonly #mayDial: MayDial;
  #socket: WebSocket | undefined;
  #wanted: ToServer | undefined;
  #resting: ReturnType<typeof setTimeout> | undefined;
  #fails = 0;
  #heardAt = 0;

  /** `page`: where the page itself came from. */
  constructor(page: { readonly protocol: string; readonly host: string }, ears: StreamEars, mayDial: MayDial) {
    this.#address = `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}/socket`;
    this.#ears = ears;
    this.#mayDial = mayDial;
    setInterval(() => this.#checkSilence(), 1_000);
  }

  /** Asks whether the session is good first, again and again until it is told. */
  dial(): void {
    void this.#dialAgain();
  }

  open(): void {
    this.#ears.onLink('connecting');
    const socket = new WebSocket(this.#address, SUBPROTOCOL);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#heardAt = performance.now();
    socket.addEventListener('open', () => {
      this.#ears.onLink('up');
      if (this.#wanted !== undefined) this.#send(this.#wanted);
    });
    socket.addEventListener('message', ({ data }) => this.#hear(data));
    socket.addEventListener('close', () => this.#lost(socket));
  }

  /** Remembered: a new socket asks for the same. Who leafs through many symbols asks for those where he rests. */
  watch(message: ToServer): void {
    this.#wanted = message;
    if (this.#resting !== undefined) return;
    this.#send(message);
    this.#resting = setTimeout(() => {
      this.#resting = undefined;
      if (this.#wanted !== undefined && this.#wanted !== message) this.watch(this.#wanted);
    }, WISH_MS);
  }

  #send(message: ToServer): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #hear(data: string | ArrayBuffer): void {
    this.#heardAt = performance.now();
    this.#fails = 0;
    if (typeof data === 'string') return this.#ears.onMessage(JSON.parse(data) as ToPage);
    const columns = readColumns(data);
    if (columns !== undefined) this.#ears.onColumns(columns);
  }

  #lost(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    this.#ears.onLink('down');
    this.#dialLater();
  }

  #dialLater(): void {
    const wait = WAITS_MS[Math.min(this.#fails++, WAITS_MS.length - 1)];
    setTimeout(() => this.dial(), wait);
  }

  async #dialAgain(): Promise<void> {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), SILENCE_MS_MAX);
    let isGood: boolean;
    try {
      isGood = await this.#mayDial(limit.signal);
    } catch {
      // Not reached at all: the engine may be starting again, so the next try follows.
      return this.#dialLater();
    } finally {
      clearTimeout(timer);
    }
    if (isGood) this.open();
    else this.#ears.onLink('refused');
  }

  /** A half-open connection says nothing for ever. */
  #checkSilence(): void {
    const socket = this.#socket;
    if (socket === undefined || performance.now() - this.#heardAt < SILENCE_MS_MAX) return;
    socket.close();
    this.#lost(socket);
  }
}
